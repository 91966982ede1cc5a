/*
 * What is set on subscriptions, and what is told of them.
 *
 * API Reference, SetSubscriptionAttributes and GetSubscriptionAttributes; Developer Guide, "Amazon SNS dead-letter
 * queues" and "Amazon SNS raw message delivery".
 */
import type {
  GetSubscriptionAttributesInput,
  GetSubscriptionAttributesResponse,
  SetSubscriptionAttributesInput,
} from '@aws-sdk/client-sns';
import { parseArn } from '../../kernel/arn.ts';
import { notImplemented } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { checkSubscriptionPolicy, effectiveSubscriptionPolicy } from './delivery-policy.ts';
import { AttributeError, checkFlag, checking, invalidParameter, readObject } from './errors.ts';
import { checkScope, isEmptyPolicy, readFilterPolicy, scopeOf } from './filter-policy.ts';
import { reviseRoutes } from './routes.ts';
import { findSubscription, type Subscription, subscriptions, topicOfKey } from './subscription.ts';
import { topicArn, topics } from './topic.ts';

/** Protocols whose messages can go out bare. */
const RAW = new Set(['sqs', 'http', 'https', 'firehose']);

const CHECKS: Readonly<Record<string, (value: string, subscription: Subscription) => void>> = {
  FilterPolicy: (value, { attributes }) => void (isEmptyPolicy(value) || readFilterPolicy(value, scopeOf(attributes))),
  FilterPolicyScope: checkScope,
  RawMessageDelivery: (value, { protocol }) => {
    checkFlag('RawMessageDelivery', value);
    if (value.toLowerCase() === 'false' || RAW.has(protocol)) return;
    throw new AttributeError(
      `RawMessageDelivery: Delivery protocol [${protocol}] does not support raw message delivery.`,
    );
  },
  RedrivePolicy: checkRedrivePolicy,
  DeliveryPolicy: (value, { protocol }) => {
    if (!/^https?$/.test(protocol)) throw new AttributeError('DeliveryPolicy: only HTTP/S subscriptions have one');
    checkSubscriptionPolicy(value);
  },
  SubscriptionRoleArn: (value) => {
    if (!/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/.test(value)) throw new AttributeError('SubscriptionRoleArn');
  },
  ReplayPolicy: (value) => {
    if (value !== '' && value !== '{}') throw notImplemented('sns', 'ReplayPolicy');
  },
};

/** A subscription with attributes set. Throws AttributeError, or AWS's error, on what can't be set. */
export function withAttributes(before: Subscription, given: Readonly<Record<string, string>>): Subscription {
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(CHECKS, name));
  if (unknown !== undefined) throw new AttributeError(`Unknown attribute: ${unknown}`);
  const attributes = { ...before.attributes, ...given };
  const after = { ...before, attributes };
  for (const [name, value] of Object.entries(given)) CHECKS[name]!(value, after);
  if ('FilterPolicyScope' in given && !('FilterPolicy' in given) && attributes.FilterPolicy) {
    readFilterPolicy(attributes.FilterPolicy, scopeOf(attributes));
  }
  return { ...before, attributes: Object.fromEntries(Object.entries(attributes).filter(isSet)) };
}

/** An empty text, or an empty object, takes an attribute away. */
function isSet([, value]: readonly [string, string]): boolean {
  return value !== '' && !/^\s*\{\s*\}\s*$/.test(value);
}

export function setSubscriptionAttributes(ctx: Context, input: SetSubscriptionAttributesInput): void {
  const { AttributeName: name, AttributeValue: value = '' } = input;
  if (!Object.hasOwn(CHECKS, name!)) throw invalidParameter('AttributeName');
  const { ctx: owner, key, subscription } = findSubscription(ctx, input.SubscriptionArn!);
  const after = checking('', () => {
    const made = withAttributes(subscription, { [name!]: value });
    checkDeadLetterQueue(owner, made);
    return made;
  });
  owner.rows(subscriptions).put(key, after);
  reviseRoutes(owner, topicOfKey(key));
}

export function getSubscriptionAttributes(
  ctx: Context,
  input: GetSubscriptionAttributesInput,
): GetSubscriptionAttributesResponse {
  const { ctx: owner, key, arn, subscription } = findSubscription(ctx, input.SubscriptionArn!);
  const { protocol, endpoint, confirmed, authenticated, attributes } = subscription;
  const topic = owner.rows(topics).get(topicOfKey(key));
  return {
    Attributes: {
      SubscriptionPrincipal: `arn:aws:iam::${subscription.owner}:root`,
      Owner: subscription.owner,
      RawMessageDelivery: 'false',
      TopicArn: topicArn(owner.scope, topicOfKey(key)),
      Endpoint: endpoint,
      Protocol: protocol,
      PendingConfirmation: String(!confirmed),
      ConfirmationWasAuthenticated: String(authenticated),
      SubscriptionArn: arn,
      ...(attributes.FilterPolicy !== undefined && { FilterPolicyScope: 'MessageAttributes' }),
      ...(/^https?$/.test(protocol) && {
        EffectiveDeliveryPolicy: effectiveSubscriptionPolicy(
          topic?.attributes.DeliveryPolicy,
          attributes.DeliveryPolicy,
        ),
      }),
      ...attributes,
    },
  };
}

/** The queue that takes what can't be delivered; undefined when there is none. */
export function deadLetterArnOf({ attributes }: Subscription): string | undefined {
  return attributes.RedrivePolicy && JSON.parse(attributes.RedrivePolicy).deadLetterTargetArn;
}

function checkRedrivePolicy(text: string): void {
  if (!isSet(['', text])) return;
  const { deadLetterTargetArn } = readObject('RedrivePolicy', text);
  if (typeof deadLetterTargetArn !== 'string') {
    throw new AttributeError('RedrivePolicy: deadLetterTargetArn is a required attribute.');
  }
  if (parseArn(deadLetterTargetArn)?.service !== 'sqs') {
    throw new AttributeError('RedrivePolicy: deadLetterTargetArn is an invalid arn');
  }
}

/** Throws AttributeError unless a topic's subscription may have its dead letters where its policy says. */
export function checkDeadLetterQueue(ctx: Context, subscription: Subscription): void {
  const arn = deadLetterArnOf(subscription);
  const { account, region } = (arn && parseArn(arn)) || ctx.scope;
  if (account !== ctx.scope.account || region !== ctx.scope.region) {
    throw new AttributeError(
      'RedrivePolicy: Dead-letter queue must be in the same account and region as the subscription',
    );
  }
}
