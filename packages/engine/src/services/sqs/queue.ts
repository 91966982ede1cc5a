/*
 * What a queue is, and how it is found.
 *
 * A queue's messages are kept under the name of its space. Purging gives it a new space, so it costs nothing
 * however full the queue is; what was in the old one is dropped by due work, slice by slice.
 */

import { formatArn, parseArn, type Scope } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { queueDoesNotExist } from './errors.ts';

export interface RedrivePolicy {
  readonly deadLetterTargetArn: string;
  readonly maxReceiveCount: number;
}

export interface RedriveAllowPolicy {
  readonly redrivePermission: 'allowAll' | 'denyAll' | 'byQueue';
  readonly sourceQueueArns?: readonly string[];
}

export interface Queue {
  /** A name that no other queue has, not even a later one that is called like this one. */
  readonly id: string;
  /** What its messages' keys start with; always as long. */
  readonly space: string;
  readonly fifo: boolean;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly purgedAt?: number;
  /** What was set, as text; else the defaults hold. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly redrive?: RedrivePolicy;
  readonly redriveAllow?: RedriveAllowPolicy;
  readonly tags: Readonly<Record<string, string>>;
}

/** By name. */
export const queues = table<Queue>('sqs.queues');

/** A queue, and a context in the account that it is in. */
export interface FoundQueue {
  readonly ctx: Context;
  readonly name: string;
  readonly queue: Queue;
}

/** The queue of a URL, or of a URL's path. Only the path counts: clients reach us in more ways than one. */
export function findQueue(ctx: Context, url: string): FoundQueue {
  const [, account, name] = /^(?:https?:\/\/[^/]+)?\/(\d{12})\/([^/]+)\/?$/.exec(url) ?? [];
  if (account === undefined || name === undefined) {
    const message = `The address ${url} is not valid for this endpoint.`;
    throw new AwsError('InvalidAddress', message, { status: 404 });
  }
  const scoped = account === ctx.scope.account ? ctx : ctx.within({ account, region: ctx.scope.region });
  return { ctx: scoped, name, queue: queueNamed(scoped, name) };
}

export function queueNamed(ctx: Context, name: string): Queue {
  const queue = ctx.rows(queues).get(name);
  if (!queue) throw queueDoesNotExist();
  return queue;
}

/** The name in a queue's ARN; undefined for an ARN of another account, region or service. */
export function nameOfArn(arn: string, { account, region }: Scope): string | undefined {
  const parsed = parseArn(arn);
  const here = parsed?.service === 'sqs' && parsed.account === account && parsed.region === region;
  return here ? parsed.resource : undefined;
}

export function queueArn(scope: Scope, name: string): string {
  return formatArn('sqs', scope, name);
}

export function queueUrl({ host, scope }: Context, name: string): string {
  return `${host.endpoint}/${scope.account}/${name}`;
}

/** Attributes that are numbers, with what holds where nothing was set. */
const NUMBERS = {
  VisibilityTimeout: 30,
  MaximumMessageSize: 1_048_576,
  MessageRetentionPeriod: 345_600,
  DelaySeconds: 0,
  ReceiveMessageWaitTimeSeconds: 0,
};

/** An attribute that is a number: seconds, or bytes for the message size. */
export function numberOf({ attributes }: Queue, name: keyof typeof NUMBERS): number {
  const set = attributes[name];
  return set === undefined ? NUMBERS[name] : Number(set);
}

/** What holds where nothing was set. */
export function defaultsOf({ fifo, attributes }: Queue): Record<string, string> {
  const kms = (attributes.KmsMasterKeyId ?? '') !== '';
  return {
    ...Object.fromEntries(Object.entries(NUMBERS).map(([name, value]) => [name, String(value)])),
    SqsManagedSseEnabled: String(!kms),
    ...(kms && { KmsDataKeyReusePeriodSeconds: '300' }),
    ...(fifo && {
      FifoQueue: 'true',
      ContentBasedDeduplication: 'false',
      DeduplicationScope: 'queue',
      FifoThroughputLimit: 'perQueue',
    }),
  };
}
