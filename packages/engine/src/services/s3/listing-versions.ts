/*
 * Lists of all versions of a bucket's objects, the newest of each first, and of uploads under way.
 *
 * Amazon S3 API Reference, ListObjectVersions and ListMultipartUploads.
 */
import type {
  DeleteMarkerEntry,
  ListMultipartUploadsOutput,
  ListMultipartUploadsRequest,
  ListObjectVersionsOutput,
  ListObjectVersionsRequest,
  ObjectVersion,
} from '@aws-sdk/client-s3';
import { dateOf } from '../../kernel/clock.ts';
import type { Context } from '../../kernel/service.ts';
import { type Bucket, findBucket, ownerOf } from './bucket.ts';
import { wholeSecond } from './conditions.ts';
import { invalidArgument } from './errors.ts';
import { BEYOND, objectOfVersion, versionsPrefix } from './keys.ts';
import { afterMarker, type Listed, list, PAGE, pageSize, writer } from './listing.ts';
import { currentVersion, newestOther, objects, type Version, versionById, versionKey, versions } from './object.ts';
import { type Upload, uploads } from './uploads.ts';

export function listObjectVersions(ctx: Context, input: ListObjectVersionsRequest): ListObjectVersionsOutput {
  const bucket = findBucket(ctx, input);
  const { Prefix = '', Delimiter, KeyMarker = '', VersionIdMarker = '', EncodingType, MaxKeys } = input;
  if (VersionIdMarker !== '' && KeyMarker === '') {
    throw invalidArgument('A version-id marker cannot be specified without a key marker.', 'version-id-marker');
  }
  const start = `${bucket.id}/`;
  const { page, last } = list<Version>({
    prefix: Prefix,
    delimiter: Delimiter ?? '',
    after: afterVersion(ctx, bucket, input)?.slice(start.length),
    limit: pageSize('max-keys', MaxKeys),
    rows: (prefix, after, limit) => versionRows(ctx, start, prefix, after, limit),
  });
  const write = writer(EncodingType);
  const shown = page.flatMap(({ key, item }) => (item ? [shownVersion(ctx, bucket, key, item, write)] : []));
  const end = last === undefined ? undefined : page.at(-1);
  return {
    Name: input.Bucket!,
    Prefix: write(Prefix),
    KeyMarker: write(KeyMarker),
    VersionIdMarker,
    ...(end && { NextKeyMarker: write(end.key), ...(end.item && { NextVersionIdMarker: end.item.versionId }) }),
    MaxKeys: MaxKeys === undefined ? PAGE : Math.min(MaxKeys, PAGE),
    ...(Delimiter && { Delimiter: write(Delimiter) }),
    IsTruncated: last !== undefined,
    ...(EncodingType && { EncodingType }),
    ...some(
      'Versions',
      shown.flatMap(({ version }) => version ?? []),
    ),
    ...some(
      'DeleteMarkers',
      shown.flatMap(({ marker }) => marker ?? []),
    ),
    ...commonPrefixes(page, write),
  };
}

/** Rows of both tables in one order: an object's current version stands before its others. */
function versionRows(ctx: Context, start: string, prefix: string, after: string | undefined, limit: number) {
  const range = { prefix: start + prefix, limit, ...(after !== undefined && { after: start + after }) };
  const current = ctx.rows(objects).list(range);
  const others = ctx.rows(versions).list(range);
  const rows = [
    ...current.map(([row, item]) => ({ row, key: row, item })),
    ...others.map(([row, item]) => ({ row, key: objectOfVersion(row), item })),
  ];
  return rows
    .sort((a, b) => (a.row < b.row ? -1 : 1))
    .slice(0, limit)
    .map(({ row, key, item }) => ({ row: row.slice(start.length), key: key.slice(start.length), item }));
}

/** The row that a list goes on after; undefined for its beginning. */
function afterVersion(ctx: Context, bucket: Bucket, input: ListObjectVersionsRequest): string | undefined {
  const { KeyMarker: key = '', VersionIdMarker: id = '', Prefix = '', Delimiter } = input;
  const marker = afterMarker(key, Prefix, Delimiter);
  if (marker === undefined) return undefined;
  const row = `${bucket.id}/${marker}`;
  if (marker.endsWith(BEYOND)) return row;
  if (id === '') return versionsPrefix(bucket, key) + BEYOND;
  const version = versionById(ctx, bucket, key, id);
  if (!version) throw invalidArgument('Invalid version id specified', 'version-id-marker', id);
  return currentVersion(ctx, bucket, key)?.versionId === id ? row : versionKey(bucket, key, version);
}

