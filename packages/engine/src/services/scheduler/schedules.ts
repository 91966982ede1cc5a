/*
 * The operations on schedules. While a schedule is enabled it has one entry on the agenda: its next ring (rings.ts).
 *
 * Words and limits: EventBridge Scheduler API Reference, CreateSchedule and its neighbours.
 */
import type {
  CreateScheduleInput,
  CreateScheduleOutput,
  DeleteScheduleInput,
  GetScheduleInput,
  GetScheduleOutput,
  ListSchedulesInput,
  ListSchedulesOutput,
  UpdateScheduleInput,
  UpdateScheduleOutput,
} from '@aws-sdk/client-scheduler';
import { AwsError } from '../../kernel/errors.ts';
import { page } from '../../kernel/paging.ts';
import type { Context } from '../../kernel/service.ts';
import { findGroup, groupNames, requireActiveGroup } from './group.ts';
import { beginRinging, LATE_START_MS, readExpression, stopRinging } from './rings.ts';
import {
  arnOfSchedule,
  findSchedule,
  invalidToken,
  keyOf,
  type Schedule,
  schedules,
  shapeOf,
  splitKey,
  summaryOf,
} from './schedule.ts';
import { checkTarget } from './targets.ts';

/** The largest page, and a page's size when the client has no wish (API Reference, ListSchedules). */
const PAGE = 100;

export function createSchedule(ctx: Context, input: CreateScheduleInput): CreateScheduleOutput {
  const key = keyOf(input);
  const ScheduleArn = arnOfSchedule(ctx.scope, key);
  requireActiveGroup(ctx, splitKey(key)[0]);
  const before = ctx.rows(schedules).get(key);
  const { ClientToken: clientToken } = input;
  if (before) {
    if (clientToken !== undefined && before.clientToken === clientToken) return { ScheduleArn };
    throw new AwsError('ConflictException', `Schedule ${input.Name} already exists.`, { status: 409 });
  }
  checkInput(ctx, input, undefined);
  const schedule: Schedule = {
    ...readInput(input),
    anchor: ctx.now,
    createdAt: ctx.now,
    ...(clientToken !== undefined && { clientToken }),
  };
  ctx.rows(schedules).put(key, schedule);
  beginRinging(ctx, key, schedule);
  return { ScheduleArn };
}

/** Replaces all of a schedule. One that rings as it did before goes on ringing in step; else it begins anew. */
export function updateSchedule(ctx: Context, input: UpdateScheduleInput): UpdateScheduleOutput {
  const key = keyOf(input);
  const before = findSchedule(ctx, key);
  requireActiveGroup(ctx, splitKey(key)[0]);
  checkInput(ctx, input, before);
  const after = readInput(input);
  const inStep = TIMING.every((member) => before[member] === after[member]);
  const { createdAt, clientToken } = before;
  const schedule: Schedule = {
    ...after,
    anchor: inStep ? before.anchor : ctx.now,
    createdAt,
    modifiedAt: ctx.now,
    ...(clientToken !== undefined && { clientToken }),
  };
  ctx.rows(schedules).put(key, schedule);
  if (!inStep) beginRinging(ctx, key, schedule);
  return { ScheduleArn: arnOfSchedule(ctx.scope, key) };
}

export function getSchedule(ctx: Context, input: GetScheduleInput): GetScheduleOutput {
  const key = keyOf(input);
  return shapeOf(ctx.scope, key, findSchedule(ctx, key));
}

export function deleteSchedule(ctx: Context, input: DeleteScheduleInput): Record<string, never> {
  const key = keyOf(input);
  findSchedule(ctx, key);
  dropSchedule(ctx, key);
  return {};
}

export function dropSchedule(ctx: Context, key: string): void {
  ctx.rows(schedules).delete(key);
  stopRinging(ctx, key);
}

export function listSchedules(ctx: Context, input: ListSchedulesInput): ListSchedulesOutput {
  const { GroupName, NamePrefix = '', State, NextToken, MaxResults } = input;
  if (GroupName !== undefined) findGroup(ctx, GroupName);
  const groups = GroupName === undefined ? groupNames(ctx) : [GroupName];
  const wanted = (schedule: Schedule) => State === undefined || (State === 'DISABLED') === (schedule.disabled === true);
  const { items, nextToken } = page((after, limit) => select(ctx, { groups, NamePrefix, wanted, after, limit }), {
    token: NextToken,
    limit: MaxResults,
    most: PAGE,
    invalid: invalidToken,
  });
  return {
    Schedules: items.map(([key, schedule]) => summaryOf(ctx.scope, key, schedule)),
    ...(nextToken && { NextToken: nextToken }),
  };
}

