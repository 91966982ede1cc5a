/*
 * Invocations by callers: at once for those who wait, from the agenda for those who do not.
 *
 * Words and limits: Lambda API Reference, Invoke, InvokeWithResponseStream and InvokeAsync; Developer Guide, "Lambda quotas".
 */
import type {
  InvocationRequest,
  InvocationResponse,
  InvokeAsyncRequest,
  InvokeAsyncResponse,
  InvokeWithResponseStreamRequest,
  InvokeWithResponseStreamResponse,
  InvokeWithResponseStreamResponseEvent,
} from '@aws-sdk/client-lambda';
import { AwsError } from '../../kernel/errors.ts';
import type { WaitingContext } from '../../kernel/service.ts';
import { choose } from './aliases.ts';
import { enqueue } from './asynchronous.ts';
import { occupy } from './concurrency.ts';
import { findFunction, LATEST } from './function.ts';
import { run } from './run.ts';

/** In bytes. */
const LIMITS = { payload: 6_291_456, asynchronousPayload: 1_048_576 };

export async function invoke(ctx: WaitingContext, input: InvocationRequest): Promise<InvocationResponse> {
  const { InvocationType: type = 'RequestResponse', FunctionName, Qualifier, LogType } = input;
  const payload = payloadOf(input.Payload, type);
  const clientContext = clientContextOf(input.ClientContext);
  const found = await ctx.transact((tx) => {
    const found = findFunction(tx, FunctionName!, Qualifier);
    if (type === 'Event') enqueue(tx, { ...found, requestId: tx.requestId, payload });
    return type === 'RequestResponse' ? { ...choose(tx, found), release: occupy(tx, found.name) } : undefined;
  });
  if (!found) return { StatusCode: type === 'Event' ? 202 : 204 };
  const { result, log } = await run(ctx, { ...found, requestId: ctx.requestId, payload, clientContext });
  return {
    StatusCode: 200,
    Payload: result.payload as InvocationResponse['Payload'],
    ExecutedVersion: found.record.version ?? LATEST,
    ...(result.functionError && { FunctionError: result.functionError }),
    ...(LogType === 'Tail' && { LogResult: log.tail() }),
  };
}

/** The same as a stream of events. The response comes whole, as one chunk. */
export async function invokeWithResponseStream(
  ctx: WaitingContext,
  { InvocationType, ...input }: InvokeWithResponseStreamRequest,
): Promise<InvokeWithResponseStreamResponse> {
  const answer = await invoke(ctx, { ...input, ...(InvocationType && { InvocationType }) });
  const { StatusCode, ExecutedVersion, Payload, FunctionError, LogResult } = answer;
  if (InvocationType === 'DryRun') return { StatusCode };
  const error = FunctionError && { ErrorCode: FunctionError, ErrorDetails: Buffer.from(Payload!).toString() };
  const events: InvokeWithResponseStreamResponseEvent[] = [
    ...(error ? [] : [{ PayloadChunk: { Payload } }]),
    { InvokeComplete: { ...error, ...(LogResult && { LogResult }) } },
  ];
  // The SDK's type is that of a client, to whom events come one after another.
  return { StatusCode, ExecutedVersion, EventStream: events as unknown as AsyncIterable<(typeof events)[0]> };
}

/** The API that Invoke replaced: an event, and no word of its end. Its body comes as a stream. */
export async function invokeAsync(ctx: WaitingContext, input: InvokeAsyncRequest): Promise<InvokeAsyncResponse> {
  const args = await gathered(input.InvokeArgs as Uint8Array | AsyncIterable<Uint8Array>);
  const payload = payloadOf(args, 'Event');
  await ctx.transact((tx) =>
    enqueue(tx, { ...findFunction(tx, input.FunctionName!), requestId: tx.requestId, payload }),
  );
  return { Status: 202 };
}

/** A body's bytes, up to the first that are too many. */
async function gathered(body: Uint8Array | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of body) {
    parts.push(part);
    bytes += part.byteLength;
    if (bytes > LIMITS.asynchronousPayload) break;
  }
  return Buffer.concat(parts);
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
