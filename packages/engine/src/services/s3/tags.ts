/*
 * Tags of buckets and objects.
 *
 * Words and bounds: Amazon S3 User Guide, "Object tagging"; API Reference, PutObjectTagging, PutBucketTagging.
 */
import type { Tag } from '@aws-sdk/client-s3';
import { AwsError } from '../../kernel/errors.ts';
import { isReservedTag } from '../../kernel/resource-types.ts';

const LONGEST = { key: 128, value: 256 };
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** How many tags an object may have. */
export const MOST_OBJECT_TAGS = 10;

/** Throws AwsError for tags that can't be. */
export function checkTags(tags: readonly Tag[], most: number): void {
  if (tags.length > most) {
    const words =
      most === MOST_OBJECT_TAGS
        ? 'Object tags cannot be greater than 10'
        : `Bucket tag count cannot be greater than ${most}`;
    throw new AwsError('BadRequest', words);
  }
  const names = new Set<string>();
  for (const { Key = '', Value = '' } of tags) {
    if (Key.length < 1 || Key.length > LONGEST.key || !ALLOWED.test(Key)) {
      throw invalidTag('The TagKey you have provided is invalid', { TagKey: Key });
    }
    if (Value.length > LONGEST.value || !ALLOWED.test(Value)) {
      throw invalidTag('The TagValue you have provided is invalid', { TagKey: Key, TagValue: Value });
    }
    if (isReservedTag(Key)) {
      throw invalidTag('System tags cannot be added/updated by requester', { TagKey: Key });
    }
    if (names.has(Key)) throw invalidTag('Cannot provide multiple Tags with the same key', { TagKey: Key });
    names.add(Key);
  }
}

function invalidTag(message: string, members: Record<string, string>): AwsError {
  return new AwsError('InvalidTag', message, { members });
}
