/*
 * Symmetric keys: made, described, switched on and off, deleted after a while.
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
 */
import type {
  CancelKeyDeletionRequest,
  CancelKeyDeletionResponse,
  CreateKeyRequest,
  CreateKeyResponse,
  DescribeKeyRequest,
  DescribeKeyResponse,
  DisableKeyRequest,
  EnableKeyRequest,
  ListKeysRequest,
  ListKeysResponse,
  ScheduleKeyDeletionRequest,
  ScheduleKeyDeletionResponse,
  UpdateKeyDescriptionRequest,
} from '@aws-sdk/client-kms';
import { dateOf } from '../../kernel/clock.ts';
import { page } from '../../kernel/paging.ts';
import type { Context, DueWork } from '../../kernel/service.ts';
import { invalid, invalidMarker, invalidState, unsupported } from './errors.ts';
import {
  aliases,
  arnOf,
  defaultPolicy,
  type Found,
  find,
  findOwn,
  type Key,
  keys,
  metadataOf,
  SYMMETRIC,
} from './key.ts';
import { checkPolicy } from './policies.ts';
import { mergeTags } from './tags.ts';

const DELETION = 'kms.deletion';
const DAY_MS = 24 * 3_600_000;
const PAGE = 100;
const LARGEST_PAGE = 1_000;
const MOST_WINDOW_DAYS = 30;

export function createKey(ctx: Context, input: CreateKeyRequest): CreateKeyResponse {
  const spec = input.KeySpec ?? input.CustomerMasterKeySpec ?? SYMMETRIC;
  const { KeyUsage: usage = 'ENCRYPT_DECRYPT', Origin: origin = 'AWS_KMS' } = input;
  if (spec !== SYMMETRIC) throw unsupported(`Carillon has keys of ${SYMMETRIC} alone, not of ${spec}.`);
  if (usage !== 'ENCRYPT_DECRYPT') throw invalid(`KeyUsage ${usage} is not compatible with KeySpec ${spec}`);
  if (origin !== 'AWS_KMS') throw unsupported(`Carillon makes the material of its keys itself, not by ${origin}.`);
  if (input.Policy !== undefined) checkPolicy(input.Policy);
  const tags = mergeTags({}, input.Tags ?? []);
  const multiRegion = input.MultiRegion ?? false;
  const id = multiRegion ? `mrk-${ctx.ids.hex(32)}` : ctx.ids.uuid();
  const key: Key = {
    ...{ createdAt: ctx.now, description: input.Description ?? '', usage, state: 'Enabled' },
    ...{ policy: input.Policy ?? defaultPolicy(ctx.scope), multiRegion, tags },
  };
  ctx.rows(keys).put(id, key);
  return { KeyMetadata: metadataOf(ctx.scope, { id, arn: arnOf(ctx.scope, id), key }) };
}

export function describeKey(ctx: Context, { KeyId }: DescribeKeyRequest): DescribeKeyResponse {
  return { KeyMetadata: metadataOf(ctx.scope, find(ctx, KeyId!)) };
}

export function listKeys(ctx: Context, { Limit, Marker }: ListKeysRequest): ListKeysResponse {
  const { items, nextToken } = page(
    (after, limit) => ctx.rows(keys).list({ limit, ...(after !== undefined && { after }) }),
    { token: Marker, limit: Limit ?? PAGE, most: LARGEST_PAGE, invalid: invalidMarker },
  );
  return {
    Keys: items.map(([id]) => ({ KeyId: id, KeyArn: arnOf(ctx.scope, id) })),
    ...(nextToken && { NextMarker: nextToken }),
    Truncated: nextToken !== undefined,
  };
}

export function enableKey(ctx: Context, { KeyId }: EnableKeyRequest): void {
  const found = living(ctx, KeyId!);
  ctx.rows(keys).put(found.id, { ...found.key, state: 'Enabled' });
}

export function disableKey(ctx: Context, { KeyId }: DisableKeyRequest): void {
  const found = living(ctx, KeyId!);
  ctx.rows(keys).put(found.id, { ...found.key, state: 'Disabled' });
}

export function updateKeyDescription(ctx: Context, { KeyId, Description }: UpdateKeyDescriptionRequest): void {
  const found = living(ctx, KeyId!);
  ctx.rows(keys).put(found.id, { ...found.key, description: Description! });
}

export function scheduleKeyDeletion(ctx: Context, input: ScheduleKeyDeletionRequest): ScheduleKeyDeletionResponse {
  const { id, arn, key } = living(ctx, input.KeyId!);
  const days = input.PendingWindowInDays ?? MOST_WINDOW_DAYS;
  if (days < 7 || days > MOST_WINDOW_DAYS) throw invalid('PendingWindowInDays must be between 7 and 30 days');
  const deletesAt = ctx.now + days * DAY_MS;
  ctx.rows(keys).put(id, { ...key, state: 'PendingDeletion', deletesAt });
  ctx.schedule({ kind: DELETION, id, due: deletesAt });
  return { KeyId: arn, DeletionDate: dateOf(deletesAt), KeyState: 'PendingDeletion', PendingWindowInDays: days };
}

/** The key is disabled then, as on AWS. */
export function cancelKeyDeletion(ctx: Context, { KeyId }: CancelKeyDeletionRequest): CancelKeyDeletionResponse {
  const { id, arn, key } = findOwn(ctx, KeyId!);
  if (key.state !== 'PendingDeletion') throw invalidState(arn, 'kept');
  const { deletesAt: _, ...rest } = key;
  ctx.rows(keys).put(id, { ...rest, state: 'Disabled' });
  ctx.unschedule(DELETION, id);
  return { KeyId: arn };
}

/** Due work: a key goes, and its aliases with it. */
export function dropKey(ctx: Context, { id }: DueWork): void {
  for (const [name] of ctx.rows(aliases).list({ indexed: true, prefix: `${id} ` })) ctx.rows(aliases).delete(name);
  ctx.rows(keys).delete(id);
}

/** A key that can be changed. Throws AWS's error for one that is to be deleted. */
export function living(ctx: Context, text: string): Found {
  const found = findOwn(ctx, text);
  if (found.key.state === 'PendingDeletion') throw invalidState(found.arn, found.key.state);
  return found;
}
