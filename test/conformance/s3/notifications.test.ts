/*
 * What a bucket tells functions, queues, topics and EventBridge of its objects: Amazon S3 User Guide, "Event message
 * structure", "EventBridge event message structure" and "Configuring event notifications using object key name filtering".
 */
import { type NotificationConfiguration, S3 } from '@aws-sdk/client-s3';
import { createEngine, type Engine } from '@carillon/engine';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { boto3, optionsFor, testWithPython } from '../clients.ts';

const Bucket = 'bells';
const WHERE = { region: 'eu-central-1' };
const ACCOUNT = 'eu-central-1:000000000000';
const QueueArn = `arn:aws:sqs:${ACCOUNT}:inbox`;
const TopicArn = `arn:aws:sns:${ACCOUNT}:news`;

let engine: Engine;
let client: S3;
let QueueUrl: string;
beforeEach(async () => {
  engine = await createEngine({ permissions: 'off' });
  client = new S3({ ...optionsFor(engine), maxAttempts: 1 });
  await client.createBucket({ Bucket });
  QueueUrl = (await engine.call('sqs', 'CreateQueue', { QueueName: 'inbox' }, WHERE)).QueueUrl!;
});
afterEach(async () => {
  client.destroy();
  await engine.close();
});

const configure = (NotificationConfiguration: NotificationConfiguration) =>
  client.putBucketNotificationConfiguration({ Bucket, NotificationConfiguration });

// biome-ignore lint/suspicious/noExplicitAny: what is in a message is what the tests ask about.
type Message = Record<string, any>;

/** Takes what is in the queue out of it. */
async function received(): Promise<Message[]> {
  const { Messages = [] } = await engine.call('sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 }, WHERE);
  for (const { ReceiptHandle } of Messages)
    await engine.call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle }, WHERE);
  return Messages.map(({ Body }) => JSON.parse(Body!));
}

const records = async () => (await received()).flatMap(({ Records = [] }) => Records);

it('sends a queue a test event, and then what matches its filter', async () => {
  const FilterRules = [
    { Name: 'prefix' as const, Value: 'in/' },
    { Name: 'suffix' as const, Value: '.txt' },
  ];
  const Events = ['s3:ObjectCreated:*' as const, 's3:ObjectRemoved:*' as const];
  await configure({ QueueConfigurations: [{ Id: 'texts', QueueArn, Events, Filter: { Key: { FilterRules } } }] });
  expect(await received()).toMatchObject([{ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket }]);
  await client.putObject({ Bucket, Key: 'in/other', Body: 'x' });
  const { ETag } = await client.putObject({ Bucket, Key: 'in/red flower (é).txt', Body: 'hello' });
  await client.deleteObjects({ Bucket, Delete: { Objects: [{ Key: 'in/red flower (é).txt' }, { Key: 'in/no.txt' }] } });
  const [created, removed, ...others] = await records();
  expect(others).toEqual([]);
  expect(created).toEqual({
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    awsRegion: 'eu-central-1',
    eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    eventName: 'ObjectCreated:Put',
    userIdentity: { principalId: expect.any(String) },
    requestParameters: { sourceIPAddress: '127.0.0.1' },
    responseElements: { 'x-amz-request-id': expect.any(String), 'x-amz-id-2': expect.any(String) },
    s3: {
      s3SchemaVersion: '1.0',
      configurationId: 'texts',
      bucket: { name: Bucket, ownerIdentity: { principalId: expect.any(String) }, arn: `arn:aws:s3:::${Bucket}` },
      object: {
        key: 'in/red+flower+%28%C3%A9%29.txt',
        size: 5,
        eTag: ETag!.replaceAll('"', ''),
        sequencer: expect.stringMatching(/^[0-9A-F]{18}$/),
      },
    },
  });
  expect(removed).toMatchObject({ eventName: 'ObjectRemoved:Delete' });
  const [before, after] = [created, removed].map((record) => record!.s3.object as { sequencer: string });
  expect(after!.sequencer > before!.sequencer).toBe(true);
  expect(after).not.toHaveProperty('size');
});

