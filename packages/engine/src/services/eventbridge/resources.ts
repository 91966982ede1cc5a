/*
 * Resource types of EventBridge.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Events.html
 */
import type { Target } from '@aws-sdk/client-eventbridge';
import { parseArn, type Scope } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import { everyPage, pick, tagChanges, textOf, unlessGone } from '../../kernel/resource-types.ts';
import type { Properties, ResourceContext, ResourceType } from '../../kernel/service.ts';
import { archive } from './archive-resource.ts';
import { DEFAULT } from './bus.ts';
import { eventBus, eventBusPolicy } from './bus-resources.ts';

/** PutTargets takes and ListTargetsByRule gives so many at once. */
const TARGETS_AT_ONCE = 10;

/** All of a target but `EcsParameters`: Carillon runs no tasks. */
const TARGET = [
  ...['AppSyncParameters', 'Arn', 'BatchParameters', 'DeadLetterConfig', 'HttpParameters', 'Id', 'Input', 'InputPath'],
  ...['InputTransformer', 'KinesisParameters', 'RedshiftDataParameters', 'RetryPolicy', 'RoleArn'],
  ...['RunCommandParameters', 'SageMakerPipelineParameters', 'SqsParameters'],
];

const nameOf = (physicalId: string) => {
  const [bus, name] = physicalId.includes('|') ? physicalId.split('|') : [undefined, physicalId];
  return { Name: name!, EventBusName: bus };
};

/** The bus's name; of another account's bus the ARN, for there it is to be found. */
function busOf({ EventBusName = DEFAULT }: Properties, { account }: Scope): string {
  const arn = parseArn(EventBusName);
  return arn && arn.account === account ? arn.resource.slice('event-bus/'.length) : EventBusName;
}

/** `Ref` gives the name on the default bus, and `<bus>|<name>` on another. */
function idOf(properties: Properties, scope: Scope): string {
  const bus = busOf(properties, scope);
  return bus === DEFAULT ? properties.Name : `${bus}|${properties.Name}`;
}

const rule: ResourceType = {
  properties: [
    ...['Description', 'EventBusName', 'EventPattern', 'Name', 'RoleArn', 'ScheduleExpression', 'State', 'Tags'],
    ...TARGET.map((name) => `Targets.${name}`),
  ],
  name: { property: 'Name', most: 64 },
  physicalId({ Arn }) {
    const parts = Arn.split('/').slice(1);
    return parts.join('|');
  },
  async find({ call, scope }, properties) {
    const id = idOf(properties, scope);
    return (await unlessGone(call('eventbridge', 'DescribeRule', nameOf(id)))) && id;
  },
  async create(ctx, properties) {
    await put(ctx, properties, properties.Tags);
    await putTargets(ctx, properties, []);
    return idOf(properties, ctx.scope);
  },
  async update(ctx, { physicalId, properties: before }, properties) {
    const { RuleArn: ResourceARN } = await put(ctx, { ...properties, ...nameOf(physicalId) });
    await putTargets(ctx, { ...properties, ...nameOf(physicalId) }, before.Targets ?? []);
    const { put: added, removed } = tagChanges(before.Tags, properties.Tags);
    if (removed) await ctx.call('eventbridge', 'UntagResource', { ResourceARN, TagKeys: removed });
    if (added) await ctx.call('eventbridge', 'TagResource', { ResourceARN, Tags: added });
  },
  async delete({ call }, { physicalId }) {
    const { Name, EventBusName } = nameOf(physicalId);
    const targets = await unlessGone(listTargets(call, physicalId));
    for (let at = 0; at < (targets?.length ?? 0); at += TARGETS_AT_ONCE) {
      const Ids = targets!.slice(at, at + TARGETS_AT_ONCE).map(({ Id }) => Id!);
      await call('eventbridge', 'RemoveTargets', { Rule: Name, EventBusName, Ids });
    }
    await unlessGone(call('eventbridge', 'DeleteRule', { Name, EventBusName }));
  },
  async read({ call }, { physicalId }) {
    const found = await unlessGone(call('eventbridge', 'DescribeRule', nameOf(physicalId)));
    if (!found) return undefined;
    const targets = await listTargets(call, physicalId);
    const { Tags = [] } = await call('eventbridge', 'ListTagsForResource', { ResourceARN: found.Arn });
    return {
      ...pick(found, ['Arn', 'Name', 'EventBusName', 'Description', 'RoleArn', 'ScheduleExpression', 'State']),
      RuleName: found.Name,
      ...(found.EventPattern && { EventPattern: JSON.parse(found.EventPattern) }),
      ...(targets.length > 0 && { Targets: targets }),
      ...(Tags.length > 0 && { Tags }),
    };
  },
  async list({ call }) {
    const buses = await everyPage(
      (NextToken) => call('eventbridge', 'ListEventBuses', { NextToken }),
      ({ EventBuses }) => EventBuses,
    );
    const rules = buses.map(({ Name: EventBusName }) =>
      everyPage(
        (NextToken) => call('eventbridge', 'ListRules', { EventBusName, NextToken }),
        (page) => page.Rules,
      ),
    );
    return (await Promise.all(rules)).flat().map(({ Arn }) => ({ Arn }));
  },
};

function put({ call }: ResourceContext, properties: Properties, Tags?: Properties['Tags']) {
  const { EventPattern, ...rest } = properties;
  const pattern = EventPattern && textOf(EventPattern);
  const names = ['Description', 'EventBusName', 'Name', 'RoleArn', 'ScheduleExpression', 'State'] as const;
  return call('eventbridge', 'PutRule', { ...(pick(rest, names) as { Name: string }), EventPattern: pattern, Tags });
}

async function putTargets({ call }: ResourceContext, properties: Properties, before: readonly Target[]): Promise<void> {
  const {
    Name: Rule,
    EventBusName,
    Targets = [],
  } = properties as { Name: string; EventBusName?: string; Targets?: Target[] };
  const ids = new Set(Targets.map(({ Id }) => Id));
  const gone = before.map(({ Id }) => Id!).filter((id) => !ids.has(id));
  if (gone.length > 0) await call('eventbridge', 'RemoveTargets', { Rule, EventBusName, Ids: gone });
  for (let at = 0; at < Targets.length; at += TARGETS_AT_ONCE) {
    const request = { Rule, EventBusName, Targets: Targets.slice(at, at + TARGETS_AT_ONCE) };
    const [failed] = (await call('eventbridge', 'PutTargets', request)).FailedEntries ?? [];
    if (failed) throw new AwsError(failed.ErrorCode ?? 'ValidationException', failed.ErrorMessage ?? '');
  }
}

function listTargets(call: ResourceContext['call'], physicalId: string): Promise<Target[]> {
  const { Name: Rule, EventBusName } = nameOf(physicalId);
  return everyPage(
    (NextToken) => call('eventbridge', 'ListTargetsByRule', { Rule, EventBusName, NextToken }),
    (page) => page.Targets,
  );
}

export const resources = {
  'AWS::Events::Archive': archive,
  'AWS::Events::EventBus': eventBus,
  'AWS::Events::EventBusPolicy': eventBusPolicy,
  'AWS::Events::Rule': rule,
};
