/*
 * Queues: made, found, listed, purged and deleted.
 *
 * Words and bounds: SQS API Reference, CreateQueue, DeleteQueue, ListQueues, PurgeQueue; Developer Guide, "Standard queue quotas".
 */
import type {
  CreateQueueRequest,
  CreateQueueResult,
  DeleteQueueRequest,
  GetQueueUrlRequest,
  GetQueueUrlResult,
  ListQueuesRequest,
  ListQueuesResult,
  PurgeQueueRequest,
} from '@aws-sdk/client-sqs';
import { AwsError } from '../../kernel/errors.ts';
import { page } from '../../kernel/paging.ts';
import type { Context } from '../../kernel/service.ts';
import { checkAttributes, checkThroughput, withAttributes } from './attributes.ts';
import { invalidParameter } from './errors.ts';
import { RETENTION } from './messages.ts';
import { removeTasks } from './moves.ts';
import { invalidToken, PAGE, pageSize } from './pages.ts';
import { pollers } from './pollers.ts';
import { defaultsOf, findQueue, type Queue, queueNamed, queues, queueUrl } from './queue.ts';
import { sweep } from './sweep.ts';
import { SPACE_DIGITS } from './tables.ts';
import { checkTags } from './tags.ts';

const PURGE_PAUSE_MS = 60_000;

/** Making a queue that is there already is allowed where its attributes are the same. */
export function createQueue(ctx: Context, input: CreateQueueRequest): CreateQueueResult {
  const name = input.QueueName!;
  const given = (input.Attributes ?? {}) as Record<string, string>;
  const fifo = given.FifoQueue === 'true';
  checkName(name, fifo);
  checkTags(name, input.tags ?? {});
  checkAttributes(ctx, name, given, { fifo, creating: true });
  if (fifo) checkThroughput(given);
  const held = ctx.rows(queues).get(name);
  if (held) checkSame(held, given);
  else ctx.rows(queues).put(name, withAttributes(newQueue(ctx, fifo, { ...input.tags }), given));
  return { QueueUrl: queueUrl(ctx, name) };
}

function newQueue(ctx: Context, fifo: boolean, tags: Queue['tags']): Queue {
  const [id, space] = [ctx.ids.hex(SPACE_DIGITS), ctx.ids.hex(SPACE_DIGITS)];
  return { id, space, fifo, createdAt: ctx.now, modifiedAt: ctx.now, attributes: {}, tags };
}

function checkName(name: string, fifo: boolean): void {
  if (fifo && !/^[\w-]{1,75}\.fifo$/.test(name)) {
    throw invalidParameter(
      'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.',
    );
  }
  if (!fifo && !/^[\w-]{1,80}$/.test(name)) {
    throw invalidParameter('Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length');
  }
}

function checkSame(held: Queue, given: Record<string, string>): void {
  const wanted = withAttributes({ ...held, attributes: {} }, given).attributes;
  const present = { ...defaultsOf(held), ...held.attributes };
  const differing = Object.keys(wanted).find((attribute) => wanted[attribute] !== present[attribute]);
  if (differing === undefined) return;
  const message = `A queue already exists with the same name and a different value for attribute ${differing}`;
  throw new AwsError('QueueNameExists', message);
}

export function getQueueUrl(ctx: Context, input: GetQueueUrlRequest): GetQueueUrlResult {
  const account = input.QueueOwnerAWSAccountId ?? ctx.scope.account;
  const owner = ctx.within({ account, region: ctx.scope.region });
  queueNamed(owner, input.QueueName!);
  return { QueueUrl: queueUrl(owner, input.QueueName!) };
}

export function listQueues(ctx: Context, input: ListQueuesRequest): ListQueuesResult {
  const limit = pageSize(input.MaxResults);
  const { items, nextToken } = page(
    (after, limit) =>
      ctx.rows(queues).list({ prefix: input.QueueNamePrefix ?? '', limit, ...(after !== undefined && { after }) }),
    { token: input.NextToken, limit, most: PAGE, invalid: invalidToken },
  );
  return {
    ...(items.length > 0 && { QueueUrls: items.map(([name]) => queueUrl(ctx, name)) }),
    ...(limit !== undefined && nextToken !== undefined && { NextToken: nextToken }),
  };
}

/** What was in the queue is gone at once, messages in flight too. */
export function purgeQueue(ctx: Context, input: PurgeQueueRequest): void {
  const found = findQueue(ctx, input.QueueUrl!);
  const { queue, name } = found;
  if (queue.purgedAt !== undefined && ctx.now < queue.purgedAt + PURGE_PAUSE_MS) {
    const message = `Only one PurgeQueue operation on ${name} is allowed every 60 seconds.`;
    throw new AwsError('PurgeQueueInProgress', message, { status: 403 });
  }
  sweep(found.ctx, queue.space);
  found.ctx.rows(queues).put(name, { ...queue, space: ctx.ids.hex(SPACE_DIGITS), purgedAt: ctx.now });
}

export function deleteQueue(ctx: Context, input: DeleteQueueRequest): void {
  const { ctx: owner, name, queue } = findQueue(ctx, input.QueueUrl!);
  owner.rows(queues).delete(name);
  owner.unschedule(RETENTION, name);
  removeTasks(owner, queue);
  for (const prefix of [queue.space, queue.id]) sweep(owner, prefix);
  ctx.use(pollers).wakeAll(queue.id);
}
