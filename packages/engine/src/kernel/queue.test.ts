/* The queue keeps its order however long it grows, and whatever is taken meanwhile. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Queue } from './queue.ts';

it('gives back in the order in which it took', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -900, max: 1_500 }), { maxLength: 20 }), (steps) => {
      const queue = new Queue<number>();
      let [pushed, shifted] = [0, 0];
      for (const step of steps) {
        for (let count = 0; count < step; count++) queue.push(pushed++);
        for (let count = 0; count < -step; count++) {
          expect(queue.shift()).toBe(shifted < pushed ? shifted++ : undefined);
        }
        expect(queue.size).toBe(pushed - shifted);
      }
    }),
  );
});
