/* A day of the warmer, in a moment. */
import { createTestEngine } from '@carillon/engine/testing';
import { expect, test } from 'vitest';

test('the warmer rings every five minutes, and only the first ring is cold', async () => {
  await using engine = await createTestEngine();
  const hello = await engine.createFunction('hello', 'exports.handler = async (event) => event.type');
  await engine.schedule('warmer', 'rate(5 minutes)', hello, { type: 'warmer' });

  await engine.clock.advance('1 day');

  const rings = engine.expectRings(hello, 288);
  expect(rings.filter((ring) => ring.cold)).toHaveLength(1);
});
