/*
 * Objects made of others, without their bytes passing by.
 *
 * Words: Amazon S3 API Reference, CopyObject.
 */
import type { CopyObjectOutput, CopyObjectRequest } from '@aws-sdk/client-s3';
import { dateOf } from '../../kernel/clock.ts';
import type { Context, WaitingContext } from '../../kernel/service.ts';
import { blobs } from './blobs.ts';
import { type Bucket, findBucket } from './bucket.ts';
import { checkSource, checkWriting, wholeSecond } from './conditions.ts';
import { invalidArgument, invalidRequest } from './errors.ts';
import { announce } from './events.ts';
import { shownExpiry } from './lifecycle-rules.ts';
import { addVersion, currentVersion, type Part, type Version } from './object.ts';
import { checkKey, type Properties, propertiesOf, shownEncryption } from './properties.ts';
import { checkCustomerKey, readableVersion } from './reading.ts';
import { shownSum, shownVersion } from './writing.ts';

interface Source {
  readonly name: string;
  readonly key: string;
  readonly bucket: Bucket;
  readonly version: Version;
}

export async function copyObject(ctx: WaitingContext, input: CopyObjectRequest): Promise<CopyObjectOutput> {
  const store = ctx.use(blobs);
  mayRead(ctx, input);
  const { source, release } = await ctx.transact((tx) => {
    const source = findSource(tx, input);
    prepare(tx, input, source);
    return { source, release: store.hold(source.version.parts.flatMap(({ blob }) => blob ?? [])) };
  });
  const parts: Part[] = [];
  try {
    for (const part of source.version.parts) {
      parts.push(part.blob ? { ...part, blob: await store.copy(part.blob) } : part);
    }
    return await ctx.transact((tx) => write(tx, input, source, parts));
  } catch (error) {
    await store.remove(parts.flatMap(({ blob }) => blob ?? []));
    throw error;
  } finally {
    release();
  }
}

function write(ctx: Context, input: CopyObjectRequest, source: Source, parts: readonly Part[]): CopyObjectOutput {
  const { bucket, properties } = prepare(ctx, input, source);
  const { size, etag, checksum, multipart, versionId } = source.version;
  const version = addVersion(ctx, bucket, input.Key!, {
    ...properties,
    at: ctx.now,
    owner: ctx.scope.account,
    size,
    etag,
    parts,
    ...(multipart && { multipart }),
    ...(checksum && { checksum }),
  });
  announce(ctx, bucket, { type: 'ObjectCreated:Copy', bucketName: input.Bucket!, key: input.Key!, version });
  return {
    CopyObjectResult: {
      ETag: `"${version.etag}"`,
      LastModified: dateOf(wholeSecond(version.at)),
      ...shownSum(version),
    },
    ...(source.bucket.versioning && { CopySourceVersionId: versionId }),
    ...shownExpiry(bucket, input.Key!, version),
    ...shownVersion(bucket, version),
    ...shownEncryption(version.headers),
  };
}

type SourceInput = Pick<
  CopyObjectRequest,
  | 'CopySource'
  | 'ExpectedSourceBucketOwner'
  | 'CopySourceSSECustomerKeyMD5'
  | 'CopySourceIfMatch'
  | 'CopySourceIfNoneMatch'
  | 'CopySourceIfModifiedSince'
  | 'CopySourceIfUnmodifiedSince'
>;

export function findSource(ctx: Context, input: SourceInput): Source {
  const { name, key, id } = sourceOf(input);
  const bucket = findBucket(ctx, { Bucket: name, ExpectedBucketOwner: input.ExpectedSourceBucketOwner });
  const version = readableVersion(ctx, bucket, key, id);
  checkCustomerKey(version, { SSECustomerKeyMD5: input.CopySourceSSECustomerKeyMD5 });
  checkSource(version, {
    IfMatch: input.CopySourceIfMatch,
    IfNoneMatch: input.CopySourceIfNoneMatch,
    IfModifiedSince: input.CopySourceIfModifiedSince,
    IfUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
  });
  return { name, key, bucket, version };
}

/** Who copies has to be allowed to read the source. */
export function mayRead(ctx: WaitingContext, input: SourceInput): void {
  const { name: Bucket, key: Key, id: VersionId } = sourceOf(input);
  ctx.mayCall('s3', 'GetObject', { Bucket, Key, VersionId });
}

/** `bucket/key?versionId=…`, percent-encoded, with or without a slash before it. */
function sourceOf({ CopySource = '' }: SourceInput): { name: string; key: string; id: string | undefined } {
  const [path = '', id] = CopySource.split('?versionId=');
  const [, name, key] = /^([^/]+)\/(.+)$/s.exec(decoded(path).replace(/^\//, '')) ?? [];
  if (name === undefined || key === undefined) {
    throw invalidArgument('Invalid copy source object key', 'x-amz-copy-source', CopySource);
  }
  return { name, key, id };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalidArgument('Invalid copy source encoding.', 'x-amz-copy-source', text);
  }
}

function prepare(ctx: Context, input: CopyObjectRequest, source: Source): { bucket: Bucket; properties: Properties } {
  const bucket = findBucket(ctx, input);
  checkKey(input.Key!);
  checkWriting(currentVersion(ctx, bucket, input.Key!), input);
  const said = propertiesOf(ctx, bucket, input);
  const isReplacing = input.MetadataDirective === 'REPLACE';
  const isSame = source.name === input.Bucket && source.key === input.Key && !input.CopySource!.includes('?versionId=');
  const changes = input.StorageClass ?? input.ServerSideEncryption ?? input.WebsiteRedirectLocation;
  if (isSame && !isReplacing && changes === undefined) {
    throw invalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const { headers, metadata, tags } = source.version;
  const { ContentType, ContentEncoding, ContentLanguage, ContentDisposition, CacheControl, expiresAt } = headers;
  const described = { ContentType, ContentEncoding, ContentLanguage, ContentDisposition, CacheControl, expiresAt };
  const copied = Object.fromEntries(Object.entries(described).filter(([, value]) => value !== undefined));
  const { tags: ownTags, ...others } = said;
  const keptTags = input.TaggingDirective === 'REPLACE' ? ownTags : tags;
  return {
    bucket,
    properties: {
      ...others,
      ...(!isReplacing && { headers: { ...said.headers, ...copied }, metadata }),
      ...(keptTags && { tags: keptTags }),
    },
  };
}
