import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestEngine, type TestEngine } from '../../testing.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await createTestEngine({ account: '111122223333', region: 'eu-central-1' });
});
beforeEach(() => engine.reset());
afterAll(() => engine.close());

const QUEUE = { Type: 'AWS::SQS::Queue' };

async function create(template: object, more: object = {}) {
  const TemplateBody = JSON.stringify(template);
  const { StackId } = await engine.call('cloudformation', 'CreateStack', { StackName: 'bells', TemplateBody, ...more });
  await engine.settle();
  return StackId!;
}

async function status(name = 'bells') {
  return (await engine.call('cloudformation', 'DescribeStacks', { StackName: name })).Stacks![0]!.StackStatus;
}

async function reasonOf(id: string) {
  const { StackEvents } = await engine.call('cloudformation', 'DescribeStackEvents', { StackName: 'bells' });
  const failed = StackEvents!.find(
    ({ LogicalResourceId, ResourceStatus }) => LogicalResourceId === id && ResourceStatus!.endsWith('_FAILED'),
  );
  return failed?.ResourceStatusReason;
}

const CONDITION = {
  Resources: {
    Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' },
    Wait: {
      Type: 'AWS::CloudFormation::WaitCondition',
      Properties: { Handle: { Ref: 'Handle' }, Timeout: '60', Count: '2' },
    },
  },
  Outputs: { Data: { Value: { 'Fn::GetAtt': ['Wait', 'Data'] } } },
};

async function handle() {
  const found = await engine.call('cloudformation', 'DescribeStackResource', {
    ...{ StackName: 'bells', LogicalResourceId: 'Handle' },
  });
  return found.StackResourceDetail!.PhysicalResourceId!;
}

test('a wait condition waits for its signals, and gives their data (using-cfn-waitcondition.html)', async () => {
  await create(CONDITION);
  const put = async (UniqueId: string) =>
    fetch(await handle(), {
      ...{ method: 'PUT', headers: { 'content-type': '' } },
      body: JSON.stringify({ Status: 'SUCCESS', UniqueId, Data: `of ${UniqueId}`, Reason: 'done' }),
    });
  expect((await put('a')).status).toBe(200);
  await put('a');
  await engine.settle();
  expect(await status()).toBe('CREATE_IN_PROGRESS');
  await put('b');
  await engine.settle();
  const [stack] = (await engine.call('cloudformation', 'DescribeStacks', { StackName: 'bells' })).Stacks!;
  expect(stack).toMatchObject({ StackStatus: 'CREATE_COMPLETE' });
  expect(JSON.parse(stack!.Outputs![0]!.OutputValue!)).toEqual({ a: 'of a', b: 'of b' });
});

test('it gives up by the clock', async () => {
  await create(CONDITION);
  await engine.clock.advance('61 seconds');
  expect(await status()).toBe('ROLLBACK_COMPLETE');
  expect(await reasonOf('Wait')).toBe('WaitCondition timed out. Received 0 conditions when expecting 2');
});

test('a resource waits for the signals that its CreationPolicy asks for (API_SignalResource.html)', async () => {
  await create({
    Resources: { Jobs: { ...QUEUE, CreationPolicy: { ResourceSignal: { Count: 1, Timeout: 'PT1M30S' } } } },
  });
  expect(await status()).toBe('CREATE_IN_PROGRESS');
  const about = { StackName: 'bells', LogicalResourceId: 'Jobs', UniqueId: 'x' };
  await engine.call('cloudformation', 'SignalResource', { ...about, Status: 'SUCCESS' });
  await engine.settle();
  expect(await status()).toBe('CREATE_COMPLETE');
});

test('a creation that takes too long is rolled back, and what waits is cancelled', async () => {
  await create(CONDITION, { TimeoutInMinutes: 1 });
  await engine.clock.advance('2 minutes');
  expect(await status()).toBe('ROLLBACK_COMPLETE');
});

test('a stack that is being created can be deleted', async () => {
  const id = await create(CONDITION);
  await engine.call('cloudformation', 'DeleteStack', { StackName: 'bells' });
  await engine.settle();
  expect(await status(id)).toBe('DELETE_COMPLETE');
  expect(await events(id)).toContain('Wait CREATE_FAILED: Resource creation cancelled');
});

async function events(StackName: string) {
  const { StackEvents } = await engine.call('cloudformation', 'DescribeStackEvents', { StackName });
  return StackEvents!.map(
    (event) => `${event.LogicalResourceId} ${event.ResourceStatus}: ${event.ResourceStatusReason}`,
  );
}

test('an update that waits can be cancelled, and goes back', async () => {
  await create({ Resources: { Jobs: QUEUE } });
  const TemplateBody = JSON.stringify({
    Resources: { Jobs: { ...QUEUE, Properties: { DelaySeconds: 3 } }, ...CONDITION.Resources },
  });
  await engine.call('cloudformation', 'UpdateStack', { StackName: 'bells', TemplateBody });
  await engine.settle();
  await engine.call('cloudformation', 'CancelUpdateStack', { StackName: 'bells' });
  await engine.settle();
  expect(await status()).toBe('UPDATE_ROLLBACK_COMPLETE');
  const { StackResourceSummaries } = await engine.call('cloudformation', 'ListStackResources', { StackName: 'bells' });
  expect(StackResourceSummaries!.map(({ LogicalResourceId }) => LogicalResourceId)).toEqual(['Jobs']);
});

