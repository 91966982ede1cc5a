/*
 * Notification configurations: which events of a bucket go to which function, queue or topic, and whether all go to
 * EventBridge.
 *
 * Words and bounds: Amazon S3 User Guide, "Amazon S3 Event Notifications", "Configuring event notifications using object
 * key name filtering"; API Reference, PutBucketNotificationConfiguration.
 */
import type {
  FilterRule,
  NotificationConfiguration,
  NotificationConfigurationFilter,
  PutBucketNotificationConfigurationRequest,
} from '@aws-sdk/client-s3';
import { type Arn, parseArn } from '../../kernel/arn.ts';
import { isoMillis } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context, WaitingContext } from '../../kernel/service.ts';
import { type Bucket, type BucketInput, bucketArn, findBucket } from './bucket.ts';
import { keepConfiguration } from './configurations.ts';
import { invalidArgument } from './errors.ts';

/** The name that the configuration is kept by. */
const NAME = 'Notification';
const LONGEST_VALUE = 1_024;
const MOST = 100;

const EVENTS: Readonly<Record<string, readonly string[]>> = {
  ObjectCreated: ['Put', 'Post', 'Copy', 'CompleteMultipartUpload'],
  ObjectRemoved: ['Delete', 'DeleteMarkerCreated'],
  ObjectRestore: ['Post', 'Completed', 'Delete'],
  Replication: [
    'OperationFailedReplication',
    'OperationMissedThreshold',
    'OperationReplicatedAfterThreshold',
    'OperationNotTracked',
  ],
  LifecycleExpiration: ['Delete', 'DeleteMarkerCreated'],
  ObjectTagging: ['Put', 'Delete'],
  ObjectAnnotation: ['Put', 'Delete'],
};
/** Types that have no kinds. */
const SINGLE = ['ReducedRedundancyLostObject', 'LifecycleTransition', 'IntelligentTiering', 'ObjectAcl:Put'];

const KNOWN = new Set([
  ...SINGLE.map((name) => `s3:${name}`),
  ...Object.entries(EVENTS).flatMap(([type, kinds]) => ['*', ...kinds].map((kind) => `s3:${type}:${kind}`)),
]);

/** A destination of events, with what it is sent. */
export interface Subscription {
  readonly Id?: string;
  readonly arn: string;
  readonly Events: readonly string[];
  readonly Filter?: NotificationConfigurationFilter;
}

/** What each kind of destination is called: the member of its ARN, its service in ARNs, and the words for it. */
const DESTINATIONS = [
  { list: 'TopicConfigurations', member: 'TopicArn', service: 'sns', noun: 'topic' },
  { list: 'QueueConfigurations', member: 'QueueArn', service: 'sqs', noun: 'queue' },
  { list: 'LambdaFunctionConfigurations', member: 'LambdaFunctionArn', service: 'lambda', noun: 'cloud function' },
] as const;

export function notificationsOf({ configurations }: Bucket): NotificationConfiguration {
  return (configurations[NAME] ?? {}) as NotificationConfiguration;
}

/** All destinations of a bucket's events but EventBridge. */
export function subscriptionsOf(configuration: NotificationConfiguration): Subscription[] {
  return DESTINATIONS.flatMap(({ list, member }) =>
    (configuration[list] ?? []).map((entry) => ({
      ...(entry as Omit<Subscription, 'arn'>),
      arn: (entry as unknown as Record<string, string>)[member]!,
    })),
  );
}

export function getBucketNotificationConfiguration(ctx: Context, input: BucketInput): NotificationConfiguration {
  return notificationsOf(findBucket(ctx, input));
}

/** Takes nothing that a destination could not be sent; queues and topics are sent a test event. */
export async function putBucketNotificationConfiguration(
  ctx: WaitingContext,
  input: PutBucketNotificationConfigurationRequest,
): Promise<void> {
  const configuration = withIds(ctx, input.NotificationConfiguration!);
  const subscriptions = subscriptionsOf(configuration);
  const bucket = await ctx.transact((tx) => findBucket(tx, input));
  check(subscriptions, configuration, bucket);
  if (!input.SkipDestinationValidation) await checkDestinations(ctx, subscriptions);
  await ctx.transact((tx) => {
    const isEmpty = subscriptions.length === 0 && !configuration.EventBridgeConfiguration;
    const kept = isEmpty ? undefined : configuration;
    keepConfiguration(tx, input.Bucket!, findBucket(tx, input), NAME, kept);
    for (const { arn } of subscriptions) sendTest(tx, input.Bucket!, bucket, arn);
  });
}

