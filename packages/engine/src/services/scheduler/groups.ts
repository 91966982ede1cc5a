/*
 * The operations on schedule groups. One that is deleted takes its schedules with it, a slice at a
 * time, and is DELETING meanwhile.
 *
 * Words and limits: EventBridge Scheduler API Reference, CreateScheduleGroup and its neighbours.
 */
import type {
  CreateScheduleGroupInput,
  CreateScheduleGroupOutput,
  DeleteScheduleGroupInput,
  GetScheduleGroupInput,
  GetScheduleGroupOutput,
  ListScheduleGroupsInput,
  ListScheduleGroupsOutput,
} from '@aws-sdk/client-scheduler';
import { AwsError } from '../../kernel/errors.ts';
import { page } from '../../kernel/paging.ts';
import type { Context, DueWork } from '../../kernel/service.ts';
import { arnOfGroup, beingDeleted, findGroup, type Group, groupNames, groupOf, groups, shapeOf } from './group.ts';
import { DEFAULT_GROUP, invalidToken, schedules } from './schedule.ts';
import { dropSchedule } from './schedules.ts';
import { mergeTags } from './tags.ts';

const EMPTYING = 'scheduler.emptying';
/** How many schedules go with a group in one transaction. */
const SLICE = 1_000;
const PAGE = 100;

export function createScheduleGroup(ctx: Context, input: CreateScheduleGroupInput): CreateScheduleGroupOutput {
  const { Name: name, ClientToken: clientToken } = input;
  const ScheduleGroupArn = arnOfGroup(ctx.scope, name!);
  const before = groupOf(ctx, name!);
  if (before) {
    if (clientToken !== undefined && before.clientToken === clientToken) return { ScheduleGroupArn };
    throw new AwsError('ConflictException', `Schedule group ${name} already exists.`, { status: 409 });
  }
  const tags = mergeTags({}, input.Tags ?? []);
  const createdAt = ctx.now;
  ctx.rows(groups).put(name!, { createdAt, tags, ...(clientToken !== undefined && { clientToken }) });
  return { ScheduleGroupArn };
}

export function getScheduleGroup(ctx: Context, { Name }: GetScheduleGroupInput): GetScheduleGroupOutput {
  return shapeOf(ctx.scope, Name!, findGroup(ctx, Name!));
}

export function listScheduleGroups(ctx: Context, input: ListScheduleGroupsInput): ListScheduleGroupsOutput {
  const { NamePrefix = '', NextToken, MaxResults } = input;
  const names = groupNames(ctx).filter((name) => name.startsWith(NamePrefix));
  const list = (after = '', limit: number) =>
    names
      .filter((name) => name > after)
      .slice(0, limit)
      .map((name) => [name, groupOf(ctx, name)!] as [string, Group]);
  const request = { token: NextToken, limit: MaxResults, most: PAGE, invalid: invalidToken };
  const { items, nextToken } = page(list, request);
  return {
    ScheduleGroups: items.map(([name, group]) => shapeOf(ctx.scope, name, group)),
    ...(nextToken && { NextToken: nextToken }),
  };
}

export function deleteScheduleGroup(ctx: Context, { Name }: DeleteScheduleGroupInput): Record<string, never> {
  const group = findGroup(ctx, Name!);
  if (Name === DEFAULT_GROUP)
    throw new AwsError('ValidationException', 'The default schedule group cannot be deleted.');
  if (group.deleting) throw beingDeleted(Name!);
  ctx.rows(groups).put(Name!, { ...group, deleting: true, modifiedAt: ctx.now });
  ctx.schedule({ kind: EMPTYING, id: Name!, due: ctx.now });
  return {};
}

/** Due work: some schedules of a group that is being deleted go, or the group itself when none is left. */
export function empty(ctx: Context, work: DueWork): void {
  const rows = ctx.rows(schedules).list({ prefix: `${work.id}/`, limit: SLICE });
  for (const [key] of rows) dropSchedule(ctx, key);
  if (rows.length < SLICE) ctx.rows(groups).delete(work.id);
  else ctx.schedule({ kind: EMPTYING, id: work.id, due: ctx.now });
}
