/* How a report writes its figures. */

const MINUTE_MS = 60_000;
const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', MINUTE_MS],
  ['second', 1_000],
  ['millisecond', 1],
] as const;

export function inCount(count: number): string {
  return count.toLocaleString('en');
}

/** `3 ms`, `2.41 ms`, `1,204 ms`, `25.1 s`, `12.5 min`. */
export function inTime(ms: number): string {
  if (ms >= 10 * MINUTE_MS) return `${fixed(ms / MINUTE_MS, 1)} min`;
  if (ms >= 10_000) return `${fixed(ms / 1_000, 1)} s`;
  return `${fixed(ms, ms < 10 && !Number.isInteger(ms) ? 2 : 0)} ms`;
}

/** `$12.34`; of less than a cent, two digits that say something. */
export function inUsd(usd: number): string {
  if (usd === 0) return '$0';
  if (usd < 0.0001) return '< $0.0001';
  return `$${usd < 0.01 ? usd.toPrecision(2) : fixed(usd, 2)}`;
}

/** `8,640`, `1,728`, `0.0027`: with digits after the point where they say something. */
export function inAmount(amount: number): string {
  if (amount > 0 && amount < 0.0001) return '< 0.0001';
  return amount.toLocaleString('en', { maximumFractionDigits: amount < 10 ? 4 : amount < 1_000 ? 1 : 0 });
}

export function inMemory(mb: number): string {
  return `${inCount(mb)} MB`;
}

/** `30 days`, `3 days 12 hours`. */
export function inWords(ms: number): string {
  let rest = ms;
  const parts: string[] = [];
  for (const [name, size] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${inCount(count)} ${name}${count === 1 ? '' : 's'}`);
  }
  return parts.length === 0 ? 'no time' : parts.join(' ');
}

function fixed(figure: number, digits: number): string {
  return figure.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
