/*
 * The values of a field's array: plain ones, and match expressions such as `{"prefix": "a"}`. The reasons given for
 * refusing one are those of AWS's own rule compiler (github.com/aws/event-ruler).
 */
import { blockOf, parseAddress, parseBlock } from './address.ts';
import type { Comparison } from './comparison.ts';
import { lettersOf } from './letters.ts';
import { MAX_MICROS, microsOf } from './numbers.ts';
import type { NumberToken, StringToken, Token, Tokens } from './tokens.ts';
import { parseWildcard, type Wildcard } from './wildcard.ts';

/** Names that are no fields within `$or`: operators of the language, and those kept for its future. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([
  ...['exactly', 'equals-ignore-case', 'prefix', 'suffix', 'anything-but', 'exists', 'wildcard', 'numeric', 'cidr'],
  ...['=', '<', '<=', '>', '>=', 'regex', 'not-wildcard', 'not-equals-ignore-case'],
  ...['date-after', 'date-on-or-after', 'date-before', 'date-on-or-before', 'in-date-range'],
  ...['ip-address-in-range', 'ip-address-not-in-range'],
]);

const ONE_KEY = 'Only one key allowed in match expression';
const TOO_MANY = 'Too many elements in numeric expression';

/** Reads what follows a field's `[`, up to its `]`. Throws EventPatternError. */
export function takeComparisons(tokens: Tokens): Comparison[] {
  const comparisons: Comparison[] = [];
  let token = tokens.next();
  if (token.type === ']') throw tokens.error('Empty arrays are not allowed', token);
  for (; token.type !== ']'; token = tokens.next()) {
    comparisons.push(token.type === '{' ? takeExpression(tokens) : plainValue(tokens, token));
  }
  return comparisons;
}

function plainValue(tokens: Tokens, token: Token): Comparison {
  switch (token.type) {
    case 'string': {
      const address = parseAddress(token.text);
      return address ? { is: 'cidr', text: token.text, block: blockOf(address) } : exactly(token.text);
    }
    case 'number':
      return exactNumber(token.text);
    case 'true':
    case 'false':
    case 'null':
      return { is: 'word', text: token.text, bytes: Buffer.from(token.text) };
    default:
      throw tokens.error('Match value must be String, number, true, false, or null', token);
  }
}

function exactly(text: string): Comparison {
  return { is: 'string', text, bytes: Buffer.from(text) };
}

function exactNumber(text: string): Comparison {
  const micros = micro(text);
  if (Number.isNaN(micros)) return { is: 'digits', text, bytes: Buffer.from(text) };
  return { is: 'between', text: `= ${text}`, from: micros, to: micros };
}

function micro(text: string): number {
  return microsOf(Buffer.from(text), 0, text.length);
}

function takeExpression(tokens: Tokens): Comparison {
  const name = tokens.next();
  if (name.type !== 'name') throw tokens.error('Match expression name not found', name);
  const take = EXPRESSIONS[name.text];
  if (!take) throw tokens.error(`Unrecognized match type ${name.text}`, name);
  return take(tokens);
}

/** Each reads the value of an operator and the end of its expression. */
const EXPRESSIONS: Record<string, (tokens: Tokens) => Comparison> = {
  __proto__: null as never,
  exactly: (tokens) => exactly(takeOnly(tokens, 'exact match pattern must be a string')),
  prefix: (tokens) => takeAffix(tokens, 'prefix'),
  suffix: (tokens) => takeAffix(tokens, 'suffix'),
  'equals-ignore-case': (tokens) => {
    const text = takeOnly(tokens, 'equals-ignore-case match pattern must be a string');
    return { is: 'equals-ignore-case', text, letters: lettersOf(text) };
  },
  wildcard: (tokens) => {
    const token = takeString(tokens, tokens.next(), 'wildcard match pattern must be a string');
    const comparison = wildcard(tokens, token);
    takeEnd(tokens, ONE_KEY);
    return comparison;
  },
  cidr: (tokens) => {
    const text = takeString(tokens, tokens.next(), 'prefix match pattern must be a string').text;
    const block = parseBlock(text);
    takeEnd(tokens, ONE_KEY);
    return { is: 'cidr', text, block };
  },
  exists: (tokens) => {
    const token = tokens.next();
    if (token.type !== 'true' && token.type !== 'false') {
      throw tokens.error('exists match pattern must be either true or false.', token);
    }
    takeEnd(tokens, ONE_KEY);
    return { is: token.type === 'true' ? 'exists' : 'absent' };
  },
  numeric: (tokens) => {
    const token = tokens.next();
    if (token.type !== '[') throw tokens.error('Value of numeric must be an array.', token);
    const range = takeRange(tokens);
    takeEnd(tokens, TOO_MANY);
    return range;
  },
  'anything-but': takeAnythingBut,
};

