/*
 * Message groups of FIFO queues. A group is received from in order, and while a message of it is in flight,
 * nothing else of it is: so what is in flight is always among the first few of the group.
 */
import type { Context } from '../../kernel/service.ts';
import { pollers } from './pollers.ts';
import { numberOf, type Queue, queues } from './queue.ts';
import { inSlices, SLICE } from './slices.ts';
import { groups, type Place, places } from './tables.ts';

/** The most messages of one receipt, and so the most of a group in flight. */
export const MOST_RECEIVED = 10;

/** When a message can be received, epoch milliseconds. A FIFO queue's delay holds for what was sent before it was set. */
export function availableAt(queue: Queue, { visibleAt, receives }: Place): number {
  return queue.fifo && receives === 0 ? visibleAt + numberOf(queue, 'DelaySeconds') * 1000 : visibleAt;
}

/** The first messages of a group, in order. */
export function headOf(ctx: Context, { space }: Queue, groupId: string, limit: number): [key: string, place: Place][] {
  return ctx.rows(places).list({ prefix: `${space} ${groupId} `, limit });
}

/** Reckons anew when a group is ready; has to follow every change to its first messages. */
export function refreshGroup(ctx: Context, queue: Queue, groupId: string): void {
  const rows = ctx.rows(groups);
  const key = `${queue.space} ${groupId}`;
  const [head, ...others] = headOf(ctx, queue, groupId, MOST_RECEIVED);
  if (!head) {
    rows.delete(key);
    return;
  }
  const readyAt = others.reduce(
    (latest, [, { receives, visibleAt }]) => (receives > 0 ? Math.max(latest, visibleAt) : latest),
    availableAt(queue, head[1]),
  );
  const first = head[0].slice(key.length + 1);
  const held = rows.get(key);
  if (held?.readyAt !== readyAt || held.first !== first) rows.put(key, { readyAt, first });
}

/** The due work that reckons all groups of a queue anew; its id is the queue's name. */
const RETIME = 'sqs.retime';

/** Has a new delay of a queue hold for the groups that it has. */
export function retimeGroups(ctx: Context, name: string): void {
  ctx.schedule({ kind: RETIME, id: name, due: ctx.now });
}

/** Due work: reckons them anew, one slice after the other. */
export const retimed = inSlices<string>((ctx, { kind, id: name }, after) => {
  const queue = ctx.rows(queues).get(name);
  if (!queue) return undefined;
  const prefix = `${queue.space} `;
  const slice = ctx.rows(groups).list({ prefix, limit: SLICE, ...(after !== undefined && { after }) });
  for (const [key] of slice) refreshGroup(ctx, queue, key.slice(prefix.length));
  ctx.use(pollers).wakeAll(queue.id);
  const last = slice[SLICE - 1]?.[0];
  if (last === undefined) ctx.unschedule(kind, name);
  return last;
});
