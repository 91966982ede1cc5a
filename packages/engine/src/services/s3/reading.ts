/*
 * Objects read: whole, in part, or what is said of them.
 *
 * Amazon S3 API Reference, GetObject, HeadObject and GetObjectAttributes.
 */
import type { GetObjectOutput, GetObjectRequest, HeadObjectOutput, HeadObjectRequest } from '@aws-sdk/client-s3';
import { dateOf } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context, WaitingContext } from '../../kernel/service.ts';
import { OutgoingBody } from '../../kernel/streams.ts';
import { blobs } from './blobs.ts';
import { type Bucket, findBucket } from './bucket.ts';
import { checkReading, wholeSecond } from './conditions.ts';
import { invalidArgument, invalidRequest, noSuchKey, noSuchVersion } from './errors.ts';
import { shownExpiry } from './lifecycle-rules.ts';
import { currentVersion, NULL, newestOther, type Part, type Version, versionById } from './object.ts';

type Reading = Omit<GetObjectRequest | HeadObjectRequest, 'Bucket'> & { Bucket?: string | undefined };

/** Bytes of an object, both ends included. */
interface Stretch {
  readonly start: number;
  readonly end: number;
  /** What the client asked for: nothing, a range, or a part by its number. */
  readonly by?: 'range' | 'part';
}

export async function getObject(ctx: WaitingContext, input: GetObjectRequest): Promise<GetObjectOutput> {
  const store = ctx.use(blobs);
  const found = await ctx.transact((tx) => {
    const { version, output, stretch } = read(tx, input);
    return { version, output, stretch, release: store.hold(version.parts.flatMap(({ blob }) => blob ?? [])) };
  });
  const { version, stretch, release } = found;
  async function* bytes() {
    for (const { blob, start, end } of slices(version.parts, stretch)) yield* store.read(blob, start, end);
  }
  return { ...found.output, Body: OutgoingBody.of(bytes, release) as GetObjectOutput['Body'] };
}

export function headObject(ctx: Context, input: HeadObjectRequest): HeadObjectOutput {
  try {
    return read(ctx, input).output as HeadObjectOutput;
  } catch (error) {
    // An answer to HEAD has no body that could say more.
    if (!(error instanceof AwsError) || !/^NoSuch/.test(error.code)) throw error;
    throw new AwsError('NotFound', 'Not Found', { status: 404, headers: { ...error.headers } });
  }
}

function read(ctx: Context, input: Reading): { version: Version; output: GetObjectOutput; stretch: Stretch } {
  const bucket = findBucket(ctx, input);
  const version = readableVersion(ctx, bucket, input.Key!, input.VersionId);
  checkCustomerKey(version, input);
  checkReading(version, input);
  const stretch = stretchOf(version, input);
  const { start, end } = stretch;
  const output: GetObjectOutput = {
    AcceptRanges: 'bytes',
    ContentLength: end - start + 1,
    ...(stretch.by && { ContentRange: `bytes ${start}-${end}/${version.size}` }),
    ...described(bucket, version),
    ...shownExpiry(bucket, input.Key!, version),
    ...(input.ChecksumMode === 'ENABLED' && shownChecksum(version, stretch, input.PartNumber)),
    ...(version.tags && { TagCount: version.tags.length }),
    ...(input.PartNumber !== undefined && version.multipart && { PartsCount: version.parts.length }),
    ...overrides(input),
  };
  return { version, output, stretch };
}

/** The version that a request names, or the current one. Throws AwsError for one that can't be read. */
export function readableVersion(ctx: Context, bucket: Bucket, key: string, id: string | undefined): Version {
  const version = findVersion(ctx, bucket, key, id);
  if (!version.deleteMarker) return version;
  const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': version.versionId };
  if (id === undefined) {
    const { message, status, members } = noSuchKey(key);
    throw new AwsError('NoSuchKey', message, { status, members: { ...members }, headers });
  }
  throw new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
    status: 405,
    members: { Method: 'GET', ResourceType: 'DeleteMarker' },
    headers: { ...headers, allow: 'DELETE', 'last-modified': dateOf(version.at).toUTCString() },
  });
}

/** The version that a request names, or the newest one, be it a delete marker. Throws NoSuchKey or NoSuchVersion. */
export function findVersion(ctx: Context, bucket: Bucket, key: string, id: string | undefined): Version {
  if (id === undefined) {
    const newest = currentVersion(ctx, bucket, key) ?? newestOther(ctx, bucket, key);
    if (!newest) throw noSuchKey(key);
    return newest;
  }
  if (id !== NULL && !/^[0-9a-f]{32}$/.test(id)) {
    throw invalidArgument('Invalid version id specified', 'versionId', id);
  }
  const version = versionById(ctx, bucket, key, id);
  if (!version) throw noSuchVersion(key, id);
  return version;
}

