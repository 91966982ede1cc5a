/*
 * restXml: resources in paths, XML in bodies. S3's way of it: error bodies without a wrapper, and request
 * ids in headers of S3's own.
 */
import { AwsError } from '../../kernel/errors.ts';
import type { Operation, ServiceModel, Shape } from '../model.ts';
import { errorShape, errorStatus, type Labels, type Protocol, type Reply, type WireRequest } from '../protocol.ts';
import { type BodyFormat, readRequest, writeResponse } from './rest.ts';
import { escapeText, readDocument, writeElement } from './xml-codec.ts';

/** Operations whose answer is the one member's text itself (the model's trait `s3UnwrappedXmlOutput`). */
const UNWRAPPED = new Set(['GetBucketLocation']);

const PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>\n';

function formatOf(namespace: string | undefined): BodyFormat {
  return {
    contentType: 'application/xml',
    blobType: 'application/octet-stream',
    readBody: (shape, body) => (body.length === 0 ? {} : read(shape, body)),
    writeBody: (shape, value, operation = '') => {
      if (shape.members.length === 0) return '';
      const name = shape.traits.xmlName ?? `${operation}Result`;
      const [only] = shape.members;
      return UNWRAPPED.has(operation)
        ? PROLOGUE + writeElement(name, only!.shape, (value as Record<string, unknown>)[only!.name] ?? '', namespace)
        : PROLOGUE + writeElement(name, shape, value, namespace);
    },
    readPayload: ({ shape }, body) => read(shape, body),
    writePayload: ({ name, shape, traits }, value) =>
      PROLOGUE + writeElement(traits.xmlName ?? shape.name ?? name, shape, value, namespace),
    malformed: (message) => new AwsError('InvalidArgument', message),
  };
}

function read(shape: Shape, body: Buffer): unknown {
  try {
    return readDocument(shape, body.toString('utf8'));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new AwsError(
      'MalformedXML',
      `The XML you provided was not well-formed or did not validate against our published schema (${error.message})`,
    );
  }
}

function decode(operation: Operation, request: WireRequest, labels: Labels): unknown {
  return readRequest(formatOf(undefined), operation, request, labels);
}

function encode(model: ServiceModel, operation: Operation, value: unknown, requestId: string): Reply {
  const { name, output, http } = operation;
  const ids = requestIdHeaders(requestId);
  const status = http?.[2] ?? 200;
  if (output.kind === 'unit') return { status, headers: ids, body: '' };
  const written = writeResponse(formatOf(model.xmlNamespace), output, value ?? {}, name);
  const isPartial = 'content-range' in written.headers;
  return {
    status: isPartial ? 206 : (written.status ?? status),
    headers: { ...ids, ...written.headers },
    body: written.body,
  };
}

function encodeError(model: ServiceModel | undefined, error: AwsError, requestId: string): Reply {
  const shape = errorShape(model, error);
  // S3 tells more than the shapes of its errors have: the bucket, the key, what was expected.
  const members = Object.entries(error.members)
    .map(([name, value]) => `<${name}>${escapeText(String(value))}</${name}>`)
    .join('');
  const code = `<Code>${escapeText(shape?.name ?? error.code)}</Code><Message>${escapeText(error.message)}</Message>`;
  const ids = `<RequestId>${requestId}</RequestId><HostId>${hostId(requestId)}</HostId>`;
  return {
    status: errorStatus(shape, error),
    headers: { ...requestIdHeaders(requestId), ...error.headers, 'content-type': 'application/xml' },
    body: `${PROLOGUE}<Error>${code}${members}${ids}</Error>`,
  };
}

function requestIdHeaders(requestId: string): Record<string, string> {
  return { 'x-amz-request-id': requestId, 'x-amz-id-2': hostId(requestId), server: 'AmazonS3' };
}

function hostId(requestId: string): string {
  return Buffer.from(requestId).toString('base64');
}

function unknownOperation(): AwsError {
  return new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
    status: 405,
  });
}

export const restXml: Protocol = { name: 'restXml', decode, encode, encodeError, unknownOperation };
