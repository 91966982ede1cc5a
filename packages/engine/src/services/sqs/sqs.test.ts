/* The service through the engine's own door. Words and bounds are those of AWS's API reference (API_*.html). */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AwsError, createEngine, type Engine, type Input } from '../../engine.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const ACCOUNT = '000000000000';

let engine: Engine;
beforeEach(async () => {
  engine = await createEngine({ clock: 'virtual:2026-01-01T00:00:00Z' });
});
afterEach(() => engine.close());

/** The code and words that a call is refused with. */
async function refusal(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: AwsError) => reason,
  );
  return error ? `${error.code}: ${error.message}` : 'not refused';
}

const arnOf = (name: string) => `arn:aws:sqs:us-east-1:${ACCOUNT}:${name}`;

async function create(name = 'jobs', Attributes: Record<string, string> = {}): Promise<string> {
  const fifo = name.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
  const { QueueUrl } = await engine.call('sqs', 'CreateQueue', {
    QueueName: name,
    Attributes: { ...fifo, ...Attributes },
  });
  return QueueUrl!;
}

type Sent = Partial<Input<'sqs', 'SendMessage'>>;
function send(QueueUrl: string, MessageBody: string, more: Sent = {}) {
  return engine.call('sqs', 'SendMessage', { QueueUrl, MessageBody, ...more });
}

let sent = 0;
function sendTo(QueueUrl: string, MessageGroupId: string, body: string) {
  return send(QueueUrl, body, { MessageGroupId, MessageDeduplicationId: String(sent++) });
}

type Received = Partial<Input<'sqs', 'ReceiveMessage'>>;
async function receive(QueueUrl: string, more: Received = {}): Promise<Message[]> {
  const { Messages = [] } = await engine.call('sqs', 'ReceiveMessage', { QueueUrl, ...more });
  return Messages;
}

async function bodies(QueueUrl: string, more: Received = {}): Promise<string[]> {
  return (await receive(QueueUrl, { MaxNumberOfMessages: 10, ...more })).map(({ Body }) => Body!);
}

async function remove(QueueUrl: string, ...messages: Message[]) {
  for (const { ReceiptHandle } of messages) await engine.call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
}

