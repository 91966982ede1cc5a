/* Durability: the same calls of 1 KB, each in SQLite before it is answered, beside an engine that keeps nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench, Figure } from './figure.ts';
import { compareServers } from './servers.ts';

export const bench: Bench = {
  async run(): Promise<Figure[]> {
    const data = mkdtempSync(join(tmpdir(), 'carillon-bench-'));
    try {
      const round = await compareServers(['engine.ts', { data }], ['engine.ts', {}]);
      return [
        {
          figure: 'calls of 1 KB over HTTP, durable',
          unit: '/s',
          ...round,
          against: 'the same in memory',
          aim: { ratio: 0.8 },
        },
      ];
    } finally {
      rmSync(data, { recursive: true, force: true });
    }
  },
};
