/*
 * What targets get of events, and dead letters of what did not arrive, over the wire.
 * Sources: EventBridge User Guide, "Using dead-letter queues to process undelivered events" and "Input transformation".
 */
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridge, type Target } from '@aws-sdk/client-eventbridge';
import { SNS } from '@aws-sdk/client-sns';
import { SQS } from '@aws-sdk/client-sqs';
import { createEngine, type Engine } from '@carillon/engine';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { optionsFor } from '../clients.ts';

const OWNER = 'eu-central-1:000000000000';
const LETTERS = `arn:aws:sqs:${OWNER}:letters`;

let engine: Engine;
let events: EventBridge;
let sqs: SQS;
let logs: CloudWatchLogs;
beforeEach(async () => {
  engine = await createEngine({ clock: 'virtual:2026-03-01T09:00:00Z' });
  events = new EventBridge(optionsFor(engine));
  sqs = new SQS(optionsFor(engine));
  logs = new CloudWatchLogs(optionsFor(engine));
});
afterEach(async () => {
  for (const client of [events, sqs, logs]) client.destroy();
  await engine.close();
});

async function send(target: Omit<Target, 'Id'>): Promise<string> {
  await events.putRule({ Name: 'shop', EventPattern: '{"source":["shop"]}' });
  await events.putTargets({ Rule: 'shop', Targets: [{ Id: 'one', ...target }] });
  const Time = new Date('2026-03-01T08:59:00Z');
  const Entries = [{ Source: 'shop', DetailType: 'Order', Detail: '{"paid":true,"by":"card"}', Time }];
  const { Entries: put } = await events.putEvents({ Entries });
  await engine.settle();
  return put![0]!.EventId!;
}

it.each([
  [`arn:aws:lambda:${OWNER}:function:gone`, 'NO_RESOURCE'],
  [`arn:aws:sqs:${OWNER}:gone`, 'NO_RESOURCE'],
  [`arn:aws:logs:${OWNER}:log-group:gone`, 'NO_RESOURCE'],
  [`arn:aws:events:${OWNER}:event-bus/gone`, 'NO_RESOURCE'],
])('a letter tells why %s got no event, and holds the event itself', async (Arn, code) => {
  const { QueueUrl } = await sqs.createQueue({ QueueName: 'letters' });
  const id = await send({ Arn: Arn!, Input: '{"n":1}', DeadLetterConfig: { Arn: LETTERS } });
  const { Messages } = await sqs.receiveMessage({ QueueUrl, MessageAttributeNames: ['All'] });
  const [letter] = Messages!;
  expect(JSON.parse(letter!.Body!)).toMatchObject({ id, source: 'shop', detail: { paid: true } });
  const attributes = Object.entries(letter!.MessageAttributes!).map(([name, one]) => [name, one.StringValue]);
  expect(Object.fromEntries(attributes)).toEqual({
    RULE_ARN: `arn:aws:events:${OWNER}:rule/shop`,
    TARGET_ARN: Arn,
    ERROR_CODE: code,
    ERROR_MESSAGE: expect.any(String),
    RETRY_ATTEMPTS: '0',
  });
});

it('a letter tells of a bus that is the third on the way', async () => {
  const { QueueUrl } = await sqs.createQueue({ QueueName: 'letters' });
  for (const Name of ['second', 'third']) await events.createEventBus({ Name });
  const on = { EventBusName: 'second', Rule: 'on' };
  await events.putRule({ Name: 'on', EventBusName: 'second', EventPattern: '{"source":["shop"]}' });
  const Arn = `arn:aws:events:${OWNER}:event-bus/third`;
  await events.putTargets({ ...on, Targets: [{ Id: 'third', Arn, DeadLetterConfig: { Arn: LETTERS } }] });
  await send({ Arn: `arn:aws:events:${OWNER}:event-bus/second` });
  const { Messages } = await sqs.receiveMessage({ QueueUrl, MessageAttributeNames: ['All'] });
  expect(Messages![0]!.MessageAttributes).toMatchObject({
    ERROR_CODE: { StringValue: 'THIRD_ACCOUNT_HOP_DETECTED' },
    TARGET_ARN: { StringValue: Arn },
  });
});

it.each<[Partial<Target>, string, number]>([
  [{ InputPath: '$.detail' }, '{"paid":true,"by":"card"}', 0],
  [
    {
      InputTransformer: {
        InputPathsMap: { time: '$.time', by: '$.detail.by' },
        InputTemplate: '{"timestamp": <time>, "message": "paid by <by>"}',
      },
    },
    'paid by card',
    -60_000,
  ],
  [{ Input: '{"message": {"a": 1}, "timestamp": 1772355540000}' }, '{"a":1}', -60_000],
  [{ Input: '{"timestamp": "soon", "message": "a"}' }, '{"timestamp": "soon", "message": "a"}', 0],
])('a log group gets %j', async (input, message, offset) => {
  await logs.createLogGroup({ logGroupName: '/aws/events/shop' });
  await send({ Arn: `arn:aws:logs:${OWNER}:log-group:/aws/events/shop`, ...input });
  const { events: found } = await logs.filterLogEvents({ logGroupName: '/aws/events/shop' });
  expect(found).toMatchObject([{ message, timestamp: Date.parse('2026-03-01T09:00:00Z') + offset }]);
});

it('a topic gets what its subscribers are told', async () => {
  const sns = new SNS(optionsFor(engine));
  const { QueueUrl } = await sqs.createQueue({ QueueName: 'heard' });
  const { TopicArn } = await sns.createTopic({ Name: 'orders' });
  const Attributes = { RawMessageDelivery: 'true' };
  await sns.subscribe({ TopicArn, Protocol: 'sqs', Endpoint: `arn:aws:sqs:${OWNER}:heard`, Attributes });
  await send({ Arn: TopicArn!, InputPath: '$.detail' });
  const { Messages } = await sqs.receiveMessage({ QueueUrl });
  expect(Messages!.map(({ Body }) => Body)).toEqual(['{"paid":true,"by":"card"}']);
  sns.destroy();
});

it('rules are made on a bus of another account, by its ARN', async () => {
  const other = new EventBridge({
    ...optionsFor(engine),
    credentials: { accessKeyId: '111111111111', secretAccessKey: 'any' },
  });
  const EventBusName = `arn:aws:events:${OWNER}:event-bus/shop`;
  await events.createEventBus({ Name: 'shop' });
  const { RuleArn } = await other.putRule({ Name: 'theirs', EventBusName, EventPattern: '{"source":["shop"]}' });
  expect(RuleArn).toBe(`arn:aws:events:${OWNER}:rule/shop/theirs`);
  const { QueueUrl } = await sqs.createQueue({ QueueName: 'heard' });
  const Targets = [{ Id: 'one', Arn: `arn:aws:sqs:${OWNER}:heard` }];
  await other.putTargets({ Rule: 'theirs', EventBusName, Targets });
  expect(await other.listTargetsByRule({ Rule: 'theirs', EventBusName })).toMatchObject({ Targets });
  expect(await events.describeRule({ Name: 'theirs', EventBusName: 'shop' })).toMatchObject({
    CreatedBy: '111111111111',
  });
  await other.putEvents({ Entries: [{ Source: 'shop', DetailType: 'Order', Detail: '{}', EventBusName }] });
  const { Messages } = await sqs.receiveMessage({ QueueUrl });
  expect(JSON.parse(Messages![0]!.Body!)).toMatchObject({ account: '111111111111', source: 'shop' });
  await expect(other.describeRule({ Name: 'theirs', EventBusName: `${EventBusName}s` })).rejects.toThrow('not exist');
  other.destroy();
});