/** What is said of a version in headers. */
function described(bucket: Bucket, version: Version): GetObjectOutput {
  const { headers, metadata, etag, at, versionId } = version;
  const { expiresAt, retainUntil, SSEKMSEncryptionContext, ...kept } = headers;
  return {
    ETag: `"${etag}"`,
    LastModified: dateOf(wholeSecond(at)),
    ContentType: 'binary/octet-stream',
    ...kept,
    ...(expiresAt !== undefined && { Expires: dateOf(expiresAt) }),
    ...(retainUntil !== undefined && { ObjectLockRetainUntilDate: dateOf(retainUntil) }),
    ...(Object.keys(metadata).length > 0 && { Metadata: shownMetadata(metadata) }),
    ...(bucket.versioning && { VersionId: versionId }),
  };
}

function overrides(input: Reading): GetObjectOutput {
  const given = {
    CacheControl: input.ResponseCacheControl,
    ContentDisposition: input.ResponseContentDisposition,
    ContentEncoding: input.ResponseContentEncoding,
    ContentLanguage: input.ResponseContentLanguage,
    ContentType: input.ResponseContentType,
    Expires: input.ResponseExpires,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** The checksum as a member of an answer; none for a range. */
function shownChecksum(version: Version, { by }: Stretch, partNumber: number | undefined): GetObjectOutput {
  const { checksum } = version;
  if (!checksum || by === 'range') return {};
  const part = version.parts.find(({ number }) => number === partNumber);
  const value = by === 'part' && version.multipart ? part?.checksum : checksum.value;
  return value === undefined ? {} : { [`Checksum${checksum.algorithm}`]: value, ChecksumType: checksum.type };
}

function stretchOf({ size, parts, multipart }: Version, { Range, PartNumber }: Reading): Stretch {
  if (PartNumber !== undefined) {
    if (Range !== undefined) throw invalidRequest('Cannot specify both Range header and partNumber query parameter');
    if (!multipart) {
      if (PartNumber !== 1) throw noSuchPart(PartNumber, 1);
      return { start: 0, end: size - 1, ...(size > 0 && { by: 'part' as const }) };
    }
    let start = 0;
    for (const part of parts) {
      if (part.number === PartNumber) return { start, end: start + part.size - 1, by: 'part' };
      start += part.size;
    }
    throw noSuchPart(PartNumber, parts.length);
  }
  const range = Range === undefined ? undefined : rangeOf(Range, size);
  return range ? { ...range, by: 'range' } : { start: 0, end: size - 1 };
}

function noSuchPart(number: number, count: number): AwsError {
  return new AwsError('InvalidPartNumber', 'The requested partnumber is not satisfiable', {
    status: 416,
    members: { PartNumberRequested: number, ActualPartCount: count },
  });
}

/** The bytes of a Range header; undefined for one that is not of its form, or is of several ranges: it is ignored. */
export function rangeOf(text: string, size: number): Omit<Stretch, 'by'> | undefined {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(text.trim()) ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return undefined;
  const last = size - 1;
  const start = from === '' ? Math.max(size - Number(to), 0) : Number(from);
  const end = from === '' || to === '' ? last : Math.min(Number(to), last);
  if (from !== '' && to !== '' && Number(to) < Number(from)) return undefined;
  if (start <= last && !(from === '' && Number(to) === 0)) return { start, end };
  throw new AwsError('InvalidRange', 'The requested range is not satisfiable', {
    status: 416,
    members: { RangeRequested: text, ActualObjectSize: size },
    headers: { 'content-range': `bytes */${size}` },
  });
}

/** The files that a stretch of an object lies in, and where. */
export function slices(
  parts: readonly Part[],
  { start, end }: Stretch,
): { blob: string; start: number; end: number }[] {
  const found: { blob: string; start: number; end: number }[] = [];
  let offset = 0;
  for (const { blob, size } of parts) {
    const [from, to] = [Math.max(start - offset, 0), Math.min(end - offset, size - 1)];
    if (blob !== undefined && from <= to) found.push({ blob, start: from, end: to });
    offset += size;
  }
  return found;
}

interface CustomerKey {
  readonly SSECustomerKeyMD5?: string | undefined;
}

/** An object that was put with a key of the client's own is read with the same one. */
export function checkCustomerKey({ headers }: Version, { SSECustomerKeyMD5 }: CustomerKey): void {
  const own = headers.SSECustomerKeyMD5;
  if (own === SSECustomerKeyMD5) return;
  if (own === undefined) {
    throw invalidRequest('The encryption parameters are not applicable to this object.');
  }
  if (SSECustomerKeyMD5 === undefined) {
    throw invalidRequest(
      'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.',
    );
  }
  throw new AwsError('AccessDenied', 'Access Denied', { status: 403 });
}

/** Values that are not ASCII travel back as RFC 2047 has it (S3 User Guide, "User-defined object metadata"). */
function shownMetadata(metadata: Version['metadata']): Version['metadata'] {
  const shown = (value: string) =>
    /^[\x20-\x7e\t]*$/.test(value) ? value : `=?UTF-8?B?${Buffer.from(value).toString('base64')}?=`;
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, shown(value)]));
}
