/*
 * The operations on functions.
 *
 * Words and limits: Lambda API Reference, CreateFunction and its neighbours. What a client may set stands in
 * configuration.ts.
 */
import { isDeepStrictEqual } from 'node:util';
import type {
  CreateFunctionRequest,
  DeleteFunctionRequest,
  DeleteFunctionResponse,
  FunctionConfiguration,
  GetFunctionCodeSigningConfigRequest,
  GetFunctionCodeSigningConfigResponse,
  GetFunctionConfigurationRequest,
  GetFunctionRequest,
  GetFunctionResponse,
  ListFunctionsRequest,
  ListFunctionsResponse,
  UpdateFunctionCodeRequest,
  UpdateFunctionConfigurationRequest,
} from '@aws-sdk/client-lambda';
import { isoMillis } from '../../kernel/clock.ts';
import { notImplemented, validationError } from '../../kernel/errors.ts';
import { page } from '../../kernel/paging.ts';
import type { Context, WaitingContext } from '../../kernel/service.ts';
import { removeAllBelongings, removeBelongings } from './belongings.ts';
import { archiveUrl, type CodePackage, codeStore, packageOf } from './code.ts';
import { removeReserved, reservedFor } from './concurrency.ts';
import { checkSettings, settle } from './configuration.ts';
import {
  checkRevision,
  configurationOf,
  conflict,
  type FunctionRecord,
  findFunction,
  findUnpublished,
  functionArn,
  functionNotFound,
  functions,
  invalidParameter,
  isAlias,
  keyOf,
  LATEST,
  parseFunctionName,
  versions,
} from './function.ts';
import { checkUnzipped, withLayers } from './layers.ts';
import { listed, pageOf } from './listing.ts';
import { checkRetirement } from './retirement.ts';
import { fleet, retireSandboxes, specOf } from './sandboxes.ts';
import { checkTags } from './tags.ts';
import { deleteVersion, publish } from './versions.ts';

const LIMITS = { nameLength: 64 };

export async function createFunction(
  ctx: WaitingContext,
  input: CreateFunctionRequest,
): Promise<FunctionConfiguration> {
  const name = nameOf(ctx, input.FunctionName!);
  if (input.PackageType === 'Image') throw notImplemented('lambda', 'CreateFunction with PackageType Image');
  if (!input.Runtime || !input.Handler) {
    throw invalidParameter(
      'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
    );
  }
  checkSettings('CreateFunction', input);
  checkRetirement(ctx, 'create', input.Runtime);
  checkTags(input.Tags);
  const {
    FunctionName,
    Code,
    Tags,
    Layers = [],
    Architectures,
    PackageType,
    Publish,
    CodeSigningConfigArn,
    ...settings
  } = input;
  const configuration = { ...settle(name, settings), PackageType: 'Zip', Architectures: Architectures ?? ['x86_64'] };
  const checkAbsent = (tx: Context) => {
    if (tx.rows(functions).has(name)) throw conflict(`Function already exist: ${name}`);
  };
  await ctx.transact(checkAbsent);
  void ctx.use(fleet).warmUp(input.Runtime);
  const kept = await ctx.use(codeStore).keep(await packageOf(ctx, Code!, 'CreateFunction'));
  return ctx.transact((tx) => {
    checkAbsent(tx);
    const bare = {
      configuration: { ...configuration, ...shownCode(kept), ...READY, ...changed(tx) },
      ...keptCode(kept),
      generation: tx.ids.hex(16),
      ...(Object.keys(Tags ?? {}).length > 0 && { tags: Tags }),
    } as FunctionRecord;
    const record = withLayers(tx, bare, Layers);
    tx.rows(functions).put(name, record);
    void ctx.use(fleet).prepare(specOf(tx.host, tx.scope, name, record));
    if (!Publish) return configurationOf(tx.scope, { name, record });
    return { ...publish(tx, name), FunctionArn: functionArn(tx.scope, name) };
  });
}

