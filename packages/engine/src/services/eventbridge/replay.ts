/*
 * What a replay is: its record, and how the events of an archive go to rules once more, slice after slice. A slice is
 * one transaction, with the place in the archive that it came to: so a crash neither loses nor repeats any.
 *
 * AWS: EventBridge User Guide, "Replaying archived events"; API Reference, Replay.
 */
import type { ReplayDestination, ReplayState } from '@aws-sdk/client-eventbridge';
import { formatArn, parseArn, type Scope } from '../../kernel/arn.ts';
import type { Context, DueWork, WaitingContext } from '../../kernel/service.ts';
import type { LogEntry, LogPosition } from '../../kernel/state/backend.ts';
import { table } from '../../kernel/state/table.ts';
import { archives } from './archive.ts';
import { hasBus } from './bus.ts';
import { replayedEvent } from './event.ts';
import { route } from './events.ts';

/** What is kept of a replay; moments are epoch milliseconds. */
export interface Replay {
  readonly description?: string;
  /** The name of the archive, and its log: an archive made anew under the name is another one. */
  readonly archive: string;
  readonly log: string;
  /** The first and the last moment of events to be replayed. */
  readonly from: number;
  readonly to: number;
  readonly destination: ReplayDestination;
  readonly state: ReplayState;
  readonly reason?: string;
  readonly startedAt: number;
  readonly endedAt?: number;
  /** The place in the archive of the last event that was replayed. */
  readonly last?: LogPosition;
}

/** By name. */
export const replays = table<Replay>('eventbridge.replays');

const SLICE = 'eventbridge.replay';
const OBLIVION = 'eventbridge.oblivion';
/** How many events are replayed as one transaction. */
const SLICE_EVENTS = 100;
/** How long a replay is remembered once it has ended (User Guide, "Replaying archived events"). */
const KEPT_MS = 90 * 86_400_000;

export function replayArn(scope: Scope, name: string): string {
  return formatArn('events', scope, `replay/${name}`);
}

/** Whether a replay has events still to send. */
export function isUnderWay({ state }: Replay): boolean {
  return state === 'STARTING' || state === 'RUNNING';
}

/** Puts the next slice of a replay on the agenda. */
export function scheduleSlice(ctx: Context, name: string): void {
  ctx.schedule({ kind: SLICE, id: name, due: ctx.now });
}

/** Due work: the next events of a replay go to the rules of their bus. */
export async function replaySlice(ctx: WaitingContext, { id: name }: DueWork): Promise<void> {
  const { replay, fault } = await ctx.transact((tx) => lookAt(tx, name));
  if (!replay || fault || !isUnderWay(replay)) {
    await ctx.transact((tx) => end(tx, name, fault ? 'FAILED' : 'CANCELLED', fault));
    return;
  }
  const { from, to, last } = replay;
  const range = { from, until: to + 1, limit: SLICE_EVENTS, ...(last && { beyond: last }) };
  const entries = await ctx.read(replay.log, range);
  await ctx.transact((tx) => send(tx, name, entries));
}

/** Due work: a replay that ended long ago is forgotten. */
export function forget(ctx: Context, { id: name }: DueWork): void {
  ctx.rows(replays).delete(name);
}

/** A replay, and what keeps it from going on. */
function lookAt(ctx: Context, name: string): { replay?: Replay | undefined; fault?: string } {
  const replay = ctx.rows(replays).get(name);
  if (!replay) return {};
  if (ctx.rows(archives).get(replay.archive)?.log !== replay.log) return { replay, fault: 'The archive was deleted.' };
  if (!hasBus(ctx, busOf(replay))) return { replay, fault: 'The event bus was deleted.' };
  return { replay };
}

function send(ctx: Context, name: string, entries: readonly LogEntry[]): void {
  const replay = ctx.rows(replays).get(name);
  if (!replay || !isUnderWay(replay)) {
    end(ctx, name, 'CANCELLED');
    return;
  }
  const { FilterArns } = replay.destination;
  const only = FilterArns && FilterArns.length > 0 ? new Set(FilterArns) : undefined;
  for (const { at, data } of entries) route(ctx, busOf(replay), replayedEvent(data, at, name), 'new', only);
  const last = entries.at(-1);
  ctx.rows(replays).put(name, {
    ...replay,
    state: 'RUNNING',
    ...(last && { last: { at: last.at, sequence: last.sequence } }),
  });
  if (entries.length === SLICE_EVENTS) scheduleSlice(ctx, name);
  else end(ctx, name, 'COMPLETED');
}

function end(ctx: Context, name: string, state: ReplayState, reason?: string): void {
  const replay = ctx.rows(replays).get(name);
  if (!replay || replay.endedAt !== undefined) return;
  ctx.rows(replays).put(name, { ...replay, state, ...(reason && { reason }), endedAt: ctx.now });
  ctx.schedule({ kind: OBLIVION, id: name, due: ctx.now + KEPT_MS });
}

function busOf({ destination }: Replay): string {
  return parseArn(destination.Arn!)!.resource.slice('event-bus/'.length);
}
