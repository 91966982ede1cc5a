/*
 * Alternatives of patterns by what they ask of one field, so that a value leads straight to those that it may suit.
 * An alternative is looked up by one field alone, its anchor; its other fields are looked at once that has led to it.
 */
import { type Address, type Block, blockOf } from './address.ts';
import type { Comparison } from './comparison.ts';
import { fold } from './letters.ts';
import { MapStore, PrefixStore, RangeStore, type Store, SuffixStore, type Take, TextStore } from './stores.ts';
import { NUMBER, STRING, type Value } from './value.ts';

/** What a comparison is kept under. */
interface Place<T> {
  add(thing: T): void;
  remove(thing: T): void;
  readonly load: number;
}

/** What a comparison is worth that every value of its field must be tried with, as many that are looked up. */
const TRIED_LOAD = 16;

export class Anchors<T> {
  /** How many things have been added, counted once for each comparison. */
  size = 0;
  readonly #strings = new Texts<T>();
  /** Strings without regard to case. */
  readonly #folded = new Texts<T>();
  readonly #words = new TextStore<T>();
  readonly #numbers = new MapStore<number, T>();
  readonly #ranges = new RangeStore<T>();
  readonly #blocks = new Blocks<T>();
  /** Those that no value leads to by itself; there is one key. */
  readonly #tried = new MapStore<'', T>();

  add(comparison: Comparison, thing: T): void {
    this.#place(comparison).add(thing);
    this.size++;
  }

  remove(comparison: Comparison, thing: T): void {
    this.#place(comparison).remove(thing);
    this.size--;
  }

  /** How many things a value that suits a comparison may lead to, at a guess. */
  load(comparison: Comparison): number {
    return this.#place(comparison).load;
  }

  #place(comparison: Comparison): Place<T> {
    switch (comparison.is) {
      case 'string':
        return placeIn(this.#strings.wholes, comparison.bytes);
      case 'prefix':
        return placeIn(this.#strings.prefixes, comparison.bytes);
      case 'suffix':
        return placeIn(this.#strings.suffixes, comparison.bytes);
      case 'equals-ignore-case':
        return placeIn(this.#folded.wholes, Buffer.from(fold(comparison.text)));
      case 'prefix-ignore-case':
        return placeIn(this.#folded.prefixes, Buffer.from(fold(comparison.text)));
      case 'suffix-ignore-case':
        return placeIn(this.#folded.suffixes, Buffer.from(fold(comparison.text)));
      case 'word':
      case 'digits':
        return placeIn(this.#words, comparison.bytes);
      case 'between':
        if (comparison.from === comparison.to) return placeIn(this.#numbers, comparison.from);
        return placeIn(this.#ranges, comparison);
      case 'cidr':
        return placeIn(this.#blocks, comparison.block);
      case 'wildcard':
        return this.#placeOfWildcard(comparison.parts);
      default:
        return placeIn(this.#tried, '', TRIED_LOAD);
    }
  }

  #placeOfWildcard(parts: readonly Buffer[]): Place<T> {
    const [first, last] = [parts[0]!, parts.at(-1)!];
    if (first.length > 0) return placeIn(this.#strings.prefixes, first);
    if (last.length > 0) return placeIn(this.#strings.suffixes, last);
    return placeIn(this.#tried, '', TRIED_LOAD);
  }

  /** Hands over all that a value may suit, and some that it does not. */
  take(value: Value, take: Take<T>): void {
    if (value.kind === STRING) {
      const { bytes, start, end } = value;
      this.#strings.take(bytes, start, end, take);
      if (this.#folded.size > 0) {
        const folded = Buffer.from(fold(value.text));
        this.#folded.take(folded, 0, folded.length, take);
      }
      if (this.#blocks.size > 0) this.#blocks.take(value.address, take);
    } else {
      this.#words.take(value.bytes, value.start, value.end, take);
      if (value.kind === NUMBER && (this.#numbers.size > 0 || this.#ranges.size > 0)) {
        const { micros } = value;
        this.#numbers.take(micros, take);
        this.#ranges.take(micros, take);
      }
    }
    this.#tried.take('', take);
  }
}

function placeIn<K, T>(store: Store<K, T>, key: K, more = 0): Place<T> {
  return {
    add: (thing) => store.add(key, thing),
    remove: (thing) => store.remove(key, thing),
    get load() {
      return store.count(key) + more;
    },
  };
}

/** Strings, whole and by their beginnings and ends. */
class Texts<T> {
  readonly wholes = new TextStore<T>();
  readonly prefixes = new PrefixStore<T>();
  readonly suffixes = new SuffixStore<T>();

  get size(): number {
    return this.wholes.size + this.prefixes.size + this.suffixes.size;
  }

  take(bytes: Buffer, start: number, end: number, take: Take<T>): void {
    this.wholes.take(bytes, start, end, take);
    this.prefixes.take(bytes, start, end, take);
    this.suffixes.take(bytes, start, end, take);
  }
}

/** Blocks of addresses: an address is looked up once for each size of block that there is. */
class Blocks<T> implements Store<Block, T> {
  readonly #things = new MapStore<string, T>();
  readonly #sizes = new MapStore<number, T>();

  get size(): number {
    return this.#things.size;
  }

  add(block: Block, thing: T): void {
    this.#things.add(keyOf(block), thing);
    this.#sizes.add(block.bits, thing);
  }

  remove(block: Block, thing: T): void {
    this.#things.remove(keyOf(block), thing);
    this.#sizes.remove(block.bits, thing);
  }

  count(block: Block): number {
    return this.#things.count(keyOf(block));
  }

  take(address: Address | undefined, take: Take<T>): void {
    if (!address) return;
    const { bits: most } = blockOf(address);
    for (const bits of this.#sizes.keys()) {
      if (bits <= most) this.#things.take(keyOf({ address, bits }), take);
    }
  }
}

/** The same for all blocks of the same addresses. */
function keyOf({ address, bits }: Block): string {
  const masked = address.map((byte, index) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - index * 8))));
  return `${masked.map((byte) => byte & 0xff).join('.')}/${bits}`;
}
