/*
 * Attributes of queues: told, set and checked.
 *
 * Names, ranges and words: API Reference, CreateQueue, SetQueueAttributes, GetQueueAttributes.
 */
import type {
  GetQueueAttributesRequest,
  GetQueueAttributesResult,
  QueueAttributeName,
  SetQueueAttributesRequest,
} from '@aws-sdk/client-sqs';
import type { Context } from '../../kernel/service.ts';
import { countMessages } from './counts.ts';
import { invalidAttributeValue, unknownAttribute } from './errors.ts';
import { retimeGroups } from './groups.ts';
import { pollers } from './pollers.ts';
import { defaultsOf, type FoundQueue, findQueue, type Queue, queueArn, queues } from './queue.ts';
import { checkRedrive, readRedriveAllowPolicy, readRedrivePolicy } from './redrive.ts';
import { reschedule } from './retention.ts';

type Values = Readonly<Record<string, string>>;

const RANGES: Readonly<Record<string, readonly [least: number, most: number]>> = {
  DelaySeconds: [0, 900],
  KmsDataKeyReusePeriodSeconds: [60, 86_400],
  MaximumMessageSize: [1_024, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: [0, 20],
  VisibilityTimeout: [0, 43_200],
};
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  ContentBasedDeduplication: ['true', 'false'],
  DeduplicationScope: ['messageGroup', 'queue'],
  FifoQueue: ['true'],
  FifoThroughputLimit: ['perQueue', 'perMessageGroupId'],
  SqsManagedSseEnabled: ['true', 'false'],
};
const TEXTS = ['KmsMasterKeyId', 'Policy', 'RedriveAllowPolicy', 'RedrivePolicy'];
const FIFO_ONLY = ['ContentBasedDeduplication', 'DeduplicationScope', 'FifoQueue', 'FifoThroughputLimit'];
const COUNTS = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesDelayed',
  'ApproximateNumberOfMessagesNotVisible',
];
const TOLD = ['CreatedTimestamp', 'LastModifiedTimestamp', 'QueueArn', ...COUNTS];
const SETTABLE = [...Object.keys(RANGES), ...Object.keys(CHOICES), ...TEXTS];
const KNOWN: ReadonlySet<string> = new Set(['All', ...TOLD, ...SETTABLE]);

/** Throws unless a queue may be given these attributes. */
export function checkAttributes(
  ctx: Context,
  name: string,
  given: Values,
  { fifo, creating }: { fifo: boolean; creating: boolean },
): void {
  for (const [attribute, value] of Object.entries(given)) {
    const isKnown = SETTABLE.includes(attribute) && (fifo || !FIFO_ONLY.includes(attribute));
    if (!isKnown || (attribute === 'FifoQueue' && !creating)) throw unknownAttribute(attribute);
    const range = RANGES[attribute];
    if (range && !(/^\d{1,9}$/.test(value) && Number(value) >= range[0] && Number(value) <= range[1])) {
      throw invalidAttributeValue(attribute);
    }
    if (CHOICES[attribute] && !CHOICES[attribute].includes(value)) throw invalidAttributeValue(attribute);
  }
  if (given.Policy) checkPolicy(given.Policy);
  if (given.RedrivePolicy) checkRedrive(ctx, name, fifo, given.RedrivePolicy);
  if (given.RedriveAllowPolicy) readRedriveAllowPolicy(given.RedriveAllowPolicy);
}

function checkPolicy(text: string): void {
  try {
    const policy: unknown = JSON.parse(text);
    if (typeof policy === 'object' && policy !== null && 'Statement' in policy) return;
  } catch {
    throw invalidAttributeValue('Policy');
  }
  throw invalidAttributeValue('Policy');
}

/** A queue with attributes set; an empty text takes one away. They have been checked. */
export function withAttributes(queue: Queue, given: Values): Queue {
  const attributes = { ...queue.attributes, ...given };
  const { redrive: _, redriveAllow: __, ...rest } = queue;
  // One way of encryption takes the other's place.
  if (given.SqsManagedSseEnabled === 'true') delete attributes.KmsMasterKeyId;
  else if (given.KmsMasterKeyId) delete attributes.SqsManagedSseEnabled;
  for (const name of TEXTS) if (attributes[name] === '') delete attributes[name];
  const redrive = attributes.RedrivePolicy && readRedrivePolicy(attributes.RedrivePolicy);
  const redriveAllow = attributes.RedriveAllowPolicy && readRedriveAllowPolicy(attributes.RedriveAllowPolicy);
  if (redrive) attributes.RedrivePolicy = JSON.stringify(redrive);
  return { ...rest, attributes, ...(redrive && { redrive }), ...(redriveAllow && { redriveAllow }) };
}

export function setQueueAttributes(ctx: Context, input: SetQueueAttributesRequest): void {
  const { ctx: owner, name, queue } = findQueue(ctx, input.QueueUrl!);
  const given = input.Attributes as Values;
  checkAttributes(owner, name, given, { fifo: queue.fifo, creating: false });
  const changed = { ...withAttributes(queue, given), modifiedAt: ctx.now };
  checkThroughput({ ...defaultsOf(changed), ...changed.attributes });
  owner.rows(queues).put(name, changed);
  if ('MessageRetentionPeriod' in given) reschedule(owner, name, changed);
  if ('DelaySeconds' in given && queue.fifo) retimeGroups(owner, name);
  ctx.use(pollers).wakeAll(queue.id);
}

/** High throughput is per group only where deduplication is, too (Developer Guide, "High throughput for FIFO queues"). */
export function checkThroughput({ DeduplicationScope, FifoThroughputLimit }: Values): void {
  if (FifoThroughputLimit !== 'perMessageGroupId' || DeduplicationScope === 'messageGroup') return;
  throw invalidAttributeValue(
    'FifoThroughputLimit',
    'The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.',
  );
}

export function getQueueAttributes(ctx: Context, input: GetQueueAttributesRequest): GetQueueAttributesResult {
  const found = findQueue(ctx, input.QueueUrl!);
  const wanted: readonly string[] = input.AttributeNames ?? [];
  const unknown = wanted.find((name) => !KNOWN.has(name));
  if (unknown !== undefined) throw unknownAttribute(unknown);
  if (wanted.length === 0) return {};
  const all = describe(found, wanted);
  const told = wanted.includes('All')
    ? all
    : Object.fromEntries(Object.entries(all).filter(([name]) => wanted.includes(name)));
  return Object.keys(told).length === 0 ? {} : { Attributes: told as Partial<Record<QueueAttributeName, string>> };
}

function describe({ ctx, name, queue }: FoundQueue, wanted: readonly string[]): Values {
  const seconds = (moment: number) => String(Math.trunc(moment / 1000));
  return {
    QueueArn: queueArn(ctx.scope, name),
    ...(wanted.some((name) => name === 'All' || COUNTS.includes(name)) && describeCounts(ctx, queue)),
    CreatedTimestamp: seconds(queue.createdAt),
    LastModifiedTimestamp: seconds(queue.modifiedAt),
    ...defaultsOf(queue),
    ...queue.attributes,
  };
}

function describeCounts(ctx: Context, queue: Queue): Values {
  const { visible, inFlight, delayed } = countMessages(ctx, queue);
  return {
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
  };
}
