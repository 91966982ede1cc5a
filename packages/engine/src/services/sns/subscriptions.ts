/*
 * The operations on subscriptions: made, confirmed, listed and ended.
 *
 * Words: SNS API Reference, Subscribe, ConfirmSubscription, Unsubscribe and their neighbours. A queue or function of
 * the topic's own account is subscribed at once; who is behind an address has to agree.
 */
import type {
  ConfirmSubscriptionInput,
  ConfirmSubscriptionResponse,
  ListSubscriptionsByTopicInput,
  ListSubscriptionsByTopicResponse,
  ListSubscriptionsInput,
  ListSubscriptionsResponse,
  SubscribeInput,
  SubscribeResponse,
  Subscription as SubscriptionShape,
  UnsubscribeInput,
} from '@aws-sdk/client-sns';
import type { Caller } from '../../kernel/access.ts';
import { AwsError, notImplemented } from '../../kernel/errors.ts';
import { page } from '../../kernel/paging.ts';
import type { Context, DueWork } from '../../kernel/service.ts';
import { askForConfirmation, confirmEnd } from './confirmations.ts';
import { checking, invalidParameter, notFound } from './errors.ts';
import { reviseRoutes } from './routes.ts';
import {
  EXPIRY,
  ended,
  findSubscription,
  idOfToken,
  keyOfEndpoint,
  type Protocol,
  type Subscription,
  subscriptionArn,
  subscriptions,
  TOKEN_MS,
  tokenOf,
  topicOfKey,
} from './subscription.ts';
import { checkDeadLetterQueue, withAttributes } from './subscription-attributes.ts';
import { type FoundTopic, findTopic, topicArn } from './topic.ts';
import { invalidToken, PAGE } from './topics.ts';

/** What an endpoint of each protocol looks like. */
const ENDPOINTS: Readonly<Record<Protocol, { readonly form: RegExp; readonly words: string }>> = {
  http: { form: /^http:\/\/[^/\s]+/, words: 'Endpoint must match the specified protocol' },
  https: { form: /^https:\/\/[^/\s]+/, words: 'Endpoint must match the specified protocol' },
  email: { form: /^[^@\s]+@[^@\s]+$/, words: 'Email address' },
  'email-json': { form: /^[^@\s]+@[^@\s]+$/, words: 'Email address' },
  sms: { form: /^\+?[\d\s().-]{5,20}$/, words: 'SMS endpoint' },
  sqs: { form: /^arn:aws[a-z-]*:sqs:[a-z\d-]+:\d{12}:[\w-]{1,80}(\.fifo)?$/, words: 'SQS endpoint ARN' },
  lambda: { form: /^arn:aws[a-z-]*:lambda:[a-z\d-]+:\d{12}:function:[\w-]+(:[\w$-]+)?$/, words: 'Lambda endpoint ARN' },
  firehose: { form: /^arn:aws[a-z-]*:firehose:[a-z\d-]+:\d{12}:deliverystream\/.+$/, words: 'Firehose endpoint ARN' },
};
/** The longest endpoint, in characters. */
const LONGEST_ENDPOINT = 2_048;
/** Whose endpoints have to agree. */
const ASKED = new Set<Protocol>(['http', 'https', 'email', 'email-json']);
const PENDING = 'pending confirmation';

export function subscribe(ctx: Context, input: SubscribeInput): SubscribeResponse {
  const found = findTopic(ctx, input.TopicArn!);
  const { Protocol: protocol, Endpoint: endpoint = '', Attributes: attributes = {} } = input;
  checkEndpoint(found, protocol!, endpoint);
  const fresh: Subscription = {
    protocol: protocol as Protocol,
    endpoint,
    owner: ctx.scope.account,
    confirmed: !ASKED.has(protocol as Protocol),
    authenticated: !ASKED.has(protocol as Protocol),
    attributes: {},
  };
  const subscription = checking('Attributes Reason: ', () => {
    const made = withAttributes(fresh, attributes);
    checkDeadLetterQueue(found.ctx, made);
    return made;
  });
  if (protocol === 'firehose' && !attributes.SubscriptionRoleArn) {
    throw invalidParameter('Attributes Reason: SubscriptionRoleArn is required for firehose subscriptions');
  }
  const key = keyOfEndpoint(found.ctx, found.name, subscription.protocol, endpoint) ?? add(found, subscription);
  const held = found.ctx.rows(subscriptions).get(key)!;
  checkSame(held, subscription);
  const arn = subscriptionArn(found.ctx, key);
  if (!held.confirmed) askForConfirmation(found.ctx, key, held);
  return { SubscriptionArn: held.confirmed || input.ReturnSubscriptionArn ? arn : PENDING };
}

function add({ ctx, name }: FoundTopic, subscription: Subscription): string {
  const key = `${name}:${ctx.ids.uuid()}`;
  ctx.rows(subscriptions).put(key, subscription);
  if (!subscription.confirmed) ctx.schedule({ kind: EXPIRY, id: key, due: ctx.now + TOKEN_MS });
  reviseRoutes(ctx, name);
  return key;
}

function checkSame(held: Subscription, { attributes }: Subscription): void {
  if (Object.entries(attributes).every(([name, value]) => held.attributes[name] === value)) return;
  throw invalidParameter('Attributes Reason: Subscription already exists with different attributes');
}

