/*
 * A section of the report: it hears every note of the journal while the span runs, keeps sums and not the notes
 * themselves, and tells at the end what it made of them. Each service has one; sections.ts lists them.
 */
import type { Engine, JournalNote, Scope } from '../engine.ts';
import type { Meter } from './costs/usage.ts';

/** Time that is simulated. Moments are epoch milliseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What is taken for granted of a function instead of what was measured. */
export interface Assumption {
  readonly durationMs?: number;
  readonly memoryMb?: number;
}

/** What a section may ask while it listens. */
export interface Surroundings {
  readonly span: Span;
  /** The notes that are still kept: for the way back from an effect to its cause. */
  readonly journal: Pick<Engine['journal'], 'get'>;
  /** Takes down what AWS would charge for. */
  readonly meter: Meter;
  /** What is assumed of the function of a name. */
  assumptionOf(functionName: string): Assumption;
}

/** Something that the user should know: in a sentence, and what to do about it. */
export interface Finding {
  /** The ARN of what it is about. */
  readonly about: string;
  readonly text: string;
  /** A command that mends it. */
  readonly remedy?: string;
}

export interface Told<Data> {
  /** Plain data, in an order that does not depend on chance. */
  readonly data: Data;
  readonly findings?: readonly Finding[];
}

export interface Listener<Data> {
  hear(note: JournalNote): void;
  /** Once, when the span is over; the engine can be asked what there is, in all scopes that anything happened in. */
  tell(engine: Engine, scopes: readonly Scope[]): Told<Data> | Promise<Told<Data>>;
}

export type Section<Data> = (surroundings: Surroundings) => Listener<Data>;

/** All items of an operation that answers in pages. */
export async function allPages<Item, Token>(
  page: (token: Token | undefined) => Promise<{ items: readonly Item[] | undefined; next: Token | undefined }>,
): Promise<Item[]> {
  const all: Item[] = [];
  let token: Token | undefined;
  do {
    const { items = [], next } = await page(token);
    all.push(...items);
    token = next;
  } while (token !== undefined);
  return all;
}