function takeString(tokens: Tokens, token: Token, reason: string): StringToken {
  if (token.type !== 'string') throw tokens.error(reason, token);
  return token;
}

function takeEnd(tokens: Tokens, reason: string): void {
  const token = tokens.next();
  if (token.type !== '}') throw tokens.error(reason, token);
}

/** A string that is all that its expression says. */
function takeOnly(tokens: Tokens, reason: string): string {
  const { text } = takeString(tokens, tokens.next(), reason);
  takeEnd(tokens, ONE_KEY);
  return text;
}

/** `"a"`, or `{"equals-ignore-case": "a"}`. */
function takeAffix(tokens: Tokens, is: 'prefix' | 'suffix'): Comparison {
  const token = tokens.next();
  if (token.type !== '{') {
    const { text } = takeString(tokens, token, `${is} match pattern must be a string`);
    takeEnd(tokens, ONE_KEY);
    return { is, text, bytes: Buffer.from(text) };
  }
  const name = tokens.next();
  const kind = is === 'prefix' ? 'Prefix' : 'Suffix';
  if (name.type !== 'name') throw tokens.error(`${kind} expression name not found`, name);
  if (name.text !== 'equals-ignore-case') throw tokens.error(`Unsupported ${is} pattern: ${name.text}`, name);
  const text = takeOnly(tokens, 'equals-ignore-case match pattern must be a string');
  takeEnd(tokens, ONE_KEY);
  return { is: `${is}-ignore-case`, text, letters: lettersOf(text) };
}

function wildcard(tokens: Tokens, token: StringToken): Comparison {
  let parts: Wildcard;
  try {
    parts = parseWildcard(token.text);
  } catch (error) {
    throw tokens.error((error as Error).message, token, true);
  }
  return { is: 'wildcard', text: token.text, parts };
}

/** What `anything-but` may be applied to beside plain values, and why it refuses others. */
const EXCEPTIONS: Record<string, { reason: string; read: (tokens: Tokens, token: StringToken) => Comparison }> = {
  __proto__: null as never,
  'equals-ignore-case': {
    reason: 'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.',
    read: (_tokens, { text }) => ({ is: 'equals-ignore-case', text, letters: lettersOf(text) }),
  },
  prefix: { reason: 'prefix/suffix match pattern must be a string', read: exceptAffix('prefix') },
  suffix: { reason: 'prefix/suffix match pattern must be a string', read: exceptAffix('suffix') },
  wildcard: { reason: 'wildcard match pattern must be a string', read: wildcard },
};

function exceptAffix(is: 'prefix' | 'suffix') {
  return (tokens: Tokens, token: StringToken): Comparison => {
    if (token.text === '') throw tokens.error('Null prefix/suffix not allowed', token, true);
    return { is, text: token.text, bytes: Buffer.from(token.text) };
  };
}

function takeAnythingBut(tokens: Tokens): Comparison {
  let token = tokens.next();
  if (token.type !== '{') {
    const of = token.type === '[' ? takeExactList(tokens) : [exactException(tokens, checkException(tokens, token))];
    takeEnd(tokens, TOO_MANY);
    return { is: 'anything-but', of };
  }
  const name = tokens.next();
  if (name.type !== 'name') throw tokens.error('Anything-But expression name not found', name);
  const exception = EXCEPTIONS[name.text];
  if (!exception) throw tokens.error(`Unsupported anything-but pattern: ${name.text}`, name);
  token = checkException(tokens, tokens.next());
  const of: Comparison[] = [];
  const { reason, read } = exception;
  if (token.type !== '[') of.push(read(tokens, takeString(tokens, token, reason)));
  else {
    for (token = tokens.next(); token.type !== ']'; token = tokens.next()) {
      of.push(read(tokens, takeString(tokens, token, reason)));
    }
  }
  takeEnd(tokens, TOO_MANY);
  takeEnd(tokens, TOO_MANY);
  return { is: 'anything-but', of };
}

