/*
 * The matcher against the naive meaning of patterns (reference.fixture.ts), over generated patterns and events: any
 * blanks, any escapes, numbers in any form, equal names, arrays of objects, JSON that is none.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMatcher, EventError, matchesPattern, parsePattern } from './index.ts';
import { referenceMatches } from './reference.fixture.ts';

const NAMES = ['ü', 'x-y', '', 'x"\\', '__proto__'];
const TEXTS = [
  '',
  'a',
  'ab',
  'abc',
  'bab',
  'Ab',
  'É',
  'é',
  '𝒳',
  'x*',
  'a\\',
  '"',
  '10.0.0.1',
  '10.1.2.3',
  '::1',
  '1',
  'null',
];
const NUMBERS = [0, 1, -1, 2.5, 300, 0.000001, 1e-3, 5e9, -5e9, 123456789012, 4999999999.999999];

const nameOf = (...others: string[]) =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom('a', 'b', 'c') },
    { weight: 1, arbitrary: fc.constantFrom(...NAMES, ...others) },
  );
// Events have no `d`, so that a field is not also what two names joined by a dot lead to.
const name = nameOf('d.e');
const patternName = nameOf('d', 'e', 'd.e', 'a.b');
const text = fc.constantFrom(...TEXTS);
const number = fc.constantFrom(...NUMBERS);
const comparable = fc.constantFrom(...NUMBERS.filter((value) => Math.abs(value) <= 5e9));
const scalar = fc.oneof(text, number, fc.constantFrom(true, false, null));

/* Events, as JSON text. */

const blank = fc.oneof(
  { weight: 6, arbitrary: fc.constant('') },
  { weight: 1, arbitrary: fc.constantFrom(' ', '\n\t', '\r\n  ') },
);

/** Each character as it stands where it can, or escaped. */
const written = (value: string) =>
  fc.array(fc.nat(7), { minLength: value.length, maxLength: value.length }).map((choices) => {
    const units = Array.from({ length: value.length }, (_, index) => {
      const unit = value[index]!;
      const code = value.charCodeAt(index).toString(16).padStart(4, '0');
      if (choices[index] === 0) return `\\u${choices.length % 2 ? code : code.toUpperCase()}`;
      return JSON.stringify(unit).slice(1, -1);
    });
    // A pair of surrogates is escaped as a whole or not at all.
    const escapesAll = choices.includes(0) || !/[\ud800-\udfff]/.test(value);
    return `"${escapesAll ? units.join('') : JSON.stringify(value).slice(1, -1)}"`;
  });

const writtenNumber = (value: number) => {
  const plain = JSON.stringify(value);
  if (Math.abs(value) > 5e9 || plain.includes('e')) return fc.constant(plain);
  const [whole, decimals = ''] = plain.split('.');
  return fc.constantFrom(
    plain,
    `${whole}.${decimals}0`,
    `${plain}e0`,
    `${plain}E+00`,
    `${value < 0 ? '-' : ''}0.${Math.abs(Number(whole))}${decimals}e${String(Math.abs(Number(whole))).length}`,
  );
};

const writtenScalar = scalar.chain((value) => {
  if (typeof value === 'string') return written(value);
  return typeof value === 'number' ? writtenNumber(value) : fc.constant(String(value));
});

const spaced = (open: string, close: string, items: fc.Arbitrary<string>, maxLength: number) =>
  fc
    .tuple(fc.array(fc.tuple(blank, items, blank), { maxLength }), blank)
    .map(([list, inner]) => `${open}${list.length ? list.map((parts) => parts.join('')).join(',') : inner}${close}`);

const { object } = fc.letrec<{ value: string; object: string; array: string; member: string }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, writtenScalar, tie('object'), tie('array')),
  array: spaced('[', ']', tie('value'), 4),
  member: fc
    .tuple(name.chain(written), blank, blank, tie('value'))
    .map(([key, before, after, value]) => `${key}${before}:${after}${value}`),
  object: spaced('{', '}', tie('member'), 6),
}));
const event = fc.tuple(blank, object, blank).map((parts) => parts.join(''));

/* Patterns. */

