/*
 * What a subscription is: its record, its ARN, how it is found, and the token that confirms it.
 *
 * A token is the subscription's own id and a secret that belongs to it, so none has to be kept.
 */
import { hash } from 'node:crypto';
import { parseArn } from '../../kernel/arn.ts';
import type { Context, Host } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { invalidParameter, notFound } from './errors.ts';
import { ownerOf, topicArn } from './topic.ts';

export type Protocol = 'http' | 'https' | 'email' | 'email-json' | 'sms' | 'sqs' | 'lambda' | 'firehose';

export interface Subscription {
  readonly protocol: Protocol;
  readonly endpoint: string;
  /** The account that subscribed. */
  readonly owner: string;
  readonly confirmed: boolean;
  /** Whether who confirmed it was signed for; AWS tells so. */
  readonly authenticated: boolean;
  /** Whether only a signed request may end it. */
  readonly authenticateOnUnsubscribe?: boolean;
  /** What was set, as text; else the defaults hold. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** By `<topic's name>:<id>`; indexed by where they lead. */
export const subscriptions = table<Subscription>('sns.subscriptions', {
  index: ({ protocol, endpoint }, key) => endpointIndex(key.slice(0, key.indexOf(':')), protocol, endpoint),
});

/** Those that have ended, while they can be taken up again; by the same keys. */
export const ended = table<Subscription>('sns.ended');

/** How long a token confirms, and what was not confirmed is kept (API Reference, Subscribe). */
export const TOKEN_MS = 2 * 86_400_000;
export const EXPIRY = 'sns.expiry';

function endpointIndex(topic: string, protocol: string, endpoint: string): string {
  return `${topic} ${protocol} ${JSON.stringify(endpoint)}`;
}

/** A subscription, and a context in the account and region that it is in. */
export interface FoundSubscription {
  readonly ctx: Context;
  readonly key: string;
  readonly arn: string;
  readonly subscription: Subscription;
}

/** The subscription of an ARN. Throws AWS's errors. */
export function findSubscription(ctx: Context, arn: string): FoundSubscription {
  const owner = ownerOf(ctx, arn, 'SubscriptionArn');
  const key = parseArn(arn)!.resource;
  if (!key.includes(':')) throw invalidParameter('SubscriptionId');
  const subscription = owner.rows(subscriptions).get(key);
  if (!subscription) throw notFound('Subscription');
  return { ctx: owner, key, arn, subscription };
}

/** The key of a topic's subscription that leads to an endpoint; undefined when there is none. */
export function keyOfEndpoint(ctx: Context, topic: string, protocol: Protocol, endpoint: string): string | undefined {
  const prefix = endpointIndex(topic, protocol, endpoint);
  return ctx.rows(subscriptions).list({ indexed: true, prefix, limit: 1 })[0]?.[0];
}

export function subscriptionArn(ctx: Pick<Context, 'scope'>, key: string): string {
  return topicArn(ctx.scope, key);
}

export function topicOfKey(key: string): string {
  return key.slice(0, key.indexOf(':'));
}

export function countSubscriptions(ctx: Context, topic: string) {
  const own = ctx.rows(subscriptions).list({ prefix: `${topic}:` });
  const confirmed = own.filter(([, subscription]) => subscription.confirmed).length;
  return { confirmed, pending: own.length - confirmed, deleted: ctx.rows(ended).count({ prefix: `${topic}:` }) };
}

export function removeSubscriptionsOf(ctx: Context, topic: string): void {
  for (const kept of [subscriptions, ended]) {
    for (const [key] of ctx.rows(kept).list({ prefix: `${topic}:` })) {
      ctx.rows(kept).delete(key);
      ctx.unschedule(EXPIRY, key);
    }
  }
}

/** What confirms a subscription: its id, which finds it, and a secret. */
export function tokenOf(host: Host, arn: string): string {
  const id = arn.slice(arn.lastIndexOf(':') + 1).replaceAll('-', '');
  return id + hash('sha512', host.secretFor(`confirms ${arn}`), 'hex');
}

/** The id of the subscription that a token would confirm; undefined for what is no token. */
export function idOfToken(token: string): string | undefined {
  const [, ...parts] = /^([\da-f]{8})([\da-f]{4})([\da-f]{4})([\da-f]{4})([\da-f]{12})[\da-f]{128}$/.exec(token) ?? [];
  return parts.length > 0 ? parts.join('-') : undefined;
}
