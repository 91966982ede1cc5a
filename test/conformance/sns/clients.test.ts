/*
 * Topics through real clients: the SDKs for JavaScript, boto3 and the AWS CLI, all of which speak the query protocol.
 */
import {
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  InvalidParameterException,
  ListSubscriptionsByTopicCommand,
  ListTagsForResourceCommand,
  NotFoundException,
  PublishBatchCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
  TagResourceCommand,
  TooManyEntriesInBatchRequestException,
  UnsubscribeCommand,
} from '@aws-sdk/client-sns';
import { createEngine, type Engine } from '@carillon/engine';
import SNS from 'aws-sdk/clients/sns.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aws, boto3, optionsFor, testWithPython } from '../clients.ts';

const WHERE = { region: 'eu-central-1' };
const QUEUE_ARN = 'arn:aws:sqs:eu-central-1:000000000000:inbox';
const NOBODY = 'arn:aws:sns:eu-central-1:000000000000:nobody';

let engine: Engine;
let client: SNSClient;
beforeEach(async () => {
  engine = await createEngine({ permissions: 'off' });
  client = new SNSClient({ ...optionsFor(engine), maxAttempts: 1 });
  await engine.call('sqs', 'CreateQueue', { QueueName: 'inbox' }, WHERE);
});
afterEach(async () => {
  client.destroy();
  await engine.close();
});

async function create(Name: string): Promise<string> {
  const Attributes: Record<string, string> = Name.endsWith('.fifo') ? { FifoTopic: 'true' } : {};
  return (await client.send(new CreateTopicCommand({ Name, Attributes }))).TopicArn!;
}

async function bodies(): Promise<string[]> {
  const input = { QueueUrl: '/000000000000/inbox', MaxNumberOfMessages: 10 };
  const { Messages = [] } = await engine.call('sqs', 'ReceiveMessage', input, WHERE);
  return Messages.map(({ Body }) => Body!);
}

describe('the SDK for JavaScript, version 3', () => {
  it('makes, tags and tells of a topic', async () => {
    const TopicArn = await create('news');
    await client.send(new TagResourceCommand({ ResourceArn: TopicArn, Tags: [{ Key: 'a', Value: 'b' }] }));
    const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }));
    expect(Tags).toEqual([{ Key: 'a', Value: 'b' }]);
    const { Attributes } = await client.send(new GetTopicAttributesCommand({ TopicArn }));
    expect(Attributes).toMatchObject({ TopicArn, Owner: '000000000000' });
  });

  it('subscribes a queue, sets a filter, publishes and ends the subscription', async () => {
    const TopicArn = await create('news');
    const Attributes = { RawMessageDelivery: 'true' };
    const input = { TopicArn, Protocol: 'sqs', Endpoint: QUEUE_ARN, Attributes };
    const { SubscriptionArn } = await client.send(new SubscribeCommand(input));
    expect(await client.send(new SubscribeCommand(input))).toMatchObject({ SubscriptionArn });
    const filter = { AttributeName: 'FilterPolicy', AttributeValue: '{"kind":["a"]}' };
    await client.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, ...filter }));
    const told = await client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    expect(told.Attributes).toMatchObject({
      ...{ TopicArn, Protocol: 'sqs', Endpoint: QUEUE_ARN, FilterPolicy: '{"kind":["a"]}' },
      ...{ FilterPolicyScope: 'MessageAttributes', PendingConfirmation: 'false', RawMessageDelivery: 'true' },
    });
    for (const StringValue of ['a', 'b']) {
      const MessageAttributes = { kind: { DataType: 'String', StringValue } };
      await client.send(new PublishCommand({ TopicArn, Message: StringValue, MessageAttributes }));
    }
    expect(await bodies()).toEqual(['a']);
    await client.send(new UnsubscribeCommand({ SubscriptionArn }));
    expect(await client.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).toMatchObject({ Subscriptions: [] });
  });

  it('publishes batches, of which each entry succeeds or fails by itself', async () => {
    const TopicArn = await create('news');
    const PublishBatchRequestEntries = [
      { Id: 'a', Message: 'm' },
      { Id: 'b', Message: 'm', Subject: '\n' },
    ];
    const { Successful, Failed } = await client.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }));
    expect(Successful).toEqual([{ Id: 'a', MessageId: expect.any(String) }]);
    const Message = 'Invalid parameter: Subject';
    expect(Failed).toEqual([{ Id: 'b', Code: 'InvalidParameter', Message, SenderFault: true }]);
    const many = Array.from({ length: 11 }, (_, index) => ({ Id: String(index), Message: 'm' }));
    const tooMany = new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: many });
    await expect(client.send(tooMany)).rejects.toThrow(TooManyEntriesInBatchRequestException);
  });

  it('knows the errors for what they are', async () => {
    const missing = new GetTopicAttributesCommand({ TopicArn: NOBODY });
    await expect(client.send(missing)).rejects.toThrow(NotFoundException);
    await expect(client.send(missing)).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
    const empty = new PublishCommand({ TopicArn: await create('news'), Message: '' });
    await expect(client.send(empty)).rejects.toThrow(InvalidParameterException);
  });
});

