/* Tags of log groups, by the group's name and by its ARN. */
import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  ListTagsLogGroupRequest,
  ListTagsLogGroupResponse,
  TagLogGroupRequest,
  TagResourceRequest,
  UntagLogGroupRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-cloudwatch-logs';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { invalidParameter, notFound } from './errors.ts';
import { findGroup, type Group, groupNameOf, groups } from './tables.ts';

const MAX_TAGS = 50;

type Tags = Group['tags'];

export function tagLogGroup(ctx: Context, input: TagLogGroupRequest): void {
  const { name, group } = findGroup(ctx, { logGroupName: input.logGroupName });
  const tags = { ...group.tags, ...input.tags };
  if (Object.keys(tags).length > MAX_TAGS) throw invalidParameter(`The maximum number of tags is ${MAX_TAGS}.`);
  putTags(ctx, name, group, tags);
}

export function untagLogGroup(ctx: Context, input: UntagLogGroupRequest): void {
  const { name, group } = findGroup(ctx, { logGroupName: input.logGroupName });
  putTags(ctx, name, group, without(group.tags, input.tags!));
}

export function listTagsLogGroup(ctx: Context, input: ListTagsLogGroupRequest): ListTagsLogGroupResponse {
  return { tags: { ...findGroup(ctx, { logGroupName: input.logGroupName }).group.tags } };
}

export function tagResource(ctx: Context, input: TagResourceRequest): void {
  const { name, group } = findResource(ctx, input.resourceArn!);
  const tags = { ...group.tags, ...input.tags };
  if (Object.keys(tags).length > MAX_TAGS) {
    const members = { resourceName: input.resourceArn };
    throw new AwsError('TooManyTagsException', `A resource can have no more than ${MAX_TAGS} tags.`, { members });
  }
  putTags(ctx, name, group, tags);
}

export function untagResource(ctx: Context, input: UntagResourceRequest): void {
  const { name, group } = findResource(ctx, input.resourceArn!);
  putTags(ctx, name, group, without(group.tags, input.tagKeys!));
}

export function listTagsForResource(ctx: Context, input: ListTagsForResourceRequest): ListTagsForResourceResponse {
  return { tags: { ...findResource(ctx, input.resourceArn!).group.tags } };
}

/** Only the form of an ARN without `:*` names a resource that has tags. */
function findResource(ctx: Context, arn: string): { name: string; group: Group } {
  if (!/^arn:[^:]+:logs:[^:]*:[^:]*:log-group:[^:*]+$/.test(arn)) {
    throw new AwsError('ValidationException', 'Invalid resourceArn');
  }
  const name = groupNameOf(arn, ctx.scope);
  const group = name === undefined ? undefined : ctx.rows(groups).get(name);
  if (name === undefined || !group) throw notFound('resource');
  return { name, group };
}

function putTags(ctx: Context, name: string, group: Group, tags: Tags): void {
  ctx.rows(groups).put(name, { ...group, tags });
}

function without(tags: Tags, keys: readonly string[]): Tags {
  return Object.fromEntries(Object.entries(tags).filter(([key]) => !keys.includes(key)));
}
