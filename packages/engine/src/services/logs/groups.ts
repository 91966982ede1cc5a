/* Log groups: what streams belong to, with a class, a retention and tags that all of them share. */
import type {
  AssociateKmsKeyRequest,
  CreateLogGroupRequest,
  DeleteLogGroupRequest,
  DescribeLogGroupsRequest,
  DescribeLogGroupsResponse,
  DisassociateKmsKeyRequest,
  LogGroup,
  PutLogGroupDeletionProtectionRequest,
} from '@aws-sdk/client-cloudwatch-logs';
import { AwsError, notImplemented } from '../../kernel/errors.ts';
import { page } from '../../kernel/paging.ts';
import type { Context } from '../../kernel/service.ts';
import { alreadyExists, invalidParameter, invalidToken } from './errors.ts';
import { RETENTION } from './retention.ts';
import { findGroup, type Group, groupArn, groupNameOf, groups, listStreams, removeStream } from './tables.ts';

/** The most groups that a page holds. */
const PAGE = 50;

export function createLogGroup(ctx: Context, input: CreateLogGroupRequest): void {
  const name = input.logGroupName!;
  if (/^aws\//i.test(name)) throw invalidParameter('Log groups starting with AWS/ are reserved for AWS.');
  const rows = ctx.rows(groups);
  if (rows.has(name)) throw alreadyExists('log group');
  rows.put(name, {
    createdAt: ctx.now,
    class: input.logGroupClass ?? 'STANDARD',
    ...(input.kmsKeyId !== undefined && { kmsKeyId: input.kmsKeyId }),
    deletionProtection: input.deletionProtectionEnabled ?? false,
    tags: input.tags ?? {},
  });
}

export function deleteLogGroup(ctx: Context, input: DeleteLogGroupRequest): void {
  const { name, group } = findGroup(ctx, input);
  if (group.deletionProtection) {
    throw new AwsError('ValidationException', 'The log group cannot be deleted while deletion protection is enabled.');
  }
  for (const [stream, row] of listStreams(ctx, name)) removeStream(ctx, name, stream, row);
  ctx.unschedule(RETENTION, name);
  ctx.rows(groups).delete(name);
}

export function putLogGroupDeletionProtection(ctx: Context, input: PutLogGroupDeletionProtectionRequest): void {
  const { name, group } = findGroup(ctx, { logGroupIdentifier: input.logGroupIdentifier });
  ctx.rows(groups).put(name, { ...group, deletionProtection: input.deletionProtectionEnabled! });
}

export function associateKmsKey(ctx: Context, input: AssociateKmsKeyRequest): void {
  const { name, group } = findGroup(ctx, identified(input));
  ctx.rows(groups).put(name, { ...group, kmsKeyId: input.kmsKeyId! });
}

export function disassociateKmsKey(ctx: Context, input: DisassociateKmsKeyRequest): void {
  const { name, group } = findGroup(ctx, identified(input));
  const { kmsKeyId: _, ...rest } = group;
  ctx.rows(groups).put(name, rest);
}

/** The group that a key is for; keys of query results have no use here. */
function identified({ logGroupName, resourceIdentifier }: DisassociateKmsKeyRequest) {
  if ((logGroupName === undefined) === (resourceIdentifier === undefined)) {
    throw invalidParameter('Specify either a log group name or a resource identifier, and not both.');
  }
  if (resourceIdentifier?.includes(':query-result:')) throw notImplemented('logs', 'keys of query results');
  return logGroupName === undefined ? { logGroupIdentifier: resourceIdentifier } : { logGroupName };
}

/** Linked accounts are none, so what asks for theirs gets one's own. */
export function describeLogGroups(ctx: Context, input: DescribeLogGroupsRequest): DescribeLogGroupsResponse {
  const { logGroupNamePrefix: prefix = '', logGroupNamePattern: pattern, logGroupClass } = input;
  if (input.logGroupNamePrefix !== undefined && pattern !== undefined) {
    throw invalidParameter('LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.');
  }
  const identified = input.logGroupIdentifiers?.map((identifier) => groupNameOf(identifier, ctx.scope));
  const wanted = ([name, group]: [string, Group]) =>
    name.includes(pattern ?? '') &&
    (identified?.includes(name) ?? true) &&
    (logGroupClass === undefined || group.class === logGroupClass);
  const { items, nextToken } = page(
    (after, limit) =>
      ctx
        .rows(groups)
        .list({ prefix, ...(after !== undefined && { after }) })
        .filter(wanted)
        .slice(0, limit),
    { token: input.nextToken, limit: input.limit, most: PAGE, invalid: invalidToken },
  );
  return {
    logGroups: items.map(([name, group]) => (pattern ? outline(ctx, name, group) : describe(ctx, name, group))),
    ...(nextToken !== undefined && { nextToken }),
  };
}

/** All that AWS tells of groups that are looked for by a pattern. */
function outline(ctx: Context, name: string, group: Group): LogGroup {
  return { logGroupName: name, creationTime: group.createdAt, arn: `${groupArn(ctx.scope, name)}:*` };
}

function describe(ctx: Context, name: string, group: Group): LogGroup {
  return {
    ...outline(ctx, name, group),
    logGroupArn: groupArn(ctx.scope, name),
    ...(group.retentionInDays !== undefined && { retentionInDays: group.retentionInDays }),
    ...(group.kmsKeyId !== undefined && { kmsKeyId: group.kmsKeyId }),
    metricFilterCount: 0,
    storedBytes: listStreams(ctx, name).reduce((sum, [, stream]) => sum + stream.bytes, 0),
    logGroupClass: group.class,
    deletionProtectionEnabled: group.deletionProtection,
  };
}
