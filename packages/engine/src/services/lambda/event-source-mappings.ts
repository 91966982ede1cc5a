/*
 * The operations on event source mappings.
 *
 * Words: Lambda API Reference, CreateEventSourceMapping and its neighbours; Developer Guide, "Creating and configuring
 * an Amazon SQS event source mapping" (the role's permissions, the queue's visibility timeout).
 */
import type {
  CreateEventSourceMappingRequest,
  DeleteEventSourceMappingRequest,
  EventSourceMappingConfiguration,
  GetEventSourceMappingRequest,
  ListEventSourceMappingsRequest,
  ListEventSourceMappingsResponse,
  UpdateEventSourceMappingRequest,
} from '@aws-sdk/client-lambda';
import { AwsError } from '../../kernel/errors.ts';
import { page } from '../../kernel/paging.ts';
import type { Context, WaitingContext } from '../../kernel/service.ts';
import {
  type EventSourceMapping,
  eventSourceMappings,
  findMapping,
  mappingsOf,
  putMapping,
  queueUrlOf,
  readerOf,
  shown,
  targetArn,
} from './event-source-mapping.ts';
import { queueArnOf, type Settings, settle } from './event-source-settings.ts';
import {
  conflict,
  type FoundFunction,
  type FunctionReference,
  findFunction,
  functionArn,
  functionNotFound,
  invalidParameter,
  lookUp,
} from './function.ts';
import { checkTags } from './tags.ts';

/** A page has at most 100 mappings (API Reference, ListEventSourceMappings). */
const MOST_LISTED = 100;

export async function createEventSourceMapping(
  ctx: WaitingContext,
  input: CreateEventSourceMappingRequest,
): Promise<EventSourceMappingConfiguration> {
  const { FunctionName, Enabled = true, Tags, ...settings } = input;
  checkTags(Tags);
  const queueArn = queueArnOf(ctx.scope, input);
  const settled = settle(queueArn, withoutSource(settings));
  const find = (tx: Context) => {
    const found = findFunction(tx, FunctionName!);
    checkUnique(tx, queueArn, found);
    return found;
  };
  await checkQueue(ctx, queueArn, await ctx.transact(find));
  return ctx.transact((tx) => {
    const { name, qualifier } = find(tx);
    return putMapping(tx, tx.ids.uuid(), {
      queueArn,
      function: { name, qualifier },
      state: 'Creating',
      enabled: Enabled,
      changedAt: tx.now,
      ...settled,
      ...(Tags && { tags: Tags }),
    });
  });
}

export async function updateEventSourceMapping(
  ctx: WaitingContext,
  input: UpdateEventSourceMappingRequest,
): Promise<EventSourceMappingConfiguration> {
  const { UUID, FunctionName, Enabled, ...settings } = input;
  const change = (tx: Context) => {
    const before = findMapping(tx, UUID!);
    const { name, qualifier } = FunctionName === undefined ? before.function : findFunction(tx, FunctionName);
    const target = { name, qualifier };
    checkUnique(tx, before.queueArn, target, UUID);
    return { before, target, settled: settle(before.queueArn, settings, before) };
  };
  const { before, target } = await ctx.transact(change);
  // What is gone may still be disabled.
  if (Enabled !== false) await checkQueue(ctx, before.queueArn, await ctx.transact((tx) => functionOf(tx, target)));
  return ctx.transact((tx) => {
    const { before, target, settled } = change(tx);
    const { queueArn, tags } = before;
    const enabled = Enabled ?? before.enabled;
    return putMapping(tx, UUID!, {
      queueArn,
      function: target,
      state: enabled === before.enabled ? 'Updating' : enabled ? 'Enabling' : 'Disabling',
      enabled,
      changedAt: tx.now,
      ...settled,
      ...(tags && { tags }),
    });
  });
}

export function getEventSourceMapping(
  ctx: Context,
  input: GetEventSourceMappingRequest,
): EventSourceMappingConfiguration {
  return shown(ctx.scope, input.UUID!, findMapping(ctx, input.UUID!));
}

export function deleteEventSourceMapping(
  ctx: Context,
  input: DeleteEventSourceMappingRequest,
): EventSourceMappingConfiguration {
  const mapping = findMapping(ctx, input.UUID!);
  return putMapping(ctx, input.UUID!, { ...mapping, state: 'Deleting', changedAt: ctx.now });
}

