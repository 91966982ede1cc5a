/*
 * Aliases: names that point to a version, or share their invocations out between two.
 *
 * Words: Lambda API Reference, CreateAlias and its neighbours; Developer Guide, "Implement Lambda canary deployments
 * using a weighted alias".
 */
import type {
  AliasConfiguration,
  AliasRoutingConfiguration,
  CreateAliasRequest,
  DeleteAliasRequest,
  GetAliasRequest,
  ListAliasesRequest,
  ListAliasesResponse,
  UpdateAliasRequest,
} from '@aws-sdk/client-lambda';
import type { Scope } from '../../kernel/arn.ts';
import { page } from '../../kernel/paging.ts';
import type { Context } from '../../kernel/service.ts';
import { removeBelongings } from './belongings.ts';
import {
  type AliasRecord,
  aliases,
  checkRevision,
  conflict,
  type FoundFunction,
  findUnpublished,
  functionArn,
  functionNotFound,
  invalidParameter,
  keyOf,
  LATEST,
  notFound,
  versionOf,
} from './function.ts';
import { pageOf } from './listing.ts';

export function createAlias(ctx: Context, input: CreateAliasRequest): AliasConfiguration {
  const { name } = findUnpublished(ctx, input.FunctionName!);
  const alias = input.Name!;
  if (ctx.rows(aliases).has(keyOf(name, alias))) {
    throw conflict(`Alias already exists: ${functionArn(ctx.scope, name, alias)}`);
  }
  const { FunctionVersion, Description = '', RoutingConfig } = input;
  return put(ctx, name, alias, { FunctionVersion: FunctionVersion!, Description, ...weightsOf(RoutingConfig) });
}

export function updateAlias(ctx: Context, input: UpdateAliasRequest): AliasConfiguration {
  const { name } = findUnpublished(ctx, input.FunctionName!);
  const before = ctx.rows(aliases).get(keyOf(name, input.Name!));
  if (!before) throw notFound(`Alias not found: ${functionArn(ctx.scope, name, input.Name!)}`);
  checkRevision(input.RevisionId, before.RevisionId);
  const { weights } = input.RoutingConfig ? weightsOf(input.RoutingConfig) : before;
  return put(ctx, name, input.Name!, {
    FunctionVersion: input.FunctionVersion ?? before.FunctionVersion,
    Description: input.Description ?? before.Description,
    ...(weights && { weights }),
  });
}

export function getAlias(ctx: Context, input: GetAliasRequest): AliasConfiguration {
  const { name } = findUnpublished(ctx, input.FunctionName!);
  const alias = ctx.rows(aliases).get(keyOf(name, input.Name!));
  if (!alias) throw notFound(`Cannot find alias arn: ${functionArn(ctx.scope, name, input.Name!)}`);
  return aliasOf(ctx.scope, name, input.Name!, alias);
}

export function listAliases(ctx: Context, input: ListAliasesRequest): ListAliasesResponse {
  const { name } = findUnpublished(ctx, input.FunctionName!);
  const prefix = keyOf(name, '');
  const { FunctionVersion } = input;
  const pointsThere = ({ FunctionVersion: main, weights }: AliasRecord) =>
    FunctionVersion === undefined || main === FunctionVersion || weights?.[FunctionVersion] !== undefined;
  const list = (after: string | undefined, limit: number) =>
    ctx
      .rows(aliases)
      .list({ prefix, ...(after && { after }) })
      .filter(([, alias]) => pointsThere(alias))
      .slice(0, limit);
  const { items, nextToken } = page(list, pageOf(input));
  return {
    Aliases: items.map(([key, alias]) => aliasOf(ctx.scope, name, key.slice(prefix.length), alias)),
    ...(nextToken && { NextMarker: nextToken }),
  };
}

/** Deletes an alias and what belongs to it; one that is not there is as good as deleted. */
export function deleteAlias(ctx: Context, input: DeleteAliasRequest): void {
  const { name } = findUnpublished(ctx, input.FunctionName!);
  ctx.rows(aliases).delete(keyOf(name, input.Name!));
  removeBelongings(ctx, name, input.Name!);
}

/** What one invocation runs: of an alias that shares them out, a version by chance. */
export function choose(ctx: Context, found: FoundFunction): FoundFunction {
  const { name, alias } = found;
  if (!alias?.weights) return found;
  // A version that an alias points to can't be deleted.
  return { ...found, record: versionOf(ctx, name, chooseVersion(ctx, alias))! };
}

function chooseVersion({ ids }: Context, { FunctionVersion, weights = {} }: AliasRecord): string {
  let left = ids.random();
  for (const [version, weight] of Object.entries(weights)) {
    left -= weight;
    if (left < 0) return version;
  }
  return FunctionVersion;
}

function put(ctx: Context, name: string, alias: string, settings: Omit<AliasRecord, 'RevisionId'>): AliasConfiguration {
  checkVersions(ctx, name, settings);
  const record = { ...settings, RevisionId: ctx.ids.uuid() };
  ctx.rows(aliases).put(keyOf(name, alias), record);
  return aliasOf(ctx.scope, name, alias, record);
}

function aliasOf(scope: Scope, name: string, alias: string, record: AliasRecord): AliasConfiguration {
  const { FunctionVersion, Description, weights, RevisionId } = record;
  return {
    AliasArn: functionArn(scope, name, alias),
    Name: alias,
    FunctionVersion,
    Description,
    ...(weights && { RoutingConfig: { AdditionalVersionWeights: { ...weights } } }),
    RevisionId,
  };
}

/** No weights are as good as none given. */
function weightsOf(routing: AliasRoutingConfiguration | undefined): Pick<AliasRecord, 'weights'> {
  const weights = routing?.AdditionalVersionWeights;
  return weights && Object.keys(weights).length > 0 ? { weights } : {};
}

function checkVersions(ctx: Context, name: string, { FunctionVersion, weights = {} }: Omit<AliasRecord, 'RevisionId'>) {
  const others = Object.keys(weights);
  if (others.length > 1) throw invalidParameter('Number of items in AdditionalVersionWeights cannot be greater than 1');
  if (others.length > 0 && [FunctionVersion, ...others].includes(LATEST)) {
    throw invalidParameter('$LATEST is not supported for an alias pointing to more than 1 version');
  }
  if (others.includes(FunctionVersion)) {
    const reason = `Function version ${FunctionVersion} is already included in routing configuration.`;
    throw invalidParameter(`Invalid function version ${FunctionVersion}. ${reason}`);
  }
  for (const version of [FunctionVersion, ...others]) {
    if (!versionOf(ctx, name, version)) throw functionNotFound(ctx.scope, { name, qualifier: version });
  }
}
