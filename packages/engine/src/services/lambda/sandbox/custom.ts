/*
 * Custom runtimes (`provided.*`): the function's own `bootstrap` asks for its invocations over the Lambda Runtime API
 * (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html). AWS_LAMBDA_RUNTIME_API is a host and a port and
 * nothing else (AWS's own clients cut off a path), so every sandbox has a listener of its own, on loopback.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../../kernel/clock.ts';
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
import { LIMITS } from './spec.ts';

const API = '/2018-06-01/runtime/';

/** The Runtime API of one sandbox. */
export interface RuntimeApi {
  /** `127.0.0.1:50123`: becomes AWS_LAMBDA_RUNTIME_API. */
  address: string;
  /** Makes the process that uses it the runtime of a function. */
  attach(process: SandboxProcess, output: Output): Runtime;
  close(): void;
}

interface Answer {
  status: number;
  body: Record<string, string>;
}

const ACCEPTED: Answer = { status: 202, body: { status: 'OK' } };
const UNKNOWN_ID: Answer = {
  status: 400,
  body: { errorMessage: 'Invalid request ID', errorType: 'InvalidRequestID' },
};
const TOO_LARGE: Answer = {
  status: 413,
  body: {
    errorMessage: `Exceeded maximum allowed payload size (${LIMITS.responseBytes} bytes).`,
    errorType: 'RequestEntityTooLarge',
  },
};

export async function createRuntimeApi(clock: Clock): Promise<RuntimeApi> {
  const started = createExpectation<InitOutcome>();
  const finished = createExpectation<InvokeOutcome>();
  /** The bootstrap's question for its next invocation, unanswered. */
  let asked: ServerResponse | undefined;
  let current: Invocation | undefined;
  /** What the bootstrap answered; the invocation is over when it asks for the next one. */
  let answered: InvokeOutcome | undefined;

  const finish = (outcome: InvokeOutcome) => {
    current = undefined;
    answered = undefined;
    finished.settle(outcome);
  };

  const onNext = (response: ServerResponse) => {
    asked = response;
    response.on('close', () => {
      if (asked === response) asked = undefined;
    });
    if (answered) finish(answered);
    else if (!current) started.settle({ kind: 'ready' });
  };

  const onResponse = async (request: IncomingMessage): Promise<Answer> => {
    const streamed = request.headers['lambda-runtime-function-response-mode'] === 'streaming';
    const gatherer = createGatherer(streamed ? current?.onChunk : undefined);
    for await (const chunk of request) gatherer.push(chunk);
    if (gatherer.isOver()) {
      answered = oversizeError();
      return TOO_LARGE;
    }
    const trailed = streamed && errorOfTrailers(request);
    const contentType = request.headers['content-type'] ?? 'application/json';
    answered = trailed || { kind: 'result', payload: gatherer.payload(), contentType, streamed };
    return ACCEPTED;
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<Answer | undefined> => {
    const [what, id, action] = (request.url ?? '').replace(API, '').split('/');
    if (request.method === 'GET' && what === 'invocation' && id === 'next') {
      onNext(response);
      return undefined;
    }
    if (request.method === 'POST' && what === 'init' && id === 'error') {
      started.settle(await readError(request, true));
      return ACCEPTED;
    }
    if (request.method !== 'POST' || what !== 'invocation' || (action !== 'response' && action !== 'error')) {
      return { status: 404, body: { errorMessage: 'Not found', errorType: 'NotFound' } };
    }
    if (!current || answered || id !== current.requestId) return UNKNOWN_ID;
    if (action === 'response') return onResponse(request);
    answered = await readError(request, false);
    return ACCEPTED;
  };

  const server = createServer((request, response) => {
    response.on('error', () => {});
    handle(request, response).then(
      (answer) => {
        if (!answer) return;
        const connection = answer.status === 413 ? { connection: 'close' } : {};
        response.writeHead(answer.status, { 'content-type': 'application/json', ...connection });
        response.end(JSON.stringify(answer.body));
      },
      () => response.destroy(),
    );
  });
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  server.unref();

  const close = () => {
    server.close();
    server.closeAllConnections();
  };

  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close,
    attach: (process, output) => {
      process.hooks = {
        onFrame: () => {},
        onOutput: (name, chunk) => output.raw(name, chunk),
        onExit: (reason) => {
          if (answered) finish(answered);
          started.settle({ kind: 'exit', reason });
          finished.settle({ kind: 'exit', reason });
          close();
        },
      };
      return {
        process,
        init: () => (asked ? Promise.resolve({ kind: 'ready' }) : started.wait()),
        invoke: (invocation) => {
          const outcome = finished.wait();
          current = invocation;
          const waiting = asked;
          asked = undefined;
          waiting?.writeHead(200, { ...invocationHeaders(invocation), ...timeHeader(clock) }).end(invocation.payload);
          return outcome;
        },
        stop: () => process.kill(),
      };
    },
  };
}

function invocationHeaders(invocation: Invocation): Record<string, string> {
  return {
    'Content-Type': 'application/json',
    'Lambda-Runtime-Aws-Request-Id': invocation.requestId,
    'Lambda-Runtime-Deadline-Ms': String(invocation.deadline),
    'Lambda-Runtime-Invoked-Function-Arn': invocation.invokedFunctionArn,
    ...(invocation.traceId && { 'Lambda-Runtime-Trace-Id': invocation.traceId }),
    ...(invocation.clientContext && { 'Lambda-Runtime-Client-Context': ascii(invocation.clientContext) }),
    ...(invocation.identity && { 'Lambda-Runtime-Cognito-Identity': ascii(invocation.identity) }),
  };
}

/** Such a process lives in real time, and is told engine time where that is another. */
function timeHeader(clock: Clock): Record<string, string> {
  return clock.virtual ? { 'Carillon-Time-Ms': String(clock.now()) } : {};
}

/** JSON text in the characters that a header may have. */
function ascii(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The body of an error report, and the type that its header or the body names. */
async function readError(request: IncomingMessage, last: boolean): Promise<Reported> {
  const gatherer = createGatherer();
  for await (const chunk of request) gatherer.push(chunk);
  if (gatherer.isOver()) return oversizeError();
  const payload = gatherer.payload();
  const named = request.headers['lambda-runtime-function-error-type'];
  return { kind: 'error', errorType: String(named ?? typeInBody(payload) ?? 'Runtime.Unknown'), payload, last };
}

function typeInBody(payload: Buffer): string | undefined {
  try {
    return JSON.parse(payload.toString())?.errorType;
  } catch {
    return undefined;
  }
}

/** A streamed response that failed says so in its trailers. */
function errorOfTrailers(request: IncomingMessage): Reported | undefined {
  const errorType = request.trailers['lambda-runtime-function-error-type'];
  if (!errorType) return undefined;
  const body = request.trailers['lambda-runtime-function-error-body'];
  const payload = Buffer.from(typeof body === 'string' ? body : '', 'base64');
  return { kind: 'error', errorType: String(errorType), payload, streamed: true, last: false };
}
