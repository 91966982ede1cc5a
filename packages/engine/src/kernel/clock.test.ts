import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EngineClock, isoSeconds, machineTimer, type Progress, parseDuration, parseMoment } from './clock.ts';
import { DueHeap } from './heap.ts';

const START = Date.UTC(2026, 0, 1);
const virtual = () => new EngineClock({ virtual: true, start: START });

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

  it('rings the first of a moment before its others, whenever they were asked for', async () => {
    const clock = virtual();
    const order: string[] = [];
    clock.at(START + 1_000, () => order.push('a'));
    clock.at(START + 1_000, () => order.push('first'), 'first');
    clock.at(START + 1_000, () => order.push('b'));
    await clock.advance('1 minute');
    expect(order).toEqual(['first', 'a', 'b']);
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

describe('journeys', () => {
  /** A clock on which something is due every second. */
  function ticking() {
    const clock = virtual();
    let ticks = 0;
    const tick = () => {
      ticks++;
      clock.at(clock.now() + 1_000, tick);
      return true;
    };
    clock.at(START + 1_000, tick);
    return { clock, ticks: () => ticks };
  }

  it('run until a condition holds, and stop at that very moment', async () => {
    const { clock, ticks } = ticking();
    await clock.runUntil(() => ticks() === 3_000);
    expect(clock.now()).toBe(START + 3_000_000);
    await clock.runUntil(async () => true);
    expect(ticks()).toBe(3_000);
  });

  it('say so when a condition never holds', async () => {
    const { clock } = ticking();
    await expect(clock.runUntil(() => false, { atMost: '1 hour' })).rejects.toThrow(
      'did not hold by 2026-01-01T01:00:00Z',
    );
    await expect(virtual().runUntil(() => false)).rejects.toThrow('Nothing is due any more');
  });

  it('can be interrupted, and time then stands where it came to', async () => {
    const { clock, ticks } = ticking();
    const stop = new AbortController();
    const journey = clock.advance('36500 days', {
      signal: stop.signal,
      onProgress: () => stop.abort(new Error('enough')),
    });
    await expect(journey).rejects.toThrow('enough');
    expect(clock.now()).toBe(START + ticks() * 1_000);
  });

  it('tell how far they have come', async () => {
    const { clock } = ticking();
    const stop = new AbortController();
    const told: Progress[] = [];
    await clock
      .advance('36500 days', {
        signal: stop.signal,
        onProgress: (progress) => {
          told.push(progress);
          if (told.length === 2) stop.abort();
        },
      })
      .catch(() => undefined);
    expect(told[1]).toMatchObject({ from: START, to: START + parseDuration('36500 days') });
    expect(told[1]!.now - START).toBe(told[1]!.stops * 1_000);
    expect(told[1]!.factor).toBeGreaterThan(1);
  });
});

describe('pausing and speed', () => {
  it('lets a virtual clock run by itself, faster or slower, and stand again', async () => {
    const clock = virtual();
    expect(clock.speed()).toBe(0);
    clock.speed(3_600);
    await new Promise<void>((resolve) => clock.at(START + 60_000, resolve));
    clock.pause();
    const stood = clock.now();
    expect(stood).toBeGreaterThanOrEqual(START + 60_000);
    expect(clock.speed()).toBe(0);
    await clock.settle();
    expect(clock.now()).toBe(stood);
    clock.resume();
    expect(clock.speed()).toBe(3_600);
    clock.close();
  });

  it('holds a real clock still, and lets it run on from there', async () => {
    const clock = new EngineClock({ virtual: false });
    clock.pause();
    const stood = clock.now();
    let rung = false;
    clock.at(stood + 1, () => {
      rung = true;
    });
    await new Promise<void>((resolve) => machineTimer.after(20, resolve));
    expect([rung, clock.now()]).toEqual([false, stood]);
    clock.resume();
    await new Promise<void>((resolve) => clock.at(stood + 2, resolve));
    expect(rung).toBe(true);
    clock.close();
  });

  it('refuses what is no speed', () => {
    expect(() => virtual().speed(-1)).toThrow(RangeError);
    expect(() => virtual().speed(Number.NaN)).toThrow(RangeError);
  });
});

describe('the real clock', () => {
  it('never rings early, even for fractional moments', async () => {
    const clock = new EngineClock({ virtual: false });
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
    const clock = new EngineClock({ virtual: false });
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
    for (const ms of [-1, 0, START - 1, START + 86_399_999, START + 3_723_000]) {
      expect(isoSeconds(ms)).toBe(`${new Date(ms).toISOString().slice(0, 19)}Z`);
    }
  });
});

describe('what becomes due while others ring', () => {
  it('waits for the next turn, so that what else goes on gets one', async () => {
    const clock = new EngineClock({ virtual: true, start: START });
    const seen: string[] = [];
    const again = () => {
      seen.push('ring');
      if (seen.length < 5) clock.at(START, again);
    };
    clock.at(START, again);
    setImmediate(() => seen.push('other'));
    await clock.settle();
    expect(seen.indexOf('other')).toBeLessThan(seen.lastIndexOf('ring'));
    clock.close();
  });
});

describe('the heap', () => {
  it('gives entries by due time, then by arrival, whatever is added, moved and removed', () => {
    const operation = fc.oneof(
      { weight: 3, arbitrary: fc.record({ add: fc.integer({ min: 0, max: 50 }) }) },
      { weight: 1, arbitrary: fc.record({ remove: fc.nat() }) },
      { weight: 1, arbitrary: fc.record({ move: fc.nat(), to: fc.integer({ min: 0, max: 50 }) }) },
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
            heap.release(gone!.slot);
          } else if ('move' in step && model.length > 0) {
            const [moved] = model.splice(step.move % model.length, 1);
            heap.put(moved!.slot, step.to);
            model.push({ due: step.to, order: order++, slot: moved!.slot });
          } else if ('take' in step) {
            const first = sorted()[0];
            const expected = first && first.due <= step.take ? first.slot : undefined;
            expect(heap.takeDue(step.take)).toBe(expected);
            if (expected !== undefined) heap.release(expected);
            model = model.filter((entry) => entry.slot !== expected);
          }
          expect(heap.size).toBe(model.length);
          expect(heap.firstDue).toBe(sorted()[0]?.due ?? Number.POSITIVE_INFINITY);
        }
      }),
    );
  });
});
