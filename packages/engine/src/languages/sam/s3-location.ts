/* Where code lies: `s3://bucket/key?versionId=1`, or `{Bucket, Key, Version}`. */
import { isObject, type JsonObject, type Value } from '../template/value.ts';
import { SamFault } from './error.ts';
import { compact } from './values.ts';

export interface S3Location {
  readonly Bucket: Value;
  readonly Key: Value;
  readonly Version?: Value | undefined;
}

/** Throws SamFault for what is no place in S3. `property` is what it is called in the fault's words. */
export function s3Location(id: string, property: string, given: Value): S3Location {
  if (isObject(given)) {
    const { Bucket, Key, Version } = given;
    if (!Bucket || !Key) {
      throw SamFault.ofResource(id, `'${property}' requires Bucket and Key properties to be specified.`);
    }
    return { Bucket, Key, Version };
  }
  const [, Bucket, Key, query] = /^s3:\/\/([^/?]+)\/([^?]+)(?:\?(.*))?$/.exec(String(given)) ?? [];
  if (Bucket === undefined || Key === undefined) {
    throw SamFault.ofResource(
      id,
      `'${property}' is not a valid S3 Uri of the form 's3://bucket/key' with optional versionId query parameter.`,
    );
  }
  return { Bucket, Key, Version: new URLSearchParams(query).get('versionId') || undefined };
}

/** As functions and layers take it. */
export const codeOf = ({ Bucket, Key, Version }: S3Location): JsonObject =>
  compact({ S3Bucket: Bucket, S3Key: Key, S3ObjectVersion: Version });
