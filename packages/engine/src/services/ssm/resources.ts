/*
 * Resource types of Systems Manager.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_SSM.html
 */
import { everyPage, pick, tagChanges, tagList, tagMap, unlessGone } from '../../kernel/resource-types.ts';
import type { Properties, ResourceType } from '../../kernel/service.ts';

const SIMPLE = ['AllowedPattern', 'DataType', 'Description', 'Name', 'Policies', 'Tier', 'Type', 'Value'] as const;

const requestOf = (properties: Properties) => ({
  ...pick(properties, [...SIMPLE]),
  Name: properties.Name as string,
  Value: properties.Value as string,
});

const parameter: ResourceType = {
  properties: [...SIMPLE, 'Tags'],
  name: { property: 'Name', most: 900 },
  async find({ call }, { Name }) {
    return (await unlessGone(call('ssm', 'GetParameter', { Name })))?.Parameter?.Name;
  },
  async create({ call }, properties) {
    await call('ssm', 'PutParameter', { ...requestOf(properties), Tags: tagList(properties.Tags) });
    return properties.Name;
  },
  async update({ call }, { physicalId: ResourceId, properties: before }, properties) {
    await call('ssm', 'PutParameter', { ...requestOf({ ...properties, Name: ResourceId }), Overwrite: true });
    const { put, removed } = tagChanges(tagList(before.Tags), tagList(properties.Tags));
    const resource = { ResourceType: 'Parameter', ResourceId } as const;
    if (removed) await call('ssm', 'RemoveTagsFromResource', { ...resource, TagKeys: removed });
    if (put) await call('ssm', 'AddTagsToResource', { ...resource, Tags: put });
  },
  async delete({ call }, { physicalId: Name }) {
    await unlessGone(call('ssm', 'DeleteParameter', { Name }));
  },
  async read({ call }, { physicalId: Name }) {
    const found = await unlessGone(call('ssm', 'GetParameter', { Name }));
    if (!found) return undefined;
    const { Type, Value, DataType } = found.Parameter!;
    const filter = { Key: 'Name', Option: 'Equals', Values: [Name] };
    const { Parameters = [] } = await call('ssm', 'DescribeParameters', { ParameterFilters: [filter] });
    const { Description, AllowedPattern, Tier, Policies = [] } = Parameters[0] ?? {};
    const { TagList } = await call('ssm', 'ListTagsForResource', { ResourceType: 'Parameter', ResourceId: Name });
    const Tags = tagMap(TagList as { Key: string; Value: string }[]);
    return {
      ...{ Name, Type, Value, DataType, Tier },
      ...pick({ Description, AllowedPattern, Tags }, ['Description', 'AllowedPattern', 'Tags']),
      ...(Policies.length > 0 && { Policies: `[${Policies.map(({ PolicyText }) => PolicyText).join(',')}]` }),
    };
  },
  async list({ call }) {
    const parameters = await everyPage(
      (NextToken) => call('ssm', 'DescribeParameters', { NextToken }),
      ({ Parameters }) => Parameters,
    );
    return parameters.map(({ Name }) => ({ Name: Name! }));
  },
};

export const resources = { 'AWS::SSM::Parameter': parameter };
