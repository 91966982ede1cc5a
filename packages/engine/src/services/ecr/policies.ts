/*
 * A repository's two policies: who may use it, and which images go in time. Both are kept and read back.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
 */
import type {
  DeleteLifecyclePolicyRequest,
  DeleteLifecyclePolicyResponse,
  DeleteRepositoryPolicyRequest,
  DeleteRepositoryPolicyResponse,
  GetLifecyclePolicyRequest,
  GetLifecyclePolicyResponse,
  GetRepositoryPolicyRequest,
  GetRepositoryPolicyResponse,
  PutLifecyclePolicyRequest,
  PutLifecyclePolicyResponse,
  SetRepositoryPolicyRequest,
  SetRepositoryPolicyResponse,
} from '@aws-sdk/client-ecr';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { PolicyError, validatePolicy } from '../../languages/iam-policy/index.ts';
import { find, invalidParameter, type Named, repositories } from './repository.ts';

export function setRepositoryPolicy(ctx: Context, input: SetRepositoryPolicyRequest): SetRepositoryPolicyResponse {
  const { name, repository, of } = find(ctx, input);
  const policyText = input.policyText!;
  try {
    validatePolicy(policyText, 'resource');
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw invalidParameter('PolicyText', `Invalid repository policy provided: ${error.message}`);
  }
  ctx.rows(repositories).put(name, { ...repository, policy: policyText });
  return { ...of, policyText };
}

export function getRepositoryPolicy(ctx: Context, input: GetRepositoryPolicyRequest): GetRepositoryPolicyResponse {
  return policyOf(ctx, input);
}

export function deleteRepositoryPolicy(
  ctx: Context,
  input: DeleteRepositoryPolicyRequest,
): DeleteRepositoryPolicyResponse {
  const answer = policyOf(ctx, input);
  const { name, repository } = find(ctx, answer);
  const { policy: _, ...rest } = repository;
  ctx.rows(repositories).put(name, rest);
  return answer;
}

export function putLifecyclePolicy(ctx: Context, input: PutLifecyclePolicyRequest): PutLifecyclePolicyResponse {
  const { name, repository, of } = find(ctx, input);
  const lifecyclePolicyText = input.lifecyclePolicyText!;
  checkLifecyclePolicy(lifecyclePolicyText);
  ctx.rows(repositories).put(name, { ...repository, lifecyclePolicy: lifecyclePolicyText });
  return { ...of, lifecyclePolicyText };
}

export function getLifecyclePolicy(ctx: Context, input: GetLifecyclePolicyRequest): GetLifecyclePolicyResponse {
  return lifecyclePolicyOf(ctx, input);
}

export function deleteLifecyclePolicy(
  ctx: Context,
  input: DeleteLifecyclePolicyRequest,
): DeleteLifecyclePolicyResponse {
  const answer = lifecyclePolicyOf(ctx, input);
  const { name, repository } = find(ctx, answer);
  const { lifecyclePolicy: _, ...rest } = repository;
  ctx.rows(repositories).put(name, rest);
  return answer;
}

function policyOf(ctx: Context, named: Named) {
  const { name, repository, of } = find(ctx, named);
  if (repository.policy !== undefined) return { ...of, policyText: repository.policy };
  throw new AwsError(
    'RepositoryPolicyNotFoundException',
    `Repository policy does not exist for the repository with name '${name}' in the registry with id '${of.registryId}'`,
  );
}

function lifecyclePolicyOf(ctx: Context, named: Named) {
  const { name, repository, of } = find(ctx, named);
  if (repository.lifecyclePolicy !== undefined) return { ...of, lifecyclePolicyText: repository.lifecyclePolicy };
  throw new AwsError(
    'LifecyclePolicyNotFoundException',
    `Lifecycle policy does not exist for the repository with name '${name}' in the registry with id '${of.registryId}'`,
  );
}

interface Rule {
  readonly rulePriority?: unknown;
  readonly selection?: Readonly<Record<string, unknown>>;
  readonly action?: Readonly<Record<string, unknown>>;
}

/** Each rule has a priority of its own, a selection and an action. */
function checkLifecyclePolicy(text: string): void {
  const rules = rulesOf(text);
  if (!Array.isArray(rules) || rules.length === 0)
    throw wrongLifecycle('object has missing required properties (["rules"])');
  const priorities = new Set<unknown>();
  for (const { rulePriority, selection, action } of rules as Rule[]) {
    if (!Number.isInteger(rulePriority) || (rulePriority as number) < 1 || priorities.has(rulePriority)) {
      throw wrongLifecycle('each rule must have a unique rulePriority, a whole number from 1');
    }
    priorities.add(rulePriority);
    for (const name of ['tagStatus', 'countType', 'countNumber']) {
      if (selection?.[name] === undefined) throw wrongLifecycle(`object has missing required properties (["${name}"])`);
    }
    if (action?.type === undefined) throw wrongLifecycle('object has missing required properties (["action"])');
  }
}

function rulesOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { rules?: unknown } | null)?.rules;
  } catch {
    throw wrongLifecycle('string is not valid JSON');
  }
}

function wrongLifecycle(problem: string): AwsError {
  return invalidParameter('LifecyclePolicyText', `Lifecycle policy validation failure: ${problem}`);
}
