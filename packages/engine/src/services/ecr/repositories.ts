/*
 * Repositories, as records: no image can be pushed to one.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
 */
import type {
  CreateRepositoryRequest,
  CreateRepositoryResponse,
  DeleteRepositoryRequest,
  DeleteRepositoryResponse,
  DescribeRepositoriesRequest,
  DescribeRepositoriesResponse,
  PutImageScanningConfigurationRequest,
  PutImageScanningConfigurationResponse,
  PutImageTagMutabilityRequest,
  PutImageTagMutabilityResponse,
} from '@aws-sdk/client-ecr';
import { AwsError } from '../../kernel/errors.ts';
import { page } from '../../kernel/paging.ts';
import type { Context } from '../../kernel/service.ts';
import { find, invalidParameter, type Repository, repositories, shapeOf } from './repository.ts';
import { mergeTags } from './tags.ts';

const PAGE = 100;
const LARGEST_PAGE = 1_000;
/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html */
const MOST_REPOSITORIES = 100_000;

export function createRepository(ctx: Context, input: CreateRepositoryRequest): CreateRepositoryResponse {
  const name = input.repositoryName!;
  const rows = ctx.rows(repositories);
  if (rows.has(name)) {
    throw new AwsError(
      'RepositoryAlreadyExistsException',
      `The repository with name '${name}' already exists in the registry with id '${ctx.scope.account}'`,
    );
  }
  if (rows.size >= MOST_REPOSITORIES) {
    throw new AwsError('LimitExceededException', `The maximum number of repositories is ${MOST_REPOSITORIES}.`);
  }
  const repository: Repository = {
    createdAt: ctx.now,
    ...mutabilityOf(input),
    scanOnPush: input.imageScanningConfiguration?.scanOnPush ?? false,
    encryption: encryptionOf(ctx, input),
    tags: mergeTags({}, input.tags ?? []),
  };
  rows.put(name, repository);
  return { repository: shapeOf(ctx.scope, name, repository) };
}

function encryptionOf(ctx: Context, { encryptionConfiguration: asked }: CreateRepositoryRequest) {
  if (!asked || asked.encryptionType === 'AES256') return { encryptionType: 'AES256' } as const;
  const kmsKey = asked.kmsKey ?? `arn:aws:kms:${ctx.scope.region}:${ctx.scope.account}:alias/aws/ecr`;
  return { encryptionType: asked.encryptionType, kmsKey };
}

function mutabilityOf(
  input: Pick<CreateRepositoryRequest, 'imageTagMutability' | 'imageTagMutabilityExclusionFilters'>,
) {
  const { imageTagMutability: mutability = 'MUTABLE', imageTagMutabilityExclusionFilters: exclusions = [] } = input;
  const excepts = mutability.endsWith('_WITH_EXCLUSION');
  if (excepts !== exclusions.length > 0) {
    const constraint = excepts ? 'must be given with' : 'must not be given with';
    throw invalidParameter('imageTagMutabilityExclusionFilters', `${constraint} ${mutability}`);
  }
  return { mutability, exclusions };
}

/** With names, those and no others; AWS takes no page with them. */
export function describeRepositories(
  ctx: Context,
  { registryId, repositoryNames, nextToken, maxResults }: DescribeRepositoriesRequest,
): DescribeRepositoriesResponse {
  if (repositoryNames?.length) {
    const found = repositoryNames.map((repositoryName) => find(ctx, { registryId, repositoryName }));
    return { repositories: found.map(({ name, repository }) => shapeOf(ctx.scope, name, repository)) };
  }
  if (registryId !== undefined && registryId !== ctx.scope.account) return { repositories: [] };
  const request = {
    ...{ token: nextToken, limit: maxResults ?? PAGE, most: LARGEST_PAGE },
    invalid: () => invalidParameter('nextToken', 'Invalid token'),
  };
  const { items, nextToken: next } = page(
    (after, limit) => ctx.rows(repositories).list({ limit, ...(after !== undefined && { after }) }),
    request,
  );
  return {
    repositories: items.map(([name, repository]) => shapeOf(ctx.scope, name, repository)),
    ...(next && { nextToken: next }),
  };
}

/** Repositories are always empty, so `force` changes nothing. */
export function deleteRepository(ctx: Context, input: DeleteRepositoryRequest): DeleteRepositoryResponse {
  const { name, repository } = find(ctx, input);
  ctx.rows(repositories).delete(name);
  return { repository: shapeOf(ctx.scope, name, repository) };
}

export function putImageScanningConfiguration(
  ctx: Context,
  input: PutImageScanningConfigurationRequest,
): PutImageScanningConfigurationResponse {
  const { name, repository, of } = find(ctx, input);
  const scanOnPush = input.imageScanningConfiguration?.scanOnPush ?? false;
  ctx.rows(repositories).put(name, { ...repository, scanOnPush });
  return { ...of, imageScanningConfiguration: { scanOnPush } };
}

export function putImageTagMutability(
  ctx: Context,
  input: PutImageTagMutabilityRequest,
): PutImageTagMutabilityResponse {
  const { name, repository, of } = find(ctx, input);
  const { mutability, exclusions } = mutabilityOf(input);
  ctx.rows(repositories).put(name, { ...repository, mutability, exclusions });
  return {
    ...of,
    imageTagMutability: mutability,
    ...(exclusions.length > 0 && { imageTagMutabilityExclusionFilters: exclusions }),
  };
}
