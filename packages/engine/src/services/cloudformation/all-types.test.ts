/*
 * Each resource type through stacks: made with the least and with all of its properties, brought from one to the other,
 * replaced and removed. What came of it is read by the type's own `read`, which is calls of the service's API.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Properties, ResourceContext } from '../../kernel/service.ts';
import { schemaOf } from '../../languages/resource-schema/index.ts';
import { services } from '../../services.ts';
import { createTestEngine, type TestEngine } from '../../testing.ts';

const account = '111122223333';
const region = 'eu-central-1';
const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`;
const role = `arn:aws:iam::${account}:role/ringer`;
const ref = (Ref: string) => ({ Ref });
const get = (id: string, name: string) => ({ 'Fn::GetAtt': [id, name] });

let engine: TestEngine;
beforeAll(async () => {
  engine = await createTestEngine({ account, region });
});
beforeEach(async () => {
  await engine.reset();
  await engine.call('s3', 'CreateBucket', {
    Bucket: 'code',
    CreateBucketConfiguration: { LocationConstraint: region },
  });
});
afterAll(() => engine.close());

interface Case {
  readonly type: string;
  /** What its properties refer to; from the number of the deployment where that has to change. */
  readonly needs?: Readonly<Record<string, object>> | ((deployment: number) => Readonly<Record<string, object>>);
  readonly least: Properties;
  readonly all: Properties;
  /** What makes another resource of it. */
  readonly other: Properties;
  /** Properties that can't be read, or not as they were given. */
  readonly unread?: readonly string[];
  /** What `Ref` gives. */
  readonly ref: unknown;
}

