/* The front door: calls of 1 KB through the whole engine, in memory, beside a bare node:http server with JSON. */
import type { Bench, Figure } from './figure.ts';
import { compareServers } from './servers.ts';

export const bench: Bench = {
  async run(): Promise<Figure[]> {
    const round = await compareServers(['engine.ts', {}], ['bare-server.js', {}]);
    return [
      {
        figure: 'calls of 1 KB over HTTP, in memory',
        unit: '/s',
        ...round,
        against: 'bare node:http + JSON',
        aim: { ratio: 0.7 },
      },
    ];
  },
};