export function getFunction(ctx: Context, input: GetFunctionRequest): GetFunctionResponse {
  const found = findFunction(ctx, input.FunctionName!, input.Qualifier);
  const { code } = found.record;
  const tags = ctx.rows(functions).get(found.name)?.tags;
  const ReservedConcurrentExecutions = reservedFor(ctx, found.name);
  return {
    Configuration: configurationOf(ctx.scope, found),
    Code: { RepositoryType: 'S3', Location: archiveUrl(ctx.host, code) },
    ...(tags && { Tags: tags }),
    ...(ReservedConcurrentExecutions !== undefined && { Concurrency: { ReservedConcurrentExecutions } }),
  };
}

export function getFunctionConfiguration(ctx: Context, input: GetFunctionConfigurationRequest): FunctionConfiguration {
  return configurationOf(ctx.scope, findFunction(ctx, input.FunctionName!, input.Qualifier));
}

/** Code signing configurations can't be made here: no function has one. */
export function getFunctionCodeSigningConfig(
  ctx: Context,
  input: GetFunctionCodeSigningConfigRequest,
): GetFunctionCodeSigningConfigResponse {
  const { name } = findFunction(ctx, input.FunctionName!);
  return { FunctionName: name, CodeSigningConfigArn: undefined };
}

export function listFunctions(ctx: Context, input: ListFunctionsRequest): ListFunctionsResponse {
  // Replicas of functions at the edge are the only ones with a master in some region.
  if (input.MasterRegion) return { Functions: [] };
  const list = input.FunctionVersion === 'ALL' ? listAllVersions : listUnpublished;
  const { items, nextToken } = page((after, limit) => list(ctx, after, limit), pageOf(input));
  return {
    Functions: items.map(([, configuration]) => listed(configuration)),
    ...(nextToken && { NextMarker: nextToken }),
  };
}

function listUnpublished(ctx: Context, after: string | undefined, limit: number): [string, FunctionConfiguration][] {
  const found = ctx.rows(functions).list({ ...(after && { after }), limit });
  return found.map(([name, record]) => [name, configurationOf(ctx.scope, { name, record })]);
}

/** Each function with its versions, the unpublished one first; a key is `<name>:<version's key>`. */
function listAllVersions(ctx: Context, after: string | undefined, limit: number): [string, FunctionConfiguration][] {
  const found: [string, FunctionConfiguration][] = [];
  const add = (key: string, name: string, record: FunctionRecord) =>
    found.push([key, configurationOf(ctx.scope, { name, qualifier: record.version ?? LATEST, record })]);
  const [begun = ''] = after?.split(':') ?? [];
  const rest = ctx.rows(functions).list({ ...(after && { after: begun }), limit });
  for (const [key, record] of after ? versionsAfter(ctx, begun, after, limit) : []) add(key, begun, record);
  for (const [name, record] of rest) {
    if (found.length >= limit) break;
    add(keyOf(name, ''), name, record);
    for (const [key, version] of versionsAfter(ctx, name, keyOf(name, ''), limit)) add(key, name, version);
  }
  return found.slice(0, limit);
}

function versionsAfter(ctx: Context, name: string, after: string, limit: number) {
  return ctx.rows(versions).list({ prefix: keyOf(name, ''), after, limit });
}

export async function updateFunctionCode(
  ctx: WaitingContext,
  input: UpdateFunctionCodeRequest,
): Promise<FunctionConfiguration> {
  if (input.PublishTo) throw notImplemented('lambda', 'UpdateFunctionCode with PublishTo');
  const find = (tx: Context) => {
    const found = findUnpublished(tx, input.FunctionName!);
    checkRevision(input.RevisionId, found.record.configuration.RevisionId);
    checkRetirement(tx, 'update', found.record.configuration.Runtime);
    return found;
  };
  await ctx.transact(find);
  const kept = await ctx.use(codeStore).keep(await packageOf(ctx, input, 'UpdateFunctionCode'));
  return ctx.transact((tx) => {
    const { name, record } = find(tx);
    const architectures = input.Architectures && { Architectures: input.Architectures };
    const configuration = { ...record.configuration, ...shownCode(kept), ...architectures, ...changed(tx) };
    const next = { ...record, configuration, ...keptCode(kept) };
    checkUnzipped(next);
    if (input.DryRun) return configurationOf(tx.scope, { name, record: next });
    const updated = replace(tx, name, next);
    return input.Publish ? publish(tx, name) : updated;
  });
}

