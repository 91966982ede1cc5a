/*
 * The way back from an effect to the ring of a schedule behind it, through the notes that are still kept.
 */
import type { JournalNote } from '../engine.ts';
import { formatArn } from '../kernel/arn.ts';
import type { Surroundings } from './section.ts';

/** A schedule was due: a rule's, or one of the Scheduler. */
export interface ScheduleRing {
  /** Of the rule, or of the schedule itself. */
  readonly arn: string;
  /** Epoch milliseconds. */
  readonly due: number;
}

/** Followed by the bus and the name of the rule; one on the default bus has no bus in its ARN. */
const TICK = 'eventbridge.tick ';
/** Followed by the group and the name of the schedule. */
const RING = 'scheduler.ring ';

/** The ring that a note itself is of. One that is still under way is due at the moment at which it rang. */
export function ringOf({ kind, subject, scope, at, detail }: JournalNote): ScheduleRing | undefined {
  if (kind !== 'due') return undefined;
  const due = (detail?.due as number | undefined) ?? at;
  if (subject.startsWith(RING)) {
    return { arn: formatArn('scheduler', scope, `schedule/${subject.slice(RING.length)}`), due };
  }
  if (!subject.startsWith(TICK)) return undefined;
  const rule = subject.slice(TICK.length).replace(/^default\//, '');
  return { arn: formatArn('events', scope, `rule/${rule}`), due };
}

/** The ring that led to a note. */
export function ringBehind(
  { journal }: Pick<Surroundings, 'journal'>,
  { cause }: JournalNote,
): ScheduleRing | undefined {
  for (let note = journal.get(cause ?? -1); note; note = journal.get(note.cause ?? -1)) {
    const ring = ringOf(note);
    if (ring) return ring;
  }
  return undefined;
}
