/* The first Invoke of small functions over HTTP, beside the start of a bare process of their interpreter. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Bench, type Figure, median, percentile } from './figure.ts';
import { startProgram } from './program.ts';
import { ask, invokeRequest } from './requests.ts';

const COUNT = 20;
/** By then the pool has started another interpreter: what is measured is a cold start, not a burst of them. */
const PAUSE_MS = 150;

const RUNTIMES = [
  { language: 'Node.js', runtime: 'nodejs22.x', command: process.execPath, args: ['-e', 'process.stdout.write("up")'] },
  { language: 'Python', runtime: 'python3.13', command: 'python3', args: ['-c', 'print("up", flush=True)'] },
];

export const bench: Bench = {
  async run(): Promise<Figure[]> {
    const figures: Figure[] = [];
    for (const { language, runtime, command, args } of RUNTIMES) {
      const bare: number[] = [];
      for (let count = 0; count < COUNT; count++) bare.push(await startMs(command, args));
      const cold = await coldStartsMs(runtime);
      const figure = `cold start of a small function, ${language}`;
      const against = `bare ${command.split('/').at(-1)} process to its first byte`;
      figures.push(
        {
          figure: `${figure}, p50`,
          unit: 'ms',
          ours: median(cold),
          baseline: median(bare),
          against,
          aim: { ours: 10 },
        },
        {
          figure: `${figure}, p95`,
          unit: 'ms',
          ours: percentile(cold, 0.95),
          baseline: percentile(bare, 0.95),
          against,
        },
      );
    }
    return figures;
  },
};

async function coldStartsMs(runtime: string): Promise<Iterable<number>> {
  const functions = Array.from({ length: COUNT + 1 }, (_, index) => ({ name: `cold-${index}`, runtime }));
  const engine = startProgram('engine.ts', { functions });
  const client = startProgram('load.ts');
  try {
    const { endpoint } = await engine.next<{ endpoint: string }>();
    const requests = functions.map(({ name }) => invokeRequest(name, {}));
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const load = { requests, connections: 1, count: requests.length, pauseMs: PAUSE_MS };
    const { latenciesMs } = await ask(client, endpoint, load);
    // The first one of all finds the engine itself cold.
    return latenciesMs.subarray(1);
  } finally {
    await Promise.all([engine.stop(), client.stop()]);
  }
}

/** Milliseconds from the start of a process to its first byte. */
async function startMs(command: string, args: string[]): Promise<number> {
  const started = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const took = performance.now() - started;
  await once(child, 'exit');
  return took;
}