function checkException(tokens: Tokens, token: Token): Token {
  if (token.type === '[' || token.type === 'string' || token.type === 'number') return token;
  throw tokens.error('Value of anything-but must be an array or single string/number value.', token);
}

function takeExactList(tokens: Tokens): Comparison[] {
  const of: Comparison[] = [];
  const types = new Set<string>();
  let token = tokens.next();
  for (; token.type !== ']'; token = tokens.next()) {
    of.push(exactException(tokens, token));
    types.add(token.type);
  }
  if (types.size === 1) return of;
  const reason = 'Inside anything but list, either all values are number or string, mixed type is not supported';
  throw tokens.error(reason, token);
}

function exactException(tokens: Tokens, token: Token): Comparison {
  if (token.type === 'string') return exactly(token.text);
  if (token.type !== 'number') {
    throw tokens.error('Inside anything but list, start|null|boolean is not supported.', token);
  }
  const micros = comparable(tokens, token);
  return { is: 'between', text: `= ${token.text}`, from: micros, to: micros };
}

function comparable(tokens: Tokens, token: NumberToken): number {
  const micros = micro(token.text);
  if (Number.isNaN(micros)) throw tokens.error('Value must be between -5.0E9 and 5.0E9, inclusive', token);
  return micros;
}

/** A bound as an inclusive one: millionths are whole, so that the next one beyond is one away. */
interface Bound {
  readonly from: number;
  readonly to: number;
}

const BOUNDS: Record<string, (micros: number) => Bound> = {
  __proto__: null as never,
  '=': (micros) => ({ from: micros, to: micros }),
  '<': (micros) => ({ from: -MAX_MICROS, to: micros - 1 }),
  '<=': (micros) => ({ from: -MAX_MICROS, to: micros }),
  '>': (micros) => ({ from: micros + 1, to: MAX_MICROS }),
  '>=': (micros) => ({ from: micros, to: MAX_MICROS }),
};

/** `"=", 5`, or `">", 0, "<=", 5` with a lower bound, an upper one, or both in this order. */
function takeRange(tokens: Tokens): Comparison {
  const token = tokens.next();
  if (token.type !== 'string') throw tokens.error(`Invalid member in numeric match: ${textOf(token)}`, token);
  const operator = token.text;
  const bound = BOUNDS[operator];
  const value = tokens.next();
  if (!bound) throw tokens.error(`Unrecognized numeric range operator: ${operator}`, value);
  const low = takeNumber(tokens, value, operator === '=' ? 'equals' : operator);
  const next = tokens.next();
  if (next.type === ']') return { is: 'between', text: `${operator} ${low.text}`, ...bound(low.micros) };
  if (!operator.startsWith('>')) throw tokens.error(TOO_MANY, next);
  const high = takeUpperBound(tokens, next);
  if (low.micros >= high.micros) throw tokens.error('Bottom must be less than top', high.end);
  const text = `${operator} ${low.text}, ${high.text}`;
  return { is: 'between', text, from: bound(low.micros).from, to: high.to };
}

function takeUpperBound(tokens: Tokens, token: Token) {
  if (token.type !== 'string') throw tokens.error(`Bad value in numeric range: ${textOf(token)}`, token);
  const operator = token.text;
  if (operator !== '<' && operator !== '<=') {
    throw tokens.error(`Bad numeric range operator: ${operator}`, token, true);
  }
  const { micros, text } = takeNumber(tokens, tokens.next(), operator);
  const end = tokens.next();
  if (end.type !== ']') throw tokens.error('Too many terms in numeric range expression', end);
  return { micros, text: `${operator} ${text}`, to: BOUNDS[operator]!(micros).to, end };
}

function takeNumber(tokens: Tokens, token: Token, operator: string): { micros: number; text: string } {
  if (token.type !== 'number') throw tokens.error(`Value of ${operator} must be numeric`, token);
  return { micros: comparable(tokens, token), text: token.text };
}

function textOf(token: Token): string {
  return 'text' in token ? token.text : token.type;
}
