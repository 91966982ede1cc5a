/*
 * The frames between the engine and a bootstrap (see runtimes/README.md): two lengths, a JSON header with a `type`, and
 * a body of raw bytes. The sender may be hostile code: a header is bounded, and a body that is too long is skipped.
 */
import { LIMITS } from './spec.ts';

const PREFIX_BYTES = 8;

/** The longest body that is kept: an answer of the greatest size. */
const LONGEST_BODY = LIMITS.responseBytes;

export interface Frame {
  header: { type: string } & Record<string, unknown>;
  body: Buffer;
  /** The body was longer than any frame may carry, and was left out. */
  oversize: boolean;
}

/** The bytes of one frame. */
export function encodeFrame(header: { type: string } & Record<string, unknown>, body?: Buffer): Buffer {
  const head = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.allocUnsafe(PREFIX_BYTES);
  prefix.writeUInt32BE(head.length, 0);
  prefix.writeUInt32BE(body?.length ?? 0, 4);
  return Buffer.concat(body ? [prefix, head, body] : [prefix, head]);
}

/** Returns a function that takes the stream's chunks, calls `onFrame` for each whole frame, and throws on nonsense. */
export function createFrameReader(onFrame: (frame: Frame) => void): (chunk: Buffer) => void {
  let chunks: Buffer[] = [];
  let length = 0;
  let wanted = PREFIX_BYTES;
  let skip = 0;
  let skipped: Frame | undefined;

  const skipBody = (chunk: Buffer): Buffer => {
    const gone = Math.min(skip, chunk.length);
    skip -= gone;
    if (skip === 0 && skipped) {
      onFrame(skipped);
      skipped = undefined;
    }
    return chunk.subarray(gone);
  };

  /** Takes the first frame off; `wanted` says how much is needed for it when it is not whole. */
  const take = (pending: Buffer): Buffer | undefined => {
    wanted = PREFIX_BYTES;
    if (pending.length < PREFIX_BYTES) return undefined;
    const headEnd = PREFIX_BYTES + pending.readUInt32BE(0);
    const bodyLength = pending.readUInt32BE(4);
    if (headEnd > PREFIX_BYTES + LIMITS.headerBytes) throw new RangeError('A frame has too long a header.');
    const oversize = bodyLength > LONGEST_BODY;
    wanted = oversize ? headEnd : headEnd + bodyLength;
    if (pending.length < wanted) return undefined;
    const header = parseHeader(pending.subarray(PREFIX_BYTES, headEnd));
    if (oversize) {
      skip = bodyLength;
      skipped = { header, body: Buffer.alloc(0), oversize };
      return skipBody(pending.subarray(headEnd));
    }
    onFrame({ header, body: pending.subarray(headEnd, wanted), oversize });
    return pending.subarray(wanted);
  };

  return (chunk) => {
    const fresh = skip > 0 ? skipBody(chunk) : chunk;
    chunks.push(fresh);
    length += fresh.length;
    if (length < wanted) return;
    let pending = chunks.length === 1 ? fresh : Buffer.concat(chunks, length);
    for (let rest = take(pending); rest !== undefined; rest = take(pending)) pending = rest;
    chunks = pending.length > 0 ? [pending] : [];
    length = pending.length;
  };
}

function parseHeader(bytes: Buffer): Frame['header'] {
  const header: unknown = JSON.parse(bytes.toString());
  if (typeof header !== 'object' || header === null || !('type' in header) || typeof header.type !== 'string') {
    throw new TypeError('A frame has no type.');
  }
  return header as Frame['header'];
}
