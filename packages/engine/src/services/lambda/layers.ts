/*
 * Layers: archives of libraries and data that functions share, in versions that never change.
 *
 * Words and limits: Lambda API Reference, PublishLayerVersion and its neighbours; Developer Guide, "Managing Lambda
 * dependencies with layers" and "Lambda quotas".
 */
import type {
  DeleteLayerVersionRequest,
  GetLayerVersionByArnRequest,
  GetLayerVersionRequest,
  GetLayerVersionResponse,
  LayersListItem,
  LayerVersionsListItem,
  ListLayersRequest,
  ListLayersResponse,
  ListLayerVersionsRequest,
  ListLayerVersionsResponse,
  PublishLayerVersionRequest,
  PublishLayerVersionResponse,
} from '@aws-sdk/client-lambda';
import { formatArn, type Scope } from '../../kernel/arn.ts';
import { isoMillis } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import { page } from '../../kernel/paging.ts';
import type { Context, Host, WaitingContext } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { LARGEST_UNZIPPED_BYTES } from './archive.ts';
import { archiveUrl, type CodePackage, codeStore, packageOf } from './code.ts';
import { type FunctionRecord, invalidParameter, keyOf, notFound, versionKey } from './function.ts';
import { pageOf } from './listing.ts';

/** The most layers of one function. */
const MOST = 5;

/** What is kept of a layer. */
interface Layer {
  /** How many versions were published of it, those that are gone too. */
  readonly published: number;
}

/** What is kept of one version. */
export interface LayerVersion {
  readonly name: string;
  readonly version: number;
  readonly package: CodePackage;
  readonly description?: string;
  readonly licenseInfo?: string;
  readonly compatibleRuntimes?: readonly string[];
  readonly compatibleArchitectures?: readonly string[];
  /** Epoch milliseconds. */
  readonly publishedAt: number;
}

/** By name. */
const layers = table<Layer>('lambda.layers');

/** By layer and number, in order. */
export const layerVersions = table<LayerVersion>('lambda.layer-versions');

export async function publishLayerVersion(
  ctx: WaitingContext,
  input: PublishLayerVersionRequest,
): Promise<PublishLayerVersionResponse> {
  const { name } = parseLayer(ctx.scope, input.LayerName!);
  const zip = await packageOf(ctx, input.Content!, 'PublishLayerVersion');
  const kept = await ctx.use(codeStore).keep(zip);
  return ctx.transact((tx) => {
    const version = (tx.rows(layers).get(name)?.published ?? 0) + 1;
    tx.rows(layers).put(name, { published: version });
    const record: LayerVersion = {
      name,
      version,
      package: kept,
      ...(input.Description !== undefined && { description: input.Description }),
      ...(input.LicenseInfo !== undefined && { licenseInfo: input.LicenseInfo }),
      ...(input.CompatibleRuntimes && { compatibleRuntimes: input.CompatibleRuntimes }),
      ...(input.CompatibleArchitectures && { compatibleArchitectures: input.CompatibleArchitectures }),
      publishedAt: tx.now,
    };
    tx.rows(layerVersions).put(versionKey(name, version), record);
    return shown(tx.host, tx.scope, record);
  });
}

export function getLayerVersion(ctx: Context, input: GetLayerVersionRequest): GetLayerVersionResponse {
  const { scope, record } = findVersion(ctx, input.LayerName!, input.VersionNumber!);
  return shown(ctx.host, scope, record);
}

export function getLayerVersionByArn(ctx: Context, input: GetLayerVersionByArnRequest): GetLayerVersionResponse {
  const [, layer, version] = /^(.+):(\d+)$/.exec(input.Arn!) ?? [];
  if (!layer) throw invalidParameter(`${input.Arn} is not the ARN of a layer version.`);
  const { scope, record } = findVersion(ctx, layer, Number(version));
  return shown(ctx.host, scope, record);
}

