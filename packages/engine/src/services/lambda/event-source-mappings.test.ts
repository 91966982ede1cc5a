/*
 * Event source mappings of queues, in virtual time.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html, services-sqs-errorhandling.html,
 * services-sqs-scaling.html, with-sqs-filtering.html
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EngineOptions, type Input, isoMillis, type JournalNote } from '../../engine.ts';
import { createTestEngine, type TestEngine } from '../../testing.ts';

const ACCOUNT = '000000000000';
const queueArn = (name: string) => `arn:aws:sqs:us-east-1:${ACCOUNT}:${name}`;
const queueUrl = (name: string) => `http://127.0.0.1/${ACCOUNT}/${name}`;
const START = '2026-01-01T00:00:00.000Z';

/** Tells in its log what it got, and fails as its messages say. */
const WORKER = `
exports.handler = async (event) => {
  console.log('GOT ' + JSON.stringify(event.Records.map(({ body }) => body)));
  const failing = event.Records.filter(({ body }) => body.includes('poison'));
  if (failing.some(({ body }) => body.includes('throw'))) throw new Error('poisoned');
  return { batchItemFailures: failing.map(({ messageId }) => ({ itemIdentifier: messageId })) };
};`;
const ECHO = "exports.handler = async (event) => { console.log('GOT ' + JSON.stringify(event)); };";

let engine: TestEngine;
const start = async (options: EngineOptions = {}) =>
  createTestEngine({ clock: `virtual:${START}`, log: () => {}, ...options });
beforeEach(async () => {
  engine = await start();
});
afterEach(() => engine.close());

type Settings = Partial<Input<'lambda', 'CreateEventSourceMapping'>>;

async function makeQueue(name: string, Attributes: Record<string, string> = {}): Promise<void> {
  await engine.call('sqs', 'CreateQueue', { QueueName: name, Attributes });
}

/** Maps a queue to a function; resolves with the mapping's UUID once it is in its state. */
async function map(queue: string, FunctionName: string, settings: Settings = {}): Promise<string> {
  const input = { EventSourceArn: queueArn(queue), FunctionName, ...settings };
  const { UUID } = await engine.call('lambda', 'CreateEventSourceMapping', input);
  await engine.settle();
  return UUID!;
}

const send = (queue: string, MessageBody: string, more: Partial<Input<'sqs', 'SendMessage'>> = {}) =>
  engine.call('sqs', 'SendMessage', { QueueUrl: queueUrl(queue), MessageBody, ...more });

async function sendAll(queue: string, bodies: readonly string[], group?: (body: string) => string): Promise<void> {
  for (let from = 0; from < bodies.length; from += 10) {
    const Entries = bodies.slice(from, from + 10).map((MessageBody, index) => ({
      Id: String(index),
      MessageBody,
      ...(group && { MessageGroupId: group(MessageBody), MessageDeduplicationId: MessageBody.replaceAll(' ', '-') }),
    }));
    await engine.call('sqs', 'SendMessageBatch', { QueueUrl: queueUrl(queue), Entries });
  }
}

/** What a function told that it got, oldest first. */
async function got<T = string[]>(name: string): Promise<{ at: string; what: T }[]> {
  const input = { logGroupName: `/aws/lambda/${name}`, filterPattern: 'GOT' };
  const { events = [] } = await engine.call('logs', 'FilterLogEvents', input).catch(() => ({ events: [] }));
  return events.map(({ timestamp, message }) => ({
    at: isoMillis(timestamp!).slice(11),
    what: JSON.parse(message!.slice(message!.indexOf('GOT ') + 4)),
  }));
}

const bodiesOf = async (name: string) => (await got(name)).map(({ what }) => what);

async function depth(queue: string): Promise<{ visible: number; inFlight: number }> {
  const { Attributes = {} } = await engine.call('sqs', 'GetQueueAttributes', {
    QueueUrl: queueUrl(queue),
    AttributeNames: ['All'],
  });
  return {
    visible: Number(Attributes.ApproximateNumberOfMessages),
    inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible),
  };
}

