/*
 * Functions that call the engine and are kept waiting for time itself, by a function that they invoke or a queue that
 * they poll: such a function lets go of the clock until its answer comes, if it waits for nothing else. What it waits
 * for is seen from outside, in Linux's /proc, whatever its language.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Callers } from '../../../kernel/callers.ts';
import type { MachineTimer } from '../../../kernel/clock.ts';

/** How soon, and then how seldom at the most, a caller is looked at, in milliseconds of the machine's time. */
const LOOK_MS = { first: 10, most: 500 };

/** A function under way. */
export interface Caller {
  readonly pid: number | undefined;
  /** The port of the endpoint that it was given. */
  readonly enginePort: number;
  /** Lets go of the clock until it regains it, or a timer of its own rings first, which is told. */
  stepAside(onBack: () => void): void;
  regain(): void;
}

export interface CallerOptions {
  callers: Callers;
  machine: MachineTimer;
  /** The functions that are under way. */
  running(): Iterable<Caller>;
}

/** Returns the function that ends it. */
export function letCallersWait({ callers, machine, running }: CallerOptions): () => void {
  const aside = new Map<number, Caller>();

  const look = (port: number, afterMs: number): void => {
    machine.after(afterMs, () => {
      if (!callers.has(port) || aside.has(port)) return;
      const owner = [...running()].find((caller) => connectionsOf(caller.pid).some(({ local }) => local === port));
      if (!owner) return;
      if (!waitsForEngineAlone(owner)) {
        look(port, Math.min(afterMs * 2, LOOK_MS.most));
        return;
      }
      aside.set(port, owner);
      owner.stepAside(() => {
        aside.delete(port);
        look(port, LOOK_MS.first);
      });
    });
  };

  return callers.watch({
    began: (port) => look(port, LOOK_MS.first),
    ended: (port) => {
      const owner = aside.get(port);
      if (!owner) return;
      aside.delete(port);
      owner.regain();
      for (const [other, same] of aside) {
        if (same !== owner) continue;
        aside.delete(other);
        look(other, LOOK_MS.first);
      }
    },
  });
}

function waitsForEngineAlone({ pid, enginePort }: Caller): boolean {
  return (
    isAsleep(pid) &&
    connectionsOf(pid).every(({ remote, isOpen }) => !isOpen || remote === enginePort) &&
    childrenOf(pid) === ''
  );
}

interface Connection {
  local: number;
  remote: number;
  /** Established, or being so. */
  isOpen: boolean;
}

const OPEN_STATES = ['01', '02', '03'];

/** The TCP connections of a process: https://docs.kernel.org/networking/proc_net_tcp.html. None where there is no /proc. */
function connectionsOf(pid: number | undefined): Connection[] {
  const names = tried(() => readdirSync(`/proc/${pid}/fd`), []);
  const links = names.map((name) => tried(() => readlinkSync(`/proc/${pid}/fd/${name}`), ''));
  const own = new Set(links.map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]));
  return ['tcp', 'tcp6']
    .flatMap((table) => readText(`/proc/${pid}/net/${table}`).split('\n'))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[9] !== undefined && own.has(fields[9]))
    .map(([, local, remote, state]) => ({
      local: portOf(local!),
      remote: portOf(remote!),
      isOpen: OPEN_STATES.includes(state!),
    }));
}

/** `0100007F:1F90` is 127.0.0.1:8080. */
function portOf(address: string): number {
  return Number.parseInt(address.slice(address.indexOf(':') + 1), 16);
}

/** Whether every thread waits in the kernel. */
function isAsleep(pid: number | undefined): boolean {
  const threads = tried(() => readdirSync(`/proc/${pid}/task`), []);
  return threads.length > 0 && threads.every((thread) => /\) S /.test(readText(`/proc/${pid}/task/${thread}/stat`)));
}

function childrenOf(pid: number | undefined): string {
  return readText(`/proc/${pid}/task/${pid}/children`);
}

function readText(path: string): string {
  return tried(() => readFileSync(path, 'latin1'), '');
}

/** Processes, threads and descriptors come and go. */
function tried<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
