/*
 * Durable due work: entries that ring once, at their moment or as soon after as the machine allows, never before.
 *
 * An entry is a row that was committed with the change that caused it, and it goes in the transaction that does
 * its work, or ends it: so a crash loses none, and what was half done is done again. In memory there is only a
 * heap of moments and one timer on top of it. Entries that wait have no object each but a place in columns, since
 * there may be millions of them.
 */

import type { Scope } from './arn.ts';
import type { Clock, Timer } from './clock.ts';
import { DueHeap } from './heap.ts';
import { getOrMake } from './maps.ts';
import { Places } from './places.ts';
import type { Crowd, DueWork } from './service.ts';
import type { RowChange } from './state/backend.ts';

/** How many entries ring before others get a turn. */
const BATCH = 512;
/** How many entries of one kind are waited for at once, unless the kind says otherwise. */
const CONCURRENCY = 100;
/** The first pause after a fault of ours, and the longest, in milliseconds. */
const FAULT_PAUSE_MS = { first: 1_000, longest: 3_600_000 };

export interface AgendaEntry extends DueWork {
  readonly scope: Scope;
  /** The journal note of what put it there; unknown after a restart. */
  readonly cause: number | undefined;
}

/** An entry put, or taken off where `due` is undefined. */
export interface AgendaChange extends Omit<AgendaEntry, 'due'> {
  readonly due: number | undefined;
}

export interface AgendaOptions {
  clock: Clock;
  /** Does the work. Returns a promise when it waits. Throws, or rejects, on a fault of ours alone. */
  ring(entry: AgendaEntry): Promise<void> | undefined;
  /** How many entries of a kind run at once, and how many of a crowd; undefined for the default. */
  boundsOf(kind: string): { concurrency?: number; crowd?: Crowd };
  onFault(error: unknown): void;
}

/** What the tables of entries are called, before their kind. */
const TABLE = 'agenda ';

/** The row of an entry: a table for each kind. */
export function agendaRow({ scope, kind, id, due, payload }: AgendaChange): RowChange {
  const value = due === undefined ? undefined : { due, payload };
  return { table: TABLE + kind, scope: `${scope.account}/${scope.region}`, key: id, value };
}

/** Entries of one kind, and those of them that have come due. */
interface Kind {
  readonly name: string;
  /** By account and region. */
  readonly lines: Map<string, Line>;
  /** For those that run. */
  readonly places: Places<Work>;
  readonly crowd: Crowd | undefined;
}

/** Entries of one kind in one scope. */
interface Line {
  readonly kind: Kind;
  readonly scope: Scope;
  /** Slots by id. */
  readonly slots: Map<string, number>;
  /** By name, while any of a crowd runs: a place here comes before one among all of the kind. */
  readonly crowds: Map<string, Places<Work>>;
}

/** An entry that has come due, until it is put again or taken off. */
interface Work {
  readonly line: Line;
  readonly entry: AgendaEntry;
  faults: number;
  /** Whether an entry is being written that takes its place. */
  moved: boolean;
}

