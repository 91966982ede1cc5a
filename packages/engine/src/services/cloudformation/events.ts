/*
 * What happened to a stack and its resources, newest first, and who is told: DescribeStackEvents and the topics that a
 * stack notifies.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_StackEvent.html
 */
import type {
  DescribeEventsInput,
  DescribeEventsOutput,
  DescribeStackEventsInput,
  DescribeStackEventsOutput,
  OperationEvent,
  ResourceStatus,
  StackEvent,
  StackStatus,
} from '@aws-sdk/client-cloudformation';
import { dateOf, isoMillis } from '../../kernel/clock.ts';
import { page } from '../../kernel/paging.ts';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { changeSetOf } from './change-set.ts';
import { invalid } from './errors.ts';
import {
  findStack,
  keyOf,
  resourceKey,
  type Stack,
  type StackResource,
  saveStack,
  stackResources,
  stacks,
} from './stack.ts';

export interface KeptEvent {
  readonly id: string;
  readonly at: number;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: ResourceStatus | StackStatus;
  readonly reason?: string;
  readonly properties?: string;
  readonly token?: string;
  readonly operation?: string;
}

/** By stack and number, which counts down: so the newest comes first. */
export const events = table<KeptEvent>('cloudformation.events');

const PAGE = 100;
/** So many events are kept of a stack, the newest. */
const MOST_EVENTS = 5_000;
const FIRST = 10 ** 12 - 1;

function keep(ctx: Context, stack: Stack, event: KeptEvent): void {
  const rows = ctx.rows(events);
  const prefix = `${keyOf(stack.id)}/`;
  const [newest] = rows.list({ prefix, limit: 1 });
  const number = newest ? Number(newest[0].slice(prefix.length)) - 1 : FIRST;
  // Tools put events in order by their moments: no two of a stack have the same.
  const at = Math.max(event.at, newest ? newest[1].at + 1 : 0);
  rows.put(prefix + number, { ...event, at });
  rows.delete(prefix + (number + MOST_EVENTS));
  for (const targetArn of stack.operation?.target.notificationArns ?? stack.design?.notificationArns ?? []) {
    notify(ctx, stack, event, targetArn);
  }
}

/** A message as CloudFormation publishes it: lines of `Name='value'`. */
function notify(ctx: Context, stack: Stack, event: KeptEvent, targetArn: string): void {
  const lines = {
    StackId: stack.id,
    Timestamp: isoMillis(event.at),
    EventId: event.id,
    LogicalResourceId: event.logicalId,
    Namespace: ctx.scope.account,
    PhysicalResourceId: event.physicalId,
    ResourceProperties: event.properties ?? 'null',
    ResourceStatus: event.status,
    ResourceStatusReason: event.reason ?? '',
    ResourceType: event.type,
    StackName: stack.name,
    ClientRequestToken: event.token ?? 'null',
  };
  const payload = Object.entries(lines)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join('');
  ctx.deliver({
    targetArn,
    payload,
    principal: 'cloudformation.amazonaws.com',
    sourceArn: stack.id,
    parameters: { subject: 'AWS CloudFormation Notification' },
  });
}

/** Brings a stack to a status, and says so. */
export function setStatus(ctx: Context, stack: Stack, status: StackStatus, reason?: string): Stack {
  const { statusReason: _before, ...rest } = stack;
  const next: Stack = { ...rest, status, ...(reason !== undefined && { statusReason: reason }) };
  saveStack(ctx, next);
  keep(ctx, next, {
    id: ctx.ids.uuid(),
    at: ctx.now,
    logicalId: stack.name,
    physicalId: stack.id,
    type: 'AWS::CloudFormation::Stack',
    status,
    ...(reason !== undefined && { reason }),
    ...operationOf(stack),
  });
  return next;
}

const operationOf = ({ operation }: Stack) => ({
  ...(operation?.token !== undefined && { token: operation.token }),
  ...(operation && { operation: operation.id }),
});

/** Brings a resource to a status, and says so. */
export function setResource(ctx: Context, stack: Stack, resource: StackResource, physicalId?: string): void {
  ctx.rows(stackResources).put(resourceKey(stack.id, resource.logicalId), { ...resource, at: ctx.now });
  tell(ctx, stack, resource, { physicalId: physicalId ?? resource.made?.physicalId ?? '' });
}

