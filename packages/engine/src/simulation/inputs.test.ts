import { describe, expect, test } from 'vitest';
import { inOrder, parseInputs } from './inputs.ts';

const from = Date.parse('2026-01-01T00:00:00Z');
const span = { from, to: from + 86_400_000 };

test('lines are read, empty ones are passed over', () => {
  const text = '{"at":"+3h","invoke":"ring"}\n\n{"at":"2026-01-01T01:00:00Z","invoke":"ring","payload":[1]}\r\n';
  const inputs = parseInputs(text);
  expect(inputs).toEqual([
    { at: '+3h', invoke: 'ring' },
    { at: '2026-01-01T01:00:00Z', invoke: 'ring', payload: [1] },
  ]);
  expect(inOrder(span, inputs).map(({ due }) => (due - from) / 3_600_000)).toEqual([1, 3]);
});

describe('a line that makes no sense is refused by its number:', () => {
  test.each([
    ['{"at":', /^Line 2: is no JSON/],
    ['[]', /^Line 2: is no object/],
    ['{"at":"+1h","putEvents":[]}', /^Line 2: has "putEvents", which Carillon does not know/],
    ['{"at":"+1h"}', /^Line 2: lacks "at" or "invoke"/],
    ['{"at":3,"invoke":"ring"}', /^Line 2: lacks "at" or "invoke"/],
    ['{"at":"+1h","invoke":"ring","invocationType":"DryRun"}', /^Line 2: has another "invocationType"/],
  ])('%s', (line, message) => {
    expect(() => parseInputs(`{"at":"+1h","invoke":"ring"}\n${line}`)).toThrow(message);
  });
});

test.each(['2025-12-31T23:59:59Z', 'tomorrow', '+soon'])('the moment %s is refused', (at) => {
  expect(() => inOrder(span, [{ at, invoke: 'ring' }])).toThrow(/^Input 1: /);
});
