/*
 * Redrive: which queue takes what can't be processed, and which queues may name it so. A message that was received
 * as often as its queue allows is moved when it would be received once more.
 *
 * Developer Guide, "Using dead-letter queues in Amazon SQS"; API Reference, SetQueueAttributes.
 */
import type { ListDeadLetterSourceQueuesRequest, ListDeadLetterSourceQueuesResult } from '@aws-sdk/client-sqs';
import { parseArn } from '../../kernel/arn.ts';
import type { AwsError } from '../../kernel/errors.ts';
import { page } from '../../kernel/paging.ts';
import type { Context, Note } from '../../kernel/service.ts';
import { invalidAttributeValue, invalidValue } from './errors.ts';
import { addMessage, removeMessage } from './messages.ts';
import { invalidToken, PAGE, pageSize } from './pages.ts';
import {
  findQueue,
  nameOfArn,
  type Queue,
  queueArn,
  queues,
  queueUrl,
  type RedriveAllowPolicy,
  type RedrivePolicy,
} from './queue.ts';
import { messages, type Place } from './tables.ts';

const MOST_RECEIVES = 1_000;
const MOST_SOURCES = 10;

/** Reads a redrive policy. Throws an AwsError for what SQS refuses. */
export function readRedrivePolicy(text: string): RedrivePolicy {
  const refuse = (reason: string) => invalidValue(text, 'RedrivePolicy', reason);
  const given = readMap(text, () => refuse('Redrive policy is not a valid JSON map.'));
  for (const name of ['deadLetterTargetArn', 'maxReceiveCount']) {
    if (given[name] === undefined) throw refuse(`Redrive policy does not contain mandatory attribute: ${name}.`);
  }
  const { deadLetterTargetArn, maxReceiveCount } = given;
  const count = Number(maxReceiveCount);
  if (!Number.isInteger(count) || count < 1 || count > MOST_RECEIVES) {
    throw refuse(
      `Invalid value for maxReceiveCount: ${maxReceiveCount}, valid values are from 1 to ${MOST_RECEIVES} both inclusive.`,
    );
  }
  if (typeof deadLetterTargetArn !== 'string' || parseArn(deadLetterTargetArn)?.service !== 'sqs') {
    throw refuse('Invalid value for deadLetterTargetArn.');
  }
  return { deadLetterTargetArn, maxReceiveCount: count };
}

/** Throws unless a queue may have this policy. */
export function checkRedrive(ctx: Context, name: string, fifo: boolean, text: string): void {
  const refuse = (reason: string) => invalidValue(text, 'RedrivePolicy', reason);
  const { deadLetterTargetArn } = readRedrivePolicy(text);
  const [target, source] = [parseArn(deadLetterTargetArn)!, queueArn(ctx.scope, name)];
  if (target.account !== ctx.scope.account) throw refuse('Dead letter target owner should be same as the source.');
  if (target.region !== ctx.scope.region) throw refuse('Dead letter target must be in same region as the source.');
  const deadLetters = deadLetterQueue(ctx, deadLetterTargetArn)?.queue;
  if (!deadLetters) throw refuse('Dead letter target does not exist.');
  if (deadLetters.fifo !== fifo) throw refuse('Dead-letter queue must be same type of queue as the source.');
  if (!mayRedrive(deadLetters, source)) {
    throw refuse(`Dead letter target does not allow redrive from the source queue ${source}.`);
  }
}

function mayRedrive({ redriveAllow }: Queue, sourceArn: string): boolean {
  if (!redriveAllow || redriveAllow.redrivePermission === 'allowAll') return true;
  return redriveAllow.redrivePermission === 'byQueue' && redriveAllow.sourceQueueArns!.includes(sourceArn);
}