it('tells copies, parts put together and delete markers apart, with their versions', async () => {
  await client.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } });
  await client.putObject({ Bucket, Key: 'from', Body: 'x' });
  const Events = ['s3:ObjectCreated:*' as const, 's3:ObjectRemoved:*' as const];
  await configure({ QueueConfigurations: [{ QueueArn, Events }] });
  const { VersionId } = await client.copyObject({ Bucket, Key: 'to', CopySource: `${Bucket}/from` });
  const { UploadId } = await client.createMultipartUpload({ Bucket, Key: 'whole' });
  const { ETag } = await client.uploadPart({ Bucket, Key: 'whole', UploadId, PartNumber: 1, Body: 'part' });
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await client.completeMultipartUpload({ Bucket, Key: 'whole', UploadId, MultipartUpload });
  await client.deleteObject({ Bucket, Key: 'to' });
  await client.deleteObject({ Bucket, Key: 'to', VersionId: VersionId! });
  const told = await records();
  expect(told.map(({ eventName }) => eventName)).toEqual([
    'ObjectCreated:Copy',
    'ObjectCreated:CompleteMultipartUpload',
    'ObjectRemoved:DeleteMarkerCreated',
    'ObjectRemoved:Delete',
  ]);
  const objects = told.map(({ s3 }) => (s3 as { object: unknown }).object);
  expect(objects[0]).toMatchObject({ versionId: VersionId });
  expect(objects[3]).toMatchObject({ versionId: VersionId });
});

it('publishes to a topic and tells EventBridge', async () => {
  await engine.call('sns', 'CreateTopic', { Name: 'news' }, WHERE);
  await engine.call('sns', 'Subscribe', { TopicArn, Protocol: 'sqs', Endpoint: QueueArn }, WHERE);
  const EventPattern = JSON.stringify({ source: ['aws.s3'], detail: { bucket: { name: [Bucket] } } });
  await engine.call('eventbridge', 'PutRule', { Name: 'all', EventPattern }, WHERE);
  await engine.call('eventbridge', 'PutTargets', { Rule: 'all', Targets: [{ Id: 'q', Arn: QueueArn }] }, WHERE);
  await configure({
    TopicConfigurations: [{ TopicArn, Events: ['s3:ObjectCreated:Put'] }],
    EventBridgeConfiguration: {},
  });
  await client.putObject({ Bucket, Key: 'a b', Body: 'hello' });
  const messages = await received();
  expect(messages.filter(({ Type }) => Type)).toMatchObject([
    { Subject: 'Amazon S3 Notification', Message: expect.stringContaining('s3:TestEvent') },
    { Subject: 'Amazon S3 Notification', Message: expect.stringContaining('"eventName":"ObjectCreated:Put"') },
  ]);
  expect(messages.filter(({ source }) => source)).toMatchObject([
    {
      account: '000000000000',
      region: 'eu-central-1',
      'detail-type': 'Object Created',
      resources: [`arn:aws:s3:::${Bucket}`],
      detail: { version: '0', bucket: { name: Bucket }, object: { key: 'a b', size: 5 }, reason: 'PutObject' },
    },
  ]);
  expect(await client.getBucketNotificationConfiguration({ Bucket })).toMatchObject({ EventBridgeConfiguration: {} });
});

it('refuses what is ambiguous, and destinations that are not there', async () => {
  const entry = (Id: string, event: string, Name: string, Value: string) => ({
    ...{ Id, QueueArn, Events: [event as 's3:ObjectCreated:*'] },
    Filter: { Key: { FilterRules: [{ Name: Name as 'prefix', Value }] } },
  });
  const both = (other: ReturnType<typeof entry>) =>
    configure({ QueueConfigurations: [entry('a', 's3:ObjectCreated:Put', 'suffix', '.jpg'), other] });
  await both(entry('b', 's3:ObjectCreated:*', 'suffix', '.png'));
  await both(entry('b', 's3:ObjectRemoved:*', 'suffix', 'pg'));
  await expect(both(entry('b', 's3:ObjectCreated:*', 'suffix', 'pg'))).rejects.toMatchObject({
    name: 'InvalidArgument',
    message:
      'Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.',
  });
  await expect(both(entry('b', 's3:Ring', 'suffix', '.png'))).rejects.toMatchObject({
    message: "The event 's3:Ring' is not supported for notifications",
  });
  const nobody = `arn:aws:sqs:${ACCOUNT}:nobody`;
  const lost = { QueueConfigurations: [{ QueueArn: nobody, Events: ['s3:ObjectCreated:*' as const] }] };
  await expect(configure(lost)).rejects.toMatchObject({
    name: 'InvalidArgument',
    message: 'Unable to validate the following destination configurations',
  });
  await configure({});
  expect(await client.getBucketNotificationConfiguration({ Bucket })).not.toHaveProperty('QueueConfigurations');
});

testWithPython('is what boto3 configures', async () => {
  const code = `
import boto3
s3 = boto3.client('s3')
s3.put_bucket_notification_configuration(Bucket='${Bucket}', NotificationConfiguration={'QueueConfigurations': [
  {'QueueArn': '${QueueArn}', 'Events': ['s3:ObjectCreated:*'], 'Filter': {'Key': {'FilterRules': [{'Name': 'Prefix', 'Value': 'a'}]}}}]})
print(s3.get_bucket_notification_configuration(Bucket='${Bucket}')['QueueConfigurations'][0]['Events'])`;
  expect((await boto3(engine, code)).trim()).toBe("['s3:ObjectCreated:*']");
});
