/* Messages, as they come into a queue and go from it. */
import type { Context } from '../../kernel/service.ts';
import { refreshGroup } from './groups.ts';
import { pollers } from './pollers.ts';
import { numberOf, type Queue } from './queue.ts';
import { counters, groups, keyOf, type Message, messages, places } from './tables.ts';

/** The due work that drops what has been kept for too long; its id is the queue's name. */
export const RETENTION = 'sqs.retention';

/** AWS's sequence numbers have 20 digits. */
const SEQUENCE_DIGITS = 20;
const SEQUENCE_PREFIX = '188';

/** A message on its way into a queue. */
export interface Arrival extends Omit<Message, 'sequenceNumber'> {
  /** How long it is invisible at first, in seconds; of standard queues. */
  readonly delaySeconds?: number;
  /** How often it was received in the queue that gave it up. */
  readonly receives?: number;
}

/** Puts a message into a queue; returns it as it is kept. */
export function addMessage(ctx: Context, name: string, queue: Queue, arrival: Arrival): Message {
  const { delaySeconds = 0, receives = 0, ...content } = arrival;
  const counter = ctx.rows(counters).get(queue.space);
  const sequence = (counter?.last ?? 0) + 1;
  const key = keyOf(queue, content.groupId, sequence);
  const message = queue.fifo ? { ...content, sequenceNumber: sequenceNumber(sequence) } : content;
  ctx.rows(messages).put(key, message);
  ctx.rows(places).put(key, { visibleAt: ctx.now + (queue.fifo ? 0 : delaySeconds * 1000), receives });
  const expiresAt = message.sentAt + numberOf(queue, 'MessageRetentionPeriod') * 1000;
  const earlier = expiresAt < (counter?.expiresAt ?? Number.POSITIVE_INFINITY);
  ctx.rows(counters).put(queue.space, { last: sequence, expiresAt: earlier ? expiresAt : counter!.expiresAt! });
  if (earlier) ctx.schedule({ kind: RETENTION, id: name, due: expiresAt });
  if (queue.fifo && !ctx.rows(groups).has(`${queue.space} ${content.groupId}`)) {
    refreshGroup(ctx, queue, content.groupId!);
  }
  ctx.use(pollers).wake(queue.id);
  return message;
}

/** Takes a message out of its queue. */
export function removeMessage(ctx: Context, queue: Queue, key: string): void {
  const message = ctx.rows(messages).get(key);
  ctx.rows(messages).delete(key);
  ctx.rows(places).delete(key);
  if (message && queue.fifo) refreshGroup(ctx, queue, message.groupId!);
  ctx.use(pollers).wake(queue.id);
}

function sequenceNumber(sequence: number): string {
  return SEQUENCE_PREFIX + String(sequence).padStart(SEQUENCE_DIGITS - SEQUENCE_PREFIX.length, '0');
}
