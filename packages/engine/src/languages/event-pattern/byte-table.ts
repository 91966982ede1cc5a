/*
 * A map whose keys are bytes, looked up by bytes that stand within others: no string is made to ask for one.
 */

/** What a hash goes on from when nothing came before. */
export const HASH_START = 0x811c9dc5 | 0;
const HASH_PRIME = 0x01000193;

/** The hash of bytes that follow on whole words with a hash. */
export function hashBytes(hash: number, bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  let result = hash;
  for (; at + 4 <= end; at += 4) result = hashWord(result, wordAt(bytes, at));
  if (at === end) return result;
  let word = bytes[at]!;
  if (at + 1 < end) word |= bytes[at + 1]! << 8;
  if (at + 2 < end) word |= bytes[at + 2]! << 16;
  return hashWord(result, word);
}

function hashWord(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, HASH_PRIME);
  return mixed ^ (mixed >>> 15);
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

interface Entry<T> {
  readonly hash: number;
  readonly key: Uint8Array;
  readonly value: T;
  next: Entry<T> | undefined;
}

export class ByteTable<T> {
  /** Chains of entries by the low bits of their hashes; as many as a power of two. */
  #chains: (Entry<T> | undefined)[] = new Array(8).fill(undefined);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The value of the key that stands between two places and has this hash. */
  get(hash: number, bytes: Uint8Array, start: number, end: number): T | undefined {
    let entry = this.#chains[hash & (this.#chains.length - 1)];
    for (; entry; entry = entry.next) {
      if (entry.hash === hash && isAt(entry.key, bytes, start, end)) return entry.value;
    }
    return undefined;
  }

  find(key: Uint8Array): T | undefined {
    return this.get(hashBytes(HASH_START, key, 0, key.length), key, 0, key.length);
  }

  /** Adds a key that is not there yet. */
  add(key: Uint8Array, value: T): void {
    if (this.#size === this.#chains.length) this.#grow();
    this.#size++;
    this.#link({ hash: hashBytes(HASH_START, key, 0, key.length), key, value, next: undefined });
  }

  delete(key: Uint8Array): void {
    const index = hashBytes(HASH_START, key, 0, key.length) & (this.#chains.length - 1);
    let before: Entry<T> | undefined;
    for (let entry = this.#chains[index]; entry; before = entry, entry = entry.next) {
      if (!isAt(entry.key, key, 0, key.length)) continue;
      if (before) before.next = entry.next;
      else this.#chains[index] = entry.next;
      this.#size--;
      return;
    }
  }

  #link(entry: Entry<T>): void {
    const index = entry.hash & (this.#chains.length - 1);
    entry.next = this.#chains[index];
    this.#chains[index] = entry;
  }

  #grow(): void {
    const chains = this.#chains;
    this.#chains = new Array(chains.length * 2).fill(undefined);
    for (const chain of chains) {
      for (let entry = chain; entry; ) {
        const next: Entry<T> | undefined = entry.next;
        this.#link(entry);
        entry = next;
      }
    }
  }
}

function isAt(key: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  const { length } = key;
  if (end - start !== length) return false;
  for (let index = 0; index < length; index++) if (key[index] !== bytes[start + index]) return false;
  return true;
}
