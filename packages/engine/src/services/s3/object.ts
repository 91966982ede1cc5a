/*
 * What an object is: its current version, the versions before it, and the bytes of each.
 *
 * The current version of an object stands in one table, which is what lists of objects are made from; all others, and
 * delete markers, stand in a second, newest first. An object whose newest version is a delete marker has no row in the
 * first.
 */
import type { GetObjectOutput, Grant, Tag } from '@aws-sdk/client-s3';
import type { ChecksumAlgorithm } from '../../kernel/checksums.ts';
import type { Context, DueWork, WaitingContext } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { blobs } from './blobs.ts';
import { type Bucket, ID_DIGITS } from './bucket.ts';
import { BEYOND, objectKey, versionsPrefix } from './keys.ts';

/** A stretch of an object's bytes, as it was uploaded. */
export interface Part {
  /** Absent for no bytes. */
  readonly blob?: string;
  readonly size: number;
  /** Of an object uploaded in parts, which may be got by their numbers. */
  readonly number?: number;
  /** In base64. */
  readonly checksum?: string;
}

export interface ObjectChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** In base64; `-N` follows for one that is composed of N parts'. */
  readonly value: string;
  readonly type: 'COMPOSITE' | 'FULL_OBJECT';
}

/** Headers that are kept with an object and come back with it. */
export type KeptHeaders = Pick<
  GetObjectOutput,
  | 'CacheControl'
  | 'ContentDisposition'
  | 'ContentEncoding'
  | 'ContentLanguage'
  | 'ContentType'
  | 'WebsiteRedirectLocation'
  | 'ServerSideEncryption'
  | 'SSEKMSKeyId'
  | 'BucketKeyEnabled'
  | 'SSECustomerAlgorithm'
  | 'SSECustomerKeyMD5'
  | 'StorageClass'
  | 'ObjectLockMode'
  | 'ObjectLockLegalHoldStatus'
> & {
  readonly SSEKMSEncryptionContext?: string;
  /** Epoch milliseconds. */
  readonly expiresAt?: number;
  /** Epoch milliseconds. */
  readonly retainUntil?: number;
};

export interface Version {
  readonly versionId: string;
  /** Counts the object's versions. */
  readonly sequence: number;
  /** Epoch milliseconds. */
  readonly at: number;
  /** When another took its place, epoch milliseconds; of versions that are not current. */
  readonly supersededAt?: number;
  /** Who put it: an account. */
  readonly owner: string;
  readonly deleteMarker?: true;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  readonly parts: readonly Part[];
  /** Whether it was uploaded in parts. */
  readonly multipart?: true;
  readonly checksum?: ObjectChecksum;
  readonly headers: KeptHeaders;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags?: readonly Tag[];
  /** Absent where its owner alone may. */
  readonly acl?: readonly Grant[];
}

/** The version of objects that have no versions. */
export const NULL = 'null';

/** Current versions, by `objectKey`; those of a bucket are indexed by their age. */
export const objects = table<Version>('s3.objects', {
  scope: 'global',
  index: ({ at }, key) => madeAt(key.slice(0, ID_DIGITS), at),
});

function madeAt(bucketId: string, at: number): string {
  return `${bucketId} ${at.toString(16).padStart(AGE_DIGITS, '0')}`;
}

/** A bucket's objects, as rows, that were made before a moment, the oldest first; and the next one after them. */
export function madeBefore(ctx: Context, { id }: Bucket, before: number): [row: string, version: Version][] {
  const range = { indexed: true, prefix: `${id} ` };
  const count = ctx.rows(objects).count({ ...range, until: madeAt(id, Math.max(before, 0)) });
  return ctx.rows(objects).list({ ...range, limit: count + 1 });
}

/** All others, by `versionsPrefix` and age; those without a version's id are indexed. */
export const versions = table<Version>('s3.versions', {
  scope: 'global',
  index: ({ versionId }, key) => (versionId === NULL ? key.slice(0, -AGE_DIGITS) : undefined),
});

const AGE_DIGITS = 12;
const OLDEST = 16 ** AGE_DIGITS - 1;

/** The end of a version's row: the newer, the less. */
function ageOf(sequence: number): string {
  return (OLDEST - sequence).toString(16).padStart(AGE_DIGITS, '0');
}

/** An id that tells where its version stands. */
export function newVersionId(ctx: Context, sequence: number): string {
  return ageOf(sequence) + ctx.ids.hex(20);
}

export function versionKey(bucket: Bucket, key: string, { sequence }: Pick<Version, 'sequence'>): string {
  return versionsPrefix(bucket, key) + ageOf(sequence);
}

