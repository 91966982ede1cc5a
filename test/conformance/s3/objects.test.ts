/* Buckets and objects through real clients: the SDK for JavaScript, boto3 and the AWS CLI, as they move files. */
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { NoSuchKey, S3 } from '@aws-sdk/client-s3';
import { createEngine, type Engine } from '@carillon/engine';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { aws, boto3, optionsFor, testWithPython } from '../clients.ts';

const Bucket = 'bells';

let engine: Engine;
let client: S3;
beforeEach(async () => {
  engine = await createEngine();
  client = new S3({ ...optionsFor(engine), maxAttempts: 1 });
  await client.createBucket({ Bucket });
});
afterEach(async () => {
  client.destroy();
  await engine.close();
});

it('keeps an object with what is said of it, and gives it back whole and in part', async () => {
  const Key = 'a/b c+é/../x//y';
  await client.putObject({ Bucket, Key, Body: 'hello', Metadata: { A: 'b' }, ContentType: 'text/plain' });
  const whole = await client.getObject({ Bucket, Key });
  expect(await whole.Body!.transformToString()).toBe('hello');
  expect(whole).toMatchObject({ ContentType: 'text/plain', Metadata: { a: 'b' }, ServerSideEncryption: 'AES256' });
  const part = await client.getObject({ Bucket, Key, Range: 'bytes=1-2' });
  expect(await part.Body!.transformToString()).toBe('el');
  expect(part).toMatchObject({ ContentRange: 'bytes 1-2/5', $metadata: { httpStatusCode: 206 } });
  await expect(client.getObject({ Bucket, Key: 'other' })).rejects.toBeInstanceOf(NoSuchKey);
});

it('takes a stream, and keeps nothing of one that is not what its checksum says', async () => {
  const parts = [Buffer.alloc(70_000, 'a'), Buffer.alloc(70_000, 'b')];
  await client.putObject({ Bucket, Key: 'stream', Body: Readable.from(parts), ContentLength: 140_000 });
  const { Body } = await client.getObject({ Bucket, Key: 'stream' });
  expect(Buffer.concat(parts).equals(await Body!.transformToByteArray())).toBe(true);
  const wrong = client.putObject({ Bucket, Key: 'wrong', Body: 'hello', ChecksumCRC32: 'AAAAAA==' });
  await expect(wrong).rejects.toMatchObject({ name: 'BadDigest' });
  await expect(client.headObject({ Bucket, Key: 'wrong' })).rejects.toMatchObject({ name: 'NotFound' });
});

it('lists in order, rolled up at a delimiter, page by page', async () => {
  for (const Key of ['z', 'x/1', 'x/2', 'é', 'y/1', '\u{1F514}', '\uFB01']) await client.putObject({ Bucket, Key });
  const names: (string | undefined)[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await client.listObjectsV2({ Bucket, Delimiter: '/', MaxKeys: 1, ContinuationToken });
    names.push(...[...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix)]);
    names.push(...(page.Contents ?? []).map(({ Key }) => Key));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken);
  expect(names).toEqual(['x/', 'y/', 'z', 'é', '\uFB01', '\u{1F514}']);
});

it('copies an object with what is said of it, or with something else', async () => {
  await client.putObject({ Bucket, Key: 'from é', Body: 'bytes', Metadata: { a: 'b' }, ContentType: 'text/plain' });
  const CopySource = `${Bucket}/${encodeURIComponent('from é')}`;
  await client.copyObject({ Bucket, Key: 'same', CopySource });
  await client.copyObject({ Bucket, Key: 'other', CopySource, MetadataDirective: 'REPLACE', Metadata: { c: 'd' } });
  await client.deleteObject({ Bucket, Key: 'from é' });
  const same = await client.getObject({ Bucket, Key: 'same' });
  expect(await same.Body!.transformToString()).toBe('bytes');
  expect(same).toMatchObject({ Metadata: { a: 'b' }, ContentType: 'text/plain' });
  expect(await client.headObject({ Bucket, Key: 'other' })).toMatchObject({ Metadata: { c: 'd' } });
  const itself = client.copyObject({ Bucket, Key: 'same', CopySource: `${Bucket}/same` });
  await expect(itself).rejects.toMatchObject({ name: 'InvalidRequest' });
});

it('gives callers inside a stream to read', async () => {
  await client.putObject({ Bucket, Key: 'inside', Body: 'within' });
  const { Body } = await engine.call('s3', 'GetObject', { Bucket, Key: 'inside' });
  expect(await Body!.transformToString()).toBe('within');
});

it('hides what a delete marker hides, and gives a version by its id', async () => {
  await client.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } });
  const { VersionId } = await client.putObject({ Bucket, Key: 'k', Body: 'one' });
  await client.putObject({ Bucket, Key: 'k', Body: 'two' });
  const marker = await client.deleteObject({ Bucket, Key: 'k' });
  await expect(client.getObject({ Bucket, Key: 'k' })).rejects.toBeInstanceOf(NoSuchKey);
  const { Body } = await client.getObject({ Bucket, Key: 'k', VersionId: VersionId! });
  expect(await Body!.transformToString()).toBe('one');
  await client.deleteObject({ Bucket, Key: 'k', VersionId: marker.VersionId! });
  expect(await (await client.getObject({ Bucket, Key: 'k' })).Body!.transformToString()).toBe('two');
});

testWithPython('is what the AWS CLI copies files to and from, in parts where they are large', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'carillon-s3-'));
  try {
    const bytes = randomBytes(17 * 1024 * 1024);
    await writeFile(join(directory, 'large'), bytes);
    await aws(engine, 's3', 'cp', join(directory, 'large'), `s3://${Bucket}/large`, '--only-show-errors');
    expect((await client.headObject({ Bucket, Key: 'large' })).ETag).toMatch(/^"[0-9a-f]{32}-3"$/);
    await aws(engine, 's3', 'cp', `s3://${Bucket}/large`, join(directory, 'back'), '--only-show-errors');
    const digest = (data: Buffer) => createHash('sha256').update(data).digest('hex');
    expect(digest(await readFile(join(directory, 'back')))).toBe(digest(bytes));
    const url = (await aws(engine, 's3', 'presign', `s3://${Bucket}/large`)).trim();
    expect((await fetch(url)).headers.get('content-length')).toBe(String(bytes.length));
  } finally {
    await rm(directory, { recursive: true });
  }
});

testWithPython('is what boto3 puts and lists', async () => {
  const code = `
import boto3
s3 = boto3.client('s3')
s3.put_object(Bucket='${Bucket}', Key='a b+c/ü', Body=b'x')
print([o['Key'] for o in s3.list_objects_v2(Bucket='${Bucket}')['Contents']])
print(s3.get_object(Bucket='${Bucket}', Key='a b+c/ü')['Body'].read())`;
  expect((await boto3(engine, code)).trim()).toBe("['a b+c/ü']\nb'x'");
});
