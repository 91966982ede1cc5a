/*
 * A function's runtime as its sandbox sees it: it is initialised once, then takes one invocation after another. Two
 * kinds stand behind this: bootstraps of ours over a channel (managed.ts), and custom ones over HTTP (custom.ts).
 */
import type { SandboxProcess } from './process.ts';
import { type InvokeRequest, LIMITS } from './spec.ts';

export interface Ready {
  kind: 'ready';
}

export interface Result {
  kind: 'result';
  payload: Buffer;
  contentType: string;
  streamed: boolean;
  /** The process's peak, as far as it told. */
  memoryKb?: number | undefined;
}

/** An error that the runtime reported. */
export interface Reported {
  kind: 'error';
  errorType: string;
  payload: Buffer;
  streamed?: boolean;
  /** The process ends after this. */
  last: boolean;
  memoryKb?: number | undefined;
}

/** The process ended without a word. */
export interface Exit {
  kind: 'exit';
  /** `exit status 1`, `signal: killed`; undefined for exit status 0. */
  reason: string | undefined;
}

export type InitOutcome = Ready | Reported | Exit;
export type InvokeOutcome = Result | Reported | Exit;

export interface Invocation extends InvokeRequest {
  payload: Buffer;
  /** Engine time, epoch milliseconds. */
  deadline: number;
}

export interface Runtime {
  readonly process: SandboxProcess;
  init(): Promise<InitOutcome>;
  invoke(invocation: Invocation): Promise<InvokeOutcome>;
  /** Asks the function to let time move, up to its first timer: time stands until it has said which that is. */
  askAside?(): void;
  /** Ends the process and whatever serves it. */
  stop(): void;
}

/** One outcome that is awaited. Settling it when nobody waits does nothing: late frames of hostile code are ignored. */
export interface Expectation<Outcome> {
  wait(): Promise<Outcome>;
  settle(outcome: Outcome): void;
}

export function createExpectation<Outcome extends { kind: string }>(): Expectation<Outcome> {
  let resolve: ((outcome: Outcome) => void) | undefined;
  let exit: Outcome | undefined;
  return {
    wait: () =>
      new Promise((resolved) => {
        if (exit) resolved(exit);
        else resolve = resolved;
      }),
    settle: (outcome) => {
      if (outcome.kind === 'exit') exit = outcome;
      resolve?.(outcome);
      resolve = undefined;
    },
  };
}

/** The error of a response over Lambda's limit. */
export function oversizeError(): Reported {
  const error = {
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size exceeded maximum allowed payload size (${LIMITS.responseBytes} bytes).`,
  };
  return { kind: 'error', errorType: error.errorType, payload: Buffer.from(JSON.stringify(error)), last: false };
}

/** Takes a body in parts: passes them on, or gathers them. */
export interface Gatherer {
  push(chunk: Buffer): void;
  /** Whether more came than may; what is over is left out. */
  isOver(): boolean;
  payload(): Buffer;
}

export function createGatherer(onChunk?: (chunk: Buffer) => void): Gatherer {
  const limit = onChunk ? LIMITS.streamedResponseBytes : LIMITS.responseBytes;
  const chunks: Buffer[] = [];
  let bytes = 0;
  return {
    push: (chunk) => {
      bytes += chunk.length;
      if (bytes > limit) return;
      if (onChunk) onChunk(chunk);
      else chunks.push(chunk);
    },
    isOver: () => bytes > limit,
    payload: () => Buffer.concat(chunks),
  };
}
