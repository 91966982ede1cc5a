/*
 * A user's fault is an AWS error: a code and words that AWS would answer. It crosses every layer as this one
 * class and is written down by the protocol that the client speaks. Any other error thrown is a fault of ours.
 */

export interface AwsErrorOptions {
  /** HTTP status; 400 unless AWS says otherwise. */
  status?: number;
  /** Members of the error's shape beside its message, e.g. `{ Type: 'User' }`. */
  members?: Record<string, unknown>;
  /** Headers that the answer carries beside the protocol's own. */
  headers?: Record<string, string>;
}

export class AwsError extends Error {
  /** AWS's error code: the shape's name, e.g. `ResourceNotFoundException`. */
  readonly code: string;
  readonly status: number;
  readonly members: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: string, message: string, options: AwsErrorOptions = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = options.status ?? 400;
    this.members = options.members ?? {};
    this.headers = options.headers ?? {};
  }

  /** Whose fault it is, as awsQuery spells it. */
  get fault(): 'Sender' | 'Receiver' {
    return this.status >= 500 ? 'Receiver' : 'Sender';
  }
}

/** `1 validation error detected: …`, as AWS says it for lengths, ranges, patterns and required members. */
export function validationError(details: readonly string[], code = 'ValidationException'): AwsError {
  const count = details.length === 1 ? '1 validation error' : `${details.length} validation errors`;
  return new AwsError(code, `${count} detected: ${details.join('; ')}`);
}

/** The error of an operation that AWS has and Carillon lacks: a client's fault by its status, or SDKs would try again. */
export function notImplemented(service: string, operation: string): AwsError {
  return new AwsError(
    'NotImplementedException',
    `Carillon does not support ${service}:${operation} yet. docs/reference/coverage.md lists what it supports.`,
  );
}
