/* The engine as a test sees it: time in the test's hand, functions that run for real. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestEngine, type TestEngine } from './testing.ts';

let engine: TestEngine;
beforeEach(async () => {
  engine = await createTestEngine({ clock: 'virtual:2026-01-01T00:00:00Z' });
});
afterEach(() => engine.close());

const ECHO = 'exports.handler = async (event) => { console.log(JSON.stringify(event)); return event; };';
const FAIL = 'exports.handler = async () => { throw new TypeError("out of tune"); };';

describe('a schedule', () => {
  it('rings a function 288 times a day at rate(5 minutes), the same on every run', async () => {
    const ring = await engine.createFunction('ring', ECHO);
    await engine.schedule('every-five', 'rate(5 minutes)', ring, { type: 'warmer' });
    await engine.clock.advance('1 day');
    const rings = engine.expectRings(ring, 288);
    expect(rings.filter(({ cold }) => cold)).toHaveLength(1);
    expect(rings.map(({ at }) => at)).toEqual(
      Array.from({ length: 288 }, (_, n) => Date.UTC(2026, 0, 1, 0, 5 * (n + 1))),
    );

    await using again = await createTestEngine({ clock: 'virtual:2026-01-01T00:00:00Z' });
    await again.schedule('every-five', 'rate(5 minutes)', await again.createFunction('ring', ECHO), { type: 'warmer' });
    await again.clock.advance('1 day');
    expect(again.rings()).toEqual(rings);
  });
});

describe('engines beside each other in one process', () => {
  it('have times, functions and data of their own', async () => {
    await using other = await createTestEngine({ clock: 'virtual:2030-06-01T00:00:00Z' });
    const code = 'exports.handler = async () => new Date().toISOString()';
    const [here, there] = await Promise.all([engine.createFunction('ring', code), other.createFunction('ring', code)]);
    await Promise.all([engine.schedule('r', 'rate(1 hour)', here), other.schedule('r', 'rate(10 minutes)', there)]);
    await Promise.all([engine.clock.advance('1 day'), other.clock.advance('1 day')]);
    engine.expectRings(here, 24);
    other.expectRings(there, 144);
    expect(await here.invoke()).toBe('2026-01-02T00:00:00.000Z');
    expect(await there.invoke()).toBe('2030-06-02T00:00:00.000Z');
  });
});

describe('functions', () => {
  it('are made of code, files or a folder, and answer', async () => {
    const one = await engine.createFunction('one', ECHO);
    expect(await one.invoke({ a: 1 })).toEqual({ a: 1 });
    const two = await engine.createFunction('two', {
      'index.mjs': 'import { tone } from "./tone.mjs"; export const handler = async () => tone;',
      'tone.mjs': 'export const tone = "c";',
    });
    expect(await two.invoke()).toBe('c');
    const three = await engine.createFunction('three', 'def handler(event, context):\n    return event["a"] + 1', {
      Runtime: 'python3.12',
    });
    expect(await three.invoke({ a: 1 })).toBe(2);
    await expect((await engine.createFunction('four', FAIL)).invoke()).rejects.toThrow('out of tune');
  });
});

describe('expectRings', () => {
  it('tells what ran instead', async () => {
    const ring = await engine.createFunction('ring', ECHO);
    expect(() => engine.expectRings(ring, 1)).toThrow(
      'was to run 1 times by 2026-01-01T00:00:00.000Z, and ran 0 times.',
    );
    await ring.invoke();
    expect(() => engine.expectRings('ring', 2)).toThrow('2026-01-01T00:00:00.000Z ok');
    expect(engine.expectRings('ring', 1)[0]).toMatchObject({ outcome: 'ok', cold: true });
  });
});

describe('clock.runUntil', () => {
  it('stops when a function has run so often', async () => {
    const ring = await engine.createFunction('ring', ECHO);
    await engine.schedule('hourly', 'rate(1 hour)', ring);
    await engine.clock.runUntil('function ring ran 10 times');
    expect(engine.clock.now()).toBe(Date.UTC(2026, 0, 1, 10));
    await engine.clock.runUntil('function ring ran once');
    expect(engine.clock.now()).toBe(Date.UTC(2026, 0, 1, 11));
  });

  it('stops when a function failed, or any did', async () => {
    await engine.schedule('hourly', 'rate(1 hour)', await engine.createFunction('ring', FAIL));
    await engine.clock.runUntil('function ring failed twice');
    expect(engine.clock.now()).toBe(Date.UTC(2026, 0, 1, 1, 1));
    await engine.clock.runUntil('any function failed');
    expect(engine.clock.now()).toBe(Date.UTC(2026, 0, 1, 1, 3));
  });

  it('stops when a function logged something', async () => {
    const code =
      'exports.handler = async (event) => console.log(event.time.endsWith("T05:00:00Z") ? "it struck five" : "no")';
    await engine.schedule('hourly', 'rate(1 hour)', await engine.createFunction('ring', code));
    await engine.clock.runUntil('function ring logged "struck five"');
    expect(engine.clock.now()).toBe(Date.UTC(2026, 0, 1, 5));
  });

  it('says how a condition is written, and when it never comes about', async () => {
    await expect(engine.clock.runUntil('the cows come home')).rejects.toThrow(
      'Write it as: function NAME ran 10 times',
    );
    await expect(engine.clock.runUntil('any function logged "x"')).rejects.toThrow('Which function');
    await expect(engine.clock.runUntil('function ring ran once')).rejects.toThrow('Nothing is due any more');
  });
});

describe('reset', () => {
  it('forgets functions, rules, logs and what is due, and goes on', async () => {
    await engine.schedule('hourly', 'rate(1 hour)', await engine.createFunction('ring', ECHO));
    await engine.clock.advance('2 hours');
    await engine.reset();
    await engine.clock.advance('1 day');
    engine.expectRings('ring', 0);
    expect((await engine.call('lambda', 'ListFunctions', {})).Functions).toEqual([]);
    expect((await engine.call('eventbridge', 'ListRules', {})).Rules).toEqual([]);
    const ring = await engine.createFunction('ring', ECHO);
    expect(await ring.invoke(7)).toBe(7);
  });
});