const statement = (Resource: unknown, Action: string) => ({
  ...{ Sid: 's', Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` }, Action, Resource },
});
const policyOf = (Resource: unknown, Action: string) => ({
  ...{ Version: '2012-10-17', Statement: [statement(Resource, Action)] },
});
const Tags = [{ Key: 'tower', Value: 'north' }];
const inline = {
  Type: 'AWS::Lambda::Function',
  Properties: {
    ...{ FunctionName: 'bell', Runtime: 'nodejs22.x', Handler: 'index.handler', Role: role },
    Code: { ZipFile: 'exports.handler = async () => 1' },
  },
};
const queue = (QueueName: string) => ({ Type: 'AWS::SQS::Queue', Properties: { QueueName } });
const topic = (TopicName: string) => ({ Type: 'AWS::SNS::Topic', Properties: { TopicName } });
const version = { Type: 'AWS::Lambda::Version', Properties: { FunctionName: ref('Fn') } };

const cases: readonly Case[] = [
  {
    type: 'AWS::Events::Rule',
    needs: { Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'tower' } }, Q: queue('bells') },
    least: { Name: 'r', EventBusName: ref('Bus'), EventPattern: '{"source":["a"]}', State: 'ENABLED' },
    all: {
      ...{ Name: 'r', EventBusName: ref('Bus'), Description: 'rings', State: 'DISABLED', RoleArn: role, Tags },
      EventPattern: { source: ['a', 'b'] },
      Targets: [
        {
          ...{ Id: 'q', Arn: get('Q', 'Arn'), RoleArn: role },
          DeadLetterConfig: { Arn: get('Q', 'Arn') },
          RetryPolicy: { MaximumRetryAttempts: '3', MaximumEventAgeInSeconds: 60 },
          InputTransformer: { InputPathsMap: { a: '$.source' }, InputTemplate: '"<a>"' },
        },
        { Id: 'f', Arn: arn('sqs', 'bells.fifo'), SqsParameters: { MessageGroupId: 'g' }, InputPath: '$.detail' },
      ],
    },
    other: { Name: 'other' },
    unread: ['EventBusName'],
    ref: 'tower|r',
  },
  {
    type: 'AWS::Events::EventBus',
    needs: { Q: queue('bells') },
    least: { Name: 'tower' },
    all: {
      ...{ Name: 'tower', Description: 'all that rings', KmsKeyIdentifier: 'alias/tower', Tags },
      DeadLetterConfig: { Arn: get('Q', 'Arn') },
      LogConfig: { IncludeDetail: 'FULL', Level: 'ERROR' },
      Policy: policyOf(arn('events', 'event-bus/tower'), 'events:PutEvents'),
    },
    other: { Name: 'other' },
    ref: 'tower',
  },
  {
    type: 'AWS::Events::EventBusPolicy',
    needs: { Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'tower' } } },
    least: { EventBusName: ref('Bus'), StatementId: 's', Action: 'events:PutEvents', Principal: '*' },
    all: {
      ...{ EventBusName: ref('Bus'), StatementId: 's', Action: 'events:PutRule', Principal: account },
      Condition: { Type: 'StringEquals', Key: 'aws:PrincipalOrgID', Value: 'o-1' },
    },
    other: { StatementId: 'other' },
    unread: ['Action', 'Principal', 'Condition'],
    ref: 'tower|s',
  },
  {
    type: 'AWS::Events::Archive',
    least: { ArchiveName: 'kept', SourceArn: arn('events', 'event-bus/default') },
    all: {
      ...{ ArchiveName: 'kept', SourceArn: arn('events', 'event-bus/default'), Description: 'all', RetentionDays: '7' },
      ...{ EventPattern: { source: ['a'] }, KmsKeyIdentifier: 'alias/tower' },
    },
    other: { ArchiveName: 'other' },
    ref: 'kept',
  },
  {
    type: 'AWS::Scheduler::Schedule',
    needs: { Q: queue('bells'), Group: { Type: 'AWS::Scheduler::ScheduleGroup', Properties: { Name: 'tower' } } },
    least: {
      ...{ Name: 's', ScheduleExpression: 'rate(1 hour)', FlexibleTimeWindow: { Mode: 'OFF' } },
      Target: { Arn: get('Q', 'Arn'), RoleArn: role },
    },
    all: {
      ...{ Name: 's', GroupName: ref('Group'), ScheduleExpression: 'cron(0 12 * * ? *)', Description: 'noon' },
      ...{ ScheduleExpressionTimezone: 'Europe/Zurich', State: 'DISABLED', KmsKeyArn: arn('kms', 'key/k') },
      ...{ StartDate: '2030-01-01T00:00:00.000Z', EndDate: '2031-01-01T00:00:00.000Z' },
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: '15' },
      Target: {
        ...{ Arn: get('Q', 'Arn'), RoleArn: role, Input: '{"a":1}', SqsParameters: { MessageGroupId: 'g' } },
        ...{ DeadLetterConfig: { Arn: get('Q', 'Arn') } },
        RetryPolicy: { MaximumEventAgeInSeconds: '60', MaximumRetryAttempts: 1 },
      },
    },
    other: { Name: 'other' },
    ref: 's',
  },
  {
    type: 'AWS::Scheduler::ScheduleGroup',
    least: { Name: 'tower' },
    all: { Name: 'tower', Tags },
    other: { Name: 'other' },
    ref: 'tower',
  },
  {
    type: 'AWS::Lambda::Function',
    needs: { Q: queue('bells'), Vpc: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'bells' } } },
    least: {
      ...{ FunctionName: 'f', Runtime: 'python3.13', Handler: 'index.handler', Role: role, PackageType: 'Zip' },
      Code: { ZipFile: 'def handler(event, context): return 1' },
    },
    all: {
      ...{ FunctionName: 'f', Runtime: 'nodejs22.x', Handler: 'index.ring', Role: `${role}-other`, Tags },
      ...{ Architectures: ['arm64'], Code: { ZipFile: 'exports.ring = async () => 2' }, Description: 'rings' },
      ...{
        DeadLetterConfig: { TargetArn: get('Q', 'Arn') },
        Environment: { Variables: { ONE: '1', TWO: 2, YES: true } },
      },
      ...{ EphemeralStorage: { Size: '1024' }, KmsKeyArn: arn('kms', 'key/k'), MemorySize: '256', Timeout: '60' },
      ...{ PackageType: 'Zip', ReservedConcurrentExecutions: '5', RecursiveLoop: 'Allow' },
      LoggingConfig: { LogFormat: 'JSON', LogGroup: ref('Vpc'), ApplicationLogLevel: 'DEBUG', SystemLogLevel: 'WARN' },
      RuntimeManagementConfig: { UpdateRuntimeOn: 'FunctionUpdate' },
      SnapStart: { ApplyOn: 'PublishedVersions' },
      TracingConfig: { Mode: 'Active' },
      VpcConfig: { SecurityGroupIds: ['sg-1'], SubnetIds: ['subnet-1'] },
    },
    other: { FunctionName: 'other' },
    unread: ['Code'],
    ref: 'f',
  },
  {
    type: 'AWS::Lambda::Version',
    needs: (deployment) => ({
      Fn: { ...inline, Properties: { ...inline.Properties, MemorySize: 128 + deployment } },
    }),
    least: { FunctionName: ref('Fn') },
    all: { FunctionName: ref('Fn'), Description: 'first', RuntimePolicy: { UpdateRuntimeOn: 'Auto' } },
    other: {},
    ref: arn('lambda', 'function:bell:1'),
  },
  {
    type: 'AWS::Lambda::Alias',
    needs: { Fn: inline, V: version },
    least: { FunctionName: ref('Fn'), FunctionVersion: '$LATEST', Name: 'live' },
    all: {
      ...{ FunctionName: ref('Fn'), FunctionVersion: get('V', 'Version'), Name: 'live', Description: 'in use' },
    },
    other: { Name: 'other' },
    ref: arn('lambda', 'function:bell:live'),
  },
  {
    type: 'AWS::Lambda::Permission',
    needs: { Fn: inline },
    least: { FunctionName: get('Fn', 'Arn'), Action: 'lambda:InvokeFunction', Principal: 'sns.amazonaws.com' },
    all: {
      ...{ FunctionName: get('Fn', 'Arn'), Action: 'lambda:InvokeFunctionUrl', Principal: '*' },
      ...{ FunctionUrlAuthType: 'NONE', SourceAccount: account, SourceArn: arn('sns', 'bells') },
      ...{ PrincipalOrgID: 'o-1234567890', InvokedViaFunctionUrl: 'true', EventSourceToken: 'token-1' },
    },
    other: { Principal: 'events.amazonaws.com', FunctionUrlAuthType: undefined },
    ref: expect.stringMatching(/^bells-T-[A-Z0-9]{12}$/),
  },
  {
    type: 'AWS::Lambda::LayerVersion',
    least: { Content: { S3Bucket: 'code', S3Key: 'layer.zip' } },
    all: {
      ...{ Content: { S3Bucket: 'code', S3Key: 'layer.zip' }, LayerName: 'bronze', Description: 'shared' },
      ...{ CompatibleArchitectures: ['arm64'], CompatibleRuntimes: ['nodejs22.x'], LicenseInfo: 'MIT' },
    },
    other: { Description: 'other' },
    unread: ['Content'],
    ref: arn('lambda', 'layer:T:1'),
  },
  {
    type: 'AWS::Lambda::LayerVersionPermission',
    needs: {
      L: { Type: 'AWS::Lambda::LayerVersion', Properties: { Content: { S3Bucket: 'code', S3Key: 'layer.zip' } } },
    },
    least: { LayerVersionArn: ref('L'), Action: 'lambda:GetLayerVersion', Principal: '444455556666' },
    all: {
      LayerVersionArn: ref('L'),
      Action: 'lambda:GetLayerVersion',
      Principal: '*',
      OrganizationId: 'o-1234567890',
    },
    other: { OrganizationId: undefined },
    ref: expect.stringMatching(/:layer:L:1#bells-T-[A-Z0-9]{12}$/),
  },
  {
    type: 'AWS::Lambda::EventInvokeConfig',
    needs: { Fn: inline, Q: queue('bells'), V: version },
    least: { FunctionName: ref('Fn'), Qualifier: '$LATEST', MaximumRetryAttempts: 1 },
    all: {
      ...{ FunctionName: ref('Fn'), Qualifier: '$LATEST', MaximumEventAgeInSeconds: '60', MaximumRetryAttempts: '0' },
      DestinationConfig: { OnSuccess: { Destination: get('Q', 'Arn') }, OnFailure: { Destination: get('Q', 'Arn') } },
    },
    other: { Qualifier: get('V', 'Version') },
    ref: 'bell|$LATEST',
  },
  {
    type: 'AWS::Lambda::Url',
    needs: {
      Fn: inline,
      V: version,
      Live: {
        Type: 'AWS::Lambda::Alias',
        Properties: { FunctionName: ref('Fn'), FunctionVersion: get('V', 'Version'), Name: 'live' },
      },
    },
    least: { TargetFunctionArn: get('Fn', 'Arn'), AuthType: 'NONE' },
    all: {
      ...{ TargetFunctionArn: get('Fn', 'Arn'), AuthType: 'AWS_IAM', InvokeMode: 'RESPONSE_STREAM' },
      Cors: {
        ...{ AllowCredentials: 'true', AllowHeaders: ['x-bell'], AllowMethods: ['GET'], MaxAge: '60' },
        ...{ AllowOrigins: ['https://example.com'], ExposeHeaders: ['x-bell'] },
      },
    },
    other: { Qualifier: 'live' },
    ref: arn('lambda', 'function:bell'),
  },
  {
    type: 'AWS::Lambda::EventSourceMapping',
    needs: { Fn: inline, Q: queue('bells') },
    least: { EventSourceArn: get('Q', 'Arn'), FunctionName: ref('Fn') },
    all: {
      ...{ EventSourceArn: get('Q', 'Arn'), FunctionName: ref('Fn'), BatchSize: '5', Enabled: 'false', Tags },
      ...{ FunctionResponseTypes: ['ReportBatchItemFailures'], MaximumBatchingWindowInSeconds: '2' },
      FilterCriteria: { Filters: [{ Pattern: '{"body":["a"]}' }] },
      ScalingConfig: { MaximumConcurrency: '3' },
    },
    other: {},
    unread: ['FunctionName'],
    ref: expect.stringMatching(/^[\da-f-]{36}$/),
  },
  {
    type: 'AWS::SNS::Topic',
    needs: { Q: queue('bells') },
    least: { TopicName: 'bells' },
    all: {
      ...{ TopicName: 'bells', DisplayName: 'Bells', KmsMasterKeyId: 'alias/aws/sns', SignatureVersion: '2', Tags },
      ...{ TracingConfig: 'Active', Subscription: [{ Protocol: 'sqs', Endpoint: get('Q', 'Arn') }] },
      DataProtectionPolicy: { Name: 'p', Version: '2021-06-01', Statement: [] },
      DeliveryStatusLogging: [
        { Protocol: 'http/s', SuccessFeedbackSampleRate: '100', SuccessFeedbackRoleArn: role },
        { Protocol: 'lambda', FailureFeedbackRoleArn: role },
      ],
    },
    other: { TopicName: 'other' },
    unread: ['DeliveryStatusLogging'],
    ref: arn('sns', 'bells'),
  },
  {
    type: 'AWS::SNS::Subscription',
    needs: { Topic: topic('tower'), Q: queue('bells'), Q2: queue('others') },
    least: { TopicArn: ref('Topic'), Protocol: 'sqs', Endpoint: get('Q', 'Arn') },
    all: {
      ...{ TopicArn: ref('Topic'), Protocol: 'sqs', Endpoint: get('Q', 'Arn'), RawMessageDelivery: 'true' },
      ...{ FilterPolicy: { detail: { bell: ['big'] } }, FilterPolicyScope: 'MessageBody' },
      RedrivePolicy: { deadLetterTargetArn: get('Q', 'Arn') },
    },
    other: { Endpoint: get('Q2', 'Arn') },
    ref: expect.stringMatching(/^arn:aws:sns:eu-central-1:111122223333:tower:[\da-f-]{36}$/),
  },
  {
    type: 'AWS::SNS::TopicPolicy',
    needs: { A: topic('a'), B: topic('b') },
    least: { Topics: [ref('A')], PolicyDocument: policyOf(ref('A'), 'SNS:Publish') },
    all: { Topics: [ref('A'), ref('B')], PolicyDocument: policyOf(ref('A'), 'SNS:Subscribe') },
    other: {},
    ref: expect.stringMatching(/^bells-T-[A-Z0-9]{12}$/),
  },
  {
    type: 'AWS::SNS::TopicInlinePolicy',
    needs: { A: topic('a'), B: topic('b') },
    least: { TopicArn: ref('A'), PolicyDocument: policyOf(ref('A'), 'SNS:Publish') },
    all: { TopicArn: ref('A'), PolicyDocument: policyOf(ref('A'), 'SNS:Subscribe') },
    other: { TopicArn: ref('B') },
    ref: arn('sns', 'a'),
  },
  {
    type: 'AWS::SQS::Queue',
    needs: { Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead.fifo', FifoQueue: 'true' } } },
    least: { QueueName: 'jobs.fifo', FifoQueue: 'true' },
    all: {
      ...{ QueueName: 'jobs.fifo', FifoQueue: true, ContentBasedDeduplication: 'true', DelaySeconds: '5', Tags },
      ...{ DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId', MaximumMessageSize: '2048' },
      ...{ KmsMasterKeyId: 'alias/aws/sqs', KmsDataKeyReusePeriodSeconds: '60', SqsManagedSseEnabled: 'false' },
      ...{ MessageRetentionPeriod: '60', ReceiveMessageWaitTimeSeconds: 20, VisibilityTimeout: '0' },
      RedriveAllowPolicy: { redrivePermission: 'denyAll' },
      RedrivePolicy: { deadLetterTargetArn: get('Dead', 'Arn'), maxReceiveCount: 3 },
    },
    other: { QueueName: 'other.fifo' },
    ref: expect.stringMatching(/\/111122223333\/jobs\.fifo$/),
  },
  {
    type: 'AWS::SQS::QueuePolicy',
    needs: { A: queue('a'), B: queue('b') },
    least: { Queues: [ref('A')], PolicyDocument: policyOf('*', 'sqs:SendMessage') },
    all: { Queues: [ref('A'), ref('B')], PolicyDocument: policyOf('*', 'sqs:*') },
    other: {},
    ref: expect.stringMatching(/^bells-T-[A-Z0-9]{12}$/),
  },
  {
    type: 'AWS::SQS::QueueInlinePolicy',
    needs: { A: queue('a'), B: queue('b') },
    least: { Queue: ref('A'), PolicyDocument: policyOf('*', 'sqs:SendMessage') },
    all: { Queue: ref('A'), PolicyDocument: policyOf('*', 'sqs:*') },
    other: { Queue: ref('B') },
    ref: expect.stringMatching(/\/111122223333\/a$/),
  },
  {
    type: 'AWS::Logs::LogGroup',
    least: { LogGroupName: '/bells' },
    all: { LogGroupName: '/bells', KmsKeyId: arn('kms', 'key/k'), RetentionInDays: '7', Tags },
    other: { LogGroupName: '/others' },
    ref: '/bells',
  },
  {
    type: 'AWS::Logs::LogStream',
    needs: { Group: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/bells' } } },
    least: { LogGroupName: ref('Group'), LogStreamName: 'one' },
    all: { LogGroupName: ref('Group'), LogStreamName: 'two' },
    other: { LogStreamName: 'three' },
    ref: 'one',
  },
  {
    type: 'AWS::Logs::ResourcePolicy',
    least: { PolicyName: 'events', PolicyDocument: '{"Statement":[]}' },
    all: { PolicyName: 'events', PolicyDocument: '{"Version":"2012-10-17","Statement":[]}' },
    other: { PolicyName: 'others' },
    ref: 'events',
  },
];

/** An archive with one empty file, `a`: what a layer's content may be. */
const LAYER = Buffer.from(
  'UEsDBBQAAAAAAAAAIQAAAAAAAAAAAAAAAAABAAAAYVBLAQIUABQAAAAAAAAAIQAAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAABhUEsFBgAAAAABAAEALwAAAB8AAAAAAA==',
  'base64',
);

const typeOf = (name: string) => services.flatMap(({ resources = {} }) => resources[name] ?? [])[0]!;

async function putLayer() {
  await engine.call('s3', 'PutObject', { Bucket: 'code', Key: 'layer.zip', Body: LAYER });
}

/** Brings the stack to a template, and gives what the resource refers to as. */
async function deploy(Resources: object): Promise<string> {
  const TemplateBody = JSON.stringify({ Resources, Outputs: { Ref: { Value: ref('T') } } });
  const { StackSummaries } = await engine.call('cloudformation', 'ListStacks', {});
  const isNew = !StackSummaries!.some(({ StackStatus }) => StackStatus !== 'DELETE_COMPLETE');
  await engine.call('cloudformation', isNew ? 'CreateStack' : 'UpdateStack', { StackName: 'bells', TemplateBody });
  await engine.settle();
  const { StackEvents } = await engine.call('cloudformation', 'DescribeStackEvents', { StackName: 'bells' });
  const failures = StackEvents!.filter(({ ResourceStatus }) => ResourceStatus!.endsWith('_FAILED'));
  expect(failures.map(({ LogicalResourceId: id, ResourceStatusReason: why }) => `${id}: ${why}`)).toEqual([]);
  const [stack] = (await engine.call('cloudformation', 'DescribeStacks', { StackName: 'bells' })).Stacks!;
  expect(stack!.StackStatus).toBe(isNew ? 'CREATE_COMPLETE' : 'UPDATE_COMPLETE');
  return stack!.Outputs![0]!.OutputValue!;
}

async function remove() {
  await engine.call('cloudformation', 'DeleteStack', { StackName: 'bells' });
  await engine.settle();
  const { StackSummaries } = await engine.call('cloudformation', 'ListStacks', {});
  expect(StackSummaries!.every(({ StackStatus }) => StackStatus === 'DELETE_COMPLETE')).toBe(true);
}

/** What there is of a resource, without what differs each time. */
async function read(type: string, physicalId: string, properties: Properties): Promise<Properties | undefined> {
  const call = (...[service, operation, input]: Parameters<TestEngine['call']>) =>
    engine.call(service, operation, input);
  const ctx = { call, scope: { account, region } } as unknown as ResourceContext;
  const found = await typeOf(type).read(ctx, { physicalId, properties });
  if (!found) return undefined;
  const { Tags: tags, ...rest } = found;
  const own = (tags as { Key: string }[] | undefined)?.filter(({ Key }) => !Key.startsWith('aws:')) ?? [];
  return JSON.parse(JSON.stringify({ ...rest, ...(own.length > 0 && { Tags: own }) }));
}

/** Properties as the stack resolved them: what its references stand for is known from a stack's own resource. */
async function resolved(value: unknown): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map(resolved));
  if (typeof value !== 'object' || value === null) return value;
  const [[name, argument] = []] = Object.entries(value);
  if (name === 'Ref' || name === 'Fn::GetAtt') {
    const LogicalResourceId = [argument].flat()[0] as string;
    const request = { StackName: 'bells', LogicalResourceId };
    const { StackResourceDetail } = await engine.call('cloudformation', 'DescribeStackResource', request);
    const physicalId = StackResourceDetail!.PhysicalResourceId!;
    if (name === 'Ref') return physicalId;
    const attributes = await read(StackResourceDetail!.ResourceType!, physicalId, {});
    return attributes![argument[1]];
  }
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(await Promise.all(entries.map(async ([key, member]) => [key, await resolved(member)])));
}

/** A value as it stands in a template or in an answer, with what is given as text being text in both. */
const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
  }
  return typeof value === 'string' && /^[[{]/.test(value) ? JSON.parse(value) : String(value);
};

async function expectRead(one: Case, physicalId: string, given: Properties) {
  const properties = (await resolved(given)) as Properties;
  const found = await read(one.type, physicalId, properties);
  const readable = Object.entries(properties).filter(([name]) => !one.unread?.includes(name));
  expect(plain(found)).toMatchObject(plain(Object.fromEntries(readable)) as object);
  return found;
}

describe('a resource type', () => {
  test.each(cases.map((one) => [one.type, one] as const))('%s', async (type, one) => {
    await putLayer();
    let deployment = 0;
    const template = (Properties: object) => {
      const needs = typeof one.needs === 'function' ? one.needs(++deployment) : one.needs;
      return { ...needs, T: { Type: type, Properties } };
    };
    const first = await deploy(template(one.least));
    expect(first).toEqual(one.ref);
    const least = await expectRead(one, first, one.least);
    expect(Object.keys(least!)).toEqual(expect.arrayContaining(attributesOf(type)));
    const second = await deploy(template(one.all));
    const all = (await expectRead(one, second, one.all))!;
    const third = await deploy(template(one.least));
    const again = (await expectRead(one, third, one.least))!;
    expect({ ...again, ...UNSTEADY }).toMatchObject({ ...least, ...UNSTEADY });
    const dropped = Object.keys(one.all).filter((name) => !(name in one.least) && again[name] !== undefined);
    for (const name of dropped) expect(again[name]).not.toEqual(all[name]);
    if (typeOf(type).update) expect([second, third]).toEqual([first, first]);
    const fourth = await deploy(template({ ...one.all, ...one.other }));
    const properties = (await resolved({ ...one.all, ...one.other })) as Properties;
    const replaced = Object.keys(one.other).length > 0 && fourth !== third;
    if (replaced) {
      const before = (await resolved(one.least)) as Properties;
      expect(await read(type, third, before)).toBeUndefined();
    }
    await remove();
    if (!type.endsWith('Policy')) expect(await read(type, fourth, properties)).toBeUndefined();
  });
});

test('a version of what has one already is refused, as AWS does', async () => {
  const versions = { Fn: inline, T: version, Again: { ...version, DependsOn: 'T' } };
  const TemplateBody = JSON.stringify({ Resources: versions });
  await engine.call('cloudformation', 'CreateStack', { StackName: 'bells', TemplateBody });
  await engine.settle();
  const { StackEvents } = await engine.call('cloudformation', 'DescribeStackEvents', { StackName: 'bells' });
  const [failure] = StackEvents!.filter(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED');
  expect(failure!.ResourceStatusReason).toMatch(
    /^Resource handler returned message: "A version for this Lambda function exists \( 1 \)\. Modify the function to create a new version\." \(RequestToken: \S+, HandlerErrorCode: AlreadyExists\)$/,
  );
});

test("a rule may be on a bus of another account, by the bus's ARN (eb-cross-account.html)", async () => {
  const scope = { account: '444455556666', region };
  await engine.call('eventbridge', 'CreateEventBus', { Name: 'theirs' }, scope);
  const EventBusName = `arn:aws:events:${region}:${scope.account}:event-bus/theirs`;
  await engine.call(
    ...(['eventbridge', 'PutPermission'] as const),
    { EventBusName: 'theirs', StatementId: 's', Action: 'events:PutRule', Principal: account },
    scope,
  );
  const rule = (State: string) => ({
    T: { Type: 'AWS::Events::Rule', Properties: { Name: 'r', EventBusName, State, EventPattern: { source: ['a'] } } },
  });
  expect(await deploy(rule('ENABLED'))).toBe(`${EventBusName}|r`);
  await deploy(rule('DISABLED'));
  expect(await engine.call('eventbridge', 'DescribeRule', { Name: 'r', EventBusName })).toMatchObject({
    State: 'DISABLED',
  });
  await remove();
  expect((await engine.call('eventbridge', 'ListRules', { EventBusName: 'theirs' }, scope)).Rules).toEqual([]);
});

/** What is another in another resource of the same properties. */
const UNSTEADY = {
  ...{ Version: '', FunctionArn: '', LayerVersionArn: '', EventSourceMappingArn: '', FunctionUrl: '', Id: '' },
  ...{ CreationDate: '', LastModificationDate: '' },
};

/** What can be read of one that is no property: attributes that AWS lists, without those within structures. */
function attributesOf(type: string): string[] {
  const { attributes, properties } = schemaOf(type)!;
  return attributes.filter((name) => !name.includes('.') && !properties[name]);
}
