/*
 * Versions: a function's code and configuration as they were when they were published. They never change.
 *
 * Words: Lambda API Reference, PublishVersion and ListVersionsByFunction; Developer Guide, "Manage Lambda function
 * versions".
 */
import type {
  FunctionConfiguration,
  ListVersionsByFunctionRequest,
  ListVersionsByFunctionResponse,
  PublishVersionRequest,
} from '@aws-sdk/client-lambda';
import { notImplemented } from '../../kernel/errors.ts';
import { page } from '../../kernel/paging.ts';
import type { Context } from '../../kernel/service.ts';
import {
  aliases,
  checkRevision,
  configurationOf,
  conflict,
  type FunctionRecord,
  findUnpublished,
  functions,
  invalidParameter,
  keyOf,
  LATEST,
  versionKey,
  versions,
} from './function.ts';
import { listed, pageOf } from './listing.ts';
import { retireSandboxes } from './sandboxes.ts';

export function publishVersion(ctx: Context, input: PublishVersionRequest): FunctionConfiguration {
  if (input.PublishTo) throw notImplemented('lambda', 'PublishVersion with PublishTo');
  const { name, record } = findUnpublished(ctx, input.FunctionName!);
  checkRevision(input.RevisionId, record.configuration.RevisionId);
  const { CodeSha256 } = record.configuration;
  if (input.CodeSha256 && input.CodeSha256 !== CodeSha256) {
    const present = `different from current CodeSHA256 in $LATEST (${CodeSha256})`;
    throw invalidParameter(
      `CodeSHA256 (${input.CodeSha256}) is ${present}. Please try again with the CodeSHA256 in $LATEST.`,
    );
  }
  return publish(ctx, name, input.Description);
}

/** Makes a version of a function as it is; the newest one, where nothing changed since. */
export function publish(ctx: Context, name: string, description?: string): FunctionConfiguration {
  const latest = ctx.rows(functions).get(name)!;
  const newest = ctx.rows(versions).get(versionKey(name, latest.published ?? 0));
  if (newest?.source === latest.generation) {
    return configurationOf(ctx.scope, { name, qualifier: newest.version, record: newest });
  }
  const number = (latest.published ?? 0) + 1;
  const { tags, published, ...unpublished } = latest;
  const Description = description ?? latest.configuration.Description;
  const record: FunctionRecord = {
    ...unpublished,
    configuration: { ...latest.configuration, Description, RevisionId: ctx.ids.uuid() },
    generation: ctx.ids.hex(16),
    version: String(number),
    source: latest.generation,
  };
  ctx.rows(versions).put(versionKey(name, number), record);
  ctx.rows(functions).put(name, {
    ...latest,
    configuration: { ...latest.configuration, RevisionId: ctx.ids.uuid() },
    published: number,
  });
  return configurationOf(ctx.scope, { name, qualifier: record.version, record });
}

/** The unpublished version first, then those with a number, in their order. */
export function listVersionsByFunction(
  ctx: Context,
  input: ListVersionsByFunctionRequest,
): ListVersionsByFunctionResponse {
  const { name, record } = findUnpublished(ctx, input.FunctionName!);
  const latest: [string, FunctionRecord] = [keyOf(name, ''), record];
  const list = (after: string | undefined, limit: number) => {
    const first = after === undefined ? [latest] : [];
    const options = { prefix: keyOf(name, ''), ...(after && { after }), limit: limit - first.length };
    return [...first, ...ctx.rows(versions).list(options)];
  };
  const { items, nextToken } = page(list, pageOf(input));
  return {
    Versions: items.map(([, record]) =>
      listed(configurationOf(ctx.scope, { name, qualifier: record.version ?? LATEST, record })),
    ),
    ...(nextToken && { NextMarker: nextToken }),
  };
}

/** Deletes one version, which no alias may point to; one that is not there is as good as deleted. */
export function deleteVersion(ctx: Context, name: string, version: string): void {
  const record = ctx.rows(versions).get(versionKey(name, version));
  if (!record) return;
  const using = ctx
    .rows(aliases)
    .list({ prefix: keyOf(name, '') })
    .filter(([, alias]) => alias.FunctionVersion === version || alias.weights?.[version] !== undefined)
    .map(([key]) => key.slice(keyOf(name, '').length));
  if (using.length > 0) {
    throw conflict(`Unable to delete version because the following aliases reference it: [${using.join(', ')}]`);
  }
  ctx.rows(versions).delete(versionKey(name, version));
  retireSandboxes(ctx, name, record);
}
