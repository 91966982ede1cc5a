import { describe, expect, test } from 'vitest';
import { createMatcher, EventPatternError, matchesPattern, parsePattern } from './index.ts';

function reasonOf(pattern: string): string {
  try {
    parsePattern(pattern);
  } catch (error) {
    expect(error).toBeInstanceOf(EventPatternError);
    return (error as Error).message.replace('Event pattern is not valid. Reason: ', '');
  }
  return 'none';
}

const matches = (pattern: unknown, event: unknown) =>
  matchesPattern(parsePattern(JSON.stringify(pattern)), JSON.stringify(event));

describe('what AWS refuses, in its words and by its positions', () => {
  test('as reported for PutRule (cloud-custodian issue 6507, buildkite docs pull request 896)', () => {
    const empty = '{"source": ["aws.health"], "detail": {}}';
    expect(() => parsePattern(empty)).toThrow(
      new EventPatternError(`Empty objects are not allowed\n at [Source: (String)"${empty}"; line: 1, column: 40]`),
    );
    const plain =
      '{\n  "detail-type": [ "Build Started" ],\n  "detail": {\n    "pipeline": {\n      "slug": "some-pipeline"\n    }\n  }\n}';
    expect(reasonOf(plain)).toBe(
      `"slug" must be an object or an array\n at [Source: (String)"${plain}"; line: 5, column: 16]`,
    );
  });

  test('with no more than the beginning of a long pattern', () => {
    const long = `{"a": ["${'x'.repeat(600)}"], "b": 1}`;
    expect(reasonOf(long)).toContain(
      `"${long.slice(0, 500)}"[truncated ${long.length - 500} chars]; line: 1, column: ${long.length}]`,
    );
  });

  // github.com/aws/event-ruler: JsonRuleCompiler, CIDR, ComparableNumber and WildcardParser give these reasons.
  test.each([
    ['[]', 'Filter is not an object', 2],
    ['"a"', 'Filter is not an object', 2],
    ['{"a": 1}', '"a" must be an object or an array', 8],
    ['{"a": null}', '"a" must be an object or an array', 11],
    ['{"a": []}', 'Empty arrays are not allowed', 9],
    ['{"a": [["b"]]}', 'Match value must be String, number, true, false, or null', 9],
    ['{"a": [{}]}', 'Match expression name not found', 10],
    ['{"a": [{"foo": "b"}]}', 'Unrecognized match type foo', 17],
    ['{"a": [{"toString": "b"}]}', 'Unrecognized match type toString', 22],
    ['{"a": [{"prefix": ["b"]}]}', 'prefix match pattern must be a string', 20],
    ['{"a": [{"prefix": {"suffix": "b"}}]}', 'Unsupported prefix pattern: suffix', 31],
    ['{"a": [{"suffix": {"equals-ignore-case": 1}}]}', 'equals-ignore-case match pattern must be a string', 43],
    ['{"a": [{"prefix": "b", "suffix": "c"}]}', 'Only one key allowed in match expression', 35],
    ['{"a": [{"equals-ignore-case": ["b"]}]}', 'equals-ignore-case match pattern must be a string', 32],
    ['{"a": [{"exists": "true"}]}', 'exists match pattern must be either true or false.', 20],
    ['{"a": [{"wildcard": 1}]}', 'wildcard match pattern must be a string', 22],
    ['{"a": [{"wildcard": "a**b"}]}', 'Consecutive wildcard characters at pos 2', 27],
    ['{"a": [{"wildcard": "é\\\\b"}]}', 'Invalid escape character at pos 3', 27],
    ['{"a": [{"wildcard": "b\\\\"}]}', 'Invalid escape character at pos 2', 26],
    ['{"a": [{"anything-but": null}]}', 'Value of anything-but must be an array or single string/number value.', 29],
    ['{"a": [{"anything-but": {"exists": true}}]}', 'Unsupported anything-but pattern: exists', 40],
    ['{"a": [{"anything-but": [null]}]}', 'Inside anything but list, start|null|boolean is not supported.', 30],
    ['{"a": [{"anything-but": {"prefix": ""}}]}', 'Null prefix/suffix not allowed', 38],
    ['{"a": [{"anything-but": {"suffix": [1]}}]}', 'prefix/suffix match pattern must be a string', 38],
    ['{"a": [{"anything-but": {"wildcard": 1}}]}', 'wildcard match pattern must be a string', 39],
    ['{"a": [{"numeric": 1}]}', 'Value of numeric must be an array.', 21],
    ['{"a": [{"numeric": [1]}]}', 'Invalid member in numeric match: 1', 22],
    ['{"a": [{"numeric": ["~", 1]}]}', 'Unrecognized numeric range operator: ~', 27],
    ['{"a": [{"numeric": ["<", "1"]}]}', 'Value of < must be numeric', 27],
    ['{"a": [{"numeric": ["<", 1, ">", 0]}]}', 'Too many elements in numeric expression', 30],
    ['{"a": [{"numeric": [">", 1, ">", 2]}]}', 'Bad numeric range operator: >', 32],
    ['{"a": [{"numeric": [">", 1, "<", 1]}]}', 'Bottom must be less than top', 36],
    ['{"a": [{"numeric": [">", 1, "<", 2, 3]}]}', 'Too many terms in numeric range expression', 38],
    ['{"a": [{"numeric": ["=", 5000000000.1]}]}', 'Value must be between -5.0E9 and 5.0E9, inclusive', 38],
    ['{"a": [{"anything-but": -6e9}]}', 'Value must be between -5.0E9 and 5.0E9, inclusive', 29],
    ['{"$or": [{"a": [1]}, {"b": 1}]}', '"b" must be an object or an array', 29],
    ['{"$or": [{"a": [1]}]}', 'There must have at least 2 Objects in $or relationship.', 21],
    ['{a: [1]}', "Unexpected character ('a' (code 97)): was expecting double-quote to start field name", 3],
    [
      '{"a": [1] "b": [1]}',
      "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries",
      12,
    ],
    [
      '{"a": [1}',
      `Unexpected close marker '}': expected ']' (for Array starting at [Source: (String)"{"a": [1}"; line: 1, column: 7])`,
      10,
    ],
    [
      '{"a": [tru]}',
      "Unrecognized token 'tru': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
      11,
    ],
    [
      '{"a": ["b\n"]}',
      'Illegal unquoted character ((CTRL-CHAR, code 10)): has to be escaped using backslash to be included in string value',
      1,
    ],
  ])('%s', (pattern, reason, column) => {
    const line = pattern.includes('\n') ? 2 : 1;
    expect(reasonOf(pattern)).toBe(`${reason}\n at [Source: (String)"${pattern}"; line: ${line}, column: ${column}]`);
  });

  test.each([
    ['10.0.0.0', "Malformed CIDR, one '/' required"],
    ['10.0.0.0/x', 'Malformed CIDR, mask bits must be an integer'],
    ['10.0.0.0/-1', 'Malformed CIDR, mask bits must not be negative'],
    ['10.0.0.0/32', 'IPv4 mask bits must be < 32'],
    ['::/128', 'IPv6 mask bits must be < 128'],
    ['10.0.0.256/8', 'Invalid IP address: 10.0.0.256'],
    ['here/8', 'Nonstandard IP address: here'],
  ])('cidr %s', (cidr, reason) => {
    expect(reasonOf(JSON.stringify({ a: [{ cidr }] }))).toBe(reason);
  });

  test('JSON that ends too early, at any place, and more after it', () => {
    const pattern = '{"a": ["b", 1.5e3, {"numeric": [">", -1]}], "$or": [{"c": [null]}, {"d": [true]}]}';
    expect(reasonOf(pattern)).toBe('none');
    for (let length = 0; length < pattern.length; length++) expect(reasonOf(pattern.slice(0, length))).not.toBe('none');
    expect(reasonOf(`${pattern} \n`)).toBe('none');
    expect(reasonOf(`${pattern}{`)).toContain('expected the end of the pattern');
  });

  test('more than 4096 characters (API Reference, TestEventPattern)', () => {
    expect(reasonOf(`{"a": ["${'x'.repeat(4085)}"]}`)).toBe('none');
    expect(reasonOf(`{"a": ["${'x'.repeat(4086)}"]}`)).toBe('The pattern is longer than 4096 characters');
    expect(reasonOf('{"a":'.repeat(800))).toContain('Unexpected end-of-input');
    expect(reasonOf(`{"a":${'['.repeat(4000)}`)).toContain('Match value must be String');
  });

  test('more than 1000 combinations of $or', () => {
    const or = (count: number) => ({ $or: Array.from({ length: count }, (_, index) => ({ a: [index] })) });
    expect(reasonOf(JSON.stringify({ a: or(10), b: or(10), c: or(10) }))).toBe('none');
    expect(reasonOf(JSON.stringify({ a: or(10), b: or(10), c: or(11) }))).toContain('over 1000 rule combinations');
    expect(reasonOf(JSON.stringify({ a: or(40), b: or(40), c: or(40) }))).toContain('over 1000 rule combinations');
  });

  test('wildcards that are too complex together (comparison operators: wildcard matching complexity)', () => {
    const stacks = (...names: string[]) =>
      reasonOf(JSON.stringify({ a: names.map((name) => ({ wildcard: `*:stack/${name}/*` })) }));
    expect(stacks('Shared', 'Api', 'Bench')).toBe('none');
    expect(stacks('Shared', 'Api', 'Bench', 'Monitoring')).toContain('Rule is too complex');
    expect(reasonOf('{"a": [{"wildcard": "*a*a*a*a*a*a*a*a*"}]}')).toContain('Rule is too complex');
    expect(reasonOf(JSON.stringify({ a: Array.from('abcdefgh', (name) => ({ wildcard: `${name}*.png` })) }))).toBe(
      'none',
    );
    const hostile = Array.from({ length: 40 }, (_, index) => ({
      wildcard: `*${'ab'.repeat(1 + (index % 7))}*${'ba'.repeat(1 + (index % 5))}*`,
    }));
    expect(reasonOf(JSON.stringify({ a: hostile }))).toContain('Rule is too complex');
  });
});

