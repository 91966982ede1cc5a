/*
 * What callers of EventBridge Scheduler have to be allowed.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridgescheduler.html
 */
import type { Target } from '@aws-sdk/client-scheduler';
import type { AccessRules, Trust } from '../../kernel/access.ts';
import { formatArn } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';

export const access: AccessRules = {
  prefix: 'scheduler',
  resourcesOf(input, scope, operation) {
    if (input.ResourceArn !== undefined) return [input.ResourceArn];
    if (input.Name === undefined) return ['*'];
    if (operation.endsWith('Group')) return [formatArn('scheduler', scope, `schedule-group/${input.Name}`)];
    return [formatArn('scheduler', scope, `schedule/${input.GroupName ?? 'default'}/${input.Name}`)];
  },
  trusts: {
    CreateSchedule: ({ Target }) => trustsOf(Target as Target),
    UpdateSchedule: ({ Target }) => trustsOf(Target as Target),
  },
};

function trustsOf({ RoleArn: roleArn }: Target): Trust[] {
  const message = 'The execution role you provide must allow AWS EventBridge Scheduler to assume the role.';
  return [
    { roleArn: roleArn!, principal: 'scheduler.amazonaws.com', refusal: new AwsError('ValidationException', message) },
  ];
}
