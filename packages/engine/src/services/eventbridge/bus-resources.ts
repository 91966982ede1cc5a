/*
 * AWS::Events::EventBus and AWS::Events::EventBusPolicy, which is one statement of a bus's policy.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-eventbus.html
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-eventbuspolicy.html
 */
import type { PutPermissionRequest } from '@aws-sdk/client-eventbridge';
import { everyPage, pick, tagChanges, textOf, unlessGone } from '../../kernel/resource-types.ts';
import type { Host, Properties, ResourceContext, ResourceType } from '../../kernel/service.ts';
import { busArn, DEFAULT } from './bus.ts';

const SETTINGS = ['DeadLetterConfig', 'Description', 'KmsKeyIdentifier', 'LogConfig'] as const;

/** What a setting goes back to when its property is taken away. */
const DEFAULTS = {
  DeadLetterConfig: {},
  Description: '',
  KmsKeyIdentifier: '',
  LogConfig: { IncludeDetail: 'NONE', Level: 'OFF' },
} as const;

export const eventBus: ResourceType = {
  properties: ['Name', 'Policy', 'Tags', ...SETTINGS],
  async find({ call }, { Name }) {
    return (await unlessGone(call('eventbridge', 'DescribeEventBus', { Name })))?.Name;
  },
  async create(ctx, properties) {
    const { Name, Tags, Policy } = properties;
    await ctx.call('eventbridge', 'CreateEventBus', { Name, Tags, ...pick(properties, [...SETTINGS]) });
    if (Policy) await ctx.call('eventbridge', 'PutPermission', { EventBusName: Name, Policy: textOf(Policy) });
    return Name;
  },
  async update(ctx, { physicalId: Name, properties: before }, properties) {
    const dropped = SETTINGS.filter((name) => before[name] !== undefined && properties[name] === undefined);
    await ctx.call('eventbridge', 'UpdateEventBus', {
      Name,
      ...pick(DEFAULTS, dropped),
      ...pick(properties, [...SETTINGS]),
    });
    const policy = properties.Policy && textOf(properties.Policy);
    if (policy) await ctx.call('eventbridge', 'PutPermission', { EventBusName: Name, Policy: policy });
    else if (before.Policy) {
      await ctx.call('eventbridge', 'RemovePermission', { EventBusName: Name, RemoveAllPermissions: true });
    }
    const { put, removed } = tagChanges(before.Tags, properties.Tags);
    const ResourceARN = busArn(ctx.scope, Name);
    if (removed) await ctx.call('eventbridge', 'UntagResource', { ResourceARN, TagKeys: removed });
    if (put) await ctx.call('eventbridge', 'TagResource', { ResourceARN, Tags: put });
  },
  async delete({ call }, { physicalId: Name }) {
    await call('eventbridge', 'DeleteEventBus', { Name });
  },
  async read({ call }, { physicalId: Name }) {
    const found = await unlessGone(call('eventbridge', 'DescribeEventBus', { Name }));
    if (!found) return undefined;
    const { Tags } = await call('eventbridge', 'ListTagsForResource', { ResourceARN: found.Arn });
    return {
      ...pick(found, ['Arn', 'Name', ...SETTINGS]),
      ...(found.Policy && { Policy: JSON.parse(found.Policy) }),
      ...(Tags?.length && { Tags }),
    };
  },
  async list({ call }) {
    const buses = await everyPage(
      (NextToken) => call('eventbridge', 'ListEventBuses', { NextToken }),
      ({ EventBuses }) => EventBuses,
    );
    return buses.map(({ Name }) => ({ Name }));
  },
};

export const eventBusPolicy: ResourceType = {
  properties: ['Action', 'Condition', 'EventBusName', 'Principal', 'Statement', 'StatementId'],
  physicalId: idOf,
  async find({ call }, { EventBusName, StatementId }) {
    const statements = await statementsOf(call, EventBusName);
    return statements?.some(({ Sid }) => Sid === StatementId) ? idOf({ EventBusName, StatementId }) : undefined;
  },
  async create(ctx, properties) {
    await put(ctx, properties);
    return idOf(properties);
  },
  async update(ctx, _before, properties) {
    await put(ctx, properties);
  },
  async delete({ call }, { physicalId }) {
    const { EventBusName, StatementId } = partsOf(physicalId);
    await unlessGone(call('eventbridge', 'RemovePermission', { EventBusName, StatementId }));
  },
  async read({ call }, { physicalId }) {
    const { EventBusName, StatementId } = partsOf(physicalId);
    const statement = (await statementsOf(call, EventBusName))?.find(({ Sid }) => Sid === StatementId);
    return statement && { EventBusName, StatementId, Statement: statement };
  },
};

function idOf({ EventBusName = DEFAULT, StatementId }: Properties): string {
  return `${EventBusName}|${StatementId}`;
}

function partsOf(physicalId: string): { EventBusName: string; StatementId: string } {
  const [EventBusName, StatementId] = physicalId.split('|') as [string, string];
  return { EventBusName, StatementId };
}

async function statementsOf(call: ResourceContext['call'], Name?: string): Promise<Properties[] | undefined> {
  const bus = await unlessGone(call('eventbridge', 'DescribeEventBus', { Name }));
  return bus && (bus.Policy ? JSON.parse(bus.Policy).Statement : []);
}

/** A statement that is given whole goes into the bus's policy, which the API takes whole alone. */
async function put(ctx: ResourceContext, { Statement, ...properties }: Properties): Promise<void> {
  if (!Statement) {
    await ctx.call('eventbridge', 'PutPermission', properties as PutPermissionRequest);
    return;
  }
  const { EventBusName, StatementId } = properties;
  await inTurn(ctx.host, async () => {
    const others = (await statementsOf(ctx.call, EventBusName))?.filter(({ Sid }) => Sid !== StatementId) ?? [];
    const statements = [...others, { ...Statement, Sid: StatementId }];
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: statements });
    await ctx.call('eventbridge', 'PutPermission', { EventBusName, Policy });
  });
}

/** What each engine's statements wait for: a stack makes its resources side by side, and a policy is read and written. */
const turns = new WeakMap<Host, Promise<void>>();

function inTurn(host: Host, work: () => Promise<void>): Promise<void> {
  const turn = (turns.get(host) ?? Promise.resolve()).then(work, work);
  turns.set(host, turn);
  return turn;
}
