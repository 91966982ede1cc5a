/*
 * How much work the wildcards of a field could make: the most beginnings of them that one text could be in the middle
 * of at the same time. AWS refuses rules above some measure of this kind, which its rule compiler describes
 * (github.com/aws/event-ruler, "Matching with a Machine") but whose bound is not published. Three wildcards of the
 * shape `*:stack/NAME/*` on one field, which come to 9, are known to be taken, and four, which come to 12, not to be.
 */
import type { Comparison } from './comparison.ts';
import { EventPatternError } from './error.ts';
import type { Wildcard } from './wildcard.ts';

const MAX_COMPLEXITY = 10;
/** The most ways of being in the middle that are looked at for one pattern; one with more is too complex by that. */
const MAX_SITUATIONS = 20_000;

/** What a place stands for: a byte, any bytes for a star, or nothing after the last quote. */
const ANY = -1;
const END = -2;
const QUOTE = 0x22;

/** Places of a field's wildcards, laid end to end, that a text has led to. */
type Situation = readonly number[];

/** Throws EventPatternError when the wildcards of one of these fields are too complex together. */
export function checkComplexity(fields: Iterable<readonly Comparison[]>): void {
  let situations = 0;
  for (const comparisons of fields) {
    const wildcards = comparisons.flatMap((comparison) => (comparison.is === 'wildcard' ? [comparison.parts] : []));
    if (wildcards.length > 0) situations += countSituations(wildcards, MAX_SITUATIONS - situations);
  }
}

/** Throws when there are more than `most`, or when in one of them too many wildcards could still come true. */
function countSituations(wildcards: readonly Wildcard[], most: number): number {
  const steps: number[] = [];
  const starts = wildcards.map((wildcard) => {
    const start = steps.length;
    steps.push(...stepsOf(wildcard));
    return start;
  });
  const first = entered(steps, starts);
  const seen = new Set([first.join()]);
  const queue = [first];
  for (const situation of queue) {
    if (situation.length > MAX_COMPLEXITY || queue.length > most) throw new EventPatternError(TOO_COMPLEX);
    for (const byte of new Set([ANY, ...situation.map((place) => steps[place + 1]!)])) {
      const next = advanced(steps, situation, byte);
      const key = next.join();
      if (byte === END || seen.has(key)) continue;
      seen.add(key);
      queue.push(next);
    }
  }
  return queue.length;
}

const TOO_COMPLEX =
  'Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character';

/** A wildcard with its quotes, step by step. */
function stepsOf(wildcard: Wildcard): number[] {
  return [QUOTE, ...wildcard.flatMap((part, index) => (index === 0 ? [...part] : [ANY, ...part])), QUOTE, END];
}

/** The situation that a byte leads to; `ANY` is a byte that no wildcard names here. */
function advanced(steps: readonly number[], situation: Situation, byte: number): Situation {
  const next: number[] = [];
  for (const place of situation) {
    if (steps[place] === ANY) next.push(place);
    if (byte !== ANY && steps[place + 1] === byte) next.push(place + 1);
  }
  return entered(steps, next);
}

/** Places in order, and the stars that begin right after them: a star may stand for nothing. */
function entered(steps: readonly number[], places: readonly number[]): Situation {
  const all = new Set(places);
  for (const place of places) if (steps[place + 1] === ANY) all.add(place + 1);
  return [...all].sort((one, other) => one - other);
}
