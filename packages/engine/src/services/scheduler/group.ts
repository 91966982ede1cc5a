/*
 * What a schedule group is: its record, and its name and ARN. The group `default` is always there.
 */
import type { ScheduleGroupSummary } from '@aws-sdk/client-scheduler';
import { formatArn, type Scope } from '../../kernel/arn.ts';
import { dateOf } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { DEFAULT_GROUP } from './schedule.ts';

/** What is kept of a group. Moments are epoch milliseconds. */
export interface Group {
  /** Unknown of the default group, which nobody made. */
  readonly createdAt?: number;
  readonly modifiedAt?: number;
  readonly deleting?: true;
  readonly tags?: Readonly<Record<string, string>>;
  /** The token of the call that made it. */
  readonly clientToken?: string;
}

/** By name; the default group only once it has tags. */
export const groups = table<Group>('scheduler.groups');

const UNTOUCHED_DEFAULT: Group = {};

/** The names of all groups, in order. */
export function groupNames(ctx: Context): string[] {
  const names = ctx
    .rows(groups)
    .list()
    .map(([name]) => name);
  return names.includes(DEFAULT_GROUP) ? names : [...names, DEFAULT_GROUP].sort();
}

/** The group of a name, or AWS's error. */
export function findGroup(ctx: Context, name: string): Group {
  const group = groupOf(ctx, name);
  if (group) return group;
  throw new AwsError('ResourceNotFoundException', `Schedule group ${name} does not exist.`, { status: 404 });
}

/** Throws AWS's error unless schedules can be put in the group. */
export function requireActiveGroup(ctx: Context, name: string): void {
  if (findGroup(ctx, name).deleting) throw beingDeleted(name);
}

export function arnOfGroup(scope: Scope, name: string): string {
  return formatArn('scheduler', scope, `schedule-group/${name}`);
}

/** The group of a name, where there is one. */
export function groupOf(ctx: Context, name: string): Group | undefined {
  return ctx.rows(groups).get(name) ?? (name === DEFAULT_GROUP ? UNTOUCHED_DEFAULT : undefined);
}

export function beingDeleted(name: string): AwsError {
  return new AwsError('ConflictException', `Schedule group ${name} is being deleted.`, { status: 409 });
}

/** A group as AWS shows it. */
export function shapeOf(
  scope: Scope,
  name: string,
  { createdAt, modifiedAt = createdAt, deleting }: Group,
): ScheduleGroupSummary {
  return {
    Arn: arnOfGroup(scope, name),
    Name: name,
    State: deleting ? 'DELETING' : 'ACTIVE',
    ...(createdAt !== undefined && { CreationDate: dateOf(createdAt) }),
    ...(modifiedAt !== undefined && { LastModificationDate: dateOf(modifiedAt) }),
  };
}
