/*
 * Rings, read from the journal: an invocation of a function whose causes lead back to a schedule that was due, or to
 * messages that were there.
 */
import type { Engine, JournalNote } from '@carillon/engine';

/** One run of a function because a schedule was due, or a batch of messages was. Moments are epoch milliseconds. */
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
  /** The rule's bus and name, or the schedule's group and name: `default/first-bell`; or the queue's name. */
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

/** What began it all: a tick of a schedule, or a batch of a queue's messages. */
function tickBehind(journal: Engine['journal'], work: JournalNote): JournalNote | undefined {
  for (let note: JournalNote | undefined = work; note; note = journal.get(note.cause ?? -1)) {
    if (note.kind === 'batch' || (note.kind === 'due' && TICK.test(note.subject))) return note;
  }
  return undefined;
}

function ringOf({ subject, outcome, detail }: JournalNote, work: JournalNote, tick: JournalNote): Ring {
  const { startedAt, durationMs, cold, attempt, requestId } = detail as unknown as Ring;
  const ofBatch = tick.kind === 'batch';
  const dueAt = ofBatch ? tick.at : ((attempt > 1 ? work : tick).detail?.due as number);
  const rule = ofBatch ? tick.subject.split(':')[5]! : tick.subject.replace(TICK, '');
  const lateMs = startedAt - dueAt;
  return { dueAt, startedAt, lateMs, durationMs, cold, attempt, outcome, functionArn: subject, rule, requestId };
}
