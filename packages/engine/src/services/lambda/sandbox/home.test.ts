/* Whatever a function asks of AWS reaches the engine: by old SDKs, by hand, and by clients that drop the port. */
import { symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { type Bench, createBench, node, python } from './fixtures.ts';
import { createInterpreterFinder } from './interpreters.ts';

const nodeModules = dirname(dirname(createRequire(import.meta.url).resolve('aws-sdk/package.json')));
const sitePackages = inject('pythonClients')?.oldBoto3;
const interpreters = createInterpreterFinder();

let bench: Bench;
let server: Server;
let endpointUrl: string;
let hits: string[] = [];
beforeAll(async () => {
  bench = createBench();
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const host = request.headers.host === new URL(endpointUrl).host ? 'home' : request.headers.host;
    hits.push(`${request.method} ${host} ${request.url}${body.startsWith('{') ? ` ${body}` : ''}`);
    response.end(request.headers['content-type']?.includes('json') ? '{}' : '<R><ListQueuesResult/></R>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endpointUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
beforeEach(() => {
  hits = [];
});
afterAll(async () => {
  server.close();
  await bench.close();
});

test('aws-sdk v2 for JavaScript', async () => {
  const run = (files: Record<string, string>) => {
    const spec = bench.define(files, { endpointUrl, runtime: 'nodejs16.x' });
    symlinkSync(nodeModules, join(spec.codeDirectory, 'node_modules'));
    return bench.invoke(spec);
  };
  const calls = `async () => {
    const AWS = require('aws-sdk');
    await new AWS.SQS().listQueues().promise();
    await new AWS.S3().listObjects({ Bucket: 'bucket' }).promise();
    await new AWS.StepFunctions().startSyncExecution({ stateMachineArn: 'arn' }).promise();
    return AWS.VERSION;
  }`;
  const whole = await run(node(calls));
  expect([whole.json, whole.output]).toEqual([expect.stringMatching(/^2\./), []]);
  await run({
    'index.mjs':
      "import SQS from 'aws-sdk/clients/sqs.js'; export const handler = () => new SQS().listQueues().promise()",
  });
  expect(hits).toEqual([
    'POST home / {}',
    'GET home /bucket',
    'POST home / {"stateMachineArn":"arn"}',
    'POST home / {}',
  ]);
});

/** Resolves with the status of a request, whatever the Node. */
const ASK = `
var https = require('https');
function ask(options, body, done) {
  var request = https.request(options, function (response) {
    response.resume();
    response.on('end', function () { done(null, response.statusCode); });
  });
  request.on('error', done);
  request.end(body);
}
`;

describe.for(['nodejs', 'nodejs4.3', 'nodejs8.10', 'nodejs12.x', 'nodejs18.x', 'nodejs24.x'])('%s', (runtime) => {
  test('HTTPS to AWS, and to the engine with its port dropped', { timeout: 120_000 }, async ({ skip }) => {
    const inner = `
      ask({ hostname: 'sqs.eu-central-1.amazonaws.com', path: '/?Action=ListQueues', method: 'GET' }, '', function (error) {
        if (error) return done(error);
        ask({ hostname: event.host, path: '/answer?token=1', method: 'PUT' }, '{"n":1}', function (error) {
          if (error) return done(error);
          ask({ hostname: event.host, port: 443, path: '/answer?token=2', method: 'PUT',
            headers: { 'content-type': '', 'content-length': 7 } }, '{"n":2}', done);
        });
      });`;
    const body =
      runtime === 'nodejs24.x'
        ? `exports.handler = (event) => new Promise((resolve, reject) => {
             const done = (error, result) => error ? reject(error) : resolve(result); ${inner} });`
        : `exports.handler = function (event, context) { var done = context.done; ${inner} };`;
    const { json, warnings } = {
      ...(await bench.invoke(bench.define({ 'index.js': ASK + body }, { endpointUrl, runtime }), {
        host: '127.0.0.1',
      })),
      warnings: bench.warnings,
    };
    skip(
      warnings.some((warning) => warning.startsWith(`${runtime} runs on`)),
      `${runtime} can't be had`,
    );
    expect(json).toBe(200);
    expect(hits).toEqual([
      'GET sqs.eu-central-1.amazonaws.com /?Action=ListQueues',
      'PUT 127.0.0.1 /answer?token=1 {"n":1}',
      'PUT 127.0.0.1 /answer?token=2 {"n":2}',
    ]);
  });
});

test('fetch, agents that keep connections, plain HTTP and prefixed hosts', async () => {
  const code = `
    const http = require('http'), https = require('https');
    const agent = new https.Agent({ keepAlive: true });
    const get = (library, options) => new Promise((resolve, reject) =>
      library.get(options, (response) => response.resume().on('end', () => resolve(response.statusCode))).on('error', reject));
    exports.handler = async ({ port }) => {
      await (await fetch('https://bucket.s3.amazonaws.com/key')).text();
      await (await fetch('https://sns.eu-west-1.api.aws/')).text();
      await get(https, { hostname: 'events.eu-central-1.amazonaws.com', path: '/1', agent });
      await get(https, { hostname: 'events.eu-central-1.amazonaws.com', path: '/2', agent });
      await get(http, 'http://sqs.us-east-1.amazonaws.com/plain');
      await get(http, { hostname: 'sync-127.0.0.1', port, path: '/sync' });
      return 'ok';
    }`;
  const port = Number(new URL(endpointUrl).port);
  const spec = bench.define({ 'index.js': code }, { endpointUrl, runtime: 'nodejs22.x' });
  expect((await bench.invoke(spec, { port })).json).toBe('ok');
  expect(hits).toEqual([
    'GET bucket.s3.amazonaws.com /key',
    'GET sns.eu-west-1.api.aws /',
    'GET events.eu-central-1.amazonaws.com /1',
    'GET events.eu-central-1.amazonaws.com /2',
    'GET sqs.us-east-1.amazonaws.com /plain',
    `GET sync-127.0.0.1:${port} /sync`,
  ]);
});

describe.for(['python2.7', 'python3.6', 'python3.8', 'python3.12', 'python3.13'])('%s', (runtime) => {
  test('HTTPS to AWS, and to the engine with its port dropped', async ({ skip }) => {
    skip(!(await interpreters.find(runtime))?.exact, `${runtime} is not on this machine`);
    const head = `
try:
    import http.client as client, urllib.request as library
except ImportError:
    import httplib as client, urllib2 as library
`;
    const body = `
library.urlopen('https://sqs.eu-central-1.amazonaws.com/?Action=ListQueues').read()
library.urlopen('http://sns.eu-central-1.amazonaws.com/plain').read()
connection = client.HTTPSConnection('127.0.0.1')
connection.request('PUT', '/answer?token=1', '{"n":1}', {'content-type': ''})
return connection.getresponse().status`;
    const result = await bench.invoke(bench.define(python(body, head), { endpointUrl, runtime }));
    expect(result.json).toBe(200);
    expect(hits).toEqual([
      'GET sqs.eu-central-1.amazonaws.com /?Action=ListQueues',
      'GET sns.eu-central-1.amazonaws.com /plain',
      'PUT 127.0.0.1 /answer?token=1 {"n":1}',
    ]);
  });

  test.skipIf(sitePackages === undefined || !/(2\.7|3\.6|3\.8)$/.test(runtime))(
    'boto3 before 1.28',
    async ({ skip }) => {
      skip(!(await interpreters.find(runtime))?.exact, `${runtime} is not on this machine`);
      const head = `import sys; sys.path.insert(0, '${sitePackages}')\nimport boto3`;
      const body = `
boto3.client('sqs').list_queues()
boto3.resource('dynamodb').meta.client.list_tables()
boto3.client('sqs', endpoint_url='https://sqs.us-east-1.amazonaws.com').list_queues()
return boto3.__version__`;
      const { json } = await bench.invoke(bench.define(python(body, head), { endpointUrl, runtime }));
      expect(json).toMatch(/^1\.(1\d|2[0-7])\./);
      expect(hits).toEqual(['POST home /', 'POST home / {}', 'POST sqs.us-east-1.amazonaws.com /']);
    },
  );
});
