/*
 * Conditions of requests: what an object has to be for it to be read, written or deleted (RFC 9110, section 13; Amazon S3
 * User Guide, "Conditional requests").
 */
import { dateOf } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import { invalidArgument, noSuchKey, preconditionFailed } from './errors.ts';
import type { Version } from './object.ts';

/** As the SDK's types carry one. */
type Moment = ReturnType<typeof dateOf>;

export interface ReadConditions {
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
  readonly IfModifiedSince?: Moment | undefined;
  readonly IfUnmodifiedSince?: Moment | undefined;
}

/** Throws PreconditionFailed, or an answer that nothing was modified. */
export function checkReading(version: Version, conditions: ReadConditions): void {
  const failed = failedCondition(version, conditions);
  if (failed === undefined) return;
  if (failed === 'If-Match' || failed === 'If-Unmodified-Since') throw preconditionFailed(failed);
  const headers = { etag: `"${version.etag}"`, 'last-modified': httpDate(version.at) };
  throw new AwsError('NotModified', 'Not Modified', { status: 304, headers });
}

/** Throws PreconditionFailed for a copy's source. */
export function checkSource(version: Version, conditions: ReadConditions): void {
  const failed = failedCondition(version, conditions);
  if (failed !== undefined) throw preconditionFailed(`x-amz-copy-source-${failed}`);
}

/** A match outweighs a date (RFC 9110, section 13.2.2). */
function failedCondition({ etag, at }: Version, conditions: ReadConditions): string | undefined {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions;
  const second = wholeSecond(at);
  if (IfMatch !== undefined) {
    if (!matches(IfMatch, etag)) return 'If-Match';
  } else if (IfUnmodifiedSince && second > IfUnmodifiedSince.getTime()) return 'If-Unmodified-Since';
  if (IfNoneMatch !== undefined) return matches(IfNoneMatch, etag) ? 'If-None-Match' : undefined;
  return IfModifiedSince && second <= IfModifiedSince.getTime() ? 'If-Modified-Since' : undefined;
}

export interface WriteConditions {
  readonly Key?: string | undefined;
  readonly IfMatch?: string | undefined;
  readonly IfNoneMatch?: string | undefined;
}

/** Throws PreconditionFailed when an object may not be written over, NoSuchKey when there is none to be. */
export function checkWriting(current: Version | undefined, { Key, IfMatch, IfNoneMatch }: WriteConditions): void {
  if (IfNoneMatch !== undefined && IfNoneMatch !== '*') {
    throw new AwsError('NotImplemented', 'A header you provided implies functionality that is not implemented', {
      status: 501,
      members: { Header: 'If-None-Match' },
    });
  }
  if (IfMatch !== undefined && IfNoneMatch !== undefined) {
    throw invalidArgument('If-Match and If-None-Match cannot be specified together.');
  }
  if (IfNoneMatch === '*' && current) throw preconditionFailed('If-None-Match');
  if (IfMatch === undefined) return;
  if (!current) throw noSuchKey(Key ?? '');
  if (!matches(IfMatch, current.etag)) throw preconditionFailed('If-Match');
}

function matches(list: string, etag: string): boolean {
  return list
    .split(',')
    .map((item) =>
      item
        .trim()
        .replace(/^W\//, '')
        .replace(/^"(.*)"$/, '$1'),
    )
    .some((item) => item === '*' || item === etag);
}

/** S3 tells moments by the second. */
export function wholeSecond(ms: number): number {
  return Math.trunc(ms / 1000) * 1000;
}

function httpDate(ms: number): string {
  return dateOf(ms).toUTCString();
}
