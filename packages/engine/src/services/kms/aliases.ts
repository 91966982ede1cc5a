/*
 * Aliases: names of keys.
 * https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html
 */
import type {
  AliasListEntry,
  CreateAliasRequest,
  DeleteAliasRequest,
  ListAliasesRequest,
  ListAliasesResponse,
  UpdateAliasRequest,
} from '@aws-sdk/client-kms';
import { dateOf } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import { page } from '../../kernel/paging.ts';
import type { Context } from '../../kernel/service.ts';
import { invalid, invalidMarker, notFound } from './errors.ts';
import { type Alias, aliasArn, aliases, find, MANAGED, managedId } from './key.ts';
import { living } from './keys.ts';

const PAGE = 50;
const LARGEST_PAGE = 100;

export function createAlias(ctx: Context, { AliasName: name, TargetKeyId }: CreateAliasRequest): void {
  checkName(name!);
  if (ctx.rows(aliases).has(name!)) {
    throw new AwsError('AlreadyExistsException', `An alias with the name ${aliasArn(ctx.scope, name!)} already exists`);
  }
  const { id } = living(ctx, TargetKeyId!);
  ctx.rows(aliases).put(name!, { keyId: id, createdAt: ctx.now, updatedAt: ctx.now });
}

export function updateAlias(ctx: Context, { AliasName: name, TargetKeyId }: UpdateAliasRequest): void {
  checkName(name!);
  const alias = findAlias(ctx, name!);
  const { id } = living(ctx, TargetKeyId!);
  ctx.rows(aliases).put(name!, { ...alias, keyId: id, updatedAt: ctx.now });
}

export function deleteAlias(ctx: Context, { AliasName: name }: DeleteAliasRequest): void {
  checkName(name!);
  findAlias(ctx, name!);
  ctx.rows(aliases).delete(name!);
}

/** AWS's own among them. */
export function listAliases(ctx: Context, { KeyId, Limit, Marker }: ListAliasesRequest): ListAliasesResponse {
  const wanted = KeyId === undefined ? undefined : find(ctx, KeyId).id;
  const managed = MANAGED.map((name): [string, Alias] => [
    name,
    { keyId: managedId(ctx.scope, name), createdAt: 0, updatedAt: 0 },
  ]);
  const all = [...ctx.rows(aliases).list(), ...managed]
    .filter(([, { keyId }]) => wanted === undefined || keyId === wanted)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const { items, nextToken } = page((after = '', limit) => all.filter(([name]) => name > after).slice(0, limit), {
    ...{ token: Marker, limit: Limit ?? PAGE, most: LARGEST_PAGE, invalid: invalidMarker },
  });
  const Aliases = items.map(
    ([name, { keyId, createdAt, updatedAt }]): AliasListEntry => ({
      ...{ AliasName: name, AliasArn: aliasArn(ctx.scope, name), TargetKeyId: keyId },
      ...{ CreationDate: dateOf(createdAt), LastUpdatedDate: dateOf(updatedAt) },
    }),
  );
  return { Aliases, ...(nextToken && { NextMarker: nextToken }), Truncated: nextToken !== undefined };
}

function findAlias(ctx: Context, name: string): Alias {
  const alias = ctx.rows(aliases).get(name);
  if (!alias) throw notFound(`Alias ${aliasArn(ctx.scope, name)} is not found.`);
  return alias;
}

function checkName(name: string): void {
  if (!/^alias\/[a-zA-Z0-9/_-]+$/.test(name)) {
    throw invalid(
      'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    );
  }
  if (name.startsWith('alias/aws/')) {
    throw new AwsError('NotAuthorizedException', 'Aliases that begin with alias/aws/ are reserved for AWS.');
  }
}
