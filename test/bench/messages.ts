/* Messages through a queue, and results of functions to their destinations, in a second: from inside the engine. */
import type { Bench, Figure } from './figure.ts';
import { startProgram } from './program.ts';
import type { Case, Outcome } from './programs/traffic.ts';

const MESSAGES = 20_000;
const RUNS = 2_000;

export const bench: Bench = {
  async run(): Promise<Figure[]> {
    const program = startProgram('traffic.ts');
    const rate = async (wanted: Case) => (await program.ask<Outcome>(wanted)).perSecond!;
    try {
      await program.next();
      await rate({ kind: 'queue', step: 'send', count: MESSAGES });
      const baseline = await rate({ kind: 'queue', step: 'name', count: MESSAGES });
      const send = await rate({ kind: 'queue', step: 'send', count: MESSAGES });
      const receive = await rate({ kind: 'queue', step: 'receive', count: MESSAGES });
      await rate({ kind: 'runs', destination: false, count: RUNS });
      const alone = await rate({ kind: 'runs', destination: false, count: RUNS });
      const destined = await rate({ kind: 'runs', destination: true, count: RUNS });
      const against = 'a call that only looks up the queue';
      return [
        { figure: 'messages of 1 KB sent', unit: '/s', ours: send, baseline, against },
        { figure: 'messages received and deleted, ten at once', unit: '/s', ours: receive, baseline, against },
        {
          ...{ figure: 'asynchronous runs with a destination', unit: '/s', ours: destined },
          ...{ baseline: alone, against: 'without one' },
        },
      ];
    } finally {
      await program.stop();
    }
  },
};
