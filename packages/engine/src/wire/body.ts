/*
 * Bodies off the wire, within bounds: collected up to a limit, then freed of their transfer forms (gzip,
 * aws-chunked) and checked against the checksums that came with them.
 */
import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { crc32, gunzip } from 'node:zlib';
import { AwsError } from '../kernel/errors.ts';

const MEBIBYTE = 1024 * 1024;

/** The largest body of a request, in bytes, by service. */
const LIMITS: Readonly<Record<string, number>> = {
  // A function's code is at most 50 MB zipped, and travels as base64 in JSON.
  lambda: 70 * MEBIBYTE,
  s3: 64 * MEBIBYTE,
};
const LIMIT = 10 * MEBIBYTE;

/** How much of a body that is too large is read and dropped, so that the client hears why, in bytes. */
const MAX_DROPPED = 256 * MEBIBYTE;

/** The largest body of a request to a service, in bytes. */
export function bodyLimit(service: string | undefined): number {
  return LIMITS[service ?? ''] ?? LIMIT;
}

/** The error for a body over the limit. */
export function tooLarge(limit: number): AwsError {
  return new AwsError(
    'RequestEntityTooLargeException',
    `Request must be smaller than ${limit} bytes for this operation`,
    {
      status: 413,
    },
  );
}

/** Says that the client went away before its request was whole; there is nobody to answer. */
export class ClientGone extends Error {}

/** Collects a body. Rejects with AwsError for one over the limit, with ClientGone when the client leaves. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let length = 0;
    request.on('data', (part: Buffer) => {
      length += part.length;
      if (length <= limit) parts.push(part);
      else if (length > limit + MAX_DROPPED) reject(tooLarge(limit));
      else parts.length = 0;
    });
    request.on('end', () => {
      if (length > limit) reject(tooLarge(limit));
      else resolve(parts.length === 1 ? parts[0]! : Buffer.concat(parts, length));
    });
    request.on('error', () => reject(new ClientGone()));
    request.on('close', () => {
      if (!request.complete) reject(new ClientGone());
    });
  });
}

/** A body in aws-chunked form, taken apart. */
export interface SignedChunks {
  /** In order, the empty last one among them. */
  readonly chunks: readonly { readonly data: Buffer; readonly signature: string | undefined }[];
  /** Trailing headers as they are signed: `name:value\n` each. */
  readonly trailer: string;
  readonly trailerSignature: string | undefined;
}

/** A body as its operation wants it, and the headers that are true of it. */
export interface Body {
  readonly body: Buffer;
  readonly headers: Headers;
  /** How it was chunked, if it was. */
  readonly chunks?: SignedChunks;
}

type Headers = IncomingMessage['headers'];

const inflate = promisify(gunzip);

/** Whether a body comes in a form that has to be undone first. */
export function isEncoded(headers: Headers): boolean {
  return headers['content-encoding'] !== undefined || isChunked(headers);
}

function isChunked(headers: Headers): boolean {
  const encodings = String(headers['content-encoding'] ?? '');
  return encodings.includes('aws-chunked') || String(headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-');
}

/**
 * Undoes a body's transfer forms. `keepsEncoding` says that gzip is the user's own (S3 objects). Rejects with
 * AwsError for a body that is not of its form, is over the limit, or does not match its checksums.
 */
export async function decodeBody(
  headers: Headers,
  raw: Buffer,
  { limit, keepsEncoding }: { limit: number; keepsEncoding: boolean },
): Promise<Body> {
  if (isChunked(headers)) {
    const chunks = readChunks(raw);
    const body = Buffer.concat(chunks.chunks.map(({ data }) => data));
    const said = headers['x-amz-decoded-content-length'];
    if (said !== undefined && Number(said) !== body.length) {
      throw new AwsError('IncompleteBody', 'The request body terminated unexpectedly');
    }
    const trailers = Object.fromEntries(
      chunks.trailer
        .split('\n')
        .filter(Boolean)
        .map((line) => splitAt(line, ':')),
    );
    verifyChecksums(trailers, body);
    return { body, headers: { ...withoutChunking(headers), ...trailers }, chunks };
  }
  if (keepsEncoding || headers['content-encoding'] !== 'gzip') return { body: raw, headers };
  try {
    return { body: await inflate(raw, { maxOutputLength: limit }), headers };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limit);
    throw new AwsError('SerializationException', 'The request body is not valid gzip.');
  }
}

function withoutChunking({ 'content-encoding': encoding, ...others }: Headers): Headers {
  const encodings = String(encoding ?? '').split(',');
  const rest = encodings.map((name) => name.trim()).filter((name) => name !== '' && name !== 'aws-chunked');
  return rest.length === 0 ? others : { ...others, 'content-encoding': rest.join(',') };
}

const malformedChunks = () => new AwsError('InvalidRequest', 'The body is not well-formed aws-chunked content.');

/** Takes aws-chunked content apart: `size;chunk-signature=…`, data, and trailers after the empty chunk. */
function readChunks(raw: Buffer): SignedChunks {
  const chunks: { data: Buffer; signature: string | undefined }[] = [];
  let position = 0;
  const line = () => {
    const end = raw.indexOf('\r\n', position);
    if (end < 0) throw malformedChunks();
    const text = raw.toString('latin1', position, end);
    position = end + 2;
    return text;
  };
  for (;;) {
    const [, hex, signature] = /^([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line()) ?? [];
    if (hex === undefined) throw malformedChunks();
    const size = Number.parseInt(hex, 16);
    if (position + size > raw.length) throw malformedChunks();
    chunks.push({ data: raw.subarray(position, position + size), signature });
    position += size;
    if (size === 0) break;
    if (line() !== '') throw malformedChunks();
  }
  let trailer = '';
  let trailerSignature: string | undefined;
  while (position < raw.length) {
    const text = line();
    const [name, value] = splitAt(text, ':');
    if (name === 'x-amz-trailer-signature') trailerSignature = value;
    else if (text !== '') trailer += `${name}:${value}\n`;
  }
  return { chunks, trailer, trailerSignature };
}

function splitAt(line: string, separator: string): [string, string] {
  const at = line.indexOf(separator);
  return at < 0 ? [line, ''] : [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()];
}

/** The checksums that Node computes itself; others are taken on trust. */
const CHECKSUMS: Readonly<Record<string, (body: Buffer) => string>> = {
  'x-amz-checksum-crc32': (body) => {
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(body));
    return sum.toString('base64');
  },
  'x-amz-checksum-sha1': (body) => hash('sha1', body, 'base64'),
  'x-amz-checksum-sha256': (body) => hash('sha256', body, 'base64'),
  'content-md5': (body) => hash('md5', body, 'base64'),
};

/** Throws AwsError when a body does not match a checksum that came with it. */
export function verifyChecksums(headers: Readonly<Record<string, string | string[] | undefined>>, body: Buffer): void {
  for (const [name, compute] of Object.entries(CHECKSUMS)) {
    const said = headers[name];
    if (said === undefined || said === compute(body)) continue;
    const algorithm = name.split('-').at(-1)!.toUpperCase();
    throw new AwsError('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
  }
}
