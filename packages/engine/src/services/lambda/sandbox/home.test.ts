/* Old SDKs, which know nothing of AWS_ENDPOINT_URL, reach the engine from inside a function. */
import { symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
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
  expect(hits).toEqual(['POST /', 'GET /bucket', 'POST /', 'POST /']);
});

test.skipIf(sitePackages === undefined).for(['python2.7', 'python3.6', 'python3.8'])(
  'boto3 before 1.28 on %s',
  async (runtime, { skip }) => {
    skip(!(await interpreters.find(runtime))?.exact, `${runtime} is not on this machine`);
    const head = `import sys; sys.path.insert(0, '${sitePackages}')\nimport boto3`;
    const body =
      "boto3.client('sqs').list_queues()\nboto3.resource('dynamodb').meta.client.list_tables()\nreturn boto3.__version__";
    expect((await bench.invoke(bench.define(python(body, head), { endpointUrl, runtime }))).json).toMatch(
      /^1\.(1\d|2[0-7])\./,
    );
    expect(hits).toEqual(['POST /', 'POST /']);
  },
);
