/*
 * From nothing to the first answer of `carillon start`, as it is published, and what it weighs when idle; beside a
 * process that serves nothing but JSON.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Bench, type Figure, median } from './figure.ts';
import { residentMegabytes } from './program.ts';

const ROUNDS = 7;
/** An idle process has given back by then what its start took. */
const IDLE_MS = 1_000;

const pathOf = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const CARILLON = pathOf('../../packages/cli/dist/carillon.js');
const BARE = pathOf('./programs/bare-server.js');

interface Start {
  answeredMs: number;
  megabytes: number;
}

export const bench: Bench = {
  async run(): Promise<Figure[]> {
    await build();
    const data = mkdtempSync(join(tmpdir(), 'carillon-bench-'));
    const engine: Start[] = [];
    const bare: Start[] = [];
    try {
      for (let round = 0; round < ROUNDS; round++) {
        engine.push(await start([CARILLON, 'start', '--port', '0', '--json', '--data', data]));
        bare.push(await start([BARE]));
      }
    } finally {
      rmSync(data, { recursive: true, force: true });
    }
    const against = 'bare node:http + JSON';
    const medians = (of: keyof Start) => ({
      ours: median(engine.map((s) => s[of])),
      baseline: median(bare.map((s) => s[of])),
    });
    return [
      { figure: 'process start to first answer', unit: 'ms', ...medians('answeredMs'), against, aim: { ours: 200 } },
      { figure: 'idle memory (resident)', unit: 'MB', ...medians('megabytes'), against, aim: { ours: 100 } },
    ];
  },
};

/** What is measured is what is published. */
async function build(): Promise<void> {
  const builder = spawn(process.execPath, [pathOf('../../tools/build.ts')], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(builder, 'exit');
  if (code !== 0) throw new Error('The packages could not be built.');
}

/** Starts a program that tells its endpoint on its first line. */
async function start(args: string[]): Promise<Start> {
  const started = performance.now();
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    await answer(`${JSON.parse(line.toString()).endpoint}/_carillon/health`);
    const answeredMs = performance.now() - started;
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    return { answeredMs, megabytes: residentMegabytes(child.pid!) };
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}

function answer(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => response.resume().once('end', resolve)).once('error', reject);
  });
}
