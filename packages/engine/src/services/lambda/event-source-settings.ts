/*
 * What a client sets of an event source mapping: checked, with Lambda's words and bounds, and merged into what is kept.
 *
 * Lambda API Reference, CreateEventSourceMapping and UpdateEventSourceMapping; Developer Guide, "Creating and
 * configuring an Amazon SQS event source mapping" and "Configuring scaling behavior for SQS event source mappings".
 */
import type { CreateEventSourceMappingRequest, ProvisionedPollerConfig } from '@aws-sdk/client-lambda';
import { parseArn, type Scope } from '../../kernel/arn.ts';
import { checkFilters } from './event-source-filters.ts';
import type { EventSourceMapping } from './event-source-mapping.ts';
import { invalidParameter } from './function.ts';

export type Settings = Omit<CreateEventSourceMappingRequest, 'FunctionName' | 'EventSourceArn' | 'Enabled' | 'Tags'>;

type Kept = Omit<EventSourceMapping, 'queueArn' | 'function' | 'state' | 'enabled' | 'changedAt' | 'tags'>;

const DEFAULTS: Kept = { batchSize: 10, windowSeconds: 0, reportsFailures: false };
/** The largest batch of a FIFO queue, and of any queue without a window. */
const SMALL_BATCH = 10;
const POLLERS = { MinimumPollers: 2, MaximumPollers: 200 };

/** Sources of AWS that Carillon has no service for, by what stands for them in an ARN. */
const OTHER_SOURCES: Readonly<Record<string, string>> = {
  kinesis: 'Kinesis streams',
  dynamodb: 'DynamoDB streams',
  kafka: 'Amazon MSK clusters',
  mq: 'Amazon MQ brokers',
  rds: 'DocumentDB clusters',
};

/** What is of streams, brokers and Kafka alone. */
const OF_OTHER_SOURCES = [
  ...['AmazonManagedKafkaEventSourceConfig', 'BisectBatchOnFunctionError', 'DestinationConfig'],
  ...['DocumentDBEventSourceConfig', 'MaximumRecordAgeInSeconds', 'MaximumRetryAttempts', 'ParallelizationFactor'],
  ...['Queues', 'SelfManagedKafkaEventSourceConfig', 'SourceAccessConfigurations', 'Topics', 'TumblingWindowInSeconds'],
] as const;

/** The ARN of the queue that a mapping is to read. Throws AWS's error for what is none, or is elsewhere. */
export function queueArnOf({ region }: Scope, input: Partial<CreateEventSourceMappingRequest>): string {
  const { EventSourceArn, SelfManagedEventSource } = input;
  if (SelfManagedEventSource) throw lacks('Kafka clusters of your own');
  if (EventSourceArn === undefined) throw invalidParameter('EventSourceArn is required for this event source.');
  const arn = parseArn(EventSourceArn);
  const other = OTHER_SOURCES[arn?.service ?? ''];
  if (other) throw lacks(other);
  if (arn?.service !== 'sqs' || !/^[\w-]{1,80}(\.fifo)?$/.test(arn.resource)) {
    throw invalidParameter(
      `Unrecognized event source, must be kinesis, dynamodb stream or sqs. Unsupported source arn : ${EventSourceArn}`,
    );
  }
  if (arn.region !== region) {
    throw invalidParameter(
      `The event source ${EventSourceArn} must be in the same region as the function (${region}).`,
    );
  }
  return EventSourceArn;
}

function lacks(source: string): Error {
  return invalidParameter(`Carillon does not have ${source}, so they can't be event sources. It has queues of SQS.`);
}

/** What a mapping has, once a client has changed its settings; what is not given stays as it was. */
export function settle(queueArn: string, input: Settings, before: Kept = DEFAULTS): Kept {
  checkSource(input);
  const { BatchSize, MaximumBatchingWindowInSeconds, FunctionResponseTypes } = input;
  const settled: Kept = {
    batchSize: BatchSize ?? before.batchSize,
    windowSeconds: MaximumBatchingWindowInSeconds ?? before.windowSeconds,
    reportsFailures: FunctionResponseTypes ? FunctionResponseTypes.length > 0 : before.reportsFailures,
    ...optional(input, before),
  };
  checkBatches(queueArn, settled);
  return settled;
}

/** Settings that can be taken away again, by something empty. */
function optional(input: Settings, before: Kept): Partial<Kept> {
  const { FilterCriteria, ScalingConfig, ProvisionedPollerConfig, KMSKeyArn, MetricsConfig, LoggingConfig } = input;
  const filters = FilterCriteria ? checkFilters(FilterCriteria) : before.filters;
  const maximumConcurrency = ScalingConfig ? ScalingConfig.MaximumConcurrency : before.maximumConcurrency;
  const pollers = ProvisionedPollerConfig ? pollersOf(ProvisionedPollerConfig) : before.pollers;
  const kmsKeyArn = KMSKeyArn ?? before.kmsKeyArn;
  const metrics = MetricsConfig ? (MetricsConfig.Metrics ?? []) : before.metrics;
  const systemLogLevel = LoggingConfig ? LoggingConfig.SystemLogLevel : before.systemLogLevel;
  if (maximumConcurrency !== undefined && pollers) {
    throw invalidParameter('You cannot use MaximumConcurrency together with ProvisionedPollerConfig.');
  }
  return {
    ...(filters?.length && { filters }),
    ...(maximumConcurrency !== undefined && { maximumConcurrency }),
    ...(pollers && { pollers }),
    ...(kmsKeyArn && { kmsKeyArn }),
    ...(metrics && { metrics }),
    ...(systemLogLevel && { systemLogLevel }),
  };
}

function checkSource(input: Settings): void {
  if (input.StartingPosition !== undefined || input.StartingPositionTimestamp !== undefined) {
    throw invalidParameter('StartingPosition is not valid for SQS event sources.');
  }
  const other = OF_OTHER_SOURCES.find((name) => input[name] !== undefined);
  if (other) throw invalidParameter(`Unsupported ${other} parameter for given event source mapping type.`);
}

function checkBatches(queueArn: string, { batchSize, windowSeconds }: Kept): void {
  const fifo = queueArn.endsWith('.fifo');
  if (fifo && windowSeconds > 0) {
    throw invalidParameter('Invalid request provided: Batching window is not supported for FIFO queues');
  }
  if (fifo && batchSize > SMALL_BATCH) {
    throw invalidParameter(`Batch size for FIFO queues must be less than or equal to ${SMALL_BATCH}.`);
  }
  if (batchSize > SMALL_BATCH && windowSeconds === 0) {
    throw invalidParameter(
      `Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than ${SMALL_BATCH}`,
    );
  }
}

/** Provisioned mode; nothing given is as good as none. */
function pollersOf(given: ProvisionedPollerConfig): ProvisionedPollerConfig | undefined {
  const { MinimumPollers, MaximumPollers, PollerGroupName } = given;
  if (PollerGroupName) {
    throw invalidParameter('Unsupported PollerGroupName parameter for given event source mapping type.');
  }
  if (MinimumPollers === undefined && MaximumPollers === undefined) return undefined;
  const pollers = { ...POLLERS, ...(MinimumPollers && { MinimumPollers }), ...(MaximumPollers && { MaximumPollers }) };
  if (pollers.MinimumPollers < POLLERS.MinimumPollers || pollers.MaximumPollers < pollers.MinimumPollers) {
    throw invalidParameter(
      `MinimumPollers must be at least ${POLLERS.MinimumPollers} for SQS, and at most MaximumPollers.`,
    );
  }
  return pollers;
}
