/*
 * Who caused what: every call, ring, delivery and invocation is a note that names its cause, so that from one
 * event all that followed from it can be found. The last so many notes are kept, in memory.
 */
import type { Clock } from './clock.ts';
import type { Note, Scope } from './service.ts';

/** How many notes are kept. */
const CAPACITY = 50_000;

export interface JournalNote extends Readonly<Note> {
  /** Counts up from 0. */
  readonly number: number;
  /** The number of the note that caused this one. */
  readonly cause: number | undefined;
  readonly scope: Scope;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Engine time from begin to end, in milliseconds. */
  readonly tookMs: number;
}

/** A note of something under way. */
export interface OpenNote {
  readonly number: number;
  /** Ends the note: with `ok` or the code of what went wrong. */
  end(outcome: string, detail?: Note['detail']): void;
}

export class Journal {
  #clock: Clock;
  #notes: (JournalNote | undefined)[] = [];
  #next = 0;
  #listeners = new Set<(note: JournalNote) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes what is over already. */
  note(note: Note, scope: Scope, cause: number | undefined): number {
    const number = this.#next++;
    this.#keep({ ...note, number, cause, scope, at: this.#clock.now(), tookMs: 0 });
    return number;
  }

  /** Notes what has begun; it is kept, and listeners hear of it, when it ends. */
  open(kind: string, subject: string, scope: Scope, cause: number | undefined): OpenNote {
    const number = this.#next++;
    const at = this.#clock.now();
    const started = this.#clock.stopwatch();
    return {
      number,
      end: (outcome, detail) => {
        const tookMs = this.#clock.stopwatch() - started;
        this.#keep({ kind, subject, outcome, ...(detail && { detail }), number, cause, scope, at, tookMs });
      },
    };
  }

  /** The note of a number, while it is kept. */
  get(number: number): JournalNote | undefined {
    const note = this.#notes[number % CAPACITY];
    return note?.number === number ? note : undefined;
  }

  /** All notes kept, oldest first. */
  list(): JournalNote[] {
    return this.#notes.filter((note) => note !== undefined).sort((a, b) => a.number - b.number);
  }

  /** Calls back for each note from now on; returns the function that ends it. */
  subscribe(listener: (note: JournalNote) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  clear(): void {
    this.#notes = [];
    this.#next = 0;
  }

  #keep(note: JournalNote): void {
    this.#notes[note.number % CAPACITY] = note;
    for (const listener of this.#listeners) listener(note);
  }
}
