/* Web pages of other sites, as browsers speak for them: Amazon S3 User Guide, "Using cross-origin resource sharing". */
import { createEngine, type Engine } from '@carillon/engine';
import { afterEach, beforeEach, expect, it } from 'vitest';

const Bucket = 'bells';
const Origin = 'https://tower.example';

let engine: Engine;
beforeEach(async () => {
  engine = await createEngine({ permissions: 'off' });
  await engine.call('s3', 'CreateBucket', { Bucket });
  await engine.call('s3', 'PutObject', { Bucket, Key: 'k', Body: 'ding' });
  const rule = { AllowedOrigins: ['https://*.example'], AllowedMethods: ['GET'], AllowedHeaders: ['x-amz-*'] };
  const CORSRules = [{ ...rule, ExposeHeaders: ['etag'], MaxAgeSeconds: 60 }];
  await engine.call('s3', 'PutBucketCors', { Bucket, CORSConfiguration: { CORSRules } });
});
afterEach(() => engine.close());

const ask = (method: string, path: string, headers: Record<string, string> = {}) =>
  fetch(engine.endpoint + path, { method, headers: { Origin, ...headers } });
const preflight = (method: string, headers = '') =>
  ask('OPTIONS', `/${Bucket}/k`, {
    'Access-Control-Request-Method': method,
    ...(headers && { 'Access-Control-Request-Headers': headers }),
  });

it('tells a browser what the rules of a bucket allow', async () => {
  const allowed = await preflight('GET', 'X-Amz-Date');
  expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([200, Origin]);
  expect(allowed.headers.get('access-control-max-age')).toBe('60');
  const others = await Promise.all([preflight('PUT'), preflight('GET', 'authorization')]);
  expect(others.map(({ status }) => status)).toEqual([403, 403]);
  expect(await others[0]!.text()).toContain('<Code>AccessForbidden</Code>');
});

it('lets in what the rules allow and nothing else', async () => {
  const got = await ask('GET', `/${Bucket}/k`);
  expect([got.status, got.headers.get('access-control-expose-headers'), await got.text()]).toEqual([
    200,
    'etag',
    'ding',
  ]);
  expect((await ask('PUT', `/${Bucket}/k`)).status).toBe(403);
  expect((await ask('GET', '/other/k')).status).toBe(403);
  expect((await ask('GET', '/2015-03-31/functions')).status).toBe(403);
  const elsewhere = { 'x-amz-target': 'AmazonSQS.ListQueues', 'content-type': 'application/x-amz-json-1.0' };
  expect((await ask('GET', `/${Bucket}/k`, elsewhere)).status).toBe(403);
});
