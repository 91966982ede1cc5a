/* Logs: how much was written to each group. */
import { getOrMake } from '../../kernel/maps.ts';
import { byMonth } from '../costs/usage.ts';
import type { Section } from '../section.ts';
import { sorted } from '../tallies.ts';

export interface LogGroupReport {
  readonly arn: string;
  readonly name: string;
  readonly events: number;
  /** Of messages, and 26 for each event, as AWS counts them. */
  readonly bytes: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const logs: Section<readonly LogGroupReport[]> = ({ span, meter }) => {
  const tallies = new Map<string, { events: number; bytes: number }>();

  /** Stored until the span ends or the group's retention does. */
  function meterStorage(arn: string, bytes: number, at: number, retentionInDays = Number.POSITIVE_INFINITY): void {
    const until = Math.min(span.to, at + retentionInDays * DAY_MS);
    for (const part of byMonth(at, until)) {
      meter('logs.storage', arn, bytes * Math.ceil((part.to - part.from) / HOUR_MS), part.from);
    }
  }

  return {
    hear({ kind, subject, at, detail }) {
      if (kind !== 'ingestion') return;
      const { events, bytes, retentionInDays } = detail as { events: number; bytes: number; retentionInDays?: number };
      const tally = getOrMake(tallies, subject, () => ({ events: 0, bytes: 0 }));
      tally.events += events;
      tally.bytes += bytes;
      meter('logs.ingestion', subject, bytes, at);
      meterStorage(subject, bytes, at, retentionInDays);
    },
    tell: () => ({ data: sorted(tallies).map(([arn, tally]) => ({ arn, name: arn.split(':')[6]!, ...tally })) }),
  };
};
