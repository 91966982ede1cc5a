/*
 * Messages received: what can be received now, or, by a long poll, as soon as there is something.
 * Words and bounds: API Reference, ReceiveMessage.
 */
import { hash } from 'node:crypto';
import type { Message as ReceivedMessage, ReceiveMessageRequest, ReceiveMessageResult } from '@aws-sdk/client-sqs';
import type { Caller } from '../../kernel/access.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context, WaitingContext } from '../../kernel/service.ts';
import { available, nextVisibleAt, type Standing } from './available.ts';
import { countInFlight } from './counts.ts';
import { checkRange, checkToken, invalidValue, unknownAttribute, WRONG_TYPE } from './errors.ts';
import { MOST_RECEIVED, refreshGroup } from './groups.ts';
import { attempts, recall, remember } from './memories.ts';
import { digestOf, selectAttributes, writeAttributes } from './message-attributes.ts';
import { pollers } from './pollers.ts';
import { type FoundQueue, findQueue, numberOf, type Queue } from './queue.ts';
import { receiptHandle } from './receipts.ts';
import { bury } from './redrive.ts';
import { type Message, messages, type Place, places } from './tables.ts';
import { checkTimeout } from './visibility.ts';

const MOST_IN_FLIGHT = 120_000;
const LONGEST_WAIT_SECONDS = 20;
/** AWS's own services wait for as long as it takes, where on AWS they would ask again and again. */
const LONGEST_SERVICE_WAIT_SECONDS = 2 ** 31 - 1;
/** How many messages are moved to a dead-letter queue in one look at a queue. */
const MOST_BURIED = 1_000;
const SYSTEM_ATTRIBUTES: ReadonlySet<string> = new Set([
  'All',
  'ApproximateFirstReceiveTimestamp',
  'ApproximateReceiveCount',
  'AWSTraceHeader',
  'DeadLetterQueueSourceArn',
  'MessageDeduplicationId',
  'MessageGroupId',
  'SenderId',
  'SentTimestamp',
  'SequenceNumber',
]);

/** What one look at a queue gave. */
interface Look {
  readonly received: ReceivedMessage[];
  readonly queueId: string;
  readonly waitSeconds: number;
  /** When the next message becomes visible by itself, epoch milliseconds; Infinity when none does. */
  readonly nextAt: number;
}

export async function receiveMessage(ctx: WaitingContext, input: ReceiveMessageRequest): Promise<ReceiveMessageResult> {
  checkInput(ctx.caller, input);
  const first = await ctx.transact((tx) => look(tx, input));
  const waits = first.received.length === 0 && first.waitSeconds > 0;
  const result = waits ? await poll(ctx, input, first) : resultOf(first);
  // A service that reads for a function tells itself which work takes them.
  const { Messages } = result;
  if (Messages && ctx.caller.principal === undefined) ctx.takes(Messages.map(({ MessageId }) => MessageId!));
  return result;
}

/** Looks again whenever there may be something, until there is, or the time is up or the client gone. */
async function poll(ctx: WaitingContext, input: ReceiveMessageRequest, { queueId, waitSeconds }: Look) {
  const deadline = ctx.clock.now() + waitSeconds * 1000;
  const { signal } = ctx;
  const poller = ctx.use(pollers).join(queueId);
  try {
    for (;;) {
      const found = await ctx.transact((tx) => look(tx, input));
      if (found.received.length > 0 || ctx.clock.now() >= deadline) return resultOf(found);
      await ctx.letTimePass(poller.next(Math.min(deadline, found.nextAt), signal));
      if (signal.aborted) return {};
    }
  } finally {
    poller.leave();
  }
}

function resultOf({ received }: Look): ReceiveMessageResult {
  return received.length > 0 ? { Messages: received } : {};
}

function checkInput({ principal }: Caller, input: ReceiveMessageRequest): void {
  const { MaxNumberOfMessages, WaitTimeSeconds, VisibilityTimeout } = input;
  checkRange(
    MaxNumberOfMessages,
    [1, MOST_RECEIVED],
    'MaxNumberOfMessages',
    `Must be between 1 and ${MOST_RECEIVED}, if provided.`,
  );
  const words = `Must be >= 0 and <= ${LONGEST_WAIT_SECONDS}, if provided.`;
  const longest = principal === undefined ? LONGEST_WAIT_SECONDS : LONGEST_SERVICE_WAIT_SECONDS;
  checkRange(WaitTimeSeconds, [0, longest], 'WaitTimeSeconds', words);
  checkTimeout(VisibilityTimeout);
  const unknown = systemAttributesOf(input).find((name) => !SYSTEM_ATTRIBUTES.has(name));
  if (unknown !== undefined) throw unknownAttribute(unknown);
}

function systemAttributesOf({
  AttributeNames = [],
  MessageSystemAttributeNames = [],
}: ReceiveMessageRequest): string[] {
  return [...AttributeNames, ...MessageSystemAttributeNames];
}

