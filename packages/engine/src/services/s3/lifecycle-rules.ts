/*
 * Lifecycle rules: which objects, versions and uploads they are about, and when those are due.
 *
 * A bucket with rules has one entry on the agenda, for the next midnight at which something may be due, however many
 * objects it holds.
 *
 * Words and reckoning: Amazon S3 User Guide, "Managing the lifecycle of objects", "Lifecycle configuration elements".
 */
import type {
  GetBucketLifecycleConfigurationOutput,
  LifecycleRule,
  PutBucketLifecycleConfigurationOutput,
  PutBucketLifecycleConfigurationRequest,
  Tag,
} from '@aws-sdk/client-s3';
import { dateOf, parseMoment } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { type Bucket, type BucketInput, findBucket } from './bucket.ts';
import { deleted, got, keepConfiguration } from './configurations.ts';
import { invalidArgument, invalidRequest, malformedXml } from './errors.ts';
import type { Version } from './object.ts';

const DAY_MS = 86_400_000;
const MOST_RULES = 1_000;
const NAME = 'Lifecycle';
const KIND = 's3.lifecycle';

/** When a bucket's rules are next looked at, by its id; epoch milliseconds. */
const awakenings = table<number>('s3.lifecycle', { scope: 'global' });

/** A rule as it is kept: its moments are text. */
export type Rule = Omit<LifecycleRule, 'Expiration'> & {
  readonly Expiration?: {
    readonly Days?: number;
    readonly Date?: string;
    readonly ExpiredObjectDeleteMarker?: boolean;
  };
};

/** The rules that are in force. */
export function rulesOf({ configurations }: Bucket): readonly Rule[] {
  const { Rules = [] } = (configurations[NAME] ?? {}) as { Rules?: Rule[] };
  return Rules.filter(({ Status }) => Status === 'Enabled');
}

/** The midnight, in UTC, at which so many days have passed. */
export function dueAfter(at: number, days: number): number {
  return Math.ceil(at / DAY_MS) * DAY_MS + days * DAY_MS;
}

/** When a rule's objects expire that were made at a moment; undefined for a rule that lets none expire. */
export function expiryOf({ Expiration = {} }: Rule, at: number): number | undefined {
  if (Expiration.Days !== undefined) return dueAfter(at, Expiration.Days);
  return Expiration.Date === undefined ? undefined : Math.max(parseMoment(Expiration.Date), dueAfter(at, 0));
}

/** The moment before which a rule's objects have to be made to have expired; undefined where it lets none expire. */
export function expiredBefore({ Expiration = {} }: Rule, now: number): number | undefined {
  const { Days, Date: date } = Expiration;
  const midnight = Math.floor(now / DAY_MS) * DAY_MS;
  if (Days !== undefined) return midnight - Days * DAY_MS + 1;
  if (date === undefined) return undefined;
  return parseMoment(date) > now ? 0 : midnight + 1;
}

/** Whether a rule is about an object. */
export function isAbout(rule: Rule, key: string, { tags = [], size }: Pick<Version, 'tags' | 'size'>): boolean {
  const { Prefix = rule.Prefix ?? '', Tag, And } = rule.Filter ?? {};
  const filter = And ?? { Prefix, Tags: Tag ? [Tag] : [], ...rule.Filter };
  const has = ({ Key, Value }: Tag) => tags.some((tag) => tag.Key === Key && tag.Value === Value);
  return (
    key.startsWith(filter.Prefix ?? '') &&
    (filter.Tags ?? []).every(has) &&
    size > (filter.ObjectSizeGreaterThan ?? -1) &&
    size < (filter.ObjectSizeLessThan ?? Number.POSITIVE_INFINITY)
  );
}

/** What answers say of an object that is to expire: when, and by which rule. */
export function shownExpiry(bucket: Bucket, key: string, version: Version): { Expiration?: string } {
  const found = rulesOf(bucket)
    .filter((rule) => isAbout(rule, key, version))
    .map((rule) => ({ ID: rule.ID, due: expiryOf(rule, version.at) ?? Number.POSITIVE_INFINITY }))
    .sort((a, b) => a.due - b.due)[0];
  if (!found || found.due === Number.POSITIVE_INFINITY) return {};
  return { Expiration: `expiry-date="${dateOf(found.due).toUTCString()}", rule-id="${encodeURIComponent(found.ID!)}"` };
}

/** Has a bucket's rules looked at by a moment. */
export function wake(ctx: Context, bucketName: string, { id }: Bucket, due: number): void {
  const held = ctx.rows(awakenings).get(id);
  if (due >= (held ?? Number.POSITIVE_INFINITY)) return;
  ctx.rows(awakenings).put(id, due);
  ctx.schedule({ kind: KIND, id, due, payload: bucketName });
}

