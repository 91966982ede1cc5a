/* One run of a function: in a sandbox, with its log kept, and noted in the journal. */
import type { OpenNote, WaitingContext } from '../../kernel/service.ts';
import { refused } from './concurrency.ts';
import { type FunctionRecord, type FunctionReference, functionArn } from './function.ts';
import { createInvocationLog, type InvocationLog } from './log-stream.ts';
import type { InvocationResult } from './sandbox/spec.ts';
import { fleet, specOf } from './sandboxes.ts';

/** One run of a function. */
export interface Run extends FunctionReference {
  /** The version that runs. */
  readonly record: FunctionRecord;
  readonly requestId: string;
  readonly payload: string;
  readonly clientContext?: string | undefined;
  /** Which attempt of an asynchronous invocation it is, from 1. */
  readonly attempt?: number;
  /** Gives back the place that it takes among those that run at once. */
  readonly release: () => void;
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
export async function run(
  ctx: WaitingContext,
  { name, qualifier, record, requestId, payload, clientContext, attempt = 1, release }: Run,
): Promise<{ result: InvocationResult; log: InvocationLog }> {
  const spec = specOf(ctx.host, ctx.scope, name, record);
  // A function writes its log in its role: https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
  const log = createInvocationLog(ctx, spec.logGroup, {
    principal: 'lambda.amazonaws.com',
    sourceArn: spec.functionArn,
    ...(record.configuration.Role !== undefined && { roleArn: record.configuration.Role }),
  });
  const startedAt = ctx.clock.now();
  let endErrand: (() => void) | undefined;
  const invokeSandbox = (note: number) =>
    ctx.use(fleet).invoke(spec, {
      requestId,
      payload,
      invokedFunctionArn: functionArn(ctx.scope, name, qualifier),
      ...(clientContext && { clientContext }),
      onTaken: (logStream) => {
        endErrand = ctx.host.errands.begin(logStream, note);
      },
      onLog: (line, logStream) => log.write(line, logStream),
      onWait: log.flush,
    });
  let result: InvocationResult;
  let note: OpenNote | undefined;
  try {
    const refusal = ctx.host.weather.refusalOf(spec.functionArn, startedAt);
    if (refusal) throw refused(ctx, spec.functionArn, refusal);
    const struck = ctx.host.weather.fails(spec.functionArn, startedAt);
    note = ctx.openNote('invocation', spec.functionArn);
    result = struck ? INJECTED : await ctx.letTimePass(invokeSandbox(note.number));
  } catch (error) {
    note?.end('fault', { requestId, attempt, startedAt });
    throw error;
  } finally {
    endErrand?.();
    release();
  }
  await log.end();
  note.end(result.functionError ? (result.errorType ?? result.functionError) : 'ok', {
    requestId,
    attempt,
    ...(record.version && { version: record.version }),
    startedAt,
    durationMs: result.durationMs,
    billedDurationMs: result.billedDurationMs,
    memoryMb: spec.memoryMb,
    architecture: record.configuration.Architectures?.[0] ?? 'x86_64',
    cold: result.cold,
    ...(result.initDurationMs !== undefined && { initDurationMs: result.initDurationMs }),
    ...(result.functionError && { message: messageOf(result.payload) }),
  });
  return { result, log };
}

/** How much of an error's message is noted, in characters. */
const LONGEST_NOTED = 256;

/** The message of an error as Lambda answers it. */
function messageOf(payload: Buffer): string | undefined {
  try {
    const error = JSON.parse(payload.toString()) as { errorMessage?: unknown } | null;
    return typeof error?.errorMessage === 'string' ? error.errorMessage.slice(0, LONGEST_NOTED) : undefined;
  } catch {
    return undefined;
  }
}
