/* Tags of objects after they were made. Amazon S3 API Reference, PutObjectTagging, GetObjectTagging, DeleteObjectTagging. */
import type {
  DeleteObjectTaggingOutput,
  DeleteObjectTaggingRequest,
  GetObjectTaggingOutput,
  GetObjectTaggingRequest,
  PutObjectTaggingOutput,
  PutObjectTaggingRequest,
} from '@aws-sdk/client-s3';
import type { Context } from '../../kernel/service.ts';
import { findBucket } from './bucket.ts';
import { announce } from './events.ts';
import { changeVersion } from './object.ts';
import { readableVersion } from './reading.ts';
import { checkTags, MOST_OBJECT_TAGS } from './tags.ts';
import { shownVersion } from './writing.ts';

type Named = GetObjectTaggingRequest;

function found(ctx: Context, input: Named) {
  const bucket = findBucket(ctx, input);
  return { bucket, version: readableVersion(ctx, bucket, input.Key!, input.VersionId) };
}

export function getObjectTagging(ctx: Context, input: GetObjectTaggingRequest): GetObjectTaggingOutput {
  const { bucket, version } = found(ctx, input);
  return { TagSet: [...(version.tags ?? [])], ...shownVersion(bucket, version) };
}

export function putObjectTagging(ctx: Context, input: PutObjectTaggingRequest): PutObjectTaggingOutput {
  const { bucket, version } = found(ctx, input);
  const tags = input.Tagging!.TagSet ?? [];
  checkTags(tags, MOST_OBJECT_TAGS);
  changeVersion(ctx, bucket, input.Key!, { ...version, tags });
  announce(ctx, bucket, { type: 'ObjectTagging:Put', bucketName: input.Bucket!, key: input.Key!, version });
  return shownVersion(bucket, version);
}

export function deleteObjectTagging(ctx: Context, input: DeleteObjectTaggingRequest): DeleteObjectTaggingOutput {
  const { bucket, version } = found(ctx, input);
  const { tags: _, ...others } = version;
  changeVersion(ctx, bucket, input.Key!, others);
  announce(ctx, bucket, { type: 'ObjectTagging:Delete', bucketName: input.Bucket!, key: input.Key!, version });
  return shownVersion(bucket, version);
}
