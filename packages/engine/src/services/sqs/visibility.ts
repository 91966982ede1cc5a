/* How long what was received stays invisible to others: changed by its receiver, up to twelve hours after the receipt. */
import type {
  ChangeMessageVisibilityBatchRequest,
  ChangeMessageVisibilityBatchResult,
  ChangeMessageVisibilityRequest,
} from '@aws-sdk/client-sqs';
import type { Context } from '../../kernel/service.ts';
import { runBatch } from './batches.ts';
import { checkRange, invalidValue } from './errors.ts';
import { refreshGroup } from './groups.ts';
import { pollers } from './pollers.ts';
import { type FoundQueue, findQueue } from './queue.ts';
import { readReceipt } from './receipts.ts';
import { messages, places } from './tables.ts';

const LONGEST_SECONDS = 43_200;

export function changeMessageVisibility(ctx: Context, input: ChangeMessageVisibilityRequest): void {
  change(findQueue(ctx, input.QueueUrl!), input.ReceiptHandle!, input.VisibilityTimeout!);
}

export function changeMessageVisibilityBatch(
  ctx: Context,
  input: ChangeMessageVisibilityBatchRequest,
): ChangeMessageVisibilityBatchResult {
  const found = findQueue(ctx, input.QueueUrl!);
  return runBatch('ChangeMessageVisibilityBatchRequestEntry', input.Entries, (entry) => {
    change(found, entry.ReceiptHandle!, entry.VisibilityTimeout ?? 0);
    return {};
  });
}

/** Throws unless a visibility timeout, where one is given, is one. */
export function checkTimeout(seconds: number | undefined): void {
  const words = `VisibilityTimeout must be an integer between 0 and ${LONGEST_SECONDS}.`;
  checkRange(seconds, [0, LONGEST_SECONDS], 'VisibilityTimeout', words);
}

function change({ ctx, queue }: FoundQueue, handle: string, seconds: number): void {
  checkTimeout(seconds);
  const { key, receives } = readReceipt(queue, handle);
  const place = ctx.rows(places).get(key);
  if (!place || place.receives !== receives || place.visibleAt <= ctx.now) {
    const reason = 'Message does not exist or is not available for visibility timeout change.';
    throw invalidValue(handle, 'ReceiptHandle', reason);
  }
  const visibleAt = ctx.now + seconds * 1000;
  if (visibleAt > place.receivedAt! + LONGEST_SECONDS * 1000) {
    const reason = `Total VisibilityTimeout for the message is beyond the limit [${LONGEST_SECONDS} seconds]`;
    throw invalidValue(seconds, 'VisibilityTimeout', reason);
  }
  ctx.rows(places).put(key, { ...place, visibleAt });
  if (queue.fifo) refreshGroup(ctx, queue, ctx.rows(messages).get(key)!.groupId!);
  ctx.use(pollers).wake(queue.id);
}
