/* Amazon S3: buckets, and objects in them, kept as files with what is said of them. */
import { defineService, waits } from '../../kernel/service.ts';
import { createBucket, deleteBucket, getBucketLocation, headBucket, listBuckets } from './buckets.ts';
import { deleteObject, deleteObjects } from './deleting.ts';
import { listObjects, listObjectsV2 } from './listing.ts';
import { discarded } from './object.ts';
import { getObject, headObject } from './reading.ts';
import { collected, putObject } from './writing.ts';

export const s3 = defineService({
  name: 's3',
  arnName: 's3',
  operations: {
    CreateBucket: createBucket,
    DeleteBucket: deleteBucket,
    DeleteObject: deleteObject,
    DeleteObjects: deleteObjects,
    GetBucketLocation: getBucketLocation,
    GetObject: waits(getObject),
    HeadBucket: headBucket,
    HeadObject: headObject,
    ListBuckets: listBuckets,
    ListObjects: listObjects,
    ListObjectsV2: listObjectsV2,
    PutObject: waits(putObject),
  },
  due: { collect: waits(collected), discard: waits(discarded) },
});
