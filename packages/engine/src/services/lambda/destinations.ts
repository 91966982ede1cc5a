/*
 * Where the results of asynchronous events go: a record of the invocation to a destination, and the bare event of one
 * that was given up to the function's dead-letter queue or topic. Both go by deliveries, so that a target that fails
 * or is gone keeps nobody waiting.
 *
 * Records: Lambda Developer Guide, "Capturing records of Lambda asynchronous invocations", whose example has all
 * members in their order.
 */
import { parseArn } from '../../kernel/arn.ts';
import { isoMillis } from '../../kernel/clock.ts';
import type { Context } from '../../kernel/service.ts';
import { eventInvokeConfigOf } from './event-invoke-configs.ts';
import { type FunctionRecord, type FunctionReference, functionArn, LATEST } from './function.ts';
import type { InvocationResult } from './sandbox/spec.ts';

/** The longest error message in a dead letter's attributes, in bytes (Developer Guide, "Dead-letter queues"). */
const LONGEST_MESSAGE = 1_024;

/** Why an event is done with. The last one is that of a function that may not run at all. */
export type Condition = 'Success' | 'RetriesExhausted' | 'EventAgeExceeded' | 'ZeroReservedConcurrency';

/** What became of an asynchronous event. */
export interface Outcome {
  readonly condition: Condition;
  /** How often the function was run. */
  readonly attempts: number;
  /** The last run, if there was any, and the version that ran. */
  readonly last?: { readonly result: InvocationResult; readonly version: string };
}

/** An asynchronous event. */
export interface FunctionEvent extends FunctionReference {
  readonly requestId: string;
  readonly payload: string;
}

const PRINCIPAL = 'lambda.amazonaws.com';

/** Sends a record of an event's end to the destination that is set for it, if any. */
export function sendToDestination(ctx: Context, event: FunctionEvent, outcome: Outcome, record: FunctionRecord): void {
  const { onSuccessArn, onFailureArn } = eventInvokeConfigOf(ctx, event);
  const isSuccess = outcome.condition === 'Success';
  const targetArn = isSuccess ? onSuccessArn : onFailureArn;
  if (!targetArn) return;
  const sourceArn = functionArn(ctx.scope, event.name, event.qualifier ?? LATEST);
  const detailType = `Lambda Function Invocation Result - ${isSuccess ? 'Success' : 'Failure'}`;
  const parameters = { source: 'lambda', detailType, resources: [targetArn, sourceArn] };
  ctx.deliver({
    targetArn,
    payload: recordOf(ctx, sourceArn, event, outcome),
    principal: PRINCIPAL,
    sourceArn: functionArn(ctx.scope, event.name),
    ...roleOf(record),
    ...(parseArn(targetArn)?.service === 'events' && { parameters }),
  });
}

/** The event goes to the function's dead-letter queue or topic, if it has one; answers its ARN. */
export function sendToDeadLetters(
  ctx: Context,
  { requestId, name, payload }: FunctionEvent,
  record: FunctionRecord,
  error: { status: number; message: string },
): string | undefined {
  const targetArn = record.configuration.DeadLetterConfig?.TargetArn;
  if (!targetArn) return undefined;
  const message = Buffer.from(error.message).subarray(0, LONGEST_MESSAGE).toString();
  const attributes = {
    RequestID: requestId,
    ErrorCode: { DataType: 'Number', StringValue: String(error.status) },
    ...(message && { ErrorMessage: message }),
  };
  const sourceArn = functionArn(ctx.scope, name);
  ctx.deliver({ targetArn, payload, principal: PRINCIPAL, sourceArn, ...roleOf(record), parameters: { attributes } });
  return targetArn;
}

/** The record as text: event and response are put in as they are. */
function recordOf(ctx: Context, arn: string, { requestId, payload }: FunctionEvent, outcome: Outcome): string {
  const { condition, attempts, last } = outcome;
  const requestContext = { requestId, functionArn: arn, condition, approximateInvokeCount: attempts };
  const head = JSON.stringify({ version: '1.0', timestamp: isoMillis(ctx.now), requestContext });
  const response = last ? responseOf(last) : '';
  return `${head.slice(0, -1)},"requestPayload":${payload}${response}}`;
}

function responseOf({ result, version }: NonNullable<Outcome['last']>): string {
  const { functionError } = result;
  const context = { statusCode: 200, executedVersion: version, ...(functionError && { functionError }) };
  return `,"responseContext":${JSON.stringify(context)},"responsePayload":${jsonOf(result.payload.toString())}`;
}

/** A custom runtime may answer with anything: what is no JSON becomes a text of it. */
function jsonOf(text: string): string {
  try {
    JSON.parse(text);
    return text;
  } catch {
    return text === '' ? 'null' : JSON.stringify(text);
  }
}

function roleOf({ configuration: { Role } }: FunctionRecord): { roleArn?: string } {
  return Role ? { roleArn: Role } : {};
}
