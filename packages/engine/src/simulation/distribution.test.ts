import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDistribution } from './distribution.ts';

function distributionOf(values: readonly number[]) {
  const distribution = createDistribution();
  for (const value of values) distribution.add(value);
  return distribution;
}

test('nothing has no summary', () => {
  expect(createDistribution().summary()).toBeUndefined();
  expect(createDistribution().histogram(3)).toBeUndefined();
});

test('mean, deviation and percentiles are those of the values, in whatever order they came', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 900_000 }), { minLength: 1, maxLength: 200 }), (values) => {
      const ascending = values.toSorted((a, b) => a - b);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
      const summary = distributionOf(values).summary()!;
      expect(summary).toEqual(distributionOf(ascending).summary());
      expect(summary.mean).toBeCloseTo(mean, 6);
      expect(summary.sd).toBeCloseTo(Math.sqrt(variance), 4);
      const rank = (share: number) => ascending[Math.ceil(share * values.length) - 1];
      expect([summary.min, summary.p50, summary.p90, summary.p99, summary.max]).toEqual([
        ...[ascending[0], rank(0.5), rank(0.9), rank(0.99), ascending.at(-1)],
      ]);
    }),
  );
});

test('a histogram counts every value once', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -500, max: 60_000 }), { minLength: 1 }), (values) => {
      const { from, binWidth, counts } = distributionOf(values).histogram(10)!;
      expect(counts.length).toBeLessThanOrEqual(10);
      const expected = counts.map(
        (_, bin) => values.filter((value) => Math.floor((value - from) / binWidth) === bin).length,
      );
      expect(counts).toEqual(expected);
      expect(counts.reduce((sum, count) => sum + count)).toBe(values.length);
    }),
  );
});

test('a great many different values are kept to four digits', () => {
  const values = Array.from({ length: 100_000 }, (_, index) => index + 0.5);
  const summary = distributionOf(values).summary()!;
  expect(summary.count).toBe(100_000);
  expect(Math.abs(summary.p50 / 50_000 - 1)).toBeLessThan(0.001);
  expect(Math.abs(summary.mean / 50_000 - 1)).toBeLessThan(0.001);
  expect(distributionOf(values.toReversed()).summary()!.p99).toBe(summary.p99);
});
