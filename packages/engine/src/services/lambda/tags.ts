/* Tags of functions and event source mappings. */
import type {
  ListTagsRequest,
  ListTagsResponse,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-lambda';
import { parseArn } from '../../kernel/arn.ts';
import type { Context } from '../../kernel/service.ts';
import { eventSourceMappings, findMapping } from './event-source-mapping.ts';
import { findFunction, functions, invalidParameter } from './function.ts';

/** The most tags on one resource (Developer Guide, "Using tags on Lambda functions"). */
const LIMIT = 50;

type Tags = Readonly<Record<string, string>>;

/** What has tags: those that it has, and how it gets others. */
interface Tagged {
  readonly tags: Tags;
  put(tags: Tags): void;
}

export function tagResource(ctx: Context, input: TagResourceRequest): void {
  const tagged = findTagged(ctx, input.Resource!);
  const tags = { ...tagged.tags, ...input.Tags };
  checkTags(tags);
  tagged.put(tags);
}

export function untagResource(ctx: Context, input: UntagResourceRequest): void {
  const tagged = findTagged(ctx, input.Resource!);
  const kept = Object.entries(tagged.tags).filter(([key]) => !input.TagKeys!.includes(key));
  tagged.put(Object.fromEntries(kept));
}

export function listTags(ctx: Context, input: ListTagsRequest): ListTagsResponse {
  return { Tags: { ...findTagged(ctx, input.Resource!).tags } };
}

/** Throws AWS's error for more tags than a resource may have. */
export function checkTags(tags: Tags = {}): void {
  if (Object.keys(tags).length > LIMIT) throw invalidParameter(`A resource can have at most ${LIMIT} tags.`);
}

/** Tags are on functions as a whole, and on event source mappings, named by ARN (API Reference, ListTags). */
function findTagged(ctx: Context, resource: string): Tagged {
  const [type, id, qualifier] = parseArn(resource)?.resource.split(':') ?? [];
  if (type === 'event-source-mapping') return taggedMapping(ctx, id ?? '');
  if (type !== 'function') {
    throw invalidParameter(`Carillon has tags of functions and event source mappings only, not of ${resource}.`);
  }
  if (qualifier !== undefined) {
    throw invalidParameter('Tags on function aliases and versions are not supported. Please specify a function ARN.');
  }
  const { name, record } = findFunction(ctx, resource);
  const { tags = {}, ...rest } = record;
  return { tags, put: (tags) => ctx.rows(functions).put(name, withTags(rest, tags)) };
}

function taggedMapping(ctx: Context, uuid: string): Tagged {
  const { tags = {}, ...rest } = findMapping(ctx, uuid);
  return { tags, put: (tags) => ctx.rows(eventSourceMappings).put(uuid, withTags(rest, tags)) };
}

function withTags<T extends object>(record: T, tags: Tags): T & { tags?: Tags } {
  return Object.keys(tags).length > 0 ? { ...record, tags } : record;
}