function look(tx: Context, input: ReceiveMessageRequest): Look {
  const found = findQueue(tx, input.QueueUrl!);
  const { ctx, queue } = found;
  const waitSeconds = input.WaitTimeSeconds ?? numberOf(queue, 'ReceiveMessageWaitTimeSeconds');
  const timeoutMs = (input.VisibilityTimeout ?? numberOf(queue, 'VisibilityTimeout')) * 1000;
  const room = roomInFlight(ctx, queue, waitSeconds > 0);
  const most = Math.min(input.MaxNumberOfMessages ?? 1, room);
  const attemptKey = attemptKeyOf(queue, input.ReceiveRequestAttemptId);
  const taken = (attemptKey !== undefined && repeat(ctx, queue, attemptKey, timeoutMs)) || take(found, most, timeoutMs);
  if (attemptKey !== undefined && taken.length > 0) {
    const received = taken.map(([key, { receives }]) => [key, receives] as const);
    remember(ctx, attempts, attemptKey, { at: ctx.now, received });
  }
  const received = taken.map(([key, place]) => describe(ctx, queue, key, place, input));
  const waits = received.length === 0 && waitSeconds > 0 && room > 0;
  const nextAt = waits ? nextVisibleAt(ctx, queue) : Number.POSITIVE_INFINITY;
  return { received, queueId: queue.id, waitSeconds, nextAt };
}

function attemptKeyOf({ fifo, space }: Queue, attemptId: string | undefined): string | undefined {
  if (attemptId === undefined) return undefined;
  if (!fifo) throw invalidValue(attemptId, 'ReceiveRequestAttemptId', WRONG_TYPE);
  checkToken(attemptId, 'ReceiveRequestAttemptId');
  return `${space} ${attemptId}`;
}

/** How many more may be in flight. Only a short poll of a standard queue is told (Developer Guide, quotas). */
function roomInFlight(ctx: Context, queue: Queue, isLongPoll: boolean): number {
  const room = MOST_IN_FLIGHT - countInFlight(ctx, queue);
  if (room > 0 || queue.fifo || isLongPoll) return room;
  throw new AwsError('OverLimit', 'Too many messages in flight.', { status: 403 });
}

/** What an attempt to receive gave before, as long as nothing of it was changed: it can be made again. */
function repeat(ctx: Context, queue: Queue, attemptKey: string, timeoutMs: number): Standing[] | undefined {
  const before = recall(ctx, attempts, attemptKey);
  if (!before) return undefined;
  const standing = before.received.map(([key]): [string, Place | undefined] => [key, ctx.rows(places).get(key)]);
  const unchanged = standing.every(
    ([, place], index) => place?.receives === before.received[index]![1] && place.visibleAt > ctx.now,
  );
  if (!unchanged) return undefined;
  const again = standing.map(([key, place]): Standing => [key, { ...place!, visibleAt: ctx.now + timeoutMs }]);
  put(ctx, queue, again);
  return again;
}

/** Takes messages in flight; those that have been received too often go to the dead-letter queue instead. */
function take({ ctx, name, queue }: FoundQueue, most: number, timeoutMs: number): Standing[] {
  const taken: Standing[] = [];
  const seen = new Set<string>();
  while (taken.length < most && seen.size < MOST_BURIED) {
    const next = available(ctx, queue, most + taken.length).filter(([key]) => !seen.has(key));
    if (next.length === 0) break;
    const chosen = next.slice(0, most - taken.length).filter((standing) => {
      seen.add(standing[0]);
      return !bury(ctx, name, queue, standing);
    });
    const inFlight = chosen.map((standing) => received(standing, ctx.now, timeoutMs));
    put(ctx, queue, inFlight);
    taken.push(...inFlight);
  }
  return taken;
}

function received([key, place]: Standing, now: number, timeoutMs: number): Standing {
  return [
    key,
    {
      visibleAt: now + timeoutMs,
      receives: place.receives + 1,
      firstReceivedAt: place.firstReceivedAt ?? now,
      receivedAt: now,
    },
  ];
}

function put(ctx: Context, queue: Queue, standings: readonly Standing[]): void {
  for (const [key, place] of standings) ctx.rows(places).put(key, place);
  if (!queue.fifo) return;
  const groupIds = new Set(standings.map(([key]) => ctx.rows(messages).get(key)!.groupId!));
  for (const groupId of groupIds) refreshGroup(ctx, queue, groupId);
}

function describe(
  ctx: Context,
  queue: Queue,
  key: string,
  place: Place,
  input: ReceiveMessageRequest,
): ReceivedMessage {
  const message = ctx.rows(messages).get(key)!;
  const system = selectSystemAttributes(message, place, systemAttributesOf(input));
  const attributes = selectAttributes(message.attributes ?? {}, input.MessageAttributeNames ?? []);
  const digest = digestOf(attributes);
  return {
    MessageId: message.id,
    ReceiptHandle: receiptHandle(queue, key, place.receives),
    MD5OfBody: hash('md5', message.body, 'hex'),
    Body: message.body,
    ...(system && { Attributes: system }),
    ...(digest !== undefined && { MD5OfMessageAttributes: digest, MessageAttributes: writeAttributes(attributes) }),
  };
}

function selectSystemAttributes(message: Message, place: Place, wanted: readonly string[]) {
  if (wanted.length === 0) return undefined;
  const all: Record<string, string | undefined> = {
    SenderId: message.senderId,
    SentTimestamp: String(message.sentAt),
    ApproximateReceiveCount: String(place.receives),
    ApproximateFirstReceiveTimestamp: String(place.firstReceivedAt),
    SequenceNumber: message.sequenceNumber,
    MessageDeduplicationId: message.deduplicationId,
    MessageGroupId: message.groupId,
    AWSTraceHeader: message.traceHeader?.StringValue,
    DeadLetterQueueSourceArn: message.deadLetterSourceArn,
  };
  const isWanted = (name: string) => wanted.includes('All') || wanted.includes(name);
  const told = Object.entries(all).filter(([name, value]) => value !== undefined && isWanted(name));
  return told.length === 0 ? undefined : (Object.fromEntries(told) as Record<string, string>);
}