it('the SDK for JavaScript, version 2, publishes to a FIFO topic', async () => {
  const v2 = new SNS({ ...optionsFor(engine), maxRetries: 0 });
  const TopicArn = await create('orders.fifo');
  await v2.subscribe({ TopicArn, Protocol: 'sqs', Endpoint: QUEUE_ARN }).promise();
  const sent = { TopicArn, Message: 'm', MessageGroupId: 'g', MessageDeduplicationId: 'd' };
  const first = await v2.publish(sent).promise();
  expect(first).toMatchObject({ SequenceNumber: expect.stringMatching(/^\d{20}$/) });
  expect(await v2.publish(sent).promise()).toMatchObject({ MessageId: first.MessageId });
  expect((await bodies()).map((body) => JSON.parse(body).Message)).toEqual(['m']);
  await expect(v2.getTopicAttributes({ TopicArn: NOBODY }).promise()).rejects.toMatchObject({ code: 'NotFound' });
});

testWithPython('boto3 publishes, alone and in batches, and tells errors by their codes', async () => {
  const printed = await boto3(
    engine,
    `
import boto3, json
sns = boto3.client('sns')
arn = sns.create_topic(Name='news', Tags=[{'Key': 'a', 'Value': 'b'}])['TopicArn']
sub = sns.subscribe(TopicArn=arn, Protocol='sqs', Endpoint='${QUEUE_ARN}', ReturnSubscriptionArn=True)['SubscriptionArn']
sns.publish(TargetArn=arn, Message='m', Subject='s', MessageAttributes={'b': {'DataType': 'Binary', 'BinaryValue': b'\\x00\\xff'}})
failed = sns.publish_batch(TopicArn=arn, PublishBatchRequestEntries=[{'Id': 'x', 'Message': 'y'}])['Failed']
codes = []
for call in [lambda: sns.publish(TopicArn='${NOBODY}', Message='m'),
             lambda: sns.publish_batch(TopicArn=arn, PublishBatchRequestEntries=[]),
             lambda: sns.set_topic_attributes(TopicArn=arn, AttributeName='No', AttributeValue='1'),
             lambda: sns.list_tags_for_resource(ResourceArn='${NOBODY}')]:
    try: call()
    except sns.exceptions.ClientError as e: codes.append(e.response['Error']['Code'])
pages = sum(len(p['Topics']) for p in sns.get_paginator('list_topics').paginate())
print(json.dumps([failed, codes, pages, sub.startswith(arn + ':')]))
`,
  );
  const codes = ['NotFound', 'EmptyBatchRequest', 'InvalidParameter', 'ResourceNotFound'];
  expect(JSON.parse(printed)).toEqual([[], codes, 1, true]);
  const [first, second] = (await bodies()).map((body) => JSON.parse(body));
  expect([first.Subject, first.MessageAttributes.b, second.Message]).toEqual([
    's',
    { Type: 'Binary', Value: 'AP8=' },
    'y',
  ]);
});

testWithPython('the AWS CLI subscribes and publishes', async () => {
  const { TopicArn } = JSON.parse(await aws(engine, 'sns', 'create-topic', '--name', 'news', '--output', 'json'));
  const endpoint = ['--protocol', 'sqs', '--notification-endpoint', QUEUE_ARN];
  await aws(engine, 'sns', 'subscribe', '--topic-arn', TopicArn, ...endpoint);
  await aws(engine, 'sns', 'publish', '--topic-arn', TopicArn, '--message', 'from the shell');
  expect((await bodies()).map((body) => JSON.parse(body).Message)).toEqual(['from the shell']);
});

it('links in messages need no signature where all else does', async () => {
  await using guarded = await createEngine({ auth: { keys: { AKIDEXAMPLE: 'secret' } } });
  const { TopicArn } = await guarded.call('sns', 'CreateTopic', { Name: 'news' });
  const email = { TopicArn, Protocol: 'email', Endpoint: 'me@example.com' };
  await guarded.call('sns', 'Subscribe', email);
  const [note] = guarded.journal.list().filter(({ kind }) => kind === 'email');
  const { url } = note!.detail as { url: string };
  expect((await fetch(url)).status).toBe(200);
  expect((await fetch(url.replace('ConfirmSubscription', 'ListSubscriptionsByTopic'))).status).toBe(403);
});
