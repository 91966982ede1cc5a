/*
 * The operations on replays.
 *
 * Words and limits: EventBridge API Reference, StartReplay and its neighbours; User Guide, "Amazon EventBridge quotas".
 */
import type {
  CancelReplayRequest,
  CancelReplayResponse,
  DescribeReplayRequest,
  DescribeReplayResponse,
  ListReplaysRequest,
  ListReplaysResponse,
  Replay as ReplayShape,
  StartReplayRequest,
  StartReplayResponse,
} from '@aws-sdk/client-eventbridge';
import type { Scope } from '../../kernel/arn.ts';
import { dateOf } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { archiveArn, archives, findArchive, nameOfArchiveArn } from './archive.ts';
import { busArn, isBusArn } from './bus.ts';
import { onlyOneFilter, pageOf } from './lists.ts';
import { isUnderWay, type Replay, replayArn, replays, scheduleSlice } from './replay.ts';
import { keyOfRuleArn, splitKey } from './rule.ts';

/** The most replays under way at once. */
const CONCURRENT = 10;

export function startReplay(ctx: Context, input: StartReplayRequest): StartReplayResponse {
  const name = input.ReplayName!;
  const archive = archiveOf(ctx, input.EventSourceArn!);
  const { bus, log } = findArchive(ctx, archive);
  checkDestination(ctx, input, bus);
  const [from, to] = [input.EventStartTime!.getTime(), input.EventEndTime!.getTime()];
  if (from >= to) throw invalid('EventEndTime', 'EventStartTime must be before EventEndTime.');
  if (ctx.rows(replays).has(name)) {
    throw new AwsError('ResourceAlreadyExistsException', `Replay ${name} already exists.`);
  }
  const underWay = ctx
    .rows(replays)
    .list()
    .filter(([, replay]) => isUnderWay(replay));
  if (underWay.length >= CONCURRENT) {
    throw new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');
  }
  ctx.rows(replays).put(name, {
    ...(input.Description && { description: input.Description }),
    ...{ archive, log, from, to, state: 'STARTING', startedAt: ctx.now },
    destination: input.Destination!,
  });
  scheduleSlice(ctx, name);
  return { ReplayArn: replayArn(ctx.scope, name), State: 'STARTING', ReplayStartTime: dateOf(ctx.now) };
}

export function describeReplay(ctx: Context, input: DescribeReplayRequest): DescribeReplayResponse {
  const name = input.ReplayName!;
  const replay = findReplay(ctx, name);
  return {
    ReplayArn: replayArn(ctx.scope, name),
    ...shapeOf(ctx.scope, name, replay),
    ...(replay.description && { Description: replay.description }),
    Destination: replay.destination,
  };
}

export function listReplays(ctx: Context, input: ListReplaysRequest): ListReplaysResponse {
  const { NamePrefix, EventSourceArn, State } = input;
  onlyOneFilter('ListReplays', { State, EventSourceArn, NamePrefix });
  const all = ctx.rows(replays).list({ prefix: NamePrefix ?? '' });
  const found = all
    .filter(([, { archive }]) => EventSourceArn === undefined || archiveArn(ctx.scope, archive) === EventSourceArn)
    .filter(([, { state }]) => State === undefined || state === State);
  const { items, ...next } = pageOf(found, input);
  return { Replays: items.map(([name, replay]) => shapeOf(ctx.scope, name, replay)), ...next };
}

export function cancelReplay(ctx: Context, input: CancelReplayRequest): CancelReplayResponse {
  const name = input.ReplayName!;
  const replay = findReplay(ctx, name);
  if (!isUnderWay(replay)) {
    throw new AwsError('IllegalStatusException', `Replay ${name} is not in a valid state for this operation.`);
  }
  ctx.rows(replays).put(name, { ...replay, state: 'CANCELLING' });
  scheduleSlice(ctx, name);
  return { ReplayArn: replayArn(ctx.scope, name), State: 'CANCELLING' };
}

function findReplay(ctx: Context, name: string): Replay {
  const replay = ctx.rows(replays).get(name);
  if (!replay) throw new AwsError('ResourceNotFoundException', `Replay ${name} does not exist.`);
  return replay;
}

function archiveOf(ctx: Context, arn: string): string {
  const name = nameOfArchiveArn(ctx.scope, arn);
  if (name === undefined) throw invalid('EventSourceArn', 'Must contain an archive ARN.');
  if (ctx.rows(archives).has(name)) return name;
  const reason = `Archive ${name} does not exist.`;
  throw new AwsError('ResourceNotFoundException', `Parameter EventSourceArn is not valid. Reason: ${reason}`);
}

/** Events go back to the bus that they came from: all of its rules, or those that are named. */
function checkDestination(ctx: Context, { Destination }: StartReplayRequest, bus: string): void {
  const { Arn, FilterArns = [] } = Destination!;
  if (!isBusArn(Arn!)) throw invalid('Destination.Arn', 'Must contain an event bus ARN.');
  if (Arn !== busArn(ctx.scope, bus)) throw invalid('Destination.Arn', 'Cross event bus replay is not permitted.');
  for (const arn of FilterArns) {
    const key = keyOfRuleArn(arn);
    if (key && splitKey(key)[0] === bus) continue;
    throw invalid('Destination.FilterArns', `${arn} is not the ARN of a rule on the event bus.`);
  }
}

function invalid(parameter: string, reason: string): AwsError {
  return new AwsError('ValidationException', `Parameter ${parameter} is not valid. Reason: ${reason}`);
}

function shapeOf(scope: Scope, name: string, replay: Replay): ReplayShape {
  const { last, endedAt } = replay;
  return {
    ReplayName: name,
    EventSourceArn: archiveArn(scope, replay.archive),
    State: replay.state,
    ...(replay.reason && { StateReason: replay.reason }),
    EventStartTime: dateOf(replay.from),
    EventEndTime: dateOf(replay.to),
    ...(last && { EventLastReplayedTime: dateOf(last.at) }),
    ReplayStartTime: dateOf(replay.startedAt),
    ...(endedAt !== undefined && { ReplayEndTime: dateOf(endedAt) }),
  };
}