function withIds({ ids }: WaitingContext, configuration: NotificationConfiguration): NotificationConfiguration {
  const named = DESTINATIONS.flatMap(({ list }) => {
    const entries = configuration[list] ?? [];
    if (entries.length === 0) return [];
    return [[list, entries.map((entry) => ({ ...entry, Id: entry.Id || Buffer.from(ids.uuid()).toString('base64') }))]];
  });
  const { EventBridgeConfiguration } = configuration;
  return { ...Object.fromEntries(named), ...(EventBridgeConfiguration && { EventBridgeConfiguration }) };
}

function check(subscriptions: readonly Subscription[], configuration: NotificationConfiguration, bucket: Bucket): void {
  if (subscriptions.length > MOST) {
    throw invalidArgument(`The number of notification configurations exceeds the limit of ${MOST}.`);
  }
  const ids = subscriptions.map(({ Id }) => Id);
  if (new Set(ids).size < ids.length) {
    throw invalidArgument('Same ID used for multiple configurations. IDs must be unique');
  }
  for (const { list, member, service } of DESTINATIONS) {
    for (const entry of configuration[list] ?? []) {
      checkArn((entry as unknown as Record<string, string>)[member]!, member.replace('Arn', ''), service, bucket);
    }
  }
  for (const { Events, Filter } of subscriptions) {
    for (const event of Events) if (!KNOWN.has(event)) throw unsupported(event);
    checkFilter(Filter?.Key?.FilterRules ?? []);
  }
  checkOverlaps(subscriptions);
}

function checkArn(text: string, name: string, service: string, bucket: Bucket): void {
  const arn = parseArn(text);
  if (!arn || arn.service !== service) throw invalidArgument('The ARN is not well formed', name, text);
  if (arn.region !== bucket.region) {
    const message = 'The notification destination service region is not valid for the bucket location constraint';
    throw invalidArgument(message, name, text);
  }
}

function unsupported(event: string): AwsError {
  return invalidArgument(`The event '${event}' is not supported for notifications`, 'Event', event);
}

function checkFilter(rules: readonly FilterRule[]): void {
  const names = rules.map(({ Name = '' }) => Name.toLowerCase());
  for (const name of names) {
    if (name !== 'prefix' && name !== 'suffix') {
      throw invalidArgument('filter rule name must be either prefix or suffix', 'FilterRule.Name', name);
    }
    if (names.filter((other) => other === name).length > 1) {
      throw invalidArgument(`Cannot specify more than one ${name} rule in a filter.`, 'FilterRule.Name', name);
    }
  }
  for (const { Value = '' } of rules) {
    if (Buffer.byteLength(Value) <= LONGEST_VALUE) continue;
    const message = `Size of filter rule value cannot exceed ${LONGEST_VALUE} bytes in UTF-8 representation`;
    throw invalidArgument(message, 'FilterRule.Value', Value);
  }
}

/** What keys have to begin and end with. */
function filterOf({ Filter }: Subscription): { prefix: string; suffix: string } {
  const value = (name: string) =>
    Filter?.Key?.FilterRules?.find(({ Name }) => Name?.toLowerCase() === name)?.Value ?? '';
  return { prefix: value('prefix'), suffix: value('suffix') };
}

/** Whether a destination is sent an event, such as `ObjectCreated:Put`, of a key. */
export function wants(subscription: Subscription, type: string, key: string): boolean {
  const { prefix, suffix } = filterOf(subscription);
  return (
    subscription.Events.some((event) => covers(event, `s3:${type}`)) && key.startsWith(prefix) && key.endsWith(suffix)
  );
}

