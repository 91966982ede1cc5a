/* What nobody sane sends to S3: keys that look like paths, wrong chunks, bodies that stop half way. */
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3 } from '@aws-sdk/client-s3';
import { createEngine, type Engine } from '@carillon/engine';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { optionsFor } from '../clients.ts';

const Bucket = 'bells';

let data: string;
let engine: Engine;
let client: S3;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'carillon-s3-'));
  engine = await createEngine({ permissions: 'off', data });
  client = new S3({ ...optionsFor(engine), maxAttempts: 1 });
  await client.createBucket({ Bucket });
});
afterEach(async () => {
  client.destroy();
  await engine.close();
  await rm(data, { recursive: true });
});

/** Sends a request whose path is as it is written; resolves with its status and body. */
function send(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body = '',
): Promise<[number, string]> {
  const { port } = new URL(engine.endpoint);
  return new Promise((resolve, reject) => {
    const sent = request({ port, host: '127.0.0.1', method, path, headers }, async (response) => {
      let text = '';
      for await (const part of response) text += part;
      resolve([response.statusCode!, text]);
    });
    sent.once('error', reject).end(body);
  });
}

it('keeps keys that look like paths, and no file where they point', async () => {
  const keys = [
    '../../etc/passwd',
    '.',
    '..',
    '//',
    'a//b',
    'a/./b',
    'nul\u0000in',
    '\u0001',
    'a\\b',
    '%2e%2e/x',
    '~',
    '🔔'.repeat(256),
  ];
  for (const key of keys) {
    const path = `/${Bucket}/${encodeURIComponent(key).replaceAll('.', '%2E')}`;
    expect([key, (await send('PUT', path, { 'content-length': '1' }, 'x'))[0]]).toEqual([key, 200]);
    expect(await send('GET', path)).toEqual([200, 'x']);
  }
  expect(readdirSync(data).some((name) => /passwd|etc/.test(name))).toBe(false);
  expect((await engine.call('s3', 'ListObjectsV2', { Bucket })).KeyCount).toBe(keys.length);
  const [status, text] = await send('PUT', `/${Bucket}/${'x'.repeat(1025)}`, { 'content-length': '1' }, 'x');
  expect([status, /<Code>(\w+)/.exec(text)![1]]).toEqual([400, 'KeyTooLongError']);
});

it('refuses chunks that are not what they say, and keeps nothing of them', async () => {
  const headers = { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'content-encoding': 'aws-chunked' };
  const bodies = [
    '5\r\nhel',
    'zz\r\nhello\r\n0\r\n\r\n',
    '5\r\nhelloX\r\n0\r\n\r\n',
    'ffffffffff\r\nhello\r\n0\r\n\r\n',
    '2\r\nhe\r\n0\r\n\r\n',
  ];
  for (const body of bodies) {
    const length = String(Buffer.byteLength(body));
    const said = { ...headers, 'x-amz-decoded-content-length': '5', 'content-length': length };
    const [status] = await send('PUT', `/${Bucket}/chunks`, said, body);
    expect([body, status]).toEqual([body, 400]);
  }
  expect((await engine.call('s3', 'ListObjectsV2', { Bucket })).KeyCount).toBe(0);
});

it('has nothing of an upload whose client goes away half way', async () => {
  const { port } = new URL(engine.endpoint);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(`PUT /${Bucket}/half HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\n${'x'.repeat(1000)}`);
  await new Promise((resolve) => socket.once('connect', resolve));
  // What comes back from another connection came after the first was served.
  await send('GET', `/${Bucket}/half`);
  socket.destroy();
  await engine.close();
  engine = await createEngine({ permissions: 'off', data });
  expect((await engine.call('s3', 'ListObjectsV2', { Bucket })).KeyCount).toBe(0);
  await engine.call('s3', 'PutObject', { Bucket, Key: 'whole', Body: 'x' });
  expect(await (await engine.call('s3', 'GetObject', { Bucket, Key: 'whole' })).Body!.transformToString()).toBe('x');
});

it('answers garbage in documents with the words for it', async () => {
  const bodies = [
    '',
    '<',
    '<a/>',
    '<Delete><Object><Key>k</Key></Object>',
    '<!DOCTYPE x [<!ENTITY a "b">]><Delete>&a;</Delete>',
  ];
  for (const body of bodies) {
    const [status, text] = await send('POST', `/${Bucket}?delete`, { 'content-length': String(body.length) }, body);
    expect([body, status, /<Code>(\w+)/.exec(text)?.[1]]).toEqual([
      body,
      400,
      expect.stringMatching(/MalformedXML|MissingRequestBodyError/),
    ]);
  }
});

it('tells metadata that is not ASCII as RFC 2047 has it, as the User Guide shows', async () => {
  const headers = { 'content-length': '1', 'x-amz-meta-nonascii': 'ÄMÄZÕÑ S3', 'x-amz-meta-plain': 'S3' };
  expect((await send('PUT', `/${Bucket}/meta`, headers, 'x'))[0]).toBe(200);
  const { Metadata } = await client.headObject({ Bucket, Key: 'meta' });
  const told = /^=\?UTF-8\?B\?(.+)\?=$/.exec(Metadata!.nonascii!)![1]!;
  // Its bytes, each taken for a character.
  expect(Buffer.from(Buffer.from(told, 'base64').toString(), 'latin1').toString()).toBe('ÄMÄZÕÑ S3');
  expect(Metadata!.plain).toBe('S3');
});

it('sums up parts that came with another checksum than the upload has', async () => {
  const at = { Bucket, Key: 'parts' };
  const { UploadId } = await client.createMultipartUpload(at);
  const Body = Buffer.alloc(5 * 1024 * 1024, 'bell');
  const parts = [1, 2].map(async (PartNumber) => {
    const { ETag } = await client.uploadPart({ ...at, UploadId, PartNumber, Body, ChecksumAlgorithm: 'CRC32' });
    return { PartNumber, ETag };
  });
  await client.completeMultipartUpload({ ...at, UploadId, MultipartUpload: { Parts: await Promise.all(parts) } });
  const object = await client.getObject({ ...at, ChecksumMode: 'ENABLED' });
  expect((await object.Body!.transformToByteArray()).length).toBe(2 * Body.length);
});
