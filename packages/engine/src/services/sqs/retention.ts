/* How long messages are kept: due work drops them on the millisecond, in slices. A new period holds for old messages too. */
import type { Context } from '../../kernel/service.ts';
import { RETENTION, removeMessage } from './messages.ts';
import { numberOf, type Queue, queues } from './queue.ts';
import { inSlices, SLICE } from './slices.ts';
import { counters, messages, sortable } from './tables.ts';

/** Due work: drops the messages of a queue that have been kept for long enough, and comes back for the next. */
export const dropExpired = inSlices<true>((ctx, { kind, id: name }) => {
  const queue = ctx.rows(queues).get(name);
  if (!queue) return undefined;
  const until = `${queue.space} ${sortable(ctx.now - periodMs(queue) + 1)}`;
  const expired = ctx.rows(messages).list({ indexed: true, prefix: `${queue.space} `, until, limit: SLICE });
  for (const [key] of expired) removeMessage(ctx, queue, key);
  if (expired.length === SLICE) return true;
  ctx.unschedule(kind, name);
  reschedule(ctx, name, queue);
  return undefined;
});

/** Has due work come when the oldest message of a queue expires. */
export function reschedule(ctx: Context, name: string, queue: Queue): void {
  const [oldest] = ctx.rows(messages).list({ indexed: true, prefix: `${queue.space} `, limit: 1 });
  const last = ctx.rows(counters).get(queue.space)?.last ?? 0;
  if (!oldest) {
    ctx.rows(counters).put(queue.space, { last });
    return;
  }
  const expiresAt = Math.max(oldest[1].sentAt + periodMs(queue), ctx.now);
  ctx.rows(counters).put(queue.space, { last, expiresAt });
  ctx.schedule({ kind: RETENTION, id: name, due: expiresAt });
}

function periodMs(queue: Queue): number {
  return numberOf(queue, 'MessageRetentionPeriod') * 1000;
}