const wildcard = fc.constantFrom('', '*', 'a*', '*b', 'a*b', '*a*', 'x\\*', 'a\\\\', 'abc');
const word = text.filter((value) => value !== '');
const oneOrMore = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof(arbitrary, fc.array(arbitrary, { minLength: 1, maxLength: 3 }));
const range = fc.oneof(
  fc.tuple(fc.constantFrom('=', '<', '<=', '>', '>='), comparable),
  fc
    .tuple(fc.constantFrom('>', '>='), comparable, fc.constantFrom('<', '<='), comparable)
    .filter(([, low, , high]) => low < high),
);
const expression = fc.oneof(
  fc.record({ exists: fc.boolean() }),
  fc.record({ prefix: fc.oneof(text, fc.record({ 'equals-ignore-case': text })) }),
  fc.record({ suffix: fc.oneof(text, fc.record({ 'equals-ignore-case': text })) }),
  fc.record({ 'equals-ignore-case': text }),
  fc.record({ wildcard }),
  // Two open bounds a millionth apart, or one at the very end, leave nothing, which AWS takes for a range all the same.
  fc.record({ numeric: range }),
  fc.record({ cidr: fc.constantFrom('10.0.0.0/8', '10.0.0.77/24', '10.0.0.0/31', '::/64', '0.0.0.0/0') }),
  fc.record({
    'anything-but': fc.oneof(
      oneOrMore(text),
      oneOrMore(comparable),
      fc.record({ prefix: oneOrMore(word) }),
      fc.record({ suffix: oneOrMore(word) }),
      fc.record({ wildcard: oneOrMore(wildcard) }),
      fc.record({ 'equals-ignore-case': oneOrMore(text) }),
    ),
  }),
);
const values = fc.array(fc.oneof(scalar, expression), { minLength: 1, maxLength: 3 });
/** Objects of fields, so many levels deep, with `$or` here and there. */
function fieldsOf(levels: number): fc.Arbitrary<object> {
  const below = levels === 0 ? undefined : fieldsOf(levels - 1);
  const value = below ? fc.oneof({ weight: 2, arbitrary: values }, { weight: 1, arbitrary: below }) : values;
  const members = fc.dictionary(patternName, value, { minKeys: 1, maxKeys: 3 });
  if (!below) return members;
  const or = fc.array(below, { minLength: 2, maxLength: 3 });
  return fc.oneof(
    { weight: 5, arbitrary: members },
    { weight: 1, arbitrary: fc.tuple(members, or).map(([object, $or]) => ({ ...object, $or })) },
    { weight: 1, arbitrary: or.map(($or) => ({ $or })) },
  );
}
const fields = fieldsOf(2).filter((pattern) => JSON.stringify(pattern).length < 4096);

/** Whether a pattern matches, or EventError where the event is none. */
function outcome(of: () => boolean): unknown {
  try {
    return of();
  } catch (error) {
    return error instanceof EventError || error instanceof SyntaxError ? 'refused' : error;
  }
}

describe('the matcher means what patterns mean', () => {
  test('over sets of patterns and events, patterns coming and going', () => {
    let [pairs, matches] = [0, 0];
    const change = fc.record({ id: fc.nat(7), pattern: fc.option(fields, { freq: 4, nil: undefined }), event });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 20 }), fc.boolean(), (changes, asBytes) => {
        const matcher = createMatcher<number>();
        const patterns = new Map<number, unknown>();
        for (const { id, pattern, event } of changes) {
          if (pattern) {
            patterns.set(id, pattern);
            matcher.add(id, parsePattern(JSON.stringify(pattern)));
          } else expect(matcher.remove(id)).toBe(patterns.delete(id));
          expect(matcher.size).toBe(patterns.size);
          const wanted = [...patterns].filter(([, one]) => referenceMatches(one, event)).map(([one]) => one);
          expect(matcher.match(asBytes ? Buffer.from(event) : event)).toEqual(wanted);
          pairs += patterns.size;
          matches += wanted.length;
        }
      }),
      { numRuns: 1000, endOnFailure: true },
    );
    expect(pairs).toBeGreaterThan(10_000);
    expect(matches).toBeGreaterThan(500);
  });

  test('over arrays of arrays and objects, with fields that must be there together, or not', () => {
    const few = fc.constantFrom('a', 'b', 'c');
    const { members } = fc.letrec<{ value: unknown; members: object }>((tie) => ({
      value: fc.oneof({ maxDepth: 5 }, fc.constantFrom(1, 2), tie('members'), fc.array(tie('value'), { maxLength: 3 })),
      members: fc.dictionary(few, tie('value'), { maxKeys: 3 }),
    }));
    const leaf = fc.constantFrom<unknown>(
      ...[[1], [2], [{ exists: true }], [{ exists: false }], [1, { exists: false }]],
      [{ 'anything-but': 1 }, { exists: false }],
    );
    const below = fc.dictionary(few, leaf, { minKeys: 1, maxKeys: 3 });
    const pattern = fc.dictionary(few, fc.oneof(leaf, below), { minKeys: 1, maxKeys: 3 });
    let matches = 0;
    fc.assert(
      fc.property(pattern, members, (pattern, event) => {
        const text = JSON.stringify(event);
        const wanted = referenceMatches(pattern, text);
        expect(matchesPattern(parsePattern(JSON.stringify(pattern)), text)).toBe(wanted);
        if (wanted && text.includes('[{')) matches++;
      }),
      { numRuns: 10_000 },
    );
    expect(matches).toBeGreaterThan(100);
  });

  test('and refuses what JSON.parse refuses, wherever it stands', () => {
    const damage = fc.record({
      at: fc.nat(),
      cut: fc.nat(2),
      insert: fc.constantFrom(
        ...['', '"', '\\', '\\u00', '{', '}', '[', ']', ',', ':', '0', '-', '.', 'e', 'tru', '\t', '\u0001'],
      ),
    });
    const seen = new Set<unknown>();
    fc.assert(
      fc.property(fields, event, fc.array(damage, { minLength: 1, maxLength: 2 }), (pattern, event, damages) => {
        const damaged = damages.reduce((text, { at, cut, insert }) => {
          const place = at % (text.length + 1);
          return text.slice(0, place) + insert + text.slice(place + cut);
        }, event);
        const wanted = outcome(() => referenceMatches(pattern, damaged));
        expect(outcome(() => matchesPattern(parsePattern(JSON.stringify(pattern)), damaged))).toBe(wanted);
        seen.add(wanted);
      }),
      { numRuns: 4000, endOnFailure: true },
    );
    expect(seen).toEqual(new Set([true, false, 'refused']));
  });
});