export class Agenda {
  #options: AgendaOptions;
  #kinds = new Map<string, Kind>();
  #heap = new DueHeap();
  /** Entries by their slot in the heap. */
  #lines: (Line | undefined)[] = [];
  #ids: (string | undefined)[] = [];
  /** Ticks of schedules have none. */
  #payloads = new Map<number, unknown>();
  #causes: (number | undefined)[] = [];
  /** Work on entries that have come due, by their slot. */
  #works = new Map<number, Work>();
  #timer: Timer | undefined;
  #timerDue = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(options: AgendaOptions) {
    this.#options = options;
  }

  /** How many entries wait for their moment. */
  get size(): number {
    return this.#heap.size;
  }

  /** The entries that some notes have put there, those at work included; at most so many. */
  causedBy(notes: ReadonlySet<number>, most: number): AgendaEntry[] {
    const found: AgendaEntry[] = [];
    for (let slot = 0; slot < this.#lines.length && found.length < most; slot++) {
      if (this.#lines[slot] && notes.has(this.#causes[slot] ?? -1)) found.push(this.#entryOf(slot));
    }
    return found;
  }

  /** Takes back an entry that was kept over a restart; false for a row of something else. */
  restore({ table, scope, key, value }: RowChange): boolean {
    if (!table.startsWith(TABLE)) return false;
    const { due, payload } = value as { due: number; payload?: unknown };
    const kind = this.#kind(table.slice(TABLE.length));
    const line = getOrMake(kind.lines, scope, () => {
      const [account, region] = scope.split('/') as [string, string];
      return { kind, scope: { account, region }, slots: new Map(), crowds: new Map() };
    });
    this.#put(line, key, due, payload, undefined);
    this.#arm();
    return true;
  }

  /** Takes in what a committed transaction put and took off. */
  apply(changes: readonly AgendaChange[]): void {
    for (const { scope, kind, id, due, payload, cause } of changes) {
      const line = this.#line(scope, kind);
      if (due === undefined) this.#remove(line, id);
      else this.#put(line, id, due, payload, cause);
    }
    this.#arm();
  }

  /** Whether this very entry, which has come due, is still what stands under its name. */
  holds(entry: AgendaEntry): boolean {
    const slot = this.#line(entry.scope, entry.kind).slots.get(entry.id);
    const work = slot === undefined ? undefined : this.#works.get(slot);
    return work?.entry === entry && !work.moved;
  }

  /** Hears of changes that are being written: work at hand that is put anew does not end by being done. */
  expect(changes: readonly AgendaChange[]): void {
    for (const { scope, kind, id, due } of changes) {
      const slot = due === undefined ? undefined : this.#line(scope, kind).slots.get(id);
      const work = slot === undefined ? undefined : this.#works.get(slot);
      if (work) work.moved = true;
    }
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
    this.#lines = [];
    this.#ids = [];
    this.#payloads.clear();
    this.#causes = [];
    this.#works.clear();
    for (const kind of this.#kinds.values()) {
      kind.lines.clear();
      kind.places.disperse();
    }
    this.#timerDue = Number.POSITIVE_INFINITY;
    this.#stopped = false;
  }

  #kind(name: string): Kind {
    return getOrMake(this.#kinds, name, () => {
      const { concurrency = CONCURRENCY, crowd } = this.#options.boundsOf(name);
      return { name, lines: new Map(), places: new Places(concurrency), crowd };
    });
  }

  #line(scope: Scope, name: string): Line {
    const kind = this.#kind(name);
    const key = `${scope.account}/${scope.region}`;
    return getOrMake(kind.lines, key, () => ({ kind, scope, slots: new Map(), crowds: new Map() }));
  }

  #put(line: Line, id: string, due: number, payload: unknown, cause: number | undefined): void {
    const held = line.slots.get(id);
    const slot = held ?? this.#heap.add(due);
    if (held === undefined) {
      this.#lines[slot] = line;
      this.#ids[slot] = id;
      line.slots.set(id, slot);
    } else {
      this.#heap.put(slot, due);
      this.#works.delete(slot);
      this.#payloads.delete(slot);
    }
    if (payload !== undefined) this.#payloads.set(slot, payload);
    this.#causes[slot] = cause;
  }

  #remove(line: Line, id: string): void {
    const slot = line.slots.get(id);
    if (slot === undefined) return;
    line.slots.delete(id);
    this.#lines[slot] = undefined;
    this.#ids[slot] = undefined;
    this.#payloads.delete(slot);
    this.#works.delete(slot);
    this.#heap.release(slot);
  }

  #arm(): void {
    const due = this.#heap.firstDue;
    if (this.#stopped || due >= this.#timerDue) return;
    this.#timer?.cancel();
    this.#timerDue = due;
    const ring = () => {
      this.#timerDue = Number.POSITIVE_INFINITY;
      const settled = this.#ringDue();
      this.#arm();
      return settled;
    };
    // When the timer was set may depend on how fast a function was: its place among others of its moment must not.
    this.#timer = this.#options.clock.at(due, ring, 'first');
  }

  /** Returns whether all that rang is done. */
  #ringDue(): boolean {
    const now = this.#options.clock.now();
    let done = true;
    for (let count = 0; count < BATCH && !this.#stopped; count++) {
      const slot = this.#heap.takeDue(now);
      if (slot === undefined) break;
      if (!this.#start(this.#workOf(slot))) done = false;
    }
    return done;
  }

  #workOf(slot: number): Work {
    const work: Work = { line: this.#lines[slot]!, entry: this.#entryOf(slot), faults: 0, moved: false };
    this.#works.set(slot, work);
    return work;
  }

  #entryOf(slot: number): AgendaEntry {
    const { kind, scope } = this.#lines[slot]!;
    return {
      kind: kind.name,
      id: this.#ids[slot]!,
      due: this.#heap.dueOf(slot),
      payload: this.#payloads.get(slot),
      scope,
      cause: this.#causes[slot],
    };
  }

  /** Returns whether the work is done, and not waiting for anything. */
  #start(work: Work): boolean {
    const { kind, crowds } = work.line;
    if (!kind.crowd) return this.#enter(work);
    const { most, of } = kind.crowd;
    return getOrMake(crowds, of(work.entry), () => new Places(most)).take(work) && this.#enter(work);
  }

  /** Runs work that has its place in its crowd, or has no crowd, once there is one for it among all. */
  #enter(work: Work): boolean {
    return work.line.kind.places.take(work) && this.#run(work);
  }

  #run(work: Work): boolean {
    try {
      const waiting = this.#options.ring(work.entry);
      if (!waiting) {
        this.#leave(work);
        return true;
      }
      waiting.catch((error) => this.#pause(work, error)).then(() => this.#leave(work));
    } catch (error) {
      this.#pause(work, error);
      this.#leave(work);
    }
    return false;
  }

  /** Gives its places back. */
  #leave({ line: { kind, crowds }, entry }: Work): void {
    const wants = (work: Work) => !this.#stopped && this.holds(work.entry);
    const next = kind.places.give(wants);
    if (next) this.#run(next);
    if (!kind.crowd) return;
    const name = kind.crowd.of(entry);
    const crowd = crowds.get(name);
    const follower = crowd?.give(wants);
    if (follower) this.#enter(follower);
    else if (crowd?.unused) crowds.delete(name);
  }

  /** After a fault of ours the work is tried again, less and less often. */
  #pause(work: Work, error: unknown): void {
    if (this.#stopped) return;
    this.#options.onFault(error);
    const pause = Math.min(FAULT_PAUSE_MS.first * 2 ** work.faults++, FAULT_PAUSE_MS.longest);
    const { clock } = this.#options;
    clock.at(clock.now() + pause, () => {
      if (!this.#stopped && this.holds(work.entry)) this.#start(work);
    });
  }
}