/** The newest of an object's versions that are not its current one: a delete marker, if the object is deleted. */
export function newestOther(ctx: Context, bucket: Bucket, key: string): Version | undefined {
  return ctx.rows(versions).list({ prefix: versionsPrefix(bucket, key), limit: 1 })[0]?.[1];
}

/** An object's current version; undefined for one that is not there or deleted. */
export function currentVersion(ctx: Context, bucket: Bucket, key: string): Version | undefined {
  return ctx.rows(objects).get(objectKey(bucket, key));
}

/** A version by its id. */
export function versionById(ctx: Context, bucket: Bucket, key: string, id: string): Version | undefined {
  const current = currentVersion(ctx, bucket, key);
  if (current?.versionId === id) return current;
  const prefix = versionsPrefix(bucket, key);
  if (id === NULL) return ctx.rows(versions).list({ indexed: true, prefix, limit: 1 })[0]?.[1];
  const found = ctx.rows(versions).get(prefix + id.slice(0, AGE_DIGITS));
  return found?.versionId === id ? found : undefined;
}

/** Makes a version the current one: what it replaces is kept or gone, as the bucket's versioning has it. */
export function addVersion(ctx: Context, bucket: Bucket, key: string, made: Omit<Version, 'versionId' | 'sequence'>) {
  const [row, current] = [objectKey(bucket, key), currentVersion(ctx, bucket, key)];
  const sequence = (current ?? newestOther(ctx, bucket, key))?.sequence ?? 0;
  const versionId = bucket.versioning === 'Enabled' ? newVersionId(ctx, sequence + 1) : NULL;
  const version: Version = { ...made, versionId, sequence: sequence + 1 };
  if (versionId === NULL) removeVersion(ctx, bucket, key, versionById(ctx, bucket, key, NULL));
  if (current && (versionId !== NULL || current.versionId !== NULL)) {
    ctx.rows(versions).put(versionKey(bucket, key, current), { ...current, supersededAt: ctx.now });
    ctx.rows(objects).delete(row);
  }
  if (!current) supersedeMarker(ctx, bucket, key);
  if (version.deleteMarker) ctx.rows(versions).put(versionKey(bucket, key, version), version);
  else ctx.rows(objects).put(row, version);
  return version;
}

function supersedeMarker(ctx: Context, bucket: Bucket, key: string): void {
  const marker = newestOther(ctx, bucket, key);
  if (marker) ctx.rows(versions).put(versionKey(bucket, key, marker), { ...marker, supersededAt: ctx.now });
}

/** Removes a version with its bytes; the newest of those left becomes the current one. */
export function removeVersion(ctx: Context, bucket: Bucket, key: string, version: Version | undefined): void {
  if (!version) return;
  const isCurrent = currentVersion(ctx, bucket, key)?.versionId === version.versionId;
  if (isCurrent) ctx.rows(objects).delete(objectKey(bucket, key));
  else ctx.rows(versions).delete(versionKey(bucket, key, version));
  discard(ctx, version.parts);
  const newest = newestOther(ctx, bucket, key);
  const isDeleted = !currentVersion(ctx, bucket, key);
  if (!isDeleted || !newest || newest.deleteMarker) return;
  ctx.rows(versions).delete(versionKey(bucket, key, newest));
  const { supersededAt: _, ...restored } = newest;
  ctx.rows(objects).put(objectKey(bucket, key), restored);
}

/** Replaces a version by one that differs in what is said of it. */
export function changeVersion(ctx: Context, bucket: Bucket, key: string, changed: Version): void {
  const isCurrent = currentVersion(ctx, bucket, key)?.versionId === changed.versionId;
  if (isCurrent) ctx.rows(objects).put(objectKey(bucket, key), changed);
  else ctx.rows(versions).put(versionKey(bucket, key, changed), changed);
}

/** Whether a bucket holds anything at all. */
export function isEmpty(ctx: Context, { id }: Bucket): boolean {
  const range = { prefix: `${id}/`, until: `${id}/${BEYOND}` };
  return ctx.rows(objects).count(range) === 0 && ctx.rows(versions).count(range) === 0;
}

/** Has files removed once what names them is gone for good. */
export function discard(ctx: Context, parts: readonly Part[]): void {
  const names = parts.flatMap(({ blob }) => blob ?? []);
  if (names.length > 0) ctx.schedule({ kind: 's3.discard', id: names[0]!, due: ctx.now, payload: names });
}

/** Due work: removes the files of what is gone. */
export async function discarded(ctx: WaitingContext, work: DueWork) {
  await ctx.use(blobs).remove(work.payload as string[]);
}
