/* Amazon S3: buckets, and objects in them, kept as files with what is said of them. */
import { defineService, waits } from '../../kernel/service.ts';
import { access } from './access.ts';
import { getBucketAcl, getObjectAcl, putBucketAcl, putObjectAcl } from './acls.ts';
import { getObjectAttributes } from './attributes.ts';
import { createBucket, deleteBucket, getBucketLocation, headBucket, listBuckets } from './buckets.ts';
import {
  deleted,
  getBucketPolicyStatus,
  getBucketVersioning,
  got,
  put,
  putBucketPolicy,
  putBucketReplication,
  putBucketTagging,
  putBucketVersioning,
} from './configurations.ts';
import { copyObject } from './copying.ts';
import { crossOrigin } from './cors.ts';
import { deleteObject, deleteObjects } from './deleting.ts';
import { applyLifecycle } from './lifecycle.ts';
import { deleteBucketLifecycle, getBucketLifecycle, putBucketLifecycle } from './lifecycle-rules.ts';
import { deletedOne, gotOne, listedAll, putOne } from './listed-configurations.ts';
import { listObjects, listObjectsV2 } from './listing.ts';
import { listMultipartUploads, listObjectVersions } from './listing-versions.ts';
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  listParts,
  uploadPart,
} from './multipart.ts';
import { getBucketNotificationConfiguration, putBucketNotificationConfiguration } from './notifications.ts';
import { discarded } from './object.ts';
import {
  getObjectLegalHold,
  getObjectRetention,
  putObjectLegalHold,
  putObjectLockConfiguration,
  putObjectRetention,
} from './object-lock.ts';
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './object-tagging.ts';
import { uploadPartCopy } from './part-copying.ts';
import { getObject, headObject } from './reading.ts';
import { resources } from './resources.ts';
import { collected, putObject } from './writing.ts';

export const s3 = defineService({
  name: 's3',
  arnName: 's3',
  operations: {
    AbortMultipartUpload: abortMultipartUpload,
    CompleteMultipartUpload: completeMultipartUpload,
    CopyObject: waits(copyObject),
    CreateBucket: createBucket,
    CreateMultipartUpload: createMultipartUpload,
    DeleteBucket: deleteBucket,
    DeleteBucketAnalyticsConfiguration: deletedOne('Analytics'),
    DeleteBucketCors: deleted('cors'),
    DeleteBucketEncryption: deleted('encryption'),
    DeleteBucketIntelligentTieringConfiguration: deletedOne('IntelligentTiering'),
    DeleteBucketInventoryConfiguration: deletedOne('Inventory'),
    DeleteBucketLifecycle: deleteBucketLifecycle,
    DeleteBucketMetricsConfiguration: deletedOne('Metrics'),
    DeleteBucketOwnershipControls: deleted('ownershipControls'),
    DeleteBucketPolicy: deleted('policy'),
    DeleteBucketReplication: deleted('replication'),
    DeleteBucketTagging: deleted('tagging'),
    DeleteBucketWebsite: deleted('website'),
    DeleteObject: deleteObject,
    DeleteObjectTagging: deleteObjectTagging,
    DeleteObjects: deleteObjects,
    DeletePublicAccessBlock: deleted('publicAccessBlock'),
    GetBucketAbac: got('abac'),
    GetBucketAccelerateConfiguration: got('accelerate'),
    GetBucketAcl: getBucketAcl,
    GetBucketAnalyticsConfiguration: gotOne('Analytics'),
    GetBucketCors: got('cors'),
    GetBucketEncryption: got('encryption'),
    GetBucketIntelligentTieringConfiguration: gotOne('IntelligentTiering'),
    GetBucketInventoryConfiguration: gotOne('Inventory'),
    GetBucketLifecycleConfiguration: getBucketLifecycle,
    GetBucketLocation: getBucketLocation,
    GetBucketLogging: got('logging'),
    GetBucketMetricsConfiguration: gotOne('Metrics'),
    GetBucketNotificationConfiguration: getBucketNotificationConfiguration,
    GetBucketOwnershipControls: got('ownershipControls'),
    GetBucketPolicy: got('policy'),
    GetBucketPolicyStatus: getBucketPolicyStatus,
    GetBucketReplication: got('replication'),
    GetBucketRequestPayment: got('requestPayment'),
    GetBucketTagging: got('tagging'),
    GetBucketVersioning: getBucketVersioning,
    GetBucketWebsite: got('website'),
    GetObject: waits(getObject),
    GetObjectAcl: getObjectAcl,
    GetObjectAttributes: getObjectAttributes,
    GetObjectLegalHold: getObjectLegalHold,
    GetObjectLockConfiguration: got('objectLock'),
    GetObjectRetention: getObjectRetention,
    GetObjectTagging: getObjectTagging,
    GetPublicAccessBlock: got('publicAccessBlock'),
    HeadBucket: headBucket,
    HeadObject: headObject,
    ListBucketAnalyticsConfigurations: listedAll('Analytics'),
    ListBucketIntelligentTieringConfigurations: listedAll('IntelligentTiering'),
    ListBucketInventoryConfigurations: listedAll('Inventory'),
    ListBucketMetricsConfigurations: listedAll('Metrics'),
    ListBuckets: listBuckets,
    ListMultipartUploads: listMultipartUploads,
    ListObjectVersions: listObjectVersions,
    ListObjects: listObjects,
    ListObjectsV2: listObjectsV2,
    ListParts: listParts,
    PutBucketAbac: put('abac', 'AbacStatus'),
    PutBucketAccelerateConfiguration: put('accelerate', 'AccelerateConfiguration'),
    PutBucketAcl: putBucketAcl,
    PutBucketAnalyticsConfiguration: putOne('Analytics'),
    PutBucketCors: put('cors', 'CORSConfiguration'),
    PutBucketEncryption: put('encryption', 'ServerSideEncryptionConfiguration'),
    PutBucketIntelligentTieringConfiguration: putOne('IntelligentTiering'),
    PutBucketInventoryConfiguration: putOne('Inventory'),
    PutBucketLifecycleConfiguration: putBucketLifecycle,
    PutBucketLogging: put('logging', 'BucketLoggingStatus'),
    PutBucketMetricsConfiguration: putOne('Metrics'),
    PutBucketNotificationConfiguration: waits(putBucketNotificationConfiguration),
    PutBucketOwnershipControls: put('ownershipControls', 'OwnershipControls'),
    PutBucketPolicy: putBucketPolicy,
    PutBucketReplication: putBucketReplication,
    PutBucketRequestPayment: put('requestPayment', 'RequestPaymentConfiguration'),
    PutBucketTagging: putBucketTagging,
    PutBucketVersioning: putBucketVersioning,
    PutBucketWebsite: put('website', 'WebsiteConfiguration'),
    PutObject: waits(putObject),
    PutObjectAcl: putObjectAcl,
    PutObjectLegalHold: putObjectLegalHold,
    PutObjectLockConfiguration: putObjectLockConfiguration,
    PutObjectRetention: putObjectRetention,
    PutObjectTagging: putObjectTagging,
    PutPublicAccessBlock: put('publicAccessBlock', 'PublicAccessBlockConfiguration'),
    UploadPart: waits(uploadPart),
    UploadPartCopy: waits(uploadPartCopy),
  },
  resources,
  access,
  crossOrigin,
  due: { collect: waits(collected), discard: waits(discarded), lifecycle: applyLifecycle },
});
