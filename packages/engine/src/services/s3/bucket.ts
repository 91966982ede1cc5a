/*
 * What a bucket is, and how it is found. Names are shared by all accounts and regions, so buckets are kept beside each
 * other wherever they are.
 */
import type { Scope } from '../../kernel/arn.ts';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { accessDenied, noSuchBucket } from './errors.ts';

export interface Bucket {
  /** What its objects' keys start with: a name that no other bucket has, not even a later one that is called like it. */
  readonly id: string;
  readonly account: string;
  readonly region: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Absent in a bucket that never had versions. */
  readonly versioning?: 'Enabled' | 'Suspended';
  /** What was put of its configurations, as the API has it, by name. */
  readonly configurations: Readonly<Record<string, unknown>>;
}

/** By name; indexed by account. */
export const buckets = table<Bucket>('s3.buckets', {
  scope: 'global',
  index: ({ account }, name) => `${account} ${name}`,
});

/** How long a bucket's id is. */
export const ID_DIGITS = 16;

export interface BucketInput {
  readonly Bucket?: string | undefined;
  readonly ExpectedBucketOwner?: string | undefined;
}

/** A bucket by its name. Throws NoSuchBucket, or AccessDenied when it is not whose the caller says. */
export function findBucket(ctx: Context, { Bucket: name = '', ExpectedBucketOwner: owner }: BucketInput): Bucket {
  const bucket = ctx.rows(buckets).get(name);
  if (!bucket) throw noSuchBucket(name);
  if (owner !== undefined && owner !== bucket.account) throw accessDenied();
  return bucket;
}

export function bucketArn(name: string): string {
  return `arn:aws:s3:::${name}`;
}

/** The canonical id of an account: 64 hexadecimal digits, always the same ones. */
export function canonicalId({ account }: Pick<Scope, 'account'>): string {
  return account.padStart(64, '0');
}

/** The owner of what an account has. */
export function ownerOf(account: string): { ID: string } {
  return { ID: canonicalId({ account }) };
}