export function updateFunctionConfiguration(
  ctx: Context,
  input: UpdateFunctionConfigurationRequest,
): FunctionConfiguration {
  const { FunctionName, RevisionId, Layers, ...settings } = input;
  const { name, record } = findUnpublished(ctx, FunctionName!);
  checkRevision(RevisionId, record.configuration.RevisionId);
  checkSettings('UpdateFunctionConfiguration', settings);
  checkRetirement(ctx, 'update', settings.Runtime ?? record.configuration.Runtime);
  const configuration = { ...settle(name, settings, record.configuration), ...changed(ctx) };
  const next = { ...record, configuration };
  return replace(ctx, name, Layers ? withLayers(ctx, next, Layers) : next);
}

export function deleteFunction(ctx: Context, input: DeleteFunctionRequest): DeleteFunctionResponse {
  const reference = parseFunctionName(ctx.scope, input.FunctionName!, input.Qualifier);
  const { name, qualifier } = reference;
  const record = ctx.rows(functions).get(name);
  if (!record) throw functionNotFound(ctx.scope, reference);
  if (qualifier === LATEST) {
    throw invalidParameter('$LATEST version cannot be deleted without deleting the function.');
  }
  if (isAlias(qualifier)) throw invalidParameter('Deletion of aliases is not currently supported.');
  if (qualifier !== undefined) {
    deleteVersion(ctx, name, qualifier);
    removeBelongings(ctx, name, qualifier);
    return DELETED;
  }
  for (const [, version] of ctx.rows(versions).list({ prefix: keyOf(name, '') })) retireSandboxes(ctx, name, version);
  retireSandboxes(ctx, name, record);
  ctx.rows(functions).delete(name);
  removeAllBelongings(ctx, name);
  removeReserved(ctx, name);
  return DELETED;
}

const DELETED = { StatusCode: 204 };

/** Puts a function's record in place of an earlier one; a change of nothing leaves its sandboxes and versions valid. */
function replace(ctx: Context, name: string, record: FunctionRecord): FunctionConfiguration {
  const before = ctx.rows(functions).get(name)!;
  if (isSame(before, record)) ctx.rows(functions).put(name, record);
  else {
    retireSandboxes(ctx, name, before);
    ctx.rows(functions).put(name, { ...record, generation: ctx.ids.hex(16) });
  }
  return configurationOf(ctx.scope, { name, record });
}

/** Whether two records have the same code and configuration. */
function isSame(one: FunctionRecord, other: FunctionRecord): boolean {
  const settingsOf = ({ configuration: { RevisionId, LastModified, ...settings } }: FunctionRecord) => settings;
  return one.code === other.code && isDeepStrictEqual(settingsOf(one), settingsOf(other));
}

/** A function is ready as soon as it is made or changed. */
const READY = { State: 'Active', LastUpdateStatus: 'Successful' };

function shownCode({ sha256, size }: CodePackage) {
  return { CodeSha256: sha256, CodeSize: size };
}

function keptCode({ code, unzippedBytes }: CodePackage) {
  return { code, unzippedBytes };
}

/** What changes with every change; Lambda writes its moments so: `2026-11-21T08:00:00.000+0000`. */
function changed(ctx: Context) {
  return { RevisionId: ctx.ids.uuid(), LastModified: isoMillis(ctx.now).replace('Z', '+0000') };
}

/** The name of a function to be made; the model's bound is that of an ARN. */
function nameOf(ctx: WaitingContext, text: string): string {
  const { name } = parseFunctionName(ctx.scope, text);
  if (name.length <= LIMITS.nameLength) return name;
  const constraint = `Member must have length less than or equal to ${LIMITS.nameLength}`;
  throw validationError([`Value '${name}' at 'functionName' failed to satisfy constraint: ${constraint}`]);
}
