/*
 * Bodies that are read as they come, so that their size costs no memory: bounded, freed of aws-chunked content coding,
 * and checked against what was signed.
 *
 * Amazon S3 API Reference, "Signature calculations for the Authorization header: transferring payload in multiple
 * chunks" and its neighbour on trailing headers; "Error responses".
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { AwsError } from '../kernel/errors.ts';
import type { IncomingBody } from '../kernel/streams.ts';
import { ClientGone } from './body.ts';
import type { ChunkCheck } from './sigv4.ts';

/** The largest body that is read as it comes, in bytes (S3 User Guide, "Uploading objects"). */
export const LARGEST_STREAM = 5 * 1024 ** 3;
/** The smallest chunk but for the last, in bytes. */
const SMALLEST_CHUNK = 8_192;
/** The longest line between chunks, in bytes, and the most trailing headers. */
const LONGEST_LINE = 8_192;
const MOST_TRAILERS = 100;

type Headers = IncomingMessage['headers'];

/** Whether a body comes in chunks of AWS's own content coding. */
export function isChunked(headers: Headers): boolean {
  const encodings = String(headers['content-encoding'] ?? '');
  return encodings.includes('aws-chunked') || String(headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-');
}

/** The headers as they are true of the body without its chunks. */
export function withoutChunking({ 'content-encoding': encoding, ...others }: Headers): Headers {
  if (encoding === undefined) return others;
  const encodings = String(encoding).split(',');
  const rest = encodings.map((name) => name.trim()).filter((name) => name !== '' && name !== 'aws-chunked');
  return rest.length === 0 ? others : { ...others, 'content-encoding': rest.join(',') };
}

export interface IncomingOptions {
  /** The largest that is taken, in bytes. */
  readonly limit: number;
  /** Checks the chunks' signatures, where they have to be signed. */
  readonly check?: ChunkCheck | undefined;
}

/**
 * The body of a request. It is asked for only once somebody reads: a client that waits to hear whether its body is
 * wanted is told then. Throws AwsError for a length that is missing or too large.
 */
export function incomingBody(
  request: IncomingMessage,
  response: ServerResponse,
  { limit, check }: IncomingOptions,
): IncomingBody {
  const { headers } = request;
  const length = lengthOf(headers, limit);
  const trailers: Record<string, string> = {};
  const announced = String(headers['x-amz-trailer'] ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter(Boolean);
  async function* read(): AsyncGenerator<Buffer> {
    if (headers.expect !== undefined) response.writeContinue();
    const source = parts(request);
    try {
      yield* whole(isChunked(headers) ? dechunked(source, { trailers, check }) : unchunked(source, headers), length);
    } finally {
      // Lets go of the request, of which there may be more to come.
      await source.return(undefined);
    }
  }
  return Object.assign(Readable.from(read(), { objectMode: false }), { length, announced, trailers });
}

function lengthOf(headers: Headers, limit: number): number {
  const said = headers['x-amz-decoded-content-length'] ?? (isChunked(headers) ? undefined : headers['content-length']);
  if (said === undefined && headers['transfer-encoding'] !== undefined && !isChunked(headers)) {
    const message = 'A header you provided implies functionality that is not implemented';
    throw new AwsError('NotImplemented', message, { status: 501, members: { Header: 'Transfer-Encoding' } });
  }
  if (said === undefined || !/^\d{1,15}$/.test(String(said))) {
    throw new AwsError('MissingContentLength', 'You must provide the Content-Length HTTP header.', { status: 411 });
  }
  const length = Number(said);
  if (length > limit) {
    const members = { ProposedSize: length, MaxSizeAllowed: limit };
    throw new AwsError('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', { members });
  }
  return length;
}

/** What comes off the wire. The request is left as it is when its reader stops, so that it can still be answered. */
export async function* parts(request: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    yield* request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  } catch {
    throw new ClientGone();
  }
}

/** Counts what comes: neither more nor less than was said. */
async function* whole(source: AsyncIterable<Buffer>, length: number): AsyncGenerator<Buffer> {
  let count = 0;
  for await (const part of source) {
    count += part.length;
    if (count > length) throw incomplete();
    yield part;
  }
  if (count < length) throw incomplete();
}

async function* unchunked(source: AsyncIterable<Buffer>, headers: Headers): AsyncGenerator<Buffer> {
  const said = String(headers['x-amz-content-sha256'] ?? '');
  if (!/^[0-9a-f]{64}$/.test(said)) return yield* source;
  const hash = createHash('sha256');
  for await (const part of source) {
    hash.update(part);
    yield part;
  }
  const found = hash.digest('hex');
  if (found === said) return;
  const message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
  const members = { ClientComputedContentSHA256: said, S3ComputedContentSHA256: found };
  throw new AwsError('XAmzContentSHA256Mismatch', message, { members });
}

/** Takes aws-chunked content apart: `size;chunk-signature=…`, data, and trailers after the empty chunk. */
export async function* dechunked(
  source: AsyncGenerator<Buffer>,
  { trailers, check }: { trailers: Record<string, string>; check: ChunkCheck | undefined },
): AsyncGenerator<Buffer> {
  const lines = new Lines(source);
  let previous: number | undefined;
  for (;;) {
    const [, hex, signature] =
      /^([0-9a-fA-F]{1,10})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(await lines.next()) ?? [];
    if (hex === undefined) throw malformed();
    const size = Number.parseInt(hex, 16);
    if (previous !== undefined && previous < SMALLEST_CHUNK && size > 0) throw tooSmall(previous);
    previous = size;
    const hash = check && createHash('sha256');
    for (let left = size; left > 0; ) {
      const part = await lines.bytes(left);
      left -= part.length;
      hash?.update(part);
      yield part;
    }
    if (check) check.chunk(hash!.digest('hex'), signature);
    if (size === 0) break;
    if ((await lines.next()) !== '') throw malformed();
  }
  await readTrailers(lines, trailers, check);
}

async function readTrailers(lines: Lines, trailers: Record<string, string>, check: ChunkCheck | undefined) {
  let signed = '';
  let signature: string | undefined;
  for (let count = 0; ; count++) {
    const line = await lines.nextIfAny();
    if (line === undefined) break;
    if (count > MOST_TRAILERS) throw malformed();
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const [name, value] = [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    if (name === 'x-amz-trailer-signature') signature = value;
    else {
      trailers[name] = value;
      signed += `${name}:${value}\n`;
    }
  }
  if (signed !== '') check?.trailer(createHash('sha256').update(signed).digest('hex'), signature);
}

/** Bytes that are now lines and now data. */
class Lines {
  #source: AsyncGenerator<Buffer>;
  #held: Buffer = Buffer.alloc(0);
  #ended = false;

  constructor(source: AsyncGenerator<Buffer>) {
    this.#source = source;
  }

  /** The next line, without its end. Rejects with AwsError when there is none. */
  async next(): Promise<string> {
    const line = await this.nextIfAny();
    if (line === undefined) throw incomplete();
    return line;
  }

  /** The next line, or what is left when the body ends; undefined when nothing is. */
  async nextIfAny(): Promise<string | undefined> {
    for (;;) {
      const end = this.#held.indexOf('\r\n');
      if (end >= 0) return this.#take(end, 2).toString('latin1');
      if (this.#held.length > LONGEST_LINE) throw malformed();
      if (await this.#more()) continue;
      return this.#held.length === 0 ? undefined : this.#take(this.#held.length, 0).toString('latin1');
    }
  }

  /** Some bytes, one at least and so many at most. */
  async bytes(most: number): Promise<Buffer> {
    while (this.#held.length === 0) if (!(await this.#more())) throw incomplete();
    return this.#take(Math.min(most, this.#held.length), 0);
  }

  #take(count: number, skipped: number): Buffer {
    const taken = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count + skipped);
    return taken;
  }

  async #more(): Promise<boolean> {
    if (this.#ended) return false;
    const { done, value } = await this.#source.next();
    if (done) this.#ended = true;
    else this.#held = this.#held.length === 0 ? value : Buffer.concat([this.#held, value]);
    return !done;
  }
}

function incomplete(): AwsError {
  return new AwsError(
    'IncompleteBody',
    'You did not provide the number of bytes specified by the Content-Length HTTP header',
  );
}

function malformed(): AwsError {
  return new AwsError('InvalidRequest', 'The body is not well-formed aws-chunked content.');
}

function tooSmall(size: number): AwsError {
  const message = `Only the last chunk is allowed to have a size less than ${SMALLEST_CHUNK} bytes`;
  return new AwsError('InvalidChunkSizeError', message, { status: 403, members: { BadChunkSize: size } });
}
