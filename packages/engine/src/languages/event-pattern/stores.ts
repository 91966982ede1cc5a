/*
 * Where things are kept under what they look for, one store for each way of looking: by the bytes of a text, by its
 * beginning or end, by a number or the ranges that hold it. Each finds its things without trying them one by one.
 */
import { ByteTable, HASH_START, hashBytes } from './byte-table.ts';

/** Things under keys; a key may have several. */
export interface Store<K, T> {
  add(key: K, thing: T): void;
  remove(key: K, thing: T): void;
  /** How many things are under a key. */
  count(key: K): number;
}

export type Take<T> = (things: readonly T[]) => void;

export class MapStore<K, T> implements Store<K, T> {
  readonly #things = new Map<K, T[]>();

  get size(): number {
    return this.#things.size;
  }

  keys(): Iterable<K> {
    return this.#things.keys();
  }

  add(key: K, thing: T): void {
    const there = this.#things.get(key);
    if (there) there.push(thing);
    else this.#things.set(key, [thing]);
  }

  remove(key: K, thing: T): void {
    const there = this.#things.get(key)!;
    there.splice(there.indexOf(thing), 1);
    if (there.length === 0) this.#things.delete(key);
  }

  count(key: K): number {
    return this.#things.get(key)?.length ?? 0;
  }

  take(key: K, take: Take<T>): void {
    const there = this.#things.get(key);
    if (there) take(there);
  }
}

export class TextStore<T> implements Store<Buffer, T> {
  protected readonly table = new ByteTable<T[]>();

  get size(): number {
    return this.table.size;
  }

  add(key: Buffer, thing: T): void {
    const there = this.table.find(key);
    if (there) there.push(thing);
    else this.table.add(key, [thing]);
  }

  remove(key: Buffer, thing: T): void {
    const there = this.table.find(key)!;
    there.splice(there.indexOf(thing), 1);
    if (there.length === 0) this.table.delete(key);
  }

  count(key: Buffer): number {
    return this.table.find(key)?.length ?? 0;
  }

  take(bytes: Buffer, start: number, end: number, take: Take<T>): void {
    if (this.table.size === 0) return;
    const there = this.table.get(hashBytes(HASH_START, bytes, start, end), bytes, start, end);
    if (there) take(there);
  }
}

/** Beginnings of texts. A text is hashed once, and looked up at each length that some beginning has. */
export class PrefixStore<T> extends TextStore<T> {
  readonly #lengths = new MapStore<number, T>();
  #sorted: number[] = [];

  override add(key: Buffer, thing: T): void {
    super.add(key, thing);
    this.#lengths.add(key.length, thing);
    this.#sort();
  }

  override remove(key: Buffer, thing: T): void {
    super.remove(key, thing);
    this.#lengths.remove(key.length, thing);
    this.#sort();
  }

  #sort(): void {
    if (this.#sorted.length === this.#lengths.size) return;
    this.#sorted = [...this.#lengths.keys()].sort((one, other) => one - other);
  }

  override take(bytes: Buffer, start: number, end: number, take: Take<T>): void {
    let hash = HASH_START;
    let at = start;
    for (const length of this.#sorted) {
      const stop = start + length;
      if (stop > end) return;
      const words = start + (length & ~3);
      hash = hashBytes(hash, bytes, at, words);
      at = words;
      const there = this.table.get(hashBytes(hash, bytes, at, stop), bytes, start, stop);
      if (there) take(there);
    }
  }
}

/** Ends of texts: beginnings of the same texts read backwards. */
export class SuffixStore<T> extends PrefixStore<T> {
  override add(key: Buffer, thing: T): void {
    super.add(reversed(key), thing);
  }

  override remove(key: Buffer, thing: T): void {
    super.remove(reversed(key), thing);
  }

  override count(key: Buffer): number {
    return super.count(reversed(key));
  }

  override take(bytes: Buffer, start: number, end: number, take: Take<T>): void {
    if (this.table.size === 0) return;
    super.take(reversed(bytes.subarray(start, end)), 0, end - start, take);
  }
}

function reversed(bytes: Buffer): Buffer {
  return Buffer.from(bytes).reverse();
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Ranges of numbers, as a tree laid out in sorted arrays: the middle of a stretch is above both of its halves, and
 * knows how far the ranges of the stretch reach. Laid out anew when it is asked after a change.
 */
export class RangeStore<T> implements Store<Range, T> {
  #ranges: { readonly range: Range; readonly thing: T; reach: number }[] = [];
  #sorted = true;

  add(range: Range, thing: T): void {
    this.#ranges.push({ range, thing, reach: range.to });
    this.#sorted = false;
  }

  remove(range: Range, thing: T): void {
    this.#ranges = this.#ranges.filter((entry) => entry.range !== range || entry.thing !== thing);
    this.#sorted = false;
  }

  get size(): number {
    return this.#ranges.length;
  }

  /** Ranges that overlap are found together: how many there are says best how many things a number may find. */
  count(): number {
    return this.#ranges.length >> 3;
  }

  take(number: number, take: Take<T>): void {
    if (this.#ranges.length === 0) return;
    if (!this.#sorted) this.#sort();
    this.#takeWithin(0, this.#ranges.length, number, take);
  }

  #sort(): void {
    this.#ranges.sort((one, other) => one.range.from - other.range.from);
    this.#measure(0, this.#ranges.length);
    this.#sorted = true;
  }

  #measure(start: number, end: number): number {
    if (start >= end) return Number.NEGATIVE_INFINITY;
    const middle = (start + end) >> 1;
    const entry = this.#ranges[middle]!;
    entry.reach = Math.max(entry.range.to, this.#measure(start, middle), this.#measure(middle + 1, end));
    return entry.reach;
  }

  #takeWithin(start: number, end: number, number: number, take: Take<T>): void {
    if (start >= end) return;
    const middle = (start + end) >> 1;
    const { range, thing, reach } = this.#ranges[middle]!;
    if (reach < number) return;
    this.#takeWithin(start, middle, number, take);
    if (range.from > number) return;
    if (range.to >= number) take([thing]);
    this.#takeWithin(middle + 1, end, number, take);
  }
}
