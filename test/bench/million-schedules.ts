/*
 * A million schedules of the Scheduler, each with a moment and an input of its own: how many can be put in a second, what
 * they weigh, how long an engine takes to start on them, and how long until the next of them rings. Beside the same as
 * lines of JSON.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, Figure } from './figure.ts';
import { residentMegabytes, startProgram } from './program.ts';
import type { HeldSchedules } from './programs/million-schedules.ts';

const MILLION = 1_000_000;

export const bench: Bench = {
  async run(): Promise<Figure[]> {
    const data = mkdtempSync(join(tmpdir(), 'carillon-bench-'));
    try {
      const [inMemory, durable] = [await hold({ put: true }), await hold({ put: true, data })];
      const restarted = await hold({ put: false, data });
      return [
        ...figuresOf('in memory', inMemory),
        ...figuresOf('durable', durable),
        weightOf('after a restart', restarted),
        {
          figure: 'starting on a million Scheduler schedules',
          unit: 'ms',
          ours: restarted.tookMs,
          baseline: restarted.jsonMs,
          against: 'writing them as JSON',
          aim: { ours: 15_000 },
        },
      ];
    } finally {
      rmSync(data, { recursive: true, force: true });
    }
  },
};

interface Held extends HeldSchedules {
  readonly megabytes: number;
}

async function hold(options: object): Promise<Held> {
  const program = startProgram('million-schedules.ts', options);
  try {
    const held = await program.next<HeldSchedules>();
    return { ...held, megabytes: residentMegabytes(program.pid) };
  } finally {
    await program.stop();
  }
}

function figuresOf(how: string, held: Held): Figure[] {
  return [
    {
      figure: `Scheduler schedules put, ${how}`,
      unit: '/s',
      ours: (MILLION / held.tookMs) * 1_000,
      baseline: (MILLION / held.jsonMs) * 1_000,
      against: 'written as JSON',
    },
    weightOf(how, held),
    {
      figure: `the next of a million Scheduler schedules rings, ${how}`,
      unit: 'ms',
      ours: held.ringMs,
      baseline: held.jsonMs / MILLION,
      against: 'writing it as JSON',
    },
  ];
}

function weightOf(how: string, { megabytes, jsonMegabytes }: Held): Figure {
  return {
    figure: `a million Scheduler schedules, ${how} (resident)`,
    unit: 'MB',
    ours: megabytes,
    baseline: jsonMegabytes,
    against: 'the same as lines of JSON',
    aim: { ours: 1_000 },
  };
}
