/* Tags of topics. */
import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  TagResourceRequest,
  TagResourceResponse,
  UntagResourceRequest,
  UntagResourceResponse,
} from '@aws-sdk/client-sns';
import { AwsError } from '../../kernel/errors.ts';
import { isReservedTag } from '../../kernel/resource-types.ts';
import type { Context } from '../../kernel/service.ts';
import { invalidParameter, resourceNotFound } from './errors.ts';
import { type FoundTopic, findTopic, type Topic, topics } from './topic.ts';

const MOST = 50;
const LONGEST = { key: 128, value: 256 };

/** Throws unless a topic may have these tags. */
export function checkTags(tags: Topic['tags']): void {
  for (const [key, value] of Object.entries(tags)) {
    if (key.length < 1 || key.length > LONGEST.key) {
      throw invalidParameter(`Tags Reason: Tag keys must be between 1 and ${LONGEST.key} characters in length.`);
    }
    if (value.length > LONGEST.value) {
      throw invalidParameter(`Tags Reason: Tag values must be at most ${LONGEST.value} characters in length.`);
    }
    if (isReservedTag(key)) throw invalidParameter('Tags Reason: Tag keys can not start with aws:.');
  }
  if (Object.keys(tags).length > MOST) {
    throw new AwsError('TagLimitExceededException', `Could not complete request: tag quota of per resource exceeded`);
  }
}

export function tagResource(ctx: Context, input: TagResourceRequest): TagResourceResponse {
  const given = input.Tags!.map(({ Key, Value }) => [Key!, Value!] as const);
  if (new Set(given.map(([key]) => key)).size < given.length) {
    throw invalidParameter('Duplicated keys are not allowed.');
  }
  return retag(ctx, input.ResourceArn!, (tags) => ({ ...tags, ...Object.fromEntries(given) }));
}

export function untagResource(ctx: Context, input: UntagResourceRequest): UntagResourceResponse {
  const gone = new Set(input.TagKeys);
  return retag(ctx, input.ResourceArn!, (tags) =>
    Object.fromEntries(Object.entries(tags).filter(([key]) => !gone.has(key))),
  );
}

export function listTagsForResource(ctx: Context, input: ListTagsForResourceRequest): ListTagsForResourceResponse {
  const { tags } = resourceOf(ctx, input.ResourceArn!).topic;
  return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
}

function retag(ctx: Context, arn: string, change: (tags: Topic['tags']) => Topic['tags']): Record<string, never> {
  const { ctx: owner, name, topic } = resourceOf(ctx, arn);
  const tags = change(topic.tags);
  checkTags(tags);
  owner.rows(topics).put(name, { ...topic, tags });
  return {};
}

function resourceOf(ctx: Context, arn: string): FoundTopic {
  try {
    return findTopic(ctx, arn, 'ResourceArn');
  } catch (error) {
    throw error instanceof AwsError && error.code === 'NotFoundException' ? resourceNotFound() : error;
  }
}
