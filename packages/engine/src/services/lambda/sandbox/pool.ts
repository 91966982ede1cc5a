/*
 * Interpreters that are up before anybody needs them, so that a cold start costs no process start. A pool is filled
 * when the first function of its runtime appears, and again after each cold start. It also is the gate through which
 * all processes start: only a few at a time, however many are wanted.
 */
import { availableParallelism } from 'node:os';
import type { MachineTimer } from '../../../kernel/clock.ts';
import type { Interpreter } from './interpreters.ts';
import type { SandboxProcess } from './process.ts';

/** Processes that are starting at one time: more only slow each other down. */
const STARTING_AT_ONCE = Math.max(2, availableParallelism());

/** Real time after which a process that is not up is given up. */
const START_LIMIT_MS = 30_000;

interface Pool {
  interpreter: Interpreter;
  ready: SandboxProcess[];
  starting: Set<SandboxProcess>;
  waiting: { resolve(process: SandboxProcess): void; reject(error: Error): void }[];
  /** How many are kept ready; none before `warmUp`. */
  size: number;
}

export interface InterpreterPool {
  /** Keeps some interpreters of this kind ready from now on. */
  warmUp(interpreter: Interpreter): void;
  /** Takes one that is up, or waits for one. */
  take(interpreter: Interpreter): Promise<SandboxProcess>;
  /** Starts what is missing. */
  refill(): void;
  close(): void;
}

/** `start` starts a bootstrap; it sends an `up` frame when it can take its first `init`. */
export function createInterpreterPool(
  size: number,
  machine: MachineTimer,
  start: (interpreter: Interpreter) => SandboxProcess,
): InterpreterPool {
  const pools = new Map<string, Pool>();
  let starting = 0;
  let closed = false;

  const poolOf = (interpreter: Interpreter): Pool => {
    let pool = pools.get(interpreter.path);
    if (!pool) {
      pool = { interpreter, ready: [], starting: new Set(), waiting: [], size: 0 };
      pools.set(interpreter.path, pool);
    }
    return pool;
  };

  const isUp = (pool: Pool, process: SandboxProcess) => {
    const waiting = pool.waiting.shift();
    if (waiting) waiting.resolve(process);
    else pool.ready.push(process);
  };

  const startOne = (pool: Pool) => {
    const process = start(pool.interpreter);
    let complaint = '';
    pool.starting.add(process);
    starting++;
    const limit = machine.after(START_LIMIT_MS, () => process.kill());
    const settle = () => {
      limit.cancel();
      if (pool.starting.delete(process)) starting--;
    };
    process.hooks = {
      onFrame: ({ header }) => {
        if (header.type !== 'up' || !pool.starting.has(process)) return;
        settle();
        isUp(pool, process);
        fill();
      },
      onOutput: (_, chunk) => {
        complaint = `${complaint}${chunk}`.slice(0, 1000);
      },
      onExit: (reason) => {
        const failed = pool.starting.has(process);
        settle();
        pool.ready = pool.ready.filter((other) => other !== process);
        if (failed)
          pool.waiting.shift()?.reject(new Error(`${pool.interpreter.path} does not start: ${complaint || reason}`));
        if (failed) pool.size = 0;
        fill();
      },
    };
  };

  const missing = (pool: Pool) => pool.waiting.length + pool.size - pool.ready.length - pool.starting.size;

  const fill = () => {
    if (closed) return;
    const inNeed = [...pools.values()].toSorted((one, other) => other.waiting.length - one.waiting.length);
    for (const pool of inNeed) {
      while (starting < STARTING_AT_ONCE && missing(pool) > 0) startOne(pool);
    }
  };

  return {
    warmUp: (interpreter) => {
      poolOf(interpreter).size = size;
      fill();
    },
    take: (interpreter) => {
      if (closed) return Promise.reject(new Error('The engine is closing.'));
      const pool = poolOf(interpreter);
      const ready = pool.ready.pop();
      if (ready) return Promise.resolve(ready);
      const taken = new Promise<SandboxProcess>((resolve, reject) => pool.waiting.push({ resolve, reject }));
      fill();
      return taken;
    },
    refill: fill,
    close: () => {
      closed = true;
      for (const pool of pools.values()) {
        for (const process of [...pool.ready, ...pool.starting]) process.kill();
        for (const waiting of pool.waiting.splice(0)) waiting.reject(new Error('The engine is closing.'));
      }
    },
  };
}
