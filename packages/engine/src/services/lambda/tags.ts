/* Tags of functions. */
import type {
  ListTagsRequest,
  ListTagsResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-lambda';
import type { Context } from '../../kernel/service.ts';
import { findFunction, functions, invalidParameter } from './function.ts';

/** The most tags on one function (Developer Guide, "Using tags on Lambda functions"). */
const LIMIT = 50;

export function tagResource(ctx: Context, input: TagResourceRequest): void {
  const { name, record } = findFunction(ctx, input.Resource!);
  const tags = { ...record.tags, ...input.Tags };
  if (Object.keys(tags).length > LIMIT) throw invalidParameter(`A function can have at most ${LIMIT} tags.`);
  ctx.rows(functions).put(name, { ...record, tags });
}

export function untagResource(ctx: Context, input: UntagResourceRequest): void {
  const { name, record } = findFunction(ctx, input.Resource!);
  const tags = Object.fromEntries(Object.entries(record.tags ?? {}).filter(([key]) => !input.TagKeys!.includes(key)));
  ctx.rows(functions).put(name, { ...record, tags });
}

export function listTags(ctx: Context, input: ListTagsRequest): ListTagsResponse {
  return { Tags: { ...findFunction(ctx, input.Resource!).record.tags } };
}
