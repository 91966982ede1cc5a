import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createOverlapCounter } from './overlaps.ts';

/** Runs of a schedule every ten seconds, told as they end. */
function overlapsOf(durations: readonly number[]): number {
  const counter = createOverlapCounter();
  const runs = durations.map((duration, index) => ({ due: index * 10, start: index * 10, end: index * 10 + duration }));
  for (const run of runs.toSorted((a, b) => a.end - b.end)) counter.add(run);
  return counter.count();
}

test('a run that ends before the next begins is no overlap', () => {
  expect(overlapsOf([10, 9, 0, 10])).toBe(0);
});

test('each run that began while an earlier one still ran counts once, whichever ends first', () => {
  expect(overlapsOf([11, 5])).toBe(1);
  expect(overlapsOf([35, 1, 1, 1, 1])).toBe(3);
  expect(overlapsOf([35, 25, 15, 1])).toBe(3);
});

test('runs of one ring, such as retries and copies, are no overlap', () => {
  const counter = createOverlapCounter();
  counter.add({ due: 0, start: 0, end: 20 });
  counter.add({ due: 0, start: 5, end: 25 });
  expect(counter.count()).toBe(0);
});

test('as many as by comparing all with all', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 60 }), (durations) => {
      const begunDuring = durations.filter((_, later) =>
        durations.some((duration, earlier) => earlier < later && earlier * 10 + duration > later * 10),
      );
      expect(overlapsOf(durations)).toBe(begunDuring.length);
    }),
  );
});
