/*
 * How a figure was distributed, in bounded memory: how often each value occurred. Exact while there are few different
 * values, as in virtual time, where most are whole milliseconds; beyond that, values are kept to four digits.
 */

/** What is told of a distribution, in the unit of its values. */
export interface Summary {
  readonly count: number;
  readonly mean: number;
  /** The standard deviation. */
  readonly sd: number;
  readonly min: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** How many values fell into each of equally wide bins; the first begins at `from`. */
export interface Histogram {
  readonly from: number;
  readonly binWidth: number;
  readonly counts: readonly number[];
}

export interface Distribution {
  add(value: number): void;
  /** Undefined where there are no values. */
  summary(): Summary | undefined;
  histogram(bins: number): Histogram | undefined;
}

/** How many different values are kept exactly. */
const EXACT_VALUES = 20_000;
const DIGITS = 4;

export function createDistribution(): Distribution {
  let counts = new Map<number, number>();
  let isExact = true;

  function add(value: number): void {
    const kept = isExact ? value : rounded(value);
    counts.set(kept, (counts.get(kept) ?? 0) + 1);
    if (isExact && counts.size > EXACT_VALUES) coarsen();
  }

  function coarsen(): void {
    isExact = false;
    const exact = counts;
    counts = new Map();
    for (const [value, times] of exact) counts.set(rounded(value), (counts.get(rounded(value)) ?? 0) + times);
  }

  const ascending = () => [...counts].sort(([a], [b]) => a - b);

  return {
    add,
    summary: () => (counts.size === 0 ? undefined : summaryOf(ascending())),
    histogram: (bins) => (counts.size === 0 ? undefined : histogramOf(ascending(), bins)),
  };
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}

type Counts = readonly (readonly [value: number, times: number])[];

function summaryOf(ascending: Counts): Summary {
  const total = (of: (value: number) => number) =>
    ascending.reduce((sum, [value, times]) => sum + of(value) * times, 0);
  const count = total(() => 1);
  const mean = total((value) => value) / count;
  const sd = Math.sqrt(total((value) => (value - mean) ** 2) / count);
  const [min, max] = [ascending[0]![0], ascending.at(-1)![0]];
  const rank = (share: number) => nearestRank(ascending, Math.ceil(share * count));
  return { count, mean, sd, min, p50: rank(0.5), p90: rank(0.9), p99: rank(0.99), max };
}

function nearestRank(ascending: Counts, rank: number): number {
  let passed = 0;
  for (const [value, times] of ascending) {
    passed += times;
    if (passed >= rank) return value;
  }
  return ascending.at(-1)![0];
}

function histogramOf(ascending: Counts, bins: number): Histogram {
  const [from, to] = [ascending[0]![0], ascending.at(-1)![0]];
  const binWidth = Math.max(1, Math.ceil((to - from + 1) / bins));
  const counts = new Array<number>(Math.ceil((to - from + 1) / binWidth)).fill(0);
  for (const [value, times] of ascending) counts[Math.floor((value - from) / binWidth)]! += times;
  return { from, binWidth, counts };
}
