/*
 * What callers of S3 have to be allowed, and what a bucket's own policy says.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
 */

import type { AccessRules, ResourcePolicy } from '../../kernel/access.ts';
import type { Arn } from '../../kernel/arn.ts';
import type { TableReader } from '../../kernel/state/table.ts';
import { bucketArn, buckets } from './bucket.ts';
import { accessDenied } from './errors.ts';

/** Configurations whose actions are not called as their operations are: the operations' name, and the actions'. */
const CONFIGURATIONS = [
  ['BucketAccelerateConfiguration', 'AccelerateConfiguration'],
  ['BucketAnalyticsConfiguration', 'AnalyticsConfiguration'],
  ['BucketCors', 'BucketCORS'],
  ['BucketEncryption', 'EncryptionConfiguration'],
  ['BucketIntelligentTieringConfiguration', 'IntelligentTieringConfiguration'],
  ['BucketInventoryConfiguration', 'InventoryConfiguration'],
  ['BucketLifecycle', 'LifecycleConfiguration'],
  ['BucketLifecycleConfiguration', 'LifecycleConfiguration'],
  ['BucketMetricsConfiguration', 'MetricsConfiguration'],
  ['BucketNotificationConfiguration', 'BucketNotification'],
  ['BucketOwnershipControls', 'BucketOwnershipControls'],
  ['BucketReplication', 'ReplicationConfiguration'],
  ['BucketTagging', 'BucketTagging'],
  ['ObjectLockConfiguration', 'BucketObjectLockConfiguration'],
  ['PublicAccessBlock', 'BucketPublicAccessBlock'],
] as const;

export const access: AccessRules = {
  prefix: 's3',
  actions: {
    ...Object.fromEntries(
      CONFIGURATIONS.flatMap(([operation, action]) => [
        [`Get${operation}`, `Get${action}`],
        [`List${operation}s`, `Get${action}`],
        [`Put${operation}`, `Put${action}`],
        [`Delete${operation}`, `Put${action}`],
      ]),
    ),
    CompleteMultipartUpload: 'PutObject',
    CopyObject: 'PutObject',
    CreateMultipartUpload: 'PutObject',
    DeleteObjects: 'DeleteObject',
    HeadBucket: 'ListBucket',
    HeadObject: 'GetObject',
    ListBuckets: 'ListAllMyBuckets',
    ListMultipartUploads: 'ListBucketMultipartUploads',
    ListObjects: 'ListBucket',
    ListObjectsV2: 'ListBucket',
    ListObjectVersions: 'ListBucketVersions',
    ListParts: 'ListMultipartUploadParts',
    UploadPart: 'PutObject',
    UploadPartCopy: 'PutObject',
  },
  resourcesOf({ Bucket, Key, Delete }) {
    if (Bucket === undefined) return ['*'];
    const keys: readonly string[] = Delete?.Objects?.map(({ Key }: { Key: string }) => Key) ?? [Key];
    return keys.map((key) => (key === undefined ? bucketArn(Bucket) : `${bucketArn(Bucket)}/${key}`));
  },
  policyOf,
  broaden: (resource) => resource.replace(/\/.*/s, '/*'),
  refusal: accessDenied,
};

function policyOf(rows: TableReader, { resource }: Arn): ResourcePolicy | undefined {
  const bucket = rows(buckets).get(resource.split('/')[0]!);
  return bucket && { record: bucket, document: () => bucket.configurations.Policy as string | undefined };
}
