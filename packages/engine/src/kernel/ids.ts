/*
 * Where chance comes from: one seeded source for every id and all jitter, so that a virtual run is
 * reproducible to the byte. The generator is sfc32 (Chris Doty-Humphrey's small fast counting generator).
 */
import { createHash, randomBytes } from 'node:crypto';

export interface Ids {
  /** A number in [0, 1). */
  random(): number;
  /** `n` lower-case hexadecimal digits. */
  hex(n: number): string;
  /** A version 4 UUID. */
  uuid(): string;
  /** An id that sorts by a moment: rows that are made one after another then lie together, and are written together. */
  ordered(at: number): string;
  /** `n` characters of upper-case letters and digits, as in access keys and unique ids of IAM. */
  upper(n: number): string;
}

const UPPER = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A source of ids; without a seed, one that never repeats. */
export function createIds(seed?: string | number): Ids {
  const bytes = seed === undefined ? randomBytes(16) : createHash('md5').update(String(seed)).digest();
  const next = sfc32(bytes.readUInt32LE(0), bytes.readUInt32LE(4), bytes.readUInt32LE(8), bytes.readUInt32LE(12));
  const hex = (n: number) => {
    let text = '';
    while (text.length < n) text += hexOf(next());
    return text.slice(0, n);
  };
  return {
    random: () => next() / 2 ** 32,
    hex,
    uuid: () => {
      const digits = hex(32);
      const variant = (8 + (Number.parseInt(digits[16]!, 16) & 3)).toString(16);
      return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`;
    },
    ordered: (at) => `${at.toString(16).padStart(12, '0')}-${hex(16)}`,
    upper: (n) => Array.from({ length: n }, () => UPPER[next() & 31]).join(''),
  };
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Eight digits; by table, since every request takes an id. */
function hexOf(word: number): string {
  return HEX[word >>> 24]! + HEX[(word >>> 16) & 255]! + HEX[(word >>> 8) & 255]! + HEX[word & 255]!;
}

function sfc32(a: number, b: number, c: number, d: number): () => number {
  let [x, y, z, counter] = [a, b, c, d];
  const next = () => {
    const sum = (x + y + counter) | 0;
    counter = (counter + 1) | 0;
    x = y ^ (y >>> 9);
    y = (z + (z << 3)) | 0;
    z = ((z << 21) | (z >>> 11)) + sum;
    z |= 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 15; round++) next();
  return next;
}
