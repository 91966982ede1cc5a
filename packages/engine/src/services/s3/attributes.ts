/* What is known of an object, without its bytes. Amazon S3 API Reference, GetObjectAttributes. */
import type { GetObjectAttributesOutput, GetObjectAttributesRequest } from '@aws-sdk/client-s3';
import { dateOf } from '../../kernel/clock.ts';
import type { Context } from '../../kernel/service.ts';
import { findBucket } from './bucket.ts';
import { wholeSecond } from './conditions.ts';
import { invalidArgument } from './errors.ts';
import { PAGE, pageSize } from './listing.ts';
import type { Version } from './object.ts';
import { checkCustomerKey, readableVersion } from './reading.ts';
import { shownSum, shownVersion } from './writing.ts';

export function getObjectAttributes(ctx: Context, input: GetObjectAttributesRequest): GetObjectAttributesOutput {
  const bucket = findBucket(ctx, input);
  const version = readableVersion(ctx, bucket, input.Key!, input.VersionId);
  checkCustomerKey(version, input);
  const wanted = new Set<string>(input.ObjectAttributes);
  if (wanted.size === 0) throw invalidArgument('Invalid attribute name specified.', 'x-amz-object-attributes');
  const parts = wanted.has('ObjectParts') && version.multipart ? partsOf(version, input) : undefined;
  return {
    LastModified: dateOf(wholeSecond(version.at)),
    ...shownVersion(bucket, version),
    ...(wanted.has('ETag') && { ETag: version.etag }),
    ...(wanted.has('Checksum') && version.checksum && { Checksum: shownSum(version) }),
    ...(parts && { ObjectParts: parts }),
    ...(wanted.has('StorageClass') && { StorageClass: version.headers.StorageClass ?? 'STANDARD' }),
    ...(wanted.has('ObjectSize') && { ObjectSize: version.size }),
  };
}

/** Parts are told one by one where each has a checksum that was asked for. */
function partsOf({ parts, checksum }: Version, input: GetObjectAttributesRequest) {
  const limit = pageSize('max-parts', input.MaxParts);
  const marker = Number(input.PartNumberMarker ?? 0);
  const following = parts.filter(({ number = 0 }) => number > marker);
  const page = following.slice(0, limit);
  const shown = page.map(({ number, size, checksum: sum }) => ({
    PartNumber: number,
    Size: size,
    ...(sum !== undefined && checksum && { [`Checksum${checksum.algorithm}`]: sum }),
  }));
  return {
    TotalPartsCount: parts.length,
    PartNumberMarker: String(marker),
    NextPartNumberMarker: String(page.at(-1)?.number ?? 0),
    MaxParts: Math.min(input.MaxParts ?? PAGE, PAGE),
    IsTruncated: following.length > limit,
    ...(checksum && { Parts: shown }),
  };
}
