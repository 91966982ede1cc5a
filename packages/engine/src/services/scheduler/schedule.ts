/*
 * What a schedule is: its record, and its name, key and ARN. There may be millions, so a record leaves out what is as
 * AWS has it by default.
 */
import type { GetScheduleOutput, ScheduleSummary, Target } from '@aws-sdk/client-scheduler';
import { formatArn, type Scope } from '../../kernel/arn.ts';
import { dateOf } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';

/** What is kept of a schedule; its group and name are in its key. Moments are epoch milliseconds. */
export interface Schedule {
  readonly expression: string;
  /** An IANA name; UTC when absent. */
  readonly timeZone?: string;
  readonly start?: number;
  readonly end?: number;
  readonly target: Target;
  /** How long after its moment a ring may come; absent when the flexible time window is off. */
  readonly windowMinutes?: number;
  readonly description?: string;
  readonly kmsKeyArn?: string;
  readonly disabled?: true;
  readonly deleteAfterCompletion?: true;
  /** The first moment of a rate without a start: when the schedule was made, enabled, or got this expression. */
  readonly anchor: number;
  readonly createdAt: number;
  /** Absent when that is when it was made. */
  readonly modifiedAt?: number;
  /** The token of the call that made it. */
  readonly clientToken?: string;
}

/** By `<group>/<schedule>`; neither name has a slash. */
export const schedules = table<Schedule>('scheduler.schedules');

export const DEFAULT_GROUP = 'default';

/** User Guide, "Retry policy": what a target has that does not say otherwise. */
export const DEFAULT_RETRY = { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 } as const;

export function keyOf({ Name, GroupName }: { Name: string | undefined; GroupName?: string | undefined }): string {
  return `${GroupName ?? DEFAULT_GROUP}/${Name}`;
}

export function splitKey(key: string): [group: string, name: string] {
  return key.split('/') as [string, string];
}

export function arnOfSchedule(scope: Scope, key: string): string {
  return formatArn('scheduler', scope, `schedule/${key}`);
}

/** The schedule of a key, or AWS's error. */
export function findSchedule(ctx: Context, key: string): Schedule {
  const schedule = ctx.rows(schedules).get(key);
  if (schedule) return schedule;
  throw new AwsError('ResourceNotFoundException', `Schedule ${splitKey(key)[1]} does not exist.`, { status: 404 });
}

/** A schedule as AWS shows it in lists. */
export function summaryOf(scope: Scope, key: string, schedule: Schedule): ScheduleSummary {
  const [GroupName, Name] = splitKey(key);
  return {
    Arn: arnOfSchedule(scope, key),
    Name,
    GroupName,
    State: schedule.disabled ? 'DISABLED' : 'ENABLED',
    CreationDate: dateOf(schedule.createdAt),
    LastModificationDate: dateOf(schedule.modifiedAt ?? schedule.createdAt),
    Target: { Arn: schedule.target.Arn },
  };
}

/** A schedule as AWS shows it alone, its defaults filled in. */
export function shapeOf(scope: Scope, key: string, schedule: Schedule): GetScheduleOutput {
  const { target, windowMinutes, start, end, description, kmsKeyArn } = schedule;
  return {
    ...summaryOf(scope, key, schedule),
    ScheduleExpression: schedule.expression,
    ScheduleExpressionTimezone: schedule.timeZone ?? 'UTC',
    FlexibleTimeWindow:
      windowMinutes === undefined ? { Mode: 'OFF' } : { Mode: 'FLEXIBLE', MaximumWindowInMinutes: windowMinutes },
    Target: { ...target, RetryPolicy: { ...DEFAULT_RETRY, ...target.RetryPolicy } },
    ActionAfterCompletion: schedule.deleteAfterCompletion ? 'DELETE' : 'NONE',
    ...(start !== undefined && { StartDate: dateOf(start) }),
    ...(end !== undefined && { EndDate: dateOf(end) }),
    ...(description !== undefined && { Description: description }),
    ...(kmsKeyArn !== undefined && { KmsKeyArn: kmsKeyArn }),
  };
}

/** The error of a page's token that was never given. */
export function invalidToken(): AwsError {
  return new AwsError('ValidationException', 'Invalid NextToken.');
}
