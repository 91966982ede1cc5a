/*
 * What a million schedules weigh in an engine that has taken them in, and in one that was started on them; beside
 * the same schedules as plain JSON in a file.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, Figure } from './figure.ts';
import { residentMegabytes, startProgram } from './program.ts';
import type { Held } from './programs/million.ts';

export const bench: Bench = {
  async run(): Promise<Figure[]> {
    const data = mkdtempSync(join(tmpdir(), 'carillon-bench-'));
    try {
      return [
        figureOf('taken in, in memory', await weigh({ put: true })),
        figureOf('taken in, durable', await weigh({ put: true, data })),
        figureOf('after a restart', await weigh({ put: false, data })),
      ];
    } finally {
      rmSync(data, { recursive: true, force: true });
    }
  },
};

interface Weight extends Held {
  megabytes: number;
}

async function weigh(options: object): Promise<Weight> {
  const program = startProgram('million.ts', options);
  try {
    const held = await program.next<Held>();
    return { ...held, megabytes: residentMegabytes(program.pid) };
  } finally {
    await program.stop();
  }
}

function figureOf(how: string, { megabytes, jsonMegabytes }: Weight): Figure {
  return {
    figure: `a million schedules, ${how} (resident)`,
    unit: 'MB',
    ours: megabytes,
    baseline: jsonMegabytes,
    against: 'the same as lines of JSON',
    aim: { ours: 400 },
  };
}
