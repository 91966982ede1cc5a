/*
 * Multipart uploads: begun, filled part by part, put together or dropped.
 *
 * Words and bounds: Amazon S3 User Guide, "Amazon S3 multipart upload limits"; API Reference, CreateMultipartUpload,
 * UploadPart, CompleteMultipartUpload, AbortMultipartUpload, ListParts.
 */
import { createHash } from 'node:crypto';
import type {
  AbortMultipartUploadRequest,
  CompleteMultipartUploadOutput,
  CompleteMultipartUploadRequest,
  CreateMultipartUploadOutput,
  CreateMultipartUploadRequest,
  ListPartsOutput,
  ListPartsRequest,
  UploadPartOutput,
  UploadPartRequest,
} from '@aws-sdk/client-s3';
import type { ChecksumAlgorithm } from '../../kernel/checksums.ts';
import { dateOf } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context, WaitingContext } from '../../kernel/service.ts';
import { type BucketInput, findBucket, ownerOf } from './bucket.ts';
import { checkWriting, wholeSecond } from './conditions.ts';
import { combined, crcOf, isCrc } from './crc.ts';
import { invalidArgument, invalidRequest, malformedXml, noSuchUpload } from './errors.ts';
import { announce } from './events.ts';
import { versionsPrefix } from './keys.ts';
import { shownExpiry, wakeAfterChange } from './lifecycle-rules.ts';
import { PAGE, pageSize } from './listing.ts';
import { addVersion, currentVersion, discard, type ObjectChecksum } from './object.ts';
import { checkKey, propertiesOf, shownEncryption } from './properties.ts';
import { receive } from './received.ts';
import { dropUpload, type Upload, type UploadedPart, uploadedParts, uploads } from './uploads.ts';
import { keep, shownSum, shownVersion } from './writing.ts';

const MOST_PARTS = 10_000;
/** The smallest part but for the last, in bytes. */
const SMALLEST_PART = 5 * 1024 * 1024;

export function createMultipartUpload(ctx: Context, input: CreateMultipartUploadRequest): CreateMultipartUploadOutput {
  const bucket = findBucket(ctx, input);
  const { Bucket, Key, ChecksumAlgorithm, ChecksumType } = input;
  checkKey(Key!);
  const algorithm = (ChecksumAlgorithm ?? 'CRC64NVME') as ChecksumAlgorithm;
  const type = ChecksumType ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  const upload: Upload = {
    ...propertiesOf(ctx, bucket, input),
    id: newUploadId(ctx),
    key: Key!,
    owner: ctx.scope.account,
    initiatedAt: ctx.now,
    checksum: { algorithm, type, chosen: ChecksumAlgorithm !== undefined },
  };
  ctx.rows(uploads).put(versionsPrefix(bucket, Key!) + upload.id, upload);
  wakeAfterChange(ctx, Bucket!, bucket);
  return {
    Bucket,
    Key,
    UploadId: upload.id,
    ...shownEncryption(upload.headers),
    ...(ChecksumAlgorithm && { ChecksumAlgorithm, ChecksumType: type }),
  };
}

/** Ids sort by the moment at which an upload was begun, as lists of uploads do. */
function newUploadId({ ids, now }: Context): string {
  return now.toString(16).padStart(12, '0') + ids.hex(52);
}

interface UploadInput extends BucketInput {
  readonly Key?: string | undefined;
  readonly UploadId?: string | undefined;
}

/** An upload under way. Throws NoSuchUpload. */
export function findUpload(ctx: Context, input: UploadInput) {
  const bucket = findBucket(ctx, input);
  const row = versionsPrefix(bucket, input.Key!) + input.UploadId!;
  const upload = ctx.rows(uploads).get(row);
  if (!upload) throw noSuchUpload(input.UploadId!);
  return { bucket, row, upload };
}

export function checkPartNumber(number: number): void {
  if (number >= 1 && number <= MOST_PARTS) return;
  const message = `Part number must be an integer between 1 and ${MOST_PARTS}, inclusive`;
  throw invalidArgument(message, 'partNumber', number);
}

