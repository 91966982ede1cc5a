/* A warm function invoked over HTTP, one request after another, beside the bare round trip to a waiting process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { type Bench, type Figure, median, percentile } from './figure.ts';
import { startProgram } from './program.ts';
import { ask, invokeRequest } from './requests.ts';

const COUNT = 1_500;
const WARM_UP = 1_000;
const EVENT = { type: 'warmer' };

const RUNTIMES = [
  { language: 'Node.js', runtime: 'nodejs22.x' },
  { language: 'Python', runtime: 'python3.13' },
];

export const bench: Bench = {
  async run(): Promise<Figure[]> {
    const functions = RUNTIMES.map(({ language, runtime }) => ({ name: language.replace('.', ''), runtime }));
    const engine = startProgram('engine.ts', { functions });
    const client = startProgram('load.ts');
    const echo = startEcho();
    try {
      const { endpoint } = await engine.next<{ endpoint: string }>();
      const baseline = await roundTrips(echo);
      const figures: Figure[] = [];
      for (const { name } of functions) {
        const load = { requests: [invokeRequest(name, EVENT)], connections: 1 };
        await ask(client, endpoint, { ...load, count: WARM_UP });
        const { latenciesMs } = await ask(client, endpoint, { ...load, count: COUNT });
        const against = 'a line to a process and back';
        const figure = `warm Invoke over HTTP, ${name}`;
        figures.push(
          {
            figure: `${figure}, p50`,
            unit: 'ms',
            ours: median(latenciesMs),
            baseline: median(baseline),
            against,
            aim: { ours: 1 },
          },
          {
            figure: `${figure}, p99`,
            unit: 'ms',
            ours: percentile(latenciesMs, 0.99),
            baseline: percentile(baseline, 0.99),
            against,
          },
        );
      }
      return figures;
    } finally {
      echo.kill();
      await Promise.all([engine.stop(), client.stop()]);
    }
  },
};

/** A process that sends back what it gets. */
function startEcho(): ChildProcess {
  return spawn(process.execPath, ['-e', 'process.stdin.on("data", (line) => process.stdout.write(line))'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

/** How long a line takes to such a process and back, in milliseconds. */
async function roundTrips(echo: ChildProcess): Promise<number[]> {
  const line = `${JSON.stringify(EVENT)}\n`;
  const took: number[] = [];
  for (let count = 0; count < WARM_UP + COUNT; count++) {
    const asked = performance.now();
    await new Promise((resolve) => {
      echo.stdout!.once('data', resolve);
      echo.stdin!.write(line);
    });
    if (count >= WARM_UP) took.push(performance.now() - asked);
  }
  return took;
}
