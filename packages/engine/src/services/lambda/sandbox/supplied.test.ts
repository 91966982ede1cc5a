/* The modules that Lambda supplies; skipped with a notice where npm's and Python's registries can't be reached. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, type TestContext, test } from 'vitest';
import { type Bench, createBench, node, python } from './fixtures.ts';

let bench: Bench;
let server: Server;
let endpointUrl: string;
let hits: string[] = [];
beforeAll(async () => {
  bench = createBench();
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    hits.push(`${request.method} ${request.url} ${body}`);
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

const run = async (
  files: Record<string, string>,
  changes: Record<string, unknown>,
  { skip }: Pick<TestContext, 'skip'>,
  payload: unknown = {},
) => {
  const result = await bench.invoke(bench.define(files, { endpointUrl, timeoutMs: 60_000, ...changes }), payload);
  const trouble = bench.warnings.find((warning) => /can't be fetched|not to be had|runs on/.test(warning));
  skip(trouble !== undefined, trouble);
  return result;
};

const LIMIT = { timeout: 300_000 };

test.for(['nodejs18.x', 'nodejs20.x', 'nodejs24.x'])('version 3 of the SDK on %s', LIMIT, async (runtime, context) => {
  const required = `const { SQSClient, ListQueuesCommand } = require('@aws-sdk/client-sqs');
    exports.handler = async () => (await new SQSClient().send(new ListQueuesCommand())).$metadata.httpStatusCode`;
  expect((await run({ 'index.js': required }, { runtime }, context)).json).toBe(200);
  const imported = required
    .replace('const', 'import')
    .replace(/= require\((.*)\)/, 'from $1')
    .replace('exports.handler', 'export const handler');
  expect((await run({ 'index.mjs': imported }, { runtime }, context)).json).toBe(200);
  expect(hits).toEqual(['POST / {}', 'POST / {}']);
});

test('a client whose name is made up at run time', LIMIT, async (context) => {
  const source = "async ({ name }) => Object.keys(require('@aws-sdk/client-' + name)).includes('SSMClient')";
  expect((await run(node(source), { runtime: 'nodejs24.x' }, context, { name: 'ssm' })).json).toBe(true);
});

test.for(['nodejs', 'nodejs12.x', 'nodejs16.x'])('version 2 of the SDK on %s', LIMIT, async (runtime, context) => {
  const source = `function (event, context) {
    var AWS = require('aws-sdk');
    new AWS.SQS().listQueues({}, function (error) { context.done(error, AWS.VERSION); });
  }`;
  expect((await run(node(source), { runtime }, context)).json).toMatch(/^2\./);
  expect(hits).toHaveLength(1);
});

test('version 3 is not there before Node.js 18, nor version 2 from then on', async (context) => {
  const old = await run(node("() => require('@aws-sdk/client-sqs')"), { runtime: 'nodejs16.x' }, context);
  expect(old.json.errorMessage).toContain("Cannot find module '@aws-sdk/client-sqs'");
  const young = await run(node("async () => require('aws-sdk')"), { runtime: 'nodejs20.x' }, context);
  expect(young.json.errorMessage).toContain("Cannot find module 'aws-sdk'");
});

test("a function's own copy and a layer's come first", LIMIT, async (context) => {
  const source = "const sdk = require('@aws-sdk/client-sqs'); exports.handler = async () => sdk.mine";
  const own = { 'index.js': source, 'node_modules/@aws-sdk/client-sqs/index.js': 'exports.mine = "own"' };
  expect((await run(own, { runtime: 'nodejs24.x' }, context)).json).toBe('own');
  const layer = bench.define({ 'nodejs/node_modules/@aws-sdk/client-sqs/index.js': 'exports.mine = "of a layer"' });
  const layers = [layer.codeDirectory];
  expect((await run({ 'index.js': source }, { runtime: 'nodejs24.x', layers }, context)).json).toBe('of a layer');
});

test.for(['python2.7', 'python3.8', 'python3.12'])('boto3 on %s', LIMIT, async (runtime, context) => {
  const files = python("boto3.client('sqs').list_queues()\nreturn boto3.__version__", 'import json, boto3');
  const { json } = await run(files, { runtime }, context);
  expect(json).toEqual(expect.stringMatching(/^1\./));
  expect(hits).toHaveLength(1);
});

const EVENT = { StackId: 'stack', RequestId: 'request', LogicalResourceId: 'thing' };
const ANSWER = expect.stringMatching(/^PUT \/answer\?token=1 \{"Status":\s?"SUCCESS".*"Data":\s?\{"a":\s?1\}/);

test.for(['nodejs', 'nodejs12.x', 'nodejs24.x'])('cfn-response on %s', LIMIT, async (runtime, context) => {
  const source = `var response = require('cfn-response');
    exports.handler = function (event, context) { return response.send(event, context, response.SUCCESS, { a: 1 }); }`;
  const event = { ...EVENT, ResponseURL: `${endpointUrl}/answer?token=1` };
  const { functionError, json } = await run({ 'index.js': source }, { runtime }, context, event);
  expect([functionError && json, hits]).toEqual([undefined, [ANSWER]]);
});

test.for(['python2.7', 'python3.12'])('cfnresponse on %s', async (runtime, context) => {
  const files = python('cfnresponse.send(event, context, cfnresponse.SUCCESS, {"a": 1})', 'import cfnresponse');
  const { functionError } = await run(files, { runtime }, context, {
    ...EVENT,
    ResponseURL: `${endpointUrl}/answer?token=1`,
  });
  expect([functionError, hits.length]).toEqual([undefined, 1]);
});

test('cfn-response is supplied to code of a template alone', async (context) => {
  const files = { 'index.js': "require('cfn-response'); exports.handler = async () => 1", 'other.js': '' };
  expect((await run(files, { runtime: 'nodejs24.x' }, context)).json.errorMessage).toContain(
    "Cannot find module 'cfn-response'",
  );
});
