/*
 * Resource types of SNS.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SNS.html
 */
import { AwsError } from '../../kernel/errors.ts';
import { everyPage, pick, tagChanges, textOf, unlessGone } from '../../kernel/resource-types.ts';
import type { Properties, ResourceContext, ResourceType } from '../../kernel/service.ts';
import { subscription } from './subscription-resource.ts';
import { topicArn } from './topic.ts';

type Call = ResourceContext['call'];
type Attributes = Readonly<Record<string, string>>;

const BOOLEANS = ['ContentBasedDeduplication', 'FifoTopic'];
const ATTRIBUTES = [
  ...['DisplayName', 'FifoThroughputScope', 'KmsMasterKeyId', 'SignatureVersion', 'TracingConfig'],
  ...BOOLEANS,
];

/** What an attribute goes back to when its property is taken away; the others can be set to nothing. */
const DEFAULTS: Attributes = {
  ContentBasedDeduplication: 'false',
  FifoThroughputScope: 'Topic',
  SignatureVersion: '1',
  TracingConfig: 'PassThrough',
};

/** How delivery status logging calls a protocol among the attributes. */
const PROTOCOLS: Readonly<Record<string, string>> = {
  ...{ application: 'Application', firehose: 'Firehose', http: 'HTTP', 'http/s': 'HTTP', lambda: 'Lambda', sqs: 'SQS' },
};
const LOGGING = ['SuccessFeedbackRoleArn', 'SuccessFeedbackSampleRate', 'FailureFeedbackRoleArn'];

function attributesOf(properties: Properties): Attributes {
  const logging = ((properties.DeliveryStatusLogging ?? []) as Properties[]).flatMap((config) => {
    const protocol = PROTOCOLS[config.Protocol];
    if (!protocol) throw new AwsError('InvalidParameterException', `Invalid protocol type: ${config.Protocol}`);
    return LOGGING.filter((name) => config[name] !== undefined).map((name) => [protocol + name, config[name]]);
  });
  const set = Object.entries(pick(properties, ATTRIBUTES)).map(([name, value]) => [name, String(value)]);
  return Object.fromEntries([...set, ...logging]);
}

function loggingOf(attributes: Attributes): Properties[] {
  const protocols = [...new Set(Object.entries(PROTOCOLS).map(([name, prefix]) => [prefix, name] as const))];
  return [...new Map(protocols)].flatMap(([prefix, Protocol]) => {
    const held = LOGGING.flatMap((name) => (attributes[prefix + name] ? [[name, attributes[prefix + name]]] : []));
    return held.length > 0 ? [{ Protocol, ...Object.fromEntries(held) }] : [];
  });
}

const topic: ResourceType = {
  properties: [...ATTRIBUTES, 'DataProtectionPolicy', 'DeliveryStatusLogging', 'Subscription', 'Tags', 'TopicName'],
  name: { property: 'TopicName', most: 256, suffix: ({ FifoTopic }) => (FifoTopic ? '.fifo' : '') },
  async find({ call, scope }, { TopicName }) {
    const TopicArn = topicArn(scope, TopicName);
    return (await unlessGone(call('sns', 'GetTopicAttributes', { TopicArn }))) && TopicArn;
  },
  async create({ call }, properties) {
    const { TopicName: Name, Tags, DataProtectionPolicy, Subscription = [] } = properties;
    const Attributes = attributesOf(properties);
    const policy = DataProtectionPolicy && { DataProtectionPolicy: textOf(DataProtectionPolicy) };
    const { TopicArn } = await call('sns', 'CreateTopic', { Name, Attributes, Tags, ...policy });
    await subscribe(call, TopicArn!, Subscription);
    return TopicArn!;
  },
  async update({ call }, { physicalId: TopicArn, properties: before }, properties) {
    const [was, is] = [attributesOf(before), attributesOf(properties)];
    const dropped = Object.keys(was).filter((name) => is[name] === undefined);
    const wanted = { ...Object.fromEntries(dropped.map((name) => [name, DEFAULTS[name] ?? ''])), ...is };
    for (const [AttributeName, AttributeValue] of Object.entries(wanted)) {
      if (was[AttributeName] === AttributeValue) continue;
      await call('sns', 'SetTopicAttributes', { TopicArn, AttributeName, AttributeValue });
    }
    if (before.DataProtectionPolicy || properties.DataProtectionPolicy) {
      const DataProtectionPolicy = textOf(properties.DataProtectionPolicy ?? '');
      await call('sns', 'PutDataProtectionPolicy', { ResourceArn: TopicArn, DataProtectionPolicy });
    }
    const [held, given] = [before.Subscription ?? [], properties.Subscription ?? []];
    await subscribe(call, TopicArn, notIn(given, held));
    await unsubscribe(call, TopicArn, notIn(held, given));
    const { put, removed } = tagChanges(before.Tags, properties.Tags);
    if (removed) await call('sns', 'UntagResource', { ResourceArn: TopicArn, TagKeys: removed });
    if (put) await call('sns', 'TagResource', { ResourceArn: TopicArn, Tags: put });
  },
  async delete({ call }, { physicalId: TopicArn }) {
    await unlessGone(call('sns', 'DeleteTopic', { TopicArn }));
  },
  async read({ call }, { physicalId: TopicArn }) {
    const found = await unlessGone(call('sns', 'GetTopicAttributes', { TopicArn }));
    if (!found) return undefined;
    const attributes = found.Attributes as Record<string, string>;
    const held = Object.entries(pick(attributes, ATTRIBUTES)).filter(([, value]) => value !== '');
    const { DataProtectionPolicy } = await call('sns', 'GetDataProtectionPolicy', { ResourceArn: TopicArn });
    const { Tags } = await call('sns', 'ListTagsForResource', { ResourceArn: TopicArn });
    const logging = loggingOf(attributes);
    const Subscription = (await subscriptionsOf(call, TopicArn)).map(({ Endpoint, Protocol }) => ({
      ...{ Endpoint, Protocol },
    }));
    return {
      ...Object.fromEntries(
        held.map(([name, value]) => [name, BOOLEANS.includes(name) ? /^true$/i.test(value!) : value]),
      ),
      ...{ TopicArn, TopicName: TopicArn.split(':').at(-1)! },
      ...(DataProtectionPolicy && { DataProtectionPolicy: JSON.parse(DataProtectionPolicy) }),
      ...(logging.length > 0 && { DeliveryStatusLogging: logging }),
      ...(Subscription.length > 0 && { Subscription }),
      ...(Tags?.length && { Tags }),
    };
  },
  async list({ call }) {
    const topics = await everyPage(
      (NextToken) => call('sns', 'ListTopics', { NextToken }),
      ({ Topics }) => Topics,
    );
    return topics.map(({ TopicArn }) => ({ TopicArn }));
  },
};

