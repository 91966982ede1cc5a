/*
 * Object Lock: how long a version stays, whoever wants to delete it.
 *
 * Words: Amazon S3 User Guide, "Locking objects with Object Lock"; API Reference, PutObjectRetention,
 * PutObjectLegalHold, PutObjectLockConfiguration.
 */
import type {
  GetObjectLegalHoldOutput,
  GetObjectLegalHoldRequest,
  GetObjectRetentionOutput,
  GetObjectRetentionRequest,
  ObjectLockConfiguration,
  PutObjectLegalHoldRequest,
  PutObjectLockConfigurationRequest,
  PutObjectRetentionRequest,
} from '@aws-sdk/client-s3';
import { dateOf } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { type Bucket, findBucket } from './bucket.ts';
import { keepConfiguration } from './configurations.ts';
import { accessDenied, invalidArgument, invalidRequest, malformedXml } from './errors.ts';
import { changeVersion, type KeptHeaders } from './object.ts';
import { readableVersion } from './reading.ts';

const DAY_MS = 86_400_000;
const DAYS_OF_YEAR = 365;

/** What the bucket locks objects with that say nothing of it themselves. */
export function defaultRetention({ configurations }: Bucket, now: number): KeptHeaders {
  const lock = configurations.ObjectLock as ObjectLockConfiguration | undefined;
  const { Mode, Days, Years } = lock?.Rule?.DefaultRetention ?? {};
  if (Mode === undefined) return {};
  const days = Days ?? (Years ?? 0) * DAYS_OF_YEAR;
  return { ObjectLockMode: Mode, retainUntil: now + days * DAY_MS };
}

export function putObjectLockConfiguration(ctx: Context, input: PutObjectLockConfigurationRequest): void {
  const bucket = findBucket(ctx, input);
  const { ObjectLockEnabled, Rule } = input.ObjectLockConfiguration ?? {};
  if (ObjectLockEnabled !== 'Enabled') throw malformedXml();
  if (bucket.versioning !== 'Enabled') {
    const message = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration";
    throw new AwsError('InvalidBucketState', message, { status: 409 });
  }
  const { Mode, Days, Years } = Rule?.DefaultRetention ?? {};
  if (Rule && (Mode === undefined || (Days === undefined) === (Years === undefined))) throw malformedXml();
  if (Rule && (Days ?? Years)! <= 0)
    throw invalidArgument('Default retention period must be a positive integer value.');
  keepConfiguration(ctx, input.Bucket!, bucket, 'ObjectLock', input.ObjectLockConfiguration);
}

function found(ctx: Context, input: GetObjectRetentionRequest) {
  const bucket = findBucket(ctx, input);
  if (!bucket.configurations.ObjectLock) throw invalidRequest('Bucket is missing Object Lock Configuration');
  return { bucket, version: readableVersion(ctx, bucket, input.Key!, input.VersionId) };
}

function noLock(): AwsError {
  const message = 'The specified object does not have a ObjectLock configuration';
  return new AwsError('NoSuchObjectLockConfiguration', message, { status: 404 });
}

export function getObjectRetention(ctx: Context, input: GetObjectRetentionRequest): GetObjectRetentionOutput {
  const { ObjectLockMode, retainUntil } = found(ctx, input).version.headers;
  if (ObjectLockMode === undefined || retainUntil === undefined) throw noLock();
  return { Retention: { Mode: ObjectLockMode, RetainUntilDate: dateOf(retainUntil) } };
}

/** What is retained may be retained longer; less only by who may bypass the governance of it. */
export function putObjectRetention(ctx: Context, input: PutObjectRetentionRequest): void {
  const { bucket, version } = found(ctx, input);
  const { Mode, RetainUntilDate } = input.Retention ?? {};
  if ((Mode === undefined) !== (RetainUntilDate === undefined)) throw malformedXml();
  const { ObjectLockMode: mode, retainUntil = 0, ...others } = version.headers;
  const until = RetainUntilDate?.getTime();
  if (until !== undefined && until <= ctx.now) throw invalidArgument('The retain until date must be in the future!');
  const isHeld = mode !== undefined && retainUntil > ctx.now;
  const isWeaker = until === undefined || until < retainUntil || (mode === 'COMPLIANCE' && Mode !== 'COMPLIANCE');
  const mayBypass = mode === 'GOVERNANCE' && input.BypassGovernanceRetention === true;
  if (isHeld && isWeaker && !mayBypass) {
    throw accessDenied('Access Denied because object protected by object lock.');
  }
  const lock = Mode === undefined ? {} : { ObjectLockMode: Mode, retainUntil: until! };
  changeVersion(ctx, bucket, input.Key!, { ...version, headers: { ...others, ...lock } });
}

export function getObjectLegalHold(ctx: Context, input: GetObjectLegalHoldRequest): GetObjectLegalHoldOutput {
  const { ObjectLockLegalHoldStatus: Status } = found(ctx, input).version.headers;
  if (Status === undefined) throw noLock();
  return { LegalHold: { Status } };
}

export function putObjectLegalHold(ctx: Context, input: PutObjectLegalHoldRequest): void {
  const { bucket, version } = found(ctx, input);
  const Status = input.LegalHold?.Status;
  if (Status === undefined) throw malformedXml();
  const headers = { ...version.headers, ObjectLockLegalHoldStatus: Status };
  changeVersion(ctx, bucket, input.Key!, { ...version, headers });
}
