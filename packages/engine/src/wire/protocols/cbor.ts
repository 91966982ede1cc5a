/* rpcv2Cbor: the service and operation stand in the path, and CBOR goes both ways. */
import { dateToTag, cbor as format } from '@smithy/core/cbor';
import { AwsError } from '../../kernel/errors.ts';
import type { Operation, ServiceModel } from '../model.ts';
import {
  errorMembers,
  errorShape,
  errorStatus,
  type Protocol,
  type Reply,
  serializationError,
  type WireRequest,
} from '../protocol.ts';
import { type Moment, parseTimestamp } from '../timestamps.ts';
import { createTreeCodec, toBytes } from './tree-codec.ts';

const codec = createTreeCodec({
  nameOf: ({ name }) => name,
  readTimestamp: (tree) => parseTimestamp(isEpochTag(tree) ? tree.value : tree),
  readBlob: (tree) => (tree instanceof Uint8Array ? toBytes(tree) : undefined),
  readNumber: (tree) => (typeof tree === 'bigint' ? Number(tree) : typeof tree === 'number' ? tree : undefined),
  writeTimestamp: () => (value) => dateToTag(value as Moment),
  writeBlob: toBytes,
  writeNumber: (value) => value,
});

/** A number of seconds under CBOR's tag 1. */
function isEpochTag(tree: unknown): tree is { value: unknown } {
  return typeof tree === 'object' && tree !== null && (tree as { tag?: unknown }).tag === 1;
}

function decode({ input }: Operation, { body }: WireRequest): unknown {
  if (input.kind === 'unit' || body.length === 0) return {};
  let tree: unknown;
  try {
    tree = format.deserialize(body);
  } catch (error) {
    throw serializationError(`The request body is not valid CBOR: ${(error as Error).message}`);
  }
  return codec.read(input, tree);
}

function replyOf(status: number, tree: unknown, requestId: string): Reply {
  const headers = {
    'x-amzn-RequestId': requestId,
    'smithy-protocol': 'rpc-v2-cbor',
    'content-type': 'application/cbor',
  };
  return { status, headers, body: format.serialize(tree) };
}

function encode(_: ServiceModel, { output }: Operation, value: unknown, requestId: string): Reply {
  return replyOf(200, output.kind === 'unit' ? {} : codec.write(output, value ?? {}), requestId);
}

function encodeError(model: ServiceModel | undefined, error: AwsError, requestId: string): Reply {
  const shape = errorShape(model, error);
  const name = shape?.name ?? error.code;
  const tree = { __type: name, ...errorMembers(shape, error, codec.write) };
  const reply = replyOf(errorStatus(shape, error), tree, requestId);
  if (!model?.queryCompatible) return reply;
  const code = `${shape?.traits.awsQueryError?.[0] ?? name};${error.fault}`;
  return { ...reply, headers: { ...reply.headers, 'x-amzn-query-error': code } };
}

const unknownOperation = (name: string) =>
  new AwsError('UnknownOperationException', `The operation "${name}" is not one of this service's.`, { status: 404 });

export const cbor: Protocol = { name: 'rpcv2Cbor', decode, encode, encodeError, unknownOperation };
