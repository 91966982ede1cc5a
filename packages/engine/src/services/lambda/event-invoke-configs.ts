/*
 * Event invoke configurations: how long and how often asynchronous events of a function, a version or an alias are
 * tried, and where their results go.
 *
 * Words and limits: Lambda API Reference, PutFunctionEventInvokeConfig and its neighbours; Developer Guide, "Capturing
 * records of Lambda asynchronous invocations".
 */
import type {
  DeleteFunctionEventInvokeConfigRequest,
  DestinationConfig,
  FunctionEventInvokeConfig,
  GetFunctionEventInvokeConfigRequest,
  ListFunctionEventInvokeConfigsRequest,
  ListFunctionEventInvokeConfigsResponse,
  PutFunctionEventInvokeConfigRequest,
  UpdateFunctionEventInvokeConfigRequest,
} from '@aws-sdk/client-lambda';
import { parseArn, type Scope } from '../../kernel/arn.ts';
import { dateOf } from '../../kernel/clock.ts';
import { notImplemented } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import {
  type FunctionReference,
  functionArn,
  functionNotFound,
  invalidParameter,
  keyOf,
  LATEST,
  lookUp,
  notFound,
  parseFunctionName,
} from './function.ts';
import { pageByQualifier } from './listing.ts';

/** What is kept of one: members that were not given are absent. */
export interface EventInvokeConfig {
  readonly maximumRetryAttempts?: number;
  readonly maximumEventAgeSeconds?: number;
  readonly onSuccessArn?: string;
  readonly onFailureArn?: string;
  /** Epoch milliseconds. */
  readonly changedAt: number;
}

/** By `keyOf` what it is of. */
export const eventInvokeConfigs = table<EventInvokeConfig>('lambda.event-invoke-configs');

type Settings = Omit<PutFunctionEventInvokeConfigRequest, 'FunctionName' | 'Qualifier'>;
type Named = Pick<PutFunctionEventInvokeConfigRequest, 'FunctionName' | 'Qualifier'>;

export function putFunctionEventInvokeConfig(
  ctx: Context,
  input: PutFunctionEventInvokeConfigRequest,
): FunctionEventInvokeConfig {
  const reference = find(ctx, input);
  return put(ctx, reference, { ...checked(ctx.scope, reference, input), changedAt: ctx.now });
}

export function updateFunctionEventInvokeConfig(
  ctx: Context,
  input: UpdateFunctionEventInvokeConfigRequest,
): FunctionEventInvokeConfig {
  const reference = find(ctx, input);
  const settings = checked(ctx.scope, reference, input);
  return put(ctx, reference, { ...existing(ctx, reference), ...settings, changedAt: ctx.now });
}

export function getFunctionEventInvokeConfig(
  ctx: Context,
  input: GetFunctionEventInvokeConfigRequest,
): FunctionEventInvokeConfig {
  const reference = find(ctx, input);
  return shown(ctx.scope, reference, existing(ctx, reference));
}

export function deleteFunctionEventInvokeConfig(ctx: Context, input: DeleteFunctionEventInvokeConfigRequest): void {
  const reference = find(ctx, input);
  existing(ctx, reference);
  ctx.rows(eventInvokeConfigs).delete(keyOf(reference.name, reference.qualifier));
}

export function listFunctionEventInvokeConfigs(
  ctx: Context,
  input: ListFunctionEventInvokeConfigsRequest,
): ListFunctionEventInvokeConfigsResponse {
  const { name } = find(ctx, input);
  const { items, end } = pageByQualifier(ctx, eventInvokeConfigs, name, input);
  return {
    FunctionEventInvokeConfigs: items.map(([qualifier, config]) => shown(ctx.scope, { name, qualifier }, config)),
    ...end,
  };
}

/** How the events of a function are treated, by the qualifier that they came with. */
export function eventInvokeConfigOf(ctx: Context, { name, qualifier }: FunctionReference): Partial<EventInvokeConfig> {
  return ctx.rows(eventInvokeConfigs).get(keyOf(name, qualifier)) ?? {};
}

