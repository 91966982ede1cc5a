/*
 * What is said of an object when it is made, at once or in parts: headers, metadata, tags, encryption, storage class.
 *
 * Words and bounds: Amazon S3 API Reference, PutObject; User Guide, "Working with object metadata", "Object tagging".
 */
import type { PutObjectRequest, ServerSideEncryptionConfiguration, Tag } from '@aws-sdk/client-s3';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { checkAcl, grantsOf } from './acls.ts';
import type { Bucket } from './bucket.ts';
import { invalidArgument, invalidRequest } from './errors.ts';
import type { KeptHeaders, Version } from './object.ts';
import { defaultRetention } from './object-lock.ts';
import { checkTags, MOST_OBJECT_TAGS } from './tags.ts';

const LONGEST_KEY = 1_024;
const LARGEST_METADATA = 2_048;

export type Properties = Pick<Version, 'headers' | 'metadata' | 'tags' | 'acl'>;

type Said = Omit<PutObjectRequest, 'Bucket' | 'Key' | 'Body'>;

export function checkKey(key: string): void {
  const size = Buffer.byteLength(key);
  if (size <= LONGEST_KEY) return;
  throw new AwsError('KeyTooLongError', 'Your key is too long', {
    members: { Size: size, MaxSizeAllowed: LONGEST_KEY },
  });
}

/** Properties of an object to be made. Throws AwsError for those that can't be. */
export function propertiesOf(ctx: Context, bucket: Bucket, said: Said): Properties {
  checkAcl(bucket, said);
  const acl = grantsOf(said, ctx.scope.account, bucket.account);
  const tags = said.Tagging === undefined ? [] : tagsOfHeader(said.Tagging);
  return {
    headers: {
      ...(said.ObjectLockMode === undefined && defaultRetention(bucket, ctx.now)),
      ...headersOf(bucket, said),
    },
    metadata: metadataOf(said),
    ...(tags.length > 0 && { tags }),
    ...(acl && { acl }),
  };
}

function headersOf(bucket: Bucket, said: Said): KeptHeaders {
  const { StorageClass, Expires, ObjectLockRetainUntilDate } = said;
  if ((ObjectLockRetainUntilDate === undefined) !== (said.ObjectLockMode === undefined)) {
    throw invalidArgument('x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied');
  }
  const isLocking = said.ObjectLockMode !== undefined || said.ObjectLockLegalHoldStatus !== undefined;
  if (isLocking && !bucket.configurations.ObjectLock) {
    throw invalidRequest('Bucket is missing Object Lock Configuration');
  }
  return given({
    CacheControl: said.CacheControl,
    ContentDisposition: said.ContentDisposition,
    ContentEncoding: said.ContentEncoding,
    ContentLanguage: said.ContentLanguage,
    ContentType: said.ContentType,
    WebsiteRedirectLocation: said.WebsiteRedirectLocation,
    StorageClass: StorageClass === 'STANDARD' ? undefined : StorageClass,
    ObjectLockMode: said.ObjectLockMode,
    ObjectLockLegalHoldStatus: said.ObjectLockLegalHoldStatus,
    expiresAt: Expires?.getTime(),
    retainUntil: ObjectLockRetainUntilDate?.getTime(),
    ...encryptionOf(bucket, said),
  });
}

/** How an object says that it is encrypted: as the request asks, else as the bucket has it. */
function encryptionOf({ configurations }: Bucket, said: Said): KeptHeaders {
  const { SSECustomerAlgorithm, SSECustomerKeyMD5, ServerSideEncryption, SSEKMSKeyId, BucketKeyEnabled } = said;
  if (SSECustomerAlgorithm !== undefined) {
    if (SSECustomerAlgorithm !== 'AES256') {
      throw new AwsError(
        'InvalidEncryptionAlgorithmError',
        'The encryption request that you specified is not valid. The valid value is AES256.',
      );
    }
    if (SSECustomerKeyMD5 === undefined || said.SSECustomerKey === undefined) {
      throw invalidArgument(
        'Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.',
      );
    }
    return { SSECustomerAlgorithm, SSECustomerKeyMD5 };
  }
  if (SSEKMSKeyId !== undefined && !ServerSideEncryption?.startsWith('aws:kms')) {
    const message =
      'Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms';
    throw invalidArgument(message, 'x-amz-server-side-encryption', ServerSideEncryption);
  }
  const rule = (configurations.Encryption as ServerSideEncryptionConfiguration | undefined)?.Rules?.[0];
  const byDefault = rule?.ApplyServerSideEncryptionByDefault;
  const algorithm = ServerSideEncryption ?? byDefault?.SSEAlgorithm ?? 'AES256';
  if (!algorithm.startsWith('aws:kms')) return { ServerSideEncryption: algorithm };
  const key = SSEKMSKeyId ?? (ServerSideEncryption === undefined ? byDefault?.KMSMasterKeyID : undefined);
  const bucketKey = BucketKeyEnabled ?? rule?.BucketKeyEnabled;
  return given({
    ServerSideEncryption: algorithm,
    SSEKMSKeyId: key,
    SSEKMSEncryptionContext: said.SSEKMSEncryptionContext,
    BucketKeyEnabled: bucketKey ? true : undefined,
  });
}

/** What an answer to an upload tells of the encryption. */
export function shownEncryption(headers: KeptHeaders): KeptHeaders {
  const { ServerSideEncryption, SSEKMSKeyId, SSEKMSEncryptionContext, BucketKeyEnabled } = headers;
  const { SSECustomerAlgorithm, SSECustomerKeyMD5 } = headers;
  return given({
    ServerSideEncryption,
    SSEKMSKeyId,
    SSEKMSEncryptionContext,
    BucketKeyEnabled,
    SSECustomerAlgorithm,
    SSECustomerKeyMD5,
  });
}

function metadataOf({ Metadata = {} }: Said): Record<string, string> {
  const metadata = Object.fromEntries(Object.entries(Metadata).map(([name, value]) => [name.toLowerCase(), value]));
  const size = Object.entries(metadata).reduce((sum, parts) => sum + Buffer.byteLength(parts.join('')), 0);
  if (size <= LARGEST_METADATA) return metadata;
  const message = 'Your metadata headers exceed the maximum allowed metadata size';
  throw new AwsError('MetadataTooLarge', message, { members: { Size: size, MaxSizeAllowed: LARGEST_METADATA } });
}

/** Tags as a header has them: `name=value&…`. */
function tagsOfHeader(text: string): Tag[] {
  const tags = [...new URLSearchParams(text)].map(([Key, Value]) => ({ Key, Value }));
  const names = new Set(tags.map(({ Key }) => Key));
  if (names.size < tags.length || names.has('')) {
    throw invalidArgument(
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
      'x-amz-tagging',
      text,
    );
  }
  checkTags(tags, MOST_OBJECT_TAGS);
  return tags;
}

/** Without what is undefined: records are JSON. */
export function given<T extends object>(members: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;
}
