/*
 * The runtimes that Lambda manages, Node.js and Python: a bootstrap of ours runs the function, and talks by frames.
 */
import type { Clock } from '../../../kernel/clock.ts';
import type { Frame } from './channel.ts';
import type { Grip } from './grip.ts';
import type { Output } from './output.ts';
import type { SandboxProcess } from './process.ts';
import {
  createExpectation,
  createGatherer,
  type Expectation,
  type InitOutcome,
  type Invocation,
  type InvokeOutcome,
  oversizeError,
  type Reported,
  type Runtime,
} from './runtime.ts';
import { asOnLambda } from './task-root.ts';

/** The header of the `init` frame: which function it is. */
export interface InitHeader extends Record<string, unknown> {
  runtime: string;
  handler: string;
  codeDirectory: string;
  /** Further directories to load modules from: those of layers, and those of the modules that Lambda supplies. */
  paths: readonly string[];
  supplied: readonly string[];
  environment: Record<string, string>;
  logFormat: 'Text' | 'JSON';
  logLevel?: string | undefined;
}

export interface ManagedOptions {
  process: SandboxProcess;
  init: InitHeader;
  output: Output;
  clock: Clock;
  grip: Grip;
  /** Hears of a way out of virtual time that the function takes: `child_process.spawn`. */
  onLeak(what: string): void;
  /** The directory with a module that Lambda supplies, and that the function asks for as it runs. */
  supply(name: string): Promise<string | undefined>;
}

/** Makes a started bootstrap the runtime of a function. */
export function createManagedRuntime({ process, init, output, clock, grip, onLeak, supply }: ManagedOptions): Runtime {
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
    payload: Buffer.from(asOnLambda(body.toString(), init.codeDirectory)),
    streamed: streamType !== undefined,
    last: header.type === 'init-error' || header.last === true,
    memoryKb,
  });

  const time = () => ({ now: clock.now(), pace: clock.pace });

  /** The function waits for a moment; nothing but it, or an answer that has come meanwhile, goes on with it. */
  const onWaiting = (until: unknown) => {
    if (typeof until !== 'number') return;
    grip.waitUntil(until, () => process.send({ type: 'time', ...time() }));
  };

  const onModule = async (name: string) => process.send({ type: 'module', directory: await supply(name) });

  const settle = <Outcome extends { kind: string }>(expected: Expectation<Outcome>, outcome: Outcome) => {
    grip.regain();
    expected.settle(outcome);
  };

  const onFrame = (frame: Frame) => {
    const { header, body } = frame;
    const memoryKb = typeof header.memoryKb === 'number' ? header.memoryKb : undefined;
    if (header.type === 'log') output.event(body);
    else if (header.type === 'output') output.raw(`framed ${header.stream}`, body);
    else if (header.type === 'ready') settle(started, { kind: 'ready' });
    else if (header.type === 'stream-start') streamType = String(header.contentType);
    else if (header.type === 'stream-chunk') stream.push(body);
    else if (header.type === 'response') settle(answered, onResponse(frame, memoryKb));
    else if (header.type === 'error') settle(answered, onError(frame, memoryKb));
    else if (header.type === 'init-error') settle(started, onError(frame, memoryKb));
    else if (header.type === 'waiting') onWaiting(header.until);
    else if (header.type === 'aside') grip.stepAside();
    else if (header.type === 'busy') grip.describe(...describeResources(header.resources));
    else if (header.type === 'module') void onModule(String(header.name));
    else if (header.type === 'leak') onLeak(String(header.what));
  };

  process.hooks = {
    onFrame,
    onOutput: (name, chunk) => output.raw(name, chunk),
    onExit: (reason) => {
      settle(started, { kind: 'exit', reason });
      settle(answered, { kind: 'exit', reason });
    },
  };

  return {
    process,
    init: () => {
      const outcome = started.wait();
      process.send({ type: 'init', ...time(), ...init });
      return outcome;
    },
    invoke: ({ payload, deadline, ...invocation }: Invocation) => {
      stream = createGatherer(invocation.onChunk);
      streamType = undefined;
      const outcome = answered.wait();
      const { requestId, invokedFunctionArn, clientContext, identity, traceId } = invocation;
      const header = { requestId, invokedFunctionArn, clientContext, identity, traceId, deadline, ...time() };
      process.send({ type: 'invoke', ...header }, payload);
      return outcome;
    },
    ...(init.runtime.startsWith('nodejs') && { askAside: () => process.send({ type: 'aside' }) }),
    stop: () => process.kill(),
  };
}

/** `waiting for a socket: TCPSocketWrap`: what keeps an event loop alive, in Node's names (process.getActiveResourcesInfo). */
function describeResources(resources: unknown): [doing: string, outside: boolean] {
  const names = Array.isArray(resources) ? [...new Set(resources.map(String))].slice(0, 10) : [];
  if (names.length === 0) return ['waiting', false];
  const kind = KINDS.find(([pattern]) => names.some((name) => pattern.test(name)))?.[1] ?? 'something';
  return [`waiting for ${kind}: ${names.join(', ')}`.slice(0, 200), !names.every((name) => OWN.test(name))];
}

/** What a process does by itself: it never waits for another function. */
const OWN = /^(FS|Zlib|Immediate|PBKDF2|Scrypt|Sign|RandomBytes|Hash|Cipher|KeyGen)/;

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^(TCPSocket|TCPConnect|TLS|Pipe|UDP)/, 'a socket'],
  [/^Process/, 'a process'],
  [/^(Worker|MessagePort)/, 'a thread'],
  [/^(GetAddrInfo|GetNameInfo|Query)/, 'a name server'],
  [/^FS/, 'a file'],
  [/^TCPServer/, 'a server of its own'],
];
