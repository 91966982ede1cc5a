/*
 * What restJson1 and restXml share: where a member travels. Labels in the path, query parameters, headers,
 * a payload that is the whole body, and all other members in the body as the protocol writes it.
 */
import { Readable } from 'node:stream';
import type { AwsError } from '../../kernel/errors.ts';
import type { Member, Operation, Shape } from '../model.ts';
import { type Labels, perShape, type WireRequest } from '../protocol.ts';
import { EVENT_STREAM_TYPE, type Event, writeEvents } from './event-stream.ts';
import { readText, writeText } from './text.ts';
import { setOwn, toBytes } from './tree-codec.ts';

type Fields = Record<string, unknown>;

/** How a protocol reads and writes what stands in the body. Reading throws AwsError. */
export interface BodyFormat {
  readonly contentType: string;
  /** The content type of a payload that is bytes. */
  readonly blobType: string;
  /** Members of a structure that have no place elsewhere. */
  readBody(shape: Shape, body: Buffer): unknown;
  writeBody(shape: Shape, value: unknown, operation?: string): string;
  /** A payload: one structure, union or document that is the whole body. */
  readPayload(member: Member, body: Buffer): unknown;
  writePayload(member: Member, value: unknown): string;
  /** The error for a label, header or query parameter that is not of its shape. */
  malformed(message: string): AwsError;
}

interface Bindings {
  readonly labels: readonly Member[];
  readonly queries: readonly Member[];
  readonly queryRest: Member | undefined;
  readonly headers: readonly Member[];
  readonly prefixed: readonly Member[];
  readonly status: Member | undefined;
  readonly payload: Member | undefined;
  /** The structure without the members that travel elsewhere. */
  readonly body: Shape;
}

export const bindingsOf = perShape<Bindings>((shape) => {
  const having = (trait: keyof Member['traits']) => shape.members.filter(({ traits }) => traits[trait] !== undefined);
  const bound = {
    labels: having('httpLabel'),
    queries: having('httpQuery'),
    queryRest: having('httpQueryParams')[0],
    headers: having('httpHeader'),
    prefixed: having('httpPrefixHeaders'),
    status: having('httpResponseCode')[0],
    payload: having('httpPayload')[0],
  };
  const elsewhere = new Set(Object.values(bound).flat());
  const members = shape.members.filter((member) => !elsewhere.has(member));
  const { kind, name, traits, format } = shape;
  const body = { kind, name, traits, format, members, key: shape.members[0]!, value: shape.members[0]! };
  return { ...bound, body };
});

/** Reads an operation's input. Throws AwsError. */
export function readRequest(format: BodyFormat, { input }: Operation, request: WireRequest, labels: Labels): unknown {
  if (input.kind === 'unit') return {};
  const bindings = bindingsOf(input);
  const result = readContent(format, bindings, request);
  try {
    for (const { name, shape } of bindings.labels) {
      if (labels[name] !== undefined) result[name] = readText(shape, labels[name]);
    }
    if (request.query !== '') readQuery(bindings, new URLSearchParams(request.query), result);
    for (const { name, shape, traits } of bindings.headers) {
      const text = request.headers[traits.httpHeader!.toLowerCase()];
      if (text !== undefined) result[name] = readHeader(shape, String(text));
    }
    for (const { name, traits } of bindings.prefixed) {
      const found = readPrefixed(traits.httpPrefixHeaders!.toLowerCase(), request);
      if (found) result[name] = found;
    }
  } catch (error) {
    throw error instanceof SyntaxError ? format.malformed(error.message) : error;
  }
  return result;
}

function readContent(format: BodyFormat, { payload, body }: Bindings, request: WireRequest): Fields {
  if (!payload) return body.members.length === 0 ? {} : (format.readBody(body, request.body) as Fields);
  const { name, shape, traits } = payload;
  if (shape.kind === 'blob') {
    if (request.stream) return { [name]: request.stream };
    return request.body.length > 0 || traits.streaming ? { [name]: request.body } : {};
  }
  if (request.body.length === 0) return {};
  return {
    [name]: shape.kind === 'string' ? request.body.toString('utf8') : format.readPayload(payload, request.body),
  };
}

