/*
 * Batches of messages on their way through a function. They are in memory alone: their messages are in flight in
 * their queue, which gives them again when a process ends before it has deleted them.
 *
 * Developer Guide, "Handling errors for an SQS event source in Lambda".
 */

import type { Caller } from '../../kernel/access.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context, Ending, WaitingContext } from '../../kernel/service.ts';
import { choose } from './aliases.ts';
import { occupy } from './concurrency.ts';
import { type EventSourceMapping, mappingArn, queueUrlOf, targetArn } from './event-source-mapping.ts';
import type { Progress } from './event-source-pace.ts';
import { pause } from './event-source-pause.ts';
import { eventOf, type QueueRecord } from './event-source-records.ts';
import { type FoundFunction, functionNotFound, lookUp } from './function.ts';
import { run } from './run.ts';
import type { InvocationResult } from './sandbox/spec.ts';

/** How many messages one call deletes. */
const MOST_DELETED = 10;
/** Pauses before a throttled batch is tried again, in milliseconds. */
const THROTTLED_PAUSE_MS = { first: 1_000, longest: 60_000 };

export interface Batch {
  readonly uuid: string;
  readonly mapping: EventSourceMapping;
  /** Who reads the queue. */
  readonly caller: Caller;
  readonly records: readonly QueueRecord[];
  /** Is told once the batch takes no place any more. */
  readonly ended: (progress: Progress) => void;
}

/** One batch, through the function. */
export async function runBatch(ctx: WaitingContext, batch: Batch): Promise<Ending> {
  const { uuid, mapping, records } = batch;
  ctx.takes(records.map(({ messageId }) => messageId));
  let failed = records.length;
  let outcome = 'fault';
  try {
    const result = await invoke(ctx, batch);
    const done = result.functionError ? [] : succeeded(batch, result);
    await deleteRecords(ctx, batch, done);
    failed -= done.length;
    outcome = result.functionError ? (result.errorType ?? result.functionError) : failed > 0 ? 'failures' : 'ok';
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    outcome = error.code;
  } finally {
    batch.ended(outcome === 'ok' || mapping.reportsFailures ? 'went well' : 'went wrong');
  }
  const [mapped, functionArn] = [mappingArn(ctx.scope, uuid), targetArn(ctx.scope, mapping)];
  return { outcome, detail: { mappingArn: mapped, functionArn, messages: records.length, failed } };
}

/** Runs the function. While it is throttled it is tried again, until the messages are visible to others anyway. */
async function invoke(ctx: WaitingContext, batch: Batch): Promise<InvocationResult> {
  const payload = eventOf(batch.records);
  let givesUpAt: number | undefined;
  for (let pauseMs = THROTTLED_PAUSE_MS.first; ; pauseMs = Math.min(pauseMs * 2, THROTTLED_PAUSE_MS.longest)) {
    try {
      const found = await ctx.transact((tx) => place(tx, batch.mapping));
      const { result } = await run(ctx, { ...found, requestId: ctx.requestId, payload });
      ctx.signal.throwIfAborted();
      return result;
    } catch (error) {
      if (!(error instanceof AwsError) || (error.status !== 429 && error.status < 500)) throw error;
      givesUpAt ??= batch.records[0]!.receivedAt + (await visibilityTimeoutMs(ctx, batch));
      const again = ctx.clock.now() + pauseMs;
      if (again >= givesUpAt) throw error;
      await ctx.letTimePass(pause(ctx.clock, again, ctx.signal));
      ctx.signal.throwIfAborted();
    }
  }
}

/** The function, with a place among those that run. */
function place(ctx: Context, { function: reference }: EventSourceMapping): FoundFunction & { release: () => void } {
  const found = lookUp(ctx, reference);
  if (!found) throw functionNotFound(ctx.scope, reference);
  return { ...choose(ctx, found), release: occupy(ctx, found.name) };
}

async function visibilityTimeoutMs(ctx: WaitingContext, { mapping, caller }: Batch): Promise<number> {
  const QueueUrl = queueUrlOf(ctx.host, mapping.queueArn);
  const input = { QueueUrl, AttributeNames: ['VisibilityTimeout' as const] };
  const { Attributes } = await ctx.call('sqs', 'GetQueueAttributes', input, { caller });
  return Number(Attributes!.VisibilityTimeout) * 1000;
}

/** The messages that are done with: all, unless the function says which are not. */
function succeeded({ mapping, records }: Batch, { payload }: InvocationResult): readonly QueueRecord[] {
  if (!mapping.reportsFailures) return records;
  const failed = failedIn(payload.toString(), new Set(records.map(({ messageId }) => messageId)));
  return failed ? records.filter(({ messageId }) => !failed.has(messageId)) : [];
}

/** The messages that a function says failed; undefined when its answer makes no sense, so that all have. */
function failedIn(text: string, messageIds: ReadonlySet<string>): ReadonlySet<string> | undefined {
  let answer: unknown;
  try {
    answer = text === '' ? null : JSON.parse(text);
  } catch {
    return undefined;
  }
  if (answer === null) return new Set();
  if (typeof answer !== 'object') return undefined;
  const { batchItemFailures = null } = answer as { batchItemFailures?: unknown };
  if (batchItemFailures === null) return new Set();
  if (!Array.isArray(batchItemFailures)) return undefined;
  const failed = batchItemFailures.map((item) => item?.itemIdentifier);
  return failed.every((id) => messageIds.has(id)) ? new Set(failed) : undefined;
}

/** Deletes messages, as many as a call takes at once. One whose receipt has expired stays, as it does on AWS. */
export async function deleteRecords(
  ctx: WaitingContext,
  { mapping, caller }: Pick<Batch, 'mapping' | 'caller'>,
  records: readonly QueueRecord[],
): Promise<void> {
  const QueueUrl = queueUrlOf(ctx.host, mapping.queueArn);
  for (let from = 0; from < records.length; from += MOST_DELETED) {
    const slice = records.slice(from, from + MOST_DELETED);
    const Entries = slice.map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }));
    await ctx.call('sqs', 'DeleteMessageBatch', { QueueUrl, Entries }, { caller });
  }
}
