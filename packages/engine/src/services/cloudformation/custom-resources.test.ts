import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestEngine, type TestEngine } from '../../testing.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await createTestEngine({ account: '111122223333', region: 'eu-central-1' });
});
beforeEach(() => engine.reset());
afterAll(() => engine.close());

const ROLE = {
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
    ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'],
  },
};

const fn = (code: string) => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    ...{ Runtime: 'nodejs22.x', Handler: 'index.handler', Timeout: '30', Code: { ZipFile: code } },
    Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
  },
});

/** Answers as its properties tell it, and keeps what it was asked in a queue. */
const ECHO = `
const http = require('node:http');
exports.handler = async (event) => {
  console.log('ASKED ' + JSON.stringify(event));
  const { Answer = '{}' } = event.ResourceProperties;
  const body = JSON.stringify({
    Status: 'SUCCESS', StackId: event.StackId, RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId, PhysicalResourceId: 'first', ...JSON.parse(Answer),
    ...(event.RequestType === 'Delete' && { Status: 'SUCCESS' }),
  });
  const url = new URL(event.ResponseURL);
  await new Promise((resolve, reject) => {
    const request = http.request({ hostname: url.hostname, port: url.port, path: url.pathname + url.search, method: 'PUT', headers: { 'content-type': '', 'content-length': Buffer.byteLength(body) } }, (response) => { response.resume(); response.on('end', resolve); });
    request.on('error', reject);
    request.end(body);
  });
};`;

const template = (properties: object, outputs?: object, code = ECHO) =>
  JSON.stringify({
    Resources: {
      Thing: {
        Type: 'Custom::Thing',
        Properties: { ServiceToken: { 'Fn::GetAtt': ['Function', 'Arn'] }, ...properties },
      },
      Function: fn(code),
      Role: ROLE,
      Permission: {
        Type: 'AWS::Lambda::Permission',
        Properties: {
          FunctionName: { Ref: 'Function' },
          Action: 'lambda:InvokeFunction',
          Principal: 'cloudformation.amazonaws.com',
        },
      },
    },
    ...(outputs && { Outputs: outputs }),
  });

const REQUEST = { StackName: 'bells', Capabilities: ['CAPABILITY_IAM' as const] };

async function deploy(operation: 'CreateStack' | 'UpdateStack', TemplateBody: string) {
  await engine.call('cloudformation', operation, { ...REQUEST, TemplateBody });
  await engine.settle();
}

async function stack() {
  return (await engine.call('cloudformation', 'DescribeStacks', { StackName: 'bells' })).Stacks![0]!;
}

async function thingEvents() {
  const { StackEvents } = await engine.call('cloudformation', 'DescribeStackEvents', { StackName: 'bells' });
  return StackEvents!
    .reverse()
    .filter(({ LogicalResourceId }) => LogicalResourceId === 'Thing')
    .map(({ ResourceStatus, ResourceStatusReason: reason }) => `${ResourceStatus}${reason ? `: ${reason}` : ''}`);
}

/** What the function was asked, oldest first. */
async function asked(): Promise<Record<string, unknown>[]> {
  const { logGroups } = await engine.call('logs', 'DescribeLogGroups', {});
  const found: Record<string, unknown>[] = [];
  for (const { logGroupName } of logGroups!) {
    const { events } = await engine.call('logs', 'FilterLogEvents', { logGroupName, filterPattern: 'ASKED' });
    found.push(...events!.map(({ message }) => JSON.parse(/ASKED (.*)/.exec(message!)![1]!)));
  }
  return found;
}

test('a function is asked as AWS asks it, and its answer is what Ref and Fn::GetAtt give (crpg-ref-requesttypes-create.html)', async () => {
  const Answer = JSON.stringify({ PhysicalResourceId: 'thing-1', Data: { Colour: 'red', Deep: { er: 'yes' } } });
  await deploy(
    'CreateStack',
    template(
      { Answer, Count: 1, On: true, List: [1, { a: false }] },
      {
        Id: { Value: { Ref: 'Thing' } },
        Colour: { Value: { 'Fn::GetAtt': ['Thing', 'Colour'] } },
        Deep: { Value: { 'Fn::GetAtt': 'Thing.Deep.er' } },
      },
    ),
  );
  const { StackId, StackStatus, Outputs } = await stack();
  expect(StackStatus).toBe('CREATE_COMPLETE');
  expect(Outputs!.map(({ OutputValue }) => OutputValue)).toEqual(['thing-1', 'red', 'yes']);
  const [request] = await asked();
  expect(Object.keys(request!)).toEqual([
    ...['RequestType', 'ServiceToken', 'ResponseURL', 'StackId', 'RequestId', 'LogicalResourceId', 'ResourceType'],
    'ResourceProperties',
  ]);
  expect(request).toMatchObject({
    ...{ RequestType: 'Create', StackId, LogicalResourceId: 'Thing', ResourceType: 'Custom::Thing' },
    ResourceProperties: {
      Answer,
      Count: '1',
      On: 'true',
      List: ['1', { a: 'false' }],
      ServiceToken: request!.ServiceToken,
    },
  });
});

