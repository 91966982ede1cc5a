/*
 * What is kept of messages. What a message says never changes; where it stands does with every receipt. They are
 * kept apart, so that receiving a large message does not write it anew.
 *
 * Keys are `<space> <sequence>`, in FIFO queues `<space> <group> <sequence>`, so that a group's messages stand in
 * order. No id of SQS has a space in it.
 */
import { table } from '../../kernel/state/table.ts';
import type { Queue } from './queue.ts';

/** How long the name of a space is. */
export const SPACE_DIGITS = 12;

/** The value of a message attribute; JSON can't carry bytes. */
export interface AttributeValue {
  readonly DataType: string;
  readonly StringValue?: string;
  /** In base64. */
  readonly BinaryValue?: string;
}

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  readonly traceHeader?: AttributeValue;
  readonly senderId: string;
  /** Epoch milliseconds; from here it is retained. */
  readonly sentAt: number;
  readonly groupId?: string;
  readonly deduplicationId?: string;
  /** As clients see it; of FIFO queues. */
  readonly sequenceNumber?: string;
  /** The queue that gave it up; of dead-letter queues. */
  readonly deadLetterSourceArn?: string;
}

/** By key; indexed by age. */
export const messages = table<Message>('sqs.messages', {
  index: ({ sentAt }, key) => `${spaceOf(key)} ${sortable(sentAt)}`,
});

/** Where a message stands. Moments are epoch milliseconds. */
export interface Place {
  /** When it can be received: of a FIFO queue's message that was never received, its sending, without the delay. */
  readonly visibleAt: number;
  readonly receives: number;
  readonly firstReceivedAt?: number;
  readonly receivedAt?: number;
}

/** By key; indexed by when they can be received, those never received apart from the others. */
export const places = table<Place>('sqs.places', {
  index: ({ visibleAt, receives }, key) => `${laneOf(spaceOf(key), receives)}${sortable(visibleAt)}`,
});

/** `n` for messages never received, `r` for those that were. */
export function laneOf(space: string, receives: number): string {
  return `${space} ${receives === 0 ? 'n' : 'r'} `;
}

/** A group of a FIFO queue that has messages. */
export interface Group {
  /** When its first message can be received and none of the others is in flight; epoch milliseconds. */
  readonly readyAt: number;
  /** The first message's sequence, as text that sorts: among groups that are ready alike, the oldest comes first. */
  readonly first: string;
}

/** By `<space> <group>`; indexed by when they are ready. */
export const groups = table<Group>('sqs.groups', {
  index: ({ readyAt, first }, key) => `${spaceOf(key)} ${sortable(readyAt)} ${first}`,
});

/** What a space counts. */
export interface Counter {
  /** The last sequence that was given. */
  readonly last: number;
  /** When due work looks for messages to expire, epoch milliseconds; absent when there were none. */
  readonly expiresAt?: number;
}

/** By space. */
export const counters = table<Counter>('sqs.counters');

export function keyOf({ space, fifo }: Queue, groupId: string | undefined, sequence: number): string {
  return fifo ? `${space} ${groupId} ${sortable(sequence)}` : `${space} ${sortable(sequence)}`;
}

/** A count or moment as text that sorts. */
export function sortable(count: number): string {
  return String(count).padStart(15, '0');
}

function spaceOf(key: string): string {
  return key.slice(0, SPACE_DIGITS);
}