async function attributes(QueueUrl: string, ...names: string[]) {
  const AttributeNames = (names.length > 0 ? names : ['All']) as ['All'];
  return (await engine.call('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames })).Attributes ?? {};
}

async function counts(QueueUrl: string): Promise<number[]> {
  const told = (await attributes(QueueUrl)) as Record<string, string>;
  return ['', 'NotVisible', 'Delayed'].map((which) => Number(told[`ApproximateNumberOfMessages${which}`]));
}

function set(QueueUrl: string, Attributes: Record<string, string>) {
  return engine.call('sqs', 'SetQueueAttributes', { QueueUrl, Attributes });
}

const md5 = (text: string) => createHash('md5').update(text).digest('hex');

describe('queues', () => {
  it('are made, told of in full, and deleted', async () => {
    const url = await create();
    expect(url).toBe(`${engine.endpoint}/${ACCOUNT}/jobs`);
    expect(await engine.call('sqs', 'GetQueueUrl', { QueueName: 'jobs' })).toEqual({ QueueUrl: url });
    const all = await attributes(url);
    expect(all).toEqual({
      QueueArn: arnOf('jobs'),
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      ApproximateNumberOfMessagesDelayed: '0',
      CreatedTimestamp: String(START / 1000),
      LastModifiedTimestamp: String(START / 1000),
      VisibilityTimeout: '30',
      MaximumMessageSize: '1048576',
      MessageRetentionPeriod: '345600',
      DelaySeconds: '0',
      ReceiveMessageWaitTimeSeconds: '0',
      SqsManagedSseEnabled: 'true',
    });
    for (let times = 0; times < 6; times++) expect(await attributes(url)).toEqual(all);
    await engine.call('sqs', 'DeleteQueue', { QueueUrl: url });
    expect(await refusal(attributes(url))).toBe('QueueDoesNotExist: The specified queue does not exist.');
    expect(await refusal(engine.call('sqs', 'GetQueueUrl', { QueueName: 'jobs' }))).toMatch(/^QueueDoesNotExist/);
  });

  it('of FIFO type tell their own attributes', async () => {
    const url = await create('jobs.fifo', { ContentBasedDeduplication: 'true' });
    expect(await attributes(url)).toMatchObject({
      FifoQueue: 'true',
      ContentBasedDeduplication: 'true',
      DeduplicationScope: 'queue',
      FifoThroughputLimit: 'perQueue',
    });
  });

  it('are encrypted in one way at a time', async () => {
    const url = await create('jobs', { KmsMasterKeyId: 'alias/mine' });
    const told = () => attributes(url, 'KmsMasterKeyId', 'KmsDataKeyReusePeriodSeconds', 'SqsManagedSseEnabled');
    expect(await told()).toEqual({
      KmsMasterKeyId: 'alias/mine',
      KmsDataKeyReusePeriodSeconds: '300',
      SqsManagedSseEnabled: 'false',
    });
    await set(url, { SqsManagedSseEnabled: 'true' });
    expect(await told()).toEqual({ SqsManagedSseEnabled: 'true' });
  });

  it('can be made again with the same attributes only', async () => {
    const url = await create('jobs', { VisibilityTimeout: '60' });
    expect(await create('jobs')).toBe(url);
    expect(await create('jobs', { VisibilityTimeout: '60', DelaySeconds: '0' })).toBe(url);
    expect(await refusal(create('jobs', { VisibilityTimeout: '61' }))).toBe(
      'QueueNameExists: A queue already exists with the same name and a different value for attribute VisibilityTimeout',
    );
  });

  it('are refused in the words of AWS', async () => {
    const name =
      'InvalidParameterValue: Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length';
    expect(await refusal(create('a b'))).toBe(name);
    expect(await refusal(create('x'.repeat(81)))).toBe(name);
    expect(await refusal(engine.call('sqs', 'CreateQueue', { QueueName: 'x.fifo' }))).toBe(name);
    expect(await refusal(create('jobs', { FifoQueue: 'true' }))).toMatch(/must end with .fifo suffix/);
    expect(await refusal(create('jobs', { FifoQueue: 'false' }))).toBe(
      'InvalidAttributeName: Unknown Attribute FifoQueue.',
    );
    expect(await refusal(create('jobs', { Colour: 'red' }))).toBe('InvalidAttributeName: Unknown Attribute Colour.');
    for (const [attribute, value] of Object.entries({
      VisibilityTimeout: '43201',
      MaximumMessageSize: '1023',
      MessageRetentionPeriod: '59',
      DelaySeconds: '-1',
      ReceiveMessageWaitTimeSeconds: 'x',
      Policy: '{',
    })) {
      expect(await refusal(create('jobs', { [attribute]: value }))).toBe(
        `InvalidAttributeValue: Invalid value for the parameter ${attribute}.`,
      );
    }
    expect(await refusal(create('j.fifo', { FifoThroughputLimit: 'perMessageGroupId' }))).toMatch(
      /^InvalidAttributeValue: .*only when the value for DeduplicationScope is messageGroup/,
    );
    expect(await refusal(send('http://elsewhere/jobs', 'x'))).toBe(
      'InvalidAddress: The address http://elsewhere/jobs is not valid for this endpoint.',
    );
    expect(await refusal(engine.call('sqs', 'SendMessage', { MessageBody: 'x' } as never))).toBe(
      'MissingParameter: The request must contain the parameter QueueUrl.',
    );
    const url = await create();
    expect(await refusal(attributes(url, 'Colour'))).toBe('InvalidAttributeName: Unknown Attribute Colour.');
    expect(await refusal(set(url, { QueueArn: 'x' }))).toBe('InvalidAttributeName: Unknown Attribute QueueArn.');
  });

  it('are listed by prefix, page by page, in order', async () => {
    for (const name of ['b2', 'a', 'b1', 'b3']) await create(name);
    const list = (input: Input<'sqs', 'ListQueues'>) => engine.call('sqs', 'ListQueues', input);
    const names = (urls: string[] = []) => urls.map((url) => url.split('/').at(-1));
    expect(names((await list({})).QueueUrls)).toEqual(['a', 'b1', 'b2', 'b3']);
    expect(await list({ QueueNamePrefix: 'z' })).toEqual({});
    const first = await list({ QueueNamePrefix: 'b', MaxResults: 2 });
    expect(names(first.QueueUrls)).toEqual(['b1', 'b2']);
    const second = await list({ QueueNamePrefix: 'b', MaxResults: 2, NextToken: first.NextToken });
    expect([names(second.QueueUrls), second.NextToken]).toEqual([['b3'], undefined]);
    expect(await refusal(list({ MaxResults: 1001 }))).toMatch(
      /^InvalidParameterValue: Value 1001 for parameter MaxRes/,
    );
  });

  it('are of an account and a region, and reached by their URL from another account', async () => {
    const other = { account: '111111111111' };
    const { QueueUrl } = await engine.call('sqs', 'CreateQueue', { QueueName: 'theirs' }, other);
    expect(QueueUrl).toContain('/111111111111/theirs');
    await send(QueueUrl!, 'hello');
    expect(await bodies(QueueUrl!)).toEqual(['hello']);
    expect((await engine.call('sqs', 'ListQueues', {})).QueueUrls).toBeUndefined();
    expect((await engine.call('sqs', 'ListQueues', {}, { ...other, region: 'eu-west-1' })).QueueUrls).toBeUndefined();
  });

  it('have tags', async () => {
    const { QueueUrl } = await engine.call('sqs', 'CreateQueue', { QueueName: 'jobs', tags: { team: 'a' } });
    await engine.call('sqs', 'TagQueue', { QueueUrl, Tags: { stage: 'dev', team: 'b' } });
    expect(await engine.call('sqs', 'ListQueueTags', { QueueUrl })).toEqual({ Tags: { team: 'b', stage: 'dev' } });
    await engine.call('sqs', 'UntagQueue', { QueueUrl, TagKeys: ['team', 'stage'] });
    expect(await engine.call('sqs', 'ListQueueTags', { QueueUrl })).toEqual({});
    const Tags = Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`k${n}`, 'v']));
    expect(await refusal(engine.call('sqs', 'TagQueue', { QueueUrl, Tags }))).toBe(
      'InvalidParameterValue: Too many tags added for queue jobs.',
    );
  });

  it('have a policy, whose statements come and go by label', async () => {
    const QueueUrl = await create();
    const permission = { QueueUrl, Label: 'one', AWSAccountIds: ['111111111111'], Actions: ['SendMessage'] };
    await engine.call('sqs', 'AddPermission', permission);
    expect(JSON.parse((await attributes(QueueUrl)).Policy!)).toEqual({
      Version: '2008-10-17',
      Id: `${arnOf('jobs')}/SQSDefaultPolicy`,
      Statement: [
        {
          Sid: 'one',
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::111111111111:root' },
          Action: 'SQS:SendMessage',
          Resource: arnOf('jobs'),
        },
      ],
    });
    expect(await refusal(engine.call('sqs', 'AddPermission', permission))).toBe(
      'InvalidParameterValue: Value one for parameter Label is invalid. Reason: Already exists.',
    );
    expect(
      await refusal(engine.call('sqs', 'AddPermission', { ...permission, Label: 'b', Actions: ['Sing'] })),
    ).toMatch(/^InvalidParameterValue: Value SQS:Sing for parameter ActionName is invalid/);
    await engine.call('sqs', 'RemovePermission', { QueueUrl, Label: 'one' });
    expect((await attributes(QueueUrl)).Policy).toBeUndefined();
    expect(await refusal(engine.call('sqs', 'RemovePermission', { QueueUrl, Label: 'one' }))).toBe(
      "InvalidParameterValue: Value one for parameter Label is invalid. Reason: can't find label on existing policy.",
    );
  });

  it('are purged at once, once in 60 seconds', async () => {
    const url = await create();
    for (let n = 0; n < 25; n++) await send(url, String(n));
    const [inFlight] = await receive(url);
    await engine.call('sqs', 'PurgeQueue', { QueueUrl: url });
    await engine.settle();
    expect(await counts(url)).toEqual([0, 0, 0]);
    await remove(url, inFlight!);
    await send(url, 'new');
    expect(await refusal(engine.call('sqs', 'PurgeQueue', { QueueUrl: url }))).toBe(
      'PurgeQueueInProgress: Only one PurgeQueue operation on jobs is allowed every 60 seconds.',
    );
    await engine.clock.advance('60 seconds');
    expect(await bodies(url)).toEqual(['new']);
    await engine.call('sqs', 'PurgeQueue', { QueueUrl: url });
    expect(await counts(url)).toEqual([0, 0, 0]);
  });
});

