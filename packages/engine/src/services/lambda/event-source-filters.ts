/*
 * Filters of an event source mapping: event patterns, of which a message has to match one.
 *
 * Developer Guide, "Control which events Lambda sends to your function" and "Using event filtering with an Amazon SQS
 * event source": a body that is JSON is matched as such, and any other as a text.
 */
import type { FilterCriteria } from '@aws-sdk/client-lambda';
import {
  createMatcher,
  type EventPattern,
  EventPatternError,
  type Matcher,
  parsePattern,
} from '../../languages/event-pattern/index.ts';
import { invalidParameter } from './function.ts';

const MOST_FILTERS = 5;
/** In characters. */
const LONGEST_PATTERN = 4_096;

/** The patterns of a mapping's filters. Throws AWS's error for one that can't be read. */
export function checkFilters({ Filters = [] }: FilterCriteria): string[] {
  if (Filters.length > MOST_FILTERS) {
    throw invalidParameter(`Maximum number of filters exceeded. You can have at most ${MOST_FILTERS} filters.`);
  }
  return Filters.map(({ Pattern = '' }) => {
    parse(Pattern);
    return Pattern;
  });
}

/** Lists are values that never change: what they match is worked out once. */
const matchers = new WeakMap<readonly string[], Matcher<number>>();

/** Whether a message passes. The record is JSON text; so is the body, where that is an object or a list. */
export function passes(filters: readonly string[], record: string): boolean {
  let matcher = matchers.get(filters);
  if (!matcher) {
    matcher = createMatcher<number>();
    for (const [index, filter] of filters.entries()) matcher.add(index, parse(filter));
    matchers.set(filters, matcher);
  }
  return matcher.match(record).length > 0;
}

function parse(pattern: string): EventPattern {
  try {
    return parsePattern(pattern, LONGEST_PATTERN);
  } catch (error) {
    if (error instanceof EventPatternError) throw invalidParameter('Invalid filter pattern definition.');
    throw error;
  }
}
