/* JSON bodies: the trees are JSON's, timestamps are seconds, blobs are base64. */
import { isUtf8 } from 'node:buffer';
import type { Shape } from '../model.ts';
import { serializationError } from '../protocol.ts';
import { epochSeconds, formatTimestamp, parseTimestamp } from '../timestamps.ts';
import { createTreeCodec, type TreeCodec, toBytes } from './tree-codec.ts';

export interface JsonCodec extends TreeCodec {
  /** Reads a body. An empty one is an empty structure. Throws SerializationException. */
  parse(shape: Shape, body: Buffer): unknown;
}

/** `jsonNames` says whether members go by their `jsonName` (REST) or by their own (RPC). */
export function createJsonCodec({ jsonNames }: { jsonNames: boolean }): JsonCodec {
  const codec = createTreeCodec({
    nameOf: ({ name, traits }) => (jsonNames ? (traits.jsonName ?? name) : name),
    readTimestamp: parseTimestamp,
    readBlob: (tree) => (typeof tree === 'string' ? Buffer.from(tree, 'base64') : undefined),
    readNumber: (tree) => (typeof tree === 'number' ? tree : SPECIAL_NUMBERS.get(tree)),
    writeTimestamp: ({ format }) =>
      format === undefined || format === 'epoch-seconds' ? epochSeconds : (value) => formatTimestamp(value, format),
    writeBlob: (value) => toBytes(value).toString('base64'),
    writeNumber: (value) => (Number.isFinite(value) ? value : String(value)),
  });
  return { ...codec, parse: (shape, body) => (body.length === 0 ? {} : codec.read(shape, parseJson(body))) };
}

/** A body's JSON value. Throws SerializationException for what is no JSON, or no UTF-8. */
export function parseJson(body: Buffer): unknown {
  if (!isUtf8(body)) throw serializationError('The request body is not valid UTF-8.');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw serializationError(`The request body is not valid JSON: ${(error as Error).message}`);
  }
}

/** Numbers that JSON has no words for. */
const SPECIAL_NUMBERS: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
]);
