/*
 * The processes that benches measure, and measure with: each a file of `programs/`, started by itself so that no
 * bench shares a heap or an event loop with what it measures. They talk by messages.
 */
import { type ChildProcess, execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface Program {
  readonly pid: number;
  /** What it sends next. Rejects when it ends instead. */
  next<T>(): Promise<T>;
  /** Sends it a message, and gets what it sends next. */
  ask<T>(message: unknown): Promise<T>;
  stop(): Promise<void>;
}

/** Starts a file of `programs/` with its options. */
export function startProgram(name: string, options: unknown = {}, execArgv: string[] = []): Program {
  const file = fileURLToPath(new URL(`./programs/${name}`, import.meta.url));
  const child = fork(file, [JSON.stringify(options)], {
    execArgv: ['--conditions=source', ...execArgv],
    serialization: 'advanced',
  });
  const next = <T>() => nextMessage<T>(child, name);
  return {
    pid: child.pid!,
    next,
    ask(message) {
      const answer = next<never>();
      child.send(message as object);
      return answer;
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

function nextMessage<T>(child: ChildProcess, name: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      child.off('message', onMessage);
      child.off('exit', onExit);
    };
    const onMessage = (message: unknown) => {
      settle();
      resolve(message as T);
    };
    const onExit = (code: number | null, signal: string | null) => {
      settle();
      reject(new Error(`The program ${name} ended (${signal ?? code}).`));
    };
    child.on('message', onMessage);
    child.on('exit', onExit);
  });
}

/** The memory of a process that is not shared with others nor given back, in megabytes. */
export function residentMegabytes(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1024;
}
