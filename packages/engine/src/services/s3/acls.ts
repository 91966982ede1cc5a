/*
 * Access control lists of buckets and objects: canned ones, or grants one by one. They are kept and told; where the
 * bucket's owner owns all objects, there are none but the owner's.
 *
 * Amazon S3 User Guide, "Access control list (ACL) overview"; API Reference, PutObjectAcl, PutBucketAcl.
 */
import type {
  AccessControlPolicy,
  GetBucketAclOutput,
  GetObjectAclOutput,
  GetObjectAclRequest,
  Grant,
  OwnershipControls,
  Permission,
  PutBucketAclRequest,
  PutObjectAclRequest,
} from '@aws-sdk/client-s3';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { type Bucket, type BucketInput, findBucket, ownerOf } from './bucket.ts';
import { keepConfiguration } from './configurations.ts';
import { invalidArgument, invalidRequest, malformedXml } from './errors.ts';
import { announce } from './events.ts';
import { changeVersion } from './object.ts';
import { readableVersion } from './reading.ts';

const MOST_GRANTS = 100;
const GROUPS = 'http://acs.amazonaws.com/groups';
const ALL_USERS = `${GROUPS}/global/AllUsers`;
const ANY_AWS_USER = `${GROUPS}/global/AuthenticatedUsers`;
const LOG_DELIVERY = `${GROUPS}/s3/LogDelivery`;
const URIS = new Set([ALL_USERS, ANY_AWS_USER, LOG_DELIVERY]);
/** The canonical user that EC2 gets images as. */
const EC2 = '6aa5a366c34c1cbe25dc49211496e913e0351eb0e8c37aa3477e40942ec6b97c';

/** How requests give access, by headers. */
export interface SaidAcl {
  readonly ACL?: string | undefined;
  readonly GrantFullControl?: string | undefined;
  readonly GrantRead?: string | undefined;
  readonly GrantReadACP?: string | undefined;
  readonly GrantWrite?: string | undefined;
  readonly GrantWriteACP?: string | undefined;
}

const HEADERS: Readonly<Record<Exclude<keyof SaidAcl, 'ACL'>, Permission>> = {
  GrantFullControl: 'FULL_CONTROL',
  GrantRead: 'READ',
  GrantReadACP: 'READ_ACP',
  GrantWrite: 'WRITE',
  GrantWriteACP: 'WRITE_ACP',
};

const CANNED = new Set([
  ...['private', 'public-read', 'public-read-write', 'authenticated-read', 'aws-exec-read', 'log-delivery-write'],
  ...['bucket-owner-read', 'bucket-owner-full-control'],
]);

const GRANTING = Object.keys(HEADERS) as (keyof typeof HEADERS)[];

/** Whether a request has grants in its headers. */
export function isGranting(said: SaidAcl): boolean {
  return GRANTING.some((name) => said[name] !== undefined);
}

/** Whether the bucket's owner owns all objects, so that access is not a matter of lists. */
function isEnforced({ configurations }: Bucket): boolean {
  const controls = configurations.OwnershipControls as OwnershipControls | undefined;
  return controls?.Rules?.[0]?.ObjectOwnership === 'BucketOwnerEnforced';
}

/** Throws AccessControlListNotSupported for lists where there are none. */
export function checkAcl(bucket: Bucket, said: SaidAcl): void {
  const { ACL } = said;
  const isByHeader = isGranting(said);
  if (ACL !== undefined && isByHeader) {
    throw invalidRequest('Specifying both Canned ACLs and Header Grants is not allowed');
  }
  if (ACL !== undefined && !CANNED.has(ACL)) throw invalidArgument('', 'x-amz-acl', ACL);
  const isHarmless = ACL === undefined || ACL === 'private' || ACL === 'bucket-owner-full-control';
  if (isEnforced(bucket) && (isByHeader || !isHarmless)) throw notSupported();
}

function notSupported(): AwsError {
  return new AwsError('AccessControlListNotSupported', 'The bucket does not allow ACLs');
}

/** The grants of an object or bucket that an account has; undefined for none but its own. */
export function grantsOf(said: SaidAcl, account: string, bucketOwner: string): readonly Grant[] | undefined {
  const names = GRANTING.filter((name) => said[name] !== undefined);
  if (names.length > 0) return names.flatMap((name) => grantsOfHeader(said[name]!, HEADERS[name]));
  const canned = cannedGrants(said.ACL, bucketOwner);
  return canned.length > 0 ? [fullControl(account), ...canned] : undefined;
}

function cannedGrants(acl: string | undefined, bucketOwner: string): Grant[] {
  switch (acl) {
    case 'public-read':
      return [toGroup(ALL_USERS, 'READ')];
    case 'public-read-write':
      return [toGroup(ALL_USERS, 'READ'), toGroup(ALL_USERS, 'WRITE')];
    case 'authenticated-read':
      return [toGroup(ANY_AWS_USER, 'READ')];
    case 'log-delivery-write':
      return [toGroup(LOG_DELIVERY, 'WRITE'), toGroup(LOG_DELIVERY, 'READ_ACP')];
    case 'aws-exec-read':
      return [toUser(EC2, 'READ')];
    case 'bucket-owner-read':
      return [toUser(ownerOf(bucketOwner).ID, 'READ')];
    default:
      return [];
  }
}

