/* What is said of objects after they were made, their versions and uploads, through real clients. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { S3 } from '@aws-sdk/client-s3';
import { createEngine, type Engine } from '@carillon/engine';
import S3v2 from 'aws-sdk/clients/s3.js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { aws, boto3, optionsFor, testWithPython } from '../clients.ts';

const Bucket = 'bells';

let engine: Engine;
let client: S3;
beforeEach(async () => {
  engine = await createEngine({ permissions: 'off' });
  client = new S3({ ...optionsFor(engine), maxAttempts: 1 });
  await client.createBucket({ Bucket });
});
afterEach(async () => {
  client.destroy();
  await engine.close();
});

it('lists versions and delete markers, the newest of a key first, page by page', async () => {
  await client.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } });
  for (const Key of ['a', 'a', 'a/b', 'b', 'c']) await client.putObject({ Bucket, Key });
  await client.deleteObject({ Bucket, Key: 'b' });
  const seen: string[] = [];
  let markers: { KeyMarker?: string; VersionIdMarker?: string } = {};
  for (let more = true; more; ) {
    const page = await client.listObjectVersions({ Bucket, MaxKeys: 1, ...markers });
    for (const { Key, IsLatest } of page.Versions ?? []) seen.push(`${Key} ${IsLatest}`);
    for (const { Key, IsLatest } of page.DeleteMarkers ?? []) seen.push(`${Key} ${IsLatest} marker`);
    more = page.IsTruncated!;
    markers = { KeyMarker: page.NextKeyMarker!, VersionIdMarker: page.NextVersionIdMarker! };
  }
  expect(seen).toEqual(['a true', 'a false', 'a/b true', 'b true marker', 'b false', 'c true']);
  const { Versions, CommonPrefixes } = await client.listObjectVersions({ Bucket, Delimiter: '/', Prefix: 'a' });
  expect([Versions?.length, CommonPrefixes]).toEqual([2, [{ Prefix: 'a/' }]]);
});

it('lists uploads under way, and fills one from another object', async () => {
  const Body = Buffer.alloc(6 * 1024 * 1024, 'ring');
  await client.putObject({ Bucket, Key: 'from', Body });
  const { UploadId } = await client.createMultipartUpload({ Bucket, Key: 'whole', ChecksumAlgorithm: 'SHA256' });
  await client.createMultipartUpload({ Bucket, Key: 'another' });
  const { Uploads, IsTruncated, NextKeyMarker } = await client.listMultipartUploads({ Bucket, MaxUploads: 1 });
  expect([Uploads?.[0]?.Key, IsTruncated, NextKeyMarker]).toEqual(['another', true, 'another']);
  const rest = await client.listMultipartUploads({ Bucket, KeyMarker: 'another' });
  expect(rest.Uploads).toMatchObject([{ Key: 'whole', UploadId }]);
  const CopySource = `${Bucket}/from`;
  const Parts = [];
  for (const [index, CopySourceRange] of ['bytes=0-5242879', 'bytes=5242880-5242883'].entries()) {
    const named = { Bucket, Key: 'whole', UploadId, PartNumber: index + 1, CopySource, CopySourceRange };
    const { ETag, ChecksumSHA256 } = (await client.uploadPartCopy(named)).CopyPartResult!;
    Parts.push({ PartNumber: index + 1, ETag, ChecksumSHA256 });
  }
  await client.completeMultipartUpload({ Bucket, Key: 'whole', UploadId, MultipartUpload: { Parts } });
  const attributes = await client.getObjectAttributes({
    ...{ Bucket, Key: 'whole', ObjectAttributes: ['ETag', 'ObjectParts', 'ObjectSize', 'Checksum', 'StorageClass'] },
  });
  expect(attributes).toMatchObject({
    ETag: expect.stringMatching(/^[0-9a-f]{32}-2$/),
    ObjectSize: 5_242_884,
    StorageClass: 'STANDARD',
    Checksum: { ChecksumSHA256: expect.stringMatching(/-2$/), ChecksumType: 'COMPOSITE' },
    ObjectParts: {
      TotalPartsCount: 2,
      Parts: [
        { PartNumber: 1, Size: 5_242_880 },
        { PartNumber: 2, Size: 4 },
      ],
    },
  });
  const beyond = { Bucket, Key: 'whole', UploadId, PartNumber: 1, CopySource, CopySourceRange: 'bytes=0-99999999' };
  await expect(client.uploadPartCopy(beyond)).rejects.toMatchObject({ name: 'NoSuchUpload' });
});

it('sums up the checksum of a whole object from those of its parts, and compares it', async () => {
  const named = { Bucket, Key: 'k' };
  const begin = () =>
    client.createMultipartUpload({ ...named, ChecksumAlgorithm: 'CRC32', ChecksumType: 'FULL_OBJECT' });
  const finish = async (ChecksumCRC32: string) => {
    const { UploadId } = await begin();
    const first = Buffer.alloc(5 * 1024 * 1024, 'ring');
    const one = await client.uploadPart({ ...named, UploadId, PartNumber: 1, Body: first, ChecksumAlgorithm: 'CRC32' });
    const two = await client.uploadPart({
      ...named,
      UploadId,
      PartNumber: 2,
      Body: 'dong',
      ChecksumAlgorithm: 'CRC32',
    });
    const Parts = [one, two].map(({ ETag }, index) => ({ ETag, PartNumber: index + 1 }));
    const said = { ChecksumCRC32, ChecksumType: 'FULL_OBJECT' as const };
    return client.completeMultipartUpload({ ...named, UploadId, MultipartUpload: { Parts }, ...said });
  };
  const whole = Buffer.concat([Buffer.alloc(5 * 1024 * 1024, 'ring'), Buffer.from('dong')]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(whole));
  await expect(finish('AAAAAA==')).rejects.toMatchObject({ name: 'BadDigest' });
  expect(await finish(sum.toString('base64'))).toMatchObject({ ChecksumType: 'FULL_OBJECT' });
});

it('keeps tags of objects, within bounds', async () => {
  await client.putObject({ Bucket, Key: 'k', Tagging: 'a=1&b=2' });
  expect(await client.headObject({ Bucket, Key: 'k' })).toMatchObject({ TagCount: 2 });
  await client.putObjectTagging({ Bucket, Key: 'k', Tagging: { TagSet: [{ Key: 'c', Value: '3' }] } });
  expect((await client.getObjectTagging({ Bucket, Key: 'k' })).TagSet).toEqual([{ Key: 'c', Value: '3' }]);
  const TagSet = Array.from({ length: 11 }, (_, index) => ({ Key: `k${index}`, Value: '' }));
  await expect(client.putObjectTagging({ Bucket, Key: 'k', Tagging: { TagSet } })).rejects.toMatchObject({
    name: 'BadRequest',
    message: 'Object tags cannot be greater than 10',
  });
  await client.deleteObjectTagging({ Bucket, Key: 'k' });
  expect((await client.getObjectTagging({ Bucket, Key: 'k' })).TagSet).toEqual([]);
});

it('has access control lists only where the owner allows them', async () => {
  await client.putObject({ Bucket, Key: 'k' });
  const refused = client.putObjectAcl({ Bucket, Key: 'k', ACL: 'public-read' });
  await expect(refused).rejects.toMatchObject({ name: 'AccessControlListNotSupported' });
  const OwnershipControls = { Rules: [{ ObjectOwnership: 'ObjectWriter' as const }] };
  await client.putBucketOwnershipControls({ Bucket, OwnershipControls });
  await client.putObjectAcl({ Bucket, Key: 'k', ACL: 'public-read' });
  const { Owner, Grants } = await client.getObjectAcl({ Bucket, Key: 'k' });
  expect(Grants).toMatchObject([
    { Grantee: { Type: 'CanonicalUser', ID: Owner!.ID }, Permission: 'FULL_CONTROL' },
    { Grantee: { Type: 'Group', URI: 'http://acs.amazonaws.com/groups/global/AllUsers' }, Permission: 'READ' },
  ]);
  await client.putBucketAcl({ Bucket, GrantRead: `id="${Owner!.ID}"` });
  expect((await client.getBucketAcl({ Bucket })).Grants).toMatchObject([{ Permission: 'READ' }]);
});

it('keeps what is locked until it may go', async () => {
  const lock = 'locked-bells';
  await client.createBucket({ Bucket: lock, ObjectLockEnabledForBucket: true });
  const { VersionId } = await client.putObject({ Bucket: lock, Key: 'k' });
  const RetainUntilDate = new Date('2099-01-01T00:00:00Z');
  const named = { Bucket: lock, Key: 'k', VersionId: VersionId! };
  await client.putObjectRetention({ ...named, Retention: { Mode: 'GOVERNANCE', RetainUntilDate } });
  expect((await client.getObjectRetention(named)).Retention).toEqual({ Mode: 'GOVERNANCE', RetainUntilDate });
  await expect(client.deleteObject(named)).rejects.toMatchObject({ name: 'AccessDenied' });
  await client.deleteObject({ ...named, BypassGovernanceRetention: true });
  await client.putObject({ Bucket: lock, Key: 'k' });
  await expect(client.getObjectLegalHold({ Bucket: lock, Key: 'k' })).rejects.toMatchObject({
    name: 'NoSuchObjectLockConfiguration',
  });
});

it('speaks to version 2 of the SDK', async () => {
  const old = new S3v2({ ...optionsFor(engine), s3ForcePathStyle: true, maxRetries: 0 });
  await old.putObject({ Bucket, Key: 'a b', Body: 'x', Metadata: { a: 'b' } }).promise();
  expect((await old.getObject({ Bucket, Key: 'a b' }).promise()).Body!.toString()).toBe('x');
  const upload = await old.upload({ Bucket, Key: 'big', Body: Buffer.alloc(6 * 1024 * 1024) }).promise();
  expect(upload.ETag).toMatch(/-2"$/);
  expect((await old.listObjectVersions({ Bucket }).promise()).Versions).toHaveLength(2);
});

testWithPython('says in the words that tools wait for what a bucket lacks', async () => {
  const code = `
import boto3
from botocore.exceptions import ClientError
s3 = boto3.client('s3')
def code(name, **more):
  try:
    answer = getattr(s3, name)(Bucket='${Bucket}', **more)
    answer.pop('ResponseMetadata')
    return str(answer)
  except ClientError as e:
    return e.response['Error']['Code'] + ' ' + str(e.response['ResponseMetadata']['HTTPStatusCode'])
for name in ['get_bucket_replication', 'get_object_lock_configuration', 'get_bucket_lifecycle_configuration', 'get_bucket_cors',
             'get_bucket_website', 'get_bucket_policy', 'get_bucket_tagging', 'get_bucket_accelerate_configuration',
             'get_bucket_request_payment', 'get_bucket_logging', 'get_bucket_versioning']:
  print(name, code(name))
for name in ['analytics', 'inventory', 'metrics', 'intelligent_tiering']:
  print(name, code('get_bucket_%s_configuration' % name, Id='x'))
s3.put_bucket_metrics_configuration(Bucket='${Bucket}', Id='all', MetricsConfiguration={'Id': 'all'})
print(s3.list_bucket_metrics_configurations(Bucket='${Bucket}')['MetricsConfigurationList'])`;
  expect((await boto3(engine, code)).trim().split('\n')).toEqual([
    'get_bucket_replication ReplicationConfigurationNotFoundError 404',
    'get_object_lock_configuration ObjectLockConfigurationNotFoundError 404',
    'get_bucket_lifecycle_configuration NoSuchLifecycleConfiguration 404',
    'get_bucket_cors NoSuchCORSConfiguration 404',
    'get_bucket_website NoSuchWebsiteConfiguration 404',
    'get_bucket_policy NoSuchBucketPolicy 404',
    'get_bucket_tagging NoSuchTagSet 404',
    'get_bucket_accelerate_configuration {}',
    "get_bucket_request_payment {'Payer': 'BucketOwner'}",
    'get_bucket_logging {}',
    'get_bucket_versioning {}',
    ...['analytics', 'inventory', 'metrics', 'intelligent_tiering'].map((name) => `${name} NoSuchConfiguration 404`),
    "[{'Id': 'all'}]",
  ]);
});

testWithPython('is what the AWS CLI makes, fills, empties and removes', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'carillon-s3-'));
  try {
    await mkdir(join(directory, 'in/sub'), { recursive: true });
    for (const name of ['in/a.txt', 'in/sub/b c.txt', 'in/sub/no.log']) await writeFile(join(directory, name), name);
    await aws(engine, 's3', 'mb', 's3://cli-bells');
    await aws(
      engine,
      's3',
      'sync',
      join(directory, 'in'),
      's3://cli-bells/x',
      '--exclude',
      '*.log',
      '--only-show-errors',
    );
    await aws(engine, 's3', 'mv', 's3://cli-bells/x/a.txt', 's3://cli-bells/moved.txt', '--only-show-errors');
    const listed = await aws(engine, 's3', 'ls', '--recursive', 's3://cli-bells');
    expect(listed.match(/\S+\.(txt|log)$/gm)).toEqual(['moved.txt', 'c.txt']);
    await aws(engine, 's3', 'sync', 's3://cli-bells', join(directory, 'out'), '--only-show-errors');
    expect(await readFile(join(directory, 'out/x/sub/b c.txt'), 'utf8')).toBe('in/sub/b c.txt');
    await aws(engine, 's3', 'rm', 's3://cli-bells/x', '--recursive', '--only-show-errors');
    await expect(aws(engine, 's3', 'rb', 's3://cli-bells')).rejects.toThrow('BucketNotEmpty');
    await aws(engine, 's3', 'rb', 's3://cli-bells', '--force');
    expect(await aws(engine, 's3', 'ls')).not.toContain('cli-bells');
  } finally {
    await rm(directory, { recursive: true });
  }
});
