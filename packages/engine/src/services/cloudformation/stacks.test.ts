import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestEngine, type TestEngine } from '../../testing.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await createTestEngine({ account: '111122223333', region: 'eu-central-1' });
});
beforeEach(() => engine.reset());
afterAll(() => engine.close());

const QUEUE = { Type: 'AWS::SQS::Queue' };
const text = (template: object) => JSON.stringify(template);

async function create(template: object, more: object = {}) {
  const { StackId } = await engine.call('cloudformation', 'CreateStack', {
    ...{ StackName: 'bells', TemplateBody: text(template), ...more },
  });
  await engine.settle();
  return StackId!;
}

async function update(template: object, more: object = {}) {
  await engine.call('cloudformation', 'UpdateStack', { StackName: 'bells', TemplateBody: text(template), ...more });
  await engine.settle();
}

async function stack(name = 'bells') {
  return (await engine.call('cloudformation', 'DescribeStacks', { StackName: name })).Stacks![0]!;
}

/** Oldest first: `<logical id> <status>[: <reason>]`. */
async function events(name = 'bells') {
  const { StackEvents } = await engine.call('cloudformation', 'DescribeStackEvents', { StackName: name });
  return StackEvents!.reverse().map(({ LogicalResourceId, ResourceStatus, ResourceStatusReason: reason }) => {
    return `${LogicalResourceId} ${ResourceStatus}${reason === undefined ? '' : `: ${reason}`}`;
  });
}

test('a stack makes its resources after those that they refer to, and tells so (stack-failure-options.html)', async () => {
  const id = await create({
    Resources: {
      Policy: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: {
          Queues: [{ Ref: 'Jobs' }],
          PolicyDocument: { Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:*', Resource: '*' }] },
        },
      },
      Jobs: { Type: 'AWS::SQS::Queue', Properties: { DelaySeconds: '5' } },
    },
    Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Jobs', 'Arn'] }, Export: { Name: 'jobs' } } },
  });
  const made = await stack();
  expect(made).toMatchObject({ StackId: id, StackStatus: 'CREATE_COMPLETE', Tags: [] });
  const [name] = /bells-Jobs-[A-Z0-9]{12}$/.exec(made.Outputs![0]!.OutputValue!)!;
  expect(made.Outputs).toEqual([
    { OutputKey: 'Arn', OutputValue: `arn:aws:sqs:eu-central-1:111122223333:${name}`, ExportName: 'jobs' },
  ]);
  expect(await events()).toEqual([
    'bells CREATE_IN_PROGRESS: User Initiated',
    'Jobs CREATE_IN_PROGRESS',
    'Jobs CREATE_IN_PROGRESS: Resource creation Initiated',
    'Jobs CREATE_COMPLETE',
    'Policy CREATE_IN_PROGRESS',
    'Policy CREATE_IN_PROGRESS: Resource creation Initiated',
    'Policy CREATE_COMPLETE',
    'bells CREATE_COMPLETE',
  ]);
  const { QueueUrl } = await engine.call('sqs', 'GetQueueUrl', { QueueName: name });
  const { Tags } = await engine.call('sqs', 'ListQueueTags', { QueueUrl });
  expect(Tags).toEqual({
    'aws:cloudformation:stack-name': 'bells',
    'aws:cloudformation:stack-id': id,
    'aws:cloudformation:logical-id': 'Jobs',
  });
  await engine.call('cloudformation', 'DeleteStack', { StackName: 'bells' });
  await engine.settle();
  await expect(stack()).rejects.toMatchObject({ message: 'Stack with id bells does not exist' });
  expect(await stack(id)).toMatchObject({ StackStatus: 'DELETE_COMPLETE' });
  expect((await engine.call('sqs', 'ListQueues', {})).QueueUrls ?? []).toEqual([]);
});

