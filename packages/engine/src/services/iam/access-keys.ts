/*
 * Access keys of users.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
 */
import type {
  CreateAccessKeyRequest,
  CreateAccessKeyResponse,
  DeleteAccessKeyRequest,
  GetAccessKeyLastUsedRequest,
  GetAccessKeyLastUsedResponse,
  ListAccessKeysRequest,
  ListAccessKeysResponse,
  UpdateAccessKeyRequest,
} from '@aws-sdk/client-iam';
import { createCredentials } from '../../kernel/access-keys.ts';
import { dateOf } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { IssuedCredentials } from '../../kernel/keyring.ts';
import type { Context } from '../../kernel/service.ts';
import type { TableReader } from '../../kernel/state/table.ts';
import { table } from '../../kernel/state/table.ts';
import { find, USER, wholeSecond } from './entities.ts';
import { checkQuota, noSuchEntity } from './errors.ts';
import { page } from './paging.ts';

export interface AccessKey {
  readonly id: string;
  readonly userName: string;
  readonly secretAccessKey: string;
  readonly status: 'Active' | 'Inactive';
  readonly createdAt: number;
}

/** By the key's id. */
export const accessKeys = table<AccessKey>('iam.accessKeys', { scope: 'account' });

const MOST_OF_USER = 2;

export function createAccessKey(ctx: Context, input: CreateAccessKeyRequest): CreateAccessKeyResponse {
  const { name } = find(ctx, USER, userNameOrCaller(ctx, input.UserName));
  checkQuota('AccessKeysPerUser', MOST_OF_USER, keysOf(ctx, name).length + 1);
  const { accessKeyId, secretAccessKey } = createCredentials('AKIA', ctx.scope.account, ctx.host);
  const key: AccessKey = {
    ...{ id: accessKeyId, userName: name, secretAccessKey, status: 'Active', createdAt: wholeSecond(ctx.now) },
  };
  ctx.rows(accessKeys).put(key.id, key);
  return { AccessKey: { ...metadataOf(key), SecretAccessKey: secretAccessKey } };
}

/** What a caller with one of these keys signs with. */
export function credentialsOf(rows: TableReader, accessKeyId: string): IssuedCredentials | undefined {
  const key = rows(accessKeys).get(accessKeyId);
  return key?.status === 'Active' ? { secretAccessKey: key.secretAccessKey } : undefined;
}

export function listAccessKeys(ctx: Context, input: ListAccessKeysRequest): ListAccessKeysResponse {
  const { name } = find(ctx, USER, userNameOrCaller(ctx, input.UserName));
  const [keys, end] = page(keysOf(ctx, name), ({ id }) => id, input);
  return { AccessKeyMetadata: keys.map(metadataOf), ...end };
}

export function updateAccessKey(ctx: Context, input: UpdateAccessKeyRequest): void {
  const key = findKey(ctx, input.UserName, input.AccessKeyId!);
  ctx.rows(accessKeys).put(key.id, { ...key, status: input.Status === 'Active' ? 'Active' : 'Inactive' });
}

export function deleteAccessKey(ctx: Context, input: DeleteAccessKeyRequest): void {
  ctx.rows(accessKeys).delete(findKey(ctx, input.UserName, input.AccessKeyId!).id);
}

/** When a key was last used is not kept; whose it is, is. */
export function getAccessKeyLastUsed(ctx: Context, input: GetAccessKeyLastUsedRequest): GetAccessKeyLastUsedResponse {
  const key = ctx.rows(accessKeys).get(input.AccessKeyId!);
  if (!key) throw noSuchKey(input.AccessKeyId!);
  return { UserName: key.userName, AccessKeyLastUsed: { LastUsedDate: undefined, ServiceName: 'N/A', Region: 'N/A' } };
}

export function keysOf(ctx: Context, userName: string): AccessKey[] {
  return ctx
    .rows(accessKeys)
    .list()
    .flatMap(([, key]) => (key.userName === userName ? [key] : []));
}

/** Hands a user's keys on to the name that he gets. */
export function renameKeysOwner(ctx: Context, before: string, after: string): void {
  for (const key of keysOf(ctx, before)) ctx.rows(accessKeys).put(key.id, { ...key, userName: after });
}

/** The user that a request names, or whose access key signed it. */
export function userNameOrCaller(ctx: Context, name: string | undefined): string {
  const own = name ?? ctx.rows(accessKeys).get(ctx.caller.accessKeyId ?? '')?.userName;
  if (own === undefined) {
    throw new AwsError('ValidationError', 'Must specify userName when calling with non-User credentials');
  }
  return own;
}

function findKey(ctx: Context, userName: string | undefined, id: string): AccessKey {
  const key = ctx.rows(accessKeys).get(id);
  if (!key || (userName !== undefined && find(ctx, USER, userName).name !== key.userName)) throw noSuchKey(id);
  return key;
}

function noSuchKey(id: string): AwsError {
  return noSuchEntity(`The Access Key with id ${id} cannot be found.`);
}

function metadataOf({ id, userName, status, createdAt }: AccessKey) {
  return { UserName: userName, AccessKeyId: id, Status: status, CreateDate: dateOf(createdAt) };
}
