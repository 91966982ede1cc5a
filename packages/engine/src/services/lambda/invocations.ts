/*
 * Invocations: at once for a caller who waits, from the agenda for one who does not.
 *
 * Words and limits: Lambda API Reference, Invoke; Developer Guide, "Error handling for asynchronous invocation"
 * (two retries, after one and two minutes, for up to six hours) and "Lambda quotas".
 */
import type { InvocationRequest, InvocationResponse } from '@aws-sdk/client-lambda';
import type { Arn } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context, Delivery, DueWork, WaitingContext } from '../../kernel/service.ts';
import { type FunctionRecord, findFunction, functionArn, functions, LATEST } from './function.ts';
import { createInvocationLog, type InvocationLog } from './log-stream.ts';
import type { InvocationResult } from './sandbox/spec.ts';
import { fleet, specOf } from './sandboxes.ts';

const INVOCATION = 'lambda.invocation';

const LIMITS = { payloadBytes: 6_291_456, asynchronousPayloadBytes: 1_048_576, concurrency: 1_000 };
const RETRY = { attempts: 2, pausesMs: [60_000, 120_000], maximumAgeMs: 6 * 3_600_000 };
/** Pauses of a throttled asynchronous invocation: from a second, doubling, to five minutes. */
const THROTTLED_PAUSE_MS = { first: 1_000, longest: 300_000 };

/** An asynchronous invocation on the agenda; its id is the request id that all its attempts share. */
interface Queued {
  readonly name: string;
  readonly payload: string;
  readonly since: number;
  /** Failed attempts. */
  readonly failures: number;
  readonly throttles: number;
  readonly clientContext?: string;
}

export async function invoke(ctx: WaitingContext, input: InvocationRequest): Promise<InvocationResponse> {
  const type = input.InvocationType ?? 'RequestResponse';
  const found = await ctx.transact((tx) => findFunction(tx, input.FunctionName!, input.Qualifier));
  if (type === 'DryRun') return { StatusCode: 204 };
  const limit = type === 'Event' ? LIMITS.asynchronousPayloadBytes : LIMITS.payloadBytes;
  const payload = payloadOf(input.Payload, limit);
  const clientContext = input.ClientContext && Buffer.from(input.ClientContext, 'base64').toString();
  if (type === 'Event') {
    await ctx.transact((tx) => enqueue(tx, found.name, payload, clientContext));
    return { StatusCode: 202 };
  }
  const run = await runFunction(ctx, found.name, found.record, { requestId: ctx.requestId, payload, clientContext });
  return {
    StatusCode: 200,
    Payload: run.result.payload as InvocationResponse['Payload'],
    ExecutedVersion: LATEST,
    ...(run.result.functionError && { FunctionError: run.result.functionError }),
    ...(input.LogType === 'Tail' && { LogResult: run.log.tail() }),
  };
}

/** Takes a delivery to a function: an asynchronous invocation. */
export function acceptDelivery(ctx: Context, delivery: Delivery, arn: Arn): void {
  const { name } = findFunction(ctx, arn.resource);
  enqueue(ctx, name, delivery.payload);
}

function enqueue(ctx: Context, name: string, payload: string, clientContext?: string): void {
  const queued: Queued = {
    name,
    payload,
    since: ctx.now,
    failures: 0,
    throttles: 0,
    ...(clientContext && { clientContext }),
  };
  ctx.schedule({ kind: INVOCATION, id: ctx.ids.uuid(), due: ctx.now, payload: queued });
}

/** Due work: one attempt of an asynchronous invocation. */
export async function runQueued(ctx: WaitingContext, work: DueWork): Promise<void> {
  const queued = work.payload as Queued;
  const record = await ctx.transact((tx) => tx.rows(functions).get(queued.name));
  if (!record) return;
  const { clientContext, payload } = queued;
  const request = { requestId: work.id, payload, clientContext, attempt: queued.failures + 1 };
  const outcome = await attempt(ctx, queued.name, record, request);
  if (outcome === 'done') return;
  await ctx.transact((tx) => {
    const again = outcome === 'failed' ? afterFailure(queued, tx.now) : afterThrottle(queued, tx.now);
    if (again) tx.schedule({ ...work, due: again.due, payload: again.queued });
  });
}

