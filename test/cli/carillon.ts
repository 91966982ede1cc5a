/* The real command in a process of its own, in an empty directory of its own, read line by line. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const ENTRY = fileURLToPath(new URL('../../packages/cli/src/carillon.ts', import.meta.url));

export interface Running {
  /** The next line of standard output that matches; rejects when there is none any more. */
  line(pattern: RegExp): Promise<string>;
  /** The next line of JSON that tells of an event. */
  event(name: string): Promise<Record<string, unknown>>;
  /** All that is left of its standard output, once it has ended. */
  rest(): Promise<string>;
  /** Writes to its standard input, and ends it. */
  type(input: string): void;
  kill(signal: NodeJS.Signals): void;
  readonly pid: number;
  readonly ended: Promise<Ended>;
}

export interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

export interface Where {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
}

/** Starts `carillon` with arguments; it goes with the test. */
export function carillon(args: readonly string[], { cwd = emptyDirectory(), env = {} }: Where = {}): Running {
  const { AWS_ENDPOINT_URL: _, ...inherited } = process.env;
  const child = spawn(process.execPath, ['--conditions=source', ENTRY, ...args], {
    ...{ cwd, env: { ...inherited, NO_COLOR: '1', ...env }, stdio: 'pipe' },
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const stderr = text(child.stderr);
  const ended = once(child, 'close').then(async ([code]) => ({ code, stderr: await stderr }) as Ended);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const line = async (pattern: RegExp) => {
    for (;;) {
      const { done, value } = await lines.next();
      if (done) throw new Error(`No line matched ${pattern}; it said: ${(await ended).stderr}`);
      if (pattern.test(value)) return value;
    }
  };
  const rest = async () => {
    const left: string[] = [];
    for (let next = await lines.next(); !next.done; next = await lines.next()) left.push(next.value);
    return left.map((line) => `${line}\n`).join('');
  };
  return {
    line,
    rest,
    event: async (name) => JSON.parse(await line(new RegExp(`^{"event":"${name}"`))),
    type: (input) => child.stdin.end(input),
    kill: (signal) => child.kill(signal),
    pid: child.pid!,
    ended,
  };
}

/** A directory that goes with the test. */
export function emptyDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'carillon-cli-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
