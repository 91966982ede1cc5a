/*
 * Lifecycle rules at work, at the midnight at which something is due: objects expire, versions and delete markers go, and
 * so do uploads that were never completed.
 *
 * Amazon S3 User Guide, "Expiring objects", "Lifecycle configuration elements".
 */
import type { Context, DueWork } from '../../kernel/service.ts';
import { type Bucket, buckets } from './bucket.ts';
import { addMarker, isLocked } from './deleting.ts';
import { announce } from './events.ts';
import { BEYOND, decodeKey, objectOfVersion } from './keys.ts';
import { dueAfter, expiredBefore, expiryOf, isAbout, type Rule, rulesOf, sleep, wake } from './lifecycle-rules.ts';
import { currentVersion, madeBefore, removeVersion, type Version, versions } from './object.ts';
import { dropUpload, uploads } from './uploads.ts';

/** How many objects, versions or uploads go in one transaction; the rest follow at once. */
const MOST_AT_ONCE = 1_000;

/** What a look at a bucket finds: what to do now, and when to look again. */
class Look {
  readonly actions: (() => void)[] = [];
  next = Number.POSITIVE_INFINITY;
  readonly #now: number;

  constructor(now: number) {
    this.#now = now;
  }

  /** Does something when it is due. */
  at(due: number, action: () => void): void {
    if (due > this.#now) this.next = Math.min(this.next, due);
    else if (this.actions.length < MOST_AT_ONCE) this.actions.push(action);
    else this.next = this.#now;
  }
}

/** Due work: looks through a bucket by its rules. */
export function applyLifecycle(ctx: Context, { id, payload }: DueWork): void {
  const bucketName = payload as string;
  const bucket = ctx.rows(buckets).get(bucketName);
  if (bucket?.id !== id) return;
  sleep(ctx, bucket);
  const rules = rulesOf(bucket);
  if (rules.length === 0) return;
  const own = ctx.within({ account: bucket.account, region: bucket.region });
  const look = new Look(ctx.now);
  const at: Place = { ctx: own, bucketName, bucket, rules, look };
  for (const rule of rules) expireObjects(at, rule);
  if (rules.some(({ NoncurrentVersionExpiration, Expiration }) => NoncurrentVersionExpiration || Expiration)) {
    expireVersions(at);
  }
  for (const rule of rules) abortUploads(at, rule);
  for (const action of look.actions) action();
  if (look.next < Number.POSITIVE_INFINITY) wake(ctx, bucketName, bucket, look.next);
}

interface Place {
  readonly ctx: Context;
  readonly bucketName: string;
  readonly bucket: Bucket;
  readonly rules: readonly Rule[];
  readonly look: Look;
}

/** Objects are looked through from the oldest, up to the first that is not due yet. */
function expireObjects(place: Place, rule: Rule): void {
  const { ctx, bucketName, bucket, look } = place;
  const idEnd = `${bucket.id}/`.length;
  const before = expiredBefore(rule, ctx.now);
  if (before === undefined) return;
  for (const [row, version] of madeBefore(ctx, bucket, before)) {
    const due = expiryOf(rule, version.at)!;
    const key = decodeKey(row.slice(idEnd));
    if (due > ctx.now || isAbout(rule, key, version)) look.at(due, () => expire(ctx, bucketName, bucket, key, version));
  }
}

/** Several rules may have wanted the same. */
function expire(ctx: Context, bucketName: string, bucket: Bucket, key: string, version: Version): void {
  if (currentVersion(ctx, bucket, key)?.sequence !== version.sequence) return;
  if (bucket.versioning) {
    const marker = addMarker(ctx, bucket, key);
    announce(ctx, bucket, { type: 'LifecycleExpiration:DeleteMarkerCreated', bucketName, key, version: marker });
  } else remove(ctx, bucketName, bucket, key, version);
}

function remove(ctx: Context, bucketName: string, bucket: Bucket, key: string, version: Version): void {
  if (isLocked(version, ctx.now)) return;
  removeVersion(ctx, bucket, key, version);
  announce(ctx, bucket, { type: 'LifecycleExpiration:Delete', bucketName, key, version });
}

/** Versions that are not current, and delete markers that hide nothing any more. */
function expireVersions({ ctx, bucketName, bucket, rules, look }: Place): void {
  const start = `${bucket.id}/`;
  let [object, rank] = ['', 0];
  const rows = ctx.rows(versions).list({ prefix: start, until: start + BEYOND });
  for (const [index, [row, version]] of rows.entries()) {
    const of = objectOfVersion(row);
    const key = decodeKey(of.slice(start.length));
    rank = of === object ? rank + 1 : 0;
    object = of;
    const isAlone = rank === 0 && !rows[index + 1]?.[0].startsWith(of) && !currentVersion(ctx, bucket, key);
    for (const rule of rules.filter((rule) => isAbout(rule, key, version))) {
      const due = version.deleteMarker && isAlone ? markerDue(rule, version) : versionDue(rule, version, rank);
      if (due !== undefined) look.at(due, () => remove(ctx, bucketName, bucket, key, version));
    }
  }
}

function markerDue({ Expiration = {} }: Rule, { at }: Version): number | undefined {
  if (Expiration.ExpiredObjectDeleteMarker) return dueAfter(at, 0);
  return Expiration.Days === undefined ? undefined : dueAfter(at, Expiration.Days);
}

/** By when it was superseded, and how many newer ones are to stay. */
function versionDue({ NoncurrentVersionExpiration }: Rule, { supersededAt }: Version, rank: number) {
  const { NoncurrentDays, NewerNoncurrentVersions = 0 } = NoncurrentVersionExpiration ?? {};
  if (NoncurrentDays === undefined || supersededAt === undefined || rank < NewerNoncurrentVersions) return undefined;
  return dueAfter(supersededAt, NoncurrentDays);
}

function abortUploads({ ctx, bucket, look }: Place, rule: Rule): void {
  const days = rule.AbortIncompleteMultipartUpload?.DaysAfterInitiation;
  if (days === undefined) return;
  for (const [row, upload] of ctx.rows(uploads).list({ prefix: `${bucket.id}/` })) {
    if (!isAbout(rule, upload.key, { size: 0 })) continue;
    look.at(dueAfter(upload.initiatedAt, days), () => dropUpload(ctx, row, upload));
  }
}
