/*
 * Goes through a graph: what waits for nothing any more is begun at once, up to a bound. Time moves on only while all
 * that is under way waits for somebody else: a custom resource's function, a signal, a nested stack.
 */
import type { WaitingContext } from '../../kernel/service.ts';

/** So many resources are worked on at once, beside those that wait for somebody. */
const AT_ONCE = 32;

/** Waits for somebody else, while time may move. Resolves with undefined when the walk is stopped. */
export type WaitFor = <T>(promise: Promise<T>) => Promise<T | undefined>;

export interface Walk {
  /** Begins nothing more, and ends what waits. */
  stop(): void;
  readonly done: Promise<void>;
}

/**
 * Takes a step for each id, after those that it waits for; where one resolves with false, what waits for it is not
 * begun. Rejects when a step does, once all are at their end.
 */
export function walk(
  ctx: WaitingContext,
  graph: ReadonlyMap<string, Iterable<string>>,
  step: (id: string, waitFor: WaitFor) => Promise<boolean>,
): Walk {
  const waiting = new Map<string, number>();
  const followers = new Map<string, string[]>();
  const ready: string[] = [];
  for (const [id, before] of graph) {
    const others = [...new Set(before)].filter((other) => graph.has(other) && other !== id);
    for (const other of others) followers.set(other, [...(followers.get(other) ?? []), id]);
    waiting.set(id, others.length);
    if (others.length === 0) ready.push(id);
  }
  const stopped = Promise.withResolvers<undefined>();
  let [stopping, running, busy] = [false, 0, 0];
  let changed = Promise.withResolvers<void>();
  let fault: { error: unknown } | undefined;

  const signal = () => changed.resolve();
  const stop = () => {
    stopping = true;
    stopped.resolve(undefined);
    signal();
  };
  const waitFor: WaitFor = async (promise) => {
    busy--;
    signal();
    try {
      return await Promise.race([promise, stopped.promise]);
    } finally {
      busy++;
      signal();
    }
  };
  const begin = (id: string) => {
    running++;
    busy++;
    step(id, waitFor)
      .then(
        (done) => {
          if (done) for (const next of followers.get(id) ?? []) release(next);
        },
        (error) => {
          fault ??= { error };
          stop();
        },
      )
      .finally(() => {
        running--;
        busy--;
        signal();
      });
  };
  const release = (id: string) => {
    const left = waiting.get(id)! - 1;
    waiting.set(id, left);
    if (left === 0) ready.push(id);
  };
  const go = async () => {
    for (;;) {
      while (!stopping && busy < AT_ONCE && ready.length > 0) begin(ready.shift()!);
      if (running === 0) break;
      changed = Promise.withResolvers();
      if (busy > 0) await changed.promise;
      else await ctx.letTimePass(changed.promise);
    }
    if (fault) throw fault.error;
  };
  return { stop, done: go() };
}
