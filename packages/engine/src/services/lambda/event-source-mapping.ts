/*
 * What an event source mapping is: a queue whose messages a function gets, batch by batch.
 */
import type { EventSourceMappingConfiguration, FilterCriteria, ProvisionedPollerConfig } from '@aws-sdk/client-lambda';
import type { Caller } from '../../kernel/access.ts';
import { formatArn, type Scope } from '../../kernel/arn.ts';
import { dateOf } from '../../kernel/clock.ts';
import type { Context, Host } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { type FunctionReference, functionArn, notFound } from './function.ts';

/** What is kept of one: members that were not given are absent. */
export interface EventSourceMapping {
  readonly queueArn: string;
  readonly function: FunctionReference;
  readonly state: 'Creating' | 'Enabling' | 'Enabled' | 'Disabling' | 'Disabled' | 'Updating' | 'Deleting';
  /** Whether it is to be polled, once it has come to its state. */
  readonly enabled: boolean;
  /** Epoch milliseconds. */
  readonly changedAt: number;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly reportsFailures: boolean;
  readonly filters?: readonly string[];
  readonly maximumConcurrency?: number;
  readonly pollers?: ProvisionedPollerConfig;
  readonly kmsKeyArn?: string;
  readonly metrics?: readonly string[];
  readonly systemLogLevel?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** By UUID; indexed by the queue. */
export const eventSourceMappings = table<EventSourceMapping>('lambda.event-source-mappings', {
  index: ({ queueArn }) => queueArn,
});

/** The due work that looks after a mapping; its id is the UUID. */
export const MAPPING = 'lambda.mapping';

/** The mapping of a UUID, or AWS's error. */
export function findMapping(ctx: Context, uuid: string): EventSourceMapping {
  const mapping = ctx.rows(eventSourceMappings).get(uuid);
  if (!mapping) throw notFound('The resource you requested does not exist.');
  return mapping;
}

/** Keeps a mapping on its way to another state; due work takes it there at once. */
export function putMapping(ctx: Context, uuid: string, mapping: EventSourceMapping): EventSourceMappingConfiguration {
  ctx.rows(eventSourceMappings).put(uuid, mapping);
  ctx.schedule({ kind: MAPPING, id: uuid, due: ctx.now });
  return shown(ctx.scope, uuid, mapping);
}

export function mappingArn(scope: Scope, uuid: string): string {
  return formatArn('lambda', scope, `event-source-mapping:${uuid}`);
}

export function targetArn(scope: Scope, { function: { name, qualifier } }: EventSourceMapping): string {
  return functionArn(scope, name, qualifier);
}

/** The mappings of one queue. */
export function mappingsOf(ctx: Context, queueArn: string): [uuid: string, mapping: EventSourceMapping][] {
  return ctx
    .rows(eventSourceMappings)
    .list({ indexed: true, prefix: queueArn })
    .filter(([, mapping]) => mapping.queueArn === queueArn);
}

/** The URL of a queue, by its ARN. */
export function queueUrlOf({ endpoint }: Host, queueArn: string): string {
  const [account, name] = queueArn.split(':').slice(4);
  return `${endpoint}/${account}/${name}`;
}

/** Lambda, which reads a queue in the function's execution role. */
export function readerOf(scope: Scope, name: string, roleArn: string | undefined): Caller {
  const sourceArn = functionArn(scope, name);
  return { principal: 'lambda.amazonaws.com', sourceArn, ...(roleArn !== undefined && { roleArn }) };
}

/** A mapping as AWS shows one of a queue. */
export function shown(scope: Scope, uuid: string, mapping: EventSourceMapping): EventSourceMappingConfiguration {
  const { filters, maximumConcurrency, pollers, kmsKeyArn, metrics, systemLogLevel } = mapping;
  return {
    UUID: uuid,
    BatchSize: mapping.batchSize,
    MaximumBatchingWindowInSeconds: mapping.windowSeconds,
    EventSourceArn: mapping.queueArn,
    ...(filters && { FilterCriteria: criteriaOf(filters) }),
    FunctionArn: targetArn(scope, mapping),
    LastModified: dateOf(mapping.changedAt),
    State: mapping.state,
    StateTransitionReason: 'USER_INITIATED',
    FunctionResponseTypes: mapping.reportsFailures ? ['ReportBatchItemFailures'] : [],
    ...(maximumConcurrency !== undefined && { ScalingConfig: { MaximumConcurrency: maximumConcurrency } }),
    ...(pollers && { ProvisionedPollerConfig: pollers }),
    ...(kmsKeyArn && { KMSKeyArn: kmsKeyArn }),
    ...(metrics && { MetricsConfig: { Metrics: metrics as 'EventCount'[] } }),
    ...(systemLogLevel && { LoggingConfig: { SystemLogLevel: systemLogLevel as 'INFO' } }),
    EventSourceMappingArn: mappingArn(scope, uuid),
  };
}

function criteriaOf(filters: readonly string[]): FilterCriteria {
  return { Filters: filters.map((Pattern) => ({ Pattern })) };
}
