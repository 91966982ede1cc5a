/*
 * Old SDKs reach the engine from inside a function. They are large, so the tests run where CARILLON_OLD_SDKS names a
 * directory that holds them: `npm i --prefix DIR aws-sdk@2.1693.0` and `pip install --target DIR/python boto3==1.17.0`.
 */
import { existsSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Bench, createBench, node, python } from './fixtures.ts';

const sdks = process.env.CARILLON_OLD_SDKS ?? '/nowhere';
const nodeModules = join(sdks, 'node_modules');
const sitePackages = join(sdks, 'python');

let bench: Bench;
let server: Server;
let endpointUrl: string;
let hits: string[] = [];
beforeAll(async () => {
  bench = createBench();
  server = createServer((request, response) => {
    hits.push(`${request.method} ${request.url}`);
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

test.skipIf(!existsSync(join(nodeModules, 'aws-sdk')))('aws-sdk v2 for JavaScript', async () => {
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
  expect(hits).toEqual(['POST /', 'GET /bucket', 'POST /', 'POST /']);
});

test.skipIf(!existsSync(join(sitePackages, 'boto3'))).each(['python2.7', 'python3.6', 'python3.8'])(
  'boto3 before 1.28 on %s',
  async (runtime) => {
    const head = `import sys; sys.path.insert(0, '${sitePackages}')\nimport boto3`;
    const body =
      "boto3.client('sqs').list_queues()\nboto3.resource('dynamodb').meta.client.list_tables()\nreturn boto3.__version__";
    expect((await bench.invoke(bench.define(python(body, head), { endpointUrl, runtime }))).json).toMatch(
      /^1\.(1\d|2[0-7])\./,
    );
    expect(hits).toEqual(['POST /', 'POST /']);
  },
);
