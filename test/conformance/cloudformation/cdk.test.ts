/* The CDK's command, unmodified, with AWS_ENDPOINT_URL alone: a small app deployed, deployed again and destroyed. */
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createEngine } from '@carillon/engine';
import { expect, test } from 'vitest';
import { emptyDirectory } from '../../cli/carillon.ts';

const run = promisify(execFile);
const modules = fileURLToPath(new URL('../../../node_modules', import.meta.url));

/** Without assets, for which an account has to be bootstrapped. */
const APP = `
const { App, CfnOutput, Duration, LegacyStackSynthesizer, Stack, Tags } = require('aws-cdk-lib');
const { Rule, Schedule } = require('aws-cdk-lib/aws-events');
const { LambdaFunction, SqsQueue } = require('aws-cdk-lib/aws-events-targets');
const { Code, Function, Runtime } = require('aws-cdk-lib/aws-lambda');
const { Queue } = require('aws-cdk-lib/aws-sqs');
const stack = new Stack(new App(), 'Bells', { synthesizer: new LegacyStackSynthesizer() });
const ring = new Function(stack, 'Ring', { runtime: Runtime.NODEJS_22_X, handler: 'index.handler', code: Code.fromInline('exports.handler = async () => "ding"') });
const queue = new Queue(stack, 'Queue');
new Rule(stack, 'Rule', { schedule: Schedule.rate(Duration.minutes(5)), targets: [new LambdaFunction(ring), new SqsQueue(queue)] });
Tags.of(stack).add('team', 'ringers');
new CfnOutput(stack, 'Name', { value: ring.functionName });
`;

test('an app is deployed, found unchanged, and destroyed', async () => {
  await using engine = await createEngine();
  const cwd = emptyDirectory();
  mkdirSync(join(cwd, 'home'));
  writeFileSync(join(cwd, 'app.cjs'), APP);
  const env = {
    PATH: process.env.PATH,
    HOME: join(cwd, 'home'),
    NODE_PATH: modules,
    AWS_ENDPOINT_URL: engine.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: '000000000000',
    AWS_SECRET_ACCESS_KEY: 'any',
    CI: '1',
  };
  const cdk = async (...args: string[]) => {
    const app = `"${process.execPath}" app.cjs`;
    const command = [join(modules, 'aws-cdk/bin/cdk'), '--app', app, '--no-notices', ...args];
    const { stdout, stderr } = await run(process.execPath, command, { cwd, env });
    return stdout + stderr;
  };
  const deployed = await cdk('deploy', '--require-approval', 'never');
  const [, name] = /Bells\.Name = (\S+)/.exec(deployed) ?? [];
  const { Payload } = await engine.call('lambda', 'Invoke', { FunctionName: name });
  expect(Buffer.from(Payload!).toString()).toBe('"ding"');
  const { Rules } = await engine.call('eventbridge', 'ListRules', {});
  const { Targets } = await engine.call('eventbridge', 'ListTargetsByRule', { Rule: Rules![0]!.Name });
  expect(Targets).toHaveLength(2);
  expect(await cdk('deploy', '--require-approval', 'never')).toContain('(no changes)');
  expect(await cdk('destroy', '--force')).toContain('Bells: destroyed');
  expect((await engine.call('cloudformation', 'DescribeStacks', {})).Stacks).toEqual([]);
  expect((await engine.call('lambda', 'ListFunctions', {})).Functions).toEqual([]);
}, 120_000);
