/*
 * Invocations: at once for a caller who waits, from the agenda for one who does not.
 *
 * Words and limits: Lambda API Reference, Invoke; Developer Guide, "How Lambda handles errors and retries with
 * asynchronous invocation" (two retries, after one and two minutes; throttled ones from a second, doubling, to five
 * minutes; for six hours at most), "Dead-letter queues" and "Lambda quotas".
 */
import type { InvocationRequest, InvocationResponse } from '@aws-sdk/client-lambda';
import type { Arn } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context, Delivery, DueWork, WaitingContext } from '../../kernel/service.ts';
import { occupy, refused } from './concurrency.ts';
import { type FunctionRecord, findFunction, functionArn, functions, LATEST } from './function.ts';
import { createInvocationLog, type InvocationLog } from './log-stream.ts';
import type { InvocationResult } from './sandbox/spec.ts';
import { fleet, specOf } from './sandboxes.ts';

const INVOCATION = 'lambda.invocation';

/** In bytes. */
const LIMITS = { payload: 6_291_456, asynchronousPayload: 1_048_576, errorMessage: 1_024 };
const RETRY = { attempts: 2, pausesMs: [60_000, 120_000], maximumAgeMs: 6 * 3_600_000 };
const THROTTLED_PAUSE_MS = { first: 1_000, longest: 300_000 };

/** An asynchronous invocation on the agenda. */
interface Queued {
  /** All its attempts share it. */
  readonly requestId: string;
  readonly name: string;
  /** With the qualifier that the caller used. */
  readonly invokedArn: string;
  readonly payload: string;
  /** When it was accepted, epoch milliseconds. */
  readonly since: number;
  /** Failed attempts. */
  readonly failures: number;
  readonly throttles: number;
}

/** One run of a function. */
interface Run {
  readonly name: string;
  readonly record: FunctionRecord;
  readonly requestId: string;
  readonly invokedArn: string;
  readonly payload: string;
  readonly clientContext?: string | undefined;
  /** Which attempt of an asynchronous invocation it is, from 1. */
  readonly attempt?: number;
  /** Gives back the place that it takes among those that run at once. */
  readonly release: () => void;
}

export async function invoke(ctx: WaitingContext, input: InvocationRequest): Promise<InvocationResponse> {
  const { InvocationType: type = 'RequestResponse', FunctionName, Qualifier, LogType } = input;
  const payload = payloadOf(input.Payload, type);
  const clientContext = clientContextOf(input.ClientContext);
  const found = await ctx.transact((tx) => {
    const { name, qualifier, record } = findFunction(tx, FunctionName!, Qualifier);
    const invocation = { name, invokedArn: functionArn(tx.scope, name, qualifier), payload };
    if (type === 'Event') enqueue(tx, tx.requestId, invocation);
    return { ...invocation, record, release: type === 'RequestResponse' ? occupy(tx, name) : () => {} };
  });
  if (type === 'DryRun') return { StatusCode: 204 };
  if (type === 'Event') return { StatusCode: 202 };
  const { result, log } = await run(ctx, { ...found, requestId: ctx.requestId, clientContext });
  return {
    StatusCode: 200,
    Payload: result.payload as InvocationResponse['Payload'],
    ExecutedVersion: LATEST,
    ...(result.functionError && { FunctionError: result.functionError }),
    ...(LogType === 'Tail' && { LogResult: log.tail() }),
  };
}

/** Takes a delivery to a function: an asynchronous invocation. */
export function acceptDelivery(ctx: Context, delivery: Delivery, arn: Arn): void {
  const { name, qualifier } = findFunction(ctx, arn.resource);
  const invokedArn = functionArn(ctx.scope, name, qualifier);
  enqueue(ctx, ctx.ids.uuid(), { name, invokedArn, payload: delivery.payload });
}

function enqueue(ctx: Context, requestId: string, invocation: Pick<Queued, 'name' | 'invokedArn' | 'payload'>): void {
  const queued: Queued = { requestId, ...invocation, since: ctx.now, failures: 0, throttles: 0 };
  ctx.schedule({ kind: INVOCATION, id: ctx.ids.ordered(ctx.now), due: ctx.now, payload: queued });
}

