import { connect } from 'node:net';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { CloudWatchClient, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { EventBridgeClient, PutRuleCommand } from '@aws-sdk/client-eventbridge';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { EngineClock } from '../kernel/clock.ts';
import { AwsError, notImplemented } from '../kernel/errors.ts';
import { createIds } from '../kernel/ids.ts';
import { type Call, defineService, type ServiceDefinition, type ServiceName } from '../kernel/service.ts';
import type { IncomingBody } from '../kernel/streams.ts';
import { createGateway, type Gateway, type GatewayOptions } from './gateway.ts';
import { metadata } from './model.ts';

const NAMES = Object.keys(metadata) as ServiceName[];
const SERVICES: ReadonlyMap<string, ServiceDefinition> = new Map(
  NAMES.map((name) => [name, defineService({ name, arnName: name, operations: {} })]),
);
/** Noon of the day that AWS's examples of signatures are from. */
const NOW = 1_369_353_600_000;

let gateway: Gateway;
let faults: unknown[];

async function open(options: Partial<GatewayOptions> = {}): Promise<string> {
  faults = [];
  gateway = createGateway({
    services: SERVICES,
    call: () => ({}),
    clock: new EngineClock({ virtual: true, start: NOW }),
    ids: createIds('gateway'),
    onFault: (error) => faults.push(error),
    ...options,
  });
  const { port } = await gateway.listen({ port: 0, host: '127.0.0.1' });
  return `http://127.0.0.1:${port}`;
}

afterEach(() => gateway.close());

const settings = (endpoint: string, accessKeyId = 'AKIDEXAMPLE') => ({
  endpoint,
  region: 'eu-west-1',
  credentials: { accessKeyId, secretAccessKey: 'secret' },
  maxAttempts: 1,
});

/** Sends a command and closes its client. */
// biome-ignore lint/suspicious/noExplicitAny: clients of all services, driven alike.
async function send(client: any, command: unknown): Promise<any> {
  try {
    return await client.send(command);
  } finally {
    client.destroy();
  }
}

it('gives a call its scope, caller and request id', async () => {
  const calls: Call[] = [];
  const endpoint = await open({
    call: (call) => {
      calls.push(call);
      return { RuleArn: 'arn' };
    },
    accountOf: (key) => (key === 'ASIASESSION' ? '222222222222' : undefined),
  });
  for (const key of ['AKIDEXAMPLE', '111111111111', 'ASIASESSION']) {
    await send(new EventBridgeClient(settings(endpoint, key)), new PutRuleCommand({ Name: 'r' }));
  }
  expect(calls.map(({ scope }) => scope)).toEqual([
    { account: '000000000000', region: 'eu-west-1' },
    { account: '111111111111', region: 'eu-west-1' },
    { account: '222222222222', region: 'eu-west-1' },
  ]);
  expect(calls[0]).toMatchObject({
    service: 'eventbridge',
    operation: 'PutRule',
    caller: { accessKeyId: 'AKIDEXAMPLE' },
  });
  expect(new Set(calls.map(({ requestId }) => requestId)).size).toBe(3);
});

it.each([
  [
    'headers that are too long',
    `GET / HTTP/1.1\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`,
    '431',
    'longer than Carillon takes',
  ],
  ['what is no HTTP', 'hello\r\n\r\n', '400', 'not a request of HTTP/1.1'],
])('answers %s in a line', async (_, request, status, words) => {
  const { port } = new URL(await open());
  const socket = connect(Number(port), '127.0.0.1', () => socket.write(request));
  const answer = Buffer.concat(await socket.toArray()).toString();
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*${words}`));
});

it('tells the time of the engine', async () => {
  const endpoint = await open();
  const { headers } = await fetch(endpoint);
  expect(headers.get('date')).toBe('Fri, 24 May 2013 00:00:00 GMT');
});

const CLIENTS = (endpoint: string, key?: string) => [
  () => send(new EventBridgeClient(settings(endpoint, key)), new PutRuleCommand({ Name: 'r' })),
  () => send(new IAMClient(settings(endpoint, key)), new GetRoleCommand({ RoleName: 'r' })),
  () => send(new LambdaClient(settings(endpoint, key)), new InvokeCommand({ FunctionName: 'f' })),
  () =>
    send(
      new S3Client({ ...settings(endpoint, key), forcePathStyle: true }),
      new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'b' }),
    ),
  () => send(new SQSClient(settings(endpoint, key)), new GetQueueUrlCommand({ QueueName: 'q' })),
  () =>
    send(new CloudWatchClient(settings(endpoint, key)), new PutMetricDataCommand({ Namespace: 'n', MetricData: [] })),
];

it('says in every protocol that an operation is not there yet', async () => {
  const endpoint = await open({
    call: ({ service, operation }) => {
      throw notImplemented(service, operation);
    },
  });
  for (const attempt of CLIENTS(endpoint)) {
    const error = await attempt().catch((error) => error);
    expect(error.name).toBe('NotImplementedException');
    expect(error.message).toMatch(/^Carillon does not support \w+:\w+ yet\./);
    expect(error.$metadata.httpStatusCode).toBe(400);
  }
});

it('answers a fault of ours in every protocol, tells of it once, and lives on', async () => {
  const endpoint = await open({
    call: ({ operation }) => {
      throw new TypeError(`broken ${operation}`);
    },
  });
  const attempts = CLIENTS(endpoint);
  for (const attempt of attempts) {
    const error = await attempt().catch((error) => error);
    expect(error.name).toBe('InternalFailure');
    expect(error.$metadata.httpStatusCode).toBe(500);
    expect(error.message).not.toContain('broken');
    expect(error.message).toContain(error.$metadata.requestId);
  }
  expect(faults).toHaveLength(attempts.length);
  expect(faults[0]).toBeInstanceOf(TypeError);
});

it('carries the query code of an error to JSON clients of services that came from query', async () => {
  const endpoint = await open({
    call: () => {
      throw new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
    },
  });
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': 'AmazonSQS.GetQueueUrl', 'content-type': 'application/x-amz-json-1.0' },
    body: '{"QueueName":"q"}',
  });
  expect(response.status).toBe(400);
  expect(response.headers.get('x-amzn-query-error')).toBe('AWS.SimpleQueueService.NonExistentQueue;Sender');
  expect(await response.json()).toEqual({
    __type: 'QueueDoesNotExist',
    message: 'The specified queue does not exist.',
  });
});

it('answers an old SQS client in query, on the path of its queue', async () => {
  let input: unknown;
  const endpoint = await open({
    call: (call) => {
      input = call.input;
      return { MessageId: 'm' };
    },
  });
  const form = new URLSearchParams({
    Action: 'SendMessage',
    Version: '2012-11-05',
    QueueUrl: 'u',
    MessageBody: 'b',
    'MessageAttribute.1.Name': 'a',
    'MessageAttribute.1.Value.DataType': 'String',
    'MessageAttribute.1.Value.StringValue': 's',
  });
  const response = await fetch(`${endpoint}/000000000000/q`, { method: 'POST', body: form });
  expect(input).toEqual({
    QueueUrl: 'u',
    MessageBody: 'b',
    MessageAttributes: { a: { DataType: 'String', StringValue: 's' } },
  });
  expect(await response.text()).toContain('<SendMessageResult><MessageId>m</MessageId></SendMessageResult>');
});

it('names a service that it does not know, and those that it has', async () => {
  const endpoint = await open({ services: new Map([...SERVICES].filter(([name]) => name === 'iam')) });
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': 'DynamoDB_20120810.GetItem', 'content-type': 'application/x-amz-json-1.0' },
    body: '{}',
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    __type: 'UnknownServiceException',
    message:
      'Carillon does not have the service "dynamodb". It has iam. To have such requests answered elsewhere, start it with --forward dynamodb=http://127.0.0.1:8000, for example.',
  });
});

const UNKNOWN_OPERATIONS: readonly [string, string, RequestInit, string][] = [
  [
    'awsJson',
    '/',
    { method: 'POST', headers: { 'x-amz-target': 'AWSEvents.Nope' }, body: '{}' },
    'UnknownOperationException',
  ],
  [
    'awsQuery',
    '/',
    { method: 'POST', body: new URLSearchParams({ Action: 'Nope', Version: '2010-05-08' }) },
    'InvalidAction',
  ],
  [
    'restJson1',
    '/2015-03-31/nope',
    { headers: { authorization: 'AWS4-HMAC-SHA256 Credential=A/20261121/us-east-1/lambda/aws4_request' } },
    'UnknownOperationException',
  ],
];

it.each(UNKNOWN_OPERATIONS)('names an operation that a service of %s does not have', async (_, path, init, code) => {
  const endpoint = await open();
  const response = await fetch(endpoint + path, init);
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(JSON.stringify([...response.headers]) + (await response.text())).toContain(code);
});

it('finds unsigned REST requests by their path', async () => {
  const calls: Call[] = [];
  const endpoint = await open({
    services: new Map([...SERVICES].filter(([name]) => name !== 's3')),
    call: (call) => {
      calls.push(call);
      return {};
    },
  });
  const arn = 'arn:aws:lambda:us-east-1:000000000000:function:f';
  await fetch(`${endpoint}/2015-03-31/functions/${encodeURIComponent(arn)}/invocations`, {
    method: 'POST',
    body: '{}',
  });
  expect(calls[0]).toMatchObject({ service: 'lambda', operation: 'Invoke', input: { FunctionName: arn }, caller: {} });
  expect((await fetch(`${endpoint}/nothing/here`)).status).toBe(403);
});

it("takes the account of a URL that boto3 presigned, in S3's old way", async () => {
  let call: Call | undefined;
  const endpoint = await open({
    call: (made) => {
      call = made;
      return { Body: 'x' };
    },
  });
  await fetch(`${endpoint}/b/k%20x?AWSAccessKeyId=111111111111&Signature=s&Expires=1`);
  expect(call).toMatchObject({ operation: 'GetObject', input: { Key: 'k x' }, scope: { account: '111111111111' } });
});

it('serves pages of its own, and shows their faults', async () => {
  const endpoint = await open({
    routes: [
      { method: 'GET', path: '/_carillon/health', handle: () => ({ status: 200, body: 'well' }) },
      {
        method: 'POST',
        path: '/_carillon/echo/*',
        handle: ({ path, body }) => ({ status: 201, body: `${path} ${body}` }),
      },
      {
        method: 'GET',
        path: '/_carillon/fault',
        handle: () => {
          throw new TypeError('broken');
        },
      },
    ],
  });
  expect(await (await fetch(`${endpoint}/_carillon/health`)).text()).toBe('well');
  expect(await (await fetch(`${endpoint}/_carillon/echo/a`, { method: 'POST', body: 'b' })).text()).toBe(
    '/_carillon/echo/a b',
  );
  expect((await fetch(`${endpoint}/_carillon/fault`)).status).toBe(500);
  expect(faults).toHaveLength(1);
});

it('unpacks the gzip that the CloudWatch client makes of large bodies', async () => {
  let input: unknown;
  const endpoint = await open({
    call: (call) => {
      input = call.input;
      return {};
    },
  });
  const MetricData = Array.from({ length: 500 }, (_, i) => ({ MetricName: `metric ${i}`, Value: i / 7 }));
  await send(new CloudWatchClient(settings(endpoint)), new PutMetricDataCommand({ Namespace: 'n', MetricData }));
  expect(input).toEqual({ Namespace: 'n', MetricData });
});

it('hands on what the S3 client streams in chunks as it comes, with its checksum', async () => {
  let input: Record<string, unknown> = {};
  let bytes = Buffer.alloc(0);
  let trailers: unknown;
  const endpoint = await open({
    call: async (call) => {
      input = call.input as typeof input;
      const body = input.Body as IncomingBody;
      bytes = Buffer.concat(await body.toArray());
      trailers = body.trailers;
      return {};
    },
  });
  const parts = [Buffer.alloc(70_000, 'a'), Buffer.from('b')];
  const command = new PutObjectCommand({
    Bucket: 'b',
    Key: 'k',
    Body: Readable.from(parts),
    ContentLength: 70_001,
    ContentEncoding: 'gzip',
  });
  await send(new S3Client({ ...settings(endpoint), forcePathStyle: true }), command);
  expect(Buffer.concat(parts).equals(bytes)).toBe(true);
  expect(input).toMatchObject({ ContentEncoding: 'gzip' });
  expect(trailers).toEqual({ 'x-amz-checksum-crc32': expect.stringMatching(/^.{6}==$/) });
});

it.each([
  ['a chunk that is cut short', 'ff\r\nhello\r\n0\r\n\r\n', 'IncompleteBody'],
  ['sizes that are none', 'hello\r\n0\r\n\r\n', 'InvalidRequest'],
  ['a line without end', 'f'.repeat(20_000), 'InvalidRequest'],
  ['small chunks before the last', '2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n', 'InvalidChunkSizeError'],
  ["a length that is another body's", '4\r\nhell\r\n0\r\n\r\n', 'IncompleteBody'],
])('refuses chunks with %s', async (_, body, code) => {
  const endpoint = await open({ call: ({ input }) => (input as { Body: IncomingBody }).Body.toArray() });
  const headers = {
    authorization: 'AWS4-HMAC-SHA256 Credential=A/20261121/us-east-1/s3/aws4_request',
    'content-encoding': 'aws-chunked',
    'x-amz-decoded-content-length': '5',
  };
  const response = await fetch(`${endpoint}/b/k`, { method: 'PUT', headers, body });
  expect(response.status).toBe(code === 'InvalidChunkSizeError' ? 403 : 400);
  expect(await response.text()).toContain(`<Code>${code}</Code>`);
});

const JSON_HEADERS = { 'x-amz-target': 'AWSEvents.PutRule', 'content-type': 'application/x-amz-json-1.1' };

it('does not unpack a gzip bomb', async () => {
  const endpoint = await open();
  const body = gzipSync(Buffer.alloc(40 * 1024 * 1024, ' '));
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { ...JSON_HEADERS, 'content-encoding': 'gzip' },
    body,
  });
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ __type: 'RequestEntityTooLargeException' });
});

it('reads a body that is too large to its end, and says so', async () => {
  const endpoint = await open();
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: JSON_HEADERS,
    body: Buffer.alloc(12 * 1024 * 1024, ' '),
  });
  expect(response.status).toBe(413);
  expect(await response.json()).toEqual({
    __type: 'RequestEntityTooLargeException',
    message: 'Request must be smaller than 10485760 bytes for this operation',
  });
});

it('tells a client that asks first that its body is too large, without reading it', async () => {
  const endpoint = await open();
  const answer = await exchange(
    endpoint,
    'POST / HTTP/1.1\r\nHost: h\r\nX-Amz-Target: AWSEvents.PutRule\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n',
    'for this operation',
  );
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
});

it('asks a client that waits for its body', async () => {
  const endpoint = await open({ call: ({ input }) => ({ RuleArn: (input as { Name: string }).Name }) });
  const head =
    'POST / HTTP/1.1\r\nHost: h\r\nX-Amz-Target: AWSEvents.PutRule\r\nContent-Length: 12\r\nExpect: 100-continue\r\n\r\n';
  expect(await exchange(endpoint, head, '100 Continue\r\n\r\n', '{"Name":"r"}', '{"RuleArn":"r"}')).toContain('200 OK');
});

/** Writes texts to a socket of its own, each once the answer holds the text before it; resolves with all that came. */
function exchange(endpoint: string, ...script: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(endpoint).port), '127.0.0.1');
    let answer = '';
    socket.on('error', reject);
    socket.on('data', (part) => {
      answer += part;
      if (!answer.includes(script[0]!)) return;
      script.shift();
      if (script.length > 0) return void socket.write(script.shift()!);
      socket.destroy();
      resolve(answer);
    });
    socket.write(script.shift()!);
  });
}

it('aborts a call whose client has gone, and every call when it closes', async () => {
  const signals: AbortSignal[] = [];
  let arrived = () => {};
  const endpoint = await open({
    call: ({ signal }) => {
      signals.push(signal!);
      arrived();
      return new Promise((resolve) => signal!.addEventListener('abort', () => resolve({})));
    },
  });
  for (let client = 0; client < 2; client++) {
    const waiting = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const leaving = new AbortController();
    const request = fetch(endpoint, { method: 'POST', headers: JSON_HEADERS, body: '{}', signal: leaving.signal });
    const outcome = request.then(
      () => 'answered',
      () => 'left',
    );
    await waiting;
    if (client === 0) {
      leaving.abort();
      await new Promise((resolve) => signals[0]!.addEventListener('abort', resolve));
      expect(await outcome).toBe('left');
    } else {
      await gateway.close();
      expect(await outcome).toBe('answered');
    }
  }
  expect(signals.every(({ aborted }) => aborted)).toBe(true);
});

const RAW_HEADERS: readonly Record<string, string>[] = [
  JSON_HEADERS,
  { 'x-amz-target': 'AmazonSQS.SendMessage', 'content-type': 'application/x-amz-json-1.0' },
  { 'content-type': 'application/x-www-form-urlencoded' },
  { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' },
  { authorization: 'AWS4-HMAC-SHA256 Credential=A/20261121/us-east-1/lambda/aws4_request' },
  { authorization: 'AWS4-HMAC-SHA256 Credential=A/20261121/us-east-1/s3/aws4_request' },
  { ...JSON_HEADERS, 'content-encoding': 'gzip' },
  { ...JSON_HEADERS, 'content-encoding': 'aws-chunked' },
];

const PATHS = [
  '/',
  '/service/GraniteServiceVersion20100801/operation/PutMetricData',
  '/2015-03-31/functions',
  '/2015-03-31/functions/%E0%A4%A/invocations',
  '/b/k?tagging',
  '/b?delete',
];

it('answers garbage of every kind as AWS would, and lives on', async () => {
  const endpoint = await open({ call: () => ({}) });
  const bodies = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.json().map((json) => Buffer.from(json)),
    fc.constantFrom(
      Buffer.from(`${'['.repeat(100_000)}${']'.repeat(100_000)}`),
      Buffer.from(`{"Targets":${'[{"a":'.repeat(20_000)}`),
      Buffer.from(`<a>${'<b>'.repeat(20_000)}`),
      Buffer.from(
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><Delete><Object><Key>&b;</Key></Object></Delete>',
      ),
      Buffer.from(`Action=ListUsers&Version=2010-05-08&${'a.'.repeat(5_000)}=1`),
      Buffer.from(`Action=ListUsers&${'a&'.repeat(60_000)}`),
      Buffer.alloc(5_000, 0x81),
      Buffer.from([0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
      Buffer.from([0xbb, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff]),
    ),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...RAW_HEADERS),
      fc.constantFrom(...PATHS),
      fc.constantFrom('POST', 'PUT'),
      bodies,
      async (headers, path, method, body) => {
        const response = await fetch(endpoint + path, { method, headers, body: Buffer.from(body) });
        await response.arrayBuffer();
        const id = response.headers.get('x-amzn-requestid') ?? response.headers.get('x-amz-request-id');
        expect(id).toMatch(/^[0-9a-f-]{36}$/);
        expect(response.status).not.toBe(500);
        expect(faults).toEqual([]);
      },
    ),
    { numRuns: 600, seed: 7, endOnFailure: true },
  );
});

it('lets no member called __proto__ reach a prototype', async () => {
  let input: Record<string, Record<string, unknown>> = {};
  const endpoint = await open({
    call: (call) => {
      input = call.input as typeof input;
      return {};
    },
  });
  const body = '{"__proto__":{"polluted":1},"tags":{"__proto__":"x","toString":"y"},"logGroupName":"g"}';
  const headers = { 'x-amz-target': 'Logs_20140328.CreateLogGroup', 'content-type': 'application/x-amz-json-1.1' };
  await fetch(endpoint, { method: 'POST', headers, body });
  expect(Object.getPrototypeOf(input.tags)).toBe(Object.prototype);
  expect(Object.entries(input.tags!)).toEqual([
    ['__proto__', 'x'],
    ['toString', 'y'],
  ]);
  expect('polluted' in input).toBe(false);
});

it('asks for signatures when it is given secrets', async () => {
  const secrets = new Map([['AKIDEXAMPLE', 'secret']]);
  const endpoint = await open({
    auth: { secretOf: (key) => secrets.get(key) },
    clock: new EngineClock({ virtual: false }),
    call: () => ({}),
  });
  for (const attempt of CLIENTS(endpoint)) expect((await attempt()).$metadata.httpStatusCode).toBe(200);
  secrets.set('AKIDEXAMPLE', 'another');
  const mismatch = [];
  for (const attempt of CLIENTS(endpoint)) mismatch.push((await attempt().catch((error) => error)).name);
  expect(mismatch).toEqual([
    'InvalidSignatureException',
    'SignatureDoesNotMatch',
    'InvalidSignatureException',
    'SignatureDoesNotMatch',
    'InvalidSignatureException',
    'InvalidSignatureException',
  ]);
  const unknown = [];
  for (const attempt of CLIENTS(endpoint, 'AKIDNOBODY')) unknown.push((await attempt().catch((error) => error)).name);
  expect(unknown).toEqual([
    'UnrecognizedClientException',
    'InvalidClientTokenId',
    'UnrecognizedClientException',
    'InvalidAccessKeyId',
    'UnrecognizedClientException',
    'UnrecognizedClientException',
  ]);
  const unsigned = await fetch(endpoint, { method: 'POST', headers: JSON_HEADERS, body: '{}' });
  expect(await unsigned.json()).toMatchObject({ __type: 'MissingAuthenticationTokenException' });
});

it('takes no calls from web pages of other sites, and those of pages of this machine', async () => {
  const called: string[] = [];
  const endpoint = await open({ call: ({ operation }) => void called.push(operation) });
  const form = 'Action=GetCallerIdentity&Version=2011-06-15';
  const from = (origin: string) =>
    fetch(endpoint, { method: 'POST', body: new URLSearchParams(form), headers: { origin } });
  expect((await from('https://evil.example')).status).toBe(403);
  expect((await from('null')).status).toBe(403);
  expect(called).toEqual([]);
  expect((await from('http://localhost:3000')).status).toBe(200);
  expect(called).toEqual(['GetCallerIdentity']);
});
