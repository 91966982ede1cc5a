/*
 * Checksums of objects that came in parts, reckoned from those of the parts: the bytes are not read again.
 *
 * A cyclic redundancy check is the remainder of a division of polynomials over two elements, so that of two stretches is
 * that of the first, moved up by the length of the second, plus that of the second (zlib's crc32_combine).
 */

/** Width in bits, and the polynomial with its lowest power first. */
const KINDS = {
  CRC32: { width: 32n, polynomial: 0xedb88320n },
  CRC32C: { width: 32n, polynomial: 0x82f63b78n },
  CRC64NVME: { width: 64n, polynomial: 0x9a6c9329ac4bc9b5n },
} as const;

export type CrcAlgorithm = keyof typeof KINDS;

export function isCrc(algorithm: string): algorithm is CrcAlgorithm {
  return algorithm in KINDS;
}

/** A stretch of bytes: its checksum in base64, and its length in bytes. */
interface Stretch {
  readonly checksum: string;
  readonly size: number;
}

/** The checksum of stretches one after another, in base64. */
export function combined(algorithm: CrcAlgorithm, stretches: readonly Stretch[]): string {
  const shifts = new Map<number, bigint>();
  let sum = 0n;
  for (const { checksum, size } of stretches) {
    const shift = shifts.get(size) ?? powerOf(algorithm, size);
    shifts.set(size, shift);
    sum = product(algorithm, shift, sum) ^ BigInt(`0x${Buffer.from(checksum, 'base64').toString('hex')}`);
  }
  return toBase64(algorithm, sum);
}

/** The checksum of some bytes, in base64; for few of them. */
export function crcOf(algorithm: CrcAlgorithm, bytes: Uint8Array): string {
  const { width, polynomial } = KINDS[algorithm];
  const ones = (1n << width) - 1n;
  let sum = ones;
  for (const byte of bytes) {
    sum ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) sum = sum & 1n ? (sum >> 1n) ^ polynomial : sum >> 1n;
  }
  return toBase64(algorithm, sum ^ ones);
}

function toBase64(algorithm: CrcAlgorithm, sum: bigint): string {
  const digits = Number(KINDS[algorithm].width) / 4;
  return Buffer.from(sum.toString(16).padStart(digits, '0'), 'hex').toString('base64');
}

/** The product of two polynomials, by the remainder. */
function product(algorithm: CrcAlgorithm, one: bigint, other: bigint): bigint {
  const { width, polynomial } = KINDS[algorithm];
  let [result, power] = [0n, other];
  for (let bit = 1n << (width - 1n); bit > 0n; bit >>= 1n) {
    if (one & bit) result ^= power;
    power = power & 1n ? (power >> 1n) ^ polynomial : power >> 1n;
  }
  return result;
}

/** The power that moves a checksum up by so many bytes. */
function powerOf(algorithm: CrcAlgorithm, bytes: number): bigint {
  const { width } = KINDS[algorithm];
  let result = 1n << (width - 1n);
  let square = 1n << (width - 9n);
  for (let left = bytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = product(algorithm, square, result);
    square = product(algorithm, square, square);
  }
  return result;
}
