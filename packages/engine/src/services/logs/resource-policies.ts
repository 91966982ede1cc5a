/*
 * Resource policies: which services may write to the log groups of an account, or to one group. They are kept and told;
 * writing is not asked about them.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/iam-access-control-overview-cwl.html
 */
import type {
  DeleteResourcePolicyRequest,
  DescribeResourcePoliciesRequest,
  DescribeResourcePoliciesResponse,
  PutResourcePolicyRequest,
  PutResourcePolicyResponse,
  ResourcePolicy,
} from '@aws-sdk/client-cloudwatch-logs';
import { AwsError } from '../../kernel/errors.ts';
import { page } from '../../kernel/paging.ts';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { invalidParameter, invalidToken, notFound } from './errors.ts';
import { findGroup } from './tables.ts';

interface Policy {
  readonly name: string;
  readonly document: string;
  /** Epoch milliseconds. */
  readonly updatedAt: number;
  /** The ARN of the group that it is of, and which version it is; both absent on a policy of the account. */
  readonly resourceArn?: string;
  readonly revision?: string;
}

/** By scope, and name or ARN: `ACCOUNT:name`, `RESOURCE:arn:...`. */
const policies = table<Policy>('logs.resource-policies');

/** Of an account in a region: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html */
const MOST_POLICIES = 10;
const PAGE = 50;

export function putResourcePolicy(ctx: Context, input: PutResourcePolicyRequest): PutResourcePolicyResponse {
  const { policyName: name, policyDocument: document, resourceArn } = input;
  if (name === undefined) throw invalidParameter('Policy name must be specified.');
  if (document === undefined || !isObject(document)) throw invalidParameter('The policy document is not valid.');
  if (resourceArn !== undefined) findGroup(ctx, { logGroupIdentifier: resourceArn });
  const rows = ctx.rows(policies);
  const key = keyOf(name, resourceArn);
  const held = rows.get(key);
  expect(held, input);
  if (!held && resourceArn === undefined && rows.list({ prefix: 'ACCOUNT:' }).length >= MOST_POLICIES) {
    throw new AwsError('LimitExceededException', 'Resource limit exceeded.');
  }
  const updated = { name, document, updatedAt: ctx.now };
  const policy = resourceArn === undefined ? updated : { ...updated, resourceArn, revision: ctx.ids.hex(16) };
  rows.put(key, policy);
  return { resourcePolicy: shapeOf(policy), ...('revision' in policy && { revisionId: policy.revision }) };
}

export function describeResourcePolicies(
  ctx: Context,
  { resourceArn, policyScope = 'ACCOUNT', nextToken: token, limit }: DescribeResourcePoliciesRequest,
): DescribeResourcePoliciesResponse {
  const prefix = resourceArn === undefined ? `${policyScope}:` : keyOf('', resourceArn);
  const { items, nextToken } = page(
    (after, most) => ctx.rows(policies).list({ prefix, limit: most, ...(after !== undefined && { after }) }),
    { token, limit, most: PAGE, invalid: invalidToken },
  );
  return { resourcePolicies: items.map(([, policy]) => shapeOf(policy)), ...(nextToken && { nextToken }) };
}

export function deleteResourcePolicy(ctx: Context, input: DeleteResourcePolicyRequest): void {
  const key = keyOf(input.policyName ?? '', input.resourceArn);
  const held = ctx.rows(policies).get(key);
  if (!held) throw notFound('policy');
  expect(held, input);
  ctx.rows(policies).delete(key);
}

function keyOf(name: string, resourceArn: string | undefined): string {
  return resourceArn === undefined ? `ACCOUNT:${name}` : `RESOURCE:${resourceArn}`;
}

/** Throws where a group's policy is no longer the one that the caller has seen. */
function expect(held: Policy | undefined, { resourceArn, expectedRevisionId }: PutResourcePolicyRequest): void {
  if (resourceArn === undefined || held?.revision === expectedRevisionId) return;
  const message = 'The expected revision ID does not match the current revision of the resource policy.';
  throw new AwsError('OperationAbortedException', message);
}

function shapeOf({ name, document, updatedAt, resourceArn, revision }: Policy): ResourcePolicy {
  return {
    ...{ policyName: name, policyDocument: document, lastUpdatedTime: updatedAt },
    ...(resourceArn === undefined
      ? { policyScope: 'ACCOUNT' as const }
      : { policyScope: 'RESOURCE' as const, resourceArn, revisionId: revision }),
  };
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
