import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EngineClock, isoSeconds, parseDuration, parseMoment } from './clock.ts';
import { DueHeap } from './heap.ts';

const START = Date.UTC(2026, 0, 1);
const virtual = () => new EngineClock({ speed: 0, start: START });

describe('the virtual clock', () => {
  it('stands still until told, then rings everything in order of time, each at its own moment', async () => {
    const clock = virtual();
    const rung: [string, number][] = [];
    const ring = (name: string) => () => rung.push([name, clock.now() - START]);
    clock.at(START + 3_000, ring('c'));
    clock.at(START + 1_000, ring('a'));
    clock.at(START + 1_000, ring('b'));
    clock.at(START + 9_000, ring('late'));
    await clock.settle();
    expect(rung).toEqual([]);
    await clock.advance('5 seconds');
    expect(rung).toEqual([
      ['a', 1_000],
      ['b', 1_000],
      ['c', 3_000],
    ]);
    expect(clock.now()).toBe(START + 5_000);
  });

  it('rings what is put on the way, and not what is cancelled', async () => {
    const clock = virtual();
    const rung: number[] = [];
    const doomed = clock.at(START + 2_000, () => rung.push(-1));
    clock.at(START + 1_000, () => {
      doomed.cancel();
      doomed.cancel();
      clock.at(clock.now() + 500, () => rung.push(clock.now() - START));
    });
    await clock.advanceTo('2026-01-01T00:00:10Z');
    expect(rung).toEqual([1_500]);
  });

  it('waits at each moment for whoever holds it, and names them', async () => {
    const clock = virtual();
    const order: string[] = [];
    clock.at(START + 1_000, () => {
      const release = clock.hold('function ring');
      expect(clock.holders()).toEqual(['function ring']);
      setImmediate(() =>
        setImmediate(() => {
          order.push(`done at ${clock.now() - START}`);
          release();
          release();
        }),
      );
    });
    clock.at(START + 2_000, () => order.push('next'));
    await clock.advance('1 minute');
    expect(order).toEqual(['done at 1000', 'next']);
    expect(clock.holders()).toEqual([]);
  });

  it('takes journeys one after another, and refuses to go back', async () => {
    const clock = virtual();
    await Promise.all([clock.advance('1 minute'), clock.advance('1 minute')]);
    expect(clock.now()).toBe(START + 120_000);
    await expect(clock.advanceTo(START)).rejects.toThrow('Time moves forward only');
    expect(clock.now()).toBe(START + 120_000);
  });

  it('rings what is due already without being told', async () => {
    const clock = virtual();
    let rung = false;
    clock.at(START, () => {
      rung = true;
    });
    expect(rung).toBe(false);
    await clock.settle();
    expect(rung).toBe(true);
  });
});

describe('the real clock', () => {
  it('never rings early, even for fractional moments', async () => {
    const clock = new EngineClock({ speed: 1 });
    const early: number[] = [];
    await Promise.all(
      Array.from({ length: 60 }, (_, i) => {
        const due = clock.now() + (i % 20) + 0.4;
        return new Promise<void>((resolve) =>
          clock.at(due, () => {
            if (clock.now() < due) early.push(due);
            resolve();
          }),
        );
      }),
    );
    clock.close();
    expect(early).toEqual([]);
  });

  it('can be told to jump, and runs on from there', async () => {
    const clock = new EngineClock({ speed: 1 });
    const before = clock.now();
    let rung = 0;
    clock.at(before + 3_600_000, () => rung++);
    await clock.advance('2 hours');
    expect(rung).toBe(1);
    expect(clock.now()).toBeGreaterThanOrEqual(before + 7_200_000);
    await new Promise<void>((resolve) => clock.at(clock.now() + 5, resolve));
    clock.close();
  });
});

describe('durations and moments', () => {
  it.each([
    ['5 minutes', 300_000],
    ['1 day', 86_400_000],
    ['3d12h', 302_400_000],
    ['1h 30m', 5_400_000],
    ['250ms', 250],
    ['1.5 hours', 5_400_000],
    [1_234, 1_234],
  ])('reads %s', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['', 'soon', '5', '5 fortnights', '-1 day', '5 minutes ago', Number.NaN, -1])('refuses %s', (text) =>
    expect(() => parseDuration(text)).toThrow(RangeError),
  );

  it('reads moments as UTC unless they say otherwise', () => {
    expect(parseMoment('2026-01-01T00:00:00Z')).toBe(START);
    expect(parseMoment('2026-01-01T00:00:00')).toBe(START);
    expect(parseMoment('2026-01-01T01:00:00+01:00')).toBe(START);
    expect(parseMoment('2026-01-01')).toBe(START);
    expect(() => parseMoment('tomorrow')).toThrow(RangeError);
    expect(isoSeconds(START)).toBe('2026-01-01T00:00:00Z');
  });
});

describe('the heap', () => {
  it('gives entries by due time, then by arrival, whatever is added and removed', () => {
    const operation = fc.oneof(
      { weight: 3, arbitrary: fc.record({ add: fc.integer({ min: 0, max: 50 }) }) },
      { weight: 1, arbitrary: fc.record({ remove: fc.nat() }) },
      { weight: 1, arbitrary: fc.record({ take: fc.integer({ min: 0, max: 60 }) }) },
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300 }), (operations) => {
        const heap = new DueHeap();
        let model: { due: number; order: number; slot: number }[] = [];
        let order = 0;
        const sorted = () => [...model].sort((a, b) => a.due - b.due || a.order - b.order);
        for (const step of operations) {
          if ('add' in step) model.push({ due: step.add, order: order++, slot: heap.add(step.add) });
          else if ('remove' in step && model.length > 0) {
            const [gone] = model.splice(step.remove % model.length, 1);
            heap.remove(gone!.slot);
          } else if ('take' in step) {
            const first = sorted()[0];
            const expected = first && first.due <= step.take ? first.slot : undefined;
            expect(heap.takeDue(step.take)).toBe(expected);
            model = model.filter((entry) => entry.slot !== expected);
          }
          expect(heap.size).toBe(model.length);
          expect(heap.firstDue).toBe(sorted()[0]?.due ?? Number.POSITIVE_INFINITY);
        }
      }),
    );
  });
});
