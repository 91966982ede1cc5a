/* So many places, and a line of those who wait for one: first come, first served. */
import { Queue } from './queue.ts';

export class Places<T> {
  readonly #count: number;
  readonly #line = new Queue<T>();
  #free: number;

  constructor(count: number) {
    this.#count = count;
    this.#free = count;
  }

  /** Whether nobody has a place. */
  get unused(): boolean {
    return this.#free === this.#count;
  }

  /** Whether there was a place for somebody, who has it now; else they wait in line. */
  take(who: T): boolean {
    if (this.#free <= 0) {
      this.#line.push(who);
      return false;
    }
    this.#free--;
    return true;
  }

  /** Gives a place back: to the first in line who still wants it. Returns who has it now, if anybody. */
  give(wants: (who: T) => boolean): T | undefined {
    for (let next = this.#line.shift(); next !== undefined; next = this.#line.shift()) {
      if (wants(next)) return next;
    }
    this.#free++;
    return undefined;
  }

  /** Nobody waits any more; places that are taken are still to be given back. */
  disperse(): void {
    this.#line.clear();
  }
}
