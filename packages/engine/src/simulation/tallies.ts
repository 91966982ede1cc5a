/* Sums by name, and their order: that of the names, since a report must not depend on what came first. */

export function increase<Key>(tally: Map<Key, number>, key: Key, by = 1): void {
  tally.set(key, (tally.get(key) ?? 0) + by);
}

/** The entries of a map in the order of their keys. */
export function sorted<Key extends string, Value>(map: ReadonlyMap<Key, Value>): [Key, Value][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** A tally as an object, in the order of its names. */
export function tallied(tally: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries(sorted(tally));
}

export function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
