/*
 * The operations on functions.
 *
 * Words and limits: Lambda API Reference, CreateFunction and its neighbours. What a client may set stands in
 * configuration.ts.
 */
import type {
  CreateFunctionRequest,
  DeleteFunctionRequest,
  DeleteFunctionResponse,
  FunctionCode,
  FunctionConfiguration,
  GetFunctionCodeSigningConfigRequest,
  GetFunctionCodeSigningConfigResponse,
  GetFunctionConfigurationRequest,
  GetFunctionRequest,
  GetFunctionResponse,
  ListFunctionsRequest,
  ListFunctionsResponse,
  ListVersionsByFunctionRequest,
  ListVersionsByFunctionResponse,
  UpdateFunctionCodeRequest,
  UpdateFunctionConfigurationRequest,
} from '@aws-sdk/client-lambda';
import { isoMillis } from '../../kernel/clock.ts';
import { notImplemented, validationError } from '../../kernel/errors.ts';
import { page } from '../../kernel/paging.ts';
import type { Context, WaitingContext } from '../../kernel/service.ts';
import { archiveName, type CodePackage, codeStore } from './code.ts';
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
  functions,
  invalidParameter,
  LATEST,
  notFound,
  parseFunctionName,
} from './function.ts';
import { removePolicy } from './permissions.ts';
import { fleet, retireSandboxes } from './sandboxes.ts';
import { checkTags } from './tags.ts';

const LIMITS = { nameLength: 64, page: 50 };

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
  checkTags(input.Tags);
  const { FunctionName, Code, Tags, Architectures, PackageType, Publish, CodeSigningConfigArn, ...settings } = input;
  const configuration = { ...settle(name, settings), PackageType: 'Zip', Architectures: Architectures ?? ['x86_64'] };
  const checkAbsent = (tx: Context) => {
    if (tx.rows(functions).has(name)) throw conflict(`Function already exist: ${name}`);
  };
  await ctx.transact(checkAbsent);
  void ctx.use(fleet).warmUp(input.Runtime);
  const kept = await ctx.use(codeStore).keep(zipOf(Code!), 'CreateFunction');
  return ctx.transact((tx) => {
    checkAbsent(tx);
    const record = {
      configuration: { ...configuration, ...shownCode(kept), ...READY, ...changed(tx) },
      code: kept.code,
      generation: tx.ids.hex(16),
      ...(Object.keys(Tags ?? {}).length > 0 && { tags: Tags }),
    } as FunctionRecord;
    tx.rows(functions).put(name, record);
    return configurationOf(tx.scope, { name, record });
  });
}

