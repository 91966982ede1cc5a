/*
 * The trail of an event: the notes of the journal that lead to it, and those that follow from it.
 *
 * A note leads to what it caused, and to the work that took a message that it sent. A schedule's ring is caused by time,
 * not by whoever made the schedule: there a trail begins.
 */
import type { Agenda } from './agenda.ts';
import { CAPACITY, type Journal, type JournalNote, UNDER_WAY } from './journal.ts';
import { getOrMake } from './maps.ts';

/** How many notes are told of one trail. */
const MOST_NOTES = 5_000;
/** How much due work is told of one trail. */
const MOST_DUE = 1_000;
/** The due work that is a schedule's ring. */
const TICK = /^(?:eventbridge\.tick|scheduler\.ring) /;
/** The due work that is a step of a trail; other work looks after what is kept. */
const STEP = /^(?:delivery\.attempt|lambda\.invocation|sns\.post)$/;

/** The due work that is an attempt of an asynchronous invocation. */
const ASYNCHRONOUS = 'lambda.invocation ';

export interface Trail {
  /** The numbers of the notes that know the id. */
  readonly found: readonly number[];
  /** In order of their numbers. */
  readonly notes: readonly TrailNote[];
  /** How many notes of the trail are not told. */
  readonly left: number;
  /** What is still to come, or at work. */
  readonly due: readonly DueStep[];
  /** Whether nothing of it is under way or still to come. */
  readonly settled: boolean;
}

/** A note and the notes that lead to it: none where a trail begins, several where one work took many messages. */
export type TrailNote = JournalNote & { readonly parents: readonly number[] };

export interface DueStep {
  readonly kind: string;
  readonly due: number;
  readonly cause: number;
}

/**
 * The trail of an event, a message, a request or a note, by its id or number; undefined when no note that is kept
 * knows it.
 */
export function trailOf(
  journal: Pick<Journal, 'list'>,
  agenda: Pick<Agenda, 'causedBy'>,
  id: string,
): Trail | undefined {
  const notes = journal.list();
  const links = linksOf(notes);
  const found = notes.filter((note) => knows(note, id));
  if (found.length === 0) return undefined;
  const others = new Set(found.flatMap(({ sent = [] }) => (sent.includes(id) ? sent : [])));
  others.delete(id);
  const up = reach(found, (number) => links.parents.get(number) ?? []);
  const down = reach(
    found.map((note) => eventOf(note, links)),
    (number) =>
      (links.children.get(number) ?? []).filter(
        (child) => !others.has(links.notes.get(child)!.detail?.about as string),
      ),
  );
  const numbers = [...new Set([...up, ...down])].sort((one, other) => one - other);
  const told = numbers.slice(0, MOST_NOTES);
  const isTold = new Set(told);
  const due = agenda
    .causedBy(down, MOST_DUE)
    .filter(({ kind }) => STEP.test(kind))
    .map(({ kind, due, cause }) => ({ kind, due, cause: cause! }));
  return {
    found: found.map(({ number }) => number),
    notes: told.map((number) => ({
      ...links.notes.get(number)!,
      parents: (links.parents.get(number) ?? []).filter((parent) => isTold.has(parent)),
    })),
    left: numbers.length - told.length,
    due,
    settled: due.length === 0 && told.every((number) => links.notes.get(number)!.outcome !== UNDER_WAY),
  };
}

/** What to say when no note knows an id. */
export function unknownTrail(id: string): string {
  return (
    `No note of the journal knows ${id}. It takes an event's id (PutEvents answers it), a message's, a request's ` +
    `(x-amzn-requestid, or a function's RequestId) or a note's number, and keeps the last ${CAPACITY.toLocaleString('en')} ` +
    'notes since the engine was started or reset.'
  );
}

/** An attempt of an asynchronous invocation stands for all of them: what caused the first. */
function eventOf(note: JournalNote, { notes }: Links): JournalNote {
  const attempt = notes.get(note.cause ?? -1);
  if (attempt?.kind !== 'due' || !attempt.subject.startsWith(ASYNCHRONOUS)) return note;
  return notes.get(attempt.cause ?? -1) ?? note;
}

interface Links {
  readonly notes: ReadonlyMap<number, JournalNote>;
  readonly parents: ReadonlyMap<number, readonly number[]>;
  readonly children: ReadonlyMap<number, readonly number[]>;
}

function linksOf(notes: readonly JournalNote[]): Links {
  const byNumber = new Map(notes.map((note) => [note.number, note]));
  const senders = new Map<string, number[]>();
  for (const { number, sent = [] } of notes) for (const id of sent) getOrMake(senders, id, () => []).push(number);
  const parents = new Map(
    notes.map((note) => [note.number, parentsOf(note, senders).filter((parent) => byNumber.has(parent))]),
  );
  const children = new Map<number, number[]>();
  for (const [number, above] of parents) {
    for (const parent of above) {
      getOrMake(children, parent, () => []).push(number);
    }
  }
  return { notes: byNumber, parents, children };
}

function parentsOf(
  { number, kind, subject, cause, detail, taken = [] }: JournalNote,
  senders: ReadonlyMap<string, readonly number[]>,
): number[] {
  // What was moved from queue to queue was sent more than once.
  const senderOf = (id: string) => senders.get(id)?.findLast((sender) => sender < number);
  // What waited in a lane was let go by the one before it, but sent by its own sender.
  const about = detail?.inLane === true ? senderOf(String(detail.about)) : undefined;
  if (about !== undefined) return [about];
  const from = new Set(taken.map(senderOf).filter((sender) => sender !== undefined));
  // Work on messages is caused by these, and a call that takes some by its caller too.
  const isOwn = kind === 'due' ? TICK.test(subject) : kind !== 'call' && taken.length > 0;
  if (cause !== undefined && !isOwn) from.add(cause);
  return [...from];
}

function knows({ number, requestId, sent, taken, subject, detail }: JournalNote, id: string): boolean {
  return (
    requestId === id ||
    sent?.includes(id) ||
    taken?.includes(id) ||
    String(number) === id ||
    subject.endsWith(` ${id}`) ||
    (detail !== undefined && Object.values(detail).includes(id))
  );
}

/** All that can be reached from some notes, themselves included. */
function reach(from: readonly JournalNote[], next: (number: number) => readonly number[]): Set<number> {
  const reached = new Set(from.map(({ number }) => number));
  for (const number of reached) for (const other of next(number)) reached.add(other);
  return reached;
}
