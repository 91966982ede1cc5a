/*
 * Function URLs: what is set for each. How they are answered stands in web.ts.
 *
 * Words: Lambda API Reference, CreateFunctionUrlConfig and its neighbours. AWS's URLs are hosts of their own,
 * `https://<url-id>.lambda-url.<region>.on.aws/`; ours are paths of the endpoint, which every client reaches without
 * a name server. As hosts they are answered too.
 */
import type {
  Cors,
  CreateFunctionUrlConfigRequest,
  CreateFunctionUrlConfigResponse,
  DeleteFunctionUrlConfigRequest,
  FunctionUrlConfig,
  GetFunctionUrlConfigRequest,
  GetFunctionUrlConfigResponse,
  ListFunctionUrlConfigsRequest,
  ListFunctionUrlConfigsResponse,
  UpdateFunctionUrlConfigRequest,
} from '@aws-sdk/client-lambda';
import type { Scope } from '../../kernel/arn.ts';
import { isoMillis } from '../../kernel/clock.ts';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import {
  conflict,
  type FunctionReference,
  functionArn,
  invalidParameter,
  keyOf,
  LATEST,
  lookUp,
  notFound,
  parseFunctionName,
} from './function.ts';
import { pageByQualifier } from './listing.ts';

/** What is kept of a URL. */
export interface FunctionUrl {
  readonly id: string;
  readonly authType: 'NONE' | 'AWS_IAM';
  readonly invokeMode: 'BUFFERED' | 'RESPONSE_STREAM';
  readonly cors?: Cors;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly changedAt: number;
}

/** Where a URL leads. */
export interface UrlTarget extends FunctionReference {
  readonly scope: Scope;
}

/** By `keyOf` what they invoke. */
const urls = table<FunctionUrl>('lambda.urls');

/** By id: an id says nothing of its account and region, so all are kept in one place. */
const directory = table<UrlTarget>('lambda.url-directory');
const ONE_PLACE: Scope = { account: '000000000000', region: 'us-east-1' };

type Named = { FunctionName?: string | undefined; Qualifier?: string | undefined };

export function createFunctionUrlConfig(
  ctx: Context,
  input: CreateFunctionUrlConfigRequest,
): CreateFunctionUrlConfigResponse {
  const reference = find(ctx, input);
  const { name, qualifier } = reference;
  if (ctx.rows(urls).has(keyOf(name, qualifier))) {
    const which = `[functionArn = ${functionArn(ctx.scope, name, qualifier)}]`;
    const reason = 'FunctionUrlConfig exists for this Lambda function';
    throw conflict(`Failed to create function url config for ${which}. Error message:  ${reason}`);
  }
  const url: FunctionUrl = {
    id: ctx.ids.hex(32),
    authType: input.AuthType!,
    invokeMode: input.InvokeMode ?? 'BUFFERED',
    ...corsOf(input.Cors),
    createdAt: ctx.now,
    changedAt: ctx.now,
  };
  ctx.rows(urls).put(keyOf(name, qualifier), url);
  ctx
    .within(ONE_PLACE)
    .rows(directory)
    .put(url.id, { ...reference, scope: ctx.scope });
  const { LastModifiedTime, ...shown } = shownUrl(ctx, reference, url);
  return shown;
}

export function updateFunctionUrlConfig(ctx: Context, input: UpdateFunctionUrlConfigRequest): FunctionUrlConfig {
  const { reference, url } = findUrl(ctx, input);
  const { cors, ...rest } = url;
  const next: FunctionUrl = {
    ...rest,
    ...(input.AuthType && { authType: input.AuthType }),
    ...(input.InvokeMode && { invokeMode: input.InvokeMode }),
    ...(input.Cors ? corsOf(input.Cors) : cors && { cors }),
    changedAt: ctx.now,
  };
  ctx.rows(urls).put(keyOf(reference.name, reference.qualifier), next);
  return shownUrl(ctx, reference, next);
}

export function getFunctionUrlConfig(ctx: Context, input: GetFunctionUrlConfigRequest): GetFunctionUrlConfigResponse {
  const { reference, url } = findUrl(ctx, input);
  return shownUrl(ctx, reference, url);
}

export function listFunctionUrlConfigs(
  ctx: Context,
  input: ListFunctionUrlConfigsRequest,
): ListFunctionUrlConfigsResponse {
  const { name } = find(ctx, input);
  const { items, end } = pageByQualifier(ctx, urls, name, input);
  return {
    FunctionUrlConfigs: items.map(([qualifier, url]) => shownUrl(ctx, referenceOf(name, qualifier), url)),
    ...end,
  };
}

export function deleteFunctionUrlConfig(ctx: Context, input: DeleteFunctionUrlConfigRequest): void {
  const { reference, url } = findUrl(ctx, input);
  remove(ctx, keyOf(reference.name, reference.qualifier), url);
}

/** Removes the URL of an alias, if it has one. */
export function removeUrl(ctx: Context, name: string, qualifier: string): void {
  const url = ctx.rows(urls).get(keyOf(name, qualifier));
  if (url) remove(ctx, keyOf(name, qualifier), url);
}

/** Removes all URLs of a function. */
export function removeUrls(ctx: Context, name: string): void {
  for (const [key, url] of ctx.rows(urls).list({ prefix: keyOf(name, '') })) remove(ctx, key, url);
}

/** What a URL's id leads to, if it leads anywhere. */
export function urlById(ctx: Context, id: string): { target: UrlTarget; url: FunctionUrl } | undefined {
  const target = ctx.within(ONE_PLACE).rows(directory).get(id);
  const url = target && ctx.within(target.scope).rows(urls).get(keyOf(target.name, target.qualifier));
  return target && url && { target, url };
}

function remove(ctx: Context, key: string, { id }: FunctionUrl): void {
  ctx.rows(urls).delete(key);
  ctx.within(ONE_PLACE).rows(directory).delete(id);
}

function find(ctx: Context, { FunctionName, Qualifier }: Named): FunctionReference {
  const reference = parseFunctionName(ctx.scope, FunctionName!, Qualifier);
  if (!lookUp(ctx, reference)) throw notFound('Function does not exist');
  if (/^\d+$/.test(reference.qualifier ?? '')) {
    throw invalidParameter('Function URLs are of functions and of aliases: a version has none.');
  }
  return reference;
}

function findUrl(ctx: Context, input: Named): { reference: FunctionReference; url: FunctionUrl } {
  const reference = find(ctx, input);
  const url = ctx.rows(urls).get(keyOf(reference.name, reference.qualifier));
  if (!url) throw notFound('The resource you requested does not exist.');
  return { reference, url };
}

function referenceOf(name: string, qualifier: string): FunctionReference {
  return { name, qualifier: qualifier === LATEST ? undefined : qualifier };
}

function shownUrl(ctx: Context, { name, qualifier }: FunctionReference, url: FunctionUrl) {
  return {
    FunctionUrl: `${ctx.host.endpoint}/_carillon/lambda/urls/${url.id}/`,
    FunctionArn: functionArn(ctx.scope, name, qualifier === LATEST ? undefined : qualifier),
    AuthType: url.authType,
    ...(url.cors && { Cors: url.cors }),
    CreationTime: isoMillis(url.createdAt),
    LastModifiedTime: isoMillis(url.changedAt),
    InvokeMode: url.invokeMode,
  };
}

/** Settings that say nothing are as good as none. */
function corsOf(cors: Cors | undefined): { cors?: Cors } {
  const set = Object.entries(cors ?? {}).filter(([, value]) => value !== undefined);
  return set.length > 0 ? { cors: Object.fromEntries(set) } : {};
}
