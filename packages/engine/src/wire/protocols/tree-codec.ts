/*
 * Values of shapes to trees of plain values and back, for protocols whose bodies are such trees (JSON, CBOR).
 * One function is made for each shape, so that a call pays for its values alone: it takes the members that
 * the shape knows, leaves out nulls, checks types, and turns timestamps and blobs into what the SDK's types
 * say. Unknown members are ignored, as AWS does. The words of mismatches are those of AWS's own servers.
 */
import type { Member, Shape } from '../model.ts';
import { MAX_DEPTH, perShape, serializationError } from '../protocol.ts';

export interface TreeCodec {
  /** Makes a value of what a parser made. Throws SerializationException. */
  read(shape: Shape, tree: unknown): unknown;
  /** Makes what a serializer is to write. */
  write(shape: Shape, value: unknown): unknown;
}

/** How a protocol's trees hold what JavaScript has no word for. */
export interface TreeForm {
  nameOf(member: Member): string;
  /** The name of nameOf that a tree's own name stands for, in forms that take others too. */
  readonly knownName?: (name: string) => string;
  /** Each undefined for a tree that does not hold one. */
  readonly readTimestamp: (tree: unknown) => unknown;
  readonly readBlob: (tree: unknown) => unknown;
  readonly readNumber: (tree: unknown) => number | undefined;
  writeTimestamp(shape: Shape): Write;
  readonly writeBlob: Write;
  readonly writeNumber: Write;
}

type Read = (value: unknown, depth: number) => unknown;
export type Write = (value: unknown) => unknown;
type Fields = Record<string, unknown>;

export function createTreeCodec(form: TreeForm): TreeCodec {
  const reader = perShape<Read>((shape) => {
    if (shape.kind === 'structure' || shape.kind === 'union') return readStructure(shape);
    if (shape.kind === 'list') return readList(shape);
    if (shape.kind === 'map') return readMap(shape);
    if (shape.kind === 'timestamp') return readWith(form.readTimestamp, 'a Timestamp');
    if (shape.kind === 'blob') return readWith(form.readBlob, 'a Blob');
    if (shape.kind === 'number') return readWith(form.readNumber, 'a Number');
    return READ_SIMPLE[shape.kind];
  });
  const writer = perShape<Write>((shape) => {
    if (shape.kind === 'structure' || shape.kind === 'union') return writeStructure(shape);
    if (shape.kind === 'list') return writeList(shape);
    if (shape.kind === 'map') return writeMap(shape);
    if (shape.kind === 'timestamp') return form.writeTimestamp(shape);
    if (shape.kind === 'blob') return form.writeBlob;
    return shape.kind === 'number' ? form.writeNumber : same;
  });

  function readStructure(shape: Shape): Read {
    let fields: Map<string, { name: string; read: Read }> | undefined;
    return (value, depth) => {
      if (!isObject(value)) throw mismatch(value, 'a structure');
      if (depth > MAX_DEPTH) throw tooDeep();
      fields ??= new Map(
        shape.members.map((member) => [form.nameOf(member), { name: member.name, read: reader(member.shape) }]),
      );
      const result: Fields = {};
      // Requests have few of the members that they may have.
      for (const wire in value) {
        const field = fields.get(form.knownName ? form.knownName(wire) : wire);
        const item = value[wire];
        if (field && item !== undefined && item !== null) result[field.name] = field.read(item, depth + 1);
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
        wire: form.nameOf(member),
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

  return {
    read: (shape, tree) => reader(shape)(tree, 0),
    write: (shape, value) => writer(shape)(value),
  };
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
  document: (value: unknown, depth: number) => {
    checkDepth(value, depth);
    return value;
  },
  unit: () => ({}),
};

function readWith(read: (tree: unknown) => unknown, wanted: string): Read {
  return (tree) => {
    const value = read(tree);
    if (value === undefined) throw mismatch(tree, wanted);
    return value;
  };
}

function checkDepth(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) throw tooDeep();
  for (const item of Object.values(value)) checkDepth(item, depth + 1);
}

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