export function listEventSourceMappings(
  ctx: Context,
  input: ListEventSourceMappingsRequest,
): ListEventSourceMappingsResponse {
  const { EventSourceArn, FunctionName, Marker, MaxItems } = input;
  const arn = FunctionName === undefined ? undefined : arnOf(ctx, FunctionName);
  const isMeant = (mapping: EventSourceMapping) =>
    (EventSourceArn === undefined || mapping.queueArn === EventSourceArn) &&
    (arn === undefined || targetArn(ctx.scope, mapping) === arn);
  const list = (after: string | undefined, limit: number) =>
    ctx
      .rows(eventSourceMappings)
      .list(after === undefined ? {} : { after })
      .filter(([, mapping]) => isMeant(mapping))
      .slice(0, limit);
  const invalid = () => invalidParameter('The marker is not valid.');
  const { items, nextToken } = page(list, { token: Marker, limit: MaxItems, most: MOST_LISTED, invalid });
  return {
    EventSourceMappings: items.map(([uuid, mapping]) => shown(ctx.scope, uuid, mapping)),
    ...(nextToken && { NextMarker: nextToken }),
  };
}

/** The ARN that mappings of a function, a version or an alias have. */
function arnOf(ctx: Context, text: string): string {
  const { name, qualifier } = findFunction(ctx, text);
  return functionArn(ctx.scope, name, qualifier);
}

function functionOf(ctx: Context, reference: FunctionReference): FoundFunction {
  const found = lookUp(ctx, reference);
  if (!found) throw functionNotFound(ctx.scope, reference);
  return found;
}

function withoutSource(input: Settings & Partial<CreateEventSourceMappingRequest>): Settings {
  const { EventSourceArn, ...settings } = input;
  return settings;
}

/** A function reads a queue once. */
function checkUnique(ctx: Context, queueArn: string, { name, qualifier }: FunctionReference, itself?: string): void {
  const arn = functionArn(ctx.scope, name, qualifier);
  const other = mappingsOf(ctx, queueArn).find(
    ([uuid, mapping]) => uuid !== itself && mapping.state !== 'Deleting' && targetArn(ctx.scope, mapping) === arn,
  );
  if (!other) return;
  throw conflict(
    `An event source mapping with SQS arn (" ${queueArn} ") and function (" ${name} ") already exists. Please update or delete the existing mapping with UUID ${other[0]}`,
  );
}

/** What Lambda does with a queue in the function's role. */
const NEEDED = ['ReceiveMessage', 'DeleteMessage', 'GetQueueAttributes'] as const;

/** Throws AWS's error when the role may not read the queue, when there is none, or when it is too impatient. */
async function checkQueue(ctx: WaitingContext, queueArn: string, { name, record }: FoundFunction): Promise<void> {
  const QueueUrl = queueUrlOf(ctx.host, queueArn);
  const caller = readerOf(ctx.scope, name, record.configuration.Role);
  for (const operation of NEEDED) {
    try {
      ctx.mayCall('sqs', operation, { QueueUrl, ReceiptHandle: '' }, { caller });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      throw invalidParameter(`The provided execution role does not have permissions to call ${operation} on SQS`);
    }
  }
  const timeoutSeconds = await visibilityTimeout(ctx, QueueUrl);
  const { Timeout } = record.configuration;
  if (timeoutSeconds >= Timeout) return;
  throw invalidParameter(
    `Queue visibility timeout: ${timeoutSeconds} seconds is less than Function timeout: ${Timeout} seconds`,
  );
}

async function visibilityTimeout(ctx: WaitingContext, QueueUrl: string): Promise<number> {
  const input = { QueueUrl, AttributeNames: ['VisibilityTimeout' as const] };
  try {
    const { Attributes } = await ctx.call('sqs', 'GetQueueAttributes', input, { caller: {} });
    return Number(Attributes!.VisibilityTimeout);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const code = error.code === 'QueueDoesNotExist' ? 'AWS.SimpleQueueService.NonExistentQueue' : error.code;
    throw invalidParameter(
      `Error occurred while ReceiveMessage. SQS Error Code: ${code}. SQS Error Message: ${error.message}`,
    );
  }
}
