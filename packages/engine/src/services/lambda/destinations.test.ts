/*
 * Results of asynchronous events, beside what AWS was recorded to send: members, their order, and their values.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEngine, type Engine, type Input } from '../../engine.ts';
import { zip } from './fixtures.ts';

const RECORDED = resolve(import.meta.dirname, '../../../../../../shared/oracle/recorded/lambda-destinations.json');
const ACCOUNT = '000000000000';
const ARN = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:bell`;
const QUEUE_ARN = `arn:aws:sqs:us-east-1:${ACCOUNT}:results`;
const QueueUrl = `http://127.0.0.1/${ACCOUNT}/results`;

/** The function that was recorded. */
const RECORDED_FUNCTION = `
def handler(event, context):
    if event.get('raise_error'):
        raise Exception('Test exception (this is intentional)')
    if event.get('message') or event.get('mode') == 'failure':
        raise Exception('intentional failure')
    if event.get('mode'):
        return {'hello': 'world', 'test': 'abc', 'val': 5, 'success': True}
    return {
        'event': event,
        'context': {
            'invoked_function_arn': context.invoked_function_arn,
            'function_version': context.function_version,
            'function_name': context.function_name,
            'memory_limit_in_mb': context.memory_limit_in_mb,
            'aws_request_id': context.aws_request_id,
            'log_group_name': context.log_group_name,
            'log_stream_name': context.log_stream_name,
            'client_context': context.client_context,
        },
    }
`;

let engine: Engine;
beforeEach(async () => {
  engine = await createEngine({ clock: 'virtual:2026-01-01T00:00:00Z', log: () => {} });
  await engine.call('sqs', 'CreateQueue', { QueueName: 'results' });
});
afterEach(() => engine.close());

type Settings = Partial<Input<'lambda', 'CreateFunction'>>;
type Config = Partial<Input<'lambda', 'PutFunctionEventInvokeConfig'>>;

async function create(code: string, settings: Settings = {}): Promise<void> {
  const file = settings.Runtime?.startsWith('python') ? 'handler.py' : 'index.js';
  await engine.call('lambda', 'CreateFunction', {
    FunctionName: 'bell',
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role: `arn:aws:iam::${ACCOUNT}:role/bell`,
    Code: { ZipFile: zip([{ name: file, content: code }]) },
    ...settings,
  });
}

const configure = (config: Config) =>
  engine.call('lambda', 'PutFunctionEventInvokeConfig', { FunctionName: 'bell', ...config });

const TO_QUEUE = { OnSuccess: { Destination: QUEUE_ARN }, OnFailure: { Destination: QUEUE_ARN } };

async function send(event: unknown, FunctionName = 'bell'): Promise<void> {
  const Payload = Buffer.from(JSON.stringify(event));
  await engine.call('lambda', 'Invoke', { FunctionName, InvocationType: 'Event', Payload });
}

async function messages() {
  const { Messages = [] } = await engine.call('sqs', 'ReceiveMessage', {
    QueueUrl,
    MaxNumberOfMessages: 10,
    MessageAttributeNames: ['All'],
  });
  return Messages;
}

async function record(): Promise<Recorded> {
  const all = await messages();
  expect(all).toHaveLength(1);
  return JSON.parse(all[0]!.Body!);
}

interface Recorded {
  requestContext: { requestId: string; functionArn: string; condition: string; approximateInvokeCount: number };
  requestPayload: unknown;
  responseContext: unknown;
  responsePayload: Record<string, unknown>;
}

/** The names of all members, in their order, with what is below them. */
function shapeOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return typeof value;
  if (Array.isArray(value)) return value.map(shapeOf);
  return Object.entries(value).map(([name, member]) => [name, shapeOf(member)]);
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const members = Object.entries(value).map(([name, member]): [string, unknown] => [name, sorted(member)]);
  return Object.fromEntries(members.sort(([one], [other]) => (one < other ? -1 : 1)));
}

