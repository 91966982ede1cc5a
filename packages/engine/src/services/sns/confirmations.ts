/*
 * Confirmations: an HTTP(S) address is asked over HTTP, and who would get an email is told of in the journal and on
 * the engine's log, with the link that confirms.
 */
import { isoMillis } from '../../kernel/clock.ts';
import type { Context } from '../../kernel/service.ts';
import { confirmationOf, subscribeUrl } from './notification.ts';
import { sendPost } from './posts.ts';
import { type Subscription, subscriptionArn, tokenOf, topicOfKey } from './subscription.ts';
import { topicArn, topics } from './topic.ts';

export function askForConfirmation(ctx: Context, key: string, subscription: Subscription): void {
  const arn = topicArn(ctx.scope, topicOfKey(key));
  const text =
    `You have chosen to subscribe to the topic ${arn}.\n` +
    'To confirm the subscription, visit the SubscribeURL included in this message.';
  if (isHttp(subscription)) ask(ctx, key, subscription, 'SubscriptionConfirmation', text);
  else tell(ctx, key, subscription, text);
}

/** The link stands where the user looks. */
function tell(ctx: Context, key: string, subscription: Subscription, text: string): void {
  const arn = topicArn(ctx.scope, topicOfKey(key));
  const { protocol, endpoint } = subscription;
  const url = subscribeUrl(ctx.host, arn, tokenOf(ctx.host, subscriptionArn(ctx, key)));
  const detail = {
    protocol,
    topicArn: arn,
    subject: 'AWS Notification - Subscription Confirmation',
    message: text,
    url,
  };
  ctx.note({ kind: 'email', subject: endpoint, outcome: 'ok', detail });
  ctx.host.warn(`${endpoint} would be asked by email to subscribe to ${arn}. To confirm for it, open ${url}`);
}

/** Says that a subscription has ended, and how to take it up again. */
export function confirmEnd(ctx: Context, key: string, subscription: Subscription): void {
  const text =
    `You have chosen to deactivate subscription ${subscriptionArn(ctx, key)}.\n` +
    'To cancel this operation and restore the subscription, visit the SubscribeURL included in this message.';
  if (isHttp(subscription)) ask(ctx, key, subscription, 'UnsubscribeConfirmation', text);
}

function isHttp({ protocol }: Subscription): boolean {
  return protocol === 'http' || protocol === 'https';
}

function ask(
  ctx: Context,
  key: string,
  subscription: Subscription,
  type: 'SubscriptionConfirmation' | 'UnsubscribeConfirmation',
  text: string,
): void {
  const name = topicOfKey(key);
  const topic = ctx.rows(topics).get(name)!;
  const messageId = ctx.ids.uuid();
  const arn = topicArn(ctx.scope, name);
  const message = {
    id: messageId,
    topicArn: arn,
    timestamp: isoMillis(ctx.now),
    signatureVersion: topic.attributes.SignatureVersion ?? '1',
  };
  const body = confirmationOf(ctx.host, message, type, text, tokenOf(ctx.host, subscriptionArn(ctx, key)));
  sendPost(ctx, topic, key, subscription, { type, messageId, topicArn: arn, body, raw: false });
}
