import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MachineTimer } from '../../../kernel/clock.ts';
import { type Stay, Turnstile } from './turnstile.ts';

/** Timers of a machine in the test's hand. */
function machine() {
  const waiting = new Set<() => void>();
  const timers: MachineTimer = {
    after: (_ms, ring) => {
      waiting.add(ring);
      return { cancel: () => waiting.delete(ring) };
    },
  };
  return { timers, pass: () => [...waiting].map((ring) => ring()) };
}

describe('the turnstile', () => {
  it('lets out in the order of entry, whatever the order of leaving', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8 }), (order) => {
        const turnstile = new Turnstile(machine().timers);
        const out: number[] = [];
        const stays = order.map(() => turnstile.enter());
        for (const index of order) stays[index]!.leave(() => out.push(index));
        expect(out).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      }),
    );
  });

  it('lets others pass one who steps aside, and one who takes long', () => {
    const { timers, pass } = machine();
    const turnstile = new Turnstile(timers);
    const out: string[] = [];
    const [caller, slow, quick]: Stay[] = [turnstile.enter(), turnstile.enter(), turnstile.enter()];
    quick!.leave(() => out.push('quick'));
    caller!.stepAside();
    expect(out).toEqual([]);
    pass();
    expect(out).toEqual(['quick']);
    slow!.leave(() => out.push('slow'));
    caller!.leave(() => out.push('caller'));
    expect(out).toEqual(['quick', 'slow', 'caller']);
  });
});
