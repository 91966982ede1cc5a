/*
 * Durable due work: entries that ring once, at their moment or as soon after as the machine allows, never before.
 *
 * An entry is a row that was committed with the change that caused it, and it goes in the transaction that does
 * its work, or ends it: so a crash loses none, and what was half done is done again. In memory there is only a
 * heap of moments and one timer on top of it.
 */
import type { Clock, Timer } from './clock.ts';
import { DueHeap } from './heap.ts';
import { getOrMake } from './maps.ts';
import type { DueWork, Scope } from './service.ts';
import type { RowChange } from './state/backend.ts';

/** The table that entries are kept in. */
export const AGENDA_TABLE = 'agenda';

/** How many entries ring before others get a turn. */
const BATCH = 512;
/** How many entries of one kind wait for something at once, unless the kind says otherwise. */
const CONCURRENCY = 100;
/** The first pause after a fault of ours, and the longest, in milliseconds. */
const FAULT_PAUSE_MS = { first: 1_000, longest: 3_600_000 };

export interface AgendaEntry extends DueWork {
  readonly scope: Scope;
  /** The journal note of what put it there; unknown after a restart. */
  readonly cause: number | undefined;
}

/** An entry put (with `entry`) or taken off. */
export interface AgendaChange {
  readonly scope: Scope;
  readonly kind: string;
  readonly id: string;
  readonly entry: AgendaEntry | undefined;
}

export interface AgendaOptions {
  clock: Clock;
  /** Does the work. Returns a promise when it waits. Throws, or rejects, on a fault of ours alone. */
  ring(entry: AgendaEntry): Promise<void> | undefined;
  /** How many entries of a kind run at once; undefined for the default. */
  concurrencyOf(kind: string): number | undefined;
  onFault(error: unknown): void;
}

/** The row of an entry. */
export function agendaRow({ scope, kind, id, entry }: AgendaChange): RowChange {
  const value = entry && { due: entry.due, ...(entry.payload !== undefined && { payload: entry.payload }) };
  return { table: AGENDA_TABLE, scope: `${scope.account}/${scope.region}`, key: `${kind}\n${id}`, value };
}

interface Held {
  entry: AgendaEntry;
  /** Its place in the heap; undefined while it is being worked on. */
  slot: number | undefined;
  faults: number;
}

export class Agenda {
  #options: AgendaOptions;
  #heap = new DueHeap();
  #bySlot: (Held | undefined)[] = [];
  #byName = new Map<string, Map<string, Held>>();
  #running = new Map<string, number>();
  #queues = new Map<string, Held[]>();
  #timer: Timer | undefined;
  #timerDue = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(options: AgendaOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#heap.size;
  }

  /** Takes back an entry that was kept over a restart. */
  restore({ scope, key, value }: RowChange): void {
    const [account, region] = scope.split('/') as [string, string];
    const split = key.indexOf('\n');
    const { due, payload } = value as { due: number; payload?: unknown };
    const work = { kind: key.slice(0, split), id: key.slice(split + 1), due, payload };
    this.#put({ ...work, scope: { account, region }, cause: undefined });
    this.#arm();
  }

  /** Takes in what a committed transaction put and took off. */
  apply(changes: readonly AgendaChange[]): void {
    for (const { scope, kind, id, entry } of changes) {
      if (entry) this.#put(entry);
      else this.#remove(this.#named(scope, kind), id);
    }
    this.#arm();
  }

  /** Whether this very entry is still what stands under its name. */
  holds(entry: AgendaEntry): boolean {
    return this.#named(entry.scope, entry.kind).get(entry.id)?.entry === entry;
  }

  /** Nothing rings any more until it is resumed or cleared. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** What became due meanwhile rings now. */
  resume(): void {
    this.#stopped = false;
    this.#timerDue = Number.POSITIVE_INFINITY;
    this.#arm();
  }

  clear(): void {
    this.#timer?.cancel();
    this.#heap = new DueHeap();
    this.#bySlot = [];
    this.#byName.clear();
    this.#queues.clear();
    this.#timerDue = Number.POSITIVE_INFINITY;
    this.#stopped = false;
  }

  #named(scope: Scope, kind: string): Map<string, Held> {
    return getOrMake(this.#byName, `${scope.account}/${scope.region}/${kind}`, () => new Map());
  }

  #put(entry: AgendaEntry): void {
    const named = this.#named(entry.scope, entry.kind);
    this.#remove(named, entry.id);
    const held: Held = { entry, slot: undefined, faults: 0 };
    named.set(entry.id, held);
    this.#enqueue(held, entry.due);
  }

  #enqueue(held: Held, due: number): void {
    held.slot = this.#heap.add(due);
    this.#bySlot[held.slot] = held;
  }

  #remove(named: Map<string, Held>, id: string): void {
    const held = named.get(id);
    if (!held) return;
    named.delete(id);
    if (held.slot === undefined) return;
    this.#heap.remove(held.slot);
    this.#bySlot[held.slot] = undefined;
  }

  #arm(): void {
    const due = this.#heap.firstDue;
    if (this.#stopped || due >= this.#timerDue) return;
    this.#timer?.cancel();
    this.#timerDue = due;
    this.#timer = this.#options.clock.at(due, () => {
      this.#timerDue = Number.POSITIVE_INFINITY;
      const settled = this.#ringDue();
      this.#arm();
      return settled;
    });
  }

  /** Returns whether all that rang is done. */
  #ringDue(): boolean {
    const now = this.#options.clock.now();
    let done = true;
    for (let count = 0; count < BATCH && !this.#stopped; count++) {
      const slot = this.#heap.takeDue(now);
      if (slot === undefined) break;
      const held = this.#bySlot[slot]!;
      this.#bySlot[slot] = undefined;
      held.slot = undefined;
      if (!this.#start(held)) done = false;
    }
    return done;
  }

  /** Returns whether the work is done, and not waiting for anything. */
  #start(held: Held): boolean {
    const { kind } = held.entry;
    const running = this.#running.get(kind) ?? 0;
    if (running >= (this.#options.concurrencyOf(kind) ?? CONCURRENCY)) {
      getOrMake(this.#queues, kind, () => []).push(held);
      return false;
    }
    try {
      const waiting = this.#options.ring(held.entry);
      if (!waiting) return true;
      this.#running.set(kind, running + 1);
      waiting.catch((error) => this.#pause(held, error)).then(() => this.#next(kind));
    } catch (error) {
      this.#pause(held, error);
    }
    return false;
  }

  #next(kind: string): void {
    this.#running.set(kind, (this.#running.get(kind) ?? 1) - 1);
    const queue = this.#queues.get(kind);
    while (queue?.length && !this.#stopped) {
      const held = queue.shift()!;
      if (!this.holds(held.entry)) continue;
      this.#start(held);
      return;
    }
  }

  /** After a fault of ours the work is tried again, less and less often. */
  #pause(held: Held, error: unknown): void {
    if (this.#stopped) return;
    this.#options.onFault(error);
    if (!this.holds(held.entry)) return;
    const pause = Math.min(FAULT_PAUSE_MS.first * 2 ** held.faults++, FAULT_PAUSE_MS.longest);
    this.#enqueue(held, this.#options.clock.now() + pause);
    this.#arm();
  }
}