interface Selection {
  /** In order. */
  readonly groups: readonly string[];
  readonly NamePrefix: string;
  readonly wanted: (schedule: Schedule) => boolean;
  readonly after: string | undefined;
  readonly limit: number;
}

/** Schedules by group and name, from after a key on. */
function select(ctx: Context, { groups, NamePrefix, wanted, after, limit }: Selection): [string, Schedule][] {
  const found: [string, Schedule][] = [];
  const groupReached = after === undefined ? '' : splitKey(after)[0];
  for (const group of groups) {
    if (group < groupReached) continue;
    let last = group === groupReached ? after : undefined;
    while (found.length < limit) {
      const prefix = `${group}/${NamePrefix}`;
      const rows = ctx.rows(schedules).list({ prefix, limit, ...(last !== undefined && { after: last }) });
      for (const row of rows) if (wanted(row[1]) && found.length < limit) found.push(row);
      last = rows.at(-1)?.[0];
      if (rows.length < limit) break;
    }
  }
  return found;
}

/** What decides when a schedule rings. */
const TIMING = ['expression', 'timeZone', 'start', 'end', 'windowMinutes', 'disabled'] as const;

function readInput(input: UpdateScheduleInput): Omit<Schedule, 'anchor' | 'createdAt'> {
  const {
    ScheduleExpressionTimezone: timeZone,
    StartDate,
    EndDate,
    Description,
    KmsKeyArn,
    FlexibleTimeWindow,
  } = input;
  return {
    expression: input.ScheduleExpression!,
    ...(timeZone !== undefined && timeZone !== 'UTC' && { timeZone }),
    ...(StartDate && { start: StartDate.getTime() }),
    ...(EndDate && { end: EndDate.getTime() }),
    target: input.Target!,
    ...(FlexibleTimeWindow!.Mode === 'FLEXIBLE' && { windowMinutes: FlexibleTimeWindow!.MaximumWindowInMinutes! }),
    ...(Description !== undefined && { description: Description }),
    ...(KmsKeyArn !== undefined && { kmsKeyArn: KmsKeyArn }),
    ...(input.State === 'DISABLED' && { disabled: true }),
    ...(input.ActionAfterCompletion === 'DELETE' && { deleteAfterCompletion: true }),
  };
}

function checkInput(ctx: Context, input: UpdateScheduleInput, before: Schedule | undefined): void {
  const { kind } = readExpression(input.ScheduleExpression!, input.ScheduleExpressionTimezone, ctx.host.settings);
  if (kind !== 'at') checkSpan(ctx, input, before);
  const { Mode, MaximumWindowInMinutes } = input.FlexibleTimeWindow!;
  if (Mode === 'OFF' && MaximumWindowInMinutes !== undefined) {
    throw invalid('MaximumWindowInMinutes must not be provided when FlexibleTimeWindowMode is set to OFF.');
  }
  if (Mode === 'FLEXIBLE' && MaximumWindowInMinutes === undefined) {
    throw invalid('MaximumWindowInMinutes must be provided when FlexibleTimeWindowMode is set to FLEXIBLE.');
  }
  checkTarget(input.Target!);
}

/** A start that was taken once may be given again. */
function checkSpan(ctx: Context, { StartDate, EndDate }: UpdateScheduleInput, before: Schedule | undefined): void {
  const [start, end] = [StartDate?.getTime(), EndDate?.getTime()];
  if (start !== undefined && start !== before?.start && start < ctx.now - LATE_START_MS) {
    throw invalid('The StartDate you specify cannot be earlier than 5 minutes ago.');
  }
  if (end === undefined || end === before?.end) return;
  if (end <= ctx.now) throw invalid('The EndDate you specify must be in the future.');
  if (start !== undefined && end <= start) throw invalid('The EndDate you specify must come after the StartDate.');
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}