test('what fails is told, and all that was made is removed', async () => {
  await engine.call('sqs', 'CreateQueue', { QueueName: 'taken' });
  await create({
    Resources: { Jobs: QUEUE, Taken: { ...QUEUE, Properties: { QueueName: 'taken' }, DependsOn: 'Jobs' } },
  });
  expect(await events()).toEqual([
    'bells CREATE_IN_PROGRESS: User Initiated',
    'Jobs CREATE_IN_PROGRESS',
    'Jobs CREATE_IN_PROGRESS: Resource creation Initiated',
    'Jobs CREATE_COMPLETE',
    'Taken CREATE_IN_PROGRESS',
    expect.stringMatching(
      /^Taken CREATE_FAILED: Resource handler returned message: "Resource of type 'AWS::SQS::Queue' with identifier .* already exists\." \(RequestToken: [\w-]+, HandlerErrorCode: AlreadyExists\)$/,
    ),
    'bells ROLLBACK_IN_PROGRESS: The following resource(s) failed to create: [Taken]. Rollback requested by user.',
    'Jobs DELETE_IN_PROGRESS',
    'Jobs DELETE_COMPLETE',
    'bells ROLLBACK_COMPLETE',
  ]);
  expect((await engine.call('sqs', 'ListQueues', {})).QueueUrls).toEqual([expect.stringMatching(/taken$/)]);
});

test('an update changes in place, replaces, adds and removes; what goes, goes last', async () => {
  await create({
    Resources: {
      A: { ...QUEUE, Properties: { QueueName: 'a', DelaySeconds: 1 } },
      B: { ...QUEUE, Properties: { QueueName: 'b' } },
      C: { ...QUEUE, Properties: { QueueName: 'c' } },
    },
  });
  const before = (await events()).length;
  await update({
    Resources: {
      A: { ...QUEUE, Properties: { QueueName: 'a', DelaySeconds: 2 } },
      B: { ...QUEUE, Properties: { QueueName: 'b2' } },
      D: { ...QUEUE, Properties: { QueueName: 'd' } },
    },
  });
  const after = (await events()).slice(before);
  expect(after[0]).toBe('bells UPDATE_IN_PROGRESS: User Initiated');
  expect(after).toContain('A UPDATE_COMPLETE');
  expect(after).toContain(
    'B UPDATE_IN_PROGRESS: Requested update requires the creation of a new physical resource; hence creating one.',
  );
  expect(after.slice(after.indexOf('bells UPDATE_COMPLETE_CLEANUP_IN_PROGRESS')).sort()).toEqual([
    ...['B DELETE_COMPLETE', 'B DELETE_IN_PROGRESS', 'C DELETE_COMPLETE', 'C DELETE_IN_PROGRESS'],
    ...['bells UPDATE_COMPLETE', 'bells UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'],
  ]);
  const urls = (await engine.call('sqs', 'ListQueues', {})).QueueUrls!.map((url) => url.split('/').at(-1));
  expect(urls).toEqual(['a', 'b2', 'd']);
  await expect(
    update({
      Resources: {
        A: { ...QUEUE, Properties: { QueueName: 'a', DelaySeconds: 2 } },
        B: { ...QUEUE, Properties: { QueueName: 'b2' } },
        D: { ...QUEUE, Properties: { QueueName: 'd' } },
      },
    }),
  ).rejects.toMatchObject({ code: 'ValidationError', message: 'No updates are to be performed.' });
});

