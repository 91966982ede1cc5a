/*
 * Checksums that come with a body, and what AWS says when they do not fit. Node computes most of them; the SDK's own
 * package has the rest.
 *
 * Words: Amazon S3 User Guide, "Checking object integrity"; API Reference, "Error responses".
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Crc32c, Crc64Nvme } from '@aws-sdk/checksums/crc';
import { Xxh3_64, Xxh3_128, Xxh64 } from '@aws-sdk/checksums/xxh';
import { AwsError } from './errors.ts';

/** Sums up bytes as they come. */
export interface Checksum {
  update(bytes: Uint8Array): void;
  /** In base64. */
  digest(): Promise<string>;
}

interface Summing {
  update(bytes: Uint8Array): void;
  digest(): Promise<Uint8Array>;
}

const hashed = (algorithm: string) => (): Checksum => {
  const hash = createHash(algorithm);
  return { update: (bytes) => void hash.update(bytes), digest: async () => hash.digest('base64') };
};
const summed = (Sum: new () => Summing) => (): Checksum => {
  const sum = new Sum();
  return {
    update: (bytes) => sum.update(bytes),
    digest: async () => Buffer.from(await sum.digest()).toString('base64'),
  };
};

const MAKERS = {
  CRC32: cyclic,
  CRC32C: summed(Crc32c),
  CRC64NVME: summed(Crc64Nvme),
  SHA1: hashed('sha1'),
  SHA256: hashed('sha256'),
  SHA512: hashed('sha512'),
  MD5: hashed('md5'),
  XXHASH64: summed(Xxh64),
  XXHASH3: summed(Xxh3_64),
  XXHASH128: summed(Xxh3_128),
} as const;

export type ChecksumAlgorithm = keyof typeof MAKERS;

export const CHECKSUM_ALGORITHMS = Object.keys(MAKERS) as readonly ChecksumAlgorithm[];

const LENGTHS: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
  SHA512: 64,
  MD5: 16,
  XXHASH64: 8,
  XXHASH3: 8,
  XXHASH128: 16,
};

function cyclic(): Checksum {
  let value = 0;
  return {
    update(bytes) {
      value = crc32(bytes, value);
    },
    async digest() {
      const sum = Buffer.alloc(4);
      sum.writeUInt32BE(value);
      return sum.toString('base64');
    },
  };
}

export function createChecksum(algorithm: ChecksumAlgorithm): Checksum {
  return MAKERS[algorithm]();
}

/** `x-amz-checksum-crc32`. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** Throws InvalidRequest for what can be no checksum of the algorithm. */
export function checkChecksumForm(algorithm: ChecksumAlgorithm, said: string): void {
  if (isBase64Of(said, LENGTHS[algorithm])) return;
  throw new AwsError('InvalidRequest', `Value for ${checksumHeader(algorithm)} header is invalid.`);
}

/** Throws BadDigest unless a body has the checksum that was said. */
export function checkChecksum(algorithm: ChecksumAlgorithm, said: string, found: string): void {
  if (said === found) return;
  throw new AwsError('BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`);
}

/** Throws InvalidDigest for what can be no MD5. */
export function checkMd5Form(said: string): void {
  if (!isBase64Of(said, LENGTHS.MD5)) {
    throw new AwsError('InvalidDigest', 'The Content-MD5 you specified was invalid.', {
      members: { 'Content-MD5': said },
    });
  }
}

/** Throws BadDigest unless a body has the MD5 that was said. */
export function checkMd5(said: string, found: string): void {
  if (said === found) return;
  throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.', {
    members: { ExpectedDigest: said, CalculatedDigest: found },
  });
}

function isBase64Of(text: string, bytes: number): boolean {
  const decoded = Buffer.from(text, 'base64');
  return decoded.length === bytes && decoded.toString('base64') === text;
}
