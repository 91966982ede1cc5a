/*
 * What FIFO queues remember for five minutes: which messages were sent, so that one sent twice arrives once, and
 * what an attempt to receive gave, so that it can be made again (Developer Guide, "Exactly-once processing";
 * API Reference, ReceiveMessage, ReceiveRequestAttemptId).
 */
import type { Context } from '../../kernel/service.ts';
import { type Table, table } from '../../kernel/state/table.ts';
import { SPACE_DIGITS, sortable } from './tables.ts';

const REMEMBERED_MS = 300_000;
/** How many that have been forgotten are dropped whenever something is remembered: more than come. */
const DROPPED = 2;

interface Memory {
  /** When it was made, epoch milliseconds. */
  readonly at: number;
}

function index({ at }: Memory, key: string): string {
  return `${key.slice(0, SPACE_DIGITS)} ${sortable(at)}`;
}

/** A message that was sent. */
export interface Deduplication extends Memory {
  readonly messageId: string;
  readonly sequenceNumber: string;
}

/** By `<queue's id> <group or nothing> <deduplication id>`. */
export const deduplications = table<Deduplication>('sqs.deduplications', { index });

/** What was received. */
export interface Attempt extends Memory {
  /** Keys of messages, and which of its receipts each was. */
  readonly received: readonly (readonly [key: string, receives: number])[];
}

/** By `<space> <attempt id>`. */
export const attempts = table<Attempt>('sqs.attempts', { index });

/** What is remembered under a key. */
export function recall<T extends Memory>(ctx: Context, of: Table<T>, key: string): T | undefined {
  const memory = ctx.rows(of).get(key);
  return memory && ctx.now < memory.at + REMEMBERED_MS ? memory : undefined;
}

export function remember<T extends Memory>(ctx: Context, of: Table<T>, key: string, memory: T): void {
  const rows = ctx.rows(of);
  rows.put(key, memory);
  const prefix = `${key.slice(0, SPACE_DIGITS)} `;
  const until = prefix + sortable(ctx.now - REMEMBERED_MS + 1);
  for (const [forgotten] of rows.list({ indexed: true, prefix, until, limit: DROPPED })) rows.delete(forgotten);
}
