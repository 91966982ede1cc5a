/*
 * How many invocations may run at once: of all functions of an account in a region, and of one that has a part of
 * that reserved to itself.
 *
 * Words and limits: Lambda API Reference, PutFunctionConcurrency and GetAccountSettings; Developer Guide, "Lambda
 * quotas" and "Configuring reserved concurrency".
 */
import type {
  Concurrency,
  DeleteFunctionConcurrencyRequest,
  GetAccountSettingsResponse,
  GetFunctionConcurrencyRequest,
  GetFunctionConcurrencyResponse,
  PutFunctionConcurrencyRequest,
} from '@aws-sdk/client-lambda';
import { AwsError } from '../../kernel/errors.ts';
import { type Context, resource } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { findUnpublished, functionArn, functions, invalidParameter, versions } from './function.ts';
import { layerVersions } from './layers.ts';

const LIMITS = { concurrency: 1_000, unreserved: 100 };
/** The account's other limits, in bytes: code of all functions (75 GB), of one unzipped, and zipped. */
const CODE_LIMITS = { TotalCodeSize: 80_530_636_800, CodeSizeUnzipped: 262_144_000, CodeSizeZipped: 52_428_800 };

/** How many invocations a function has to itself, by its name. */
const reserved = table<number>('lambda.reserved-concurrency');

/** Invocations under way, by the ARN of their function. */
const running = resource<Map<string, number>>({ open: () => new Map(), close: () => {} });

export function putFunctionConcurrency(ctx: Context, input: PutFunctionConcurrencyRequest): Concurrency {
  const { name } = findUnpublished(ctx, input.FunctionName!);
  const wanted = input.ReservedConcurrentExecutions!;
  if (unreserved(ctx) + (reservedFor(ctx, name) ?? 0) - wanted < LIMITS.unreserved) {
    throw invalidParameter(
      `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${LIMITS.unreserved}].`,
    );
  }
  ctx.rows(reserved).put(name, wanted);
  return { ReservedConcurrentExecutions: wanted };
}

export function getFunctionConcurrency(
  ctx: Context,
  input: GetFunctionConcurrencyRequest,
): GetFunctionConcurrencyResponse {
  const ReservedConcurrentExecutions = reservedFor(ctx, findUnpublished(ctx, input.FunctionName!).name);
  return ReservedConcurrentExecutions === undefined ? {} : { ReservedConcurrentExecutions };
}

export function deleteFunctionConcurrency(ctx: Context, input: DeleteFunctionConcurrencyRequest): void {
  removeReserved(ctx, findUnpublished(ctx, input.FunctionName!).name);
}

export function reservedFor(ctx: Context, name: string): number | undefined {
  return ctx.rows(reserved).get(name);
}

export function removeReserved(ctx: Context, name: string): void {
  ctx.rows(reserved).delete(name);
}

export function getAccountSettings(ctx: Context): GetAccountSettingsResponse {
  const all = ctx.rows(functions).list();
  const code = [...all, ...ctx.rows(versions).list()].map(([, { configuration }]) => configuration.CodeSize ?? 0);
  const layers = ctx
    .rows(layerVersions)
    .list()
    .map(([, layer]) => layer.package.size);
  const ConcurrentExecutions = LIMITS.concurrency;
  return {
    AccountLimit: { ...CODE_LIMITS, ConcurrentExecutions, UnreservedConcurrentExecutions: unreserved(ctx) },
    AccountUsage: {
      TotalCodeSize: [...code, ...layers].reduce((sum, size) => sum + size, 0),
      FunctionCount: all.length,
    },
  };
}

/**
 * Takes the place of one invocation; returns the function that gives it back. Throws AWS's error, and notes it, when
 * none is free.
 */
export function occupy(ctx: Context, name: string): () => void {
  const counts = ctx.use(running);
  const arn = functionArn(ctx.scope, name);
  const count = counts.get(arn) ?? 0;
  const own = reservedFor(ctx, name);
  const refuse = (reason: string) => refused(ctx, arn, throttled(reason));
  if (own !== undefined && count >= own) throw refuse('ReservedFunctionConcurrentInvocationLimitExceeded');
  if (own === undefined && unreservedRunning(ctx, counts) >= unreserved(ctx)) {
    throw refuse('ConcurrentInvocationLimitExceeded');
  }
  counts.set(arn, count + 1);
  return () => {
    const left = (counts.get(arn) ?? 1) - 1;
    if (left > 0) counts.set(arn, left);
    else counts.delete(arn);
  };
}

/** Notes that a run was refused, and why; returns the error to throw. */
export function refused(ctx: Pick<Context, 'note'>, subject: string, error: AwsError): AwsError {
  ctx.note({ kind: 'refusal', subject, outcome: error.code, detail: { status: error.status } });
  return error;
}

function unreserved(ctx: Context): number {
  return ctx
    .rows(reserved)
    .list()
    .reduce((left, [, count]) => left - count, LIMITS.concurrency);
}

function unreservedRunning(ctx: Context, counts: ReadonlyMap<string, number>): number {
  const prefix = functionArn(ctx.scope, '');
  let sum = 0;
  for (const [arn, count] of counts) {
    if (arn.startsWith(prefix) && reservedFor(ctx, arn.slice(prefix.length)) === undefined) sum += count;
  }
  return sum;
}

function throttled(reason: string): AwsError {
  return new AwsError('TooManyRequestsException', 'Rate Exceeded.', {
    status: 429,
    members: { Type: 'User', Reason: reason, retryAfterSeconds: '1' },
  });
}
