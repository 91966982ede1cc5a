/*
 * Event source mappings of SQS queues, through the SDK for JavaScript, boto3 and the AWS CLI: what they answer, right
 * and wrong, and that messages arrive.
 * https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html and its neighbours
 */
import {
  CreateEventSourceMappingCommand,
  type CreateEventSourceMappingCommandInput,
  CreateFunctionCommand,
  DeleteEventSourceMappingCommand,
  GetEventSourceMappingCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListTagsCommand,
  PublishVersionCommand,
  paginateListEventSourceMappings,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateEventSourceMappingCommand,
  type UpdateEventSourceMappingCommandInput,
} from '@aws-sdk/client-lambda';
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createEngine, type Engine } from '@carillon/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { zip } from '../../zip.ts';
import { aws, boto3, optionsFor, testWithPython } from '../clients.ts';

const REGION = 'eu-central-1';
const ACCOUNT = '000000000000';
const ZipFile = await zip({ 'index.js': 'exports.handler = async () => {};' });
const Role = `arn:aws:iam::${ACCOUNT}:role/worker`;
const functionArn = (name: string) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
const queueArn = (name: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;

let engine: Engine;
let lambda: LambdaClient;
let sqs: SQSClient;
beforeEach(async () => {
  await begin();
});
afterEach(() => end());

async function begin(options = {}): Promise<void> {
  engine = await createEngine({ clock: 'virtual:2026-03-01T09:00:00Z', log: () => {}, ...options });
  lambda = new LambdaClient({ ...optionsFor(engine), maxAttempts: 1 });
  sqs = new SQSClient({ ...optionsFor(engine), maxAttempts: 1 });
  await makeFunction('worker');
  await makeQueue('jobs');
}

async function end(): Promise<void> {
  lambda.destroy();
  sqs.destroy();
  await engine.close();
}

const makeFunction = (FunctionName: string, Timeout = 3) =>
  lambda.send(
    new CreateFunctionCommand({
      ...{ FunctionName, Role, Timeout, Runtime: 'nodejs22.x', Handler: 'index.handler', Code: { ZipFile } },
    }),
  );
const makeQueue = (QueueName: string, Attributes: Record<string, string> = {}) =>
  sqs.send(new CreateQueueCommand({ QueueName, Attributes }));

type Settings = Partial<CreateEventSourceMappingCommandInput>;
const create = (settings: Settings = {}) =>
  lambda.send(
    new CreateEventSourceMappingCommand({ EventSourceArn: queueArn('jobs'), FunctionName: 'worker', ...settings }),
  );
const update = (UUID: string, settings: Partial<UpdateEventSourceMappingCommandInput>) =>
  lambda.send(new UpdateEventSourceMappingCommand({ UUID, ...settings }));
const list = async (input: object) =>
  (await lambda.send(new ListEventSourceMappingsCommand(input))).EventSourceMappings!.map(({ UUID }) => UUID);

describe('an answer', () => {
  it('has all that was given, and its defaults', async () => {
    const settings = {
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 5,
      FunctionResponseTypes: ['ReportBatchItemFailures' as const],
      FilterCriteria: { Filters: [{ Pattern: '{"body":{"a":[1]}}' }] },
      ScalingConfig: { MaximumConcurrency: 7 },
      KMSKeyArn: `arn:aws:kms:${REGION}:${ACCOUNT}:key/a1b2`,
      MetricsConfig: { Metrics: ['EventCount' as const] },
    };
    const made = await create({ ...settings, Enabled: false, Tags: { team: 'a' } });
    const { $metadata, ...answer } = made;
    expect($metadata.httpStatusCode).toBe(202);
    expect(answer).toEqual({
      ...settings,
      UUID: expect.stringMatching(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/),
      EventSourceArn: queueArn('jobs'),
      FunctionArn: functionArn('worker'),
      LastModified: new Date('2026-03-01T09:00:00Z'),
      State: 'Creating',
      StateTransitionReason: 'USER_INITIATED',
      EventSourceMappingArn: `arn:aws:lambda:${REGION}:${ACCOUNT}:event-source-mapping:${made.UUID}`,
    });
    await engine.settle();
    const { State } = await lambda.send(new GetEventSourceMappingCommand({ UUID: made.UUID }));
    expect(State).toBe('Disabled');
    const emptied = await update(made.UUID!, {
      ...{ ScalingConfig: {}, FilterCriteria: {}, KMSKeyArn: '', FunctionResponseTypes: [], Enabled: true },
      ProvisionedPollerConfig: { MinimumPollers: 3 },
    });
    expect(emptied).toMatchObject({ State: 'Enabling', BatchSize: 100, FunctionResponseTypes: [] });
    expect(emptied.ProvisionedPollerConfig).toEqual({ MinimumPollers: 3, MaximumPollers: 200 });
    expect([emptied.ScalingConfig, emptied.FilterCriteria, emptied.KMSKeyArn]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('lists by function, version and queue, in pages', async () => {
    await makeQueue('more');
    await lambda.send(new PublishVersionCommand({ FunctionName: 'worker' }));
    const one = (await create()).UUID!;
    const two = (await create({ EventSourceArn: queueArn('more') })).UUID!;
    const versioned = (await create({ FunctionName: `${functionArn('worker')}:1` })).UUID!;
    expect(new Set(await list({}))).toEqual(new Set([one, two, versioned]));
    expect(new Set(await list({ FunctionName: 'worker' }))).toEqual(new Set([one, two]));
    expect(new Set(await list({ FunctionName: `${ACCOUNT}:function:worker` }))).toEqual(new Set([one, two]));
    expect(await list({ FunctionName: 'worker:1' })).toEqual([versioned]);
    expect(new Set(await list({ EventSourceArn: queueArn('jobs') }))).toEqual(new Set([one, versioned]));
    expect(await list({ EventSourceArn: queueArn('jobs'), FunctionName: 'worker' })).toEqual([one]);
    const pages: number[] = [];
    for await (const page of paginateListEventSourceMappings({ client: lambda, pageSize: 2 }, {})) {
      pages.push(page.EventSourceMappings!.length);
    }
    expect(pages).toEqual([2, 1]);
    await expect(list({ FunctionName: 'nobody' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it('tells tags', async () => {
    const { EventSourceMappingArn: Resource } = await create({ Tags: { a: '1', b: '2' } });
    await lambda.send(new TagResourceCommand({ Resource, Tags: { c: '3' } }));
    await lambda.send(new UntagResourceCommand({ Resource, TagKeys: ['a'] }));
    expect((await lambda.send(new ListTagsCommand({ Resource }))).Tags).toEqual({ b: '2', c: '3' });
  });
});

describe('refused is', () => {
  const EXISTS = /^An event source mapping with SQS arn \(" .*:jobs "\) and function \(" worker "\) already exists\. /;

  it('what is there already, or is not', async () => {
    const { UUID } = await create();
    await expect(create()).rejects.toMatchObject({
      name: 'ResourceConflictException',
      message: expect.stringMatching(EXISTS),
      $metadata: { httpStatusCode: 409 },
    });
    await expect(create()).rejects.toThrow(`existing mapping with UUID ${UUID}`);
    const missing = '00000000-0000-4000-8000-000000000000';
    for (const Command of [GetEventSourceMappingCommand, DeleteEventSourceMappingCommand]) {
      await expect(lambda.send(new Command({ UUID: missing }) as GetEventSourceMappingCommand)).rejects.toMatchObject({
        ...{ name: 'ResourceNotFoundException', message: 'The resource you requested does not exist.' },
      });
    }
    await expect(create({ FunctionName: 'nobody' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  it.each<[Settings, string | RegExp]>([
    [
      { EventSourceArn: queueArn('none') },
      'Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.',
    ],
    [{ BatchSize: 11 }, /^Maximum batch window in seconds must be greater than 0 if maximum batch size is greater/],
    [{ StartingPosition: 'LATEST' }, 'StartingPosition is not valid for SQS event sources.'],
    [{ ParallelizationFactor: 2 }, 'Unsupported ParallelizationFactor parameter for given event source mapping type.'],
    [{ FilterCriteria: { Filters: [{ Pattern: '{"body":"x"}' }] } }, 'Invalid filter pattern definition.'],
    [{ FilterCriteria: { Filters: [{ Pattern: 'nonsense' }] } }, 'Invalid filter pattern definition.'],
    [
      { FilterCriteria: { Filters: Array.from({ length: 6 }, () => ({ Pattern: '{"body":["x"]}' })) } },
      /^Maximum number of filters/,
    ],
    [{ EventSourceArn: `arn:aws:sns:${REGION}:${ACCOUNT}:topic` }, /^Unrecognized event source, must be /],
    [
      { EventSourceArn: `arn:aws:kinesis:${REGION}:${ACCOUNT}:stream/s`, StartingPosition: 'LATEST' },
      /^Carillon does not have Kinesis streams, /,
    ],
    [{ EventSourceArn: `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/t/stream/1` }, /DynamoDB streams/],
    [
      {
        ScalingConfig: { MaximumConcurrency: 5 },
        ProvisionedPollerConfig: { MinimumPollers: 2 },
      },
      /MaximumConcurrency together with ProvisionedPollerConfig/,
    ],
  ])('%j', async (settings, message) => {
    await expect(create(settings)).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: typeof message === 'string' ? message : expect.stringMatching(message),
    });
  });

  it('what the model forbids', async () => {
    const invalid = { name: 'ValidationException' };
    await expect(create({ BatchSize: 10_001 })).rejects.toMatchObject(invalid);
    await expect(create({ ScalingConfig: { MaximumConcurrency: 1 } })).rejects.toMatchObject(invalid);
    await expect(create({ MaximumBatchingWindowInSeconds: 301 })).rejects.toMatchObject(invalid);
  });

  it('a queue that gives messages again before the function has to be done', async () => {
    await makeFunction('slow', 60);
    const words = 'Queue visibility timeout: 30 seconds is less than Function timeout: 60 seconds';
    await expect(create({ FunctionName: 'slow' })).rejects.toThrow(words);
  });

  it('what FIFO queues do not have', async () => {
    await makeQueue('jobs.fifo', { FifoQueue: 'true' });
    const fifo = { EventSourceArn: queueArn('jobs.fifo') };
    await expect(create({ ...fifo, BatchSize: 10, MaximumBatchingWindowInSeconds: 1 })).rejects.toThrow(
      'Batching window is not supported for FIFO queues',
    );
    await expect(create({ ...fifo, BatchSize: 11 })).rejects.toMatchObject({ name: 'InvalidParameterValueException' });
  });

  it('a role that may not read the queue, where permissions are enforced', async () => {
    await end();
    engine = await createEngine({ clock: 'virtual', permissions: 'enforce', log: () => {} });
    const trust = {
      Statement: { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
    };
    const put = (Action: string[]) =>
      engine.call('iam', 'PutRolePolicy', {
        RoleName: 'worker',
        PolicyName: 'queues',
        PolicyDocument: JSON.stringify({
          Version: '2012-10-17',
          Statement: { Effect: 'Allow', Action, Resource: '*' },
        }),
      });
    await engine.call('iam', 'CreateRole', {
      RoleName: 'worker',
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', ...trust }),
    });
    lambda = new LambdaClient({ ...optionsFor(engine), maxAttempts: 1 });
    sqs = new SQSClient({ ...optionsFor(engine), maxAttempts: 1 });
    await makeFunction('worker');
    await makeQueue('jobs');
    await expect(create()).rejects.toMatchObject({
      name: 'InvalidParameterValueException',
      message: 'The provided execution role does not have permissions to call ReceiveMessage on SQS',
    });
    await put(['sqs:ReceiveMessage']);
    await expect(create()).rejects.toThrow('permissions to call DeleteMessage on SQS');
    await put(['sqs:*', 'logs:*']);
    await create();
    const QueueUrl = `${engine.endpoint}/${ACCOUNT}/jobs`;
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
    await engine.settle();
    const AttributeNames = ['All' as const];
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
    expect(Attributes).toMatchObject({
      ...{ ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' },
    });
  });
});

describe('with other clients', () => {
  testWithPython('the AWS CLI creates, lists and deletes', async () => {
    const made = JSON.parse(
      await aws(
        engine,
        ...['lambda', 'create-event-source-mapping', '--function-name', 'worker', '--batch-size', '5'],
        ...['--event-source-arn', queueArn('jobs'), '--function-response-types', 'ReportBatchItemFailures'],
      ),
    );
    expect(made).toMatchObject({ BatchSize: 5, FunctionResponseTypes: ['ReportBatchItemFailures'], State: 'Creating' });
    const listed = JSON.parse(await aws(engine, 'lambda', 'list-event-source-mappings', '--function-name', 'worker'));
    expect(listed.EventSourceMappings).toMatchObject([{ UUID: made.UUID, State: 'Enabled' }]);
    const gone = JSON.parse(await aws(engine, 'lambda', 'delete-event-source-mapping', '--uuid', made.UUID));
    expect(gone.State).toBe('Deleting');
    const { EventSourceMappings } = JSON.parse(await aws(engine, 'lambda', 'list-event-source-mappings'));
    expect(EventSourceMappings).toEqual([]);
  });

  testWithPython('boto3 maps a queue, and its messages arrive', async () => {
    const told = await boto3(
      engine,
      `
import boto3
lam, sqs = boto3.client('lambda'), boto3.client('sqs')
url = sqs.get_queue_url(QueueName='jobs')['QueueUrl']
made = lam.create_event_source_mapping(EventSourceArn='${queueArn('jobs')}', FunctionName='worker',
    FilterCriteria={'Filters': [{'Pattern': '{"body": {"n": [1]}}'}]})
sqs.send_message(QueueUrl=url, MessageBody='{"n": 1}')
sqs.send_message(QueueUrl=url, MessageBody='{"n": 2}')
print(type(made['LastModified']).__name__, made['FilterCriteria'])
try:
    lam.update_event_source_mapping(UUID=made['UUID'], BatchSize=50)
except lam.exceptions.InvalidParameterValueException as error:
    print(error.response['Error']['Message'][:24])
`,
    );
    expect(told.trim().split('\n')).toEqual([
      `datetime {'Filters': [{'Pattern': '{"body": {"n": [1]}}'}]}`,
      'Maximum batch window in',
    ]);
    await engine.settle();
    expect(engine.journal.list().filter(({ kind }) => kind === 'invocation').length).toBe(1);
  });
});
