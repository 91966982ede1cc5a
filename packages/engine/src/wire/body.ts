/*
 * Bodies off the wire that are read whole, within bounds: collected up to a limit, freed of gzip, and checked against
 * the checksums that came with them.
 */
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import {
  CHECKSUM_ALGORITHMS,
  checkChecksum,
  checkChecksumForm,
  checkMd5,
  checkMd5Form,
  checksumHeader,
  createChecksum,
} from '../kernel/checksums.ts';
import { AwsError } from '../kernel/errors.ts';

const MEBIBYTE = 1024 * 1024;

/** The largest body of a request, in bytes, by service. */
const LIMITS: Readonly<Record<string, number>> = {
  // A function's code is at most 50 MB zipped, and travels as base64 in JSON.
  lambda: 70 * MEBIBYTE,
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

/** Reads and drops what a client has yet to send, so that it hears the answer; gives up on one that goes on and on. */
export function dropRest(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    if (request.complete || request.destroyed) return resolve();
    let length = 0;
    request.on('data', (part: Buffer) => {
      length += part.length;
      if (length > MAX_DROPPED) resolve();
    });
    request.once('end', resolve);
    request.once('close', resolve);
    request.resume();
  });
}

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

type Headers = IncomingMessage['headers'];

const inflate = promisify(gunzip);

/** Undoes gzip. Rejects with AwsError for what is none, or is over the limit. */
export async function inflateBody(raw: Buffer, limit: number): Promise<Buffer> {
  try {
    return await inflate(raw, { maxOutputLength: limit });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limit);
    throw new AwsError('SerializationException', 'The request body is not valid gzip.');
  }
}

/** Whether a checksum of the body is among the headers. */
export function hasChecksum(headers: Headers): boolean {
  return headers['content-md5'] !== undefined || CHECKSUM_ALGORITHMS.some((name) => checksumHeader(name) in headers);
}

/** Rejects with AwsError when a body does not match a checksum that came with it. */
export async function verifyChecksums(headers: Headers, body: Buffer): Promise<void> {
  const sum = async (algorithm: (typeof CHECKSUM_ALGORITHMS)[number]) => {
    const checksum = createChecksum(algorithm);
    checksum.update(body);
    return checksum.digest();
  };
  const md5 = headers['content-md5'];
  if (typeof md5 === 'string') {
    checkMd5Form(md5);
    checkMd5(md5, await sum('MD5'));
  }
  for (const algorithm of CHECKSUM_ALGORITHMS) {
    const said = headers[checksumHeader(algorithm)];
    if (typeof said !== 'string') continue;
    checkChecksumForm(algorithm, said);
    checkChecksum(algorithm, said, await sum(algorithm));
  }
}