const toGroup = (URI: string, Permission: Permission): Grant => ({ Grantee: { Type: 'Group', URI }, Permission });
const toUser = (ID: string, Permission: Permission): Grant => ({ Grantee: { Type: 'CanonicalUser', ID }, Permission });
const fullControl = (account: string) => toUser(ownerOf(account).ID, 'FULL_CONTROL');

/** `id="…", uri="…", emailAddress="…"`. */
function grantsOfHeader(text: string, permission: Permission): Grant[] {
  return text.split(',').map((item) => {
    const [, kind = '', value = ''] = /^\s*(id|uri|emailAddress)\s*=\s*"?([^"]*)"?\s*$/i.exec(item) ?? [];
    if (kind.toLowerCase() === 'id') return toUser(checkId(value), permission);
    if (kind.toLowerCase() === 'uri') return toGroup(checkUri(value), permission);
    if (kind === '') throw invalidArgument('Argument format not recognized', 'x-amz-grant', text);
    throw noEmail(value);
  });
}

function checkId(id: string): string {
  if (!/^[0-9a-f]{64}$/.test(id)) throw invalidArgument('Invalid id', 'CanonicalUser/ID', id);
  return id;
}

function checkUri(uri: string): string {
  if (!URIS.has(uri)) throw invalidArgument('Invalid group uri', 'Group/URI', uri);
  return uri;
}

function noEmail(address: string): AwsError {
  const message = 'The e-mail address you provided does not match any account on record.';
  return new AwsError('UnresolvableGrantByEmailAddress', message, { members: { EmailAddress: address } });
}

/** Grants as a document has them. */
function grantsOfPolicy({ Grants = [], Owner }: AccessControlPolicy, owner: string): readonly Grant[] {
  if (Owner?.ID === undefined) throw malformedXml();
  if (Owner.ID !== owner) throw new AwsError('AccessDenied', 'Access Denied', { status: 403 });
  if (Grants.length > MOST_GRANTS) throw malformedXml();
  return Grants.map(({ Grantee, Permission }) => {
    if (!Grantee || !Permission) throw malformedXml();
    if (Grantee.Type === 'CanonicalUser' && Grantee.ID) return toUser(checkId(Grantee.ID), Permission);
    if (Grantee.Type === 'Group' && Grantee.URI) return toGroup(checkUri(Grantee.URI), Permission);
    if (Grantee.EmailAddress) throw noEmail(Grantee.EmailAddress);
    throw malformedXml();
  });
}

type Putting = SaidAcl & { readonly AccessControlPolicy?: AccessControlPolicy | undefined };

/** What a request sets a list to, by one of three ways. */
function wanted(bucket: Bucket, said: Putting, account: string): readonly Grant[] | undefined {
  const { AccessControlPolicy: policy, ...headers } = said;
  checkAcl(bucket, headers);
  const isSaid = headers.ACL !== undefined || isGranting(headers);
  if (isSaid === (policy !== undefined)) {
    if (isSaid) throw new AwsError('UnexpectedContent', 'This request does not support content');
    throw new AwsError('MissingSecurityHeader', 'Your request was missing a required header');
  }
  if (!policy) return grantsOf(headers, account, bucket.account);
  const owner = ownerOf(account).ID;
  const grants = grantsOfPolicy(policy, owner);
  const isOwners = grants.every(({ Grantee, Permission }) => Grantee?.ID === owner && Permission === 'FULL_CONTROL');
  if (isEnforced(bucket) && !(isOwners && grants.length === 1)) throw notSupported();
  return isOwners && grants.length === 1 ? undefined : grants;
}

export function getBucketAcl(ctx: Context, input: BucketInput): GetBucketAclOutput {
  const bucket = findBucket(ctx, input);
  const kept = bucket.configurations.Acl as Grant[] | undefined;
  return { Owner: ownerOf(bucket.account), Grants: kept ?? [fullControl(bucket.account)] };
}

export function putBucketAcl(ctx: Context, input: PutBucketAclRequest): void {
  const bucket = findBucket(ctx, input);
  keepConfiguration(ctx, input.Bucket!, bucket, 'Acl', wanted(bucket, input, bucket.account));
}

export function getObjectAcl(ctx: Context, input: GetObjectAclRequest): GetObjectAclOutput {
  const { acl, owner } = readableVersion(ctx, findBucket(ctx, input), input.Key!, input.VersionId);
  return { Owner: ownerOf(owner), Grants: acl ? [...acl] : [fullControl(owner)] };
}

export function putObjectAcl(ctx: Context, input: PutObjectAclRequest): object {
  const bucket = findBucket(ctx, input);
  const version = readableVersion(ctx, bucket, input.Key!, input.VersionId);
  const { acl: _, ...others } = version;
  const acl = wanted(bucket, input, version.owner);
  changeVersion(ctx, bucket, input.Key!, { ...others, ...(acl && { acl }) });
  announce(ctx, bucket, { type: 'ObjectAcl:Put', bucketName: input.Bucket!, key: input.Key!, version });
  return {};
}
