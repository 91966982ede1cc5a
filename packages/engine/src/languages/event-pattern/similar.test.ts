/* Names that are likely meant by other names. */
import { expect, test } from 'vitest';
import { similarName } from './similar.ts';

test.each([
  ['detail-type', ['source', 'Detail_Type'], 'Detail_Type'],
  ['amuont', ['sku', 'amount'], 'amount'],
  ['adress', ['dress', 'address'], 'dress'],
  ['userID', ['user', 'userId'], 'userId'],
  ['instance-id', ['instanceIds'], 'instanceIds'],
  ['id', ['is'], undefined],
  ['ab', ['cd'], undefined],
  ['state', ['source', 'detail'], undefined],
  ['a', [], undefined],
])('%s among %j is %s', (name, others, similar) => {
  expect(similarName(name, others)).toBe(similar);
});

test('very long names, and very many, cost little', () => {
  expect(similarName('x'.repeat(1_000_000), ['y'.repeat(1_000_000)])).toBeUndefined();
  const many = Array.from({ length: 200_000 }, (_, index) => `member${index}`);
  expect(similarName('detail', many)).toBeUndefined();
});
