/* Tags of functions. */
import type {
  ListTagsRequest,
  ListTagsResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-lambda';
import { parseArn } from '../../kernel/arn.ts';
import type { Context } from '../../kernel/service.ts';
import { findFunction, functions, invalidParameter } from './function.ts';

/** The most tags on one function (Developer Guide, "Using tags on Lambda functions"). */
const LIMIT = 50;

export function tagResource(ctx: Context, input: TagResourceRequest): void {
  const { name, record } = findTagged(ctx, input.Resource!);
  put(ctx, name, { ...record.tags, ...input.Tags });
}

export function untagResource(ctx: Context, input: UntagResourceRequest): void {
  const { name, record } = findTagged(ctx, input.Resource!);
  const kept = Object.entries(record.tags ?? {}).filter(([key]) => !input.TagKeys!.includes(key));
  put(ctx, name, Object.fromEntries(kept));
}

export function listTags(ctx: Context, input: ListTagsRequest): ListTagsResponse {
  return { Tags: { ...findTagged(ctx, input.Resource!).record.tags } };
}

/** Throws AWS's error for more tags than a function may have. */
export function checkTags(tags: Readonly<Record<string, string>> = {}): void {
  if (Object.keys(tags).length > LIMIT) throw invalidParameter(`A function can have at most ${LIMIT} tags.`);
}

function put(ctx: Context, name: string, tags: Readonly<Record<string, string>>): void {
  checkTags(tags);
  const { tags: _, ...rest } = ctx.rows(functions).get(name)!;
  ctx.rows(functions).put(name, Object.keys(tags).length > 0 ? { ...rest, tags } : rest);
}

/** Tags are on functions as a whole, named by ARN (API Reference, ListTags). */
function findTagged(ctx: Context, resource: string) {
  const parts = parseArn(resource)?.resource.split(':') ?? [];
  if (parts[0] !== 'function') throw invalidParameter(`Carillon has tags of functions only, not of ${resource}.`);
  if (parts.length > 2) {
    throw invalidParameter('Tags on function aliases and versions are not supported. Please specify a function ARN.');
  }
  return findFunction(ctx, resource);
}