/** Reads a redrive allow policy. Throws an AwsError for what SQS refuses. */
export function readRedriveAllowPolicy(text: string): RedriveAllowPolicy {
  const refuse = (reason: string) => invalidAttributeValue('RedriveAllowPolicy', reason);
  const { redrivePermission, sourceQueueArns } = readMap(text, () => refuse('It is not a valid JSON map.'));
  if (redrivePermission === 'allowAll' || redrivePermission === 'denyAll') {
    if (sourceQueueArns !== undefined) throw refuse('sourceQueueArns go with the permission byQueue only.');
    return { redrivePermission };
  }
  if (redrivePermission !== 'byQueue') throw refuse('redrivePermission must be allowAll, denyAll or byQueue.');
  const isArns = Array.isArray(sourceQueueArns) && sourceQueueArns.every((arn) => typeof arn === 'string');
  if (!isArns || sourceQueueArns.length === 0 || sourceQueueArns.length > MOST_SOURCES) {
    throw refuse(`With byQueue, sourceQueueArns must have 1 to ${MOST_SOURCES} ARNs.`);
  }
  return { redrivePermission, sourceQueueArns };
}

function readMap(text: string, refusal: () => AwsError): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    throw refusal();
  }
  throw refusal();
}

/** The queue that an ARN names, where it is in the same account and region and exists. */
export function deadLetterQueue(ctx: Context, arn: string): { name: string; queue: Queue } | undefined {
  const name = nameOfArn(arn, ctx.scope);
  const queue = name === undefined ? undefined : ctx.rows(queues).get(name);
  return queue && { name: name!, queue };
}

/**
 * Moves a message to the dead-letter queue when it has been received as often as its queue allows; returns whether.
 * It keeps its id, and in a standard queue its age.
 */
export function bury(ctx: Context, name: string, queue: Queue, [key, place]: readonly [string, Place]): boolean {
  if (!queue.redrive || place.receives < queue.redrive.maxReceiveCount) return false;
  const target = deadLetterQueue(ctx, queue.redrive.deadLetterTargetArn);
  if (!target) return false;
  const { sequenceNumber: _, ...message } = ctx.rows(messages).get(key)!;
  const sourceArn = queueArn(ctx.scope, name);
  removeMessage(ctx, queue, key);
  addMessage(ctx, target.name, target.queue, {
    ...message,
    sentAt: queue.fifo ? ctx.now : message.sentAt,
    receives: place.receives,
    deadLetterSourceArn: sourceArn,
  });
  noteRedrive(ctx, { from: message.id, to: message.id }, sourceArn, target.name, place.receives);
  return true;
}

/** Notes that a message went from queue to queue, after so many receipts. */
export function noteRedrive(
  ctx: Context,
  passes: NonNullable<Note['passes']>,
  sourceArn: string,
  targetName: string,
  receives?: number,
): void {
  const detail = { sourceArn, messageId: passes.from, ...(receives !== undefined && { receives }) };
  ctx.note({ kind: 'redrive', subject: queueArn(ctx.scope, targetName), outcome: 'ok', detail, passes });
}

/** The queues whose dead letters go to a queue, by name. */
export function sourcesOf(ctx: Context, arn: string, after?: string): [name: string, queue: Queue][] {
  const listed = ctx.rows(queues).list(after === undefined ? {} : { after });
  return listed.filter(([, { redrive }]) => redrive?.deadLetterTargetArn === arn);
}

export function listDeadLetterSourceQueues(
  ctx: Context,
  input: ListDeadLetterSourceQueuesRequest,
): ListDeadLetterSourceQueuesResult {
  const { ctx: owner, name } = findQueue(ctx, input.QueueUrl!);
  const limit = pageSize(input.MaxResults);
  const arn = queueArn(owner.scope, name);
  const { items, nextToken } = page((after, limit) => sourcesOf(owner, arn, after).slice(0, limit), {
    token: input.NextToken,
    limit,
    most: PAGE,
    invalid: invalidToken,
  });
  return {
    queueUrls: items.map(([source]) => queueUrl(owner, source)),
    ...(limit !== undefined && nextToken !== undefined && { NextToken: nextToken }),
  };
}