export async function uploadPart(ctx: WaitingContext, input: UploadPartRequest): Promise<UploadPartOutput> {
  const number = input.PartNumber!;
  checkPartNumber(number);
  const { upload } = await ctx.transact((tx) => findUpload(tx, input));
  const received = await receive(ctx, input, upload.checksum.algorithm);
  const { blob, size, md5, algorithm } = received;
  // What comes with another checksum than the upload's is part of a whole that has the upload's.
  const checksum = received.checksums[upload.checksum.algorithm as ChecksumAlgorithm]!;
  return keep(ctx, received, (tx) => {
    findUpload(tx, input);
    const part: UploadedPart = { ...(blob && { blob }), size, number, md5, at: tx.now, checksum };
    putPart(tx, upload, part);
    return { ETag: `"${md5}"`, [`Checksum${algorithm}`]: received.checksum, ...shownEncryption(upload.headers) };
  });
}

/** A part of the same number is replaced. */
export function putPart(ctx: Context, { id }: Upload, part: UploadedPart): void {
  const row = `${id}/${String(part.number).padStart(5, '0')}`;
  const held = ctx.rows(uploadedParts).get(row);
  if (held) discard(ctx, [held]);
  ctx.rows(uploadedParts).put(row, part);
}

function partsOf(ctx: Context, { id }: Upload): UploadedPart[] {
  return ctx
    .rows(uploadedParts)
    .list({ prefix: `${id}/` })
    .map(([, part]) => part);
}

/** The parts that the client names make the object, in their order; the others are dropped. */
export function completeMultipartUpload(
  ctx: Context,
  input: CompleteMultipartUploadRequest,
): CompleteMultipartUploadOutput {
  const { bucket, row, upload } = findUpload(ctx, input);
  const { Bucket, Key = '' } = input;
  checkWriting(currentVersion(ctx, bucket, Key), input);
  const chosen = chooseParts(partsOf(ctx, upload), input);
  const names = new Set(chosen.map(({ number }) => number));
  const size = chosen.reduce((sum, part) => sum + part.size, 0);
  const digests = chosen.map(({ md5 }) => Buffer.from(md5, 'hex'));
  const etag = `${createHash('md5').update(Buffer.concat(digests)).digest('hex')}-${chosen.length}`;
  const checksum = composed(upload, chosen);
  checkWhole(input, size, checksum);
  for (const part of partsOf(ctx, upload)) {
    if (!names.has(part.number)) discard(ctx, [part]);
    ctx.rows(uploadedParts).delete(`${upload.id}/${String(part.number).padStart(5, '0')}`);
  }
  ctx.rows(uploads).delete(row);
  const version = addVersion(ctx, bucket, Key, {
    headers: upload.headers,
    metadata: upload.metadata,
    ...(upload.tags && { tags: upload.tags }),
    ...(upload.acl && { acl: upload.acl }),
    at: ctx.now,
    owner: ctx.scope.account,
    size,
    etag,
    parts: chosen.map(({ at: _, md5: __, ...part }) => part),
    multipart: true,
    ...(checksum && { checksum }),
  });
  const type = 'ObjectCreated:CompleteMultipartUpload';
  announce(ctx, bucket, { type, bucketName: Bucket!, key: Key, version });
  const Location = `${ctx.host.endpoint}/${Bucket}/${encodeURIComponent(Key)}`;
  return {
    Location,
    Bucket,
    Key,
    ETag: `"${etag}"`,
    ...shownExpiry(bucket, Key, version),
    ...shownSum(version),
    ...shownEncryption(version.headers),
    ...shownVersion(bucket, version),
  };
}

