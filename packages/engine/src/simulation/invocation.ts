/* A run of a function, as its note tells it. */
import type { JournalNote } from '../engine.ts';

/** Moments are epoch milliseconds. */
export interface Invocation {
  readonly functionArn: string;
  /** `ok`, or the type of the error. */
  readonly outcome: string;
  readonly startedAt: number;
  readonly durationMs: number;
  readonly billedDurationMs: number;
  /** Of a cold start. */
  readonly initDurationMs?: number;
  readonly cold: boolean;
  /** From 1; later ones are retries of an asynchronous invocation. */
  readonly attempt: number;
  readonly memoryMb: number;
  readonly architecture: 'x86_64' | 'arm64';
}

export function invocationOf({ kind, subject, outcome, detail }: JournalNote): Invocation | undefined {
  if (kind !== 'invocation') return undefined;
  return { ...(detail as unknown as Invocation), functionArn: subject, outcome };
}

/** `ring` of `arn:aws:lambda:us-east-1:000000000000:function:ring:live`. */
export function functionName(functionArn: string): string {
  return functionArn.split(':')[6] ?? functionArn;
}
