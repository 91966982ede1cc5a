/*
 * AWS::SNS::Subscription.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-subscription.html
 */

import type { Scope } from '../../kernel/arn.ts';
import { everyPage, pick, textOf, unlessGone } from '../../kernel/resource-types.ts';
import type { Properties, ResourceContext, ResourceType } from '../../kernel/service.ts';

const DOCUMENTS = ['DeliveryPolicy', 'FilterPolicy', 'RedrivePolicy'];
/** The scope comes before the policy that is read by it. */
const ATTRIBUTES = ['FilterPolicyScope', 'SubscriptionRoleArn', ...DOCUMENTS, 'RawMessageDelivery'];

/** What an attribute goes back to when its property is taken away. */
const DEFAULTS: Readonly<Record<string, string>> = {
  ...{ DeliveryPolicy: '{}', FilterPolicy: '{}', RedrivePolicy: '{}' },
  ...{ FilterPolicyScope: 'MessageAttributes', RawMessageDelivery: 'false' },
};

function attributesOf(properties: Properties): Record<string, string> {
  return Object.fromEntries(Object.entries(pick(properties, ATTRIBUTES)).map(([name, value]) => [name, textOf(value)]));
}

/** A topic of another region is subscribed to there. */
function scopeOf({ scope }: ResourceContext, { Region, TopicArn }: Properties): { scope: Scope } {
  return { scope: { ...scope, region: Region ?? TopicArn?.split(':')[3] ?? scope.region } };
}

export const subscription: ResourceType = {
  properties: ['Endpoint', 'Protocol', 'Region', 'TopicArn', ...ATTRIBUTES],
  /** To subscribe again gives the subscription that is there, so none is looked for. */
  async create(ctx, properties) {
    const { Endpoint, Protocol, TopicArn } = properties;
    const request = { Endpoint, Protocol, TopicArn, Attributes: attributesOf(properties), ReturnSubscriptionArn: true };
    return (await ctx.call('sns', 'Subscribe', request, scopeOf(ctx, properties))).SubscriptionArn!;
  },
  async update(ctx, { physicalId: SubscriptionArn, properties: before }, properties) {
    const [was, is] = [attributesOf(before), attributesOf(properties)];
    const set = async (AttributeName: string, AttributeValue: string) => {
      const request = { SubscriptionArn, AttributeName, AttributeValue };
      await ctx.call('sns', 'SetSubscriptionAttributes', request, scopeOf(ctx, properties));
    };
    // A filter policy need not fit the other scope, so it is away while the scope changes.
    const rescoped = was.FilterPolicyScope !== is.FilterPolicyScope && was.FilterPolicy !== undefined;
    if (rescoped) await set('FilterPolicy', '{}');
    for (const name of ATTRIBUTES) {
      const changed = was[name] !== is[name] || (rescoped && name === 'FilterPolicy' && is[name] !== undefined);
      if (changed) await set(name, is[name] ?? DEFAULTS[name] ?? '');
    }
  },
  /** One that waits for its confirmation can't be ended; it goes by itself. */
  async delete(ctx, { physicalId: SubscriptionArn, properties }) {
    const where = scopeOf(ctx, { TopicArn: SubscriptionArn, ...properties });
    const found = await unlessGone(ctx.call('sns', 'GetSubscriptionAttributes', { SubscriptionArn }, where));
    if (!found || found.Attributes!.PendingConfirmation === 'true') return;
    await unlessGone(ctx.call('sns', 'Unsubscribe', { SubscriptionArn }, where));
  },
  async read(ctx, { physicalId: SubscriptionArn, properties }) {
    const where = scopeOf(ctx, { TopicArn: SubscriptionArn, ...properties });
    const found = await unlessGone(ctx.call('sns', 'GetSubscriptionAttributes', { SubscriptionArn }, where));
    if (!found) return undefined;
    const { Endpoint, Protocol, TopicArn, ...attributes } = found.Attributes as Record<string, string>;
    const held = Object.entries(pick(attributes, ATTRIBUTES)).map(([name, value]) => [name, propertyOf(name, value!)]);
    return { Arn: SubscriptionArn, Endpoint, Protocol, TopicArn, ...Object.fromEntries(held) };
  },
  async list({ call }) {
    const subscriptions = await everyPage(
      (NextToken) => call('sns', 'ListSubscriptions', { NextToken }),
      ({ Subscriptions }) => Subscriptions,
    );
    return subscriptions
      .filter(({ SubscriptionArn }) => SubscriptionArn !== 'PendingConfirmation')
      .map(({ SubscriptionArn }) => ({ Arn: SubscriptionArn }));
  },
};

function propertyOf(name: string, value: string): unknown {
  if (name === 'RawMessageDelivery') return /^true$/i.test(value);
  return DOCUMENTS.includes(name) ? JSON.parse(value) : value;
}
