/* Tags: the operations on those of schedule groups, which alone have any. */
import type {
  ListTagsForResourceInput,
  ListTagsForResourceOutput,
  Tag,
  TagResourceInput,
  UntagResourceInput,
} from '@aws-sdk/client-scheduler';
import { AwsError } from '../../kernel/errors.ts';
import { isReservedTag } from '../../kernel/resource-types.ts';
import type { Context } from '../../kernel/service.ts';
import { arnOfGroup, findGroup, type Group, groups } from './group.ts';

/** The most tags of a resource. */
const LIMIT = 50;

type Tags = NonNullable<Group['tags']>;

export function tagResource(ctx: Context, input: TagResourceInput): Record<string, never> {
  const { name, group } = findResource(ctx, input.ResourceArn!);
  ctx.rows(groups).put(name, { ...group, tags: mergeTags(group.tags ?? {}, input.Tags!) });
  return {};
}

export function untagResource(ctx: Context, input: UntagResourceInput): Record<string, never> {
  const { name, group } = findResource(ctx, input.ResourceArn!);
  const kept = Object.entries(group.tags ?? {}).filter(([key]) => !input.TagKeys!.includes(key));
  ctx.rows(groups).put(name, { ...group, tags: Object.fromEntries(kept) });
  return {};
}

export function listTagsForResource(ctx: Context, input: ListTagsForResourceInput): ListTagsForResourceOutput {
  const { tags = {} } = findResource(ctx, input.ResourceArn!).group;
  return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
}

/** Tags with others added; one with a key that is there takes its place. Throws AWS's error. */
export function mergeTags(before: Tags, added: readonly Tag[]): Tags {
  if (added.some(({ Key }) => isReservedTag(Key!))) {
    throw new AwsError('ValidationException', `A tag's key must not begin with aws:.`);
  }
  const tags = { ...before, ...Object.fromEntries(added.map(({ Key, Value }) => [Key!, Value!])) };
  if (Object.keys(tags).length > LIMIT) {
    throw new AwsError('ValidationException', `The number of tags on a resource cannot exceed ${LIMIT}.`);
  }
  return tags;
}

function findResource(ctx: Context, arn: string): { name: string; group: Group } {
  const name = arn.slice(arn.lastIndexOf('/') + 1);
  const group = findGroup(ctx, name);
  if (arn === arnOfGroup(ctx.scope, name)) return { name, group };
  throw new AwsError('ResourceNotFoundException', `Schedule group ${name} does not exist.`, { status: 404 });
}
