/*
 * The operations on event buses.
 *
 * Words: EventBridge API Reference, CreateEventBus and its neighbours.
 */
import type {
  CreateEventBusRequest,
  CreateEventBusResponse,
  DeleteEventBusRequest,
  DescribeEventBusRequest,
  DescribeEventBusResponse,
  EventBus,
  ListEventBusesRequest,
  ListEventBusesResponse,
  UpdateEventBusRequest,
  UpdateEventBusResponse,
} from '@aws-sdk/client-eventbridge';
import type { Scope } from '../../kernel/arn.ts';
import { dateOf } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { type Bus, type BusSettings, busArn, buses, DEFAULT, findBus } from './bus.ts';
import { pageBy } from './lists.ts';
import { forgetRoutes } from './routes.ts';
import { rules } from './rule.ts';
import { putTags, removeAllTags } from './tags.ts';

export function createEventBus(ctx: Context, input: CreateEventBusRequest): CreateEventBusResponse {
  const name = input.Name!;
  if (input.EventSourceName) {
    throw new AwsError('ResourceNotFoundException', `Event source ${input.EventSourceName} does not exist.`);
  }
  if (name.includes('/')) throw new AwsError('ValidationException', "Event bus name must not contain '/'.");
  if (name === DEFAULT || ctx.rows(buses).has(name)) {
    throw new AwsError('ResourceAlreadyExistsException', `Event bus ${name} already exists.`);
  }
  const settings = merged({}, input);
  ctx.rows(buses).put(name, { settings, createdAt: ctx.now, modifiedAt: ctx.now });
  const arn = busArn(ctx.scope, name);
  if (input.Tags) putTags(ctx, arn, input.Tags);
  return { EventBusArn: arn, ...settings };
}

export function updateEventBus(ctx: Context, input: UpdateEventBusRequest): UpdateEventBusResponse {
  const { name, bus } = findBus(ctx, input.Name);
  const settings = merged(bus.settings, input);
  ctx.rows(buses).put(name, { ...bus, settings, modifiedAt: ctx.now });
  return { Arn: busArn(ctx.scope, name), Name: name, ...settings };
}

/** A bus that is not there is deleted already. */
export function deleteEventBus(ctx: Context, input: DeleteEventBusRequest): void {
  const name = input.Name!;
  if (name === DEFAULT) throw new AwsError('ValidationException', 'Cannot delete event bus default.');
  if (!ctx.rows(buses).has(name)) return;
  if (ctx.rows(rules).count({ prefix: `${name}/` }) > 0) {
    throw new AwsError('ValidationException', "EventBus can't be deleted since it has rules.");
  }
  ctx.rows(buses).delete(name);
  forgetRoutes(ctx, name);
  removeAllTags(ctx, busArn(ctx.scope, name));
}

export function describeEventBus(ctx: Context, input: DescribeEventBusRequest): DescribeEventBusResponse {
  const { name, bus } = findBus(ctx, input.Name);
  return { ...shapeOf(ctx.scope, name, bus), ...bus.settings };
}

export function listEventBuses(ctx: Context, input: ListEventBusesRequest): ListEventBusesResponse {
  const prefix = input.NamePrefix ?? '';
  const { items, ...next } = pageBy((after = '', limit) => {
    const own = ctx.rows(buses).list({ prefix, after, limit });
    if (!DEFAULT.startsWith(prefix) || after >= DEFAULT || own.some(([name]) => name === DEFAULT)) return own;
    return [...own, [DEFAULT, findBus(ctx).bus] as [string, Bus]].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, limit);
  }, input);
  return { EventBuses: items.map(([name, bus]) => shapeOf(ctx.scope, name, bus)), ...next };
}

/** What is left out stays as it was; an empty text takes a setting away. */
function merged(before: BusSettings, input: UpdateEventBusRequest): BusSettings {
  const { Description = before.Description, KmsKeyIdentifier = before.KmsKeyIdentifier } = input;
  const { DeadLetterConfig = before.DeadLetterConfig, LogConfig = before.LogConfig } = input;
  return {
    ...(Description && { Description }),
    ...(KmsKeyIdentifier && { KmsKeyIdentifier }),
    ...(DeadLetterConfig?.Arn && { DeadLetterConfig }),
    ...(LogConfig && { LogConfig }),
  };
}

/** A bus as AWS lists it. */
function shapeOf(scope: Scope, name: string, bus: Bus): EventBus {
  const { settings, policy, createdAt, modifiedAt } = bus;
  return {
    Name: name,
    Arn: busArn(scope, name),
    ...(settings.Description && { Description: settings.Description }),
    ...(policy && { Policy: policy }),
    ...(createdAt && { CreationTime: dateOf(createdAt) }),
    ...(modifiedAt && { LastModifiedTime: dateOf(modifiedAt) }),
  };
}
