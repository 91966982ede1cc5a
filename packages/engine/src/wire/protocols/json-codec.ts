/*
 * Values of shapes to JSON and back, for every protocol whose bodies are JSON. One function is made for each
 * shape, so that a call pays for its values alone: it takes the members that the shape knows, leaves out
 * nulls, checks types, and turns timestamps and blobs into what the SDK's types say. Unknown members are
 * ignored, as AWS does. The words of mismatches are those of AWS's own servers.
 */
import { isUtf8 } from 'node:buffer';
import type { Member, Shape } from '../model.ts';
import { MAX_DEPTH, perShape, serializationError } from '../protocol.ts';
import { epochSeconds, formatTimestamp, parseTimestamp } from '../timestamps.ts';

export interface JsonCodec {
  /** Reads a body. An empty one is an empty structure. Throws SerializationException. */
  parse(shape: Shape, body: Buffer): unknown;
  /** Reads a parsed value. Throws SerializationException. */
  read(shape: Shape, value: unknown): unknown;
  /** What JSON.stringify is to write of a value. */
  write(shape: Shape, value: unknown): unknown;
}

type Read = (value: unknown, depth: number) => unknown;
type Write = (value: unknown) => unknown;
type Fields = Record<string, unknown>;

export interface JsonCodecOptions {
  /** Whether members go by their `jsonName` (REST) or by their own (RPC). */
  readonly jsonNames: boolean;
}

