/* `carillon deploy`, `stacks` and `destroy`: templates, a CDK app, and what goes wrong. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Lambda } from '@aws-sdk/client-lambda';
import { SQS } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, test } from 'vitest';
import { optionsFor } from '../conformance/clients.ts';
import { carillon, emptyDirectory } from './carillon.ts';

const START = ['start', '--memory', '--json', '--port', '0', '--clock', 'virtual:2026-01-01T00:00:00Z'];

const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));

const TEMPLATE = `
Parameters:
  Stage: {Type: String}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
  Ring:
    Type: AWS::Lambda::Function
    Properties: {Runtime: nodejs24.x, Handler: index.handler, Role: !GetAtt Role.Arn, Code: ./src}
  Jobs:
    Type: AWS::SQS::Queue
    Properties: {QueueName: !Sub 'jobs-\${Stage}'}
Outputs:
  Url: {Value: !Ref Jobs}
  Ring: {Value: !Ref Ring}
`;

/** An app with two stacks, of which the second takes an export of the first. */
const APP = `
import { App, CfnOutput, Stack, aws_lambda as lambda, aws_sqs as sqs } from 'aws-cdk-lib';

const app = new App();
const queues = new Stack(app, 'Queues');
const queue = new sqs.Queue(queues, 'Jobs');
const functions = new Stack(app, 'Functions');
const ring = new lambda.Function(functions, 'Ring', {
  runtime: lambda.Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: lambda.Code.fromAsset('src'),
  environment: { QUEUE: queue.queueUrl },
});
new CfnOutput(functions, 'Name', { value: ring.functionName });
app.synth();
`;

let env: Record<string, string>;
let endpoint: string;
beforeEach(async () => {
  endpoint = String((await carillon(START).event('ready')).endpoint);
  env = { AWS_ENDPOINT_URL: endpoint, AWS_REGION: 'eu-central-1' };
});

function folderOf(files: Record<string, string>): string {
  const cwd = emptyDirectory();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  return cwd;
}

async function run(args: readonly string[], cwd: string) {
  const { rest, ended } = carillon(args, { cwd, env });
  const [stdout, { code, stderr }] = await Promise.all([rest(), ended]);
  return { stdout, code, stderr };
}

async function answerOf(name: string): Promise<unknown> {
  const { Payload } = await new Lambda(optionsFor({ endpoint })).invoke({ FunctionName: name });
  return JSON.parse(Buffer.from(Payload!).toString());
}

describe('a template', () => {
  const files = { 'shop/template.yaml': TEMPLATE, 'shop/src/index.js': 'exports.handler = async () => "ding";' };

  test('is deployed with its code, changed, left as it is, listed and destroyed', async () => {
    const cwd = folderOf(files);
    const first = await run(['deploy', 'shop', '--parameter', 'Stage=dev'], cwd);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(first.stdout).toMatch(/^00:00:00 {2}shop {2}created +Jobs +AWS::SQS::Queue$/m);
    expect(first.stdout).toContain(`✓ shop is deployed.\n  Url   ${endpoint}/000000000000/jobs-dev\n`);
    expect(await answerOf(/^ {2}Ring {2}(\S+)$/m.exec(first.stdout)![1]!)).toBe('ding');

    const again = await run(['deploy', 'shop/template.yaml', '--parameter', 'Stage=dev'], cwd);
    expect(again).toMatchObject({ code: 0 });
    expect(again.stdout).toContain('✓ shop is as it was: nothing to change.');

    expect((await run(['deploy', 'shop', '--parameter', 'Stage=live'], cwd)).stdout).toContain('/jobs-live\n');
    const { QueueUrls } = await new SQS(optionsFor({ endpoint })).listQueues({});
    expect(QueueUrls).toEqual([`${endpoint}/000000000000/jobs-live`]);

    expect((await run(['stacks'], cwd)).stdout).toMatch(/^ {2}shop {2}UPDATE_COMPLETE {2}2026-01-01T00:00:00/);
    expect((await run(['stacks', 'shop'], cwd)).stdout).toMatch(/ Jobs +AWS::SQS::Queue +UPDATE_COMPLETE +http/);
    expect(await run(['destroy', 'shop'], cwd)).toMatchObject({ code: 0 });
    expect((await run(['stacks'], cwd)).stdout).toBe('There is no stack yet: carillon deploy makes one.\n');
  });

  test('tells every event as JSON', async () => {
    const { stdout } = await run(['deploy', 'shop', '--parameter', 'Stage=dev', '--json'], folderOf(files));
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toContainEqual(expect.objectContaining({ resource: 'Jobs', status: 'CREATE_COMPLETE' }));
    expect(lines.at(-1)).toMatchObject({ stack: 'shop', changed: true, outputs: { Ring: expect.any(String) } });
  });
});

