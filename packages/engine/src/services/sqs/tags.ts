/* Tags of queues. */
import type {
  ListQueueTagsRequest,
  ListQueueTagsResult,
  TagQueueRequest,
  UntagQueueRequest,
} from '@aws-sdk/client-sqs';
import { isReservedTag } from '../../kernel/resource-types.ts';
import type { Context } from '../../kernel/service.ts';
import { invalidParameter } from './errors.ts';
import { findQueue, type Queue, queues } from './queue.ts';

const MOST = 50;

/** Throws unless a queue may have these tags. */
export function checkTags(name: string, tags: Queue['tags']): void {
  if (Object.keys(tags).length > MOST) throw invalidParameter(`Too many tags added for queue ${name}.`);
  for (const [key, value] of Object.entries(tags)) {
    if (key.length < 1 || key.length > 128)
      throw invalidParameter('Tag keys must be between 1 and 128 characters in length.');
    if (value.length > 256) throw invalidParameter('Tag values must be between 0 and 256 characters in length.');
    if (isReservedTag(key)) throw invalidParameter('Tag keys can not start with aws:.');
  }
}

export function tagQueue(ctx: Context, input: TagQueueRequest): void {
  const { ctx: owner, name, queue } = findQueue(ctx, input.QueueUrl!);
  const tags = { ...queue.tags, ...input.Tags };
  checkTags(name, tags);
  owner.rows(queues).put(name, { ...queue, tags });
}

export function untagQueue(ctx: Context, input: UntagQueueRequest): void {
  const { ctx: owner, name, queue } = findQueue(ctx, input.QueueUrl!);
  const tags = Object.fromEntries(Object.entries(queue.tags).filter(([key]) => !input.TagKeys!.includes(key)));
  owner.rows(queues).put(name, { ...queue, tags });
}

export function listQueueTags(ctx: Context, input: ListQueueTagsRequest): ListQueueTagsResult {
  const { tags } = findQueue(ctx, input.QueueUrl!).queue;
  return Object.keys(tags).length === 0 ? {} : { Tags: { ...tags } };
}
