/*
 * What callers of EventBridge Scheduler have to be allowed.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridgescheduler.html
 */
import type { Target } from '@aws-sdk/client-scheduler';
import type { AccessRules, Trust } from '../../kernel/access.ts';
import { formatArn, type Scope } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';

import { arnOfGroup } from './group.ts';
import { DEFAULT_GROUP } from './schedule.ts';

export const access: AccessRules = {
  prefix: 'scheduler',
  resourcesOf(input, scope, operation) {
    if (input.ResourceArn !== undefined) return [input.ResourceArn];
    if (input.Name === undefined) return ['*'];
    if (operation.endsWith('Group')) return [formatArn('scheduler', scope, `schedule-group/${input.Name}`)];
    return [formatArn('scheduler', scope, `schedule/${input.GroupName ?? 'default'}/${input.Name}`)];
  },
  trusts: {
    CreateSchedule: trustsOf,
    UpdateSchedule: trustsOf,
  },
};

/** A role may name the group: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html */
function trustsOf({ Target, GroupName = DEFAULT_GROUP }: Readonly<Record<string, unknown>>, scope: Scope): Trust[] {
  const message = 'The execution role you provide must allow AWS EventBridge Scheduler to assume the role.';
  return [
    {
      roleArn: (Target as Target).RoleArn!,
      principal: 'scheduler.amazonaws.com',
      sourceArn: arnOfGroup(scope, GroupName as string),
      refusal: new AwsError('ValidationException', message),
    },
  ];
}
