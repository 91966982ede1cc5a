/*
 * Patterns for unstructured log events: `ERROR "not found" -debug`, `?WARN ?ERROR`, `%40[134]%`.
 *
 * AWS: "Using filter patterns to match terms in unstructured log events",
 * AmazonCloudWatch/latest/logs/matching-terms-unstructured-log-events.html
 */
import { type Condition, takeQuoted, takeRegex } from './comparison.ts';
import { invalidTerm, type Scanner } from './scanner.ts';

const WORD = /[^\s"%]+/y;
const UNQUOTED = /^[\p{L}\p{N}_]+$/u;

/** Takes all terms to the pattern's end. No term at all matches every message. */
export function takeTerms(scanner: Scanner): Condition<string> {
  const required: Condition<string>[] = [];
  const optional: Condition<string>[] = [];
  while (!scanner.done) {
    if (scanner.take('?')) optional.push(takeTerm(scanner));
    else if (scanner.take('-')) required.push(not(takeTerm(scanner)));
    else required.push(takeTerm(scanner));
  }
  // AWS ignores optional terms that stand beside others.
  if (required.length === 0 && optional.length > 0) return (message) => optional.some((term) => term(message));
  return (message) => required.every((term) => term(message));
}

function takeTerm(scanner: Scanner): Condition<string> {
  const regex = takeRegex(scanner);
  if (regex) return regex;
  const quoted = takeQuoted(scanner);
  if (quoted === '') throw invalidTerm('""');
  const term = quoted ?? takeWord(scanner);
  return (message) => message.includes(term);
}

function takeWord(scanner: Scanner): string {
  const word = scanner.takeMatch(WORD)?.[0];
  if (word === undefined) throw scanner.unexpected();
  if (!UNQUOTED.test(word)) throw invalidTerm(word);
  return word;
}

function not(condition: Condition<string>): Condition<string> {
  return (message) => !condition(message);
}