describe('messages', () => {
  it('are sent, received and deleted', async () => {
    const url = await create();
    const answer = await send(url, 'hello');
    expect(answer).toEqual({ MD5OfMessageBody: md5('hello'), MessageId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    const [message, ...others] = await receive(url, { MaxNumberOfMessages: 10 });
    expect(others).toEqual([]);
    expect(message).toEqual({
      MessageId: answer.MessageId,
      ReceiptHandle: expect.stringMatching(/^AQEB/),
      MD5OfBody: md5('hello'),
      Body: 'hello',
    });
    expect(await counts(url)).toEqual([0, 1, 0]);
    await remove(url, message!, message!);
    expect(await counts(url)).toEqual([0, 0, 0]);
    await engine.clock.advance('1 hour');
    expect(await receive(url)).toEqual([]);
  });

  it('tell what was asked for of themselves', async () => {
    const url = await create();
    await send(url, 'x', {
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-5e' } },
      MessageGroupId: 'tenant',
    });
    await engine.clock.advance('2 seconds');
    await receive(url, { VisibilityTimeout: 1 });
    await engine.clock.advance('1 second');
    const [message] = await receive(url, { MessageSystemAttributeNames: ['All'], VisibilityTimeout: 0 });
    expect(message!.Attributes).toEqual({
      SenderId: ACCOUNT,
      SentTimestamp: String(START),
      ApproximateReceiveCount: '2',
      ApproximateFirstReceiveTimestamp: String(START + 2_000),
      AWSTraceHeader: 'Root=1-5e',
      MessageGroupId: 'tenant',
    });
    const [again] = await receive(url, { AttributeNames: ['SentTimestamp' as 'All'], VisibilityTimeout: 0 });
    expect(again!.Attributes).toEqual({ SentTimestamp: String(START) });
    expect(await refusal(receive(url, { AttributeNames: ['Colour' as 'All'] }))).toBe(
      'InvalidAttributeName: Unknown Attribute Colour.',
    );
  });

  it('have attributes of every type, selected by name and prefix', async () => {
    const url = await create();
    const MessageAttributes = {
      'a.text': { DataType: 'String', StringValue: 'é' },
      'a.count': { DataType: 'Number.int', StringValue: '-1.5e3' },
      bytes: { DataType: 'Binary.png', BinaryValue: Buffer.from([0, 255]) },
    };
    const { MD5OfMessageAttributes } = await send(url, 'x', { MessageAttributes });
    const take = async (...names: string[]) =>
      (await receive(url, { MessageAttributeNames: names, VisibilityTimeout: 0 }))[0]!;
    const all = await take('All');
    expect(all.MessageAttributes).toEqual(MessageAttributes);
    expect(all.MD5OfMessageAttributes).toBe(MD5OfMessageAttributes);
    expect((await take('.*')).MessageAttributes).toEqual(MessageAttributes);
    expect(Object.keys((await take('a.*')).MessageAttributes!)).toEqual(['a.text', 'a.count']);
    const some = await take('bytes', 'other');
    expect(Object.keys(some.MessageAttributes!)).toEqual(['bytes']);
    expect(some.MD5OfMessageAttributes).not.toBe(MD5OfMessageAttributes);
    expect(await take()).not.toHaveProperty('MessageAttributes');
  });

  it('are refused in the words of AWS', async () => {
    const url = await create('jobs', { MaximumMessageSize: '1024' });
    expect(await refusal(send(url, ''))).toBe('MissingParameter: The request must contain the parameter MessageBody.');
    expect(await refusal(send(url, 'x'.repeat(1025)))).toBe(
      'InvalidParameterValue: One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.',
    );
    await send(url, 'x'.repeat(1024));
    expect(await refusal(send(url, 'a\u0000b'))).toMatch(/^InvalidMessageContents: Invalid binary character '#x0'/);
    await send(url, 'a\t\r\n😀');
    expect(await refusal(send(url, 'x', { DelaySeconds: 901 }))).toBe(
      'InvalidParameterValue: Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.',
    );
    expect(await refusal(send(url, 'x', { MessageDeduplicationId: 'd' }))).toBe(
      'InvalidParameterValue: Value d for parameter MessageDeduplicationId is invalid. Reason: The request include parameter that is not valid for this queue type.',
    );
    const withAttribute = (value: object) => send(url, 'x', { MessageAttributes: { a: value as never } });
    expect(await refusal(withAttribute({ StringValue: 'x' }))).toMatch(/DataType/);
    expect(await refusal(withAttribute({ DataType: 'Colour', StringValue: 'x' }))).toBe(
      "InvalidParameterValue: The message attribute 'a' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.",
    );
    expect(await refusal(withAttribute({ DataType: 'String', StringListValues: ['x'] }))).toMatch(
      /^UnsupportedOperation/,
    );
    expect(await refusal(withAttribute({ DataType: 'String' }))).toBe(
      "InvalidParameterValue: The message attribute 'a' must contain non-empty message attribute value for message attribute type 'String'.",
    );
    expect(await refusal(withAttribute({ DataType: 'Number', StringValue: 'x' }))).toMatch(/Can't cast the value/);
    const MessageAttributes = Object.fromEntries(
      Array.from({ length: 11 }, (_, n) => [`a${n}`, { DataType: 'String', StringValue: 'x' }]),
    );
    expect(await refusal(send(url, 'x', { MessageAttributes }))).toBe(
      'InvalidParameterValue: Number of message attributes [11] exceeds the allowed maximum [10].',
    );
    expect(await refusal(receive(url, { MaxNumberOfMessages: 11 }))).toBe(
      'InvalidParameterValue: Value 11 for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and 10, if provided.',
    );
    expect(await refusal(receive(url, { WaitTimeSeconds: 21 }))).toBe(
      'InvalidParameterValue: Value 21 for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if provided.',
    );
  });

  it('expire with their retention period, to the millisecond, also by a new one', async () => {
    const url = await create('jobs', { MessageRetentionPeriod: '60' });
    await send(url, 'first');
    await engine.clock.advance(59_999);
    await send(url, 'second');
    expect(await counts(url)).toEqual([2, 0, 0]);
    await engine.clock.advance(1);
    expect(await bodies(url, { VisibilityTimeout: 0 })).toEqual(['second']);
    await set(url, { MessageRetentionPeriod: '120' });
    await engine.clock.advance('119 seconds');
    expect(await counts(url)).toEqual([1, 0, 0]);
    await engine.clock.advance('1 second');
    expect(await counts(url)).toEqual([0, 0, 0]);
    await send(url, 'third');
    await set(url, { MessageRetentionPeriod: '60' });
    await engine.clock.advance('1 minute');
    expect(await counts(url)).toEqual([0, 0, 0]);
  });
});

describe('time', () => {
  it('hides what was received until the visibility timeout ends', async () => {
    const url = await create();
    await send(url, 'x');
    expect(await bodies(url)).toEqual(['x']);
    await engine.clock.advance(29_999);
    expect(await bodies(url)).toEqual([]);
    await engine.clock.advance(1);
    expect(await bodies(url, { VisibilityTimeout: 5 })).toEqual(['x']);
    await engine.clock.advance('5 seconds');
    expect(await counts(url)).toEqual([1, 0, 0]);
  });

  it('is changed for what is in flight, up to twelve hours', async () => {
    const url = await create();
    await send(url, 'x');
    const [message] = await receive(url);
    const change = (VisibilityTimeout: number, { ReceiptHandle } = message!) =>
      engine.call('sqs', 'ChangeMessageVisibility', { QueueUrl: url, ReceiptHandle, VisibilityTimeout });
    await change(100);
    await engine.clock.advance('99 seconds');
    expect(await receive(url)).toEqual([]);
    expect(await refusal(change(43_200))).toBe(
      'InvalidParameterValue: Value 43200 for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [43200 seconds]',
    );
    expect(await refusal(change(43_201))).toMatch(
      /^InvalidParameterValue: Value 43201 for parameter VisibilityTimeout/,
    );
    await change(0);
    const [again] = await receive(url);
    expect(again!.Body).toBe('x');
    expect(await refusal(change(1))).toMatch(
      /Reason: Message does not exist or is not available for visibility timeout/,
    );
    await remove(url, message!);
    expect(await counts(url)).toEqual([0, 1, 0]);
    await remove(url, again!);
    expect(await refusal(change(1, again!))).toMatch(/Message does not exist/);
    expect(await refusal(change(1, { ReceiptHandle: 'garbage' }))).toBe(
      'ReceiptHandleIsInvalid: The input receipt handle "garbage" is not a valid receipt handle.',
    );
  });

  it('delays messages by the queue and by themselves', async () => {
    const url = await create('jobs', { DelaySeconds: '10' });
    await send(url, 'late');
    await send(url, 'later', { DelaySeconds: 20 });
    await send(url, 'now', { DelaySeconds: 0 });
    expect(await counts(url)).toEqual([1, 0, 2]);
    expect(await bodies(url)).toEqual(['now']);
    await engine.clock.advance('10 seconds');
    expect(await bodies(url)).toEqual(['late']);
    await engine.clock.advance('10 seconds');
    expect(await bodies(url)).toEqual(['later']);
  });

  it('is waited for by long polls, which take a message the moment it comes', async () => {
    const url = await create();
    const started = receive(url, { WaitTimeSeconds: 20 });
    await engine.settle();
    await send(url, 'x');
    expect((await started)[0]!.Body).toBe('x');
    const second = receive(url, { WaitTimeSeconds: 20, VisibilityTimeout: 1 }).then((messages) => ({
      at: engine.clock.now(),
      messages,
    }));
    await engine.clock.advance('1 minute');
    expect(await second).toMatchObject({ at: START + 20_000, messages: [] });
  });

  it('ends a long poll when a delay or a visibility timeout does, and at its own end', async () => {
    const url = await create('jobs', { ReceiveMessageWaitTimeSeconds: '20' });
    await send(url, 'x', { DelaySeconds: 7 });
    const moments: [string, number][] = [];
    const note = (name: string) => (messages: Message[]) => {
      moments.push([`${name}: ${messages.length}`, (engine.clock.now() - START) / 1000]);
    };
    void receive(url, { VisibilityTimeout: 4 }).then(note('a'));
    await engine.settle();
    void receive(url).then(note('b'));
    void receive(url, { WaitTimeSeconds: 9 }).then(note('c'));
    await engine.clock.advance('1 minute');
    expect(moments).toEqual([
      ['a: 1', 7],
      ['c: 0', 9],
      ['b: 1', 11],
    ]);
  });

  it('gives each of many messages to one of many that poll', async () => {
    const url = await create();
    const polls = Array.from({ length: 50 }, () => bodies(url, { MaxNumberOfMessages: 3, WaitTimeSeconds: 20 }));
    await engine.settle();
    for (let n = 0; n < 60; n++) await send(url, String(n));
    await engine.clock.advance('20 seconds');
    const got = (await Promise.all(polls)).flat().map(Number);
    expect(got.sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, n) => n));
  });

  it('ends a long poll when the queue goes', async () => {
    const url = await create();
    const poll = refusal(receive(url, { WaitTimeSeconds: 20 }));
    await engine.settle();
    await engine.call('sqs', 'DeleteQueue', { QueueUrl: url });
    expect(await poll).toMatch(/^QueueDoesNotExist/);
  });
});

describe('what is in flight', () => {
  // Developer Guide, "Amazon SQS standard queue quotas" and "FIFO queue quotas".
  it('is at most 120,000 messages of a standard queue: a short poll is told so, a long one waits', async () => {
    const QueueUrl = await create();
    for (let batch = 0; batch < 12_001; batch++) {
      const Entries = Array.from({ length: 10 }, (_, n) => ({ Id: String(n), MessageBody: 'x' }));
      await engine.call('sqs', 'SendMessageBatch', { QueueUrl, Entries });
    }
    let last: Message | undefined;
    for (let batch = 0; batch < 12_000; batch++) last = (await receive(QueueUrl, { MaxNumberOfMessages: 10 }))[0];
    expect(await counts(QueueUrl)).toEqual([10, 120_000, 0]);
    expect(await refusal(receive(QueueUrl))).toBe('OverLimit: Too many messages in flight.');
    const poll = bodies(QueueUrl, { WaitTimeSeconds: 20 });
    await engine.settle();
    await remove(QueueUrl, last!);
    expect(await poll).toEqual(['x']);
  });
});

describe('batches', () => {
  it('succeed and fail entry by entry', async () => {
    const QueueUrl = await create('jobs', { MaximumMessageSize: '1024' });
    const { Successful, Failed } = await engine.call('sqs', 'SendMessageBatch', {
      QueueUrl,
      Entries: [
        { Id: 'a', MessageBody: 'one' },
        { Id: 'b', MessageBody: 'x'.repeat(1025) },
        { Id: 'c', MessageBody: 'two', DelaySeconds: 5 },
      ],
    });
    expect(Successful!.map(({ Id }) => Id)).toEqual(['a', 'c']);
    expect(Successful![0]).toMatchObject({ MD5OfMessageBody: md5('one') });
    expect(Failed).toEqual([
      {
        Id: 'b',
        SenderFault: true,
        Code: 'InvalidParameterValue',
        Message: 'One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.',
      },
    ]);
    await engine.clock.advance('5 seconds');
    const messages = await receive(QueueUrl, { MaxNumberOfMessages: 10 });
    const entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    const changed = await engine.call('sqs', 'ChangeMessageVisibilityBatch', {
      QueueUrl,
      Entries: [...entries, { Id: 'z', ReceiptHandle: 'bad' }].map((entry) => ({ ...entry, VisibilityTimeout: 3 })),
    });
    expect(changed.Successful).toEqual([{ Id: '0' }, { Id: '1' }]);
    expect(changed.Failed).toMatchObject([{ Id: 'z', Code: 'ReceiptHandleIsInvalid', SenderFault: true }]);
    const deleted = await engine.call('sqs', 'DeleteMessageBatch', { QueueUrl, Entries: entries });
    expect(deleted).toEqual({ Successful: [{ Id: '0' }, { Id: '1' }], Failed: [] });
    expect(await counts(QueueUrl)).toEqual([0, 0, 0]);
  });

  it('are refused whole in the words of AWS', async () => {
    const QueueUrl = await create();
    const batch = (...ids: string[]) =>
      refusal(
        engine.call('sqs', 'SendMessageBatch', { QueueUrl, Entries: ids.map((Id) => ({ Id, MessageBody: 'x' })) }),
      );
    expect(await batch()).toBe(
      'EmptyBatchRequest: There should be at least one SendMessageBatchRequestEntry in the request.',
    );
    expect(await batch(...'abcdefghijk')).toBe(
      'TooManyEntriesInBatchRequest: Maximum number of entries per request are 10. You have sent 11.',
    );
    expect(await batch('a', 'a')).toBe('BatchEntryIdsNotDistinct: Id a repeated.');
    expect(await batch('a b')).toMatch(/^InvalidBatchEntryId: A batch entry id can only contain alphanumeric/);
    const Entries = ['a', 'b'].map((Id) => ({ Id, MessageBody: 'x'.repeat(600_000) }));
    expect(await refusal(engine.call('sqs', 'SendMessageBatch', { QueueUrl, Entries }))).toBe(
      'BatchRequestTooLong: Batch requests cannot be longer than 1048576 bytes. You have sent 1200000 bytes.',
    );
  });
});

describe('FIFO queues', () => {
  it('keep the order of a group, and nothing of it is received while something is in flight', async () => {
    const url = await create('jobs.fifo');
    for (const body of ['a1', 'b1', 'a2', 'c1', 'b2', 'a3']) await sendTo(url, body[0]!, body);
    const [a1, a2] = await receive(url, { MaxNumberOfMessages: 2 });
    expect([a1!.Body, a2!.Body]).toEqual(['a1', 'a2']);
    expect(await bodies(url)).toEqual(['b1', 'b2', 'c1']);
    expect(await bodies(url)).toEqual([]);
    await remove(url, a1!);
    expect(await bodies(url)).toEqual([]);
    await remove(url, a2!);
    expect(await bodies(url)).toEqual(['a3']);
    await engine.clock.advance('30 seconds');
    expect(await bodies(url)).toEqual(['b1', 'b2', 'c1', 'a3']);
  });

  it('give a message again before those after it', async () => {
    const url = await create('jobs.fifo');
    for (const body of ['1', '2', '3']) await sendTo(url, 'g', body);
    const [first, second] = await receive(url, { MaxNumberOfMessages: 2 });
    await engine.call('sqs', 'ChangeMessageVisibility', {
      QueueUrl: url,
      ReceiptHandle: second!.ReceiptHandle,
      VisibilityTimeout: 0,
    });
    expect(await bodies(url)).toEqual([]);
    await remove(url, first!);
    expect(await bodies(url)).toEqual(['2', '3']);
  });

  it('take a message once in five minutes, by its id or its content', async () => {
    const url = await create('jobs.fifo', { ContentBasedDeduplication: 'true' });
    const first = await send(url, 'x', { MessageGroupId: 'g' });
    expect(first.SequenceNumber).toMatch(/^\d{20}$/);
    const second = await send(url, 'x', { MessageGroupId: 'h' });
    expect([second.MessageId, second.SequenceNumber]).toEqual([first.MessageId, first.SequenceNumber]);
    const other = await send(url, 'x', { MessageGroupId: 'g', MessageDeduplicationId: 'other' });
    expect(other.SequenceNumber! > first.SequenceNumber!).toBe(true);
    expect(await counts(url)).toEqual([2, 0, 0]);
    await remove(url, ...(await receive(url, { MaxNumberOfMessages: 10 })));
    await engine.clock.advance(299_999);
    await send(url, 'x', { MessageGroupId: 'g' });
    expect(await counts(url)).toEqual([0, 0, 0]);
    await engine.clock.advance(1);
    await send(url, 'x', { MessageGroupId: 'g' });
    const [message] = await receive(url, { MessageSystemAttributeNames: ['All'] });
    expect(message!.Attributes).toMatchObject({
      MessageGroupId: 'g',
      MessageDeduplicationId: createHash('sha256').update('x').digest('hex'),
      SequenceNumber: expect.stringMatching(/^\d{20}$/),
    });
  });

  it('deduplicate by group where they are told to', async () => {
    const url = await create('jobs.fifo', {
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
    });
    for (const MessageGroupId of ['g', 'h', 'g']) await send(url, 'x', { MessageGroupId, MessageDeduplicationId: 'd' });
    expect(await counts(url)).toEqual([2, 0, 0]);
  });

  it('refuse what only standard queues take', async () => {
    const url = await create('jobs.fifo');
    expect(await refusal(send(url, 'x'))).toBe(
      'MissingParameter: The request must contain the parameter MessageGroupId.',
    );
    expect(await refusal(send(url, 'x', { MessageGroupId: 'g' }))).toBe(
      'InvalidParameterValue: The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
    expect(
      await refusal(send(url, 'x', { MessageGroupId: 'g', MessageDeduplicationId: 'd', DelaySeconds: 1 })),
    ).toMatch(/^InvalidParameterValue: Value 1 for parameter DelaySeconds is invalid/);
    expect(await refusal(send(url, 'x', { MessageGroupId: 'a b', MessageDeduplicationId: 'd' }))).toMatch(
      /MessageGroupId can only include alphanumeric and punctuation characters/,
    );
  });

  it('refuse to delete by a handle that has expired', async () => {
    const url = await create('jobs.fifo');
    await sendTo(url, 'g', 'x');
    const [message] = await receive(url, { VisibilityTimeout: 1 });
    await engine.clock.advance('1 second');
    expect(await refusal(remove(url, message!))).toMatch(
      /^InvalidParameterValue: Value AQEB.* for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.$/,
    );
    expect(await counts(url)).toEqual([1, 0, 0]);
  });

  it('repeat an attempt to receive with the same messages and handles', async () => {
    const url = await create('jobs.fifo');
    for (const body of ['1', '2', '3']) await sendTo(url, 'g', body);
    const attempt = (ReceiveRequestAttemptId: string) =>
      receive(url, { MaxNumberOfMessages: 2, ReceiveRequestAttemptId });
    const first = await attempt('one');
    await engine.clock.advance('20 seconds');
    expect(await attempt('one')).toEqual(first);
    expect(await attempt('two')).toEqual([]);
    await engine.clock.advance('20 seconds');
    expect(await bodies(url)).toEqual([]);
    await remove(url, first[0]!);
    expect(await attempt('one')).toEqual([]);
  });

  it('delay all that is in them, by the delay that holds now', async () => {
    const url = await create('jobs.fifo', { DelaySeconds: '10' });
    await sendTo(url, 'g', 'x');
    await sendTo(url, 'h', 'y');
    expect(await counts(url)).toEqual([0, 0, 2]);
    const poll = bodies(url, { WaitTimeSeconds: 20 }).then((got) => [(engine.clock.now() - START) / 1000, got]);
    await engine.clock.advance('2 seconds');
    await set(url, { DelaySeconds: '5' });
    await engine.clock.advance('3 seconds');
    expect(await poll).toEqual([5, ['x', 'y']]);
    await sendTo(url, 'i', 'z');
    await set(url, { DelaySeconds: '0' });
    await engine.settle();
    expect(await bodies(url)).toEqual(['z']);
  });

  it('keep the order of each group among many concurrent consumers', async () => {
    const url = await create('jobs.fifo', { VisibilityTimeout: '5' });
    const groups = ['a', 'a/b', 'c', 'd'];
    for (let n = 0; n < 400; n++) await sendTo(url, groups[n % 4]!, String(n));
    const done = new Map(groups.map((group) => [group, [] as number[]]));
    let dropped = 0;
    const consume = async (worker: number) => {
      for (let turn = 0; ; turn++) {
        const messages = await receive(url, {
          MaxNumberOfMessages: 1 + ((worker + turn) % 4),
          WaitTimeSeconds: 20,
          MessageSystemAttributeNames: ['MessageGroupId'],
        });
        if (messages.length === 0) return;
        // Now and then a consumer dies with what it has; the rest deletes it in order.
        if ((worker + turn) % 7 === 0 && dropped++ < 30) continue;
        for (const message of messages) {
          done.get(message.Attributes!.MessageGroupId!)!.push(Number(message.Body));
          await remove(url, message);
        }
      }
    };
    const consumers = Promise.all(Array.from({ length: 8 }, (_, worker) => consume(worker)));
    await engine.clock.advance('1 hour');
    await consumers;
    expect(dropped).toBeGreaterThan(10);
    for (const [index, group] of groups.entries()) {
      expect(done.get(group)).toEqual(Array.from({ length: 100 }, (_, n) => 4 * n + index));
    }
  });
});

describe('redrive', () => {
  const policy = (name: string, maxReceiveCount = 2) =>
    JSON.stringify({ deadLetterTargetArn: arnOf(name), maxReceiveCount });

  it('moves what was received too often, with its id, age and count', async () => {
    const dead = await create('dead');
    const url = await create('jobs', { RedrivePolicy: policy('dead'), VisibilityTimeout: '1' });
    const { MessageId } = await send(url, 'x');
    for (let receipt = 0; receipt < 2; receipt++) {
      expect(await bodies(url)).toEqual(['x']);
      await engine.clock.advance('1 second');
    }
    const poll = receive(dead, { WaitTimeSeconds: 20, MessageSystemAttributeNames: ['All'] });
    await engine.settle();
    expect(await bodies(url)).toEqual([]);
    const [letter] = await poll;
    expect(letter).toMatchObject({
      MessageId,
      Body: 'x',
      Attributes: {
        SentTimestamp: String(START),
        ApproximateReceiveCount: '3',
        DeadLetterQueueSourceArn: arnOf('jobs'),
      },
    });
    expect([await counts(url), await counts(dead)]).toEqual([
      [0, 0, 0],
      [0, 1, 0],
    ]);
    const { queueUrls } = await engine.call('sqs', 'ListDeadLetterSourceQueues', { QueueUrl: dead });
    expect(queueUrls).toEqual([url]);
    expect((await attributes(url)).RedrivePolicy).toBe(
      `{"deadLetterTargetArn":"${arnOf('dead')}","maxReceiveCount":2}`,
    );
  });

  it('lets a FIFO group go on behind what it moves', async () => {
    const dead = await create('dead.fifo');
    const url = await create('jobs.fifo', { RedrivePolicy: policy('dead.fifo', 1), VisibilityTimeout: '1' });
    for (const body of ['1', '2', '3']) await sendTo(url, 'g', body);
    expect(await bodies(url, { MaxNumberOfMessages: 2 })).toEqual(['1', '2']);
    await engine.clock.advance('1 second');
    expect(await bodies(url)).toEqual(['3']);
    expect(await bodies(dead)).toEqual(['1', '2']);
  });

  it('keeps on giving what has nowhere to go', async () => {
    const dead = await create('dead');
    const url = await create('jobs', { RedrivePolicy: policy('dead', 1), VisibilityTimeout: '0' });
    await engine.call('sqs', 'DeleteQueue', { QueueUrl: dead });
    await send(url, 'x');
    for (let receipt = 0; receipt < 3; receipt++) expect(await bodies(url)).toEqual(['x']);
    await set(url, { RedrivePolicy: '' });
    expect(await attributes(url)).not.toHaveProperty('RedrivePolicy');
  });

  it('is refused in the words of AWS', async () => {
    await create('dead');
    await create('dead.fifo');
    await create('closed', { RedriveAllowPolicy: '{"redrivePermission":"denyAll"}' });
    await create('open', {
      RedriveAllowPolicy: JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns: [arnOf('jobs')] }),
    });
    const reason = async (RedrivePolicy: string) =>
      (await refusal(create('jobs', { RedrivePolicy }))).replace(/^InvalidParameterValue: .*Reason: /s, '');
    expect(await reason('nonsense')).toBe('Redrive policy is not a valid JSON map.');
    expect(await reason('{"maxReceiveCount":1}')).toBe(
      'Redrive policy does not contain mandatory attribute: deadLetterTargetArn.',
    );
    expect(await reason(policy('dead', 1001))).toBe(
      'Invalid value for maxReceiveCount: 1001, valid values are from 1 to 1000 both inclusive.',
    );
    expect(await reason(policy('nowhere'))).toBe('Dead letter target does not exist.');
    expect(await reason(policy('dead.fifo'))).toBe('Dead-letter queue must be same type of queue as the source.');
    expect(await reason(policy('closed'))).toMatch(/does not allow/);
    expect(await reason(policy('open'))).toBe('not refused');
    expect(await refusal(create('x', { RedriveAllowPolicy: '{"redrivePermission":"some"}' }))).toMatch(
      /^InvalidAttributeValue: Invalid value for the parameter RedriveAllowPolicy/,
    );
  });

  it('goes back by a move task, at once or at a rate, to where it came from or elsewhere', async () => {
    const dead = await create('dead');
    const url = await create('jobs', { RedrivePolicy: policy('dead', 1), VisibilityTimeout: '0' });
    const elsewhere = await create('elsewhere');
    const die = async (count: number) => {
      for (let n = 0; n < count; n++) await send(url, String(n));
      for (let n = 0; n <= count / 5; n++) await receive(url, { MaxNumberOfMessages: 10 });
    };
    await die(150);
    expect(await counts(dead)).toEqual([150, 0, 0]);
    const start = (more: object = {}) =>
      engine.call('sqs', 'StartMessageMoveTask', { SourceArn: arnOf('dead'), ...more });
    const list = async () =>
      (await engine.call('sqs', 'ListMessageMoveTasks', { SourceArn: arnOf('dead'), MaxResults: 10 })).Results!;
    await start();
    expect(await refusal(start())).toMatch(/^InvalidParameterValue: There is already a task running./);
    await engine.settle();
    expect(await list()).toEqual([
      {
        Status: 'COMPLETED',
        SourceArn: arnOf('dead'),
        ApproximateNumberOfMessagesMoved: 150,
        ApproximateNumberOfMessagesToMove: 150,
        StartedTimestamp: START,
      },
    ]);
    expect([await counts(url), await counts(dead)]).toEqual([
      [150, 0, 0],
      [0, 0, 0],
    ]);
    await engine.call('sqs', 'PurgeQueue', { QueueUrl: url });

    await die(50);
    const { TaskHandle } = await start({ DestinationArn: arnOf('elsewhere'), MaxNumberOfMessagesPerSecond: 20 });
    await engine.clock.advance('1 second');
    expect(await counts(elsewhere)).toEqual([40, 0, 0]);
    expect((await list())[0]).toMatchObject({ TaskHandle, Status: 'RUNNING', MaxNumberOfMessagesPerSecond: 20 });
    expect(await engine.call('sqs', 'CancelMessageMoveTask', { TaskHandle })).toEqual({
      ApproximateNumberOfMessagesMoved: 40,
    });
    await engine.clock.advance('1 minute');
    expect([await counts(elsewhere), await counts(dead)]).toEqual([
      [40, 0, 0],
      [10, 0, 0],
    ]);
    expect((await list()).map(({ Status }) => Status)).toEqual(['CANCELLED', 'COMPLETED']);

    await send(dead, 'of unknown origin');
    await start();
    await engine.settle();
    expect((await list())[0]).toMatchObject({ Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource' });
    expect(await refusal(engine.call('sqs', 'StartMessageMoveTask', { SourceArn: arnOf('jobs') }))).toBe(
      'InvalidParameterValue: Source queue must be configured as a Dead Letter Queue.',
    );
    expect(await refusal(engine.call('sqs', 'CancelMessageMoveTask', { TaskHandle: 'x' }))).toMatch(/TaskHandle/);
  });
});

describe('deliveries', () => {
  it('become messages of a queue that is there, and dead letters of one that is not', async () => {
    const url = await create('jobs');
    const dead = await create('dead');
    await engine.call('eventbridge', 'PutRule', { Name: 'hourly', ScheduleExpression: 'rate(1 hour)' });
    await engine.call('eventbridge', 'PutTargets', {
      Rule: 'hourly',
      Targets: [
        { Id: '1', Arn: arnOf('jobs'), Input: '{"n":1}' },
        { Id: '2', Arn: arnOf('gone'), Input: '{"n":2}', DeadLetterConfig: { Arn: arnOf('dead') } },
      ],
    });
    await engine.clock.advance('1 hour');
    expect(await bodies(url)).toEqual(['{"n":1}']);
    const [letter] = await receive(dead, { MessageAttributeNames: ['All'] });
    expect(JSON.parse(letter!.Body!)).toMatchObject({ source: 'aws.events', 'detail-type': 'Scheduled Event' });
    expect(letter!.MessageAttributes).toMatchObject({
      ERROR_CODE: { DataType: 'String', StringValue: 'NO_RESOURCE' },
      RETRY_ATTEMPTS: { StringValue: '0' },
    });
  });
});

describe('a queue of a lasting engine', () => {
  let data: string;
  beforeEach(() => {
    data = mkdtempSync(join(tmpdir(), 'carillon-sqs-'));
  });
  afterEach(() => rmSync(data, { recursive: true, force: true }));

  it('is as it was after a restart, with what was in flight, and forgets nothing that was accepted', async () => {
    await engine.close();
    engine = await createEngine({ clock: 'virtual:2026-01-01T00:00:00Z', data });
    const path = async (name: string) => new URL(await create(name)).pathname;
    const [url, fifo] = [await path('jobs'), await path('jobs.fifo')];
    await Promise.all(Array.from({ length: 40 }, (_, n) => send(url, String(n))));
    for (const body of ['a', 'b', 'c']) await sendTo(fifo, 'g', body);
    const [a] = await receive(fifo);
    const taken = await receive(url, { MaxNumberOfMessages: 10 });
    await remove(url, ...taken.slice(0, 5));
    await engine.close();

    engine = await createEngine({ clock: 'virtual:2026-01-01T00:00:10Z', data });
    expect(await counts(url)).toEqual([30, 5, 0]);
    expect(await bodies(fifo)).toEqual([]);
    await remove(url, taken[5]!);
    await engine.clock.advance('20 seconds');
    expect(await counts(url)).toEqual([34, 0, 0]);
    expect(await refusal(remove(fifo, a!))).toMatch(/expired/);
    expect(await bodies(fifo)).toEqual(['a', 'b', 'c']);
    await sendTo(fifo, 'h', 'd');
    expect(await bodies(fifo)).toEqual(['d']);
    await engine.clock.advance('5 days');
    expect(await counts(url)).toEqual([0, 0, 0]);
  });
});
