/*
 * Resource types of SQS.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SQS.html
 */
import { everyPage, pick, tagChanges, tagList, tagMap, textOf, unlessGone } from '../../kernel/resource-types.ts';
import type { Properties, ResourceType } from '../../kernel/service.ts';

const NUMBERS = [
  ...['DelaySeconds', 'KmsDataKeyReusePeriodSeconds', 'MaximumMessageSize', 'MessageRetentionPeriod'],
  ...['ReceiveMessageWaitTimeSeconds', 'VisibilityTimeout'],
];
const BOOLEANS = ['ContentBasedDeduplication', 'FifoQueue', 'SqsManagedSseEnabled'];
const TEXTS = ['DeduplicationScope', 'FifoThroughputLimit', 'KmsMasterKeyId'];
const DOCUMENTS = ['RedriveAllowPolicy', 'RedrivePolicy'];
const ATTRIBUTES = [...NUMBERS, ...BOOLEANS, ...TEXTS, ...DOCUMENTS];

/** What an attribute goes back to when its property is taken away. */
const DEFAULTS: Readonly<Record<string, string>> = {
  DelaySeconds: '0',
  KmsDataKeyReusePeriodSeconds: '300',
  MaximumMessageSize: '1048576',
  MessageRetentionPeriod: '345600',
  ReceiveMessageWaitTimeSeconds: '0',
  VisibilityTimeout: '30',
  ContentBasedDeduplication: 'false',
  SqsManagedSseEnabled: 'true',
  DeduplicationScope: 'queue',
  FifoThroughputLimit: 'perQueue',
};

function attributesOf(properties: Properties): Record<string, string> {
  return Object.fromEntries(Object.entries(pick(properties, ATTRIBUTES)).map(([name, value]) => [name, textOf(value)]));
}

function propertyOf(name: string, value: string): unknown {
  if (NUMBERS.includes(name)) return Number(value);
  if (BOOLEANS.includes(name)) return value === 'true';
  return DOCUMENTS.includes(name) ? JSON.parse(value) : value;
}

const queue: ResourceType = {
  properties: ['QueueName', 'Tags', ...ATTRIBUTES],
  name: { property: 'QueueName', most: 80, suffix: ({ FifoQueue }) => (FifoQueue ? '.fifo' : '') },
  async find({ call }, { QueueName }) {
    return (await unlessGone(call('sqs', 'GetQueueUrl', { QueueName })))?.QueueUrl;
  },
  async create({ call }, properties) {
    const { QueueName, Tags } = properties;
    const request = { QueueName, Attributes: attributesOf(properties), tags: tagMap(Tags) };
    return (await call('sqs', 'CreateQueue', request)).QueueUrl!;
  },
  async update({ call }, { physicalId: QueueUrl, properties: before }, properties) {
    const [was, is] = [attributesOf(before), attributesOf(properties)];
    const dropped = Object.keys(was).filter((name) => is[name] === undefined);
    const Attributes = { ...Object.fromEntries(dropped.map((name) => [name, DEFAULTS[name] ?? ''])), ...is };
    delete Attributes.FifoQueue;
    if (Object.keys(Attributes).length > 0) await call('sqs', 'SetQueueAttributes', { QueueUrl, Attributes });
    const { put, removed } = tagChanges(before.Tags, properties.Tags);
    if (removed) await call('sqs', 'UntagQueue', { QueueUrl, TagKeys: removed });
    if (put) await call('sqs', 'TagQueue', { QueueUrl, Tags: tagMap(put) });
  },
  async delete({ call }, { physicalId: QueueUrl }) {
    await unlessGone(call('sqs', 'DeleteQueue', { QueueUrl }));
  },
  async read({ call }, { physicalId: QueueUrl }) {
    const found = await unlessGone(call('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] }));
    if (!found) return undefined;
    const { QueueArn: Arn = '', ...attributes } = found.Attributes as Record<string, string>;
    const held = Object.entries(pick(attributes, ATTRIBUTES)).map(([name, value]) => [name, propertyOf(name, value!)]);
    const Tags = tagList((await call('sqs', 'ListQueueTags', { QueueUrl })).Tags);
    return { ...Object.fromEntries(held), Arn, QueueUrl, QueueName: Arn.split(':').at(-1)!, ...(Tags && { Tags }) };
  },
  async list({ call }) {
    const urls = await everyPage(
      (NextToken) => call('sqs', 'ListQueues', { NextToken, MaxResults: 1000 }),
      ({ QueueUrls }) => QueueUrls,
    );
    return urls.map((QueueUrl) => ({ QueueUrl }));
  },
};

/** One policy for several queues: an attribute of each. */
const queuePolicy: ResourceType = {
  properties: ['PolicyDocument', 'Queues'],
  name: { property: 'Id', most: 256 },
  physicalId: ({ Id }) => Id,
  async create({ call }, { Id, PolicyDocument, Queues }) {
    for (const QueueUrl of Queues) await setPolicy(call, QueueUrl, textOf(PolicyDocument));
    return Id;
  },
  async update({ call }, { properties: before }, { PolicyDocument, Queues }) {
    for (const QueueUrl of Queues) await setPolicy(call, QueueUrl, textOf(PolicyDocument));
    for (const QueueUrl of before.Queues)
      if (!Queues.includes(QueueUrl)) await unlessGone(setPolicy(call, QueueUrl, ''));
  },
  async delete({ call }, { properties }) {
    for (const QueueUrl of properties.Queues) await unlessGone(setPolicy(call, QueueUrl, ''));
  },
  async read(_ctx, { physicalId, properties }) {
    return { ...properties, Id: physicalId };
  },
};

const queueInlinePolicy: ResourceType = {
  properties: ['PolicyDocument', 'Queue'],
  async create({ call }, { PolicyDocument, Queue }) {
    await setPolicy(call, Queue, textOf(PolicyDocument));
    return Queue;
  },
  async update({ call }, { physicalId }, { PolicyDocument }) {
    await setPolicy(call, physicalId, textOf(PolicyDocument));
  },
  async delete({ call }, { physicalId }) {
    await unlessGone(setPolicy(call, physicalId, ''));
  },
  async read({ call }, { physicalId: QueueUrl }) {
    const request = { QueueUrl, AttributeNames: ['Policy' as const] };
    const policy = (await unlessGone(call('sqs', 'GetQueueAttributes', request)))?.Attributes?.Policy;
    return policy ? { Queue: QueueUrl, PolicyDocument: JSON.parse(policy) } : undefined;
  },
};

type Call = Parameters<ResourceType['create']>[0]['call'];

async function setPolicy(call: Call, QueueUrl: string, Policy: string): Promise<void> {
  await call('sqs', 'SetQueueAttributes', { QueueUrl, Attributes: { Policy } });
}

export const resources = {
  'AWS::SQS::Queue': queue,
  'AWS::SQS::QueueInlinePolicy': queueInlinePolicy,
  'AWS::SQS::QueuePolicy': queuePolicy,
};
