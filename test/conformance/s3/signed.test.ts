/*
 * S3 with signatures asked for: keys that are hard to sign, chunks, presigned URLs, and what is refused of them.
 *
 * Amazon S3 API Reference, "Authenticating Requests (AWS Signature Version 4)".
 */
import { S3 } from '@aws-sdk/client-s3';
import { createEngine, type Engine } from '@carillon/engine';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { boto3, optionsFor, testWithPython } from '../clients.ts';

const Bucket = 'signed';
const KEYS = ['a b', 'a+b', 'ünï/🔔', 'x//y', 'p%2Fq', "it's (1)*!~"];
const credentials = { accessKeyId: '000000000000', secretAccessKey: 'any' };

let engine: Engine;
let client: S3;
beforeAll(async () => {
  engine = await createEngine({ auth: { keys: { [credentials.accessKeyId]: credentials.secretAccessKey } } });
  client = new S3({ ...optionsFor(engine), credentials, maxAttempts: 1 });
  await client.createBucket({ Bucket });
});
afterAll(async () => {
  client.destroy();
  await engine.close();
});

it('knows the signatures of the SDK for JavaScript', async () => {
  for (const Key of KEYS) {
    await client.putObject({ Bucket, Key, Body: Key });
    expect(await (await client.getObject({ Bucket, Key })).Body!.transformToString()).toBe(Key);
  }
  const wrong = new S3({ ...optionsFor(engine), credentials: { ...credentials, secretAccessKey: 'another' } });
  await expect(wrong.getObject({ Bucket, Key: KEYS[0] })).rejects.toThrow(/signature we calculated does not match/);
  wrong.destroy();
});

testWithPython('knows the signatures of boto3, and the URLs that it presigns', async () => {
  const printed = await boto3(
    engine,
    `import boto3, os, io, json
from botocore.config import Config
os.environ.pop('AWS_SESSION_TOKEN')
signed = {'signature_version': 's3v4', 's3': {'payload_signing_enabled': True, 'addressing_style': 'path'}}
urls = []
for options in [{}, signed]:
    s3 = boto3.client('s3', config=Config(**options))
    for key in ${JSON.stringify(KEYS)}:
        named = {'Bucket': '${Bucket}', 'Key': key}
        s3.put_object(**named, Body=io.BytesIO(b'dong'), ChecksumAlgorithm='CRC32')
        assert s3.get_object(**named)['Body'].read() == b'dong'
        for method in ['put', 'get', 'head', 'delete']:
            urls.append([method, s3.generate_presigned_url(method + '_object', Params=named, ExpiresIn=60)])
print(json.dumps(urls))`,
  );
  const urls: [string, string][] = JSON.parse(printed);
  for (const [name, url] of urls) {
    const method = name.toUpperCase();
    const body = method === 'PUT' ? { body: 'tick' } : {};
    for (const altered of [
      `${url}&versionId=null`,
      url.replace('/signed/', '/signed/z'),
      url.replace('ature=', 'ature=0'),
    ]) {
      const { status } = await fetch(altered, { method, ...body });
      expect([altered, status]).toEqual([altered, 403]);
    }
    const response = await fetch(url, { method, ...body });
    expect([url, response.status]).toEqual([url, method === 'DELETE' ? 204 : 200]);
    if (method === 'GET') expect(await response.text()).toBe('tick');
  }
});

testWithPython('lets no presigned URL live longer than it says', async () => {
  const printed = await boto3(
    engine,
    `import os; os.environ.pop('AWS_SESSION_TOKEN')
import boto3, datetime, botocore.auth, botocore.compat
moment = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=2)
class Past(datetime.datetime):
    @classmethod
    def utcnow(cls): return moment.replace(tzinfo=None)
    @classmethod
    def now(cls, tz=None): return moment
if hasattr(botocore.auth, 'get_current_datetime'): botocore.auth.get_current_datetime = lambda *a, **k: moment
else: botocore.auth.datetime.datetime = Past
s3 = boto3.client('s3')
for seconds in [60, 600]: print(s3.generate_presigned_url('list_objects_v2', Params={'Bucket': '${Bucket}'}, ExpiresIn=seconds))`,
  );
  const [expired, valid] = printed.trim().split('\n');
  const refused = await fetch(expired!);
  expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('Request has expired')]);
  expect((await fetch(valid!)).status).toBe(200);
});