test('an update that fails brings back what it changed', async () => {
  await engine.call('sqs', 'CreateQueue', { QueueName: 'taken' });
  await create({
    Resources: {
      A: { ...QUEUE, Properties: { QueueName: 'a', DelaySeconds: 1 } },
      B: { ...QUEUE, Properties: { QueueName: 'b' } },
    },
  });
  const before = (await events()).length;
  await update({
    Resources: {
      A: { ...QUEUE, Properties: { QueueName: 'a', DelaySeconds: 2 } },
      B: { ...QUEUE, Properties: { QueueName: 'b2' } },
      N: QUEUE,
      Taken: { ...QUEUE, Properties: { QueueName: 'taken' }, DependsOn: ['A', 'B', 'N'] },
    },
  });
  expect(await stack()).toMatchObject({ StackStatus: 'UPDATE_ROLLBACK_COMPLETE' });
  const after = (await events()).slice(before);
  expect(after).toContain('bells UPDATE_ROLLBACK_IN_PROGRESS: The following resource(s) failed to create: [Taken]. ');
  expect(after.slice(after.indexOf('bells UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS')).sort()).toEqual([
    ...['B DELETE_COMPLETE', 'B DELETE_IN_PROGRESS', 'N DELETE_COMPLETE', 'N DELETE_IN_PROGRESS'],
    ...['bells UPDATE_ROLLBACK_COMPLETE', 'bells UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS'],
  ]);
  const urls = (await engine.call('sqs', 'ListQueues', {})).QueueUrls!;
  expect(urls.map((url) => url.split('/').at(-1))).toEqual(['a', 'b', 'taken']);
  const { Attributes } = await engine.call('sqs', 'GetQueueAttributes', {
    QueueUrl: urls[0],
    AttributeNames: ['DelaySeconds'],
  });
  expect(Attributes).toEqual({ DelaySeconds: '1' });
});

test('types and properties that there are not are refused by name, before anything is made', async () => {
  await expect(
    create({ Resources: { A: { Type: 'AWS::Foo::Bar' }, B: { Type: 'AWS::Foo::Baz' }, C: QUEUE } }),
  ).rejects.toMatchObject({
    message: expect.stringMatching(
      /^Template format error: Unrecognized resource types: \[AWS::Foo::Bar, AWS::Foo::Baz\]/,
    ),
  });
  const image = { Type: 'AWS::Lambda::Function', Properties: { Role: 'r', Code: { ImageUri: 'x' } } };
  await expect(create({ Resources: { F: image } })).rejects.toMatchObject({
    message: 'Carillon does not support these properties yet: F (AWS::Lambda::Function): Code.ImageUri',
  });
  expect((await engine.call('cloudformation', 'ListStacks', {})).StackSummaries).toEqual([]);
});

test('drift is what became of resources behind the stack (using-cfn-stack-drift.html)', async () => {
  const delayed = { ...QUEUE, Properties: { DelaySeconds: '5' } };
  await create({ Resources: { Changed: delayed, Gone: QUEUE, Same: delayed } });
  const { StackResources } = await engine.call('cloudformation', 'DescribeStackResources', { StackName: 'bells' });
  const [changed, gone] = StackResources!.map(({ PhysicalResourceId }) => PhysicalResourceId!);
  await engine.call('sqs', 'SetQueueAttributes', { QueueUrl: changed, Attributes: { DelaySeconds: '6' } });
  await engine.call('sqs', 'DeleteQueue', { QueueUrl: gone });
  const { StackDriftDetectionId } = await engine.call('cloudformation', 'DetectStackDrift', { StackName: 'bells' });
  expect(
    await engine.call('cloudformation', 'DescribeStackDriftDetectionStatus', { StackDriftDetectionId }),
  ).toMatchObject({ DetectionStatus: 'DETECTION_COMPLETE', StackDriftStatus: 'DRIFTED', DriftedStackResourceCount: 2 });
  const found = await engine.call('cloudformation', 'DescribeStackResourceDrifts', { StackName: 'bells' });
  expect(found.StackResourceDrifts).toMatchObject([
    {
      ...{ LogicalResourceId: 'Changed', StackResourceDriftStatus: 'MODIFIED' },
      PropertyDifferences: [
        { PropertyPath: '/DelaySeconds', ExpectedValue: '5', ActualValue: '6', DifferenceType: 'NOT_EQUAL' },
      ],
    },
    { LogicalResourceId: 'Gone', StackResourceDriftStatus: 'DELETED' },
    { LogicalResourceId: 'Same', StackResourceDriftStatus: 'IN_SYNC' },
  ]);
});
