/*
 * Which subscriptions a message goes to: the filter policies of a topic in two matchers, one over attributes and one
 * over bodies, which read a message once whatever the number of subscriptions.
 *
 * Matchers live beside the tables, and follow them: whatever changes a topic's subscriptions puts a new row in
 * `revisions`. Rows are told apart by identity, so a change that was taken back takes its row back too.
 */
import { type Context, resource } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { createMatcher, EventError, type Matcher } from '../../languages/event-pattern/index.ts';
import { type HttpPolicy, httpPolicy } from './delivery-policy.ts';
import { attributesAsEvent, readFilterPolicy, scopeOf } from './filter-policy.ts';
import type { Attributes } from './message-attributes.ts';
import { type Subscription, subscriptions } from './subscription.ts';
import type { Topic } from './topic.ts';

/** By topic: when its subscriptions last changed. Each change makes another row, be it at the same moment. */
const revisions = table<{ readonly at: number }>('sns.revisions');

interface Routes {
  revision: { readonly at: number } | undefined;
  /** The confirmed subscriptions that take every message. */
  readonly unfiltered: Map<string, Subscription>;
  /** The others, by key. */
  readonly filtered: Map<string, Subscription>;
  readonly byAttributes: Matcher<string>;
  readonly byBody: Matcher<string>;
}

/** By account, region and topic. */
const routesOfTopics = resource({
  open: () => new Map<string, Routes>(),
  close: (all) => all.clear(),
});
/** How many topics have their matchers at hand; beyond, all are made anew as they are needed. */
const TOPICS_LIMIT = 10_000;

/** A message, as far as filter policies look at it. */
export interface Filtered {
  readonly attributes: Attributes;
  readonly body: string;
}

/** The subscriptions that a message goes to, by key. */
export function subscriptionsFor(ctx: Context, topic: string, message: Filtered): [string, Subscription][] {
  const routes = routesOf(ctx, topic);
  const { unfiltered, filtered, byAttributes, byBody } = routes;
  if (filtered.size === 0) return [...unfiltered];
  const matched = [
    ...(byAttributes.size > 0 ? byAttributes.match(attributesAsEvent(message.attributes)) : []),
    ...(byBody.size > 0 ? matchBody(byBody, message.body) : []),
  ];
  return [...unfiltered, ...matched.map((key): [string, Subscription] => [key, filtered.get(key)!])];
}

/** A body that is no JSON object goes to nobody who filters by it. */
function matchBody(matcher: Matcher<string>, body: string): string[] {
  try {
    return matcher.match(body);
  } catch (error) {
    if (error instanceof EventError) return [];
    throw error;
  }
}

/** To be called whenever a topic's subscriptions changed. */
export function reviseRoutes(ctx: Context, topic: string): void {
  ctx.rows(revisions).put(topic, { at: ctx.now });
}

/** To be called when a topic was deleted. */
export function forgetRoutes(ctx: Context, topic: string): void {
  ctx.rows(revisions).delete(topic);
  ctx.use(routesOfTopics).delete(nameOf(ctx, topic));
}

function nameOf({ scope }: Context, topic: string): string {
  return `${scope.account}/${scope.region}/${topic}`;
}

function routesOf(ctx: Context, topic: string): Routes {
  const all = ctx.use(routesOfTopics);
  const name = nameOf(ctx, topic);
  const revision = ctx.rows(revisions).get(topic);
  let routes = all.get(name);
  if (!routes) {
    if (all.size >= TOPICS_LIMIT) all.clear();
    routes = {
      revision: undefined,
      unfiltered: new Map(),
      filtered: new Map(),
      byAttributes: createMatcher(),
      byBody: createMatcher(),
    };
    all.set(name, routes);
  }
  if (routes.revision !== revision) bringUpToDate(ctx, topic, routes);
  routes.revision = revision;
  return routes;
}

/** Only what changed is compiled anew. */
function bringUpToDate(ctx: Context, topic: string, routes: Routes): void {
  const { unfiltered, filtered } = routes;
  const all = ctx.rows(subscriptions).list({ prefix: `${topic}:` });
  const wanted = new Map(all.filter(([, { confirmed }]) => confirmed));
  for (const key of [...unfiltered.keys(), ...filtered.keys()]) if (!wanted.has(key)) drop(routes, key);
  for (const [key, subscription] of wanted) {
    if ((unfiltered.get(key) ?? filtered.get(key)) === subscription) continue;
    drop(routes, key);
    const { FilterPolicy } = subscription.attributes;
    if (FilterPolicy === undefined) unfiltered.set(key, subscription);
    else {
      const scope = scopeOf(subscription.attributes);
      const matcher = scope === 'MessageBody' ? routes.byBody : routes.byAttributes;
      matcher.add(key, readFilterPolicy(FilterPolicy, scope));
      filtered.set(key, subscription);
    }
  }
}

function drop({ unfiltered, filtered, byAttributes, byBody }: Routes, key: string): void {
  unfiltered.delete(key);
  if (!filtered.delete(key)) return;
  byAttributes.remove(key);
  byBody.remove(key);
}

/** How an HTTP(S) subscription's messages are tried; records never change, so neither does this. */
const policies = new WeakMap<Subscription, { topic: Topic | undefined; policy: HttpPolicy }>();

export function httpPolicyOf(topic: Topic | undefined, subscription: Subscription): HttpPolicy {
  const known = policies.get(subscription);
  if (known?.topic === topic && known) return known.policy;
  const policy = httpPolicy(topic?.attributes.DeliveryPolicy, subscription.attributes.DeliveryPolicy);
  policies.set(subscription, { topic, policy });
  return policy;
}
