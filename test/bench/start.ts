/* From nothing to the first answer, and what an idle engine weighs, beside a process that serves nothing but JSON. */
import { type Bench, type Figure, median } from './figure.ts';
import { residentMegabytes, startProgram } from './program.ts';

const ROUNDS = 7;
/** An idle process has given back by then what its start took. */
const IDLE_MS = 1_000;

interface Start {
  answeredMs: number;
  megabytes: number;
}

export const bench: Bench = {
  async run(): Promise<Figure[]> {
    const engine: Start[] = [];
    const bare: Start[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      engine.push(await start('engine'));
      bare.push(await start('bare-server'));
    }
    const against = 'bare node:http + JSON';
    const medians = (starts: Start[], of: keyof Start) => median(starts.map((start) => start[of]));
    return [
      {
        figure: 'process start to first answer',
        unit: 'ms',
        ours: medians(engine, 'answeredMs'),
        baseline: medians(bare, 'answeredMs'),
        against,
        aim: { ours: 200 },
      },
      {
        figure: 'idle memory (resident)',
        unit: 'MB',
        ours: medians(engine, 'megabytes'),
        baseline: medians(bare, 'megabytes'),
        against,
        aim: { ours: 100 },
      },
    ];
  },
};

async function start(name: string): Promise<Start> {
  const started = performance.now();
  const program = startProgram(name);
  try {
    const { endpoint } = await program.next<{ endpoint: string }>();
    const answer = await fetch(`${endpoint}/_carillon/health`);
    await answer.text();
    const answeredMs = performance.now() - started;
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    return { answeredMs, megabytes: residentMegabytes(program.pid) };
  } finally {
    await program.stop();
  }
}