test('a CDK app is run and its stacks are deployed in order, with no bootstrap before', async () => {
  const cwd = folderOf({
    'app.mjs': APP,
    'cdk.json': JSON.stringify({ app: `${process.execPath} app.mjs` }),
    'src/index.js': 'exports.handler = async () => process.env.QUEUE;',
  });
  symlinkSync(MODULES, join(cwd, 'node_modules'));
  const { stdout, code, stderr } = await run(['deploy'], cwd);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout.match(/✓ \S+ is deployed/g)).toEqual(['✓ Queues is deployed', '✓ Functions is deployed']);
  expect(await answerOf(/^ {2}Name {2}(\S+)$/m.exec(stdout)![1]!)).toMatch(/\/Queues-Jobs/);
  const { stdout: told } = await run(['destroy', '--all'], cwd);
  expect(told.match(/✓ \S+ is deleted/g)).toHaveLength(2);
  expect(told.indexOf('✓ Functions')).toBeLessThan(told.indexOf('✓ Queues'));
}, 60_000);

/** As the CDK 1.x leaves it: an asset's place comes by parameters, its key in two halves. */
const OLD_ASSEMBLY = {
  'manifest.json': JSON.stringify({
    version: '1.38.0',
    artifacts: {
      Old: {
        type: 'aws:cloudformation:stack',
        environment: 'aws://unknown-account/unknown-region',
        properties: { templateFile: 'Old.template.json' },
        metadata: {
          '/Old': [
            {
              type: 'aws:cdk:asset',
              data: {
                ...{ path: 'asset.abc', id: 'abc', packaging: 'zip', sourceHash: 'abc' },
                ...{ s3BucketParameter: 'Bucket', s3KeyParameter: 'Key', artifactHashParameter: 'Hash' },
              },
            },
          ],
        },
      },
    },
  }),
  'Old.template.json': JSON.stringify({
    Parameters: { Bucket: { Type: 'String' }, Key: { Type: 'String' }, Hash: { Type: 'String' } },
    Resources: {
      Ring: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          ...{ Runtime: 'nodejs24.x', Handler: 'index.handler', Role: 'arn:aws:iam::000000000000:role/r' },
          Code: {
            S3Bucket: { Ref: 'Bucket' },
            S3Key: {
              'Fn::Join': ['', [0, 1].map((n) => ({ 'Fn::Select': [n, { 'Fn::Split': ['||', { Ref: 'Key' }] }] }))],
            },
          },
        },
      },
    },
    Outputs: { Name: { Value: { Ref: 'Ring' } } },
  }),
  'asset.abc/index.js': 'exports.handler = async () => "old";',
};

test('a cloud assembly of the CDK 1.x is deployed as it lies there', async () => {
  const { stdout, code } = await run(['deploy', '.'], folderOf(OLD_ASSEMBLY));
  expect(code).toBe(0);
  expect(await answerOf(/^ {2}Name {2}(\S+)$/m.exec(stdout)![1]!)).toBe('old');
});

describe('what goes wrong is told in a line or two:', () => {
  test('a resource that can not be made, with its reason', async () => {
    const cwd = folderOf({ 'bad.yaml': 'Resources: {Jobs: {Type: AWS::SQS::Queue, Properties: {DelaySeconds: 901}}}' });
    const { code, stderr } = await run(['deploy', 'bad.yaml'], cwd);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^carillon: bad ended in ROLLBACK_COMPLETE: Jobs \(AWS::SQS::Queue\)\n {2}.*DelaySeconds/);
  });

  test.each([
    ['a template that is none', { 'bad.yaml': 'Resources: [' }, ['bad.yaml'], /bad\.yaml: Template format error/],
    ['a type that Carillon lacks', { 'a.yaml': 'Resources: {X: {Type: AWS::EC2::VPC}}' }, ['a.yaml'], /AWS::EC2::VPC/],
    [
      'code that is not there',
      { 'a.yaml': 'Resources: {F: {Type: AWS::Lambda::Function, Properties: {Code: ./gone}}}' },
      ['a.yaml'],
      /F has the Code \.\/gone, which is not there/,
    ],
    ['an operand that is not there', {}, ['gone.yaml'], /There is no gone\.yaml/],
    ['a folder with nothing to deploy', { 'x/y': '' }, ['x'], /x has no cdk\.json, no template\.yaml/],
    ['a parameter that is none', { 'a.yaml': '' }, ['a.yaml', '--parameter', 'x'], /written KEY=VALUE, not x/],
    ['an app that fails', { 'cdk.json': '{"app": "exit 3"}' }, ['.'], /"exit 3" could not make the stacks: .* 3\./],
  ])('%s', async (_, files, args, words) => {
    const { code, stderr } = await run(['deploy', ...args], folderOf(files as Record<string, string>));
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/\n +at /);
    expect(code).toBeGreaterThan(0);
  });

  test('a stack that is not there', async () => {
    expect((await run(['destroy', 'gone'], emptyDirectory())).stderr).toMatch(/There is no stack gone/);
    expect((await run(['stacks', 'gone'], emptyDirectory())).stderr).toMatch(/There is no stack gone/);
  });
});
