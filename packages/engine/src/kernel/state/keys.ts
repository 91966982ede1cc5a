/*
 * Keys in order, kept only from the first time somebody asks for the order.
 *
 * A sorted array cut into blocks: a change costs a search and a splice within one block, however many keys there
 * are and however often they are read in between. It costs one pointer a key, where a tree costs several.
 */

/** A block that grows beyond so many keys is cut in two. */
const BLOCK = 512;

/** A stretch of keys: those that start with `prefix` and are less than `until`. */
export interface Stretch {
  readonly prefix: string;
  readonly until?: string | undefined;
}

export class OrderedKeys {
  #all: () => Iterable<string>;
  /** None of them is empty; undefined until the order is asked for. */
  #blocks: string[][] | undefined;

  /** `all` gives the keys, in any order, when the order is first asked for. */
  constructor(all: () => Iterable<string>) {
    this.#all = all;
  }

  /** Keeps the order from now on: cheaper now, while there are few keys, than later. */
  keep(): this {
    this.#inOrder();
    return this;
  }

  /** Adds a key that is not held. */
  add(key: string): void {
    const blocks = this.#blocks;
    if (!blocks) return;
    const index = blockOf(blocks, key);
    const block = blocks[index];
    if (!block) {
      const last = blocks.at(-1);
      if (last && last.length < BLOCK) last.push(key);
      else blocks.push([key]);
      return;
    }
    block.splice(lowerBound(block, key), 0, key);
    if (block.length > BLOCK) blocks.splice(index + 1, 0, block.splice(BLOCK / 2));
  }

  /** Removes a key that is held. */
  remove(key: string): void {
    const blocks = this.#blocks;
    if (!blocks) return;
    const index = blockOf(blocks, key);
    const block = blocks[index]!;
    if (block.length === 1) blocks.splice(index, 1);
    else if (block[0] === key) block.shift();
    else block.splice(lowerBound(block, key), 1);
  }

  /** The keys of a stretch that are greater than `after`, at most `limit` of them, in order. */
  *range({ prefix, until }: Stretch, after: string | undefined, limit: number): Generator<string> {
    const blocks = this.#inOrder();
    const beyond = after !== undefined && after >= prefix;
    let { index, position } = placeOf(blocks, beyond ? after : prefix);
    if (beyond && blocks[index]?.[position] === after) position++;
    for (let count = 0; count < limit; position++) {
      const key = blocks[index]?.[position];
      if (key === undefined) {
        if (index >= blocks.length) return;
        index++;
        position = -1;
        continue;
      }
      if (!key.startsWith(prefix) || (until !== undefined && key >= until)) return;
      yield key;
      count++;
    }
  }

  /** How many keys a stretch has. It costs a look at each block of the stretch. */
  count({ prefix, until }: Stretch): number {
    const blocks = this.#inOrder();
    const all = `${prefix}\uffff`;
    const end = until !== undefined && until < all ? until : all;
    if (end <= prefix) return 0;
    const [from, to] = [placeOf(blocks, prefix), placeOf(blocks, end)];
    let count = to.position - from.position;
    for (let index = from.index; index < to.index; index++) count += blocks[index]!.length;
    return count;
  }

  #inOrder(): string[][] {
    if (this.#blocks) return this.#blocks;
    const sorted = [...this.#all()].sort();
    const blocks: string[][] = [];
    for (let start = 0; start < sorted.length; start += BLOCK / 2) blocks.push(sorted.slice(start, start + BLOCK / 2));
    this.#blocks = blocks;
    return blocks;
  }
}

/** The first block whose last key is not less than `key`; one beyond the last when there is none. */
function blockOf(blocks: readonly (readonly string[])[], key: string): number {
  let [low, high] = [0, blocks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const block = blocks[middle]!;
    if (block[block.length - 1]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Where the first key stands that is not less than `key`. */
function placeOf(blocks: readonly (readonly string[])[], key: string): { index: number; position: number } {
  const index = blockOf(blocks, key);
  return { index, position: blocks[index] ? lowerBound(blocks[index]!, key) : 0 };
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