function find(ctx: Context, { FunctionName, Qualifier }: Named): FunctionReference {
  const reference = parseFunctionName(ctx.scope, FunctionName!, Qualifier);
  if (!lookUp(ctx, reference)) throw functionNotFound(ctx.scope, reference);
  return reference;
}

function existing(ctx: Context, { name, qualifier = LATEST }: FunctionReference): EventInvokeConfig {
  const config = ctx.rows(eventInvokeConfigs).get(keyOf(name, qualifier));
  if (config) return config;
  throw notFound(`The function ${functionArn(ctx.scope, name, qualifier)} doesn't have an EventInvokeConfig`);
}

function put(ctx: Context, reference: FunctionReference, config: EventInvokeConfig): FunctionEventInvokeConfig {
  ctx.rows(eventInvokeConfigs).put(keyOf(reference.name, reference.qualifier), config);
  return shown(ctx.scope, reference, config);
}

function shown(
  scope: Scope,
  { name, qualifier = LATEST }: FunctionReference,
  { maximumRetryAttempts, maximumEventAgeSeconds, onSuccessArn, onFailureArn, changedAt }: EventInvokeConfig,
): FunctionEventInvokeConfig {
  return {
    LastModified: dateOf(changedAt),
    FunctionArn: functionArn(scope, name, qualifier),
    ...(maximumRetryAttempts !== undefined && { MaximumRetryAttempts: maximumRetryAttempts }),
    ...(maximumEventAgeSeconds !== undefined && { MaximumEventAgeInSeconds: maximumEventAgeSeconds }),
    DestinationConfig: {
      OnSuccess: onSuccessArn ? { Destination: onSuccessArn } : {},
      OnFailure: onFailureArn ? { Destination: onFailureArn } : {},
    },
  };
}

/** A request's settings, or AWS's error. An empty destination takes one away. */
function checked(scope: Scope, reference: FunctionReference, input: Settings): Omit<EventInvokeConfig, 'changedAt'> {
  const { MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig } = input;
  if (MaximumRetryAttempts === undefined && MaximumEventAgeInSeconds === undefined && !DestinationConfig) {
    throw invalidParameter('You must specify at least one of error handling or destination setting.');
  }
  return {
    ...(MaximumRetryAttempts !== undefined && { maximumRetryAttempts: MaximumRetryAttempts }),
    ...(MaximumEventAgeInSeconds !== undefined && { maximumEventAgeSeconds: MaximumEventAgeInSeconds }),
    ...(DestinationConfig && destinationsOf(scope, reference, DestinationConfig)),
  };
}

function destinationsOf(scope: Scope, reference: FunctionReference, { OnSuccess, OnFailure }: DestinationConfig) {
  const [onSuccessArn, onFailureArn] = [OnSuccess?.Destination, OnFailure?.Destination];
  for (const arn of [onSuccessArn, onFailureArn]) if (arn) checkDestination(scope, reference, arn);
  return {
    ...(onSuccessArn !== undefined && { onSuccessArn }),
    ...(onFailureArn !== undefined && { onFailureArn }),
  };
}

/** Queues, topics, functions and buses; that there is one is not asked. */
const DESTINATIONS =
  /^arn:[^:]+:(sqs:[^:]+:\d+:[^:]+|sns:[^:]+:\d+:[^:]+|lambda:[^:]+:\d+:function:.+|events:[^:]+:\d+:event-bus\/.+)$/;

function checkDestination(scope: Scope, { name }: FunctionReference, arn: string): void {
  if (parseArn(arn)?.service === 's3') throw notImplemented('lambda', 'destinations in S3');
  if (!DESTINATIONS.test(arn)) throw invalidParameter(`The destination ARN ${arn} is invalid.`);
  const itself = functionArn(scope, name);
  if (arn === itself || arn.startsWith(`${itself}:`)) {
    throw invalidParameter("You can't specify the function as a destination for itself.");
  }
}
