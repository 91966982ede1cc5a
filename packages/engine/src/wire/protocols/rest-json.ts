/* restJson1: resources in paths, JSON in bodies. */
import { AwsError } from '../../kernel/errors.ts';
import type { Operation, ServiceModel } from '../model.ts';
import {
  errorMembers,
  errorShape,
  errorStatus,
  type Labels,
  type Protocol,
  type Reply,
  serializationError,
  type WireRequest,
} from '../protocol.ts';
import { createJsonCodec, parseJson } from './json-codec.ts';
import { type BodyFormat, bindingsOf, readRequest, writeHeaders, writeResponse } from './rest.ts';

const codec = createJsonCodec({ jsonNames: true });

const format: BodyFormat = {
  contentType: 'application/json',
  blobType: 'application/json',
  readBody: (shape, body) => codec.parse(shape, body),
  writeBody: (shape, value) => JSON.stringify(codec.write(shape, value)),
  readPayload: ({ shape }, body) => codec.read(shape, parseJson(body)),
  writePayload: ({ shape }, value) => JSON.stringify(codec.write(shape, value)),
  malformed: serializationError,
};

function decode(operation: Operation, request: WireRequest, labels: Labels): unknown {
  return readRequest(format, operation, request, labels);
}

function encode(_: ServiceModel, { output, http }: Operation, value: unknown, requestId: string): Reply {
  const status = http?.[2] ?? 200;
  if (output.kind === 'unit') return { status, headers: { 'x-amzn-RequestId': requestId }, body: '' };
  const written = writeResponse(format, output, value ?? {});
  const headers = { 'x-amzn-RequestId': requestId, ...written.headers };
  return { status: written.status ?? status, headers, body: written.body };
}

function encodeError(model: ServiceModel | undefined, error: AwsError, requestId: string): Reply {
  const shape = errorShape(model, error);
  const body = errorMembers(shape, error, (shape, members) => codec.write(bindingsOf(shape).body, members));
  const headers = {
    'x-amzn-RequestId': requestId,
    'x-amzn-ErrorType': shape?.name ?? error.code,
    'content-type': format.contentType,
    ...(shape && writeHeaders(shape, error.members)),
  };
  return { status: errorStatus(shape, error), headers, body: JSON.stringify(body) };
}

function unknownOperation(name: string): AwsError {
  return new AwsError('UnknownOperationException', `No operation of this service is at ${name}.`, { status: 404 });
}

export const restJson: Protocol = { name: 'restJson1', decode, encode, encodeError, unknownOperation };
