/* What is left of a purged or deleted queue, dropped by due work in slices, so that a million messages block nobody. */
import type { Context } from '../../kernel/service.ts';
import type { Table } from '../../kernel/state/table.ts';
import { attempts, deduplications } from './memories.ts';
import { inSlices, SLICE } from './slices.ts';
import { counters, groups, messages, places } from './tables.ts';

const SWEEP = 'sqs.sweep';

/** Drops all rows whose keys start with a space's name, or a queue's id. */
export function sweep(ctx: Context, prefix: string): void {
  ctx.schedule({ kind: SWEEP, id: prefix, due: ctx.now });
}

/** Due work: drops them. */
export const dropSwept = inSlices<true>((ctx, { id: prefix }) => {
  ctx.rows(counters).delete(prefix);
  const tables = [messages, places, groups, attempts, deduplications] as readonly Table<unknown>[];
  const dropped = tables.map((table) => dropSlice(ctx, table, prefix));
  return dropped.includes(SLICE) ? true : undefined;
});

function dropSlice(ctx: Context, table: Table<unknown>, prefix: string): number {
  const rows = ctx.rows(table);
  const slice = rows.list({ indexed: true, prefix: `${prefix} `, limit: SLICE });
  for (const [key] of slice) rows.delete(key);
  return slice.length;
}
