/*
 * A whole pattern: objects of fields, down to arrays of what their values may be, and `$or`. It is read into its
 * alternatives, each a list of fields that must all be met: that is what `$or` means, and what AWS counts.
 *
 * AWS: "Creating event patterns", EventBridge/latest/userguide/eb-create-pattern.html; github.com/aws/event-ruler
 */

import type { Comparison } from './comparison.ts';
import { checkComplexity } from './complexity.ts';
import { EventPatternError } from './error.ts';
import { RESERVED_NAMES, takeComparisons } from './operators.ts';
import { Tokens } from './tokens.ts';

/** A field that an alternative names. */
export interface Field {
  /** The names that lead to it, joined by dots: `a.b` and `{a: {b: …}}` are the same field, as on AWS. */
  readonly path: string;
  /** What its value may be, as it was written: an array. */
  readonly text: string;
  /** What its value may be: one of these. */
  readonly comparisons: readonly Comparison[];
}

/** A pattern that has been read. */
export interface EventPattern {
  readonly text: string;
  /** An event matches when it meets every field of one of these. Fields are in the order of their paths. */
  readonly alternatives: readonly (readonly Field[])[];
}

/** The longest pattern: API Reference, PutRule and TestEventPattern. Nothing in it nests deeper than this allows. */
const MAX_LENGTH = 4096;
/** The most alternatives that `$or` may make. */
const MAX_ALTERNATIVES = 1000;

/** Fields met so far, by path. Of several that say something of the same field, the last one counts. */
type Alternative = Map<string, Field>;

/** Reads an event pattern; throws EventPatternError, with AWS's words, on one that AWS would refuse. */
export function parsePattern(text: string, maxLength = MAX_LENGTH): EventPattern {
  if (text.length > maxLength) throw new EventPatternError(`The pattern is longer than ${maxLength} characters`);
  const alternatives = readAlternatives(text).map((alternative) =>
    [...alternative.values()].sort((one, other) => (one.path < other.path ? -1 : 1)),
  );
  checkComplexity(new Set(alternatives.flat().map((field) => field.comparisons)));
  return { text, alternatives };
}

/** A pattern whose `$or` cannot be one may still have a field of that name. */
function readAlternatives(text: string): Alternative[] {
  try {
    return new Reader(text, true).read();
  } catch (error) {
    if (!text.includes('$or')) throw error;
    try {
      return new Reader(text, false).read();
    } catch {
      throw error;
    }
  }
}

class Reader {
  readonly #tokens: Tokens;
  readonly #readsOr: boolean;

  constructor(text: string, readsOr: boolean) {
    this.#tokens = new Tokens(text);
    this.#readsOr = readsOr;
  }

  read(): Alternative[] {
    const token = this.#tokens.next();
    if (token.type !== '{') throw this.#tokens.error('Filter is not an object', token);
    const alternatives = this.#object('', [new Map()], false);
    this.#tokens.end();
    return alternatives;
  }

  /** Adds the fields of an object to each of the alternatives so far. */
  #object(prefix: string, before: Alternative[], insideOr: boolean): Alternative[] {
    let alternatives = before;
    let token = this.#tokens.next();
    if (token.type === '}') throw this.#tokens.error('Empty objects are not allowed', token);
    for (; token.type === 'name'; token = this.#tokens.next()) {
      const name = token.text;
      if (this.#readsOr && name === '$or') {
        alternatives = this.#or(prefix, alternatives);
        continue;
      }
      if (insideOr && RESERVED_NAMES.has(name)) {
        throw this.#tokens.error(`${name} is Ruler reserved fieldName which cannot be used inside $or.`, token);
      }
      alternatives = this.#field(prefix + name, name, alternatives, insideOr);
    }
    return alternatives;
  }

  #field(path: string, name: string, before: Alternative[], insideOr: boolean): Alternative[] {
    const token = this.#tokens.next();
    if (token.type === '{') return this.#object(`${path}.`, before, insideOr);
    if (token.type !== '[') throw this.#tokens.error(`"${name}" must be an object or an array`, token);
    const comparisons = takeComparisons(this.#tokens);
    const field = { path, text: this.#tokens.textSince(token), comparisons };
    for (const alternative of before) alternative.set(path, field);
    return before;
  }

  #or(prefix: string, before: Alternative[]): Alternative[] {
    const start = this.#tokens.next();
    if (start.type !== '[') throw this.#tokens.error('It must be an Array followed with $or.', start);
    const alternatives: Alternative[] = [];
    let objects = 0;
    let token = this.#tokens.next();
    for (; token.type !== ']'; token = this.#tokens.next()) {
      if (token.type !== '{') {
        throw this.#tokens.error('Only JSON object is allowed in array of $or relationship.', token);
      }
      objects++;
      const copies = before.map((alternative) => new Map(alternative));
      alternatives.push(...this.#object(prefix, copies, true));
      if (alternatives.length > MAX_ALTERNATIVES) {
        throw new EventPatternError(`$or results in over ${MAX_ALTERNATIVES} rule combinations`);
      }
    }
    if (objects < 2) throw this.#tokens.error('There must have at least 2 Objects in $or relationship.', token);
    return alternatives;
  }
}