function checkEndpoint({ topic }: FoundTopic, protocol: string, endpoint: string): void {
  if (protocol === 'application') throw notImplemented('sns', 'Subscribe with the protocol application');
  if (!Object.hasOwn(ENDPOINTS, protocol)) {
    throw invalidParameter(`Amazon SNS does not support this protocol string: ${protocol}`);
  }
  const { form, words } = ENDPOINTS[protocol as Protocol];
  if (endpoint === '') throw invalidParameter('Endpoint Reason: Please specify an endpoint');
  if (endpoint.length > LONGEST_ENDPOINT || !form.test(endpoint)) throw invalidParameter(words);
  if (/^https?$/.test(protocol) && !URL.canParse(endpoint)) throw invalidParameter(words);
  if (topic.fifo && protocol !== 'sqs') throw invalidParameter(`Invalid protocol type: ${protocol}`);
  if (!topic.fifo && endpoint.endsWith('.fifo') && protocol === 'sqs') {
    throw invalidParameter(
      'Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics',
    );
  }
}

/** Confirms one that waits for it, or takes up again one that has ended. Confirmed once more, it stays as it is. */
export function confirmSubscription(ctx: Context, input: ConfirmSubscriptionInput): ConfirmSubscriptionResponse {
  const { ctx: owner, name } = findTopic(ctx, input.TopicArn!);
  const id = idOfToken(input.Token!);
  const key = `${name}:${id}`;
  const arn = subscriptionArn(owner, key);
  if (id === undefined || tokenOf(ctx.host, arn) !== input.Token) throw invalidParameter('Token');
  const held = owner.rows(subscriptions).get(key);
  const subscription = held ?? owner.rows(ended).get(key);
  if (!subscription) throw notFound('Subscription');
  if (held?.confirmed) return { SubscriptionArn: arn };
  const authenticateOnUnsubscribe = /^true$/i.test(input.AuthenticateOnUnsubscribe ?? '');
  const authenticated = isSigned(ctx.caller);
  owner.rows(subscriptions).put(key, { ...subscription, confirmed: true, authenticated, authenticateOnUnsubscribe });
  owner.rows(ended).delete(key);
  owner.unschedule(EXPIRY, key);
  reviseRoutes(owner, name);
  return { SubscriptionArn: arn };
}

/** One that is not there has ended already. */
export function unsubscribe(ctx: Context, input: UnsubscribeInput): void {
  try {
    end(ctx, input.SubscriptionArn!);
  } catch (error) {
    if (!(error instanceof AwsError && error.code === 'NotFoundException')) throw error;
  }
}

function end(ctx: Context, arn: string): void {
  const { ctx: owner, key, subscription } = findSubscription(ctx, arn);
  const unsigned = !isSigned(ctx.caller);
  if (!subscription.confirmed) {
    throw invalidParameter('This operation is not supported for subscriptions that are pending confirmation');
  }
  if (unsigned && subscription.authenticateOnUnsubscribe) {
    throw new AwsError('AuthorizationErrorException', 'This subscription can only be ended by a signed request', {
      status: 403,
    });
  }
  owner.rows(subscriptions).delete(key);
  owner.rows(ended).put(key, { ...subscription, confirmed: false });
  owner.schedule({ kind: EXPIRY, id: key, due: ctx.now + TOKEN_MS });
  reviseRoutes(owner, topicOfKey(key));
  if (unsigned) confirmEnd(owner, key, subscription);
}

/** Due work: what was not confirmed in time is dropped, and so is what has ended. */
export function expire(ctx: Context, work: DueWork): void {
  ctx.rows(subscriptions).delete(work.id);
  ctx.rows(ended).delete(work.id);
  reviseRoutes(ctx, topicOfKey(work.id));
}

/** Whoever follows a link has signed nothing. */
function isSigned({ accessKeyId, principal }: Caller): boolean {
  return accessKeyId !== undefined || principal !== undefined;
}

export function listSubscriptions(ctx: Context, input: ListSubscriptionsInput): ListSubscriptionsResponse {
  return listed(ctx, '', input.NextToken);
}

export function listSubscriptionsByTopic(
  ctx: Context,
  input: ListSubscriptionsByTopicInput,
): ListSubscriptionsByTopicResponse {
  const { ctx: owner, name } = findTopic(ctx, input.TopicArn!);
  return listed(owner, `${name}:`, input.NextToken);
}

function listed(ctx: Context, prefix: string, token: string | undefined): ListSubscriptionsResponse {
  const list = (after: string | undefined, limit: number) =>
    ctx.rows(subscriptions).list({ prefix, ...(after !== undefined && { after }), limit });
  const { items, nextToken } = page(list, { token, most: PAGE, invalid: invalidToken });
  return {
    Subscriptions: items.map(([key, subscription]) => shapeOf(ctx, key, subscription)),
    ...(nextToken && { NextToken: nextToken }),
  };
}

function shapeOf(ctx: Context, key: string, { owner, protocol, endpoint, confirmed }: Subscription): SubscriptionShape {
  return {
    SubscriptionArn: confirmed ? subscriptionArn(ctx, key) : 'PendingConfirmation',
    Owner: owner,
    Protocol: protocol,
    Endpoint: endpoint,
    TopicArn: topicArn(ctx.scope, topicOfKey(key)),
  };
}
