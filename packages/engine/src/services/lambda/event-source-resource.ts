/*
 * The resource type of event source mappings.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventsourcemapping.html
 */
import type { CreateEventSourceMappingRequest } from '@aws-sdk/client-lambda';
import { everyPage, pick, tagChanges, tagList, tagMap, unlessGone } from '../../kernel/resource-types.ts';
import type { Properties, ResourceType } from '../../kernel/service.ts';
import { mappingArn } from './event-source-mapping.ts';

/** What UpdateEventSourceMapping sets, and what it goes back to when its property is taken away. */
const SETTINGS: Readonly<Record<string, unknown>> = {
  BatchSize: 10,
  Enabled: true,
  FilterCriteria: {},
  FunctionName: undefined,
  FunctionResponseTypes: [],
  LoggingConfig: {},
  MaximumBatchingWindowInSeconds: 0,
  MetricsConfig: { Metrics: [] },
  ProvisionedPollerConfig: {},
  ScalingConfig: {},
};
const SETTING_NAMES = Object.keys(SETTINGS);
const DISABLED: ReadonlySet<string> = new Set(['Disabling', 'Disabled']);

export const eventSourceMapping: ResourceType = {
  properties: ['EventSourceArn', 'KmsKeyArn', 'Tags', ...SETTING_NAMES],
  async find({ call }, { EventSourceArn, FunctionName }) {
    const found = await unlessGone(call('lambda', 'ListEventSourceMappings', { EventSourceArn, FunctionName }));
    return found?.EventSourceMappings?.[0]?.UUID;
  },
  async create({ call }, properties) {
    const request = {
      ...pick(properties, ['EventSourceArn', ...SETTING_NAMES]),
      ...{ KMSKeyArn: properties.KmsKeyArn, Tags: tagMap(properties.Tags) },
    };
    return (await call('lambda', 'CreateEventSourceMapping', request as CreateEventSourceMappingRequest)).UUID!;
  },
  async update(ctx, { physicalId: UUID, properties: before }, properties) {
    const dropped = SETTING_NAMES.filter((name) => before[name] !== undefined && properties[name] === undefined);
    const defaults = Object.fromEntries(dropped.map((name) => [name, SETTINGS[name]]));
    const KMSKeyArn = properties.KmsKeyArn ?? (before.KmsKeyArn && '');
    const settings = pick(properties, SETTING_NAMES);
    await ctx.call('lambda', 'UpdateEventSourceMapping', { UUID, KMSKeyArn, ...defaults, ...settings });
    const { put, removed } = tagChanges(before.Tags, properties.Tags);
    const Resource = mappingArn(ctx.scope, UUID);
    if (removed) await ctx.call('lambda', 'UntagResource', { Resource, TagKeys: removed });
    if (put) await ctx.call('lambda', 'TagResource', { Resource, Tags: tagMap(put) });
  },
  async delete({ call }, { physicalId: UUID }) {
    await unlessGone(call('lambda', 'DeleteEventSourceMapping', { UUID }));
  },
  async read(ctx, { physicalId: UUID }) {
    const found = await unlessGone(ctx.call('lambda', 'GetEventSourceMapping', { UUID }));
    if (!found) return undefined;
    const { Tags } = await ctx.call('lambda', 'ListTags', { Resource: mappingArn(ctx.scope, UUID) });
    return {
      Id: UUID,
      ...pick(found as Properties, ['EventSourceArn', 'EventSourceMappingArn', ...SETTING_NAMES]),
      FunctionName: found.FunctionArn,
      Enabled: !DISABLED.has(found.State!),
      ...(found.KMSKeyArn && { KmsKeyArn: found.KMSKeyArn }),
      ...pick({ Tags: tagList(Tags) }, ['Tags']),
    };
  },
  async list({ call }) {
    const mappings = await everyPage(
      (Marker) => call('lambda', 'ListEventSourceMappings', { Marker }),
      ({ EventSourceMappings }) => EventSourceMappings,
    );
    return mappings.map(({ UUID }) => ({ Id: UUID! }));
  },
};
