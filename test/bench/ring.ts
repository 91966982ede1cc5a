/* How late schedules ring, beside bare timers of the same process. */
import { type Bench, type Figure, median, percentile } from './figure.ts';
import { startProgram } from './program.ts';
import type { Lateness } from './programs/ring.ts';

export const bench: Bench = {
  async run(): Promise<Figure[]> {
    const program = startProgram('ring.ts');
    try {
      const { rings, timers } = await program.next<Lateness>();
      const late = (share: number) => ({ ours: percentile(rings, share), baseline: percentile(timers, share) });
      const common = { unit: 'ms', against: 'bare setTimeout' } as const;
      return [
        {
          ...common,
          figure: 'a schedule rings late by, p50',
          ours: median(rings),
          baseline: median(timers),
          aim: { ours: 1 },
        },
        { ...common, figure: 'a schedule rings late by, p99', ...late(0.99), aim: { ours: 5 } },
        {
          ...common,
          figure: 'a schedule rings early by, at most',
          ours: early(rings),
          baseline: early(timers),
          aim: { ours: 0 },
        },
      ];
    } finally {
      await program.stop();
    }
  },
};

/** How early the earliest was, in milliseconds. */
function early(late: readonly number[]): number {
  return Math.max(0, ...late.map((ms) => -ms));
}
