/* A day of a warmer in virtual time: a rule of every five minutes rings a real function, the same on every run. */
import { expect, it } from 'vitest';
import { createTestEngine, type TestEngine } from '../../packages/engine/src/testing.ts';

const START = '2026-01-01T00:00:00Z';
const CODE = 'exports.handler = async (event) => { console.log("rung at", event.time); };';

async function day(): Promise<TestEngine> {
  const engine = await createTestEngine({ clock: `virtual:${START}`, log: () => {} });
  const bell = await engine.createFunction('bell', CODE);
  await engine.schedule('warm', 'rate(5 minutes)', bell);
  await engine.clock.advance('1 day');
  return engine;
}

it('has 288 runs, each at its moment, cold once, in the log with the moment that it was due', async () => {
  await using engine = await day();
  const due = Array.from({ length: 288 }, (_, index) => Date.parse(START) + (index + 1) * 300_000);
  const rings = engine.expectRings('bell', 288);
  expect(rings.map(({ at, outcome, cold }) => ({ at, outcome, cold }))).toEqual(
    due.map((at, index) => ({ at, outcome: 'ok', cold: index === 0 })),
  );
  const logGroupName = '/aws/lambda/bell';
  const { events } = await engine.call('logs', 'FilterLogEvents', { logGroupName, filterPattern: '"rung at"' });
  const logged = events?.map(({ timestamp, message }) => [timestamp, Date.parse(message!.trim().split(' ').at(-1)!)]);
  expect(logged).toEqual(due.map((moment) => [moment, moment]));
});

it('is the same on every run, to the last note of its journal', async () => {
  const journals: string[] = [];
  for (let run = 0; run < 2; run++) {
    await using engine = await day();
    journals.push(JSON.stringify(engine.journal.list()));
  }
  expect(journals[0]!.length).toBeGreaterThan(100_000);
  expect(journals[1]).toBe(journals[0]);
});
