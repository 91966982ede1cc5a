/*
 * What a bench yields: figures, each beside a baseline that was measured in the same run on the same machine, since
 * no figure means anything alone on a machine that others use too.
 */

/** One kind of thing measured. A bench takes seconds, warms up first, and leaves nothing running. */
export interface Bench {
  run(): Promise<Figure[]>;
}

export interface Figure {
  /** What was measured, and which value of it (a median unless it says otherwise). */
  readonly figure: string;
  readonly unit: Unit;
  readonly ours: number;
  /** The same of something that does next to nothing, or of ourselves without what is being weighed. */
  readonly baseline: number;
  /** What the baseline is. */
  readonly against: string;
  /** What we want: of our own value on a quiet machine, or of the ratio to the baseline. */
  readonly aim?: { readonly ours: number } | { readonly ratio: number };
}

/** More is better of what is counted per second, less is better of all else. */
export type Unit = 'ms' | 'MB' | 'B' | '/s';

export function ratioOf({ ours, baseline }: Figure): number {
  return ours / baseline;
}

/** Whether a figure is where we want it; undefined where we want nothing of it. */
export function isMet(figure: Figure): boolean | undefined {
  if (!figure.aim) return undefined;
  const [value, aim] = 'ours' in figure.aim ? [figure.ours, figure.aim.ours] : [ratioOf(figure), figure.aim.ratio];
  return figure.unit === '/s' ? value >= aim : value <= aim;
}

/** The value that a share of the values does not exceed. */
export function percentile(values: Iterable<number>, share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) throw new RangeError('Nothing was measured.');
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;
}

export function median(values: Iterable<number>): number {
  return percentile(values, 0.5);
}
