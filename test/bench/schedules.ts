/* 100,000 schedules due in the same second, beside as many bare timers: how long until the last has rung. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, Figure } from './figure.ts';
import { startProgram } from './program.ts';
import type { Burst } from './programs/burst.ts';

export const bench: Bench = {
  async run(): Promise<Figure[]> {
    const data = mkdtempSync(join(tmpdir(), 'carillon-bench-'));
    try {
      const figures: Figure[] = [];
      for (const [kept, options] of [
        ['in memory', {}],
        ['durable', { data }],
      ] as const) {
        const program = startProgram('burst.ts', options);
        try {
          const { ringsMs, timersMs, count } = await program.next<Burst>();
          figures.push({
            figure: `${count.toLocaleString('en-US')} schedules due at once, dispatched, ${kept}`,
            unit: 'ms',
            ours: ringsMs,
            baseline: timersMs,
            against: 'as many bare timers',
            aim: { ours: 1_000 },
          });
        } finally {
          await program.stop();
        }
      }
      return figures;
    } finally {
      rmSync(data, { recursive: true, force: true });
    }
  },
};
