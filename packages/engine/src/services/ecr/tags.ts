/* Tags: the operations on those of repositories. */
import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  Tag,
  TagResourceRequest,
  TagResourceResponse,
  UntagResourceRequest,
  UntagResourceResponse,
} from '@aws-sdk/client-ecr';
import { AwsError } from '../../kernel/errors.ts';
import { isReservedTag, tagList } from '../../kernel/resource-types.ts';
import type { Context } from '../../kernel/service.ts';
import { arnOf, find, invalidParameter, type Repository, repositories } from './repository.ts';

/** Tags of a repository. */
const MOST = 50;

type Tags = Repository['tags'];

export function tagResource(ctx: Context, input: TagResourceRequest): TagResourceResponse {
  const { name, repository } = findResource(ctx, input.resourceArn!);
  ctx.rows(repositories).put(name, { ...repository, tags: mergeTags(repository.tags, input.tags!) });
  return {};
}

export function untagResource(ctx: Context, input: UntagResourceRequest): UntagResourceResponse {
  const { name, repository } = findResource(ctx, input.resourceArn!);
  const kept = Object.entries(repository.tags).filter(([key]) => !input.tagKeys!.includes(key));
  ctx.rows(repositories).put(name, { ...repository, tags: Object.fromEntries(kept) });
  return {};
}

export function listTagsForResource(ctx: Context, input: ListTagsForResourceRequest): ListTagsForResourceResponse {
  return { tags: tagList(findResource(ctx, input.resourceArn!).repository.tags) ?? [] };
}

/** Tags with others added; one with a key that is there takes its place. Throws AWS's error. */
export function mergeTags(before: Tags, added: readonly Tag[]): Tags {
  if (added.some(({ Key }) => isReservedTag(Key!))) {
    throw new AwsError('InvalidTagParameterException', 'Tag keys that begin with aws: are reserved for AWS.');
  }
  const tags = { ...before, ...Object.fromEntries(added.map(({ Key, Value }) => [Key!, Value!])) };
  if (Object.keys(tags).length > MOST) {
    throw new AwsError('TooManyTagsException', `The number of tags on a repository cannot exceed ${MOST}.`);
  }
  return tags;
}

function findResource(ctx: Context, arn: string) {
  const repositoryName = /:repository\/(.+)$/.exec(arn)?.[1];
  if (repositoryName === undefined || arn !== arnOf(ctx.scope, repositoryName)) {
    throw invalidParameter('resourceArn', 'Invalid ARN');
  }
  return find(ctx, { repositoryName });
}
