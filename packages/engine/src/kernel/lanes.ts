/*
 * Lanes: deliveries that have to arrive in order. While one of a lane is on the agenda, those after it wait here, and
 * follow one by one: so one that fails for now keeps back its own lane, and no other.
 */
import type { Context } from './service.ts';
import { table } from './state/table.ts';

/** By lane, while one of it is on the agenda: how many have had to wait since. */
const held = table<number>('delivery.held');
/** By lane and the count at which they came. */
const waiting = table<unknown>('delivery.waiting');

/** Keeps a lane to one that is on the agenda. */
export function holdLane(ctx: Context, lane: string): void {
  if (!ctx.rows(held).has(lane)) ctx.rows(held).put(lane, 0);
}

/** Lets something wait when its lane is held; false when it may go. */
export function waitInLane(ctx: Context, lane: string, what: unknown): boolean {
  const count = ctx.rows(held).get(lane);
  if (count === undefined) return false;
  ctx.rows(held).put(lane, count + 1);
  ctx.rows(waiting).put(prefixOf(lane) + String(count).padStart(15, '0'), what);
  return true;
}

/** What is next in a lane, now that the one before it is through; the lane is free when there is nothing. */
export function nextInLane<T>(ctx: Context, lane: string): T | undefined {
  if (!ctx.rows(held).has(lane)) return undefined;
  const [first] = ctx.rows(waiting).list({ prefix: prefixOf(lane), limit: 1 });
  if (first) ctx.rows(waiting).delete(first[0]);
  else ctx.rows(held).delete(lane);
  return first?.[1] as T | undefined;
}

function prefixOf(lane: string): string {
  return `${lane}\t`;
}
