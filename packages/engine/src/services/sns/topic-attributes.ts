/*
 * What is set on topics, and what is told of them.
 *
 * API Reference, SetTopicAttributes and GetTopicAttributes.
 */
import type { GetTopicAttributesInput, GetTopicAttributesResponse, SetTopicAttributesInput } from '@aws-sdk/client-sns';
import { notImplemented } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { checkTopicPolicy, effectiveTopicPolicy } from './delivery-policy.ts';
import { AttributeError, checkFlag, checking, invalidParameter, readObject } from './errors.ts';
import { defaultPolicy } from './permissions.ts';
import { reviseRoutes } from './routes.ts';
import { countSubscriptions } from './subscription.ts';
import { findTopic, topics } from './topic.ts';

type Check = (value: string, fifo: boolean) => void;

const LONGEST_DISPLAY_NAME = 100;

/** Those of delivery status logging: kept and told. */
const FEEDBACK = ['Application', 'Firehose', 'HTTP', 'Lambda', 'SQS'].flatMap((protocol): [string, Check][] => [
  [`${protocol}SuccessFeedbackRoleArn`, checkRole(`${protocol}SuccessFeedbackRoleArn`)],
  [`${protocol}FailureFeedbackRoleArn`, checkRole(`${protocol}FailureFeedbackRoleArn`)],
  [`${protocol}SuccessFeedbackSampleRate`, checkOneOf(`${protocol}SuccessFeedbackSampleRate`, /^(\d{1,2}|100)?$/)],
]);

/** What can be set, and who throws AttributeError on a value that can't be. */
const CHECKS = new Map<string, Check>([
  ...FEEDBACK,
  ['DisplayName', checkDisplayName],
  ['Policy', (value) => void (value !== '' && checkPolicy(value))],
  ['DeliveryPolicy', checkTopicPolicy],
  ['KmsMasterKeyId', () => {}],
  ['SignatureVersion', checkOneOf('SignatureVersion', /^[12]$/)],
  ['TracingConfig', checkOneOf('TracingConfig', /^(Active|PassThrough)$/)],
  ['ContentBasedDeduplication', onlyFifo('ContentBasedDeduplication', checkFlag)],
  [
    'FifoThroughputScope',
    onlyFifo('FifoThroughputScope', (name, value) => checkOneOf(name, /^(Topic|MessageGroup)$/)(value)),
  ],
  [
    'ArchivePolicy',
    (value) => {
      if (value !== '' && value !== '{}') throw notImplemented('sns', 'ArchivePolicy');
    },
  ],
]);

/** Throws AttributeError, or AWS's error, unless a topic may have an attribute. */
export function checkTopicAttribute(name: string, value: string, fifo: boolean): void {
  const check = CHECKS.get(name);
  if (!check) throw new AttributeError(`Unknown attribute ${name}`);
  check(value, fifo);
}

export function setTopicAttributes(ctx: Context, input: SetTopicAttributesInput): void {
  const { ctx: owner, name, topic } = findTopic(ctx, input.TopicArn!);
  const { AttributeName: attribute, AttributeValue: value = '' } = input;
  if (!CHECKS.has(attribute!)) throw invalidParameter('AttributeName');
  checking('', () => checkTopicAttribute(attribute!, value, topic.fifo));
  const { [attribute!]: _, ...others } = topic.attributes;
  const attributes = value === '' ? others : { ...others, [attribute!]: value };
  owner.rows(topics).put(name, { ...topic, attributes });
  reviseRoutes(owner, name);
}

export function getTopicAttributes(ctx: Context, input: GetTopicAttributesInput): GetTopicAttributesResponse {
  const { ctx: owner, name, arn, topic } = findTopic(ctx, input.TopicArn!);
  const { confirmed, pending, deleted } = countSubscriptions(owner, name);
  return {
    Attributes: {
      Policy: defaultPolicy(owner.scope, name),
      Owner: owner.scope.account,
      SubscriptionsPending: String(pending),
      TopicArn: arn,
      EffectiveDeliveryPolicy: effectiveTopicPolicy(topic.attributes.DeliveryPolicy),
      SubscriptionsConfirmed: String(confirmed),
      DisplayName: '',
      SubscriptionsDeleted: String(deleted),
      ...(topic.fifo && { FifoTopic: 'true', ContentBasedDeduplication: 'false', FifoThroughputScope: 'Topic' }),
      ...topic.attributes,
    },
  };
}

function checkPolicy(text: string): void {
  const { Statement } = readObject('Policy', text);
  const statements = [Statement ?? []].flat() as { Effect?: unknown }[];
  if (statements.length === 0 || statements.some((one) => typeof one?.Effect !== 'string')) {
    throw new AttributeError('Policy Error: null');
  }
}

function checkDisplayName(value: string): void {
  if (value.length > LONGEST_DISPLAY_NAME || /[\r\n]/.test(value)) throw new AttributeError('DisplayName');
}

function checkRole(name: string): Check {
  return checkOneOf(name, /^(arn:aws[a-z-]*:iam::\d{12}:role\/.+)?$/);
}

function checkOneOf(name: string, allowed: RegExp): (value: string) => void {
  return (value) => {
    if (!allowed.test(value)) throw new AttributeError(`${name}: Invalid value [${value}].`);
  };
}

function onlyFifo(name: string, check: (name: string, value: string) => void): Check {
  return (value, fifo) => {
    if (!fifo) throw new AttributeError(`${name}: Attribute is only valid for FIFO topics`);
    check(name, value);
  };
}
