/*
 * Uploads that browsers post as forms, signed as boto3 does and sent with fetch.
 *
 * Amazon S3 API Reference, "POST Object"; "POST policy"; "Examples: browser-based upload using HTTP POST".
 */
import { createHmac } from 'node:crypto';
import { createEngine, type Engine } from '@carillon/engine';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { boto3, testWithPython } from '../clients.ts';

const Bucket = 'forms';
const ACCOUNT = '000000000000';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ auth: { keys: { [ACCOUNT]: 'any' } } });
  await engine.call('s3', 'CreateBucket', { Bucket });
});
afterAll(() => engine.close());

interface Said {
  conditions?: unknown[];
  fields?: Record<string, string>;
  expiresIn?: number;
  secret?: string;
}

/** A form as a site makes it for its visitors. */
function formOf({ conditions = [], fields = {}, expiresIn = 60_000, secret = 'any' }: Said): FormData {
  const expiration = new Date(engine.clock.now() + expiresIn).toISOString();
  const scope = `${expiration.slice(0, 10).replaceAll('-', '')}/us-east-1/s3/aws4_request`;
  const signed = {
    'x-amz-algorithm': 'AWS4-HMAC-SHA256',
    'x-amz-credential': `${ACCOUNT}/${scope}`,
    'x-amz-date': `${scope.slice(0, 8)}T000000Z`,
  };
  const all = [
    ...Object.entries(signed).map(([name, value]) => ({ [name]: value })),
    { bucket: Bucket },
    ...conditions,
  ];
  const policy = Buffer.from(JSON.stringify({ expiration, conditions: all })).toString('base64');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const signature = hmac(scope.split('/').reduce<string | Buffer>(hmac, `AWS4${secret}`), policy).toString('hex');
  const form = new FormData();
  const whole = { ...signed, ...fields, policy, 'x-amz-signature': signature };
  for (const [name, value] of Object.entries(whole)) form.set(name, value);
  return form;
}

async function post(form: FormData, content: string | undefined = 'ding', name = 'bell.txt') {
  form.set('file', new File([content], name));
  const response = await fetch(`${engine.endpoint}/${Bucket}`, { method: 'POST', body: form, redirect: 'manual' });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, code: /<Code>(\w+)/.exec(text)?.[1] };
}

const read = async (Key: string) => {
  const object = await engine.call('s3', 'GetObject', { Bucket, Key });
  return { ...object, text: await object.Body!.transformToString() };
};

it('uploads what a form has, under the name of its file', async () => {
  const tagging = '<Tagging><TagSet><Tag><Key>of</Key><Value>tower + hall</Value></Tag></TagSet></Tagging>';
  const fields = {
    key: 'up/${filename}',
    'Content-Type': 'text/plain',
    'x-amz-meta-tone': 'low',
    tagging,
    'x-ignore-me': '1',
  };
  const conditions = [
    ['starts-with', '$key', 'up/b'],
    ['starts-with', '$Content-Type', 'text/'],
    { 'x-amz-meta-tone': 'low' },
    { tagging },
  ];
  const { status, headers, text } = await post(
    formOf({ conditions, fields }),
    '--boundary\r\n--\r\n',
    'dir\\bell ü.txt',
  );
  expect([status, text]).toEqual([204, '']);
  expect(headers.get('location')).toBe(`${engine.endpoint}/${Bucket}/up%2Fbell%20%C3%BC.txt`);
  const Key = 'up/bell ü.txt';
  expect(await read(Key)).toMatchObject({
    text: '--boundary\r\n--\r\n',
    ContentType: 'text/plain',
    Metadata: { tone: 'low' },
  });
  const { TagSet } = await engine.call('s3', 'GetObjectTagging', { Bucket, Key });
  expect(TagSet).toEqual([{ Key: 'of', Value: 'tower + hall' }]);
});

it('answers with the status or the page that the form names', async () => {
  const key = [['starts-with', '$key', '']];
  const status = { success_action_status: '201' };
  const created = await post(formOf({ conditions: [...key, status], fields: { key: 'a&b', ...status } }));
  expect(created.status).toBe(201);
  expect(created.text).toContain(`<Bucket>${Bucket}</Bucket><Key>a&amp;b</Key><ETag>`);
  const page = { success_action_redirect: 'http://example.com/done?of=1' };
  const moved = await post(formOf({ conditions: [...key, page], fields: { key: 'r', ...page } }));
  expect(moved.status).toBe(303);
  const told = new URL(moved.headers.get('location')!).searchParams;
  expect([told.get('of'), told.get('bucket'), told.get('key')]).toEqual(['1', Bucket, 'r']);
  expect(told.get('etag')).toBe(moved.headers.get('etag'));
});

