/*
 * Event buses: every account has the one named default in each region.
 *
 * Words: EventBridge API Reference, DescribeEventBus and ListEventBuses.
 */
import type {
  DescribeEventBusRequest,
  DescribeEventBusResponse,
  EventBus,
  ListEventBusesRequest,
  ListEventBusesResponse,
} from '@aws-sdk/client-eventbridge';
import { formatArn } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context, Scope } from '../../kernel/service.ts';

const DEFAULT = 'default';

/** The name of the bus that a request means, by its name or ARN; `default` when it names none. Throws AWS's error. */
export function busName(scope: Scope, nameOrArn: string = DEFAULT): string {
  if (nameOrArn !== DEFAULT && nameOrArn !== busArn(scope, DEFAULT)) {
    throw new AwsError('ResourceNotFoundException', `Event bus ${nameOrArn} does not exist.`);
  }
  return DEFAULT;
}

export function busArn(scope: Scope, name: string): string {
  return formatArn('events', scope, `event-bus/${name}`);
}

export function describeEventBus(ctx: Context, input: DescribeEventBusRequest): DescribeEventBusResponse {
  return shapeOf(ctx.scope, busName(ctx.scope, input.Name));
}

/** There is one bus at most: no page has a next one. */
export function listEventBuses(ctx: Context, input: ListEventBusesRequest): ListEventBusesResponse {
  const names = [DEFAULT].filter((name) => name.startsWith(input.NamePrefix ?? ''));
  return { EventBuses: names.map((name) => shapeOf(ctx.scope, name)) };
}

function shapeOf(scope: Scope, name: string): EventBus {
  return { Name: name, Arn: busArn(scope, name) };
}
