/* Parts of uploads made of other objects, or of stretches of them. Amazon S3 API Reference, UploadPartCopy. */
import type { UploadPartCopyOutput, UploadPartCopyRequest } from '@aws-sdk/client-s3';
import { dateOf } from '../../kernel/clock.ts';
import type { WaitingContext } from '../../kernel/service.ts';
import { blobs } from './blobs.ts';
import { wholeSecond } from './conditions.ts';
import { findSource, mayRead } from './copying.ts';
import { invalidArgument } from './errors.ts';
import { checkPartNumber, findUpload, putPart } from './multipart.ts';
import { shownEncryption } from './properties.ts';
import { slices } from './reading.ts';
import type { UploadedPart } from './uploads.ts';
import { keep } from './writing.ts';

export async function uploadPartCopy(ctx: WaitingContext, input: UploadPartCopyRequest): Promise<UploadPartCopyOutput> {
  const number = input.PartNumber!;
  checkPartNumber(number);
  const store = ctx.use(blobs);
  mayRead(ctx, input);
  const { upload, source, stretch, release } = await ctx.transact((tx) => {
    const { upload } = findUpload(tx, input);
    const source = findSource(tx, input);
    const stretch = stretchOf(input.CopySourceRange, source.version.size);
    const release = store.hold(source.version.parts.flatMap(({ blob }) => blob ?? []));
    return { upload, source, stretch, release };
  });
  const { algorithm, chosen } = upload.checksum;
  async function* bytes() {
    for (const { blob, start, end } of slices(source.version.parts, stretch)) yield* store.read(blob, start, end);
  }
  const { blob, size, md5, checksums } = await store.write(bytes(), [algorithm]).finally(release);
  const checksum = checksums[algorithm]!;
  return keep(ctx, blob ? { blob } : {}, (tx) => {
    findUpload(tx, input);
    const part: UploadedPart = { ...(blob && { blob }), size, number, md5, at: tx.now, checksum };
    putPart(tx, upload, part);
    return {
      ...(source.bucket.versioning && { CopySourceVersionId: source.version.versionId }),
      CopyPartResult: {
        ETag: `"${md5}"`,
        LastModified: dateOf(wholeSecond(part.at)),
        ...(chosen && { [`Checksum${algorithm}`]: checksum }),
      },
      ...shownEncryption(upload.headers),
    };
  });
}

/** Bytes of the source: all, or `bytes=first-last`, both within it. */
function stretchOf(range: string | undefined, size: number): { start: number; end: number } {
  if (range === undefined) return { start: 0, end: size - 1 };
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
  if (first === undefined || Number(last) < Number(first)) {
    const message =
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy';
    throw invalidArgument(message, 'x-amz-copy-source-range', range);
  }
  if (Number(last) >= size) {
    const message = `Range specified is not valid for source object of size: ${size}`;
    throw invalidArgument(message, 'x-amz-copy-source-range', range);
  }
  return { start: Number(first), end: Number(last) };
}