it('refuses what the policy does not allow, and keeps nothing of it', async () => {
  const conditions = [{ key: 'no' }];
  const fields = { key: 'no' };
  const sized = (least: number, most: number) =>
    formOf({ conditions: [...conditions, ['content-length-range', least, most]], fields });
  const attempts: [FormData, number, string][] = [
    [formOf({ conditions: [{ key: 'else' }], fields }), 403, 'AccessDenied'],
    [formOf({ conditions, fields: { ...fields, acl: 'public-read' } }), 403, 'AccessDenied'],
    [formOf({ conditions, fields, expiresIn: -1 }), 403, 'AccessDenied'],
    [formOf({ conditions, fields, secret: 'wrong' }), 403, 'SignatureDoesNotMatch'],
    [formOf({ conditions: ['key'], fields }), 400, 'InvalidPolicyDocument'],
    [formOf({ conditions: [] }), 400, 'InvalidArgument'],
    [
      formOf({ conditions, fields: { ...fields, 'x-ignore-me': 'x'.repeat(20_001) } }),
      400,
      'MaxPostPreDataLengthExceeded',
    ],
    [sized(0, 3), 400, 'EntityTooLarge'],
    [sized(5, 9), 400, 'EntityTooSmall'],
  ];
  for (const [form, status, code] of attempts) expect(await post(form)).toMatchObject({ status, code });
  const unsigned = new FormData();
  unsigned.set('key', 'no');
  expect(await post(unsigned)).toMatchObject({ status: 403, code: 'AccessDenied' });
  expect((await engine.call('s3', 'ListObjectsV2', { Bucket, Prefix: 'no' })).KeyCount).toBe(0);
});

it('refuses bodies that are no forms', async () => {
  const head = '--x\r\nContent-Disposition: form-data; name="key"\r\n\r\nk\r\n--x';
  const bodies = [
    '',
    'garbage',
    '--x',
    '--x--\r\n',
    head,
    `${head}--\r\n`,
    '--x\r\nContent-Disposition: form-data\r\n\r\n\r\n--x--',
  ];
  for (const body of bodies) {
    const headers = { 'content-type': 'multipart/form-data; boundary=x' };
    const response = await fetch(`${engine.endpoint}/${Bucket}`, { method: 'POST', body, headers });
    const code = /<Code>(\w+)/.exec(await response.text())?.[1];
    expect([body, response.status, code]).toEqual([body, 400, expect.stringMatching(/MalformedPOST|InvalidArgument/)]);
  }
});

testWithPython('takes a form of boto3, and tells of it as posted', async () => {
  const queue = await engine.call('sqs', 'CreateQueue', { QueueName: 'posted' });
  const QueueArn = `arn:aws:sqs:us-east-1:${ACCOUNT}:posted`;
  const Policy = JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:*', Resource: '*' }] });
  await engine.call('sqs', 'SetQueueAttributes', { QueueUrl: queue.QueueUrl, Attributes: { Policy } });
  const QueueConfigurations = [{ QueueArn, Events: ['s3:ObjectCreated:Post' as const] }];
  await engine.call('s3', 'PutBucketNotificationConfiguration', {
    Bucket,
    NotificationConfiguration: { QueueConfigurations },
  });
  const printed = await boto3(
    engine,
    `import os, json; os.environ.pop('AWS_SESSION_TOKEN')
import boto3
post = boto3.client('s3').generate_presigned_post('${Bucket}', 'boto/\${filename}', Fields={'acl': 'private'}, Conditions=[{'acl': 'private'}, ['content-length-range', 1, 100]])
print(json.dumps(post['fields']))`,
  );
  const form = new FormData();
  for (const [name, value] of Object.entries<string>(JSON.parse(printed))) form.set(name, value);
  expect(await post(form)).toMatchObject({ status: 204 });
  expect((await read('boto/bell.txt')).text).toBe('ding');
  const told: string[] = [];
  while (!told.some((name) => name === 'ObjectCreated:Post')) {
    const { Messages = [] } = await engine.call('sqs', 'ReceiveMessage', {
      QueueUrl: queue.QueueUrl,
      WaitTimeSeconds: 5,
    });
    told.push(...Messages.flatMap(({ Body }) => JSON.parse(Body!).Records?.[0].eventName ?? []));
  }
});
