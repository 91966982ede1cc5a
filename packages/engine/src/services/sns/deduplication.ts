/*
 * What FIFO topics remember for five minutes: which messages were published, so that one published twice goes out
 * once (Developer Guide, "Message deduplication for FIFO topics"); and how far their sequence has come.
 */
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';

const REMEMBERED_MS = 300_000;
/** How many that have been forgotten are dropped whenever something is remembered: more than come. */
const DROPPED = 2;

export interface Published {
  readonly MessageId: string;
  readonly SequenceNumber: string;
}

/** By `<topic's id> <group or nothing> <deduplication id>`; indexed by age. */
const published = table<Published & { readonly at: number }>('sns.published', {
  index: ({ at }, key) => indexOf(key.slice(0, key.indexOf(' ')), at),
});

/** The last sequence that a topic gave, by its id. */
const sequences = table<number>('sns.sequences');

function indexOf(topicId: string, at: number): string {
  return `${topicId} ${String(at).padStart(15, '0')}`;
}

export function recall(ctx: Context, key: string): Published | undefined {
  const memory = ctx.rows(published).get(key);
  if (!memory || ctx.now >= memory.at + REMEMBERED_MS) return undefined;
  const { at: _, ...told } = memory;
  return told;
}

export function remember(ctx: Context, topicId: string, key: string, told: Published): void {
  const rows = ctx.rows(published);
  rows.put(key, { ...told, at: ctx.now });
  const until = indexOf(topicId, ctx.now - REMEMBERED_MS + 1);
  const forgotten = rows.list({ indexed: true, prefix: `${topicId} `, until, limit: DROPPED });
  for (const [old] of forgotten) rows.delete(old);
}

/** Twenty digits, as AWS has them. */
export function nextSequence(ctx: Context, topicId: string): string {
  const next = (ctx.rows(sequences).get(topicId) ?? 0) + 1;
  ctx.rows(sequences).put(topicId, next);
  return `1${String(next).padStart(19, '0')}`;
}