const EMPTY = { visible: 0, inFlight: 0 };

describe('a mapping', () => {
  beforeEach(async () => {
    await engine.createFunction('worker', WORKER);
    await makeQueue('jobs');
  });

  it('is Creating, then Enabled; Disabling, then Disabled; Deleting, then gone', async () => {
    const created = await engine.call('lambda', 'CreateEventSourceMapping', {
      EventSourceArn: queueArn('jobs'),
      FunctionName: 'worker',
    });
    const UUID = created.UUID!;
    expect(created).toMatchObject({
      ...{ BatchSize: 10, MaximumBatchingWindowInSeconds: 0, EventSourceArn: queueArn('jobs'), State: 'Creating' },
      FunctionArn: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:worker`,
      StateTransitionReason: 'USER_INITIATED',
      EventSourceMappingArn: `arn:aws:lambda:us-east-1:${ACCOUNT}:event-source-mapping:${UUID}`,
    });
    const state = async () => {
      await engine.settle();
      return (await engine.call('lambda', 'GetEventSourceMapping', { UUID })).State;
    };
    expect(await state()).toBe('Enabled');
    const update = (change: object) => engine.call('lambda', 'UpdateEventSourceMapping', { UUID, ...change });
    expect((await update({ Enabled: false })).State).toBe('Disabling');
    expect(await state()).toBe('Disabled');
    await send('jobs', 'while disabled');
    await engine.clock.advance('1 day');
    expect(await bodiesOf('worker')).toEqual([]);
    expect((await update({ Enabled: true })).State).toBe('Enabling');
    expect(await state()).toBe('Enabled');
    expect(await bodiesOf('worker')).toEqual([['while disabled']]);
    expect((await update({ BatchSize: 5 })).State).toBe('Updating');
    expect((await engine.call('lambda', 'DeleteEventSourceMapping', { UUID })).State).toBe('Deleting');
    await expect(state()).rejects.toThrow('The resource you requested does not exist.');
    await send('jobs', 'afterwards');
    await engine.clock.advance('1 hour');
    expect(await depth('jobs')).toEqual({ visible: 1, inFlight: 0 });
  });

  it('hands messages to the function, deletes them, and notes the batch that caused the run', async () => {
    await map('jobs', 'worker');
    await sendAll('jobs', ['a', 'b', 'c']);
    await engine.settle();
    expect((await bodiesOf('worker')).flat().sort()).toEqual(['a', 'b', 'c']);
    expect(await depth('jobs')).toEqual(EMPTY);
    const [run] = engine.journal.list().filter(({ kind }) => kind === 'invocation');
    expect(causeOf(run!)).toMatchObject({
      ...{ kind: 'batch', subject: queueArn('jobs'), outcome: 'ok' },
      detail: { messages: 3, failed: 0 },
    });
  });

  const causeOf = ({ cause }: JournalNote) => engine.journal.get(cause!);

  it('costs nothing while its queue is empty, for a year', async () => {
    await map('jobs', 'worker');
    const before = engine.journal.list().length;
    await engine.clock.advance('365 days');
    expect(engine.journal.list().length).toBe(before);
    await send('jobs', 'at last');
    await engine.settle();
    expect(await bodiesOf('worker')).toEqual([['at last']]);
  });

  it('sends a delayed message when it is due', async () => {
    await map('jobs', 'worker');
    await send('jobs', 'later', { DelaySeconds: 90 });
    await engine.clock.advance('10 minutes');
    expect(await got('worker')).toEqual([{ at: '00:01:30.000Z', what: ['later'] }]);
  });

  it('reaches an alias', async () => {
    await engine.call('lambda', 'PublishVersion', { FunctionName: 'worker' });
    await engine.call('lambda', 'CreateAlias', { FunctionName: 'worker', Name: 'live', FunctionVersion: '1' });
    await map('jobs', 'worker:live');
    await send('jobs', 'x');
    await engine.settle();
    expect(engine.journal.list().find(({ kind }) => kind === 'invocation')!.detail).toMatchObject({ version: '1' });
  });

  it('goes on when its function or its queue comes back', async () => {
    await map('jobs', 'worker');
    await engine.call('sqs', 'DeleteQueue', { QueueUrl: queueUrl('jobs') });
    await engine.clock.advance('1 hour');
    await makeQueue('jobs');
    await engine.call('lambda', 'DeleteFunction', { FunctionName: 'worker' });
    await send('jobs', 'still here');
    await engine.clock.advance('1 hour');
    await engine.createFunction('worker', WORKER);
    await engine.clock.advance('1 hour');
    expect(await bodiesOf('worker')).toEqual([['still here']]);
  });
});

describe('records', () => {
  it('have the shape that AWS gives them', async () => {
    await engine.createFunction('worker', ECHO);
    await makeQueue('jobs');
    await map('jobs', 'worker');
    const sent = await send('jobs', '{"n":1}', {
      MessageAttributes: {
        colour: { DataType: 'String', StringValue: 'red' },
        bytes: { DataType: 'Binary', BinaryValue: Buffer.from('xyz') },
      },
    });
    await engine.settle();
    const [event] = await got<unknown>('worker');
    const list = { stringListValues: [], binaryListValues: [] };
    expect(event!.what).toEqual({
      Records: [
        {
          messageId: sent.MessageId,
          receiptHandle: expect.any(String),
          body: '{"n":1}',
          attributes: {
            ApproximateReceiveCount: '1',
            SentTimestamp: '1767225600000',
            SenderId: ACCOUNT,
            ApproximateFirstReceiveTimestamp: '1767225600000',
          },
          messageAttributes: {
            colour: { stringValue: 'red', ...list, dataType: 'String' },
            bytes: { binaryValue: 'eHl6', ...list, dataType: 'Binary' },
          },
          md5OfBody: sent.MD5OfMessageBody,
          md5OfMessageAttributes: sent.MD5OfMessageAttributes,
          eventSource: 'aws:sqs',
          eventSourceARN: queueArn('jobs'),
          awsRegion: 'us-east-1',
        },
      ],
    });
  });

  it('of a FIFO queue tell group, number and deduplication id', async () => {
    await engine.createFunction('worker', ECHO);
    await makeQueue('jobs.fifo', { FifoQueue: 'true' });
    await map('jobs.fifo', 'worker');
    await send('jobs.fifo', 'x', { MessageGroupId: 'g', MessageDeduplicationId: 'd' });
    await engine.settle();
    const [event] = await got<{ Records: { attributes: object }[] }>('worker');
    expect(event!.what.Records[0]!.attributes).toMatchObject({
      ...{ MessageGroupId: 'g', MessageDeduplicationId: 'd', SequenceNumber: expect.stringMatching(/^\d{20}$/) },
    });
  });
});

describe('batches', () => {
  beforeEach(async () => {
    await engine.createFunction('worker', WORKER);
    await makeQueue('jobs', { VisibilityTimeout: '600' });
  });

  it('wait for the window to pass, from the first message on', async () => {
    await map('jobs', 'worker', { BatchSize: 100, MaximumBatchingWindowInSeconds: 60 });
    await engine.clock.advance('10s');
    await send('jobs', 'a');
    await engine.clock.advance('59s');
    await send('jobs', 'b');
    expect(await got('worker')).toEqual([]);
    await engine.clock.advance('1h');
    expect(await got('worker')).toEqual([{ at: '00:01:10.000Z', what: ['a', 'b'] }]);
  });

  it('go when they are full', async () => {
    await map('jobs', 'worker', { BatchSize: 25, MaximumBatchingWindowInSeconds: 300 });
    await sendAll(
      'jobs',
      Array.from({ length: 60 }, (_, n) => `m${n}`),
    );
    await engine.settle();
    expect((await bodiesOf('worker')).map(({ length }) => length)).toEqual([25, 25]);
    await engine.clock.advance('1h');
    expect((await bodiesOf('worker')).map(({ length }) => length)).toEqual([25, 25, 10]);
  });

  it('have at most 6 MB', async () => {
    await engine.createFunction(
      'sizes',
      `exports.handler = async (event) => { console.log('GOT ' + event.Records.length) }`,
    );
    const UUID = await map('jobs', 'sizes', { Enabled: false });
    for (let n = 0; n < 8; n++) await send('jobs', 'x'.repeat(1_000_000));
    await engine.call('lambda', 'UpdateEventSourceMapping', { UUID, Enabled: true });
    await engine.settle();
    expect((await got<number>('sizes')).map(({ what }) => what).sort()).toEqual([2, 6]);
    expect(await depth('jobs')).toEqual(EMPTY);
  });

  it('are five at once at first, and 300 more each minute', async () => {
    await engine.createFunction(
      'slow',
      `exports.handler = async () => { await new Promise((done) => setTimeout(done, 90_000)); };`,
      { Timeout: 120 },
    );
    const UUID = await map('jobs', 'slow', { BatchSize: 1, Enabled: false });
    await sendAll(
      'jobs',
      Array.from({ length: 20 }, (_, n) => `m${n}`),
    );
    await engine.call('lambda', 'UpdateEventSourceMapping', { UUID, Enabled: true });
    await engine.clock.advance('59s');
    expect(await depth('jobs')).toEqual({ visible: 15, inFlight: 5 });
    await engine.clock.advance('1s');
    expect(await depth('jobs')).toEqual({ visible: 0, inFlight: 20 });
    await engine.clock.advance('5 minutes');
    expect(await depth('jobs')).toEqual(EMPTY);
  });

  it('are no more at once than the mapping allows', async () => {
    await engine.createFunction(
      'slow',
      `exports.handler = async () => { await new Promise((done) => setTimeout(done, 90_000)); };`,
      { Timeout: 120 },
    );
    await map('jobs', 'slow', { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } });
    await sendAll('jobs', ['a', 'b', 'c', 'd', 'e']);
    await engine.clock.advance('80s');
    expect(await depth('jobs')).toEqual({ visible: 3, inFlight: 2 });
    await engine.clock.advance('20s');
    expect(await depth('jobs')).toEqual({ visible: 1, inFlight: 2 });
  });
});

describe('filters', () => {
  beforeEach(async () => {
    await engine.createFunction('worker', WORKER);
    await makeQueue('jobs');
  });
  const filter = (...patterns: object[]): Settings => ({
    FilterCriteria: { Filters: patterns.map((pattern) => ({ Pattern: JSON.stringify(pattern) })) },
  });

  it('let through what one of them matches; the rest is deleted', async () => {
    await map(
      'jobs',
      'worker',
      filter({ body: { kind: ['order'], price: [{ numeric: ['>', 10] }] } }, { body: ['plain'] }),
    );
    const bodies = ['{"kind":"order","price":11}', '{"kind":"order","price":9}', 'plain', 'other', '"plain"', '[1]'];
    await sendAll('jobs', bodies);
    await engine.settle();
    expect((await bodiesOf('worker')).flat().sort()).toEqual(['plain', '{"kind":"order","price":11}']);
    expect(await depth('jobs')).toEqual(EMPTY);
  });

  it('look at attributes, and at what is nested too deeply as a text', async () => {
    await map('jobs', 'worker', filter({ messageAttributes: { colour: { stringValue: ['red'] } } }));
    const MessageAttributes = { colour: { DataType: 'String', StringValue: 'red' } };
    const deep = '['.repeat(50_000) + ']'.repeat(50_000);
    await send('jobs', 'red one', { MessageAttributes });
    await send('jobs', deep, { MessageAttributes });
    await send('jobs', deep);
    await engine.settle();
    expect((await bodiesOf('worker')).flat().length).toBe(2);
    expect(await depth('jobs')).toEqual(EMPTY);
  });

  it('are shown, and go when none are given', async () => {
    const UUID = await map('jobs', 'worker', filter({ body: ['x'] }));
    const shown = await engine.call('lambda', 'GetEventSourceMapping', { UUID });
    expect(shown.FilterCriteria).toEqual({ Filters: [{ Pattern: '{"body":["x"]}' }] });
    const changed = await engine.call('lambda', 'UpdateEventSourceMapping', { UUID, FilterCriteria: {} });
    expect(changed.FilterCriteria).toBeUndefined();
  });
});

describe('failures', () => {
  beforeEach(async () => {
    await engine.createFunction('worker', WORKER);
    await makeQueue('dead');
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn('dead'), maxReceiveCount: 3 });
    await makeQueue('jobs', { VisibilityTimeout: '30', RedrivePolicy });
  });

  it('of the function leave the batch in the queue, and at last to the dead letters', async () => {
    await map('jobs', 'worker');
    await send('jobs', 'poison throw');
    await engine.clock.advance('1h');
    expect((await got('worker')).map(({ at }) => at)).toEqual(['00:00:00.000Z', '00:00:30.000Z', '00:01:00.000Z']);
    expect(await depth('jobs')).toEqual(EMPTY);
    expect(await depth('dead')).toEqual({ visible: 1, inFlight: 0 });
  });

  it('of single messages leave these alone', async () => {
    await map('jobs', 'worker', {
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumBatchingWindowInSeconds: 1,
    });
    await sendAll('jobs', ['good', 'poison', 'better']);
    await engine.clock.advance('1h');
    expect(await bodiesOf('worker')).toEqual([['good', 'poison', 'better'], ['poison'], ['poison']]);
    expect(await depth('dead')).toEqual({ visible: 1, inFlight: 0 });
  });

  it('are not reported unless the mapping says so', async () => {
    await map('jobs', 'worker');
    await send('jobs', 'poison');
    await engine.clock.advance('1h');
    expect(await bodiesOf('worker')).toEqual([['poison']]);
    expect(await depth('dead')).toEqual(EMPTY);
  });

  it.each([
    ['null', 1],
    ['{}', 1],
    ['{ batchItemFailures: null }', 1],
    ['{ batchItemFailures: [] }', 1],
    ['{ batchItemFailures: [{ itemIdentifier: "" }] }', 3],
    ['{ batchItemFailures: [{ itemIdentifier: null }] }', 3],
    ['{ batchItemFailures: [{ id: "x" }] }', 3],
    ['{ batchItemFailures: [{ itemIdentifier: "unknown" }] }', 3],
    ['{ batchItemFailures: [null] }', 3],
    ['{ batchItemFailures: "all" }', 3],
    ['"fine"', 3],
  ])('the answer %s makes %i runs', async (answer, runs) => {
    await engine.createFunction('answers', `exports.handler = async () => (${answer});`);
    await map('jobs', 'answers', { FunctionResponseTypes: ['ReportBatchItemFailures'] });
    await send('jobs', 'x');
    await engine.clock.advance('1h');
    expect(engine.rings('answers').length).toBe(runs);
  });

  it('by throttling are tried again until the messages are visible again', async () => {
    await map('jobs', 'worker');
    await engine.call('lambda', 'PutFunctionConcurrency', { FunctionName: 'worker', ReservedConcurrentExecutions: 0 });
    await engine.clock.advance('1 day');
    await send('jobs', 'x');
    await engine.clock.advance('20s');
    const refusals = engine.journal.list().filter(({ kind }) => kind === 'refusal');
    expect(refusals.map(({ at }) => isoMillis(at).slice(17, 19))).toEqual(['00', '01', '03', '07', '15']);
    await engine.call('lambda', 'DeleteFunctionConcurrency', { FunctionName: 'worker' });
    await engine.clock.advance('1h');
    expect(await got('worker')).toEqual([{ at: '00:00:30.000Z', what: ['x'] }]);
    expect(await depth('jobs')).toEqual(EMPTY);
  });
});

it('a mapping whose queue is gone can be disabled, and one is gone after a reset', async () => {
  await engine.createFunction('worker', WORKER);
  await makeQueue('jobs');
  const UUID = await map('jobs', 'worker');
  await engine.call('sqs', 'DeleteQueue', { QueueUrl: queueUrl('jobs') });
  const update = (Enabled: boolean) => engine.call('lambda', 'UpdateEventSourceMapping', { UUID, Enabled });
  expect((await update(false)).State).toBe('Disabling');
  await expect(update(true)).rejects.toThrow('The specified queue does not exist.');
  await makeQueue('jobs');
  await update(true);
  await engine.reset();
  await engine.createFunction('worker', WORKER);
  await makeQueue('jobs');
  await send('jobs', 'x');
  await engine.clock.advance('1h');
  expect(await depth('jobs')).toEqual({ visible: 1, inFlight: 0 });
  await map('jobs', 'worker');
  expect(await bodiesOf('worker')).toEqual([['x']]);
});

it('the same messages twice lead to the same notes at the same moments', async () => {
  const live = async () => {
    const one = await start({ seed: 'same' });
    const own = engine;
    engine = one;
    try {
      await one.createFunction('worker', WORKER);
      await makeQueue('jobs');
      await map('jobs', 'worker', { BatchSize: 20, MaximumBatchingWindowInSeconds: 2 });
      for (let round = 0; round < 5; round++) {
        await sendAll(
          'jobs',
          Array.from({ length: 50 }, (_, n) => (n % 17 === 0 ? `poison throw ${n}` : `m${n}`)),
        );
        await one.clock.advance('1 minute');
      }
      // Functions that run at one moment end in the order that their processes come to.
      return one.journal
        .list()
        .map(({ kind, subject, outcome, at }) => `${at} ${kind} ${subject} ${outcome}`)
        .sort();
    } finally {
      await one.close();
      engine = own;
    }
  };
  expect(await live()).toEqual(await live());
});

describe('FIFO queues', () => {
  it('keep the order of each group, however many functions run', async () => {
    await engine.createFunction(
      'ordered',
      `exports.handler = async (event) => {
        await new Promise((done) => setTimeout(done, 1_000));
        console.log('GOT ' + JSON.stringify(event.Records.map(({ body }) => body)));
      };`,
    );
    await makeQueue('jobs.fifo', { FifoQueue: 'true' });
    const UUID = await map('jobs.fifo', 'ordered', { BatchSize: 3, Enabled: false });
    const bodies = Array.from({ length: 60 }, (_, n) => `${'abcd'[n % 4]}${String(n).padStart(2, '0')}`);
    await sendAll('jobs.fifo', bodies, (body) => body[0]!);
    await engine.call('lambda', 'UpdateEventSourceMapping', { UUID, Enabled: true });
    await engine.clock.advance('5 minutes');
    const all = (await bodiesOf('ordered')).flat();
    expect(all.length).toBe(60);
    for (const group of 'abcd') {
      const ofGroup = all.filter((body) => body.startsWith(group));
      expect(ofGroup).toEqual(ofGroup.toSorted());
    }
    expect(await depth('jobs.fifo')).toEqual(EMPTY);
  });

  it('stop a group at what failed', async () => {
    await engine.createFunction('worker', WORKER);
    await makeQueue('dead.fifo', { FifoQueue: 'true' });
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn('dead.fifo'), maxReceiveCount: 2 });
    await makeQueue('jobs.fifo', { FifoQueue: 'true', RedrivePolicy });
    await map('jobs.fifo', 'worker', { BatchSize: 1 });
    await sendAll('jobs.fifo', ['a1 poison throw', 'a2', 'b1'], (body) => body[0]!);
    await engine.clock.advance('1h');
    const order = (await bodiesOf('worker')).flat();
    expect(order.filter((body) => body.startsWith('a'))).toEqual(['a1 poison throw', 'a1 poison throw', 'a2']);
    expect(order).toContain('b1');
    expect(await depth('dead.fifo')).toEqual({ visible: 1, inFlight: 0 });
  });
});

it('a stack makes a mapping, changes and removes it (aws-resource-lambda-eventsourcemapping.html)', async () => {
  await engine.createFunction('worker', WORKER);
  const template = (settings: object) =>
    JSON.stringify({
      Resources: {
        Jobs: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'jobs' } },
        Mapping: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: { EventSourceArn: { 'Fn::GetAtt': ['Jobs', 'Arn'] }, FunctionName: 'worker', ...settings },
        },
      },
      Outputs: { Id: { Value: { Ref: 'Mapping' } } },
    });
  const StackName = 'work';
  const mapping = async () => {
    await engine.settle();
    const { Stacks } = await engine.call('cloudformation', 'DescribeStacks', { StackName });
    const UUID = Stacks![0]!.Outputs![0]!.OutputValue!;
    return engine.call('lambda', 'GetEventSourceMapping', { UUID });
  };
  const Tags = [{ Key: 'team', Value: 'a' }];
  const full = template({ BatchSize: '1', FilterCriteria: { Filters: [{ Pattern: '{"body":["x"]}' }] }, Tags });
  await engine.call('cloudformation', 'CreateStack', { StackName, TemplateBody: full });
  const made = await mapping();
  expect(made).toMatchObject({ State: 'Enabled', BatchSize: 1, FilterCriteria: { Filters: [{}] } });
  const { Tags: tags } = await engine.call('lambda', 'ListTags', { Resource: made.EventSourceMappingArn });
  expect(tags).toMatchObject({ team: 'a', 'aws:cloudformation:logical-id': 'Mapping' });
  await sendAll('jobs', ['x', 'y']);
  await engine.settle();
  expect(await bodiesOf('worker')).toEqual([['x']]);
  await engine.call('cloudformation', 'UpdateStack', { StackName, TemplateBody: template({ Enabled: false }) });
  const changed = await mapping();
  expect(changed).toMatchObject({ UUID: made.UUID, State: 'Disabled', BatchSize: 10 });
  expect(changed.FilterCriteria).toBeUndefined();
  await engine.call('cloudformation', 'DeleteStack', { StackName });
  await engine.settle();
  expect((await engine.call('lambda', 'ListEventSourceMappings', {})).EventSourceMappings).toEqual([]);
});

describe('after a restart', () => {
  let data: string;
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), 'carillon-mappings-'));
  });
  afterEach(() => rmSync(data, { recursive: true, force: true }));

  it('mappings take up again, and what was in flight comes back', async () => {
    await engine.close();
    engine = await start({ data });
    await engine.createFunction('worker', WORKER);
    await engine.createFunction('stuck', `exports.handler = () => new Promise((done) => setTimeout(done, 20_000));`, {
      Timeout: 30,
    });
    for (const queue of ['jobs', 'slow']) await makeQueue(queue);
    await map('jobs', 'worker');
    await map('slow', 'stuck');
    await send('slow', 'in flight');
    await engine.clock.advance('1s');
    await engine.close();
    engine = await start({ data });
    expect(await depth('slow')).toEqual({ visible: 0, inFlight: 1 });
    await send('jobs', 'a new day');
    await engine.clock.advance('10 minutes');
    expect(await bodiesOf('worker')).toEqual([['a new day']]);
    expect(engine.rings('stuck').length).toBe(1);
    expect(await depth('slow')).toEqual(EMPTY);
  });
});