/** Functions that use a version keep it; one that is not there is as good as deleted. */
export function deleteLayerVersion(ctx: Context, input: DeleteLayerVersionRequest): void {
  checkNumber(input.VersionNumber!);
  const { name } = parseLayer(ctx.scope, input.LayerName!);
  ctx.rows(layerVersions).delete(versionKey(name, input.VersionNumber!));
}

/** Layers by name, each with the newest of its versions that are asked for. */
export function listLayers(ctx: Context, input: ListLayersRequest): ListLayersResponse {
  const newest = (name: string) => versionsOf(ctx, name, input)[0];
  const list = (after: string | undefined, limit: number) =>
    ctx
      .rows(layers)
      .list({ ...(after && { after }) })
      .flatMap(([name]): [string, LayersListItem][] => {
        const record = newest(name);
        if (!record) return [];
        const LatestMatchingVersion = listed(ctx.scope, record);
        return [[name, { LayerName: name, LayerArn: layerArn(ctx.scope, name), LatestMatchingVersion }]];
      })
      .slice(0, limit);
  const { items, nextToken } = page(list, pageOf(input));
  return { Layers: items.map(([, layer]) => layer), ...(nextToken && { NextMarker: nextToken }) };
}

/** The newest version first. */
export function listLayerVersions(ctx: Context, input: ListLayerVersionsRequest): ListLayerVersionsResponse {
  const { name } = parseLayer(ctx.scope, input.LayerName!);
  const list = (after: string | undefined, limit: number) =>
    versionsOf(ctx, name, input)
      .filter(({ version }) => after === undefined || version < Number(after))
      .slice(0, limit)
      .map((record): [string, LayerVersion] => [String(record.version), record]);
  const { items, nextToken } = page(list, pageOf(input));
  return {
    LayerVersions: items.map(([, record]) => listed(ctx.scope, record)),
    ...(nextToken && { NextMarker: nextToken }),
  };
}

/** The layer versions that a function names, in its order, or AWS's error. */
function layersNamed(ctx: Context, arns: readonly string[]): { arn: string; record: LayerVersion }[] {
  if (arns.length > MOST) throw invalidParameter(`Cannot reference more than ${MOST} layers.`);
  const byLayer = new Map<string, string>();
  return arns.map((arn) => {
    const [, layer = '', version] = /^(.+):(\d+)$/.exec(arn) ?? [];
    const { scope, name } = parseLayer(ctx.scope, layer);
    if (scope.region !== ctx.scope.region) {
      const expected = `Layers are expected to be in region ${ctx.scope.region}.`;
      throw invalidParameter(`Layers are not in the same region as the function. ${expected}`);
    }
    const other = byLayer.get(layer);
    if (other) {
      const reason = 'Two different versions of the same layer are not allowed to be referenced in the same function.';
      throw invalidParameter(`${reason} ${arn} and ${other}.`);
    }
    byLayer.set(layer, arn);
    const record = ctx.within(scope).rows(layerVersions).get(versionKey(name, version!));
    if (record) return { arn, record };
    if (scope.account !== ctx.scope.account) throw foreign(ctx.scope, arn);
    throw invalidParameter(`Layer version ${arn} does not exist.`);
  });
}

/** A function's record with other layers. Throws AWS's error when code and layers together are too large. */
export function withLayers(ctx: Context, record: FunctionRecord, arns: readonly string[]): FunctionRecord {
  const used = layersNamed(ctx, arns);
  const { Layers, ...configuration } = record.configuration;
  const { layers, ...rest } = record;
  if (used.length === 0) return { ...rest, configuration };
  const shown = used.map(({ arn, record }) => ({ Arn: arn, CodeSize: record.package.size }));
  const next = {
    ...rest,
    configuration: { ...configuration, Layers: shown },
    layers: used.map(({ record: { package: kept } }) => ({ code: kept.code, unzippedBytes: kept.unzippedBytes })),
  };
  checkUnzipped(next);
  return next;
}

