/* Amazon S3: buckets, and objects in them, kept as files with what is said of them. */
import { defineService, waits } from '../../kernel/service.ts';
import { createBucket, deleteBucket, getBucketLocation, headBucket, listBuckets } from './buckets.ts';
import {
  deleted,
  getBucketPolicyStatus,
  getBucketVersioning,
  got,
  put,
  putBucketPolicy,
  putBucketTagging,
  putBucketVersioning,
} from './configurations.ts';
import { copyObject } from './copying.ts';
import { deleteObject, deleteObjects } from './deleting.ts';
import { listObjects, listObjectsV2 } from './listing.ts';
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  listParts,
  uploadPart,
} from './multipart.ts';
import { getBucketNotificationConfiguration, putBucketNotificationConfiguration } from './notifications.ts';
import { discarded } from './object.ts';
import { getObject, headObject } from './reading.ts';
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
    DeleteBucketCors: deleted('cors'),
    DeleteBucketEncryption: deleted('encryption'),
    DeleteBucketLifecycle: deleted('lifecycle'),
    DeleteBucketOwnershipControls: deleted('ownershipControls'),
    DeleteBucketPolicy: deleted('policy'),
    DeleteBucketTagging: deleted('tagging'),
    DeleteBucketWebsite: deleted('website'),
    DeleteObject: deleteObject,
    DeleteObjects: deleteObjects,
    DeletePublicAccessBlock: deleted('publicAccessBlock'),
    GetBucketAccelerateConfiguration: got('accelerate'),
    GetBucketCors: got('cors'),
    GetBucketEncryption: got('encryption'),
    GetBucketLifecycleConfiguration: got('lifecycle'),
    GetBucketLocation: getBucketLocation,
    GetBucketLogging: got('logging'),
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
    GetObjectLockConfiguration: got('objectLock'),
    GetPublicAccessBlock: got('publicAccessBlock'),
    HeadBucket: headBucket,
    HeadObject: headObject,
    ListBuckets: listBuckets,
    ListObjects: listObjects,
    ListObjectsV2: listObjectsV2,
    ListParts: listParts,
    PutBucketCors: put('cors', 'CORSConfiguration'),
    PutBucketEncryption: put('encryption', 'ServerSideEncryptionConfiguration'),
    PutBucketLifecycleConfiguration: put('lifecycle', 'LifecycleConfiguration'),
    PutBucketLogging: put('logging', 'BucketLoggingStatus'),
    PutBucketNotificationConfiguration: waits(putBucketNotificationConfiguration),
    PutBucketOwnershipControls: put('ownershipControls', 'OwnershipControls'),
    PutBucketPolicy: putBucketPolicy,
    PutBucketTagging: putBucketTagging,
    PutBucketVersioning: putBucketVersioning,
    PutBucketWebsite: put('website', 'WebsiteConfiguration'),
    PutObject: waits(putObject),
    PutPublicAccessBlock: put('publicAccessBlock', 'PublicAccessBlockConfiguration'),
    UploadPart: waits(uploadPart),
  },
  due: { collect: waits(collected), discard: waits(discarded) },
});
