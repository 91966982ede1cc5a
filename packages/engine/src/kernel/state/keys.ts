/*
 * The keys of a partition in order, kept only from the first time somebody asks for the order.
 *
 * A sorted array: a few changes since the last read are spliced in, many are sorted in at once. It costs one
 * pointer a key, where a tree costs several, and most partitions are never listed at all.
 */

/** Up to so many changes are spliced; beyond it, sorting anew is cheaper. */
const SPLICE_LIMIT = 32;

export class OrderedKeys {
  #held: ReadonlyMap<string, unknown>;
  #sorted: string[] | undefined;
  #added: string[] = [];
  #removed: string[] = [];

  constructor(held: ReadonlyMap<string, unknown>) {
    this.#held = held;
  }

  add(key: string): void {
    if (this.#sorted) this.#added.push(key);
  }

  remove(key: string): void {
    if (this.#sorted) this.#removed.push(key);
  }

  /** The keys that start with `prefix` and are greater than `after`, at most `limit` of them, in order. */
  *range(prefix: string, after: string | undefined, limit: number): Generator<string> {
    const keys = this.#inOrder();
    let index = after !== undefined && after >= prefix ? upperBound(keys, after) : lowerBound(keys, prefix);
    for (let count = 0; count < limit && index < keys.length; count++, index++) {
      const key = keys[index]!;
      if (!key.startsWith(prefix)) return;
      yield key;
    }
  }

  #inOrder(): string[] {
    const changes = this.#added.length + this.#removed.length;
    if (!this.#sorted || changes > SPLICE_LIMIT) this.#sorted = [...this.#held.keys()].sort();
    else if (changes > 0) this.#splice(this.#sorted);
    this.#added.length = 0;
    this.#removed.length = 0;
    return this.#sorted;
  }

  #splice(sorted: string[]): void {
    for (const key of [...this.#removed, ...this.#added]) {
      const index = lowerBound(sorted, key);
      const present = sorted[index] === key;
      if (this.#held.has(key)) {
        if (!present) sorted.splice(index, 0, key);
      } else if (present) sorted.splice(index, 1);
    }
  }
}

/** The first index whose key is not less than `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first index whose key is greater than `key`. */
function upperBound(keys: readonly string[], key: string): number {
  const index = lowerBound(keys, key);
  return keys[index] === key ? index + 1 : index;
}