function chooseParts(held: readonly UploadedPart[], { MultipartUpload, UploadId }: CompleteMultipartUploadRequest) {
  const wanted = MultipartUpload?.Parts ?? [];
  if (wanted.length === 0) throw malformedXml();
  const byNumber = new Map(held.map((part) => [part.number, part]));
  let previous = 0;
  return wanted.map(({ PartNumber = 0, ETag = '' }, index) => {
    const part = byNumber.get(PartNumber);
    const etag = ETag.replace(/^"(.*)"$/, '$1');
    if (!part || part.md5 !== etag) {
      const message =
        "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
      throw new AwsError('InvalidPart', message, { members: { UploadId, PartNumber, ETag: etag } });
    }
    if (PartNumber <= previous) {
      const message =
        'The list of parts was not in ascending order. The parts list must be specified in order by part number.';
      throw new AwsError('InvalidPartOrder', message, { members: { UploadId } });
    }
    previous = PartNumber;
    if (index < wanted.length - 1 && part.size < SMALLEST_PART) {
      const message = 'Your proposed upload is smaller than the minimum allowed size';
      const members = { ProposedSize: part.size, MinSizeAllowed: SMALLEST_PART, PartNumber, ETag: etag };
      throw new AwsError('EntityTooSmall', message, { members });
    }
    return part;
  });
}

/** The checksum of the whole object where parts' can be summed up to it, else that of the parts' checksums. */
function composed({ checksum }: Upload, parts: readonly UploadedPart[]): ObjectChecksum | undefined {
  const { algorithm, type } = checksum;
  const stretches = parts.map(({ checksum = '', size }) => ({ checksum, size }));
  if (type === 'FULL_OBJECT') {
    return isCrc(algorithm) ? { algorithm, type, value: combined(algorithm, stretches) } : undefined;
  }
  const digests = Buffer.concat(stretches.map(({ checksum }) => Buffer.from(checksum, 'base64')));
  const hash = { SHA1: 'sha1', SHA256: 'sha256', SHA512: 'sha512', MD5: 'md5' }[algorithm as string];
  if (hash === undefined && !isCrc(algorithm)) return undefined;
  const value = isCrc(algorithm) ? crcOf(algorithm, digests) : createHash(hash!).update(digests).digest('base64');
  return { algorithm, type, value: `${value}-${parts.length}` };
}

/** Throws AwsError when the object is not what the client says that it is. */
function checkWhole(input: CompleteMultipartUploadRequest, size: number, checksum: ObjectChecksum | undefined): void {
  if (input.MpuObjectSize !== undefined && input.MpuObjectSize !== size) {
    throw invalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${input.MpuObjectSize} does not match what was computed: ${size}`,
    );
  }
  if (!checksum) return;
  const said = (input as unknown as Readonly<Record<string, unknown>>)[`Checksum${checksum.algorithm}`];
  const count = /-\d+$/.exec(checksum.value)?.[0] ?? '';
  if (typeof said !== 'string' || said + (said.includes('-') ? '' : count) === checksum.value) return;
  const message = `The ${checksum.algorithm} you specified did not match the calculated checksum.`;
  throw new AwsError('BadDigest', message);
}

export function abortMultipartUpload(ctx: Context, input: AbortMultipartUploadRequest): void {
  const { row, upload } = findUpload(ctx, input);
  dropUpload(ctx, row, upload);
}

export function listParts(ctx: Context, input: ListPartsRequest): ListPartsOutput {
  const { upload } = findUpload(ctx, input);
  const limit = pageSize('max-parts', input.MaxParts);
  const marker = Number(input.PartNumberMarker ?? 0);
  const following = partsOf(ctx, upload).filter(({ number = 0 }) => number > marker);
  const page = following.slice(0, limit);
  const isTruncated = following.length > limit;
  const { algorithm, type, chosen } = upload.checksum;
  return {
    Bucket: input.Bucket,
    Key: input.Key,
    UploadId: upload.id,
    PartNumberMarker: String(marker),
    ...(isTruncated && { NextPartNumberMarker: String(page.at(-1)?.number ?? marker) }),
    MaxParts: Math.min(input.MaxParts ?? PAGE, PAGE),
    IsTruncated: isTruncated,
    Parts: page.map(({ number, size, md5, at, checksum }) => ({
      PartNumber: number,
      LastModified: dateOf(wholeSecond(at)),
      ETag: `"${md5}"`,
      Size: size,
      ...(chosen && { [`Checksum${algorithm}`]: checksum }),
    })),
    Owner: ownerOf(upload.owner),
    Initiator: ownerOf(upload.owner),
    StorageClass: upload.headers.StorageClass ?? 'STANDARD',
    ...(chosen && { ChecksumAlgorithm: algorithm, ChecksumType: type }),
  };
}
