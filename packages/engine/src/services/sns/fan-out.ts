/*
 * Fan-out: a message on its way to each of a topic's subscriptions that takes it, in its protocol's form. What goes
 * wrong with one of them is nothing to the others.
 */
import type { Delivery } from '../../kernel/service.ts';
import { MANAGED_RETRY } from './delivery-policy.ts';
import { type Message, type Notifications, notificationsOf } from './notification.ts';
import { sendPost } from './posts.ts';
import { subscriptionsFor } from './routes.ts';
import { type Subscription, subscriptionArn } from './subscription.ts';
import { deadLetterArnOf } from './subscription-attributes.ts';
import type { FoundTopic } from './topic.ts';

/** Where a message stands among others. */
export interface Ordering {
  readonly groupId?: string;
  readonly deduplicationId?: string;
  /** What it is remembered by. */
  readonly key?: string;
}

/** A message, what it says by protocol, and where it stands among others. */
export interface Publication extends Ordering {
  readonly message: Message;
  readonly texts: Readonly<Record<string, string>>;
}

/** One subscription's copy. */
interface Copy {
  readonly key: string;
  readonly subscription: Subscription;
  readonly text: string;
  readonly raw: boolean;
  /** What a queue gets: the bare text, or the notification. */
  readonly body: () => string;
}

export function fanOut(found: FoundTopic, publication: Publication): void {
  const { ctx, name } = found;
  const { message, texts } = publication;
  const notifications = notificationsOf(ctx.host, message);
  const filtered = { attributes: message.attributes, body: texts.default! };
  for (const [key, subscription] of subscriptionsFor(ctx, name, filtered)) {
    const text = texts[subscription.protocol] ?? texts.default!;
    const raw = subscription.attributes.RawMessageDelivery?.toLowerCase() === 'true';
    const body = () => (raw ? text : notifications.json(text, subscriptionArn(ctx, key)));
    sendCopy(found, publication, notifications, { key, subscription, text, raw, body });
  }
}

function sendCopy(
  found: FoundTopic,
  publication: Publication,
  notifications: Notifications,
  { key, subscription, text, raw, body }: Copy,
): void {
  const { ctx, arn, topic } = found;
  const { protocol, endpoint } = subscription;
  const { message } = publication;
  if (protocol === 'http' || protocol === 'https') {
    const { deadLetterParameters: parameters } = deadLetterOf(publication, subscription, raw, body);
    sendPost(ctx, topic, key, subscription, {
      type: 'Notification',
      messageId: message.id,
      topicArn: arn,
      body: body(),
      raw,
      ...(parameters && { parameters }),
    });
  } else if (protocol === 'email' || protocol === 'email-json' || protocol === 'sms') {
    const { subject = topic.attributes.DisplayName || 'AWS Notification Message' } = message;
    const shown = protocol === 'email-json' ? body() : text;
    const detail = { protocol, topicArn: arn, messageId: message.id, subject, message: shown };
    ctx.note({ kind: protocol === 'sms' ? 'sms' : 'email', subject: endpoint, outcome: 'ok', detail });
  } else {
    ctx.deliver({
      targetArn: endpoint,
      payload: protocol === 'lambda' ? notifications.event(text, subscriptionArn(ctx, key)) : body(),
      hop: 'topic',
      about: message.id,
      ...(topic.fifo && { lane: `${subscriptionArn(ctx, key)} ${publication.groupId}` }),
      principal: 'sns.amazonaws.com',
      sourceArn: arn,
      retry: MANAGED_RETRY,
      ...(subscription.attributes.SubscriptionRoleArn && { roleArn: subscription.attributes.SubscriptionRoleArn }),
      ...(protocol === 'sqs' && { parameters: queueParameters(publication, endpoint, raw) }),
      ...deadLetterOf(publication, subscription, raw, body),
    });
  }
}

/** The dead letter is what a queue would have got. */
function deadLetterOf(
  publication: Publication,
  subscription: Subscription,
  raw: boolean,
  body: () => string,
): Pick<Delivery, 'deadLetterArn' | 'deadLetterPayload' | 'deadLetterParameters'> {
  const deadLetterArn = deadLetterArnOf(subscription);
  if (deadLetterArn === undefined) return {};
  const deadLetterParameters = queueParameters(publication, deadLetterArn, raw);
  const deadLetterPayload = subscription.protocol === 'sqs' ? undefined : body();
  return { deadLetterArn, deadLetterParameters, ...(deadLetterPayload !== undefined && { deadLetterPayload }) };
}

/** Attributes go along with a bare message; a group goes to every queue, and an id to FIFO queues. */
function queueParameters(
  { message, groupId, deduplicationId }: Publication,
  queueArn: string,
  raw: boolean,
): NonNullable<Delivery['parameters']> {
  const fifo = queueArn.endsWith('.fifo');
  return {
    ...(raw && { attributes: message.attributes }),
    ...(groupId !== undefined && { messageGroupId: groupId }),
    ...(fifo && deduplicationId !== undefined && { messageDeduplicationId: deduplicationId }),
  };
}
