/* Policies of keys: each key has one, whose name is `default`. */
import type {
  GetKeyPolicyRequest,
  GetKeyPolicyResponse,
  ListKeyPoliciesRequest,
  ListKeyPoliciesResponse,
  PutKeyPolicyRequest,
} from '@aws-sdk/client-kms';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { PolicyError, validatePolicy } from '../../languages/iam-policy/index.ts';
import { notFound } from './errors.ts';
import { find, findOwn, keys } from './key.ts';

const NAME = 'default';

export function getKeyPolicy(ctx: Context, { KeyId, PolicyName = NAME }: GetKeyPolicyRequest): GetKeyPolicyResponse {
  const { key } = find(ctx, KeyId!);
  if (PolicyName !== NAME) throw notFound('No such policy exists');
  return { Policy: key.policy, PolicyName };
}

export function putKeyPolicy(ctx: Context, { KeyId, PolicyName = NAME, Policy }: PutKeyPolicyRequest): void {
  const { id, key } = findOwn(ctx, KeyId!);
  if (PolicyName !== NAME) throw notFound('No such policy exists');
  checkPolicy(Policy!);
  ctx.rows(keys).put(id, { ...key, policy: Policy! });
}

export function listKeyPolicies(ctx: Context, { KeyId }: ListKeyPoliciesRequest): ListKeyPoliciesResponse {
  find(ctx, KeyId!);
  return { PolicyNames: [NAME], Truncated: false };
}

/** Throws AWS's error for what is no policy of a key. Whether it locks its author out is not looked at. */
export function checkPolicy(document: string): void {
  try {
    validatePolicy(document, 'resource');
  } catch (error) {
    if (error instanceof PolicyError) throw new AwsError('MalformedPolicyDocumentException', error.message);
    throw error;
  }
}
