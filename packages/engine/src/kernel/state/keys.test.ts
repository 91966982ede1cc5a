/* Keys in order against what they are: a sorted set. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OrderedKeys } from './keys.ts';

const keyOf = (n: number) => `${'abc'[n % 3]}/${String(n).padStart(4, '0')}`;

function inOrder(held: ReadonlySet<string>, prefix: string, until: string | undefined): string[] {
  return [...held].sort().filter((key) => key.startsWith(prefix) && (until === undefined || key < until));
}

describe('ordered keys', () => {
  it('list and count like a sorted set, whatever is added and removed', () => {
    const change = fc.tuple(fc.boolean(), fc.nat({ max: 3_000 }));
    const question = fc.record({
      prefix: fc.constantFrom('', 'a/', 'b', 'c/00', 'x'),
      until: fc.option(fc.nat({ max: 3_000 }).map(keyOf), { nil: undefined }),
      after: fc.option(fc.nat({ max: 3_000 }).map(keyOf), { nil: undefined }),
    });
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 3_000 }), { maxLength: 3_000, size: 'max' }),
        fc.array(fc.tuple(fc.array(change, { maxLength: 900, size: 'max' }), question), { maxLength: 6 }),
        (first, rounds) => {
          const held = new Set(first.map(keyOf));
          const keys = new OrderedKeys(() => held);
          for (const [changes, { prefix, until, after }] of rounds) {
            for (const [adds, n] of changes) {
              const key = keyOf(n);
              if (adds === held.has(key)) continue;
              if (adds) {
                keys.add(key);
                held.add(key);
              } else {
                keys.remove(key);
                held.delete(key);
              }
            }
            const expected = inOrder(held, prefix, until);
            const beyond = expected.filter((key) => after === undefined || key > after);
            expect([...keys.range({ prefix, until }, after, Number.POSITIVE_INFINITY)]).toEqual(beyond);
            expect([...keys.range({ prefix, until }, after, 3)]).toEqual(beyond.slice(0, 3));
            expect(keys.count({ prefix, until })).toBe(expected.length);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