export function createJsonCodec({ jsonNames }: JsonCodecOptions): JsonCodec {
  const wireName = (member: Member) => (jsonNames ? (member.traits.jsonName ?? member.name) : member.name);
  const reader = perShape<Read>((shape) => {
    if (shape.kind === 'structure' || shape.kind === 'union') return readStructure(shape);
    if (shape.kind === 'list') return readList(shape);
    if (shape.kind === 'map') return readMap(shape);
    return READ_SIMPLE[shape.kind];
  });
  const writer = perShape<Write>((shape) => {
    if (shape.kind === 'structure' || shape.kind === 'union') return writeStructure(shape);
    if (shape.kind === 'list') return writeList(shape);
    if (shape.kind === 'map') return writeMap(shape);
    if (shape.kind === 'timestamp') return writeTimestamp(shape);
    return shape.kind === 'blob' ? writeBlob : shape.kind === 'number' ? writeNumber : same;
  });

  function readStructure(shape: Shape): Read {
    let fields: { name: string; wire: string; read: Read }[] | undefined;
    return (value, depth) => {
      if (!isObject(value)) throw mismatch(value, 'a structure');
      if (depth > MAX_DEPTH) throw tooDeep();
      fields ??= shape.members.map((member) => ({
        name: member.name,
        wire: wireName(member),
        read: reader(member.shape),
      }));
      const result: Fields = {};
      for (const field of fields) {
        const item = value[field.wire];
        if (item !== undefined && item !== null) result[field.name] = field.read(item, depth + 1);
      }
      return result;
    };
  }

  function readList(shape: Shape): Read {
    let read: Read | undefined;
    return (value, depth) => {
      if (!Array.isArray(value)) throw mismatch(value, 'a list');
      if (depth > MAX_DEPTH) throw tooDeep();
      read ??= reader(shape.value.shape);
      const result = new Array(value.length);
      for (let i = 0; i < value.length; i++) result[i] = value[i] === null ? null : read(value[i], depth + 1);
      return result;
    };
  }

  function readMap(shape: Shape): Read {
    let read: Read | undefined;
    return (value, depth) => {
      if (!isObject(value)) throw mismatch(value, 'a map');
      if (depth > MAX_DEPTH) throw tooDeep();
      read ??= reader(shape.value.shape);
      const result: Fields = {};
      for (const [key, item] of Object.entries(value)) {
        if (item !== null) setOwn(result, key, read(item, depth + 1));
      }
      return result;
    };
  }

  function writeStructure(shape: Shape): Write {
    let fields: { name: string; wire: string; write: Write }[] | undefined;
    return (value) => {
      fields ??= shape.members.map((member) => ({
        name: member.name,
        wire: wireName(member),
        write: writer(member.shape),
      }));
      const result: Fields = {};
      for (const field of fields) {
        const item = (value as Fields)[field.name];
        if (item !== undefined && item !== null) result[field.wire] = field.write(item);
      }
      return result;
    };
  }

  function writeList(shape: Shape): Write {
    let write: Write | undefined;
    return (value) => {
      write ??= writer(shape.value.shape);
      if (write === same) return value;
      return Array.from(value as Iterable<unknown>, (item) => (item === null ? null : write!(item)));
    };
  }

  function writeMap(shape: Shape): Write {
    let write: Write | undefined;
    return (value) => {
      write ??= writer(shape.value.shape);
      if (write === same) return value;
      const result: Fields = {};
      for (const [key, item] of Object.entries(value as Fields)) {
        if (item !== undefined && item !== null) setOwn(result, key, write(item));
      }
      return result;
    };
  }

  const read = (shape: Shape, value: unknown) => reader(shape)(value, 0);
  return {
    read,
    parse: (shape, body) => (body.length === 0 ? {} : read(shape, parseJson(body))),
    write: (shape, value) => writer(shape)(value),
  };
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

const READ_SIMPLE = {
  string: (value: unknown) => {
    if (typeof value !== 'string') throw mismatch(value, 'a String');
    return value;
  },
  boolean: (value: unknown) => {
    if (typeof value !== 'boolean') throw mismatch(value, 'a Boolean');
    return value;
  },
  number: (value: unknown) => {
    if (typeof value === 'number') return value;
    const special = typeof value === 'string' ? SPECIAL_NUMBERS[value] : undefined;
    if (special === undefined) throw mismatch(value, 'a Number');
    return special;
  },
  timestamp: (value: unknown) => {
    const moment = parseTimestamp(value);
    if (!moment) throw mismatch(value, 'a Timestamp');
    return moment;
  },
  blob: (value: unknown) => {
    if (typeof value !== 'string') throw mismatch(value, 'a Blob');
    return Buffer.from(value, 'base64');
  },
  document: (value: unknown, depth: number) => {
    checkDepth(value, depth);
    return value;
  },
  unit: () => ({}),
};

/** Numbers that JSON has no words for. */
const SPECIAL_NUMBERS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

function checkDepth(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) throw tooDeep();
  for (const item of Object.values(value)) checkDepth(item, depth + 1);
}

function writeTimestamp(shape: Shape): Write {
  const { format } = shape;
  if (format === undefined || format === 'epoch-seconds') return epochSeconds;
  return (value) => formatTimestamp(value, format);
}

const writeBlob: Write = (value) => toBytes(value).toString('base64');
const writeNumber: Write = (value) => (Number.isFinite(value) ? value : String(value));
const same: Write = (value) => value;

/** The bytes of a blob, which a handler may give as text. */
export function toBytes(value: unknown): Buffer {
  if (typeof value === 'string') return Buffer.from(value);
  const { buffer, byteOffset, byteLength } = value as Uint8Array;
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** Sets a property that a client named: one called `__proto__` is a property like any other. */
export function setOwn(target: Fields, key: string, value: unknown): void {
  if (key !== '__proto__') target[key] = value;
  else Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mismatch(value: unknown, wanted: string) {
  if (Array.isArray(value)) return serializationError('Start of list found where not expected');
  if (typeof value === 'object') return serializationError('Start of structure or map found where not expected.');
  const token = typeof value === 'boolean' ? String(value) : typeof value;
  return serializationError(`${token.toUpperCase()}_VALUE can not be converted to ${wanted}`);
}

function tooDeep() {
  return serializationError(`The request nests deeper than ${MAX_DEPTH} levels.`);
}
