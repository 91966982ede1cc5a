/* What a repository is: its record, its name in ARNs, and AWS's error where there is none. */
import type {
  EncryptionConfiguration,
  ImageTagMutability,
  ImageTagMutabilityExclusionFilter,
  Repository as RepositoryShape,
} from '@aws-sdk/client-ecr';
import { formatArn, partitionOf, type Scope } from '../../kernel/arn.ts';
import { dateOf } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';

/** What is kept of a repository. */
export interface Repository {
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly mutability: ImageTagMutability;
  /** Tags that are excepted from the mutability. */
  readonly exclusions: readonly ImageTagMutabilityExclusionFilter[];
  readonly scanOnPush: boolean;
  readonly encryption: EncryptionConfiguration;
  readonly lifecyclePolicy?: string;
  readonly policy?: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** By name. */
export const repositories = table<Repository>('ecr.repositories');

/** What requests name a repository by. */
export interface Named {
  registryId?: string | undefined;
  repositoryName: string | undefined;
}

/** The repository that a request names. A registry is an account; those of others hold nothing. Throws AWS's error. */
export function find(ctx: Context, { registryId = ctx.scope.account, repositoryName: name }: Named) {
  const repository = registryId === ctx.scope.account ? ctx.rows(repositories).get(name!) : undefined;
  if (repository) return { name: name!, repository, of: { registryId, repositoryName: name! } };
  throw new AwsError(
    'RepositoryNotFoundException',
    `The repository with name '${name}' does not exist in the registry with id '${registryId}'`,
  );
}

export function arnOf(scope: Scope, name: string): string {
  return formatArn('ecr', scope, `repository/${name}`);
}

/** Where images would be pushed to. */
export function uriOf({ account, region }: Scope, name: string): string {
  const domain = partitionOf(region) === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return `${account}.dkr.ecr.${region}.${domain}/${name}`;
}

/** A repository as AWS shows it. */
export function shapeOf(scope: Scope, name: string, repository: Repository): RepositoryShape {
  const { createdAt, mutability, exclusions, scanOnPush, encryption } = repository;
  return {
    repositoryArn: arnOf(scope, name),
    registryId: scope.account,
    repositoryName: name,
    repositoryUri: uriOf(scope, name),
    createdAt: dateOf(createdAt),
    imageTagMutability: mutability,
    ...(exclusions.length > 0 && { imageTagMutabilityExclusionFilters: [...exclusions] }),
    imageScanningConfiguration: { scanOnPush },
    encryptionConfiguration: encryption,
  };
}

/** `Invalid parameter at '…' failed to satisfy constraint: '…'`, as ECR says what it does not take. */
export function invalidParameter(name: string, constraint: string): AwsError {
  return new AwsError(
    'InvalidParameterException',
    `Invalid parameter at '${name}' failed to satisfy constraint: '${constraint}'`,
  );
}
