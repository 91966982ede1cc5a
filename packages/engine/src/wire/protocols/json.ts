/* awsJson1_0 and awsJson1_1: every operation is a POST to `/`, named by `X-Amz-Target`, with JSON both ways. */
import { AwsError } from '../../kernel/errors.ts';
import type { Operation, ServiceModel } from '../model.ts';
import { errorMembers, errorShape, errorStatus, type Protocol, type Reply, type WireRequest } from '../protocol.ts';
import { createJsonCodec } from './json-codec.ts';

const codec = createJsonCodec({ jsonNames: false });

export function createJsonProtocol(version: '1.0' | '1.1'): Protocol {
  const contentType = `application/x-amz-json-${version}`;

  function decode({ input }: Operation, { body }: WireRequest): unknown {
    return input.kind === 'unit' ? {} : codec.parse(input, body);
  }

  function encode(_: ServiceModel, { output }: Operation, value: unknown, requestId: string): Reply {
    const body = output.kind === 'unit' ? '' : JSON.stringify(codec.write(output, value ?? {}));
    return { status: 200, headers: { 'x-amzn-RequestId': requestId, 'content-type': contentType }, body };
  }

  function encodeError(model: ServiceModel | undefined, error: AwsError, requestId: string): Reply {
    const shape = errorShape(model, error);
    const name = shape?.name ?? error.code;
    const headers: Record<string, string> = { 'x-amzn-RequestId': requestId, 'content-type': contentType };
    if (model?.queryCompatible) {
      headers['x-amzn-query-error'] = `${shape?.traits.awsQueryError?.[0] ?? name};${error.fault}`;
    }
    const body = { __type: name, ...errorMembers(shape, error, codec.write) };
    return { status: errorStatus(shape, error), headers, body: JSON.stringify(body) };
  }

  const unknownOperation = (name: string) =>
    new AwsError('UnknownOperationException', `The operation "${name}" is not one of this service's.`);

  return { name: `awsJson${version}`, decode, encode, encodeError, unknownOperation };
}

export const json10 = createJsonProtocol('1.0');
export const json11 = createJsonProtocol('1.1');