async function attempt(ctx: WaitingContext, name: string, record: FunctionRecord, request: Request) {
  try {
    const { result } = await runFunction(ctx, name, record, request);
    return result.functionError ? 'failed' : 'done';
  } catch (error) {
    if (error instanceof AwsError && (error.status === 429 || error.status >= 500)) return 'throttled';
    throw error;
  }
}

function afterFailure(queued: Queued, now: number): { due: number; queued: Queued } | undefined {
  const due = now + (RETRY.pausesMs[queued.failures] ?? 0);
  if (queued.failures >= RETRY.attempts || due > queued.since + RETRY.maximumAgeMs) return undefined;
  return { due, queued: { ...queued, failures: queued.failures + 1 } };
}

function afterThrottle(queued: Queued, now: number): { due: number; queued: Queued } | undefined {
  const due = now + Math.min(THROTTLED_PAUSE_MS.first * 2 ** queued.throttles, THROTTLED_PAUSE_MS.longest);
  if (due > queued.since + RETRY.maximumAgeMs) return undefined;
  return { due, queued: { ...queued, throttles: queued.throttles + 1 } };
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

interface Request {
  readonly requestId: string;
  readonly payload: string;
  readonly clientContext?: string | undefined;
  /** Which attempt of an asynchronous invocation it is, from 1. */
  readonly attempt?: number;
}

/** Runs a function in a sandbox, keeps its log, and notes the invocation in the journal. */
async function runFunction(
  ctx: WaitingContext,
  name: string,
  record: FunctionRecord,
  { requestId, payload, clientContext, attempt = 1 }: Request,
): Promise<{ result: InvocationResult; log: InvocationLog }> {
  const sandboxes = ctx.use(fleet);
  if (sandboxes.inFlight() >= LIMITS.concurrency) throw throttled();
  const spec = specOf(ctx.host, ctx.scope, name, record);
  const log = createInvocationLog(ctx, spec.logGroup);
  const startedAt = ctx.clock.now();
  const refusal = ctx.host.weather.refusalOf(spec.functionArn, startedAt);
  if (refusal) throw refusal;
  const struck = ctx.host.weather.fails(spec.functionArn, startedAt);
  const run = () =>
    sandboxes.invoke(spec, {
      requestId,
      payload,
      invokedFunctionArn: spec.functionArn,
      ...(clientContext && { clientContext }),
      onLog: (line, logStream) => log.write(line, logStream),
    });
  const result = struck ? INJECTED : await ctx.letTimePass(run());
  await log.end();
  ctx.note({
    kind: 'invocation',
    subject: functionArn(ctx.scope, name),
    outcome: result.functionError ? (result.errorType ?? result.functionError) : 'ok',
    detail: {
      requestId,
      attempt,
      startedAt,
      durationMs: result.durationMs,
      cold: result.cold,
      ...(result.initDurationMs !== undefined && { initDurationMs: result.initDurationMs }),
    },
  });
  return { result, log };
}

/** The event as text, byte for byte; `{}` when there is none. */
function payloadOf(payload: Uint8Array | undefined, limit: number): string {
  if (!payload || payload.byteLength === 0) return '{}';
  if (payload.byteLength > limit) {
    throw new AwsError(
      'RequestTooLargeException',
      `${payload.byteLength} byte payload is too large for the ${limit === LIMITS.payloadBytes ? 'RequestResponse' : 'Event'} invocation type (limit ${limit} bytes)`,
      { status: 413, members: { Type: 'User' } },
    );
  }
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString();
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    const message = `Could not parse request body into json: ${(error as Error).message}`;
    throw new AwsError('InvalidRequestContentException', message, { members: { Type: 'User' } });
  }
}

function throttled(): AwsError {
  return new AwsError('TooManyRequestsException', 'Rate Exceeded.', {
    status: 429,
    members: { Type: 'User', Reason: 'ConcurrentInvocationLimitExceeded', retryAfterSeconds: '1' },
  });
}