test('an update tells what was, and another physical id takes the old one away at the end', async () => {
  await deploy('CreateStack', template({ Colour: 'red' }));
  await deploy('UpdateStack', template({ Colour: 'blue', Answer: '{"PhysicalResourceId":"second"}' }));
  expect((await stack()).StackStatus).toBe('UPDATE_COMPLETE');
  const requests = await asked();
  expect(requests.map(({ RequestType, PhysicalResourceId }) => [RequestType, PhysicalResourceId])).toEqual([
    ['Create', undefined],
    ['Update', 'first'],
    ['Delete', 'first'],
  ]);
  expect(requests[1]).toMatchObject({
    ResourceProperties: { Colour: 'blue' },
    OldResourceProperties: { Colour: 'red' },
  });
  await engine.call('cloudformation', 'DeleteStack', { StackName: 'bells' });
  await engine.settle();
  expect(await asked()).toHaveLength(4);
  await expect(stack()).rejects.toThrow('does not exist');
});

test('why it failed is told in the events, and it is asked to delete what it named', async () => {
  await deploy('CreateStack', template({ Answer: '{"Status":"FAILED","Reason":"no clapper"}' }));
  expect((await stack()).StackStatus).toBe('ROLLBACK_COMPLETE');
  expect(await thingEvents()).toEqual([
    'CREATE_IN_PROGRESS',
    expect.stringMatching(
      /^CREATE_FAILED: Received response status \[FAILED\] from custom resource\. Message returned: no clapper \(RequestId: [\w-]+\)$/,
    ),
    'DELETE_IN_PROGRESS',
    'DELETE_COMPLETE',
  ]);
});

test('an attribute that the answer lacks fails what refers to it', async () => {
  await deploy('CreateStack', template({}, { Out: { Value: { 'Fn::GetAtt': ['Thing', 'Colour'] } } }));
  expect(await stack()).toMatchObject({
    StackStatus: 'ROLLBACK_COMPLETE',
  });
});

test('one that never answers is waited for an hour, or as long as ServiceTimeout says', async () => {
  await engine.call('cloudformation', 'CreateStack', {
    ...REQUEST,
    TemplateBody: template({ ServiceTimeout: '90' }, undefined, 'exports.handler = async () => {};'),
    OnFailure: 'DO_NOTHING',
  });
  await engine.clock.advance('89 seconds');
  expect((await stack()).StackStatus).toBe('CREATE_IN_PROGRESS');
  await engine.clock.advance('2 seconds');
  expect((await stack()).StackStatus).toBe('CREATE_FAILED');
  expect((await thingEvents()).at(-1)).toMatch(
    /^CREATE_FAILED: CloudFormation did not receive a response from your Custom Resource\. Please check your logs for requestId/,
  );
});

test('rules that a custom resource leaves behind are told of', async () => {
  const lines: string[] = [];
  await using own = await createTestEngine({ log: (line) => lines.push(line) });
  const TemplateBody = template({});
  const { StackId } = await own.call('cloudformation', 'CreateStack', { ...REQUEST, TemplateBody });
  await own.settle();
  const [made] = (await own.call('lambda', 'ListFunctions', {})).Functions!;
  await own.call('eventbridge', 'PutRule', { Name: 'LambdaClock_0', ScheduleExpression: 'rate(5 minutes)' });
  const Targets = [{ Id: '1', Arn: made!.FunctionArn }];
  await own.call('eventbridge', 'PutTargets', { Rule: 'LambdaClock_0', Targets });
  await own.call('cloudformation', 'DeleteStack', { StackName: 'bells' });
  await own.settle();
  const [deleted] = (await own.call('cloudformation', 'DescribeStacks', { StackName: StackId })).Stacks!;
  expect(deleted!.StackStatus).toBe('DELETE_COMPLETE');
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^The stack bells is deleted, but the rules LambdaClock_0 still ring its function bells-Function-/,
    ),
  );
});