function readQuery({ queries, queryRest }: Bindings, query: URLSearchParams, result: Fields): void {
  for (const { name, shape, traits } of queries) {
    const values = query.getAll(traits.httpQuery!);
    if (values.length === 0) continue;
    result[name] =
      shape.kind === 'list' ? values.map((text) => readText(shape.value.shape, text)) : readText(shape, values[0]!);
  }
  if (!queryRest) return;
  const named = new Set(queries.map(({ traits }) => traits.httpQuery));
  const rest: Fields = {};
  for (const key of new Set(query.keys())) {
    if (named.has(key)) continue;
    setOwn(rest, key, queryRest.shape.value.shape.kind === 'list' ? query.getAll(key) : query.get(key));
  }
  if (Object.keys(rest).length > 0) result[queryRest.name] = rest;
}

function readHeader(shape: Shape, text: string): unknown {
  if (shape.kind !== 'list') return readText(shape, shape.kind === 'string' ? text : text.trim());
  const element = shape.value.shape;
  // A date has a comma of its own.
  const items =
    element.kind === 'timestamp' ? text.match(/[^,]+(, \d[^,]+)?/g) : text.match(/"(\\.|[^"\\])*"|[^,\s][^,]*/g);
  return (items ?? [])
    .map((item) => item.trim())
    .filter((item) => item !== '')
    .map((item) => readText(element, item.startsWith('"') ? item.slice(1, -1).replace(/\\(.)/g, '$1') : item));
}

function readPrefixed(prefix: string, { headers }: WireRequest): Fields | undefined {
  const names = Object.keys(headers).filter((name) => name.startsWith(prefix));
  if (names.length === 0) return undefined;
  const result: Fields = {};
  for (const name of names) setOwn(result, name.slice(prefix.length), String(headers[name]));
  return result;
}

/** Where the members of an output go; the status is undefined if the output says nothing of it. */
export function writeResponse(format: BodyFormat, shape: Shape, value: unknown, operation?: string) {
  const bindings = bindingsOf(shape);
  const fields = value as Fields;
  const { contentType, body } = writeContent(format, bindings, fields, operation);
  const headers = writeHeaders(shape, fields);
  if (contentType !== undefined) headers['content-type'] ??= contentType;
  const status = bindings.status && (fields[bindings.status.name] as number | undefined);
  return { status, headers, body };
}

/** Members of an output that travel in headers. */
export function writeHeaders(shape: Shape, value: unknown): Record<string, string> {
  const bindings = bindingsOf(shape);
  const fields = value as Fields;
  const headers: Record<string, string> = {};
  for (const member of bindings.headers) {
    const item = fields[member.name];
    if (item === undefined || item === null) continue;
    headers[member.traits.httpHeader!.toLowerCase()] = writeHeader(member.shape, item);
  }
  for (const { name, traits } of bindings.prefixed) {
    for (const [key, item] of Object.entries((fields[name] as Fields | undefined) ?? {})) {
      headers[`${traits.httpPrefixHeaders}${key}`.toLowerCase()] = String(item);
    }
  }
  return headers;
}

function writeContent(
  format: BodyFormat,
  { payload, body }: Bindings,
  fields: Fields,
  operation: string | undefined,
): { contentType?: string; body: string | Uint8Array | Readable } {
  if (!payload) {
    const text = format.writeBody(body, fields, operation);
    return text === '' ? { body: text } : { contentType: format.contentType, body: text };
  }
  const value = fields[payload.name];
  if (value === undefined || value === null) return { body: '' };
  if (value instanceof Readable) return { contentType: format.blobType, body: value };
  if (payload.shape.kind === 'blob') return { contentType: format.blobType, body: toBytes(value) };
  if (payload.shape.kind === 'string') return { contentType: 'text/plain', body: String(value) };
  if (payload.shape.traits.streaming) {
    return { contentType: EVENT_STREAM_TYPE, body: writeEvents(payload.shape, value as Iterable<Event>, format) };
  }
  return { contentType: format.contentType, body: format.writePayload(payload, value) };
}

function writeHeader(shape: Shape, value: unknown): string {
  if (shape.kind !== 'list') return writeText(shape, value, 'http-date');
  const element = shape.value.shape;
  return (value as unknown[])
    .map((item) => {
      const text = writeText(element, item, 'http-date');
      return element.kind === 'string' && /[",]/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : text;
    })
    .join(', ');
}