/** Says what happens to a resource, where that changes nothing in what is kept of it. */
export function tell(
  ctx: Context,
  stack: Stack,
  {
    logicalId,
    type,
    status,
    reason,
    made,
    making,
  }: Pick<StackResource, 'logicalId' | 'type' | 'status' | 'reason' | 'made' | 'making'>,
  { physicalId }: { physicalId: string },
): void {
  const properties = making?.properties ?? made?.properties;
  keep(ctx, stack, {
    id: `${logicalId}-${status}-${isoMillis(ctx.now)}-${ctx.ids.hex(6)}`,
    at: ctx.now,
    ...{ logicalId, physicalId, type, status },
    ...(reason !== undefined && { reason }),
    ...(properties && { properties: JSON.stringify(properties) }),
    ...operationOf(stack),
  });
}

export function describeStackEvents(ctx: Context, input: DescribeStackEventsInput): DescribeStackEventsOutput {
  const stack = findStack(ctx, input.StackName!, (name) => invalid(`Stack [${name}] does not exist`));
  const prefix = `${keyOf(stack.id)}/`;
  const { items, nextToken } = page(
    (after, limit) => ctx.rows(events).list({ prefix, limit, ...(after !== undefined && { after }) }),
    { token: input.NextToken, most: PAGE, invalid: () => invalid('NextToken is invalid') },
  );
  return {
    StackEvents: items.map(([, event]) => eventOf(stack, event)),
    ...(nextToken && { NextToken: nextToken }),
  };
}

function eventOf(stack: Stack, event: KeptEvent): StackEvent {
  return {
    StackId: stack.id,
    EventId: event.id,
    StackName: stack.name,
    ...(event.operation && { OperationId: event.operation }),
    LogicalResourceId: event.logicalId,
    PhysicalResourceId: event.physicalId,
    ResourceType: event.type,
    Timestamp: dateOf(event.at),
    ResourceStatus: event.status as ResourceStatus,
    ...(event.reason !== undefined && { ResourceStatusReason: event.reason }),
    ...(event.properties !== undefined && { ResourceProperties: event.properties }),
    ...(event.token !== undefined && { ClientRequestToken: event.token }),
  };
}

/** Events of a stack's operations, or of one operation; those that failed alone, where asked. */
export function describeEvents(ctx: Context, input: DescribeEventsInput): DescribeEventsOutput {
  const { StackName, ChangeSetName, OperationId, Filters } = input;
  if (StackName === undefined && ChangeSetName === undefined && OperationId === undefined) {
    throw invalid('At least one of StackName, ChangeSetName or OperationId must be specified.');
  }
  // To make a change set does nothing to resources: there is nothing to tell of one.
  if (ChangeSetName !== undefined && changeSetOf(ctx, ChangeSetName, StackName)) return { OperationEvents: [] };
  const stackId = StackName === undefined ? undefined : findStack(ctx, StackName).id;
  const about = (key: string, { operation, status }: KeptEvent) =>
    (stackId === undefined || key.startsWith(`${keyOf(stackId)}/`)) &&
    (OperationId === undefined || operation === OperationId) &&
    (!Filters?.FailedEvents || status.endsWith('_FAILED'));
  const { items, nextToken } = page(
    (after, limit) =>
      ctx
        .rows(events)
        .list({ ...(after !== undefined && { after }) })
        .filter(([key, event]) => about(key, event))
        .slice(0, limit),
    { token: input.NextToken, most: PAGE, invalid: () => invalid('NextToken is invalid') },
  );
  return {
    OperationEvents: items.map(([key, event]) => operationEventOf(ctx.rows(stacks).get(key.split('/')[0]!)!, event)),
    ...(nextToken && { NextToken: nextToken }),
  };
}

function operationEventOf(stack: Stack, event: KeptEvent): OperationEvent {
  const { StackName: _name, ...told } = eventOf(stack, event);
  const { operation } = event;
  const type = stack.lastOperations.find(({ OperationId }) => OperationId === operation)?.OperationType;
  const failed = event.status.endsWith('_FAILED');
  return {
    ...told,
    ...(type !== undefined && { OperationType: type as NonNullable<OperationEvent['OperationType']> }),
    EventType: event.physicalId === stack.id ? 'STACK_EVENT' : failed ? 'PROVISIONING_ERROR' : 'PROGRESS_EVENT',
  };
}