describe('what patterns mean, by the documentation of AWS', () => {
  test('fields joined by dots are those of nested objects, and the last of equal ones counts (eb-create-pattern)', () => {
    expect(matches({ detail: { 'state.status': ['running'] } }, { detail: { state: { status: 'running' } } })).toBe(
      true,
    );
    expect(matches({ detail: { state: { status: ['running'] } } }, { detail: { 'state.status': 'running' } })).toBe(
      true,
    );
    const twice = parsePattern('{"a": [1], "a": [2]}');
    expect([1, 2].map((a) => matchesPattern(twice, JSON.stringify({ a })))).toEqual([false, true]);
  });

  test('$or that cannot be one is a field of that name (event-ruler: backward compatibility of $or)', () => {
    expect(matches({ $or: { metricType: ['m'] } }, { $or: { metricType: 'm' } })).toBe(true);
    expect(matches({ $or: ['x', { prefix: 'y' }] }, { $or: 'yz' })).toBe(true);
    expect(matches({ $or: [{ prefix: 'x' }, { suffix: 'y' }] }, { $or: 'my' })).toBe(true);
  });

  test('$or beside other fields, twice, and nested (event-ruler: the $or primitive)', () => {
    const pattern = {
      source: ['aws.cloudwatch'],
      $or: [
        { metricName: ['CPUUtilization', 'ReadLatency'] },
        { metricType: ['MetricType'], $or: [{ metricId: [1234] }, { spaceId: [1000] }] },
      ],
    };
    const source = 'aws.cloudwatch';
    expect(matches(pattern, { source, metricName: 'ReadLatency' })).toBe(true);
    expect(matches(pattern, { source, metricType: 'MetricType', spaceId: 1000 })).toBe(true);
    expect(matches(pattern, { source, metricType: 'MetricType' })).toBe(false);
    expect(matches(pattern, { metricName: 'ReadLatency' })).toBe(false);
  });

  test('numbers by what they are, to six digits after the point, between -5e9 and 5e9; others by their text', () => {
    const meets = (wanted: string, value: string) =>
      matchesPattern(parsePattern(`{"a": [${wanted}]}`), `{"a": ${value}}`);
    for (const value of ['300', '300.0', '3.0e2', '3E+2', '30000e-2', '0.3e3', '300.0000001'])
      expect(meets('300', value)).toBe(true);
    for (const value of ['300.000001', '"300"', '-300']) expect(meets('300', value)).toBe(false);
    expect(meets('0', '-0.0')).toBe(true);
    expect(meets('123456789012', '123456789012')).toBe(true);
    expect(meets('123456789012', '123456789012.0')).toBe(false);
    expect(meets('{"numeric": [">", 4999999999.999999]}', '5000000000')).toBe(true);
    expect(meets('{"numeric": [">", 0]}', '5000000001')).toBe(false);
    expect(meets('{"numeric": [">", 0]}', '1e999999999999')).toBe(false);
    expect(meets('{"numeric": ["<", 0.000001]}', '1e-999999999999')).toBe(true);
    expect(meets('{"numeric": ["=", 0.1]}', '0.10')).toBe(true);
  });

  test('addresses in whatever way they are written', () => {
    expect(matches({ a: ['2001:db8::1'] }, { a: '2001:0DB8:0:0:0:0:0:1' })).toBe(true);
    expect(matches({ a: [{ cidr: '10.0.0.77/24' }] }, { a: '10.0.0.1' })).toBe(true);
    expect(matches({ a: [{ cidr: '10.0.0.0/24' }] }, { a: '10.0.1.1' })).toBe(false);
    expect(matches({ a: ['12:30:45'] }, { a: '12:30:45' })).toBe(true);
    expect(matches({ a: ['1.2.3.4.5'] }, { a: '1.2.3.4.5' })).toBe(true);
  });

  test('case by both forms of each character', () => {
    const meets = (wanted: string, value: string) => matches({ a: [{ 'equals-ignore-case': wanted }] }, { a: value });
    expect(meets('straße', 'STRASSE')).toBe(true);
    expect(meets('ÉCOLE', 'école')).toBe(true);
    expect(meets('k', '\u212a')).toBe(false);
  });

  test('case of every character, among patterns for all others', () => {
    const matcher = createMatcher();
    const chars = Array.from({ length: 0xd800 }, (_, code) => String.fromCharCode(code)).filter(
      (char) => char.toLowerCase() !== char.toUpperCase(),
    );
    for (const char of chars) matcher.add(char, parsePattern(JSON.stringify({ a: [{ 'equals-ignore-case': char }] })));
    for (const char of chars) {
      expect(matcher.match(JSON.stringify({ a: char.toLowerCase() }))).toContain(char);
      expect(matcher.match(JSON.stringify({ a: char.toUpperCase() }))).toContain(char);
    }
  });

  test('elements of one array are not mixed (event-ruler: JSON array matching)', () => {
    const employees = [
      { firstName: 'John', lastName: 'Doe' },
      { firstName: 'Anna', lastName: 'Smith' },
      { firstName: 'Peter', lastName: 'Jones' },
    ];
    const named = (firstName: string, lastName: string) => ({
      employees: { firstName: [firstName], lastName: [lastName] },
    });
    for (const event of [{ employees }, { employees: [employees.slice(0, 2), employees.slice(2)] }]) {
      expect(matches(named('Anna', 'Smith'), event)).toBe(true);
      expect(matches(named('Anna', 'Jones'), event)).toBe(false);
    }
  });
});