/**
 * Due work: one attempt of an asynchronous invocation, with the function as it is by then. One that the engine's
 * end cuts short is no attempt: it stays on the agenda, and is made again at the next start.
 */
export async function runQueued(ctx: WaitingContext, work: DueWork): Promise<void> {
  const queued = work.payload as Queued;
  try {
    const found = await ctx.transact((tx) => {
      const record = tx.rows(functions).get(queued.name);
      return record && { record, release: occupy(tx, queued.name) };
    });
    if (!found) return discard(ctx, work, 'ResourceNotFoundException', { attempts: queued.failures });
    const { result } = await run(ctx, { ...queued, ...found, attempt: queued.failures + 1 });
    ctx.signal.throwIfAborted();
    if (result.functionError) await ctx.transact((tx) => afterFailure(tx, work, result));
  } catch (error) {
    if (!(error instanceof AwsError) || (error.status !== 429 && error.status < 500)) throw error;
    await ctx.transact((tx) => afterThrottle(tx, work, error));
  }
}

function afterFailure(ctx: Context, work: DueWork, result: InvocationResult): void {
  const queued = work.payload as Queued;
  const pause = RETRY.pausesMs[queued.failures] ?? 0;
  const again = { ...queued, failures: queued.failures + 1 };
  if (queued.failures < RETRY.attempts && retry(ctx, work, pause, again)) return;
  const reason = queued.failures < RETRY.attempts ? 'EventAgeExceeded' : 'RetriesExhausted';
  const deadLetterArn = deadLetter(ctx, work, '200', errorMessageOf(result));
  discard(ctx, work, reason, { attempts: again.failures, ...(deadLetterArn && { deadLetterArn }) });
}

function afterThrottle(ctx: Context, work: DueWork, error: AwsError): void {
  const queued = work.payload as Queued;
  const pause = Math.min(THROTTLED_PAUSE_MS.first * 2 ** queued.throttles, THROTTLED_PAUSE_MS.longest);
  if (retry(ctx, work, pause, { ...queued, throttles: queued.throttles + 1 })) return;
  const deadLetterArn = deadLetter(ctx, work, String(error.status), error.message);
  discard(ctx, work, 'EventAgeExceeded', { attempts: queued.failures, ...(deadLetterArn && { deadLetterArn }) });
}

/** Puts an invocation back on the agenda; false when it would be too old by then. */
function retry(ctx: Context, work: DueWork, pauseMs: number, queued: Queued): boolean {
  const due = ctx.now + pauseMs;
  if (due > queued.since + RETRY.maximumAgeMs) return false;
  ctx.schedule({ ...work, due, payload: queued });
  return true;
}

/** The event goes to the function's dead-letter queue or topic, if it has one; answers its ARN. */
function deadLetter(ctx: Context, work: DueWork, errorCode: string, errorMessage: string): string | undefined {
  const { requestId, name, payload } = work.payload as Queued;
  const targetArn = ctx.rows(functions).get(name)?.configuration.DeadLetterConfig?.TargetArn;
  if (!targetArn) return undefined;
  const attributes = { RequestID: requestId, ErrorCode: errorCode, ErrorMessage: errorMessage };
  const sourceArn = functionArn(ctx.scope, name);
  ctx.deliver({ targetArn, payload, principal: 'lambda.amazonaws.com', sourceArn, parameters: { attributes } });
  return targetArn;
}

/** Notes that an event was given up: why, after how many attempts, and where it went. */
function discard(
  ctx: Context | WaitingContext,
  work: DueWork,
  outcome: 'RetriesExhausted' | 'EventAgeExceeded' | 'ResourceNotFoundException',
  more: { attempts: number; deadLetterArn?: string },
): void {
  const { requestId, name } = work.payload as Queued;
  ctx.note({ kind: 'discarded', subject: functionArn(ctx.scope, name), outcome, detail: { requestId, ...more } });
}