/** Throws AWS's error where a function's code and its layers together are too large. */
export function checkUnzipped({ unzippedBytes, layers = [] }: FunctionRecord): void {
  const bytes = layers.reduce((sum, layer) => sum + layer.unzippedBytes, unzippedBytes);
  if (bytes <= LARGEST_UNZIPPED_BYTES) return;
  const limit = `exceeds the maximum allowed size of ${LARGEST_UNZIPPED_BYTES} bytes`;
  throw invalidParameter(`Function code combined with layers ${limit}. The actual size is ${bytes} bytes.`);
}

/** A layer version by its layer's name or ARN, which may be of another account. Throws AWS's error when there is none. */
export function findVersion(ctx: Context, layer: string, version: number): { scope: Scope; record: LayerVersion } {
  checkNumber(version);
  const { scope, name } = parseLayer(ctx.scope, layer);
  const record = ctx.within(scope).rows(layerVersions).get(versionKey(name, version));
  if (!record) throw notFound('The resource you requested does not exist.');
  return { scope, record };
}

export function layerVersionArn(scope: Scope, { name, version }: LayerVersion): string {
  return `${layerArn(scope, name)}:${version}`;
}

function layerArn(scope: Scope, name: string): string {
  return formatArn('lambda', scope, `layer:${name}`);
}

/** A layer by its name or ARN. */
function parseLayer(own: Scope, text: string): { scope: Scope; name: string } {
  const [, region, account, name] = /^arn:[^:]+:lambda:([^:]+):(\d{12}):layer:([^:]+)$/.exec(text) ?? [];
  return name ? { scope: { region: region!, account: account! }, name } : { scope: own, name: text };
}

function checkNumber(version: number): void {
  if (version < 1) throw invalidParameter('Layer Version Cannot be less than 1.');
}

/** The newest first, of those that go with a runtime and an architecture. */
function versionsOf(
  ctx: Context,
  name: string,
  {
    CompatibleRuntime,
    CompatibleArchitecture,
  }: Pick<ListLayersRequest, 'CompatibleRuntime' | 'CompatibleArchitecture'>,
): LayerVersion[] {
  const goes = (wanted: string | undefined, compatible: readonly string[] | undefined) =>
    wanted === undefined || (compatible?.includes(wanted) ?? false);
  return ctx
    .rows(layerVersions)
    .list({ prefix: keyOf(name, '') })
    .map(([, record]) => record)
    .filter((record) => goes(CompatibleRuntime, record.compatibleRuntimes))
    .filter((record) => goes(CompatibleArchitecture, record.compatibleArchitectures))
    .reverse();
}

function shown(host: Host, scope: Scope, record: LayerVersion): GetLayerVersionResponse {
  const { code, sha256, size } = record.package;
  return {
    Content: { Location: archiveUrl(host, code), CodeSha256: sha256, CodeSize: size },
    LayerArn: layerArn(scope, record.name),
    Description: '',
    ...listed(scope, record),
  };
}

function listed(scope: Scope, record: LayerVersion): LayerVersionsListItem {
  const { version, description, licenseInfo, compatibleRuntimes, compatibleArchitectures, publishedAt } = record;
  return {
    LayerVersionArn: layerVersionArn(scope, record),
    Version: version,
    ...(description !== undefined && { Description: description }),
    CreatedDate: isoMillis(publishedAt).replace('Z', '+0000'),
    ...(compatibleArchitectures && {
      CompatibleArchitectures: compatibleArchitectures as LayerVersionsListItem['CompatibleArchitectures'],
    }),
    ...(compatibleRuntimes && {
      CompatibleRuntimes: compatibleRuntimes as LayerVersionsListItem['CompatibleRuntimes'],
    }),
    ...(licenseInfo !== undefined && { LicenseInfo: licenseInfo }),
  };
}

/** What AWS says of a layer that another account does not share. */
function foreign({ account }: Scope, arn: string): AwsError {
  const user = `User: arn:aws:iam::${account}:root is not authorized to perform: lambda:GetLayerVersion`;
  const reason = 'because no resource-based policy allows the lambda:GetLayerVersion action';
  const remedy = 'Carillon has no such layer: publish it here first.';
  return new AwsError('AccessDeniedException', `${user} on resource: ${arn} ${reason}. ${remedy}`, { status: 403 });
}
