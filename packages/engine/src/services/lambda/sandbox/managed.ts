/*
 * The runtimes that Lambda manages, Node.js and Python: a bootstrap of ours runs the function, and talks by frames.
 */
import type { Frame } from './channel.ts';
import type { Output } from './output.ts';
import type { SandboxProcess } from './process.ts';
import {
  createExpectation,
  createGatherer,
  type InitOutcome,
  type Invocation,
  type InvokeOutcome,
  oversizeError,
  type Reported,
  type Runtime,
} from './runtime.ts';

/** The header of the `init` frame: which function it is. */
export interface InitHeader extends Record<string, unknown> {
  runtime: string;
  handler: string;
  codeDirectory: string;
  /** Further directories to load modules from. */
  paths: readonly string[];
  environment: Record<string, string>;
  logFormat: 'Text' | 'JSON';
  logLevel?: string | undefined;
}

/** Makes a started bootstrap the runtime of a function. */
export function createManagedRuntime(
  process: SandboxProcess,
  init: InitHeader,
  output: Output,
  now: () => number,
): Runtime {
  const started = createExpectation<InitOutcome>();
  const answered = createExpectation<InvokeOutcome>();
  let stream = createGatherer();
  /** The type of a streamed response; undefined as long as nothing is streamed. */
  let streamType: string | undefined;

  const onResponse = ({ body, oversize }: Frame, memoryKb: number | undefined): InvokeOutcome => {
    if (oversize || stream.isOver()) return oversizeError();
    const streamed = streamType !== undefined;
    const payload = streamed ? stream.payload() : body;
    return { kind: 'result', payload, contentType: streamType ?? 'application/json', streamed, memoryKb };
  };

  const onError = ({ header, body }: Frame, memoryKb: number | undefined): Reported => ({
    kind: 'error',
    errorType: String(header.errorType),
    payload: body,
    streamed: streamType !== undefined,
    last: header.type === 'init-error' || header.last === true,
    memoryKb,
  });

  const onFrame = (frame: Frame) => {
    const { header, body } = frame;
    const memoryKb = typeof header.memoryKb === 'number' ? header.memoryKb : undefined;
    if (header.type === 'log') output.event(body);
    else if (header.type === 'output') output.raw(`framed ${header.stream}`, body);
    else if (header.type === 'ready') started.settle({ kind: 'ready' });
    else if (header.type === 'stream-start') streamType = String(header.contentType);
    else if (header.type === 'stream-chunk') stream.push(body);
    else if (header.type === 'response') answered.settle(onResponse(frame, memoryKb));
    else if (header.type === 'error') answered.settle(onError(frame, memoryKb));
    else if (header.type === 'init-error') started.settle(onError(frame, memoryKb));
  };

  process.hooks = {
    onFrame,
    onOutput: (name, chunk) => output.raw(name, chunk),
    onExit: (reason) => {
      started.settle({ kind: 'exit', reason });
      answered.settle({ kind: 'exit', reason });
    },
  };

  return {
    process,
    init: () => {
      const outcome = started.wait();
      process.send({ type: 'init', now: now(), ...init });
      return outcome;
    },
    invoke: ({ payload, deadline, ...invocation }: Invocation) => {
      stream = createGatherer(invocation.onChunk);
      streamType = undefined;
      const outcome = answered.wait();
      const { requestId, invokedFunctionArn, clientContext, identity, traceId } = invocation;
      const header = { requestId, invokedFunctionArn, clientContext, identity, traceId, deadline, now: now() };
      process.send({ type: 'invoke', ...header }, payload);
      return outcome;
    },
    stop: () => process.kill(),
  };
}