function errorMessageOf({ payload }: InvocationResult): string {
  const error = parsed(payload.toString()) as { errorMessage?: unknown } | null | undefined;
  const message = Buffer.from(String(error?.errorMessage ?? ''));
  return message.subarray(0, LIMITS.errorMessage).toString();
}

/** The run of a function that was to fail, as the user asked: its code is not reached. */
const INJECTED: InvocationResult = {
  payload: Buffer.from('{"errorType":"InjectedFault","errorMessage":"This run was to fail, as was asked for."}'),
  functionError: 'Unhandled',
  errorType: 'InjectedFault',
  streamed: false,
  contentType: 'application/json',
  durationMs: 0,
  billedDurationMs: 1,
  memoryUsedMb: 0,
  cold: false,
  logStream: '',
};

/** Runs a function in a sandbox, keeps its log, and notes the invocation in the journal. */
async function run(
  ctx: WaitingContext,
  { name, record, requestId, invokedArn, payload, clientContext, attempt = 1, release }: Run,
): Promise<{ result: InvocationResult; log: InvocationLog }> {
  const spec = specOf(ctx.host, ctx.scope, name, record);
  const log = createInvocationLog(ctx, spec.logGroup);
  const startedAt = ctx.clock.now();
  const invokeSandbox = () =>
    ctx.use(fleet).invoke(spec, {
      requestId,
      payload,
      invokedFunctionArn: invokedArn,
      ...(clientContext && { clientContext }),
      onLog: (line, logStream) => log.write(line, logStream),
      onWait: log.flush,
    });
  let result: InvocationResult;
  try {
    const refusal = ctx.host.weather.refusalOf(spec.functionArn, startedAt);
    if (refusal) throw refused(ctx, spec.functionArn, refusal);
    const struck = ctx.host.weather.fails(spec.functionArn, startedAt);
    result = struck ? INJECTED : await ctx.letTimePass(invokeSandbox());
  } finally {
    release();
  }
  await log.end();
  ctx.note({
    kind: 'invocation',
    subject: spec.functionArn,
    outcome: result.functionError ? (result.errorType ?? result.functionError) : 'ok',
    detail: {
      requestId,
      attempt,
      startedAt,
      durationMs: result.durationMs,
      billedDurationMs: result.billedDurationMs,
      memoryMb: spec.memoryMb,
      architecture: record.configuration.Architectures?.[0] ?? 'x86_64',
      cold: result.cold,
      ...(result.initDurationMs !== undefined && { initDurationMs: result.initDurationMs }),
    },
  });
  return { result, log };
}

/** The event as text, byte for byte; `{}` when there is none. */
function payloadOf(payload: Uint8Array | undefined, type: string): string {
  if (!payload || payload.byteLength === 0) return '{}';
  if (payload.byteLength > LIMITS.payload) {
    const message = `Request must be smaller than ${LIMITS.payload} bytes for the InvokeFunction operation`;
    throw new AwsError('RequestEntityTooLargeException', message, { status: 413, members: { Type: 'User' } });
  }
  if (type === 'Event' && payload.byteLength > LIMITS.asynchronousPayload) {
    const limit = `(limit ${LIMITS.asynchronousPayload} bytes)`;
    const message = `${payload.byteLength} byte payload is too large for the Event invocation type ${limit}`;
    throw new AwsError('RequestTooLargeException', message, { status: 413, members: { Type: 'User' } });
  }
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString();
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    throw invalidContent(`Could not parse request body into json: ${(error as Error).message}`);
  }
}

/** JSON text, sent as base64. Lambda hands it to functions whose caller waits, and to no others. */
function clientContextOf(encoded: string | undefined): string | undefined {
  if (!encoded) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const value = parsed(text);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return text;
  throw invalidContent('Client context must be a valid Base64-encoded JSON object.');
}

/** The value of JSON text; undefined when it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function invalidContent(message: string): AwsError {
  return new AwsError('InvalidRequestContentException', message, { members: { Type: 'User' } });
}