function covers(pattern: string, event: string): boolean {
  return pattern === event || (pattern.endsWith(':*') && event.startsWith(pattern.slice(0, -1)));
}

function checkOverlaps(subscriptions: readonly Subscription[]): void {
  for (const [index, one] of subscriptions.entries()) {
    for (const other of subscriptions.slice(0, index)) {
      const shared = one.Events.some((event) =>
        other.Events.some((second) => covers(event, second) || covers(second, event)),
      );
      if (!shared || !overlap(filterOf(one), filterOf(other))) continue;
      const message =
        one.Filter || other.Filter
          ? 'Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.'
          : 'Configurations overlap. Configurations on the same bucket cannot share a common event type.';
      throw invalidArgument(message);
    }
  }
}

type Filter = ReturnType<typeof filterOf>;

function overlap(one: Filter, other: Filter): boolean {
  const begins = one.prefix.startsWith(other.prefix) || other.prefix.startsWith(one.prefix);
  return begins && (one.suffix.endsWith(other.suffix) || other.suffix.endsWith(one.suffix));
}

async function checkDestinations(ctx: WaitingContext, subscriptions: readonly Subscription[]): Promise<void> {
  const faults: Record<string, string> = {};
  for (const arn of new Set(subscriptions.map(({ arn }) => arn))) {
    const fault = await faultOf(ctx, arn, parseArn(arn)!);
    const number = Object.keys(faults).length / 2 + 1;
    if (fault !== undefined)
      Object.assign(faults, { [`ArgumentName${number}`]: arn, [`ArgumentValue${number}`]: fault });
  }
  if (Object.keys(faults).length === 0) return;
  const message = 'Unable to validate the following destination configurations';
  throw new AwsError('InvalidArgument', message, { members: faults });
}

/** Why S3 could not send to a destination. */
async function faultOf(ctx: WaitingContext, text: string, arn: Arn): Promise<string | undefined> {
  const { noun } = DESTINATIONS.find(({ service }) => service === arn.service)!;
  if (text.endsWith('.fifo')) return `The destination ${noun} is a FIFO ${noun}, which is not supported`;
  try {
    await look(ctx, text, arn);
    return undefined;
  } catch (error) {
    if (!(error instanceof AwsError) || error.status >= 500) throw error;
    return arn.service === 'lambda'
      ? `Not authorized to invoke function [${text}]`
      : `The destination ${noun} does not exist`;
  }
}

/** Rejects with an AwsError when there is no such thing: S3's own question, for which the caller needs no permission. */
async function look(ctx: WaitingContext, text: string, { service, account, region, resource }: Arn): Promise<void> {
  const where = { scope: { account, region }, caller: {} };
  if (service === 'lambda') await ctx.call('lambda', 'GetFunctionConfiguration', { FunctionName: text }, where);
  else if (service === 'sns') await ctx.call('sns', 'GetTopicAttributes', { TopicArn: text }, where);
  else await ctx.call('sqs', 'GetQueueUrl', { QueueName: resource }, where);
}

function sendTest(ctx: Context, name: string, { account, region }: Bucket, targetArn: string): void {
  if (parseArn(targetArn)!.service === 'lambda') return;
  const payload = JSON.stringify({
    Service: 'Amazon S3',
    Event: 's3:TestEvent',
    Time: isoMillis(ctx.now),
    Bucket: name,
    RequestId: ctx.requestId,
    HostId: hostId(ctx),
  });
  send(ctx.within({ account, region }), name, targetArn, payload);
}

/** What S3 calls the machine that answered. */
export function hostId({ requestId }: Pick<Context, 'requestId'>): string {
  return Buffer.from(requestId).toString('base64');
}

/** Sends what S3 says to a function, queue or topic. */
export function send(ctx: Context, bucket: string, targetArn: string, payload: string): void {
  const parameters = parseArn(targetArn)?.service === 'sns' ? { subject: 'Amazon S3 Notification' } : undefined;
  ctx.deliver({
    targetArn,
    payload,
    principal: 's3.amazonaws.com',
    sourceArn: bucketArn(bucket),
    ...(parameters && { parameters }),
  });
}