describe.skipIf(!existsSync(RECORDED))('as recorded on AWS (skipped where ../shared/oracle is absent)', () => {
  const all = existsSync(RECORDED) ? JSON.parse(readFileSync(RECORDED, 'utf8')) : {};
  const content = (test: string) =>
    Object.entries<{ 'recorded-content': Record<string, never> }>(all).find(([name]) => name.endsWith(`::${test}`))![1][
      'recorded-content'
    ];
  type Attributes = Record<string, { DataType: string; StringValue: string }>;
  // biome-ignore lint/suspicious/noExplicitAny: whatever was recorded.
  const attributesOf = (received: any): Attributes => received.Messages[0].MessageAttributes;
  // biome-ignore lint/suspicious/noExplicitAny: as above.
  const bodyOf = (message: any): Recorded => message.Messages?.[0].Body ?? message.Body;

  const INVOCATION = 'test_assess_lambda_destination_invocation';
  it.each<[string, string, Config, object]>([
    [`${INVOCATION}[Success-payload0]`, 'receive_message_result', {}, {}],
    [`${INVOCATION}[payload0]`, 'receive_message_result', { MaximumRetryAttempts: 0 }, {}],
    [`${INVOCATION}[payload1]`, 'receive_message_result', { MaximumRetryAttempts: 0 }, { raise_error: 1 }],
    ['test_lambda_destination_default_retries', 'receive_message_result', {}, { raise_error: 1 }],
    ['test_retries', 'queue_destination_payload', { MaximumRetryAttempts: 2 }, { message: 'm' }],
    ['test_maxeventage', 'no_retry_failure_message', { MaximumEventAgeInSeconds: 60 }, { message: 'm' }],
    ['test_maxeventage', 'single_retry_failure_message', { MaximumEventAgeInSeconds: 150 }, { message: 'm' }],
  ])('%s: %s', async (test, step, config, event) => {
    await create(RECORDED_FUNCTION, { Runtime: 'python3.12', Handler: 'handler.handler' });
    await configure({ ...config, DestinationConfig: TO_QUEUE });
    await send(event);
    await engine.clock.advance('1 hour');
    const expected = bodyOf(content(test)[step]);
    const actual = await record();
    expect(shapeOf(actual)).toEqual(shapeOf(expected));
    const { condition, approximateInvokeCount } = expected.requestContext;
    expect(actual.requestContext).toMatchObject({
      functionArn: `${ARN}:$LATEST`,
      condition,
      approximateInvokeCount,
    });
    expect(actual.responseContext).toEqual(expected.responseContext);
    expect(actual.responsePayload.errorMessage).toEqual(expected.responsePayload.errorMessage);
  });

  it('a dead letter', async () => {
    const { RequestID, ...expected } = attributesOf(content('test_dead_letter_queue').receive_result);
    await create(RECORDED_FUNCTION, {
      Runtime: 'python3.12',
      Handler: 'handler.handler',
      DeadLetterConfig: { TargetArn: QUEUE_ARN },
    });
    await send({ raise_error: 1 });
    await engine.clock.advance('1 hour');
    const [letter] = await messages();
    expect(letter).toMatchObject({ Body: '{"raise_error":1}', MessageAttributes: expected });
    expect(letter!.MessageAttributes!.RequestID!.DataType).toBe(RequestID!.DataType);
    expect(letter!.MessageAttributes!.RequestID!.StringValue).toMatch(/^[0-9a-f-]{36}$/);
  });

  it.each(['success', 'failure'])('an event on a bus: %s', async (mode) => {
    const bus = `arn:aws:events:us-east-1:${ACCOUNT}:event-bus/results`;
    await engine.call('eventbridge', 'CreateEventBus', { Name: 'results' });
    await engine.call('eventbridge', 'PutRule', {
      Name: 'all',
      EventBusName: 'results',
      EventPattern: '{"source":["lambda"]}',
    });
    await engine.call('eventbridge', 'PutTargets', {
      Rule: 'all',
      EventBusName: 'results',
      Targets: [{ Id: 'queue', Arn: QUEUE_ARN }],
    });
    await create(RECORDED_FUNCTION, { Runtime: 'python3.12', Handler: 'handler.handler' });
    await configure({
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnSuccess: { Destination: bus }, OnFailure: { Destination: bus } },
    });
    await send({ mode });
    await engine.clock.settle();
    const actual = (await record()) as unknown as Record<string, unknown>;
    const expected = content('test_invoke_lambda_eventbridge')[`lambda_destination_event_bus_${mode}`]!;
    expect(shapeOf(sorted(actual))).toEqual(shapeOf(sorted(expected)));
    expect(actual).toMatchObject({
      source: 'lambda',
      'detail-type': (expected as Record<string, unknown>)['detail-type'],
      resources: [bus, `${ARN}:$LATEST`],
    });
  });
});

