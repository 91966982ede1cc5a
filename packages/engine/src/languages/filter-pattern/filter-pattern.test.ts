/* Examples are those of AWS's pages; what they say in prose stands here as a table. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FilterPatternError, parseFilterPattern } from './index.ts';

function chosen(pattern: string, messages: readonly string[]): string[] {
  const compiled = parseFilterPattern(pattern);
  return messages.filter((message) => compiled.matches(message));
}

function matches(pattern: string, message: string): boolean {
  return parseFilterPattern(pattern).matches(message);
}

function complaint(pattern: string): string | undefined {
  try {
    parseFilterPattern(pattern);
    return undefined;
  } catch (error) {
    if (error instanceof FilterPatternError) return error.message;
    throw error;
  }
}

describe('unstructured patterns (matching-terms-unstructured-log-events.html)', () => {
  const both = 'ERROR WARN message';
  const error = 'ERROR message';
  const warning = 'WARN message';
  const lines = [both, error, warning];

  it.each([
    ['', lines],
    ['   ', lines],
    ['ERROR', [both, error]],
    ['ERROR WARN', [both]],
    ['?ERROR ?WARN', lines],
    ['?ERROR ?nothing', [both, error]],
    ['ERROR -WARN', [error]],
    ['"ERROR" - "WARN"', [error]],
    ['-ERROR', [warning]],
    ['-ERROR -WARN', []],
    ['"ERROR message"', [error]],
    ['error', []],
    ['RROR', [both, error]],
    [String.raw`%^ERROR\sm%`, [error]],
  ])('%s', (pattern, expected) => {
    expect(chosen(pattern, lines)).toEqual(expected);
  });

  it('takes a term within a longer word', () => {
    expect(matches('ERROR', 'Exiting with ERRORCODE: -1')).toBe(true);
    expect(matches('ERROR -Exiting', 'Exiting with ERRORCODE: -1')).toBe(false);
  });

  it('ignores optional terms beside required or excluded ones', () => {
    expect(matches('?ERROR message', warning)).toBe(true);
    expect(matches('?ERROR -nothing', warning)).toBe(true);
  });

  it('undoes escapes in quotes', () => {
    expect(matches(String.raw`"say \"hi\""`, 'say "hi" now')).toBe(true);
    expect(matches(String.raw`"C:\\temp"`, String.raw`in C:\temp`)).toBe(true);
  });

  it.each([
    ['email@domain.com', "Invalid character(s) in term 'email@domain.com'"],
    ['""', 'Invalid character(s) in term \'""\''],
    ['-', 'Invalid filter pattern'],
    ['ERROR ?', 'Invalid filter pattern'],
    ['"open', "Invalid character(s) in term '\"open'"],
    ['%open', "Invalid character(s) in term '%open'"],
    ['%two words%', "Invalid character(s) in term '%two words%'"],
    ['%something!%', "Invalid character(s) in term '%something!%'"],
    ['a'.repeat(1025), 'Invalid filter pattern'],
    ['%a% %b% %c%', 'Invalid filter pattern'],
  ])('refuses %s', (pattern, message) => {
    expect(complaint(pattern)).toBe(message);
  });
});

describe('JSON patterns (matching-terms-json-log-events.html)', () => {
  const event = JSON.stringify({
    eventType: 'UpdateTrail',
    sourceIPAddress: '111.111.111.111',
    arrayKey: ['value', 'another value'],
    objectList: [
      { name: 'a', id: 1 },
      { name: 'b', id: 2 },
    ],
    SomeObject: null,
    cluster: { name: 'c' },
    'cluster.name': 'dotted',
    ThisFlag: true,
    recipientAccountId: '123456789012',
    latency: 55.5,
    coordinates: [
      [0, 1, 2],
      [4, 5, 6],
    ],
    user: { id: 1, email: 'John.Stiles@example.com' },
    users: [
      { id: 2, email: 'John.Doe@example.com' },
      { id: 3, email: 'Jane.Doe@example.com' },
    ],
    actions: ['GET', 'PUT', 'DELETE'],
    literal: 'Ev*ent',
  });

  it.each([
    '{ $.eventType = "UpdateTrail" }',
    '{$.eventType=UpdateTrail}',
    '{ $.eventType = Update* }',
    '{ $.eventType = "*Trail" }',
    '{ $.eventType = *dateTr* }',
    '{ $.eventType = * }',
    '{ $.eventType = "*" }',
    '{ $.eventType = %Trail$% }',
    '{ $.eventType != %^Trail% }',
    '{ $.literal = Ev*ent }',
    '{ $.sourceIPAddress != 123.123.* }',
    '{ $.sourceIPAddress = 111.111.* }',
    '{ $.arrayKey[0] = "value" }',
    '{ $.arrayKey[*] = "another value" }',
    '{ $.objectList[1].id = 2 }',
    '{ $.objectList[*].name = b }',
    '{ $.cluster.* = c }',
    "{ $.['cluster.name'] = dotted }",
    '{ $["cluster"].name = c }',
    '{ $.SomeObject IS NULL }',
    '{ $.SomeOtherObject NOT EXISTS }',
    '{ $.ThisFlag IS TRUE }',
    '{ $.recipientAccountId = 123456789012 }',
    '{ $.latency >= 55.5 }',
    '{ $.latency < 10e3 }',
    '{ $.latency > +50 && $.latency <= 5.55e1 }',
    '{ $.latency = 55.50 }',
    '{ $.latency != 55 }',
    '{ $.coordinates[1][0] = 4 }',
    '{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }',
    '{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch && $.actions[2] = nomatch }',
  ])('%s matches', (pattern) => {
    expect(matches(pattern, event)).toBe(true);
    expect(matches(pattern, ` ${event}\n`)).toBe(true);
  });

  it.each([
    '{ $.eventType = "Update" }',
    '{ $.eventType = updatetrail }',
    '{ $.literal = Event }',
    '{ $.latency > 1000 }',
    '{ $.eventType > 1 }',
    '{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }',
    '{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = nonmatch) && $.actions[2] = nomatch }',
    '{ $.eventType IS NULL }',
    '{ $.ThisFlag IS FALSE }',
    '{ $.ThisFlag NOT EXISTS }',
    '{ $.SomeOtherObject IS NULL }',
    '{ $.toString = * }',
    '{ $.eventType.length > 1 }',
    '{ $.user[0] = * }',
  ])('%s does not', (pattern) => {
    expect(matches(pattern, event)).toBe(false);
  });

  it('has no match for a selector that points to an array, an object or nothing, not even with !=', () => {
    for (const selector of ['$.users', '$.user', '$.nothing', '$.SomeObject', '$.ThisFlag']) {
      expect(matches(`{ ${selector} = 1 }`, event)).toBe(false);
      expect(matches(`{ ${selector} != 1 }`, event)).toBe(false);
    }
  });

  it('matches JSON objects only', () => {
    for (const message of ['', 'text', '{"a":', '[{"a":1}]', '"a"', 'null']) {
      expect(matches('{ $.a NOT EXISTS }', message)).toBe(false);
    }
  });

  it.each([
    '{',
    '{}',
    '{ $.a }',
    '{ $ = 1 }',
    '{ $.a = }',
    '{ $.a = 1',
    '{ $.a = 1 } x',
    '{ $.a = 1 && }',
    '{ ($.a = 1 }',
    '{ $.a == 1 }',
    '{ $.a > high }',
    '{ $.a > "1" }',
    '{ $.a IS 1 }',
    '{ $.a EXISTS }',
    '{ $[0] = 1 }',
    '{ $.a[*].b[*] = 1 }',
    '{ $.a = b@c }',
    '{ a = 1 }',
    '{ !($.level = "info") }',
  ])('refuses %s', (pattern) => {
    expect(complaint(pattern)).toMatch(/^Invalid (filter pattern|character\(s\) in term '.+')$/);
  });

  it('takes no more than two regular expressions', () => {
    expect(complaint('{ $.a = %a% || $.b = %b% }')).toBeUndefined();
    expect(complaint('{ $.a = %a% || $.b = %b% || $.c = %c% }')).toBe('Invalid filter pattern');
  });

  it('puts && before ||, and parentheses before both, as JavaScript does', () => {
    const expression = fc.letrec<{ any: string; simple: string; pair: string }>((tie) => ({
      any: fc.oneof({ maxDepth: 5 }, tie('simple'), tie('pair')),
      simple: fc
        .tuple(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('=', '!='))
        .map(([name, op]) => `$.${name} ${op} 1`),
      pair: fc
        .tuple(tie('any'), fc.constantFrom('&&', '||'), tie('any'), fc.boolean())
        .map(([left, op, right, enclosed]) => (enclosed ? `(${left} ${op} ${right})` : `${left} ${op} ${right}`)),
    }));
    const value = fc.constantFrom(0, 1);
    fc.assert(
      fc.property(expression.any, fc.record({ a: value, b: value, c: value }), (text, document) => {
        fc.pre(text.length < 1000);
        const wanted = new Function('$', `return ${text.replace(/([^!])=/g, '$1==')}`)(document) as boolean;
        expect(matches(`{ ${text} }`, JSON.stringify(document))).toBe(wanted);
      }),
    );
  });
});

describe('space-delimited patterns (matching-terms-space-delimited-log-events.html)', () => {
  const line = '127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534';

  it.each([
    '[ip, user, username, timestamp, request, status_code, bytes]',
    '[ip, user, username, timestamp, request, status_code, bytes > 1000]',
    '[ip, user, username, timestamp, request, status_code = 404, bytes]',
    '[ip, user, username, timestamp, request = *html*, status_code = 4*, bytes]',
    '[..., status_code = 4* && status_code != 403, bytes]',
    '[..., status_code = 403 || status_code = 404, bytes]',
    '[..., request=*.html*, status_code=4*,]',
    '[ip, user, ..., status_code, bytes]',
    '[ip=%127\\.0\\.0\\.[1-9]%, ...]',
    '[ip, user, username, timestamp = "10/Oct/2000:13:25:15 -0700", ...]',
    '[...]',
  ])('%s matches', (pattern) => {
    expect(matches(pattern, line)).toBe(true);
  });

  it.each([
    '[ip, user, username, timestamp, request, status_code]',
    '[ip, user, username, timestamp, request, status_code, bytes, more]',
    '[..., bytes > 2000]',
    '[..., status_code = 4* && status_code != 404, bytes]',
    '[ip = frank, ...]',
    '[a, b, c, d, ..., e, f, g, h]',
  ])('%s does not match', (pattern) => {
    expect(matches(pattern, line)).toBe(false);
  });

  it('matches words by their place, and by how many there are', () => {
    const lines = ['ERROR WARN message', 'ERROR message', 'WARN message'];
    expect(chosen('[w1=ERROR, w2]', lines)).toEqual(['ERROR message']);
    expect(chosen('[w1=ERROR || w1=WARN, w2]', lines)).toEqual(['ERROR message', 'WARN message']);
    expect(chosen('[w1=ERROR || w1=%WARN%, w2]', lines)).toEqual(['ERROR message', 'WARN message']);
    expect(chosen('[w1!=ERROR && w1!=WARN, ...]', lines)).toEqual([]);
  });

  it("reads a function's REPORT line, whose fields are apart by spaces and tabs", () => {
    const report = 'REPORT RequestId: 8f50\tDuration: 102.25 ms\tBilled Duration: 103 ms\t\n';
    expect(matches('[kind=REPORT, label, id, d1="Duration:", duration > 100, unit="ms", ...]', report)).toBe(true);
    expect(matches('[kind=REPORT, label, id, d1="Duration:", duration > 103, unit="ms", ...]', report)).toBe(false);
  });

  it('takes brackets and quotes that do not close as they are', () => {
    expect(matches('[a="[x", b]', '[x y')).toBe(true);
    expect(matches('[a="\\"x", b]', '"x y')).toBe(true);
    expect(matches('[a="[x]:", b]', '[x]: y')).toBe(true);
    expect(matches('[a="", b="x y", c]', '[] "x y" z')).toBe(true);
  });

  it.each(['[', '[a', '[a] b', '[a b]', '[a =, b]', '[a = 1 && b = 2]', '[..., a, ...]', '[a > x]'])(
    'refuses %s',
    (pattern) => {
      expect(complaint(pattern)).toMatch(/^Invalid (filter pattern|character\(s\) in term '.+')$/);
    },
  );
});

describe('regular expressions (regex-expressions.html)', () => {
  const found = (regex: string, text: string) => matches(`%${regex}%`, text);

  it.each([
    ['AUTHORIZED', ['[ERROR 401] UNAUTHORIZED REQUEST', '[SUCCESS 200] AUTHORIZED REQUEST'], ['authorized']],
    ['^[hc]at', ['hat', 'cats'], ['that', '']],
    ['[hc]at$', ['hat', 'a cat', 'a cat\n'], ['hats', 'hat\n\n']],
    ['colou?r', ['color', 'colour'], ['colouur']],
    ['^a{3,5}$', ['aaa', 'aaaa', 'aaaaa'], ['aa', 'aaaaaa']],
    ['^a{2}$', ['aa'], ['a', 'aaa']],
    ['^a{2,}$', ['aa', 'aaaaaaa'], ['a']],
    ['gray|grey', ['gray', 'it is grey'], ['gry']],
    ['^a|b$', ['ax', 'xb'], ['xa', 'bx']],
    [String.raw`10\.10\.0\.1`, ['at 10.10.0.1'], ['10a10.0.1']],
    [String.raw`\[.\]`, ['[a]', '[b]'], ['[ab]', 'a']],
    ['ab*c', ['ac', 'abc', 'abbbc'], ['adc']],
    ['ab+c', ['abc', 'abbbc'], ['ac']],
    ['^.at$', ['cat', '\u00e9at', '\u{1f600}at'], ['at', 'xcat', '\nat']],
    [String.raw`^\d\D\w\W\s\S$`, ['1aa- x'], ['aaa- x']],
    [String.raw`\x28\x3A\x29`, ['(:)'], [':']],
    ['[^a-c]', ['abcd'], ['abc', '']],
    ['[.$^]', ['a.b', '$'], ['ab']],
    ['[a-]', ['-', 'a'], ['b']],
    [String.raw`[\d\]]`, ['1', ']'], ['[']],
    ['a*', ['', 'b'], []],
  ])('%s', (regex, matching, others) => {
    expect(matching.filter((text) => !found(regex, text))).toEqual([]);
    expect(others.filter((text) => found(regex, text))).toEqual([]);
  });

  it.each([
    '',
    '(a)',
    String.raw`\(`,
    'a b',
    '\u00e9',
    'a!',
    '*a',
    'a**',
    '[a',
    '[]',
    '[z-a]',
    String.raw`[\d-x]`,
    'a{2',
    'a{3,2}',
    'a{0}',
    'a{x}',
    'a{513}',
    'a{300}b{300}',
    String.raw`\x2`,
    String.raw`\xff`,
    String.raw`\b`,
    'a\\',
    'a|',
    'a^b',
    'a$b',
    '^',
    '}',
    ']',
  ])('refuses %s', (regex) => {
    expect(() => found(regex, 'text')).toThrow(FilterPatternError);
  });

  const piece = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '[b-c]', String.raw`\d`, String.raw`\w`, '-');
  const counted = fc
    .tuple(piece, fc.constantFrom('', '', '?', '*', '+', '{2}', '{1,3}', '{2,}', '{0,2}'))
    .map((parts) => parts.join(''));
  const chain = fc
    .tuple(fc.constantFrom('', '^'), fc.array(counted, { minLength: 1, maxLength: 5 }), fc.constantFrom('', '$'))
    .map(([from, pieces, to]) => from + pieces.join('') + to);
  const expression = fc.array(chain, { minLength: 1, maxLength: 3 }).map((chains) => chains.join('|'));

  it('finds what a backtracking engine finds', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', '-', ' ', '\n'), maxLength: 12 });
    fc.assert(
      fc.property(expression, fc.array(text), (regex, texts) => {
        const pattern = parseFilterPattern(`%${regex}%`);
        const oracle = new RegExp(regex.replaceAll('$', String.raw`(?=\n?$(?![^]))`));
        for (const candidate of texts)
          expect([candidate, pattern.matches(candidate)]).toEqual([candidate, oracle.test(candidate)]);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('hostile input', () => {
  it('never fails but with a FilterPatternError', () => {
    const scrap = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      '(',
      ')',
      '$',
      '.a',
      '[0]',
      '[*]',
      '=',
      '!=',
      '>',
      '"',
      '%',
      '\\',
      '...',
    );
    const word = fc.constantFrom(
      ' ',
      'a',
      '1',
      '*',
      '?',
      '-',
      '&&',
      '||',
      ',',
      'IS',
      'NULL',
      'NOT EXISTS',
      '^',
      '{1,2}',
    );
    const text = fc.array(fc.oneof(scrap, word, fc.string({ maxLength: 3 })), { maxLength: 40 });
    const start = fc.constantFrom('', '{', '{ $.a = ', '[', '[a = ', '%');
    fc.assert(
      fc.property(start, text, fc.string(), (opening, parts, message) => {
        const pattern = opening + parts.join('');
        if (complaint(pattern) === undefined) expect(typeof matches(pattern, message)).toBe('boolean');
      }),
      { numRuns: 5_000 },
    );
  });

  it('matches a megabyte in linear time, whatever the pattern', () => {
    const long = 'a'.repeat(1_000_000);
    expect(matches(`%${'a*'.repeat(200)}b%`, long)).toBe(false);
    expect(matches(`%${'.*a'.repeat(100)}b$%`, long)).toBe(false);
    expect(matches('[a, b]', '[ '.repeat(500_000))).toBe(false);
    expect(matches('[a, b]', '" '.repeat(500_001))).toBe(false);
    expect(matches(`{ ${'('.repeat(400)}$.a = 1${')'.repeat(400)} }`, `{"a":1,"b":"${long}"}`)).toBe(true);
    expect(matches(`{ $.a = 1 }`, '['.repeat(100_000))).toBe(false);
  });

  it('goes on where a message needs more states than are kept', () => {
    const bits = Array.from({ length: 200_000 }, (_, index) => 'ab'[(index * index * 7 + (index >> 3)) & 1]).join('');
    expect(matches(`%a.{200}c%`, bits)).toBe(false);
    expect(matches(`%a.{200}c%`, `${bits}${'b'.repeat(300)}a${'b'.repeat(200)}c`)).toBe(true);
    expect(matches(`%a.{200}c$%`, `${bits}a${'b'.repeat(200)}c\n`)).toBe(true);
    expect(matches(`%a.{200}c$%`, `${bits}a${'b'.repeat(200)}c\n\n`)).toBe(false);
  });
});
