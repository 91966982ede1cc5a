import { describe, expect, test } from 'vitest';
import { explain, parsePattern } from './index.ts';

const EVENT = JSON.stringify({
  source: 'orders',
  detailType: 'Order Placed',
  detail: {
    state: 'Running',
    count: '5',
    price: 12,
    items: [
      { sku: 'a', left: 0 },
      { sku: 'b', left: 3 },
    ],
  },
});

const explained = (pattern: unknown) => explain(parsePattern(JSON.stringify(pattern)), EVENT);
const field = (pattern: unknown) => explained(pattern).alternatives[0]!.fields.find(({ isMet }) => !isMet);

describe('why an event does not match', () => {
  test('a field that is missing: how far its path goes, and a name that may have been meant', () => {
    expect(field({ source: ['orders'], 'detail-type': ['Order Placed'] })).toMatchObject({
      path: 'detail-type',
      wanted: '["Order Placed"]',
      found: [],
      reason: 'missing',
      reached: '',
      similar: 'detailType',
    });
    expect(field({ detail: { items: { price: [1] } } })).toMatchObject({ reason: 'missing', reached: 'detail.items' });
  });

  test('a value that nearly suits', () => {
    expect(field({ detail: { state: ['running'] } })).toMatchObject({ reason: 'case', found: ['"Running"'] });
    expect(field({ detail: { state: [{ prefix: 'RUN' }] } })).toMatchObject({ reason: 'case' });
    expect(field({ detail: { count: [5] } })).toMatchObject({ reason: 'type', found: ['"5"'] });
    expect(field({ detail: { price: ['12'] } })).toMatchObject({ reason: 'type', found: ['12'] });
    expect(field({ detail: { state: [{ exists: false }] } })).toMatchObject({ reason: 'present' });
  });

  test('the nearer the value, the higher its nearness, and never that of a match', () => {
    const nearness = (wanted: unknown) => field({ detail: wanted })!.nearness;
    const price = (limit: number) => nearness({ price: [{ numeric: ['>', limit] }] });
    expect(price(12)).toBeGreaterThan(price(20));
    expect(price(20)).toBeGreaterThan(price(1000));
    expect(nearness({ state: ['Runningg'] })).toBeGreaterThan(nearness({ state: ['Ruined'] }));
    expect(nearness({ state: ['Ruined'] })).toBeGreaterThan(nearness({ state: ['x'] }));
    expect(price(12)).toBeLessThan(1);
  });

  test('fields that are met, but only by different elements', () => {
    expect(explained({ detail: { items: { sku: ['a'], left: [{ numeric: ['>', 0] }] } } })).toMatchObject({
      matches: false,
      alternatives: [{ isMet: false, onlyApart: true }],
    });
  });

  test('the nearest alternative of $or comes first', () => {
    const { matches, alternatives } = explained({ $or: [{ source: ['billing'] }, { detail: { price: [12] } }] });
    expect(matches).toBe(true);
    expect(alternatives.map(({ isMet, fields }) => [isMet, fields[0]!.path])).toEqual([
      [true, 'detail.price'],
      [false, 'source'],
    ]);
  });

  test('of many and long values, some and their beginnings', () => {
    const event = JSON.stringify({ a: Array.from({ length: 1000 }, () => 'x'.repeat(10_000)) });
    const { found } = explain(parsePattern('{"a": ["y"]}'), event).alternatives[0]!.fields[0]!;
    expect(found.length).toBe(20);
    expect(found[0]!.length).toBeLessThan(300);
  });
});