/** Has nothing looked at any more. */
export function sleep(ctx: Context, { id }: Bucket): void {
  if (ctx.rows(awakenings).delete(id)) ctx.unschedule(KIND, id);
}

/** Has a bucket's rules looked at when what has just been made, or taken the place of another, may first be due. */
export function wakeAfterChange(ctx: Context, bucketName: string, bucket: Bucket): void {
  if (!bucket.configurations[NAME]) return;
  const dues = rulesOf(bucket).flatMap((rule) => [
    expiryOf(rule, ctx.now) ?? [],
    rule.Expiration?.ExpiredObjectDeleteMarker ? dueAfter(ctx.now, 0) : [],
    daysDue(ctx.now, rule.NoncurrentVersionExpiration?.NoncurrentDays),
    daysDue(ctx.now, rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation),
  ]);
  if (dues.length > 0) wake(ctx, bucketName, bucket, Math.min(...dues.flat()));
}

function daysDue(at: number, days: number | undefined): number | [] {
  return days === undefined ? [] : dueAfter(at, days);
}

export function putBucketLifecycle(
  ctx: Context,
  input: PutBucketLifecycleConfigurationRequest,
): PutBucketLifecycleConfigurationOutput {
  const bucket = findBucket(ctx, input);
  const rules = input.LifecycleConfiguration?.Rules ?? [];
  check(rules);
  const Rules = rules.map((rule) => ({ ...rule, ID: rule.ID || Buffer.from(ctx.ids.uuid()).toString('base64') }));
  const { TransitionDefaultMinimumObjectSize = 'all_storage_classes_128K' } = input;
  keepConfiguration(ctx, input.Bucket!, bucket, NAME, { Rules, TransitionDefaultMinimumObjectSize });
  sleep(ctx, bucket);
  wake(ctx, input.Bucket!, bucket, dueAfter(ctx.now, 0));
  return { TransitionDefaultMinimumObjectSize };
}

export function getBucketLifecycle(ctx: Context, input: BucketInput): GetBucketLifecycleConfigurationOutput {
  return got('lifecycle')(ctx, input) as GetBucketLifecycleConfigurationOutput;
}

export function deleteBucketLifecycle(ctx: Context, input: BucketInput): void {
  sleep(ctx, findBucket(ctx, input));
  deleted('lifecycle')(ctx, input);
}

function check(rules: readonly LifecycleRule[]): void {
  if (rules.length === 0 || rules.length > MOST_RULES) throw malformedXml();
  const ids = rules.flatMap(({ ID }) => ID || []);
  if (new Set(ids).size < ids.length) {
    throw invalidArgument('Rule ID must be unique. Found same ID for more than one rule');
  }
  for (const rule of rules) checkRule(rule);
}

function checkRule(rule: LifecycleRule): void {
  const { Expiration, Transitions, NoncurrentVersionExpiration, AbortIncompleteMultipartUpload: abort, Filter } = rule;
  const actions = [Expiration, Transitions, NoncurrentVersionExpiration, rule.NoncurrentVersionTransitions, abort];
  if (rule.Status === undefined) throw malformedXml();
  if (actions.every((action) => action === undefined)) {
    throw invalidRequest('At least one action needs to be specified in a rule');
  }
  if (rule.ID !== undefined && rule.ID.length > 255)
    throw invalidArgument('ID length should not exceed allowed limit of 255');
  if (rule.Prefix !== undefined && Filter) throw malformedXml();
  if (Filter && Object.values(Filter).filter((condition) => condition !== undefined).length > 1) throw malformedXml();
  checkExpiration(Expiration);
  checkDays(NoncurrentVersionExpiration?.NoncurrentDays, 'NoncurrentDays', 'NoncurrentVersionExpiration');
  checkDays(abort?.DaysAfterInitiation, 'DaysAfterInitiation', 'AbortIncompleteMultipartUpload');
  if (abort && (Filter?.Tag || Filter?.And?.Tags?.length)) {
    throw invalidRequest('AbortIncompleteMultipartUpload cannot be specified with Tags.');
  }
}

function checkExpiration(expiration: LifecycleRule['Expiration']): void {
  if (!expiration) return;
  const { Days, Date: date, ExpiredObjectDeleteMarker } = expiration;
  const given = [Days, date, ExpiredObjectDeleteMarker].filter((value) => value !== undefined);
  if (given.length !== 1) throw malformedXml();
  checkDays(Days, 'Days', 'Expiration');
  if (date && date.getTime() % DAY_MS !== 0) throw invalidArgument("'Date' must be at midnight GMT");
}

function checkDays(days: number | undefined, name: string, action: string): void {
  if (days === undefined || days > 0) return;
  throw new AwsError('InvalidArgument', `'${name}' for ${action} action must be a positive integer`);
}
