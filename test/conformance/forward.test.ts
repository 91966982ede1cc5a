/* Services that Carillon lacks: a clear error in their own protocol, or the answer of someone else (`--forward`). */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { createEngine, type Engine } from '@carillon/engine';
import { createTestEngine } from '@carillon/engine/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { boto3, optionsFor, testWithPython } from './clients.ts';

const AWS = createRequire(import.meta.url)('aws-sdk') as typeof import('aws-sdk');

let other: Server;
let elsewhere: string;
let requests: { request: IncomingMessage; body: string }[] = [];
beforeAll(async () => {
  other = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    requests.push({ request, body });
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', 'x-from': 'elsewhere' });
    response.end('{"TableNames":["bells"]}');
  });
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
});
beforeEach(() => {
  requests = [];
});
afterAll(() => other.close());

const dynamo = (engine: Engine) => new AWS.DynamoDB({ ...optionsFor(engine), maxRetries: 0 });

test('a service that is not there says so, and what to do', async () => {
  await using engine = await createEngine();
  const words = /does not have the service "dynamodb".*--forward dynamodb=http:/;
  await expect(dynamo(engine).listTables().promise()).rejects.toMatchObject({
    code: 'UnknownServiceException',
    message: expect.stringMatching(words),
  });
  const route53 = new AWS.Route53({ ...optionsFor(engine), maxRetries: 0 });
  await expect(route53.listHostedZones().promise()).rejects.toMatchObject({
    code: 'UnknownServiceException',
    message: expect.stringMatching(/"route53"/),
  });
});

testWithPython('so it does to boto3', async () => {
  await using engine = await createEngine();
  await expect(boto3(engine, "import boto3; boto3.client('dynamodb').list_tables()")).rejects.toThrow(
    /UnknownServiceException.*--forward dynamodb=/,
  );
});

test('a request is sent on as it came', async () => {
  await using engine = await createEngine({ forward: { dynamodb: `${elsewhere}/base/` } });
  expect((await dynamo(engine).listTables({ Limit: 7 }).promise()).TableNames).toEqual(['bells']);
  const [{ request, body }] = requests as [{ request: IncomingMessage; body: string }];
  expect([request.method, request.url, body]).toEqual(['POST', '/base/', '{"Limit":7}']);
  expect(request.headers).toMatchObject({
    host: new URL(engine.endpoint).host,
    'x-amz-target': 'DynamoDB_20120810.ListTables',
    authorization: expect.stringContaining('/dynamodb/aws4_request'),
  });
});

test('large bodies pass both ways, and what belongs to one connection does not', async () => {
  const size = 20 * 1024 * 1024;
  const echo = createServer((request, response) => {
    response.writeHead(200, { 'x-te': String(request.headers.te), connection: 'x-hop', 'x-hop': '1' });
    request.pipe(response);
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(echo.address() as AddressInfo).port}`;
  await using engine = await createEngine({ forward: { kinesis: url } });
  const headers = { 'x-amz-target': 'Kinesis_20131202.PutRecord' };
  const response = await fetch(engine.endpoint, { method: 'POST', headers, body: Buffer.alloc(size, 'x') });
  expect([response.status, (await response.arrayBuffer()).byteLength]).toEqual([200, size]);
  expect([response.headers.get('x-te'), response.headers.get('x-hop')]).toEqual(['undefined', null]);
  echo.close();
});

test('a function reaches it too, by a client that knows nothing of Carillon', async () => {
  await using engine = await createTestEngine({ forward: { dynamodb: elsewhere } });
  const ask = await engine.createFunction(
    'ask',
    `exports.handler = async () => {
      const headers = { 'x-amz-target': 'DynamoDB_20120810.ListTables' };
      return (await fetch('https://dynamodb.eu-central-1.amazonaws.com/', { method: 'POST', headers, body: '{}' })).json();
    }`,
  );
  expect(await ask.invoke()).toEqual({ TableNames: ['bells'] });
  expect(requests[0]!.request.headers.host).toBe('dynamodb.eu-central-1.amazonaws.com');
});

test('nobody there is an error that names the place', async () => {
  await using engine = await createEngine({ forward: { dynamodb: 'http://127.0.0.1:9' } });
  await expect(dynamo(engine).listTables().promise()).rejects.toMatchObject({
    code: 'ServiceUnavailableException',
    message: expect.stringContaining('http://127.0.0.1:9'),
  });
});

test('where callers have to sign, they have to sign for what is sent on', async () => {
  const keys = { AKIABELL: 'secret' };
  await using engine = await createEngine({ forward: { dynamodb: elsewhere }, auth: { keys } });
  const options = { ...optionsFor(engine), maxRetries: 0 };
  const signed = (secretAccessKey: string) =>
    new AWS.DynamoDB({ ...options, credentials: new AWS.Credentials('AKIABELL', secretAccessKey) });
  await expect(signed('wrong').listTables().promise()).rejects.toMatchObject({ code: 'InvalidSignatureException' });
  expect(requests).toEqual([]);
  expect((await signed('secret').listTables().promise()).TableNames).toEqual(['bells']);
});

test('what makes no sense is refused', async () => {
  await expect(createEngine({ forward: { dynamodb: 'nowhere' } })).rejects.toThrow(RangeError);
});
