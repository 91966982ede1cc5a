/*
 * A clock of 2016 in CloudFormation's JSON, of the features of https://github.com/trek10inc/lambda-clock: its custom
 * resource makes five rules that ring a function each five minutes, a minute apart, and the function publishes at the end
 * of its minute. Its runtime is Node.js 0.10, its SDK version 2.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTestEngine, type TestEngine } from '@carillon/engine/testing';
import { expect } from 'vitest';
import { emptyDirectory } from '../../cli/carillon.ts';
import { aws, testWithPython } from '../clients.ts';

const role = (policy: string) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: ['lambda.amazonaws.com'] }, Action: ['sts:AssumeRole'] }],
    },
    ManagedPolicyArns: [
      'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
      `arn:aws:iam::aws:policy/${policy}`,
    ],
  },
});

const fn = (ZipFile: unknown, Role: string, Timeout: string) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    ...{ Handler: 'index.handler', MemorySize: 128, Runtime: 'nodejs', Timeout },
    Code: { ZipFile },
    Role: { 'Fn::GetAtt': [Role, 'Arn'] },
  },
});

const PUBLISH = [
  `
var AWS = require('aws-sdk');
var sns = new AWS.SNS();
exports.handler = function (event, context) {
  var rule = event.resources[0].split('/')[1];
  var wait = (59 - new Date().getSeconds()) * 1000;
  setTimeout(function () {
    sns.publish({ Message: rule + '+' + event.time, TargetArn: '`,
  { Ref: 'Topic' },
  `' }, function (error) {
      if (error) console.log(error, error.stack);
      context.done();
    });
  }, wait);
};`,
];

const MAKE_RULES = `
var response = require('cfn-response');
var AWS = require('aws-sdk');
var events = new AWS.CloudWatchEvents();
exports.handler = function (event, context) {
  var left = 5;
  [0, 1, 2, 3, 4].forEach(function (minute) {
    var name = 'LambdaClock_' + minute;
    events.putRule({ Name: name, ScheduleExpression: 'cron(' + minute + '/5 * ? * MON-SUN *)', State: 'ENABLED' }, function (error) {
      if (error) return context.done(error);
      var target = { Arn: event.ResourceProperties.function_arn, Id: event.ResourceProperties.function_id };
      events.putTargets({ Rule: name, Targets: [target] }, function (error) {
        if (error) return context.done(error);
        left -= 1;
        if (left === 0) response.send(event, context, 'SUCCESS', { Made: 'five' });
      });
    });
  });
};`;

const TEMPLATE = {
  AWSTemplateFormatVersion: '2010-09-09',
  Parameters: {},
  Mappings: {},
  Resources: {
    Topic: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: 'LambdaClock', TopicName: 'LambdaClock' } },
    ClockRole: role('AmazonSNSFullAccess'),
    MakerRole: role('CloudWatchEventsFullAccess'),
    Permission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: { 'Fn::GetAtt': ['Clock', 'Arn'] },
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
      },
    },
    Clock: fn({ 'Fn::Join': ['', PUBLISH] }, 'ClockRole', '60'),
    Maker: { ...fn(MAKE_RULES, 'MakerRole', '30'), DependsOn: 'Clock' },
    Rules: {
      Type: 'Custom::Rules',
      Properties: {
        ServiceToken: { 'Fn::GetAtt': ['Maker', 'Arn'] },
        function_arn: { 'Fn::GetAtt': ['Clock', 'Arn'] },
        function_id: 'LambdaClock',
      },
    },
  },
  Outputs: { TopicArn: { Value: { Ref: 'Topic' } } },
};

/** Someone who hears each message, and when it came. */
async function listener(engine: TestEngine, topicArn: string) {
  const { QueueUrl } = await engine.call('sqs', 'CreateQueue', { QueueName: 'heard' });
  const Endpoint = 'arn:aws:sqs:eu-central-1:000000000000:heard';
  await engine.call('sns', 'Subscribe', { TopicArn: topicArn, Protocol: 'sqs', Endpoint });
  return async () => {
    const heard: { Message: string; Timestamp: string }[] = [];
    for (;;) {
      const { Messages } = await engine.call('sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
      if (!Messages?.length) return heard.sort((a, b) => a.Timestamp.localeCompare(b.Timestamp));
      heard.push(...Messages.map(({ Body }) => JSON.parse(Body!)));
    }
  };
}

testWithPython(
  'a clock is deployed as it was published, tells each minute, and goes, but for its rules',
  async () => {
    const told: string[] = [];
    await using engine = await createTestEngine({
      region: 'eu-central-1',
      clock: 'virtual:2026-01-01T00:00:00Z',
      log: (line) => told.push(line),
    });
    const path = join(emptyDirectory(), 'clock.json');
    writeFileSync(path, JSON.stringify(TEMPLATE));
    const stack = ['--stack-name', 'clock'];
    const template = ['--template-body', `file://${path}`];
    await aws(engine, 'cloudformation', 'create-stack', ...stack, ...template, '--capabilities', 'CAPABILITY_IAM');
    await engine.settle();
    const [{ Outputs }] = JSON.parse(await aws(engine, 'cloudformation', 'describe-stacks', ...stack)).Stacks;
    const heard = await listener(engine, Outputs[0].OutputValue);

    await engine.clock.advance('11 minutes');
    const messages = await heard();
    expect(messages.map(({ Timestamp }) => Timestamp.slice(17))).toEqual(messages.map(() => '59.000Z'));
    expect(messages.map(({ Message }) => Message)).toEqual(
      Array.from({ length: 10 }, (_, index) => {
        const minute = index + 1;
        return `LambdaClock_${minute % 5}+2026-01-01T00:${String(minute).padStart(2, '0')}:00Z`;
      }),
    );

    await aws(engine, 'cloudformation', 'delete-stack', ...stack);
    await engine.settle();
    const { Rules } = await engine.call('eventbridge', 'ListRules', {});
    expect(Rules!.map(({ Name }) => Name)).toEqual([0, 1, 2, 3, 4].map((minute) => `LambdaClock_${minute}`));
    expect(told.join('\n')).toMatch(/LambdaClock_0.*LambdaClock_4/s);
  },
  120_000,
);
