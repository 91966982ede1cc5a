/* Tags: the operations on those of keys, which KMS spells `TagKey` and `TagValue`. */
import type {
  ListResourceTagsRequest,
  ListResourceTagsResponse,
  Tag,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-kms';
import { AwsError } from '../../kernel/errors.ts';
import { page } from '../../kernel/paging.ts';
import { isReservedTag } from '../../kernel/resource-types.ts';
import type { Context } from '../../kernel/service.ts';
import { invalidMarker } from './errors.ts';
import { find, findOwn, type Key, keys } from './key.ts';

/** Tags of a key, which are also the largest page of them. */
const MOST = 50;

type Tags = Key['tags'];

export function tagResource(ctx: Context, { KeyId, Tags }: TagResourceRequest): void {
  const { id, key } = findOwn(ctx, KeyId!);
  ctx.rows(keys).put(id, { ...key, tags: mergeTags(key.tags, Tags!) });
}

export function untagResource(ctx: Context, { KeyId, TagKeys }: UntagResourceRequest): void {
  const { id, key } = findOwn(ctx, KeyId!);
  const kept = Object.entries(key.tags).filter(([name]) => !TagKeys!.includes(name));
  ctx.rows(keys).put(id, { ...key, tags: Object.fromEntries(kept) });
}

export function listResourceTags(
  ctx: Context,
  { KeyId, Limit, Marker }: ListResourceTagsRequest,
): ListResourceTagsResponse {
  const all = Object.entries(find(ctx, KeyId!).key.tags).sort(([a], [b]) => (a < b ? -1 : 1));
  const { items, nextToken } = page((after = '', limit) => all.filter(([name]) => name > after).slice(0, limit), {
    ...{ token: Marker, limit: Limit, most: MOST, invalid: invalidMarker },
  });
  const Tags = items.map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
  return { Tags, ...(nextToken && { NextMarker: nextToken }), Truncated: nextToken !== undefined };
}

/** Tags with others added; one with a key that is there takes its place. Throws AWS's error. */
export function mergeTags(before: Tags, added: readonly Tag[]): Tags {
  if (added.some(({ TagKey }) => isReservedTag(TagKey!))) {
    throw new AwsError('TagException', 'Tag keys that begin with aws: are reserved for AWS.');
  }
  const tags = { ...before, ...Object.fromEntries(added.map(({ TagKey, TagValue }) => [TagKey!, TagValue!])) };
  if (Object.keys(tags).length > MOST)
    throw new AwsError('LimitExceededException', `A key can have ${MOST} tags at most.`);
  return tags;
}
