/*
 * Lists of a bucket's objects and versions, in order of the bytes of their keys, rolled up at a delimiter. A prefix that
 * many keys share is passed by in one step.
 *
 * Amazon S3 API Reference, ListObjects, ListObjectsV2 and ListObjectVersions.
 */
import type {
  _Object as ListedObject,
  ListObjectsOutput,
  ListObjectsRequest,
  ListObjectsV2Output,
  ListObjectsV2Request,
} from '@aws-sdk/client-s3';
import { dateOf } from '../../kernel/clock.ts';
import type { Context } from '../../kernel/service.ts';
import { type Bucket, findBucket, ownerOf } from './bucket.ts';
import { wholeSecond } from './conditions.ts';
import { invalidArgument } from './errors.ts';
import { BEYOND, decodeKey, encodeKey } from './keys.ts';
import { objects, type Version } from './object.ts';

/** The most that one page has. */
export const PAGE = 1_000;
/** How many rows are read at a time: few at first, since a prefix may end them. */
const SLICE = { first: 8, most: PAGE };

/** What stands in a list: something with a key, or a prefix that several keys share. */
export type Listed<T> =
  | { readonly key: string; readonly item: T }
  | { readonly key: string; readonly item?: undefined };

export interface ListRequest<T> {
  readonly prefix: string;
  readonly delimiter: string;
  /** Rows from here on, as `rows` has them: those less or equal are not listed. */
  readonly after: string | undefined;
  readonly limit: number;
  /** Rows in order whose keys start so and are greater, at most so many, with their encoded keys. */
  rows(prefix: string, after: string | undefined, limit: number): { row: string; key: string; item: T }[];
}

/** A page of a list, and where the next one begins if more follows. */
export function list<T>({ prefix, delimiter, after, limit, rows }: ListRequest<T>): {
  page: Listed<T>[];
  last?: string;
} {
  const [start, mark] = [encodeKey(prefix), encodeKey(delimiter)];
  const page: Listed<T>[] = [];
  let [cursor, slice] = [after, SLICE.first];
  for (;;) {
    const found = rows(start, cursor, slice);
    const isEnd = found.length < slice;
    let isSkipping = false;
    for (const { row, key, item } of found) {
      const at = mark === '' ? -1 : key.indexOf(mark, start.length);
      if (page.length === limit) return limit === 0 ? { page } : { page, last: cursor! };
      if (at < 0) {
        page.push({ key: decodeKey(key), item });
        cursor = row;
        continue;
      }
      const common = key.slice(0, at + mark.length);
      page.push({ key: decodeKey(common) });
      cursor = common + BEYOND;
      isSkipping = true;
      break;
    }
    if (isEnd && !isSkipping) return { page };
    slice = isSkipping ? SLICE.first : Math.min(slice * 4, SLICE.most);
  }
}

interface ObjectsRequest {
  readonly Prefix?: string | undefined;
  readonly Delimiter?: string | undefined;
  readonly MaxKeys?: number | undefined;
}

function listCurrent(ctx: Context, bucket: Bucket, request: ObjectsRequest, after: string | undefined) {
  const start = `${bucket.id}/`;
  return list<Version>({
    prefix: request.Prefix ?? '',
    delimiter: request.Delimiter ?? '',
    after,
    limit: pageSize('max-keys', request.MaxKeys),
    rows: (prefix, after, limit) =>
      ctx
        .rows(objects)
        .list({ prefix: start + prefix, limit, ...(after !== undefined && { after: start + after }) })
        .map(([row, item]) => ({ row: row.slice(start.length), key: row.slice(start.length), item })),
  });
}

export function pageSize(name: string, wanted: number | undefined): number {
  if (wanted === undefined) return PAGE;
  if (!Number.isInteger(wanted) || wanted < 0 || wanted > 2_147_483_647) {
    throw invalidArgument(`Argument ${name} must be an integer between 0 and 2147483647`, name, wanted);
  }
  return Math.min(wanted, PAGE);
}

