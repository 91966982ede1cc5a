/*
 * Who caused what: every call, ring, delivery and invocation is a note that names its cause, so that from one
 * event all that followed from it can be found. Where something waits in between, as a message in a queue does, it is
 * the message's id that leads on: one note sent it, another took it. The last so many notes are kept, in memory: in
 * columns, since objects would live just long enough to become the garbage that costs most.
 */

import type { Scope } from './arn.ts';
import type { Clock } from './clock.ts';
import type { Note, OpenNote } from './service.ts';

/** The outcome of what has not ended yet. */
export const UNDER_WAY = 'under way';
/** How many notes are kept. */
export const CAPACITY = 50_000;

export interface JournalNote extends Readonly<Omit<Note, 'passes'>> {
  /** Counts up from 0. */
  readonly number: number;
  /** The number of the note that caused this one. */
  readonly cause: number | undefined;
  readonly scope: Scope;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Engine time from begin to end, in milliseconds. */
  readonly tookMs: number;
  /** Of a call: what its client got as `x-amzn-requestid`. */
  readonly requestId?: string;
  /** The ids of the events and messages that it sent. */
  readonly sent?: readonly string[];
  /** The ids of the messages that it took from where they waited. */
  readonly taken?: readonly string[];
}

export class Journal {
  #clock: Clock;
  /** The number of the next note. Note n stands at place n modulo CAPACITY of each column. */
  #next = 0;
  /** Notes before this number have been cleared. */
  #cleared = 0;
  #kinds: string[] = [];
  #subjects: string[] = [];
  #outcomes: string[] = [];
  #details: Note['detail'][] = [];
  #scopes: Scope[] = [];
  #causes: (number | undefined)[] = [];
  #requestIds: (string | undefined)[] = [];
  /** Most that send anything send one thing. */
  #sent: (string | readonly string[] | undefined)[] = [];
  #taken: (readonly string[] | undefined)[] = [];
  #ats = new Float64Array(CAPACITY);
  #tooks = new Float64Array(CAPACITY);
  #listeners = new Set<(note: JournalNote) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes what is over already. */
  note({ kind, subject, outcome, detail, passes }: Note, scope: Scope, cause: number | undefined): number {
    const number = this.#write(kind, subject, outcome, scope, cause);
    this.#details[number % CAPACITY] = detail;
    if (passes) {
      this.taken(number, [passes.from]);
      this.sent(number, passes.to);
    }
    if (this.#listeners.size > 0) this.#tell(this.#read(number));
    return number;
  }

  /** Notes what has begun: it can be found at once, and listeners hear of it when it ends. */
  open(kind: string, subject: string, scope: Scope, cause: number | undefined, requestId?: string): OpenNote {
    const started = this.#clock.stopwatch();
    const number = this.#write(kind, subject, UNDER_WAY, scope, cause);
    const at = this.#ats[number % CAPACITY]!;
    this.#requestIds[number % CAPACITY] = requestId;
    return {
      number,
      end: (outcome, detail) => {
        const tookMs = this.#clock.stopwatch() - started;
        const isKept = this.#isKept(number);
        if (isKept) {
          this.#outcomes[number % CAPACITY] = outcome;
          this.#details[number % CAPACITY] = detail;
          this.#tooks[number % CAPACITY] = tookMs;
        }
        if (this.#listeners.size === 0) return;
        const note = { number, kind, subject, outcome, cause, scope, at, tookMs, ...(detail && { detail }) };
        this.#tell(isKept ? this.#read(number) : note);
      },
    };
  }

  /** The work that a note stands for has sent something that goes by an id. */
  sent(number: number, id: string): void {
    if (!this.#isKept(number)) return;
    const before = this.#sent[number % CAPACITY];
    this.#sent[number % CAPACITY] =
      before === undefined ? id : typeof before === 'string' ? [before, id] : [...before, id];
  }

  /** The work that a note stands for has taken what went by these ids. */
  taken(number: number, ids: readonly string[]): void {
    if (this.#isKept(number)) this.#taken[number % CAPACITY] = ids;
  }

  /** The note of a number, while it is kept. */
  get(number: number): JournalNote | undefined {
    return this.#isKept(number) ? this.#read(number) : undefined;
  }

  /** All notes kept, oldest first. */
  list(): JournalNote[] {
    const first = this.#first;
    return Array.from({ length: this.#next - first }, (_, index) => this.#read(first + index));
  }

  /** Calls back for each note from now on; returns the function that ends it. */
  subscribe(listener: (note: JournalNote) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Numbers go on, so that what is under way does not end another's note. */
  clear(): void {
    this.#cleared = this.#next;
  }

  #write(kind: string, subject: string, outcome: string, scope: Scope, cause: number | undefined): number {
    const number = this.#next++;
    const place = number % CAPACITY;
    this.#kinds[place] = kind;
    this.#subjects[place] = subject;
    this.#outcomes[place] = outcome;
    this.#details[place] = undefined;
    this.#scopes[place] = scope;
    this.#causes[place] = cause;
    this.#requestIds[place] = undefined;
    this.#sent[place] = undefined;
    this.#taken[place] = undefined;
    this.#ats[place] = this.#clock.now();
    this.#tooks[place] = 0;
    return number;
  }

  /** The number of the oldest note that is kept. */
  get #first(): number {
    return Math.max(this.#cleared, this.#next - CAPACITY);
  }

  #isKept(number: number): boolean {
    return number >= this.#first && number < this.#next;
  }

  #read(number: number): JournalNote {
    const place = number % CAPACITY;
    const [detail, requestId] = [this.#details[place], this.#requestIds[place]];
    const [sent, taken] = [this.#sent[place], this.#taken[place]];
    return {
      number,
      kind: this.#kinds[place]!,
      subject: this.#subjects[place]!,
      outcome: this.#outcomes[place]!,
      ...(detail && { detail }),
      cause: this.#causes[place],
      scope: this.#scopes[place]!,
      at: this.#ats[place]!,
      tookMs: this.#tooks[place]!,
      ...(requestId !== undefined && { requestId }),
      ...(sent !== undefined && { sent: typeof sent === 'string' ? [sent] : sent }),
      ...(taken && { taken }),
    };
  }

  /** A listener that throws is at fault itself, not the work that it hears of. */
  #tell(note: JournalNote): void {
    for (const listener of this.#listeners) {
      try {
        listener(note);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
