/* Messages of a queue through a function, beside as many invocations of the function without a queue. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, Figure } from './figure.ts';
import { startProgram } from './program.ts';
import type { Passage } from './programs/queue.ts';

export const bench: Bench = {
  async run(): Promise<Figure[]> {
    const data = mkdtempSync(join(tmpdir(), 'carillon-bench-'));
    try {
      return [await pass('in memory', {}), await pass('durable', { data })];
    } finally {
      rmSync(data, { recursive: true, force: true });
    }
  },
};

async function pass(kept: string, options: object): Promise<Figure> {
  const program = startProgram('queue.ts', options);
  try {
    const { messages, mappedMs, invokedMs } = await program.next<Passage>();
    const perSecond = (ms: number) => messages / (ms / 1_000);
    return {
      figure: `messages from a queue through a function, ten at a time, ${kept}`,
      unit: '/s',
      ours: perSecond(mappedMs),
      baseline: perSecond(invokedMs),
      against: 'the function invoked as often',
    };
  } finally {
    await program.stop();
  }
}
