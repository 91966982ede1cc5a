/*
 * What can be received now, and when that will change by itself.
 *
 * A standard queue gives what became visible first. A FIFO queue gives the first messages of the group that has
 * been ready longest, and goes on with other groups (Developer Guide, "FIFO queue delivery logic").
 */
import type { Context } from '../../kernel/service.ts';
import { dueUntil } from './counts.ts';
import { availableAt, headOf } from './groups.ts';
import type { Queue } from './queue.ts';
import { groups, laneOf, type Place, places, sortable } from './tables.ts';

/** A message by its key, and where it stands. */
export type Standing = readonly [key: string, place: Place];

/** The first messages that can be received now. */
export function available(ctx: Context, queue: Queue, limit: number): Standing[] {
  if (queue.fifo) return availableInGroups(ctx, queue, limit);
  const lanes = [0, 1].flatMap((receives) =>
    ctx.rows(places).list({
      indexed: true,
      prefix: laneOf(queue.space, receives),
      until: dueUntil(queue, receives, ctx.now),
      limit,
    }),
  );
  return lanes.sort(([, a], [, b]) => a.visibleAt - b.visibleAt).slice(0, limit);
}

function availableInGroups(ctx: Context, queue: Queue, limit: number): Standing[] {
  const found: Standing[] = [];
  const prefix = `${queue.space} `;
  const until = prefix + sortable(ctx.now + 1);
  for (const [groupKey] of ctx.rows(groups).list({ indexed: true, prefix, until, limit })) {
    if (found.length >= limit) break;
    for (const standing of headOf(ctx, queue, groupKey.slice(prefix.length), limit - found.length)) {
      if (availableAt(queue, standing[1]) > ctx.now) break;
      found.push(standing);
    }
  }
  return found;
}

/** When something becomes visible by itself, given that nothing is visible now. */
export function nextVisibleAt(ctx: Context, queue: Queue): number {
  const first = queue.fifo
    ? ctx
        .rows(groups)
        .list({ indexed: true, prefix: `${queue.space} `, limit: 1 })
        .map(([, { readyAt }]) => readyAt)
    : [0, 1].flatMap((receives) =>
        ctx
          .rows(places)
          .list({ indexed: true, prefix: laneOf(queue.space, receives), limit: 1 })
          .map(([, { visibleAt }]) => visibleAt),
      );
  return Math.min(...first.map((moment) => Math.max(moment, ctx.now + 1)));
}
