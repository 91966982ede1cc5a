/*
 * Retention: how long a group keeps its events. What is older is not read any more at once; it is dropped from
 * the store by due work, once a day while there is anything to drop.
 */
import type { DeleteRetentionPolicyRequest, PutRetentionPolicyRequest } from '@aws-sdk/client-cloudwatch-logs';
import { validationError } from '../../kernel/errors.ts';
import type { Context, DueWork, WaitingContext } from '../../kernel/service.ts';
import { eventBytes, readEvents } from './reading.ts';
import { findGroup, type Group, groups, listStreams, type Stream, streamKey, streams } from './tables.ts';

/** The due work's kind; its id is the group's name. */
export const RETENTION = 'logs.retention';

const DAY_MS = 86_400_000;
const DAYS = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

export function putRetentionPolicy(ctx: Context, input: PutRetentionPolicyRequest): void {
  const { name, group } = findGroup(ctx, { logGroupName: input.logGroupName });
  const retentionInDays = input.retentionInDays!;
  if (!DAYS.includes(retentionInDays)) {
    const problem = `Value '${retentionInDays}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [${DAYS.join(', ')}]`;
    throw validationError([problem], 'InvalidParameterException');
  }
  ctx.rows(groups).put(name, { ...group, retentionInDays });
  ctx.schedule({ kind: RETENTION, id: name, due: ctx.now });
}

export function deleteRetentionPolicy(ctx: Context, input: DeleteRetentionPolicyRequest): void {
  const { name, group } = findGroup(ctx, { logGroupName: input.logGroupName });
  const { retentionInDays: _, ...rest } = group;
  ctx.rows(groups).put(name, rest);
  ctx.unschedule(RETENTION, name);
}

/** The moment from which a group's events are kept, epoch milliseconds. */
export function retainedFrom({ retentionInDays }: Group, now: number): number {
  return retentionInDays === undefined ? 0 : now - retentionInDays * DAY_MS;
}

/** Drops what has expired of a group's events. */
export async function dropExpired(ctx: WaitingContext, { id: name }: DueWork): Promise<void> {
  const { before, expiring } = await ctx.transact((tx) => findExpiring(tx, name));
  const kept: Stream[] = [];
  for (const [, stream] of expiring) kept.push(await withoutExpired(ctx, stream, before));
  await ctx.transact((tx) => {
    const rows = tx.rows(streams);
    for (const [index, [stream, measured]] of expiring.entries()) {
      const key = streamKey(name, stream);
      // What was written to meanwhile waits for the next time: its counts are no longer those measured.
      if (rows.get(key) !== measured) continue;
      tx.truncate(measured.log, before);
      rows.put(key, kept[index]!);
    }
    scheduleNext(tx, name);
  });
}

function findExpiring(ctx: Context, name: string) {
  const group = ctx.rows(groups).get(name);
  const before = group ? retainedFrom(group, ctx.now) : 0;
  return { before, expiring: listStreams(ctx, name).filter(([, stream]) => (stream.firstEventAt ?? before) < before) };
}

/** A stream's row as it is to be when the events before a moment are gone. */
async function withoutExpired(ctx: WaitingContext, stream: Stream, before: number): Promise<Stream> {
  const { firstEventAt: _, lastEventAt, ...rest } = stream;
  if (lastEventAt! < before) return { ...rest, events: 0, bytes: 0 };
  let { events, bytes } = stream;
  for await (const event of readEvents(ctx, stream, { from: 0, until: before })) {
    events--;
    bytes -= eventBytes(event);
  }
  const first = await readEvents(ctx, stream, { from: before }).next();
  return { ...stream, events, bytes, firstEventAt: first.done ? lastEventAt! : first.value.at };
}

/** The next time is when the oldest event expires, yet not before a day has passed. */
function scheduleNext(ctx: Context, name: string): void {
  const retentionInDays = ctx.rows(groups).get(name)?.retentionInDays;
  if (retentionInDays === undefined) return;
  const oldest = listStreams(ctx, name).reduce(
    (moment, [, { firstEventAt }]) => Math.min(moment, firstEventAt ?? moment),
    ctx.now,
  );
  const due = Math.max(ctx.now + DAY_MS, oldest + retentionInDays * DAY_MS);
  ctx.schedule({ kind: RETENTION, id: name, due });
}
