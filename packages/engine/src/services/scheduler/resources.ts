/*
 * Resource types of EventBridge Scheduler.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Scheduler.html
 */
import type { CreateScheduleInput } from '@aws-sdk/client-scheduler';
import { dateOf, isoMillis, parseMoment } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import { everyPage, pick, tagChanges, unlessGone } from '../../kernel/resource-types.ts';
import type { Properties, ResourceType } from '../../kernel/service.ts';
import { arnOfGroup } from './group.ts';
import { DEFAULT_GROUP } from './schedule.ts';

const SETTINGS = [
  ...(['Description', 'FlexibleTimeWindow', 'KmsKeyArn', 'ScheduleExpression', 'ScheduleExpressionTimezone'] as const),
  ...(['State', 'Target'] as const),
];
const TARGET = [
  ...['Arn', 'DeadLetterConfig', 'EventBridgeParameters', 'Input', 'KinesisParameters', 'RetryPolicy', 'RoleArn'],
  ...['SageMakerPipelineParameters', 'SqsParameters'],
];

const groupOf = ({ GroupName = DEFAULT_GROUP }: Properties) => GroupName as string;

const momentOf = (name: string, text: string | undefined) => {
  if (text === undefined) return undefined;
  try {
    return dateOf(parseMoment(text));
  } catch {
    throw new AwsError('ValidationException', `${name} is not a date and time: ${text}`);
  }
};

const requestOf = (properties: Properties) =>
  ({
    ...pick(properties, [...SETTINGS]),
    ...pick(
      { StartDate: momentOf('StartDate', properties.StartDate), EndDate: momentOf('EndDate', properties.EndDate) },
      ['StartDate', 'EndDate'],
    ),
    Name: properties.Name,
    GroupName: groupOf(properties),
  }) as CreateScheduleInput;

/** A schedule that changes its group is made there and removed here: the API can't move one. */
const schedule: ResourceType = {
  properties: [
    ...['EndDate', 'GroupName', 'Name', 'StartDate', ...SETTINGS.filter((name) => name !== 'Target')],
    ...TARGET.map((name) => `Target.${name}`),
  ],
  name: { property: 'Name', most: 64 },
  async find({ call }, properties) {
    const { Name } = properties;
    return (await unlessGone(call('scheduler', 'GetSchedule', { Name, GroupName: groupOf(properties) })))?.Name;
  },
  async create({ call }, properties) {
    await call('scheduler', 'CreateSchedule', requestOf(properties));
    return properties.Name;
  },
  async update({ call }, { physicalId: Name, properties: before }, properties) {
    const [from, to] = [groupOf(before), groupOf(properties)];
    const there = from === to || (await unlessGone(call('scheduler', 'GetSchedule', { Name, GroupName: to })));
    await call('scheduler', there ? 'UpdateSchedule' : 'CreateSchedule', requestOf({ ...properties, Name }));
    if (from !== to) await unlessGone(call('scheduler', 'DeleteSchedule', { Name, GroupName: from }));
  },
  async delete({ call }, { physicalId: Name, properties }) {
    await unlessGone(call('scheduler', 'DeleteSchedule', { Name, GroupName: groupOf(properties) }));
  },
  async read({ call }, { physicalId: Name, properties }) {
    const found = await unlessGone(call('scheduler', 'GetSchedule', { Name, GroupName: groupOf(properties) }));
    if (!found) return undefined;
    const { StartDate, EndDate } = found;
    return {
      ...pick(found, ['Arn', 'GroupName', 'Name', ...SETTINGS]),
      ...(StartDate && { StartDate: isoMillis(StartDate.getTime()) }),
      ...(EndDate && { EndDate: isoMillis(EndDate.getTime()) }),
    };
  },
  async list({ call }) {
    const schedules = await everyPage(
      (NextToken) => call('scheduler', 'ListSchedules', { GroupName: DEFAULT_GROUP, NextToken }),
      ({ Schedules }) => Schedules,
    );
    return schedules.map(({ Name }) => ({ Name: Name! }));
  },
};

const scheduleGroup: ResourceType = {
  properties: ['Name', 'Tags'],
  name: { property: 'Name', most: 64 },
  async find({ call }, { Name }) {
    return (await unlessGone(call('scheduler', 'GetScheduleGroup', { Name })))?.Name;
  },
  async create({ call }, { Name, Tags }) {
    await call('scheduler', 'CreateScheduleGroup', { Name, Tags });
    return Name;
  },
  async update({ call, scope }, { physicalId: Name, properties: before }, properties) {
    const ResourceArn = arnOfGroup(scope, Name);
    const { put, removed } = tagChanges(before.Tags, properties.Tags);
    if (removed) await call('scheduler', 'UntagResource', { ResourceArn, TagKeys: removed });
    if (put) await call('scheduler', 'TagResource', { ResourceArn, Tags: put });
  },
  async delete({ call }, { physicalId: Name }) {
    const found = await unlessGone(call('scheduler', 'GetScheduleGroup', { Name }));
    if (found && found.State !== 'DELETING') await unlessGone(call('scheduler', 'DeleteScheduleGroup', { Name }));
  },
  async read({ call }, { physicalId }) {
    const found = await unlessGone(call('scheduler', 'GetScheduleGroup', { Name: physicalId }));
    if (!found) return undefined;
    const { Arn, Name, State, CreationDate, LastModificationDate } = found;
    const { Tags } = await call('scheduler', 'ListTagsForResource', { ResourceArn: Arn });
    return {
      ...{ Arn, Name, State },
      CreationDate: isoMillis(CreationDate!.getTime()),
      LastModificationDate: isoMillis(LastModificationDate!.getTime()),
      ...(Tags?.length && { Tags }),
    };
  },
  async list({ call }) {
    const groups = await everyPage(
      (NextToken) => call('scheduler', 'ListScheduleGroups', { NextToken }),
      ({ ScheduleGroups }) => ScheduleGroups,
    );
    return groups.map(({ Name }) => ({ Name: Name! }));
  },
};

export const resources = { 'AWS::Scheduler::Schedule': schedule, 'AWS::Scheduler::ScheduleGroup': scheduleGroup };
