/*
 * What callers of SNS have to be allowed, and what a topic's own policy says.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
 */

import type { AccessRules, ResourcePolicy } from '../../kernel/access.ts';
import { type Arn, formatArn } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { TableReader } from '../../kernel/state/table.ts';
import { defaultPolicy } from './permissions.ts';
import { topics } from './topic.ts';

export const access: AccessRules = {
  prefix: 'sns',
  actions: { PublishBatch: 'Publish', ConfirmSubscription: null },
  resourcesOf(input, scope) {
    const { TopicArn, TargetArn, ResourceArn, Name } = input;
    return [(TopicArn || TargetArn || ResourceArn) ?? (Name === undefined ? '*' : formatArn('sns', scope, Name))];
  },
  deliveries: { '': { action: 'Publish' } },
  policyOf,
  spell: (action) => action.replace('sns:', 'SNS:'),
  refusal: (message) => new AwsError('AuthorizationErrorException', message, { status: 403 }),
};

function policyOf(rows: TableReader, { account, region, resource }: Arn): ResourcePolicy | undefined {
  const topic = rows(topics).get(resource);
  const document = () => topic?.attributes.Policy ?? defaultPolicy({ account, region }, resource);
  return topic && { record: topic, document };
}
