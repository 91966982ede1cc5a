/*
 * Messages deleted by their receivers. Deleting what is gone is no error; a stale handle deletes nothing in a
 * standard queue, and in a FIFO queue an expired one is refused (API Reference, DeleteMessage).
 */
import type { DeleteMessageBatchRequest, DeleteMessageBatchResult, DeleteMessageRequest } from '@aws-sdk/client-sqs';
import type { Context } from '../../kernel/service.ts';
import { runBatch } from './batches.ts';
import { invalidValue } from './errors.ts';
import { removeMessage } from './messages.ts';
import { type FoundQueue, findQueue } from './queue.ts';
import { readReceipt } from './receipts.ts';
import { places } from './tables.ts';

export function deleteMessage(ctx: Context, input: DeleteMessageRequest): void {
  deleteReceived(findQueue(ctx, input.QueueUrl!), input.ReceiptHandle!);
}

export function deleteMessageBatch(ctx: Context, input: DeleteMessageBatchRequest): DeleteMessageBatchResult {
  const found = findQueue(ctx, input.QueueUrl!);
  return runBatch('DeleteMessageBatchRequestEntry', input.Entries, ({ ReceiptHandle }) => {
    deleteReceived(found, ReceiptHandle!);
    return {};
  });
}

function deleteReceived({ ctx, queue }: FoundQueue, handle: string): void {
  const { key, receives } = readReceipt(queue, handle);
  const place = ctx.rows(places).get(key);
  if (!place) return;
  const stale = place.receives !== receives;
  if (queue.fifo && (stale || place.visibleAt <= ctx.now)) {
    throw invalidValue(handle, 'ReceiptHandle', 'The receipt handle has expired.');
  }
  if (!stale) removeMessage(ctx, queue, key);
}