/** Subscriptions that stand with their topic. */
interface Inline {
  readonly Endpoint: string;
  readonly Protocol: string;
}

const notIn = (list: readonly Inline[], others: readonly Inline[]) =>
  list.filter((one) => !others.some((other) => other.Endpoint === one.Endpoint && other.Protocol === one.Protocol));

async function subscribe(call: Call, TopicArn: string, wanted: readonly Inline[]): Promise<void> {
  for (const { Endpoint, Protocol } of wanted) await call('sns', 'Subscribe', { TopicArn, Endpoint, Protocol });
}

/** One that waits for its confirmation can't be ended; it goes by itself. */
async function unsubscribe(call: Call, TopicArn: string, unwanted: readonly Inline[]): Promise<void> {
  if (unwanted.length === 0) return;
  for (const { Endpoint, Protocol, SubscriptionArn } of await subscriptionsOf(call, TopicArn)) {
    const isUnwanted = unwanted.some((one) => one.Endpoint === Endpoint && one.Protocol === Protocol);
    if (isUnwanted && SubscriptionArn !== 'PendingConfirmation') await call('sns', 'Unsubscribe', { SubscriptionArn });
  }
}

function subscriptionsOf(call: Call, TopicArn: string) {
  return everyPage(
    (NextToken) => call('sns', 'ListSubscriptionsByTopic', { TopicArn, NextToken }),
    ({ Subscriptions }) => Subscriptions,
  );
}

/** One policy for several topics: an attribute of each. */
const topicPolicy: ResourceType = {
  properties: ['PolicyDocument', 'Topics'],
  name: { property: 'Id', most: 256 },
  physicalId: ({ Id }) => Id,
  async create({ call }, { Id, PolicyDocument, Topics }) {
    for (const TopicArn of Topics) await setPolicy(call, TopicArn, textOf(PolicyDocument));
    return Id;
  },
  async update({ call }, { properties: before }, { PolicyDocument, Topics }) {
    for (const TopicArn of Topics) await setPolicy(call, TopicArn, textOf(PolicyDocument));
    for (const TopicArn of before.Topics)
      if (!Topics.includes(TopicArn)) await unlessGone(setPolicy(call, TopicArn, ''));
  },
  async delete({ call }, { properties }) {
    for (const TopicArn of properties.Topics) await unlessGone(setPolicy(call, TopicArn, ''));
  },
  async read(_ctx, { physicalId: Id, properties }) {
    return { ...properties, Id };
  },
};

/** What a topic has that was given no policy. */
const DEFAULT_POLICY = '__default_policy_ID';

const topicInlinePolicy: ResourceType = {
  properties: ['PolicyDocument', 'TopicArn'],
  async create({ call }, { PolicyDocument, TopicArn }) {
    await setPolicy(call, TopicArn, textOf(PolicyDocument));
    return TopicArn;
  },
  async update({ call }, { physicalId }, { PolicyDocument }) {
    await setPolicy(call, physicalId, textOf(PolicyDocument));
  },
  async delete({ call }, { physicalId }) {
    await unlessGone(setPolicy(call, physicalId, ''));
  },
  async read({ call }, { physicalId: TopicArn }) {
    const found = await unlessGone(call('sns', 'GetTopicAttributes', { TopicArn }));
    const PolicyDocument = found && JSON.parse(found.Attributes!.Policy!);
    return PolicyDocument && PolicyDocument.Id !== DEFAULT_POLICY ? { TopicArn, PolicyDocument } : undefined;
  },
};

async function setPolicy(call: Call, TopicArn: string, AttributeValue: string): Promise<void> {
  await call('sns', 'SetTopicAttributes', { TopicArn, AttributeName: 'Policy', AttributeValue });
}

export const resources = {
  'AWS::SNS::Subscription': subscription,
  'AWS::SNS::Topic': topic,
  'AWS::SNS::TopicInlinePolicy': topicInlinePolicy,
  'AWS::SNS::TopicPolicy': topicPolicy,
};