export function getFunction(ctx: Context, input: GetFunctionRequest): GetFunctionResponse {
  const found = findFunction(ctx, input.FunctionName!, input.Qualifier);
  const { code, tags } = found.record;
  const ReservedConcurrentExecutions = reservedFor(ctx, found.name);
  return {
    Configuration: configurationOf(ctx.scope, found),
    Code: { RepositoryType: 'S3', Location: `${ctx.host.endpoint}/_carillon/lambda/${archiveName(code)}` },
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
  const qualifier = input.FunctionVersion === 'ALL' ? LATEST : undefined;
  const list = (after: string | undefined, limit: number) =>
    ctx.rows(functions).list({ ...(after && { after }), limit });
  const { items, nextToken } = page(list, pageOf(input));
  return {
    Functions: items.map(([name, record]) => listed(configurationOf(ctx.scope, { name, qualifier, record }))),
    ...(nextToken && { NextMarker: nextToken }),
  };
}

/** Versions can't be published yet: there is the unpublished one alone. */
export function listVersionsByFunction(
  ctx: Context,
  input: ListVersionsByFunctionRequest,
): ListVersionsByFunctionResponse {
  const { name, record } = findFunction(ctx, input.FunctionName!);
  const list = (after: string | undefined) =>
    after === undefined ? [[LATEST, record] as [string, FunctionRecord]] : [];
  const { items } = page(list, pageOf(input));
  return { Versions: items.map(() => listed(configurationOf(ctx.scope, { name, qualifier: LATEST, record }))) };
}

export async function updateFunctionCode(
  ctx: WaitingContext,
  input: UpdateFunctionCodeRequest,
): Promise<FunctionConfiguration> {
  if (input.Publish) throw notImplemented('lambda', 'UpdateFunctionCode with Publish');
  const find = (tx: Context) => {
    const found = findUnpublished(tx, input.FunctionName!);
    checkRevision(input.RevisionId, found.record.configuration.RevisionId);
    return found;
  };
  await ctx.transact(find);
  const kept = await ctx.use(codeStore).keep(zipOf(input), 'UpdateFunctionCode');
  return ctx.transact((tx) => {
    const { name, record } = find(tx);
    const architectures = input.Architectures && { Architectures: input.Architectures };
    const configuration = { ...record.configuration, ...shownCode(kept), ...architectures, ...changed(tx) };
    const next = { ...record, configuration, code: kept.code, generation: tx.ids.hex(16) };
    return input.DryRun ? configurationOf(tx.scope, { name, record: next }) : replace(tx, name, next);
  });
}

export function updateFunctionConfiguration(
  ctx: Context,
  input: UpdateFunctionConfigurationRequest,
): FunctionConfiguration {
  const { FunctionName, RevisionId, ...settings } = input;
  const { name, record } = findUnpublished(ctx, FunctionName!);
  checkRevision(RevisionId, record.configuration.RevisionId);
  checkSettings('UpdateFunctionConfiguration', settings);
  const configuration = { ...settle(name, settings, record.configuration), ...changed(ctx) };
  return replace(ctx, name, { ...record, configuration, generation: ctx.ids.hex(16) });
}

export function deleteFunction(ctx: Context, input: DeleteFunctionRequest): DeleteFunctionResponse {
  const { name, qualifier } = parseFunctionName(ctx.scope, input.FunctionName!, input.Qualifier);
  const record = ctx.rows(functions).get(name);
  if (!record) throw notFound(`Function not found: ${functionArn(ctx.scope, name, qualifier)}`);
  if (qualifier === LATEST) {
    throw invalidParameter('$LATEST version cannot be deleted without deleting the function.');
  }
  // A version that is not there is as good as deleted.
  if (qualifier !== undefined) return DELETED;
  ctx.rows(functions).delete(name);
  removePolicy(ctx, name);
  removeReserved(ctx, name);
  retireSandboxes(ctx, name, record);
  return DELETED;
}

const DELETED = { StatusCode: 204 };

function replace(ctx: Context, name: string, record: FunctionRecord): FunctionConfiguration {
  retireSandboxes(ctx, name, ctx.rows(functions).get(name)!);
  ctx.rows(functions).put(name, record);
  return configurationOf(ctx.scope, { name, record });
}

/** A function is ready as soon as it is made or changed. */
const READY = { State: 'Active', LastUpdateStatus: 'Successful' };

/** What ListFunctions leaves out (API Reference, ListFunctions). */
function listed({ State, LastUpdateStatus, ...rest }: FunctionConfiguration): FunctionConfiguration {
  return rest;
}

function shownCode({ sha256, size }: CodePackage) {
  return { CodeSha256: sha256, CodeSize: size };
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

function zipOf(code: FunctionCode): Uint8Array {
  if (code.ZipFile) return code.ZipFile;
  if (code.ImageUri) throw notImplemented('lambda', 'functions from container images (ImageUri)');
  if (code.S3Bucket) throw notImplemented('lambda', 'function code from S3 (S3Bucket): give it as ZipFile');
  throw invalidParameter('Please provide a source for function code.');
}

/** A page has at most 50 entries, whatever a client asks for (API Reference, ListFunctions). */
function pageOf({ Marker, MaxItems }: { Marker?: string | undefined; MaxItems?: number | undefined }) {
  const invalid = () => invalidParameter('The marker is not valid.');
  return { token: Marker, limit: MaxItems, most: LIMITS.page, invalid };
}