describe('events of any size', () => {
  const pattern = parsePattern('{"detail": {"items": {"id": ["wanted"], "kind": ["x"]}}}');
  const items = (count: number, last: object) =>
    JSON.stringify({ detail: { items: [...Array.from({ length: count }, (_, id) => ({ id, kind: 'x' })), last] } });

  test('large ones, one after the other and after small ones', () => {
    const matcher = createMatcher();
    matcher.add('rule', pattern);
    for (const count of [0, 20_000, 3, 100_000, 0]) {
      expect(matcher.match(items(count, { id: 'wanted', kind: 'x' }))).toEqual(['rule']);
      expect(matcher.match(items(count, { id: 'wanted', kind: 'y' }))).toEqual([]);
    }
  });

  test('deep ones, up to the depth of the parser of AWS', () => {
    const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
    const unseen = (levels: number) => `{"b":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    const deep = parsePattern(`${'{"a":'.repeat(300)}[1]${'}'.repeat(300)}`);
    expect(matchesPattern(deep, nested(300))).toBe(true);
    expect(matchesPattern(deep, nested(1000))).toBe(false);
    expect(matchesPattern(deep, unseen(1000))).toBe(false);
    for (const event of [nested(1001), unseen(1001), nested(100_000)]) {
      expect(() => matchesPattern(deep, event)).toThrow('Event is nested more than 1000 levels deep');
    }
  });

  test('text with characters of all lengths', () => {
    const text = 'é𝒳中'.repeat(10_000);
    const event = JSON.stringify({ text });
    expect(matchesPattern(parsePattern('{"text": [{"suffix": "𝒳中"}]}'), event)).toBe(true);
    expect(matchesPattern(parsePattern('{"text": [{"wildcard": "é*中é*中"}]}'), Buffer.from(event))).toBe(true);
  });

  test('what is no object', () => {
    const any = parsePattern('{"a": [{"exists": false}]}');
    for (const event of ['', ' ', '[]', '"a"', 'null', '1']) {
      expect(() => matchesPattern(any, event)).toThrow(new EventError('Event must be a JSON object'));
    }
    expect(() => matchesPattern(any, '{"a":\n 1,}')).toThrow('Event is not valid JSON: unexpected byte 9 in line 2');
    expect(() => matchesPattern(any, '{"a": 1')).toThrow('Event is not valid JSON: it ends too early');
  });
});

describe('patterns and events made to be slow', () => {
  // Each of these would take ages if choices were tried one by one.
  test('many arrays, none of which helps another', () => {
    const names = Array.from({ length: 12 }, (_, index) => `n${index}`);
    const event = Object.fromEntries(
      names.map((name) => [name, Array.from({ length: 50 }, (_, x) => ({ x, y: -x - 1 }))]),
    );
    const pattern = Object.fromEntries(names.map((name) => [name, { x: [{ exists: true }], y: [{ exists: true }] }]));
    const last = { z: { x: [3], y: [-3] } };
    const elements = { z: [{ x: 3 }, { y: -3 }] };
    expect(
      matchesPattern(parsePattern(JSON.stringify({ ...pattern, ...last })), JSON.stringify({ ...event, ...elements })),
    ).toBe(false);
    expect(matchesPattern(parsePattern(JSON.stringify(pattern)), JSON.stringify(event))).toBe(true);
  });

  test('arrays in arrays in arrays', () => {
    let event: unknown = { x: 1 };
    for (let level = 0; level < 12; level++) event = [event, event];
    const pattern = parsePattern('{"a": {"x": [1], "y": [{"exists": false}], "z": [1]}}');
    expect(matchesPattern(pattern, JSON.stringify({ a: event }))).toBe(false);
  });

  test('wildcards over texts that nearly match', () => {
    const pattern = parsePattern('{"a": [{"wildcard": "*aab*aac*"}, {"anything-but": {"prefix": "a"}}]}');
    expect(matchesPattern(pattern, JSON.stringify({ a: 'a'.repeat(1_000_000) }))).toBe(false);
  });

  test('a name again and again', () => {
    const event = `{${'"a": [1, 2], '.repeat(100_000)}"a": 3}`;
    expect(matchesPattern(parsePattern('{"a": [1]}'), event)).toBe(false);
    expect(matchesPattern(parsePattern('{"a": [3]}'), event)).toBe(true);
  });

  test('a thousand alternatives that differ little', () => {
    const or = (name: string) => ({ $or: Array.from({ length: 10 }, (_, index) => ({ [name]: [index] })) });
    const pattern = { a: or('x'), b: or('x'), c: or('x') };
    const event = (x: number) => JSON.stringify({ a: { x }, b: { x: 9 }, c: [{ x: 9 }, { x: 12 }] });
    expect(matchesPattern(parsePattern(JSON.stringify(pattern)), event(9))).toBe(true);
    expect(matchesPattern(parsePattern(JSON.stringify(pattern)), event(10))).toBe(false);
  });
});

describe('many rules', () => {
  test('come in the order in which their ids were first added', () => {
    const matcher = createMatcher();
    const pattern = parsePattern('{"a": [1]}');
    for (const id of ['x', 'c', 'b']) matcher.add(id, pattern);
    matcher.add('c', parsePattern('{"a": [{"exists": true}]}'));
    expect(matcher.match('{"a": 1}')).toEqual(['x', 'c', 'b']);
    matcher.remove('x');
    matcher.add('x', pattern);
    expect(matcher.match('{"a": 1}')).toEqual(['c', 'b', 'x']);
    expect(matcher.match('{"a": 2}')).toEqual(['c']);
  });

  test('each found by what it alone asks for', () => {
    const matcher = createMatcher<number>();
    const asked = (rule: number): unknown[] => {
      const text = `value-${rule}`;
      const kinds: unknown[] = [
        text,
        rule,
        { prefix: `${text}/` },
        { suffix: `/${text}` },
        { 'equals-ignore-case': `${text}!` },
      ];
      kinds.push({ numeric: ['>', rule + 0.25, '<', rule + 0.75] }, { cidr: `10.${rule >> 8}.${rule & 255}.0/24` });
      kinds.push({ wildcard: `*/${text}/*` }, { 'anything-but': { prefix: 'a' } });
      return [kinds[rule % kinds.length]];
    };
    for (let rule = 0; rule < 1000; rule++)
      matcher.add(rule, parsePattern(JSON.stringify({ s: ['app'], v: asked(rule) })));
    const values = [
      'value-0',
      1,
      'value-2/x',
      'x/value-3',
      'VALUE-4!',
      5.5,
      '10.0.6.7',
      'a/value-7/b',
      'value-9',
      null,
    ];
    for (const v of values) {
      const wanted = Array.from({ length: 1000 }, (_, rule) => rule).filter((rule) =>
        referenceMatches({ s: ['app'], v: asked(rule) }, JSON.stringify({ s: 'app', v })),
      );
      expect(wanted.length).toBeGreaterThan(0);
      expect(matcher.match(JSON.stringify({ s: 'app', v }))).toEqual(wanted);
      expect(matcher.match(JSON.stringify({ s: 'other', v }))).toEqual([]);
    }
  });
});
