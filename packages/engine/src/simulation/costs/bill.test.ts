import { expect, test } from 'vitest';
import { billOf } from './bill.ts';
import { byMonth, createUsage } from './usage.ts';

const JANUARY = Date.parse('2026-01-15T00:00:00Z');
const FEBRUARY = Date.parse('2026-02-15T00:00:00Z');
const [a, b] = ['arn:aws:lambda:us-east-1:000000000000:function:a', 'arn:aws:lambda:us-east-1:000000000000:function:b'];

/** Runs of a function: how many, in MB and milliseconds each. */
function runs(
  times: number,
  memoryMb: number,
  billedMs: number,
  { resource = a, at = JANUARY, usage = createUsage() } = {},
) {
  usage.meter('lambda.requests', resource, times, at);
  usage.meter('lambda.compute.x86_64', resource, times * memoryMb * billedMs, at);
  return usage;
}

const totalOf = ({ usage }: ReturnType<typeof createUsage>, freeTier = false) => billOf(usage, { freeTier }).totalUsd;

test('the warmer, as its article reckons it: 8,640 calls a month with 2,048 MB, 100 ms each, are $0.03', () => {
  const warmer = runs(8_640, 2_048, 100);
  expect(totalOf(warmer)).toBeCloseTo(8_640 * 0.0000002 + 1_728 * 0.0000166667, 10);
  expect(totalOf(warmer).toFixed(2)).toBe('0.03');
  expect(totalOf(warmer, true)).toBe(0);
});

test('the free tier is a million requests and 400,000 GB-s of each calendar month', () => {
  const usage = runs(1_500_000, 1_024, 1_000);
  runs(1_500_000, 1_024, 1_000, { at: FEBRUARY, usage });
  const { lines, totalUsd } = billOf(usage.usage, { freeTier: true });
  expect(totalUsd).toBeCloseTo(2 * (0.5 * 0.2 + 1_100_000 * 0.0000166667), 8);
  expect(lines.map(({ item, amount, unit }) => [item, amount, unit])).toEqual([
    ['lambda.compute.x86_64', 3_000_000, 'GB-s'],
    ['lambda.requests', 3_000_000, 'requests'],
  ]);
});

test('functions on either architecture share one allowance of compute', () => {
  const usage = createUsage();
  const oneGbFor = 400_000 * 1_000 * 1_024;
  usage.meter('lambda.compute.x86_64', a, oneGbFor, JANUARY);
  usage.meter('lambda.compute.arm64', b, oneGbFor, JANUARY);
  const { lines } = billOf(usage.usage, { freeTier: true });
  expect(lines.map(({ usd }) => usd).sort()).toEqual([0, expect.closeTo(400_000 * 0.0000166667, 8)]);
});

// "Introducing tiered pricing for AWS Lambda", AWS Compute Blog: the discounts begin at 6 and 15 billion GB-seconds.
test('a month beyond a tier costs less for what is beyond it, and each function bears its share', () => {
  const usage = runs(12_000_000, 1_024, 1_000_000, { resource: a });
  runs(8_000_000, 1_024, 1_000_000, { resource: b, usage });
  const cost = 6e9 * 0.0000166667 + 9e9 * 0.000015 + 5e9 * 0.0000133334;
  const { lines } = billOf(usage.usage, { freeTier: false });
  const shares = lines.filter(({ item }) => item === 'lambda.compute.x86_64').map(({ usd }) => usd / cost);
  expect(shares).toEqual([expect.closeTo(0.6, 8), expect.closeTo(0.4, 8)]);
});

test('a schedule costs nothing, and its rings are counted all the same', () => {
  const usage = createUsage();
  usage.meter('eventbridge.scheduled', 'arn:aws:events:us-east-1:000000000000:rule/r', 8_640, JANUARY);
  expect(billOf(usage.usage, { freeTier: false })).toMatchObject({ totalUsd: 0, lines: [{ amount: 8_640, usd: 0 }] });
});

test('a stretch of time falls into calendar months', () => {
  const parts = [...byMonth(Date.parse('2027-12-31T23:00:00Z'), Date.parse('2028-03-01T00:00:00Z'))];
  expect(parts.map(({ from, to }) => (to - from) / 3_600_000)).toEqual([1, 31 * 24, 29 * 24]);
});
