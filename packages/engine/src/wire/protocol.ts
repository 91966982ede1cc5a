/*
 * What a protocol is to the rest of the wire layer: a way to read an operation's input from a request and to
 * write its output, or an error, as a reply. Protocols know shapes, not meanings.
 */
import type { Readable } from 'node:stream';
import { AwsError } from '../kernel/errors.ts';
import type { IncomingBody } from '../kernel/streams.ts';
import type { Operation, ServiceModel, Shape } from './model.ts';

/** A request whose body is freed of transfer forms (gzip, aws-chunked). */
export interface WireRequest {
  readonly method: string;
  /** As sent, still percent-encoded; starts with a slash. */
  readonly path: string;
  /** What follows the question mark, still percent-encoded. */
  readonly query: string;
  /** Header names in lower case, as node:http gives them. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Empty where it is read as it comes. */
  readonly body: Buffer;
  /** Where the operation reads it as it comes. */
  readonly stream?: IncomingBody;
}

/** An answer on its way out: its body whole, or a stream of bytes. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | Readable;
}

export interface Protocol {
  readonly name: string;
  /** The operation's input. Throws AwsError when the request is not of the operation's shape. */
  decode(operation: Operation, request: WireRequest, labels: Labels): unknown;
  encode(model: ServiceModel, operation: Operation, output: unknown, requestId: string): Reply;
  /** The model is absent when the service could not be told. */
  encodeError(model: ServiceModel | undefined, error: AwsError, requestId: string): Reply;
  /** The error for an operation that the service does not have. */
  unknownOperation(name: string, version: string | undefined): AwsError;
}

/** Percent-decoded parts of a REST path, by the member's name. */
export type Labels = Readonly<Record<string, string>>;

export const NO_LABELS: Labels = {};

/** The deepest that values may nest in a request; AWS's own shapes stay far below. */
export const MAX_DEPTH = 100;

/** The shape of an error, when the service's model has it. */
export function errorShape(model: ServiceModel | undefined, error: AwsError): Shape | undefined {
  return model?.errors.get(error.code);
}

/** The HTTP status of an error: the model's word before the thrower's. */
export function errorStatus(shape: Shape | undefined, error: AwsError): number {
  const { httpError, error: fault } = shape?.traits ?? {};
  if (httpError !== undefined) return httpError;
  return fault === 'server' && error.status < 500 ? 500 : error.status;
}

/** An error's members as `write` has them by its shape, and the message under the name that the shape has for it. */
export function errorMembers(
  shape: Shape | undefined,
  error: AwsError,
  write: (shape: Shape, members: unknown) => unknown,
): Record<string, unknown> {
  const message = shape?.members.find(({ name }) => name.toLowerCase() === 'message')?.name ?? 'message';
  return { ...(shape ? (write(shape, error.members) as object) : error.members), [message]: error.message };
}

/** Whether an operation reads its body as it comes. */
export function takesStream({ input }: Operation): boolean {
  return input.members.some(({ shape, traits }) => traits.httpPayload && traits.streaming && shape.kind === 'blob');
}

/** The error for a request that does not have the form that its operation asks for. */
export function serializationError(message: string): AwsError {
  return new AwsError('SerializationException', message);
}

/** Makes one thing for each shape when it is first asked for, and keeps it. */
export function perShape<T>(make: (shape: Shape) => T): (shape: Shape) => T {
  const made = new WeakMap<Shape, T>();
  return (shape) => {
    let thing = made.get(shape);
    if (thing === undefined) {
      thing = make(shape);
      made.set(shape, thing);
    }
    return thing;
  };
}
