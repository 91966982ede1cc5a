import { expect, test } from 'vitest';
import { createIds } from '../../kernel/ids.ts';
import { named } from './names.ts';

const name = (stack: string, id: string, most: number, lowerCase = false) =>
  named(createIds(1), stack, id, { property: 'Name', most, lowerCase }, {}).Name as string;

test('a name is the stack, the logical id and chance', () => {
  expect(name('bells', 'Ring', 64)).toMatch(/^bells-Ring-[A-Z2-7]{12}$/);
  expect(name('Bells', 'Ring', 64, true)).toMatch(/^bells-ring-[a-z2-7]{12}$/);
  expect(named(createIds(1), 'a', 'B', { property: 'Name', most: 64 }, { Name: 'own' })).toEqual({ Name: 'own' });
});

test('a name that would be too long is cut on both sides, never in what makes it its own', () => {
  const long = name('s'.repeat(100), 'R'.repeat(100), 64);
  expect(long).toHaveLength(64);
  expect(long).toMatch(/^s{25}-R{25}-[A-Z2-7]{12}$/);
  expect(name('short', 'R'.repeat(100), 64)).toMatch(/^short-R{45}-[A-Z2-7]{12}$/);
});
