/* The timeline: what happened in each part of the span, all of them equally long. */
import { ringOf } from '../causes.ts';
import { invocationOf } from '../invocation.ts';
import type { Section } from '../section.ts';

export interface TimelineReport {
  /** How long a part is, in milliseconds; the first begins with the span. */
  readonly partMs: number;
  readonly rings: readonly number[];
  readonly runs: readonly number[];
  readonly failures: readonly number[];
  readonly coldStarts: readonly number[];
}

const PARTS = 120;

export const timeline: Section<TimelineReport> = ({ span }) => {
  const partMs = Math.max(1, Math.ceil((span.to - span.from) / PARTS));
  const parts = () => new Array<number>(PARTS).fill(0);
  const data = { partMs, rings: parts(), runs: parts(), failures: parts(), coldStarts: parts() };
  const add = (counts: number[], at: number) => {
    counts[Math.min(PARTS - 1, Math.floor((at - span.from) / partMs))]!++;
  };
  return {
    hear(note) {
      const ring = ringOf(note);
      if (ring) add(data.rings, note.at);
      const run = invocationOf(note);
      if (!run) return;
      add(data.runs, run.startedAt);
      if (run.outcome !== 'ok') add(data.failures, run.startedAt);
      if (run.cold) add(data.coldStarts, run.startedAt);
    },
    tell: () => ({ data }),
  };
};