export function listObjectsV2(ctx: Context, input: ListObjectsV2Request): ListObjectsV2Output {
  const bucket = findBucket(ctx, input);
  const { Prefix = '', Delimiter, StartAfter, ContinuationToken, EncodingType, MaxKeys } = input;
  const after = ContinuationToken === undefined ? StartAfter && encodeKey(StartAfter) : readToken(ContinuationToken);
  const { page, last } = listCurrent(ctx, bucket, input, after || undefined);
  const write = writer(EncodingType);
  return {
    Name: input.Bucket!,
    Prefix: write(Prefix),
    ...(StartAfter !== undefined && { StartAfter: write(StartAfter) }),
    ...(ContinuationToken !== undefined && { ContinuationToken }),
    ...(last !== undefined && { NextContinuationToken: writeToken(last) }),
    KeyCount: page.length,
    MaxKeys: MaxKeys === undefined ? PAGE : Math.min(MaxKeys, PAGE),
    ...(Delimiter && { Delimiter: write(Delimiter) }),
    IsTruncated: last !== undefined,
    ...(EncodingType && { EncodingType }),
    ...contents(page, write, input.FetchOwner === true),
  };
}

export function listObjects(ctx: Context, input: ListObjectsRequest): ListObjectsOutput {
  const bucket = findBucket(ctx, input);
  const { Prefix = '', Delimiter, Marker = '', EncodingType, MaxKeys } = input;
  const { page, last } = listCurrent(ctx, bucket, input, afterMarker(Marker, Prefix, Delimiter));
  const write = writer(EncodingType);
  return {
    Name: input.Bucket!,
    Prefix: write(Prefix),
    Marker: write(Marker),
    // Without a delimiter, the last key is the next marker.
    ...(last !== undefined && Delimiter && { NextMarker: write(decodeKey(last.replace(BEYOND, ''))) }),
    MaxKeys: MaxKeys === undefined ? PAGE : Math.min(MaxKeys, PAGE),
    ...(Delimiter && { Delimiter: write(Delimiter) }),
    IsTruncated: last !== undefined,
    ...(EncodingType && { EncodingType }),
    ...contents(page, write, true),
  };
}

/** Where a list goes on after a marker: one that is a common prefix stands for all that it is the prefix of. */
export function afterMarker(marker: string, prefix: string, delimiter = ''): string | undefined {
  if (marker === '') return undefined;
  const isPrefix = delimiter !== '' && marker.startsWith(prefix) && marker.endsWith(delimiter);
  return encodeKey(marker) + (isPrefix ? BEYOND : '');
}

function contents(page: readonly Listed<Version>[], write: (text: string) => string, withOwner: boolean) {
  const found = page.flatMap(({ key, item }) => (item ? [listed(write(key), item, withOwner)] : []));
  const prefixes = page.flatMap(({ key, item }) => (item ? [] : [{ Prefix: write(key) }]));
  return {
    ...(found.length > 0 && { Contents: found }),
    ...(prefixes.length > 0 && { CommonPrefixes: prefixes }),
  };
}

function listed(Key: string, { at, etag, size, headers, checksum, owner }: Version, withOwner: boolean): ListedObject {
  return {
    Key,
    LastModified: dateOf(wholeSecond(at)),
    ETag: `"${etag}"`,
    ...(checksum && { ChecksumAlgorithm: [checksum.algorithm], ChecksumType: checksum.type }),
    Size: size,
    StorageClass: (headers.StorageClass ?? 'STANDARD') as never,
    ...(withOwner && { Owner: ownerOf(owner) }),
  };
}

/** Writes keys and prefixes as the client asks. */
export function writer(encoding: string | undefined): (text: string) => string {
  if (encoding !== 'url') return (text) => text;
  return (text) =>
    encodeURIComponent(text)
      .replace(/%2F/g, '/')
      .replace(/%20/g, '+')
      .replace(/[!'()]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Opaque to clients: where the page before ended, in encoded form. */
function writeToken(last: string): string {
  return Buffer.from(last).toString('base64');
}

function readToken(token: string): string {
  const text = Buffer.from(token, 'base64').toString();
  if (text !== '' && writeToken(text) === token) return text;
  throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
}
