/*
 * What callers of CloudFormation have to be allowed. What a stack's resources take, the stack's role is asked for, or
 * who deploys it where it has none.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudformation.html
 */

import type { AccessRules, Trust } from '../../kernel/access.ts';
import { formatArn } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';

export const access: AccessRules = {
  prefix: 'cloudformation',
  resourcesOf({ StackName, StackId, ChangeSetName }, scope) {
    const stack: string | undefined = StackName ?? StackId;
    if (stack !== undefined) {
      return [stack.startsWith('arn:') ? stack : formatArn('cloudformation', scope, `stack/${stack}/*`)];
    }
    return [ChangeSetName?.startsWith('arn:') ? ChangeSetName : '*'];
  },
  trusts: Object.fromEntries(
    ['ContinueUpdateRollback', 'CreateChangeSet', 'CreateStack', 'DeleteStack', 'RollbackStack', 'UpdateStack'].map(
      (operation) => [operation, ({ RoleARN }: Readonly<Record<string, unknown>>) => trustsOf(RoleARN)],
    ),
  ),
  refusal: (message) => new AwsError('AccessDenied', message, { status: 403 }),
};

function trustsOf(roleArn: unknown): Trust[] {
  if (typeof roleArn !== 'string') return [];
  const refusal = new AwsError('ValidationError', `Role ${roleArn} is invalid or cannot be assumed`);
  return [{ roleArn, principal: 'cloudformation.amazonaws.com', refusal }];
}
