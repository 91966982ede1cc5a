/* Removes what a stack has made: in reverse order, custom resources before what they need. */
import type { WaitingContext } from '../../kernel/service.ts';
import { Failure, type Step } from './handler.ts';
import { handlerFor } from './handlers.ts';
import type { Made, Stack } from './stack.ts';
import type { WaitFor } from './walk.ts';

/** What is to be removed, by a key of its own. */
export interface Removable {
  readonly logicalId: string;
  readonly made: Made;
}

/** Each waits for those that need it. */
export function removalGraph(things: ReadonlyMap<string, Removable>): Map<string, string[]> {
  const keysOf = new Map<string, string[]>();
  for (const [key, { logicalId }] of things) keysOf.set(logicalId, [...(keysOf.get(logicalId) ?? []), key]);
  const graph = new Map<string, string[]>([...things.keys()].map((key) => [key, []]));
  for (const [key, { made }] of things) {
    for (const needed of made.dependsOn) for (const other of keysOf.get(needed) ?? []) graph.get(other)!.push(key);
  }
  return graph;
}

/** Removes one thing; gives the reason where it can't be. */
export async function remove(
  ctx: WaitingContext,
  stack: Stack,
  { logicalId, made }: Removable,
  how: { clientToken: string; begunAt: number; resumed: boolean; waitFor: WaitFor },
): Promise<string | undefined> {
  const step: Step = { ctx, stack, logicalId, type: made.type, ...how };
  try {
    await handlerFor(ctx.host, made.type).delete(step, made);
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.message;
  }
}