test('what failed and was left can be rolled back', async () => {
  await engine.call('sqs', 'CreateQueue', { QueueName: 'taken' });
  const Taken = { ...QUEUE, Properties: { QueueName: 'taken' }, DependsOn: 'Jobs' };
  await create({ Resources: { Jobs: QUEUE, Taken } }, { OnFailure: 'DO_NOTHING' });
  expect(await status()).toBe('CREATE_FAILED');
  await engine.call('cloudformation', 'RollbackStack', { StackName: 'bells' });
  await engine.settle();
  expect(await status()).toBe('ROLLBACK_COMPLETE');
  expect((await engine.call('sqs', 'ListQueues', {})).QueueUrls).toHaveLength(1);
});

test('a protected stack is not deleted; what its template retains stays', async () => {
  const id = await create(
    { Resources: { Jobs: { ...QUEUE, DeletionPolicy: 'Retain' } } },
    { EnableTerminationProtection: true },
  );
  await expect(engine.call('cloudformation', 'DeleteStack', { StackName: 'bells' })).rejects.toMatchObject({
    code: 'ValidationError',
    message: `Stack [${id}] cannot be deleted while TerminationProtection is enabled`,
  });
  const protection = { StackName: 'bells', EnableTerminationProtection: false };
  await engine.call('cloudformation', 'UpdateTerminationProtection', protection);
  await engine.call('cloudformation', 'DeleteStack', { StackName: 'bells' });
  await engine.settle();
  expect(await events(id)).toContain('Jobs DELETE_SKIPPED: undefined');
  expect((await engine.call('sqs', 'ListQueues', {})).QueueUrls).toHaveLength(1);
});

test('an export that is used can neither change nor go', async () => {
  const exporting = (name: string) => ({
    Resources: { Jobs: { ...QUEUE, Properties: { QueueName: name } } },
    Outputs: { Url: { Value: { Ref: 'Jobs' }, Export: { Name: 'jobs' } } },
  });
  await create(exporting('a'));
  await create(
    {
      Resources: {
        Log: {
          Type: 'AWS::Logs::LogGroup',
          Properties: { Tags: [{ Key: 'jobs', Value: { 'Fn::ImportValue': 'jobs' } }] },
        },
      },
    },
    { StackName: 'user' },
  );
  expect((await engine.call('cloudformation', 'ListImports', { ExportName: 'jobs' })).Imports).toEqual(['user']);
  await engine.call('cloudformation', 'UpdateStack', {
    StackName: 'bells',
    TemplateBody: JSON.stringify(exporting('b')),
  });
  await engine.settle();
  expect(await status()).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await events('bells')).toContain(
    'bells UPDATE_ROLLBACK_IN_PROGRESS: Export jobs cannot be updated as it is in use by user. ',
  );
  await expect(create(exporting('c'), { StackName: 'other' })).resolves.toBeDefined();
  expect(await status('other')).toBe('ROLLBACK_COMPLETE');
});

test('IAM needs a capability, and a macro is a function that works on templates (template-macros-author.html)', async () => {
  const trust = {
    Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
  const role = { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: trust } };
  await expect(create({ Resources: { Role: role } })).rejects.toMatchObject({
    ...{ code: 'InsufficientCapabilitiesException', message: 'Requires capabilities : [CAPABILITY_IAM]' },
  });
  const code = `exports.handler = async ({ requestId, fragment, params }) => {
    fragment.Resources.Added = { Type: 'AWS::SQS::Queue', Properties: { QueueName: params.Name } };
    return { requestId, status: 'success', fragment };
  };`;
  await create(
    {
      Resources: {
        Role: role,
        Function: {
          Type: 'AWS::Lambda::Function',
          Properties: {
            Runtime: 'nodejs22.x',
            Handler: 'index.handler',
            Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
            Code: { ZipFile: code },
          },
        },
        Macro: {
          Type: 'AWS::CloudFormation::Macro',
          Properties: { Name: 'Add', FunctionName: { 'Fn::GetAtt': ['Function', 'Arn'] } },
        },
      },
    },
    { StackName: 'macros', Capabilities: ['CAPABILITY_IAM'] },
  );
  expect(await status('macros')).toBe('CREATE_COMPLETE');
  const template = { Transform: [{ Name: 'Add', Parameters: { Name: 'added' } }], Resources: { Jobs: QUEUE } };
  await expect(create(template)).rejects.toMatchObject({ message: 'Requires capabilities : [CAPABILITY_AUTO_EXPAND]' });
  await create(template, { Capabilities: ['CAPABILITY_AUTO_EXPAND'] });
  expect(await status()).toBe('CREATE_COMPLETE');
  const { TemplateBody } = await engine.call('cloudformation', 'GetTemplate', {
    StackName: 'bells',
    TemplateStage: 'Processed',
  });
  expect(Object.keys(JSON.parse(TemplateBody!).Resources)).toEqual(['Jobs', 'Added']);
  const loop = {
    Transform: 'AWS::LanguageExtensions',
    Resources: { 'Fn::ForEach::Queues': ['Name', ['a', 'b'], { 'Queue${Name}': QUEUE }] },
  };
  await create(loop, { StackName: 'loops', Capabilities: ['CAPABILITY_AUTO_EXPAND'] });
  const { StackResourceSummaries } = await engine.call('cloudformation', 'ListStackResources', { StackName: 'loops' });
  expect(StackResourceSummaries!.map(({ LogicalResourceId }) => LogicalResourceId)).toEqual(['Queuea', 'Queueb']);
});
