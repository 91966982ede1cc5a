/*
 * Buckets: made, found, listed and deleted.
 *
 * Words and bounds: Amazon S3 API Reference, CreateBucket, DeleteBucket, ListBuckets; User Guide, "General purpose bucket
 * naming rules".
 */
import type {
  CreateBucketOutput,
  CreateBucketRequest,
  DeleteBucketRequest,
  GetBucketLocationOutput,
  GetBucketLocationRequest,
  HeadBucketOutput,
  HeadBucketRequest,
  ListBucketsOutput,
  ListBucketsRequest,
} from '@aws-sdk/client-s3';
import { dateOf } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import { page } from '../../kernel/paging.ts';
import type { Context } from '../../kernel/service.ts';
import { grantsOf, isGranting } from './acls.ts';
import { type Bucket, bucketArn, buckets, canonicalId, findBucket, ID_DIGITS } from './bucket.ts';
import { invalidArgument } from './errors.ts';
import { sleep } from './lifecycle-rules.ts';
import { isEmpty } from './object.ts';
import { dropUploads } from './uploads.ts';

/** The region whose endpoint makes buckets anywhere, and that has no location constraint. */
const FIRST_REGION = 'us-east-1';
const PAGE = 10_000;

export function createBucket(ctx: Context, input: CreateBucketRequest): CreateBucketOutput {
  const name = input.Bucket!;
  checkName(name);
  const region = regionOf(ctx, input.CreateBucketConfiguration?.LocationConstraint);
  const held = ctx.rows(buckets).get(name);
  if (held) checkTaken(ctx, held, name, region);
  else ctx.rows(buckets).put(name, newBucket(ctx, input, region));
  const Location = region === FIRST_REGION ? `/${name}` : `http://${name}.s3.amazonaws.com/`;
  return { Location, BucketArn: bucketArn(name) };
}

function newBucket(ctx: Context, input: CreateBucketRequest, region: string): Bucket {
  const { ObjectLockEnabledForBucket: locked, ObjectOwnership = 'BucketOwnerEnforced', ACL: acl } = input;
  if (((acl && acl !== 'private') || isGranting(input)) && ObjectOwnership === 'BucketOwnerEnforced') {
    const message = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting";
    throw new AwsError('InvalidBucketAclWithObjectOwnership', message);
  }
  const tags = input.CreateBucketConfiguration?.Tags ?? [];
  const grants = grantsOf(input, ctx.scope.account, ctx.scope.account);
  return {
    id: ctx.ids.hex(ID_DIGITS),
    account: ctx.scope.account,
    region,
    createdAt: ctx.now,
    ...(locked && { versioning: 'Enabled' as const }),
    configurations: {
      OwnershipControls: { Rules: [{ ObjectOwnership }] },
      PublicAccessBlock: {
        BlockPublicAcls: true,
        IgnorePublicAcls: true,
        BlockPublicPolicy: true,
        RestrictPublicBuckets: true,
      },
      ...(grants && { Acl: grants }),
      ...(locked && { ObjectLock: { ObjectLockEnabled: 'Enabled' } }),
      ...(tags.length > 0 && { Tagging: { TagSet: tags } }),
    },
  };
}

function checkName(name: string): void {
  const isName =
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !/\.\.|^\d+\.\d+\.\d+\.\d+$|^xn--|^sthree-|^amzn-s3-demo-|-s3alias$|--ol-s3$|\.mrap$|--x-s3$|--table-s3$/.test(
      name,
    );
  if (isName) return;
  throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.', { members: { BucketName: name } });
}

/** Where a bucket is to be: the endpoint's region, which in us-east-1 may be any. */
function regionOf({ scope }: Context, constraint: string | undefined): string {
  if (constraint === undefined) {
    if (scope.region === FIRST_REGION) return scope.region;
    throw illegalLocation('The unspecified location constraint is incompatible');
  }
  const region = constraint === 'EU' ? 'eu-west-1' : constraint;
  if (region === FIRST_REGION || !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) {
    const message = 'The specified location-constraint is not valid';
    throw new AwsError('InvalidLocationConstraint', message, { members: { LocationConstraint: constraint } });
  }
  if (scope.region !== FIRST_REGION && scope.region !== region) {
    throw illegalLocation(`The ${constraint} location constraint is incompatible`);
  }
  return region;
}

function illegalLocation(what: string): AwsError {
  const message = `${what} for the region specific endpoint this request was sent to.`;
  return new AwsError('IllegalLocationConstraintException', message);
}

/** In us-east-1 alone, making one's own bucket again is no fault. */
function checkTaken({ scope }: Context, held: Bucket, name: string, region: string): void {
  const members = { BucketName: name };
  if (held.account !== scope.account) {
    const message =
      'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.';
    throw new AwsError('BucketAlreadyExists', message, { status: 409, members });
  }
  if (held.region === FIRST_REGION && region === FIRST_REGION) return;
  const message = 'Your previous request to create the named bucket succeeded and you already own it.';
  throw new AwsError('BucketAlreadyOwnedByYou', message, { status: 409, members });
}

export function headBucket(ctx: Context, input: HeadBucketRequest): HeadBucketOutput {
  const { region } = findBucket(ctx, input);
  return { BucketRegion: region, BucketArn: bucketArn(input.Bucket!), AccessPointAlias: false };
}

export function getBucketLocation(ctx: Context, input: GetBucketLocationRequest): GetBucketLocationOutput {
  const { region } = findBucket(ctx, input);
  return region === FIRST_REGION ? {} : { LocationConstraint: region as never };
}

export function deleteBucket(ctx: Context, input: DeleteBucketRequest): void {
  const bucket = findBucket(ctx, input);
  if (!isEmpty(ctx, bucket)) {
    const empty = bucket.versioning ? ' You must delete all versions in the bucket.' : '';
    throw new AwsError('BucketNotEmpty', `The bucket you tried to delete is not empty.${empty}`, {
      status: 409,
      members: { BucketName: input.Bucket! },
    });
  }
  dropUploads(ctx, bucket);
  sleep(ctx, bucket);
  ctx.rows(buckets).delete(input.Bucket!);
}

export function listBuckets(ctx: Context, input: ListBucketsRequest): ListBucketsOutput {
  const start = `${ctx.scope.account} `;
  const own = ctx.rows(buckets).list({ indexed: true, prefix: start + (input.Prefix ?? '') });
  const wanted = own.filter(([, { region }]) => input.BucketRegion === undefined || region === input.BucketRegion);
  const list = (after = '', limit: number) => wanted.filter(([name]) => name > after).slice(0, limit);
  const invalid = () => invalidArgument('The continuation token provided is incorrect', 'continuation-token');
  const { items, nextToken } = page(list, {
    token: input.ContinuationToken,
    limit: input.MaxBuckets,
    most: PAGE,
    invalid,
  });
  return {
    Buckets: items.map(([Name, { createdAt, region }]) => ({
      Name,
      CreationDate: dateOf(createdAt),
      BucketArn: bucketArn(Name),
      ...((input.MaxBuckets !== undefined || input.Prefix !== undefined || input.BucketRegion !== undefined) && {
        BucketRegion: region,
      }),
    })),
    Owner: { ID: canonicalId(ctx.scope) },
    ...(nextToken !== undefined && { ContinuationToken: nextToken }),
    ...(input.Prefix !== undefined && { Prefix: input.Prefix }),
  };
}