describe('a destination', () => {
  const FAILING = 'exports.handler = async () => { throw new Error("no") }';

  it('that is a function gets the record as an asynchronous event, and its own result goes on', async () => {
    await create('exports.handler = async (event) => event');
    await create('exports.handler = async ({ responsePayload }) => ({ heard: responsePayload })', {
      FunctionName: 'ear',
    });
    await configure({ DestinationConfig: { OnSuccess: { Destination: ARN.replace('bell', 'ear') } } });
    await configure({ FunctionName: 'ear', DestinationConfig: TO_QUEUE });
    await send({ n: 1.5 });
    await engine.settle();
    expect((await record()).responsePayload).toEqual({ heard: { n: 1.5 } });
  });

  it('that is gone keeps no other from its records', async () => {
    await create(FAILING);
    await create(FAILING, { FunctionName: 'chime' });
    await configure({
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnFailure: { Destination: ARN.replace('bell', 'gone') } },
    });
    await configure({ FunctionName: 'chime', MaximumRetryAttempts: 0, DestinationConfig: TO_QUEUE });
    await send({});
    await send({}, 'chime');
    await engine.clock.advance('1 day');
    expect((await record()).requestContext.functionArn).toMatch('chime');
  });

  it('gets nothing of successes where only failures are asked for, and dead letters go beside it', async () => {
    await create('exports.handler = async (event) => { if (event.fail) throw new Error("no") }', {
      DeadLetterConfig: { TargetArn: QUEUE_ARN },
    });
    await configure({ MaximumRetryAttempts: 1, DestinationConfig: { OnFailure: { Destination: QUEUE_ARN } } });
    await send({});
    await engine.clock.advance('1 hour');
    expect(await messages()).toEqual([]);
    await send({ fail: true });
    await engine.clock.advance('1 hour');
    const bodies = (await messages()).map(({ Body }) => JSON.parse(Body!));
    expect(bodies).toContainEqual({ fail: true });
    expect(bodies.find((body) => body.requestContext)?.requestContext.approximateInvokeCount).toBe(2);
  });

  it.each(['destination', 'dead-letter target'])('that is a topic, as a %s, tells its subscribers', async (kind) => {
    const { TopicArn } = await engine.call('sns', 'CreateTopic', { Name: 'results' });
    const RawMessageDelivery = kind === 'destination' ? 'false' : 'true';
    await engine.call('sns', 'Subscribe', {
      TopicArn,
      Protocol: 'sqs',
      Endpoint: QUEUE_ARN,
      Attributes: { RawMessageDelivery },
    });
    await create(FAILING, kind === 'destination' ? {} : { DeadLetterConfig: { TargetArn: TopicArn } });
    const DestinationConfig = { OnFailure: { Destination: TopicArn } };
    await configure({ MaximumRetryAttempts: 0, ...(kind === 'destination' && { DestinationConfig }) });
    await send({ n: 1 });
    await engine.settle();
    const [message] = await messages();
    if (kind === 'destination') {
      expect(JSON.parse(JSON.parse(message!.Body!).Message)).toMatchObject({ requestPayload: { n: 1 } });
    } else {
      expect(message!.Body).toBe('{"n":1}');
      expect(message!.MessageAttributes).toMatchObject({
        RequestID: { DataType: 'String' },
        ErrorCode: { DataType: 'Number', StringValue: '200' },
        ErrorMessage: { DataType: 'String', StringValue: 'no' },
      });
    }
  });

  it('gets events of a function that may not run at once, without a response', async () => {
    await create(FAILING);
    await configure({ DestinationConfig: TO_QUEUE });
    await engine.call('lambda', 'PutFunctionConcurrency', { FunctionName: 'bell', ReservedConcurrentExecutions: 0 });
    await send({});
    await engine.settle();
    const { requestContext, ...rest } = await record();
    expect(requestContext).toMatchObject({ condition: 'ZeroReservedConcurrency', approximateInvokeCount: 0 });
    expect(Object.keys(rest)).toEqual(['version', 'timestamp', 'requestPayload']);
  });

  it('gets throttled events once they are too old', async () => {
    await create(FAILING);
    await configure({ MaximumEventAgeInSeconds: 60, DestinationConfig: TO_QUEUE });
    engine.fault('function bell is down');
    await send({});
    await engine.clock.advance('1 hour');
    expect((await record()).requestContext).toMatchObject({ condition: 'EventAgeExceeded', approximateInvokeCount: 0 });
  });

  it('is that of the alias or version that an event came to', async () => {
    await create('exports.handler = async (event, { invokedFunctionArn }) => invokedFunctionArn', { Publish: true });
    await engine.call('lambda', 'CreateAlias', { FunctionName: 'bell', Name: 'live', FunctionVersion: '1' });
    await configure({ Qualifier: 'live', DestinationConfig: TO_QUEUE });
    await send({});
    await send({}, 'bell:live');
    await engine.settle();
    expect(await record()).toMatchObject({
      requestContext: { functionArn: `${ARN}:live`, condition: 'Success' },
      responseContext: { statusCode: 200, executedVersion: '1' },
      responsePayload: `${ARN}:live`,
    });
  });
});
