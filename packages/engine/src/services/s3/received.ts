/*
 * The bytes of an object or a part as they come in: written down, summed up, and compared with what was said of them.
 *
 * Amazon S3 User Guide, "Checking object integrity in Amazon S3": what comes without a checksum gets CRC64NVME.
 */
import { Readable } from 'node:stream';
import {
  CHECKSUM_ALGORITHMS,
  type ChecksumAlgorithm,
  checkChecksum,
  checkChecksumForm,
  checkMd5,
  checkMd5Form,
  checksumHeader,
} from '../../kernel/checksums.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { WaitingContext } from '../../kernel/service.ts';
import type { IncomingBody } from '../../kernel/streams.ts';
import { blobs, type Written } from './blobs.ts';
import { invalidRequest } from './errors.ts';

const DEFAULT_ALGORITHM: ChecksumAlgorithm = 'CRC64NVME';

/** What an operation that takes bytes is given. */
export interface Sent {
  readonly Body?: unknown;
  readonly ContentMD5?: string | undefined;
  readonly ChecksumAlgorithm?: string | undefined;
}

/** What came, and its checksum of the algorithm that was chosen. */
export interface Received extends Written {
  readonly algorithm: ChecksumAlgorithm;
  readonly checksum: string;
}

/** Keeps bytes, summed up by `needed` too, whatever came with them. Rejects with AwsError, and keeps nothing, when they are not what was said of them. */
export async function receive(ctx: WaitingContext, sent: Sent, needed?: ChecksumAlgorithm): Promise<Received> {
  const said = sentChecksum(sent);
  const algorithm = said?.algorithm ?? needed ?? DEFAULT_ALGORITHM;
  if (sent.ContentMD5 !== undefined) checkMd5Form(sent.ContentMD5);
  if (said?.value !== undefined) checkChecksumForm(algorithm, said.value);
  const store = ctx.use(blobs);
  const written = await store.write(sourceOf(sent.Body), [...new Set([algorithm, needed ?? algorithm])]);
  const checksum = written.checksums[algorithm]!;
  try {
    if (sent.ContentMD5 !== undefined) checkMd5(sent.ContentMD5, Buffer.from(written.md5, 'hex').toString('base64'));
    const value = said?.value ?? (said?.isAnnounced ? trailerOf(sent.Body as IncomingBody, algorithm) : undefined);
    if (value !== undefined) checkChecksum(algorithm, value, checksum);
  } catch (error) {
    await store.remove(written.blob ? [written.blob] : []);
    throw error;
  }
  return { ...written, algorithm, checksum };
}

interface SentChecksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly value?: string;
  /** Whether it follows the body. */
  readonly isAnnounced?: boolean;
}

function sentChecksum(sent: Sent): SentChecksum | undefined {
  const values = sent as Readonly<Record<string, string | undefined>>;
  const announced = (sent.Body as IncomingBody | undefined)?.announced ?? [];
  const found = CHECKSUM_ALGORITHMS.flatMap<SentChecksum>((algorithm) => {
    const value = values[`Checksum${algorithm}`];
    if (value !== undefined) return [{ algorithm, value }];
    return announced.includes(checksumHeader(algorithm)) ? [{ algorithm, isAnnounced: true }] : [];
  });
  if (found.length > 1) {
    throw invalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.');
  }
  if (found.length === 1 || sent.ChecksumAlgorithm === undefined) return found[0];
  if (isIncoming(sent.Body)) {
    throw invalidRequest(
      'x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.',
    );
  }
  return { algorithm: sent.ChecksumAlgorithm as ChecksumAlgorithm };
}

function isIncoming(body: unknown): body is IncomingBody {
  return body instanceof Readable && 'announced' in body;
}

function trailerOf({ trailers }: IncomingBody, algorithm: ChecksumAlgorithm): string {
  const value = trailers[checksumHeader(algorithm)];
  if (value !== undefined) return value;
  const message =
    'The request contained trailing data that was not well-formed or did not conform to our published schema.';
  throw new AwsError('MalformedTrailerError', message);
}

/** Bytes in any form that the SDK's types allow. */
async function* sourceOf(body: unknown): AsyncGenerator<Uint8Array> {
  if (body === undefined || body === null) return;
  if (typeof body === 'string') yield Buffer.from(body);
  else if (body instanceof Uint8Array) yield body;
  else if (body instanceof Blob) yield* body.stream();
  else yield* body as AsyncIterable<Uint8Array>;
}
