/* ScheduleV2: schedules of EventBridge Scheduler, each with a role. */
import type { Value } from '../../template/value.ts';
import type { Expansion } from '../expansion.ts';
import { allowing } from '../policies.ts';
import { properties } from '../properties.ts';
import { addRole } from '../role.ts';
import { compact, getAtt } from '../values.ts';
import { deadLetter, type EventSource, type EventType } from './source.ts';

export const SCHEDULE_V2: EventType = {
  properties: properties(
    'ScheduleExpression!:string FlexibleTimeWindow Name State Description StartDate EndDate GroupName KmsKeyArn OmitName',
    'ScheduleExpressionTimezone Input RoleArn RetryPolicy DeadLetterConfig PermissionsBoundary:string',
  ),
  expand(expansion, event) {
    const { id, values, target } = event;
    const { OmitName, Input, RetryPolicy, RoleArn, DeadLetterConfig, PermissionsBoundary, ...same } = values;
    const { config } = deadLetter(expansion, event);
    const called = compact({
      Arn: target.arn,
      RoleArn: RoleArn ?? addScheduleRole(expansion, event, config?.Arn),
      Input,
      DeadLetterConfig: config,
      RetryPolicy,
    });
    const schedule = {
      ...same,
      FlexibleTimeWindow: values.FlexibleTimeWindow ?? { Mode: 'OFF' },
      Name: values.Name ?? (OmitName === true ? undefined : id),
      Target: called,
    };
    expansion.add(id, 'AWS::Scheduler::Schedule', schedule, target.attributes);
  },
};

function addScheduleRole(
  expansion: Expansion,
  { id, values, target }: EventSource,
  queueArn: Value | undefined,
): Value {
  const starts = target.name === undefined;
  const call = starts
    ? allowing(`${id}StartExecutionPolicy`, 'states:StartExecution', target.arn)
    : allowing(`${id}LambdaPolicy`, 'lambda:InvokeFunction', target.arn);
  const role = addRole(expansion, {
    id: `${id}Role`,
    service: 'scheduler.amazonaws.com',
    policies: [call, ...(queueArn ? [allowing(`${id}SQSPolicy`, 'sqs:SendMessage', queueArn)] : [])],
    permissionsBoundary: values.PermissionsBoundary,
    tags: target.tags,
    attributes: target.attributes,
  });
  return getAtt(role, 'Arn');
}
