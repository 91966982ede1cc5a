/* Waiting for somebody: a response, a signal, the end of another stack, or the moment by which it had to come. */
import { type Context, resource, type WaitingContext } from '../../kernel/service.ts';
import type { WaitFor } from './walk.ts';

/** Who waits, by what they wait for. */
const waiters = resource<Map<string, Set<() => void>>>({ open: () => new Map(), close: (map) => map.clear() });

/** Lets those look again who wait for something. */
export function wake(ctx: Context, what: string): void {
  for (const look of ctx.use(waiters).get(what) ?? []) look();
}

export type Waited<T> = { readonly found: T } | 'late' | 'stopped';

/** Waits until `look` finds something, which it does again whenever `what` is woken; or for a moment to come. */
export async function waitUntil<T>(
  ctx: WaitingContext,
  waitFor: WaitFor,
  what: string,
  deadline: number,
  look: (tx: Context) => T | undefined,
): Promise<Waited<T>> {
  const sleepers = ctx.use(waiters);
  for (;;) {
    const woken = Promise.withResolvers<true>();
    const ring = () => woken.resolve(true);
    sleepers.set(what, (sleepers.get(what) ?? new Set()).add(ring));
    const timer = Number.isFinite(deadline) ? ctx.clock.at(deadline, ring) : undefined;
    const closed = () => woken.reject(ctx.signal.reason);
    try {
      const found = await ctx.transact(look);
      if (found !== undefined) return { found };
      if (ctx.clock.now() >= deadline) return 'late';
      ctx.signal.addEventListener('abort', closed, { once: true });
      if (!(await waitFor(woken.promise))) return 'stopped';
    } finally {
      timer?.cancel();
      sleepers.get(what)?.delete(ring);
      ctx.signal.removeEventListener('abort', closed);
    }
  }
}
