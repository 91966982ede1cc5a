/*
 * Who caused what: every call, ring, delivery and invocation is a note that names its cause, so that from one
 * event all that followed from it can be found. The last so many notes are kept, in memory.
 */
import type { Clock } from './clock.ts';
import type { Note, Scope } from './service.ts';

/** The outcome of what has not ended yet. */
const UNDER_WAY = 'under way';
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
    const kept = { ...note, number, cause, scope, at: this.#clock.now(), tookMs: 0 };
    this.#notes[number % CAPACITY] = kept;
    this.#tell(kept);
    return number;
  }

  /** Notes what has begun: it can be found at once, and listeners hear of it when it ends. */
  open(kind: string, subject: string, scope: Scope, cause: number | undefined): OpenNote {
    const at = this.#clock.now();
    const started = this.#clock.stopwatch();
    const note = { kind, subject, outcome: UNDER_WAY, number: this.#next++, cause, scope, at, tookMs: 0 };
    this.#notes[note.number % CAPACITY] = note;
    return {
      number: note.number,
      end: (outcome, detail) => {
        Object.assign(note, { outcome, tookMs: this.#clock.stopwatch() - started }, detail && { detail });
        this.#tell(note);
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
