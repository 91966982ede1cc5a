/*
 * A topic's policy: the one that it has by default, and statements added and removed by their label.
 *
 * API Reference, AddPermission and RemovePermission; Developer Guide, "Example cases for Amazon SNS access control".
 */
import type { AddPermissionInput, RemovePermissionInput } from '@aws-sdk/client-sns';
import { partitionOf, type Scope } from '../../kernel/arn.ts';
import type { Context } from '../../kernel/service.ts';
import { invalidParameter } from './errors.ts';
import { type FoundTopic, findTopic, topicArn, topics } from './topic.ts';

const ACTIONS = [
  'GetTopicAttributes',
  'SetTopicAttributes',
  'AddPermission',
  'RemovePermission',
  'DeleteTopic',
  'Subscribe',
  'ListSubscriptionsByTopic',
  'Publish',
];
const NAMES = new Set([...ACTIONS, 'Receive', '*']);

interface Policy {
  readonly Statement: readonly { readonly Sid?: string }[];
}

/** The document of a topic that was given none: its owner may do all. */
export function defaultPolicy(scope: Scope, name: string): string {
  return JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: ACTIONS.map((action) => `SNS:${action}`),
        Resource: topicArn(scope, name),
        Condition: { StringEquals: { 'AWS:SourceOwner': scope.account } },
      },
    ],
  });
}

export function addPermission(ctx: Context, input: AddPermissionInput): void {
  const found = findTopic(ctx, input.TopicArn!);
  const { Label: label, AWSAccountId: accounts, ActionName: actions } = input;
  if (!/^[\w-]{1,80}$/.test(label!)) throw invalidParameter('Label');
  if (accounts!.length === 0 || accounts!.some((account) => !/^\d{12}$/.test(account))) {
    throw invalidParameter('AWSAccountId');
  }
  if (actions!.length === 0 || actions!.some((action) => !NAMES.has(action))) {
    throw invalidParameter('Policy statement action out of service scope!');
  }
  const policy = policyOf(found);
  if (policy.Statement.some(({ Sid }) => Sid === label)) throw invalidParameter('Statement already exists');
  const { scope } = found.ctx;
  const statement = {
    Sid: label!,
    Effect: 'Allow',
    Principal: { AWS: one(accounts!.map((account) => `arn:${partitionOf(scope.region)}:iam::${account}:root`)) },
    Action: one(actions!.map((action) => `SNS:${action}`)),
    Resource: found.arn,
  };
  putPolicy(found, { ...policy, Statement: [...policy.Statement, statement] });
}

/** A label that no statement has is removed already. */
export function removePermission(ctx: Context, input: RemovePermissionInput): void {
  const found = findTopic(ctx, input.TopicArn!);
  const policy = policyOf(found);
  putPolicy(found, { ...policy, Statement: policy.Statement.filter(({ Sid }) => Sid !== input.Label) });
}

function policyOf({ ctx, name, topic }: FoundTopic): Policy {
  const policy = JSON.parse(topic.attributes.Policy ?? defaultPolicy(ctx.scope, name));
  return { ...policy, Statement: [policy.Statement ?? []].flat() };
}

function putPolicy({ ctx, name, topic }: FoundTopic, policy: Policy): void {
  ctx.rows(topics).put(name, { ...topic, attributes: { ...topic.attributes, Policy: JSON.stringify(policy) } });
}

function one<T>(items: readonly T[]): T | readonly T[] {
  return items.length === 1 ? items[0]! : items;
}
