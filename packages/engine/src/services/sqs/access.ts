/*
 * What callers of SQS have to be allowed, and what a queue's own policy says.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html
 */

import type { AccessRules, ResourcePolicy } from '../../kernel/access.ts';
import { type Arn, formatArn } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { TableReader } from '../../kernel/state/table.ts';
import { queues } from './queue.ts';

export const access: AccessRules = {
  prefix: 'sqs',
  actions: {
    SendMessageBatch: 'SendMessage',
    DeleteMessageBatch: 'DeleteMessage',
    ChangeMessageVisibilityBatch: 'ChangeMessageVisibility',
  },
  resourcesOf(input, scope) {
    const [, account = scope.account, name = input.QueueName] =
      /\/(\d{12})\/([^/]+)\/?$/.exec(input.QueueUrl ?? '') ?? [];
    const owner = input.QueueOwnerAWSAccountId ?? account;
    return [name === undefined ? (input.SourceArn ?? '*') : formatArn('sqs', { ...scope, account: owner }, name)];
  },
  deliveries: { '': { action: 'SendMessage' } },
  policyOf,
  spell: (action) => action.toLowerCase(),
  refusal: (message) => new AwsError('AccessDenied', message, { status: 403 }),
};

function policyOf(rows: TableReader, arn: Arn): ResourcePolicy | undefined {
  const queue = rows(queues).get(arn.resource);
  return queue && { record: queue, document: () => queue.attributes.Policy };
}
