/* Objects made: uploaded whole. */
import type { PutObjectOutput, PutObjectRequest } from '@aws-sdk/client-s3';
import type { Context, WaitingContext } from '../../kernel/service.ts';
import type { IncomingBody } from '../../kernel/streams.ts';
import { blobs } from './blobs.ts';
import { type Bucket, findBucket } from './bucket.ts';
import { checkWriting } from './conditions.ts';
import { announce } from './events.ts';
import { shownExpiry } from './lifecycle-rules.ts';
import { addVersion, currentVersion, objects, type Version, versions } from './object.ts';
import { checkKey, propertiesOf, shownEncryption } from './properties.ts';
import { type Received, receive } from './received.ts';
import { uploadedParts } from './uploads.ts';

export async function putObject(ctx: WaitingContext, input: PutObjectRequest): Promise<PutObjectOutput> {
  // What is wrong already is said before the bytes are asked for.
  await ctx.transact((tx) => prepare(tx, input));
  await collectLeftovers(ctx);
  const type = (input.Body as IncomingBody | undefined)?.isForm ? 'ObjectCreated:Post' : 'ObjectCreated:Put';
  const received = await receive(ctx, input);
  const { blob, size, md5, algorithm, checksum } = received;
  return keep(ctx, received, (tx) => {
    const { bucket, properties } = prepare(tx, input);
    const version = addVersion(tx, bucket, input.Key!, {
      ...properties,
      at: tx.now,
      owner: tx.scope.account,
      size,
      etag: md5,
      parts: [{ ...(blob && { blob }), size }],
      checksum: { algorithm, value: checksum, type: 'FULL_OBJECT' },
    });
    announce(tx, bucket, { type, bucketName: input.Bucket!, key: input.Key!, version });
    return {
      ETag: `"${md5}"`,
      ...shownEncryption(version.headers),
      ...shownExpiry(bucket, input.Key!, version),
      ...shownSum(version),
      ...shownVersion(bucket, version),
    };
  });
}

function prepare(ctx: Context, input: PutObjectRequest) {
  const bucket = findBucket(ctx, input);
  checkKey(input.Key!);
  checkWriting(currentVersion(ctx, bucket, input.Key!), input);
  return { bucket, properties: propertiesOf(ctx, bucket, input) };
}

/** Runs the transaction that names what was received, which is removed where that fails. */
export async function keep<T>(
  ctx: WaitingContext,
  { blob }: Pick<Received, 'blob'>,
  handler: (tx: Context) => T,
): Promise<T> {
  try {
    return await ctx.transact(handler);
  } catch (error) {
    if (blob) await ctx.use(blobs).remove([blob]);
    throw error;
  }
}

/** The checksum of the whole object, as answers have it. */
export function shownSum({ checksum }: Pick<Version, 'checksum'>): PutObjectOutput {
  return checksum ? { [`Checksum${checksum.algorithm}`]: checksum.value, ChecksumType: checksum.type } : {};
}

export function shownVersion({ versioning }: Bucket, { versionId }: Version): { VersionId?: string } {
  return versioning ? { VersionId: versionId } : {};
}

/** Has what an earlier run left without a record removed, once. */
async function collectLeftovers(ctx: WaitingContext): Promise<void> {
  if (!ctx.use(blobs).takeLeftovers()) return;
  await ctx.transact((tx) => tx.schedule({ kind: 's3.collect', id: 'leftovers', due: tx.now }));
}

export async function collected(ctx: WaitingContext): Promise<void> {
  const known = await ctx.transact((tx) => {
    const named = new Set<string>();
    for (const table of [objects, versions]) {
      for (const [, { parts }] of tx.rows(table).list()) for (const { blob } of parts) if (blob) named.add(blob);
    }
    for (const [, { blob }] of tx.rows(uploadedParts).list()) if (blob) named.add(blob);
    return named;
  });
  await ctx.use(blobs).collect((blob) => known.has(blob));
}
