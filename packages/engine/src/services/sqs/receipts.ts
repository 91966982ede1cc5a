/*
 * Receipt handles: which message of which queue was received, and how often it had been then. A later receipt of
 * the same message makes an earlier handle stale.
 */
import { AwsError } from '../../kernel/errors.ts';
import type { Queue } from './queue.ts';

/** What AWS's handles begin with. */
const MARK = 'AQEB';

export interface Receipt {
  readonly key: string;
  /** Which receipt of the message it is, from 1. */
  readonly receives: number;
}

export function receiptHandle({ id }: Queue, key: string, receives: number): string {
  return MARK + Buffer.from(`${id} ${receives} ${key}`).toString('base64');
}

/** Reads a handle of a queue. Throws an AwsError for what is none, or another queue's. */
export function readReceipt({ id }: Queue, handle: string): Receipt {
  const text = handle.startsWith(MARK) ? Buffer.from(handle.slice(MARK.length), 'base64').toString() : '';
  const [, owner, receives, key] = /^([0-9a-f]+) (\d+) (.+)$/s.exec(text) ?? [];
  if (owner !== id || key === undefined) {
    const message = `The input receipt handle "${handle}" is not a valid receipt handle.`;
    throw new AwsError('ReceiptHandleIsInvalid', message, { status: 404 });
  }
  return { key, receives: Number(receives) };
}
