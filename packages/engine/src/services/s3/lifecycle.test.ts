/* Lifecycle rules in engine time: Amazon S3 User Guide, "Expiring objects" and "Lifecycle configuration elements". */
import type { LifecycleRule } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestEngine, type TestEngine } from '../../testing.ts';

const Bucket = 'bells';

let engine: TestEngine;
beforeAll(async () => {
  engine = await createTestEngine({ clock: 'virtual:2026-01-01T10:00:00Z' });
});
beforeEach(async () => {
  await engine.reset();
  await engine.call('s3', 'CreateBucket', { Bucket });
});
afterAll(() => engine.close());

const rule = (Rule: LifecycleRule) =>
  engine.call('s3', 'PutBucketLifecycleConfiguration', { Bucket, LifecycleConfiguration: { Rules: [Rule] } });
const put = (Key: string) => engine.call('s3', 'PutObject', { Bucket, Key, Body: 'x' });
const keys = async () => ((await engine.call('s3', 'ListObjectsV2', { Bucket })).Contents ?? []).map(({ Key }) => Key);
const enabled = { Status: 'Enabled' as const };

test('objects expire at the midnight after their days, those that a rule is about', async () => {
  await put('tmp/old');
  await rule({ ...enabled, ID: 'old', Filter: { Prefix: 'tmp/' }, Expiration: { Days: 2 } });
  await engine.clock.advance('1d');
  const { Expiration } = await put('tmp/young');
  expect(Expiration).toMatch(/^expiry-date=".* 00:00:00 GMT", rule-id="old"$/);
  await put('kept');
  await engine.clock.advance('1d');
  expect(await keys()).toEqual(['kept', 'tmp/old', 'tmp/young']);
  await engine.clock.advance('14h');
  expect(await keys()).toEqual(['kept', 'tmp/young']);
  await engine.clock.advance('1d');
  expect(await keys()).toEqual(['kept']);
});

test('with versions, an object is hidden, then gone, and its marker after it', async () => {
  await engine.call('s3', 'PutBucketVersioning', { Bucket, VersioningConfiguration: { Status: 'Enabled' } });
  await rule({
    ...{ ...enabled, Filter: { Prefix: '' }, Expiration: { Days: 1 } },
    NoncurrentVersionExpiration: { NoncurrentDays: 3 },
  });
  await put('k');
  const counts = async () => {
    const { Versions = [], DeleteMarkers = [] } = await engine.call('s3', 'ListObjectVersions', { Bucket });
    return [Versions.length, DeleteMarkers.length];
  };
  await engine.clock.advance('2d');
  expect([await keys(), await counts()]).toEqual([[], [1, 1]]);
  await engine.clock.advance('10d');
  expect(await counts()).toEqual([0, 0]);
});

test('an upload that is never completed is dropped', async () => {
  await rule({ ...enabled, Filter: { Prefix: '' }, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } });
  await engine.call('s3', 'CreateMultipartUpload', { Bucket, Key: 'k' });
  await engine.clock.advance('20h');
  expect((await engine.call('s3', 'ListMultipartUploads', { Bucket })).Uploads).toHaveLength(1);
  await engine.clock.advance('2d');
  expect((await engine.call('s3', 'ListMultipartUploads', { Bucket })).Uploads ?? []).toEqual([]);
});

test('rules that can do nothing are refused', async () => {
  await expect(rule({ ...enabled, Filter: {} })).rejects.toMatchObject({
    message: 'At least one action needs to be specified in a rule',
  });
  await expect(rule({ ...enabled, Filter: {}, Expiration: { Days: 0 } })).rejects.toMatchObject({
    message: "'Days' for Expiration action must be a positive integer",
  });
});
