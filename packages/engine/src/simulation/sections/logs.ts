/* Logs: how much was written to each group. */

import { getOrMake } from '../../kernel/maps.ts';
import { byMonth } from '../costs/usage.ts';
import type { Section } from '../section.ts';
import { increase, sorted } from '../tallies.ts';

export interface LogGroupReport {
  readonly arn: string;
  readonly name: string;
  readonly events: number;
  /** Of messages, and 26 for each event, as AWS counts them. */
  readonly bytes: number;
}

interface Tally {
  events: number;
  bytes: number;
  /** As it was at last. */
  retentionInDays: number;
  /** By the hour in which they were written, counted from the epoch. */
  readonly bytesByHour: Map<number, number>;
}

interface Ingestion {
  readonly events: number;
  readonly bytes: number;
  readonly retentionInDays?: number;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const logs: Section<readonly LogGroupReport[]> = ({ meter }) => {
  const tallies = new Map<string, Tally>();

  /** Stored until now, or until the group's retention ended. */
  function meterStorage(arn: string, { bytesByHour, retentionInDays }: Tally, now: number): void {
    for (const [hour, bytes] of bytesByHour) {
      const from = hour * HOUR_MS;
      for (const part of byMonth(from, Math.min(now, from + retentionInDays * DAY_MS))) {
        meter('logs.storage', arn, bytes * Math.ceil((part.to - part.from) / HOUR_MS), part.from);
      }
    }
  }

  return {
    hear({ kind, subject, at, detail }) {
      if (kind !== 'ingestion') return;
      const { events, bytes, retentionInDays = Number.POSITIVE_INFINITY } = detail as unknown as Ingestion;
      const tally = getOrMake(tallies, subject, emptyTally);
      tally.events += events;
      tally.bytes += bytes;
      tally.retentionInDays = retentionInDays;
      increase(tally.bytesByHour, Math.floor(at / HOUR_MS), bytes);
      meter('logs.ingestion', subject, bytes, at);
    },
    tell(engine) {
      for (const [arn, tally] of tallies) meterStorage(arn, tally, engine.clock.now());
      const data = sorted(tallies).map(([arn, { events, bytes }]) => ({
        arn,
        name: arn.split(':')[6]!,
        events,
        bytes,
      }));
      return { data };
    },
  };
};

function emptyTally(): Tally {
  return { events: 0, bytes: 0, retentionInDays: Number.POSITIVE_INFINITY, bytesByHour: new Map() };
}
