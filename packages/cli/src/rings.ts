/*
 * Rings, read from the journal: an invocation of a function whose causes lead back to a schedule that was due.
 */
import type { Engine, JournalNote } from '@carillon/engine';

/** One run of a function because a schedule was due. Moments are epoch milliseconds. */
export interface Ring {
  readonly dueAt: number;
  readonly startedAt: number;
  readonly lateMs: number;
  readonly durationMs: number;
  readonly cold: boolean;
  /** From 1; later ones are retries, each due in its own time. */
  readonly attempt: number;
  /** `ok`, or the type of the error. */
  readonly outcome: string;
  readonly functionArn: string;
  /** The rule's bus and name, or the schedule's group and name: `default/first-bell`. */
  readonly rule: string;
  readonly requestId: string;
}

/** Due work of rules and of the Scheduler, followed by what has a schedule. */
const TICK = /^(?:eventbridge\.tick|scheduler\.ring) /;

/** Calls back for each ring from now on, when it is over; returns the function that ends it. */
export function watchRings(journal: Engine['journal'], onRing: (ring: Ring) => void): () => void {
  /** Invocations by what caused them, which ends only after them. */
  const unfinished = new Map<number, JournalNote>();
  return journal.subscribe((note) => {
    if (note.kind === 'invocation' && note.cause !== undefined) unfinished.set(note.cause, note);
    const invocation = unfinished.get(note.number);
    if (!invocation) return;
    unfinished.delete(note.number);
    const tick = tickBehind(journal, note);
    if (tick) onRing(ringOf(invocation, note, tick));
  });
}

function tickBehind(journal: Engine['journal'], { cause }: JournalNote): JournalNote | undefined {
  for (let note = journal.get(cause ?? -1); note; note = journal.get(note.cause ?? -1)) {
    if (note.kind === 'due' && TICK.test(note.subject)) return note;
  }
  return undefined;
}

function ringOf({ subject, outcome, detail }: JournalNote, work: JournalNote, tick: JournalNote): Ring {
  const { startedAt, durationMs, cold, attempt, requestId } = detail as unknown as Ring;
  const dueAt = (attempt > 1 ? work : tick).detail?.due as number;
  const rule = tick.subject.replace(TICK, '');
  const lateMs = startedAt - dueAt;
  return { dueAt, startedAt, lateMs, durationMs, cold, attempt, outcome, functionArn: subject, rule, requestId };
}
