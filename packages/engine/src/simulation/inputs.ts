/*
 * What happens from outside during a simulation, one JSON object a line:
 *
 *   { "at": "2026-01-02T08:00:00Z", "invoke": "ring", "payload": { "type": "request" } }
 *   { "at": "+3h", "invoke": "ring", "invocationType": "Event" }
 */
import type { Engine } from '../engine.ts';
import { isoMillis, parseDuration, parseMoment } from '../kernel/clock.ts';
import type { Span } from './section.ts';

export interface InvokeInput {
  /** ISO 8601, or `+3h` after the beginning. */
  readonly at: string;
  /** A function's name or ARN. */
  readonly invoke: string;
  /** `{}` when absent. */
  readonly payload?: unknown;
  /** As for Lambda's Invoke; RequestResponse when absent. */
  readonly invocationType?: 'RequestResponse' | 'Event';
}

/** One thing that happens. */
export type SimulationInput = InvokeInput;

/** An input in its place in time, epoch milliseconds. */
export interface DueInput {
  readonly due: number;
  readonly input: SimulationInput;
}

/** The most inputs, and the longest line, in characters. */
const LIMITS = { inputs: 1_000_000, line: 6_291_456 + 1_024 };

const MEMBERS: readonly string[] = ['at', 'invoke', 'payload', 'invocationType'];
const USAGE = 'Write a line as {"at": "+3h", "invoke": "FUNCTION", "payload": {}}.';

/** Reads lines of JSON. Throws a RangeError that names the line when one makes no sense; empty ones are passed over. */
export function parseInputs(text: string): SimulationInput[] {
  const inputs: SimulationInput[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    if (inputs.length === LIMITS.inputs) throw new RangeError(`There are more than ${LIMITS.inputs} inputs.`);
    inputs.push(within(`Line ${index + 1}`, () => parseLine(line)));
  }
  return inputs;
}

/** Inputs in the order of their moments. Throws a RangeError when one is before the beginning. */
export function inOrder(span: Span, inputs: readonly SimulationInput[]): DueInput[] {
  const due = inputs.map((input, index) => ({
    due: within(`Input ${index + 1}`, () => momentOf(input.at, span)),
    input,
  }));
  return due.sort((a, b) => a.due - b.due);
}

/** Lets an input happen; rejects with AWS's error when it can't. */
export async function happen(engine: Engine, { invoke, payload, invocationType }: SimulationInput): Promise<void> {
  await engine.call('lambda', 'Invoke', {
    FunctionName: invoke,
    Payload: Buffer.from(JSON.stringify(payload ?? {})),
    ...(invocationType && { InvocationType: invocationType }),
  });
}

function parseLine(line: string): SimulationInput {
  if (line.length > LIMITS.line) throw new RangeError(`is longer than ${LIMITS.line} characters.`);
  const value: unknown = parseJson(line);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RangeError(`is no object. ${USAGE}`);
  const members = value as Record<string, unknown>;
  const unknown = Object.keys(members).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw new RangeError(`has "${unknown}", which Carillon does not know. ${USAGE}`);
  const { at, invoke, payload, invocationType } = members;
  if (typeof at !== 'string' || typeof invoke !== 'string') throw new RangeError(`lacks "at" or "invoke". ${USAGE}`);
  if (invocationType !== undefined && invocationType !== 'RequestResponse' && invocationType !== 'Event') {
    throw new RangeError('has another "invocationType" than RequestResponse or Event.');
  }
  return { at, invoke, ...(payload !== undefined && { payload }), ...(invocationType && { invocationType }) };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new RangeError(`is no JSON: ${(error as Error).message}`);
  }
}

function momentOf(at: string, { from }: Span): number {
  const due = at.startsWith('+') ? from + parseDuration(at.slice(1)) : parseMoment(at);
  if (due >= from) return due;
  throw new RangeError(`is at ${isoMillis(due)}, before the beginning at ${isoMillis(from)}.`);
}

/** Says of an error where it is. */
function within<T>(where: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw new RangeError(`${where}: ${error.message}`);
    throw error;
  }
}
