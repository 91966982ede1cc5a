/* What JSON patterns and space-delimited patterns have in common: comparisons, and conditions made of them. */
import { parseRegex } from './regex.ts';
import { FilterPatternError, invalidTerm, type Scanner } from './scanner.ts';

/** A condition on a JSON document, on the fields of a line, or on one value. */
export type Condition<T> = (subject: T) => boolean;

/** `a && b || (c && d)`: && binds tighter than ||. */
export function takeCondition<T>(scanner: Scanner, takeSimple: () => Condition<T>): Condition<T> {
  const takeOne = () => {
    if (!scanner.take('(')) return takeSimple();
    const inner = takeCondition(scanner, takeSimple);
    scanner.expect(')');
    return inner;
  };
  const takeAll = () => {
    const all = [takeOne()];
    while (scanner.take('&&')) all.push(takeOne());
    return (subject: T) => all.every((condition) => condition(subject));
  };
  const any = [takeAll()];
  while (scanner.take('||')) any.push(takeAll());
  return (subject) => any.some((condition) => condition(subject));
}

/** How many regular expressions a pattern may have, as the quotas on AWS's page say. */
const MAX_REGEXES = 2;

const QUOTED = /"((?:[^"\\]|\\.)*)"/sy;
const REGEX = /%([^%]*)%/y;
const WORD = /(?:(?!&&|\|\|)[^\s"%()[\]{}<>=!,])+/y;
const UNQUOTED = /^[\w.*+\-:/#?;~]+$/;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Takes a phrase in double quotes, without them and with `\"` and `\\` undone. */
export function takeQuoted(scanner: Scanner): string | undefined {
  return scanner.takeMatch(QUOTED)?.[1]?.replace(/\\(["\\])/g, '$1');
}

/** Takes a regular expression between `%` signs. */
export function takeRegex(scanner: Scanner): Condition<string> | undefined {
  const match = scanner.takeMatch(REGEX);
  if (!match) return undefined;
  scanner.regexes++;
  if (scanner.regexes > MAX_REGEXES) throw new FilterPatternError();
  const regex = parseRegex(match[1]!);
  return (text) => regex.test(text);
}

/** Takes an operator and what a value is compared with. A value is a JSON string or number, or a field of a line. */
export function takeComparison(scanner: Scanner): Condition<string | number> {
  const operator = scanner.takeMatch(/<=|>=|!=|[=<>]/y)?.[0];
  if (operator === undefined) throw scanner.unexpected();
  if (operator === '=') return takeEquality(scanner);
  if (operator === '!=') {
    const equals = takeEquality(scanner);
    return (value) => !equals(value);
  }
  const bound = numberOf(takeWord(scanner));
  if (bound === undefined) throw new FilterPatternError();
  return (value) => {
    const number = numberOf(value);
    if (number === undefined) return false;
    if (operator === '<') return number < bound;
    if (operator === '<=') return number <= bound;
    return operator === '>' ? number > bound : number >= bound;
  };
}

function takeEquality(scanner: Scanner): Condition<string | number> {
  const regex = takeRegex(scanner);
  if (regex) return (value) => regex(String(value));
  const quoted = takeQuoted(scanner);
  if (quoted !== undefined) return textEquality(quoted);
  const word = takeWord(scanner);
  const wanted = numberOf(word);
  const equals = textEquality(word);
  if (wanted === undefined) return equals;
  return (value) => numberOf(value) === wanted || equals(value);
}

function takeWord(scanner: Scanner): string {
  const word = scanner.takeMatch(WORD)?.[0];
  if (word === undefined) throw scanner.unexpected();
  if (!UNQUOTED.test(word)) throw invalidTerm(word);
  return word;
}

/** An asterisk stands for any text at the ends of what is wanted, and for itself elsewhere. */
function textEquality(wanted: string): Condition<string | number> {
  const openStart = wanted.startsWith('*');
  const openEnd = wanted.endsWith('*') && wanted.length > 1;
  const text = wanted.slice(openStart ? 1 : 0, openEnd ? -1 : undefined);
  if (openStart && openEnd) return (value) => String(value).includes(text);
  if (openStart) return (value) => String(value).endsWith(text);
  if (openEnd) return (value) => String(value).startsWith(text);
  return (value) => String(value) === text;
}

function numberOf(value: string | number): number | undefined {
  if (typeof value === 'number') return value;
  return NUMBER.test(value) ? Number(value) : undefined;
}
