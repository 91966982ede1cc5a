/*
 * Statements of a queue's policy, added and removed by their label (API Reference, AddPermission; Developer Guide,
 * "Basic examples of Amazon SQS policies").
 */
import type { AddPermissionRequest, RemovePermissionRequest } from '@aws-sdk/client-sqs';
import { partitionOf } from '../../kernel/arn.ts';
import type { Context } from '../../kernel/service.ts';
import { invalidParameter, invalidValue } from './errors.ts';
import { findQueue, queueArn, queues } from './queue.ts';

const MOST_ACTIONS = 7;
const ACTIONS = new Set([
  '*',
  'ChangeMessageVisibility',
  'DeleteMessage',
  'GetQueueAttributes',
  'GetQueueUrl',
  'ListDeadLetterSourceQueues',
  'PurgeQueue',
  'ReceiveMessage',
  'SendMessage',
]);

interface Policy {
  readonly Statement: readonly { readonly Sid?: string }[];
}

export function addPermission(ctx: Context, input: AddPermissionRequest): void {
  const { ctx: owner, name, queue } = findQueue(ctx, input.QueueUrl!);
  const { Label: label = '', AWSAccountIds: accounts = [], Actions: actions = [] } = input;
  if (!/^[\w-]{1,80}$/.test(label)) {
    const words = 'Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length';
    throw invalidValue(label, 'Label', words);
  }
  for (const action of actions) {
    if (ACTIONS.has(action)) continue;
    const reason = 'Please refer to the appropriate WSDL for a list of valid actions.';
    throw invalidValue(`SQS:${action}`, 'ActionName', reason);
  }
  if (actions.length > MOST_ACTIONS) {
    throw invalidParameter(`${actions.length} Actions were found, maximum allowed is ${MOST_ACTIONS}.`);
  }
  const unknown = accounts.find((account) => !/^\d{12}$/.test(account));
  if (unknown !== undefined) throw invalidValue(unknown, 'PrincipalId', 'Unable to verify.');
  const arn = queueArn(owner.scope, name);
  const policy = policyOf(queue.attributes.Policy, arn);
  if (policy.Statement.some(({ Sid }) => Sid === label)) throw invalidValue(label, 'Label', 'Already exists.');
  const statement = {
    Sid: label,
    Effect: 'Allow',
    Principal: { AWS: one(accounts.map((account) => `arn:${partitionOf(owner.scope.region)}:iam::${account}:root`)) },
    Action: one(actions.map((action) => `SQS:${action}`)),
    Resource: arn,
  };
  const text = JSON.stringify({ ...policy, Statement: [...policy.Statement, statement] });
  owner.rows(queues).put(name, { ...queue, modifiedAt: ctx.now, attributes: { ...queue.attributes, Policy: text } });
}

export function removePermission(ctx: Context, input: RemovePermissionRequest): void {
  const { ctx: owner, name, queue } = findQueue(ctx, input.QueueUrl!);
  const policy = policyOf(queue.attributes.Policy, queueArn(owner.scope, name));
  const kept = policy.Statement.filter(({ Sid }) => Sid !== input.Label);
  if (kept.length === policy.Statement.length) {
    throw invalidValue(input.Label, 'Label', "can't find label on existing policy.");
  }
  const { Policy: _, ...others } = queue.attributes;
  const attributes = kept.length === 0 ? others : { ...others, Policy: JSON.stringify({ ...policy, Statement: kept }) };
  owner.rows(queues).put(name, { ...queue, modifiedAt: ctx.now, attributes });
}

/** A policy's text may hold a statement alone where a list could stand. */
function policyOf(text: string | undefined, arn: string): Policy {
  if (text === undefined) return { Version: '2008-10-17', Id: `${arn}/SQSDefaultPolicy`, Statement: [] } as Policy;
  const policy = JSON.parse(text);
  return { ...policy, Statement: [policy.Statement].flat() };
}

/** A list of one is written as that one. */
function one(items: readonly string[]): string | readonly string[] {
  return items.length === 1 ? items[0]! : items;
}
