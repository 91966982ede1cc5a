/*
 * Asynchronous events: queued on the agenda, tried again when the function fails or may not run, and given up at last.
 *
 * Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation" (two retries, after one
 * and two minutes; throttled ones from a second, doubling, to five minutes; for six hours at most) and "Capturing
 * records of Lambda asynchronous invocations" (no retries where the reserved concurrency is zero).
 */
import type { Arn } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context, Delivery, DueWork, WaitingContext } from '../../kernel/service.ts';
import { choose } from './aliases.ts';
import { occupy, reservedFor } from './concurrency.ts';
import { type FunctionEvent, type Outcome, sendToDeadLetters, sendToDestination } from './destinations.ts';
import { eventInvokeConfigOf } from './event-invoke-configs.ts';
import { type FunctionRecord, findFunction, functionArn, LATEST, lookUp } from './function.ts';
import { run } from './run.ts';
import type { InvocationResult } from './sandbox/spec.ts';

const INVOCATION = 'lambda.invocation';

const RETRY = { attempts: 2, pausesMs: [60_000, 120_000], maximumAgeSeconds: 21_600 };
const THROTTLED_PAUSE_MS = { first: 1_000, longest: 300_000 };

/** How many are under way at once: of all, as many as AWS has run in an account at first, and of one function. */
export const INVOCATIONS = { concurrency: 1_000, crowd: { of: functionOf, most: 100 } };

/** An asynchronous invocation on the agenda; all its attempts share its request's id. */
interface Queued extends FunctionEvent {
  /** When it was accepted, epoch milliseconds. */
  readonly since: number;
  /** Failed attempts. */
  readonly failures: number;
  readonly throttles: number;
}

/** Takes a delivery to a function: an asynchronous invocation. */
export function acceptDelivery(ctx: Context, delivery: Delivery, arn: Arn): void {
  enqueue(ctx, { ...findFunction(ctx, arn.resource), requestId: ctx.ids.uuid(), payload: delivery.payload });
}

export function enqueue(ctx: Context, { requestId, name, qualifier, payload }: FunctionEvent): void {
  const reference = qualifier === undefined ? { name } : { name, qualifier };
  const queued = { requestId, ...reference, payload, since: ctx.now, failures: 0, throttles: 0 };
  ctx.schedule({ kind: INVOCATION, id: ctx.ids.ordered(ctx.now), due: ctx.now, payload: queued });
}

function functionOf({ payload }: DueWork): string {
  return (payload as Queued).name;
}

/**
 * Due work: one attempt of an asynchronous invocation, with the function as it is by then. One that the engine's
 * end cuts short is no attempt: it stays on the agenda, and is made again at the next start.
 */
export async function runQueued(ctx: WaitingContext, work: DueWork): Promise<void> {
  const queued = work.payload as Queued;
  try {
    const found = await ctx.transact((tx) => {
      const found = lookUp(tx, queued);
      return found && { ...choose(tx, found), release: occupy(tx, queued.name) };
    });
    if (!found) return discarded(ctx, queued, 'ResourceNotFoundException', { attempts: queued.failures });
    const { result } = await run(ctx, { ...queued, ...found, attempt: queued.failures + 1 });
    ctx.signal.throwIfAborted();
    await ctx.transact((tx) => afterRun(tx, work, found.record, result));
  } catch (error) {
    if (!(error instanceof AwsError) || (error.status !== 429 && error.status < 500)) throw error;
    await ctx.transact((tx) => afterRefusal(tx, work, error));
  }
}

function afterRun(ctx: Context, work: DueWork, record: FunctionRecord, result: InvocationResult): void {
  const queued = work.payload as Queued;
  const attempts = queued.failures + 1;
  const last = { result, version: record.version ?? LATEST };
  if (!result.functionError) {
    end(ctx, work, { condition: 'Success', attempts, last }, record);
    return;
  }
  const { maximumRetryAttempts = RETRY.attempts } = eventInvokeConfigOf(ctx, queued);
  const mayRetry = queued.failures < maximumRetryAttempts;
  if (mayRetry && retry(ctx, work, RETRY.pausesMs[queued.failures]!, { ...queued, failures: attempts })) return;
  const condition = mayRetry ? 'EventAgeExceeded' : 'RetriesExhausted';
  giveUp(ctx, work, { condition, attempts, last }, record, { status: 200, message: errorMessageOf(result) });
}

/** The function was throttled, or Lambda itself failed: that counts as no attempt. */
function afterRefusal(ctx: Context, work: DueWork, error: AwsError): void {
  const queued = work.payload as Queued;
  const mayRun = reservedFor(ctx, queued.name) !== 0;
  const pauseMs = Math.min(THROTTLED_PAUSE_MS.first * 2 ** queued.throttles, THROTTLED_PAUSE_MS.longest);
  if (mayRun && retry(ctx, work, pauseMs, { ...queued, throttles: queued.throttles + 1 })) return;
  const condition = mayRun ? 'EventAgeExceeded' : 'ZeroReservedConcurrency';
  const record = lookUp(ctx, queued)!.record;
  giveUp(ctx, work, { condition, attempts: queued.failures }, record, error);
}

/** Puts an invocation back on the agenda; false when it would be too old by then. */
function retry(ctx: Context, work: DueWork, pauseMs: number, queued: Queued): boolean {
  const { maximumEventAgeSeconds = RETRY.maximumAgeSeconds } = eventInvokeConfigOf(ctx, queued);
  const due = ctx.now + pauseMs;
  if (due >= queued.since + maximumEventAgeSeconds * 1000) return false;
  ctx.schedule({ ...work, due, payload: queued });
  return true;
}

function giveUp(
  ctx: Context,
  work: DueWork,
  outcome: Outcome,
  record: FunctionRecord,
  error: { status: number; message: string },
): void {
  const queued = work.payload as Queued;
  const deadLetterArn = sendToDeadLetters(ctx, queued, record, error);
  const { condition, attempts } = outcome;
  discarded(ctx, queued, condition, { attempts, ...(deadLetterArn && { deadLetterArn }) });
  end(ctx, work, outcome, record);
}

/** An event leaves the agenda in the transaction that sends its result. */
function end(ctx: Context, work: DueWork, outcome: Outcome, record: FunctionRecord): void {
  ctx.unschedule(work.kind, work.id);
  sendToDestination(ctx, work.payload as Queued, outcome, record);
}

/** Notes that an event was given up: why, after how many attempts, and where it went. */
function discarded(
  ctx: Pick<Context, 'note' | 'scope'>,
  { requestId, name }: FunctionEvent,
  outcome: Outcome['condition'] | 'ResourceNotFoundException',
  more: { attempts: number; deadLetterArn?: string },
): void {
  ctx.note({ kind: 'discarded', subject: functionArn(ctx.scope, name), outcome, detail: { requestId, ...more } });
}

function errorMessageOf({ payload }: InvocationResult): string {
  try {
    const error = JSON.parse(payload.toString()) as { errorMessage?: unknown } | null;
    return String(error?.errorMessage ?? '');
  } catch {
    return '';
  }
}
