/*
 * A 4-ary min-heap over typed arrays: what is due first, and among equals what came first.
 *
 * A million entries cost 28 bytes each and no garbage. Entries are named by a small integer, the slot,
 * which the owner uses to index whatever belongs to the entry; removing by slot needs no search. A slot is its
 * entry's until it is released, in the heap or taken out of it.
 */

const ARITY = 4;
const ABSENT = -1;

export class DueHeap {
  #size = 0;
  #capacity = 64;
  #order = 0;
  /** Heap position to slot. */
  #slots = new Int32Array(this.#capacity);
  /** Slot to heap position, or ABSENT. */
  #positions = new Int32Array(this.#capacity).fill(ABSENT);
  #dues = new Float64Array(this.#capacity);
  #orders = new Float64Array(this.#capacity);
  #free: number[] = [];
  #nextSlot = 0;

  get size(): number {
    return this.#size;
  }

  /** The earliest due time, or Infinity when nothing is held. */
  get firstDue(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : this.#dues[this.#slots[0]!]!;
  }

  /** Takes in an entry and returns its slot, which stays its name until it is released. */
  add(due: number): number {
    const slot = this.#free.pop() ?? this.#nextSlot++;
    if (slot >= this.#capacity) this.#grow();
    this.put(slot, due);
    return slot;
  }

  /** Moves an entry, or puts it back after it was taken. Among equals it comes last. */
  put(slot: number, due: number): void {
    this.#takeOut(slot);
    this.#dues[slot] = due;
    this.#orders[slot] = this.#order++;
    this.#place(slot, this.#size++);
    this.#rise(this.#size - 1);
  }

  /** Takes out the entry that is due first and returns its slot; undefined when none is due by `now`. */
  takeDue(now: number): number | undefined {
    if (this.firstDue > now) return undefined;
    const slot = this.#slots[0]!;
    this.#takeOut(slot);
    return slot;
  }

  /** Lets an entry go; its slot will name another. */
  release(slot: number): void {
    this.#takeOut(slot);
    this.#free.push(slot);
  }

  /** When the entry of a slot is due, or was when it was taken. */
  dueOf(slot: number): number {
    return this.#dues[slot]!;
  }

  #takeOut(slot: number): void {
    const position = this.#positions[slot]!;
    if (position === ABSENT) return;
    this.#positions[slot] = ABSENT;
    const last = this.#slots[--this.#size]!;
    if (last === slot) return;
    this.#place(last, position);
    this.#sink(position);
    this.#rise(this.#positions[last]!);
  }

  #before(a: number, b: number): boolean {
    const difference = this.#dues[a]! - this.#dues[b]!;
    return difference === 0 ? this.#orders[a]! < this.#orders[b]! : difference < 0;
  }

  #place(slot: number, position: number): void {
    this.#slots[position] = slot;
    this.#positions[slot] = position;
  }

  #rise(from: number): void {
    const slot = this.#slots[from]!;
    let position = from;
    while (position > 0) {
      const parent = (position - 1) >> 2;
      if (!this.#before(slot, this.#slots[parent]!)) break;
      this.#place(this.#slots[parent]!, position);
      position = parent;
    }
    this.#place(slot, position);
  }

  #sink(from: number): void {
    const slot = this.#slots[from]!;
    let position = from;
    for (;;) {
      const first = position * ARITY + 1;
      if (first >= this.#size) break;
      let least = first;
      for (let child = first + 1; child < Math.min(first + ARITY, this.#size); child++) {
        if (this.#before(this.#slots[child]!, this.#slots[least]!)) least = child;
      }
      if (!this.#before(this.#slots[least]!, slot)) break;
      this.#place(this.#slots[least]!, position);
      position = least;
    }
    this.#place(slot, position);
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#slots = widen(this.#slots, new Int32Array(this.#capacity));
    this.#positions = widen(this.#positions, new Int32Array(this.#capacity).fill(ABSENT));
    this.#dues = widen(this.#dues, new Float64Array(this.#capacity));
    this.#orders = widen(this.#orders, new Float64Array(this.#capacity));
  }
}

function widen<T extends Int32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