function shownVersion(ctx: Context, bucket: Bucket, key: string, version: Version, write: (text: string) => string) {
  const entry = {
    Key: write(key),
    VersionId: version.versionId,
    IsLatest: isLatest(ctx, bucket, key, version),
    LastModified: dateOf(wholeSecond(version.at)),
    Owner: ownerOf(version.owner),
  };
  if (version.deleteMarker) return { marker: entry as DeleteMarkerEntry };
  const { checksum, etag, size, headers } = version;
  const shown: ObjectVersion = {
    ...entry,
    ETag: `"${etag}"`,
    ...(checksum && { ChecksumAlgorithm: [checksum.algorithm], ChecksumType: checksum.type }),
    Size: size,
    StorageClass: (headers.StorageClass ?? 'STANDARD') as never,
  };
  return { version: shown };
}

function isLatest(ctx: Context, bucket: Bucket, key: string, { versionId, deleteMarker }: Version): boolean {
  const current = currentVersion(ctx, bucket, key);
  if (current || !deleteMarker) return current?.versionId === versionId;
  return newestOther(ctx, bucket, key)?.versionId === versionId;
}

export function listMultipartUploads(ctx: Context, input: ListMultipartUploadsRequest): ListMultipartUploadsOutput {
  const bucket = findBucket(ctx, input);
  const { Prefix = '', Delimiter, KeyMarker = '', UploadIdMarker = '', EncodingType, MaxUploads } = input;
  const start = `${bucket.id}/`;
  const marker = afterMarker(KeyMarker, Prefix, Delimiter);
  const isPrefix = marker?.endsWith(BEYOND);
  const within = versionsPrefix(bucket, KeyMarker).slice(start.length) + (UploadIdMarker || BEYOND);
  const { page, last } = list<Upload>({
    prefix: Prefix,
    delimiter: Delimiter ?? '',
    after: marker === undefined || isPrefix ? marker : within,
    limit: pageSize('max-uploads', MaxUploads),
    rows: (prefix, after, limit) =>
      ctx
        .rows(uploads)
        .list({ prefix: start + prefix, limit, ...(after !== undefined && { after: start + after }) })
        .map(([row, item]) => ({
          row: row.slice(start.length),
          key: objectOfVersion(row).slice(start.length),
          item,
        })),
  });
  const write = writer(EncodingType);
  const end = last === undefined ? undefined : page.at(-1);
  return {
    Bucket: input.Bucket!,
    KeyMarker: write(KeyMarker),
    UploadIdMarker,
    NextKeyMarker: write(end?.key ?? ''),
    NextUploadIdMarker: end?.item?.id ?? '',
    Prefix: write(Prefix),
    ...(Delimiter && { Delimiter: write(Delimiter) }),
    MaxUploads: MaxUploads === undefined ? PAGE : Math.min(MaxUploads, PAGE),
    IsTruncated: last !== undefined,
    ...(EncodingType && { EncodingType }),
    ...some(
      'Uploads',
      page.flatMap(({ item }) => (item ? [shownUpload(item, write)] : [])),
    ),
    ...commonPrefixes(page, write),
  };
}

function shownUpload({ id, key, initiatedAt, owner, headers, checksum }: Upload, write: (text: string) => string) {
  return {
    Key: write(key),
    UploadId: id,
    Initiated: dateOf(wholeSecond(initiatedAt)),
    StorageClass: (headers.StorageClass ?? 'STANDARD') as never,
    Owner: ownerOf(owner),
    Initiator: ownerOf(owner),
    ...(checksum.chosen && { ChecksumAlgorithm: checksum.algorithm, ChecksumType: checksum.type }),
  };
}

function commonPrefixes<T>(page: readonly Listed<T>[], write: (text: string) => string) {
  return some(
    'CommonPrefixes',
    page.flatMap(({ key, item }) => (item ? [] : [{ Prefix: write(key) }])),
  );
}

function some<T>(name: string, items: readonly T[]): Record<string, readonly T[]> {
  return items.length > 0 ? { [name]: items } : {};
}
