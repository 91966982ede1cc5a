/*
 * Objects deleted, one or many: with versions, a delete marker hides what is there.
 *
 * Amazon S3 API Reference, DeleteObject and DeleteObjects; User Guide, "Deleting object versions".
 */
import type {
  DeletedObject,
  DeleteObjectOutput,
  DeleteObjectRequest,
  DeleteObjectsOutput,
  DeleteObjectsRequest,
  _Error as Fault,
} from '@aws-sdk/client-s3';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { type Bucket, findBucket } from './bucket.ts';
import { checkWriting, wholeSecond } from './conditions.ts';
import { accessDenied, invalidArgument, malformedXml, preconditionFailed } from './errors.ts';
import { announce } from './events.ts';
import { addVersion, currentVersion, NULL, removeVersion, type Version, versionById } from './object.ts';
import { checkKey } from './properties.ts';

const MOST = 1_000;

type Deleting = Pick<
  DeleteObjectRequest,
  'Bucket' | 'Key' | 'VersionId' | 'IfMatch' | 'IfMatchLastModifiedTime' | 'IfMatchSize' | 'BypassGovernanceRetention'
>;

export function deleteObject(ctx: Context, input: DeleteObjectRequest): DeleteObjectOutput {
  return deleteOne(ctx, findBucket(ctx, input), input);
}

export function deleteObjects(ctx: Context, input: DeleteObjectsRequest): DeleteObjectsOutput {
  const bucket = findBucket(ctx, input);
  const { Objects = [], Quiet } = input.Delete!;
  if (Objects.length === 0 || Objects.length > MOST) throw malformedXml();
  const [Deleted, Errors]: [DeletedObject[], Fault[]] = [[], []];
  for (const { Key, VersionId, ETag, LastModifiedTime, Size } of Objects) {
    const named = { Key: Key!, ...(VersionId !== undefined && { VersionId }) };
    try {
      const { Bucket, BypassGovernanceRetention } = input;
      const conditions = { IfMatch: ETag, IfMatchLastModifiedTime: LastModifiedTime, IfMatchSize: Size };
      const { DeleteMarker, VersionId: made } = deleteOne(ctx, bucket, {
        Bucket,
        ...named,
        ...conditions,
        BypassGovernanceRetention,
      });
      const isMarker = DeleteMarker && { DeleteMarker, DeleteMarkerVersionId: made };
      if (!Quiet) Deleted.push({ ...named, ...isMarker });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      Errors.push({ ...named, Code: error.code, Message: error.message });
    }
  }
  return { Deleted, Errors };
}

function deleteOne(ctx: Context, bucket: Bucket, input: Deleting): DeleteObjectOutput {
  const { Bucket: bucketName = '', Key = '', VersionId } = input;
  checkKey(Key);
  if (VersionId === undefined) return deleteCurrent(ctx, bucket, Key, input);
  if (VersionId !== NULL && !/^[0-9a-f]{32}$/.test(VersionId)) {
    throw invalidArgument('Invalid version id specified', 'versionId', VersionId);
  }
  const version = versionById(ctx, bucket, Key, VersionId);
  if (version) {
    checkConditions(version, input);
    checkLock(ctx, version, input);
    removeVersion(ctx, bucket, Key, version);
    announce(ctx, bucket, { type: 'ObjectRemoved:Delete', bucketName, key: Key, version });
  }
  return { VersionId, ...(version?.deleteMarker && { DeleteMarker: true }) };
}

function deleteCurrent(ctx: Context, bucket: Bucket, key: string, input: Deleting): DeleteObjectOutput {
  const bucketName = input.Bucket!;
  const current = currentVersion(ctx, bucket, key);
  checkConditions(current, input);
  if (!bucket.versioning) {
    removeVersion(ctx, bucket, key, current);
    if (current) announce(ctx, bucket, { type: 'ObjectRemoved:Delete', bucketName, key, version: current });
    return {};
  }
  const marker = addMarker(ctx, bucket, key);
  announce(ctx, bucket, { type: 'ObjectRemoved:DeleteMarkerCreated', bucketName, key, version: marker });
  return { DeleteMarker: true, VersionId: marker.versionId };
}

/** Hides an object's current version. */
export function addMarker(ctx: Context, bucket: Bucket, key: string): Version {
  return addVersion(ctx, bucket, key, {
    at: ctx.now,
    owner: bucket.account,
    deleteMarker: true,
    size: 0,
    etag: '',
    parts: [],
    headers: {},
    metadata: {},
  });
}

function checkConditions(version: Version | undefined, input: Deleting): void {
  checkWriting(version, input);
  const { IfMatchLastModifiedTime: time, IfMatchSize: size } = input;
  if (time && version && wholeSecond(version.at) !== wholeSecond(time.getTime())) {
    throw preconditionFailed('x-amz-if-match-last-modified-time');
  }
  if (size !== undefined && version && version.size !== size) throw preconditionFailed('x-amz-if-match-size');
}

/** Whether a version is retained or held. */
export function isLocked({ headers }: Version, now: number): boolean {
  return headers.ObjectLockLegalHoldStatus === 'ON' || (headers.retainUntil !== undefined && headers.retainUntil > now);
}

/** A locked version stays, save for who may bypass the governance of it. */
function checkLock({ now }: Context, version: Version, { BypassGovernanceRetention }: Deleting): void {
  const { ObjectLockMode, ObjectLockLegalHoldStatus } = version.headers;
  const isBypassed = ObjectLockMode === 'GOVERNANCE' && BypassGovernanceRetention === true;
  if (!isLocked(version, now) || (isBypassed && ObjectLockLegalHoldStatus !== 'ON')) return;
  throw accessDenied('Access Denied because object protected by object lock.');
}
