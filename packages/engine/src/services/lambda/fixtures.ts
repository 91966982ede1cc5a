/* For the tests of this folder: zip archives, made byte by byte, so that they can lie. */
import { crc32, deflateRawSync } from 'node:zlib';

/** An entry; what is absent is as an honest archive has it. */
export interface ZipEntry {
  name: string;
  content?: string | Buffer;
  /** The Unix mode with the file's type; a plain file's 0644 when absent. */
  mode?: number;
  /** Stored as it is, and not deflated. */
  stored?: boolean;
  /** The size that the archive declares. */
  declaredSize?: number;
  checksum?: number;
  encrypted?: boolean;
  /** The place of the local header, for entries that share one. */
  offset?: number;
  /** Writes sizes and offset as ZIP64 does. */
  zip64?: boolean;
}

export const LINK = 0o120777;

/** An archive of these entries, in this order. */
export function zip(entries: readonly ZipEntry[]): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const content = Buffer.from(entry.content ?? '');
    const data = entry.stored ? content : deflateRawSync(content);
    const size = entry.declaredSize ?? content.length;
    const sums = {
      checksum: entry.checksum ?? crc32(content),
      packed: data.length,
      size,
      offset: entry.offset ?? offset,
    };
    if (entry.offset === undefined) {
      parts.push(header(entry, name, sums), data);
      offset += parts.at(-2)!.length + data.length;
    }
    directory.push(centralHeader(entry, name, sums));
  }
  const central = Buffer.concat(directory);
  return Buffer.concat([...parts, central, end(entries.length, central.length, offset)]);
}

interface Sums {
  checksum: number;
  packed: number;
  size: number;
  offset: number;
}

function header(entry: ZipEntry, name: Buffer, { checksum, packed, size }: Sums): Buffer {
  const fixed = Buffer.alloc(30);
  fixed.writeUInt32LE(0x04034b50, 0);
  common(fixed, 4, entry, { checksum, packed, size });
  fixed.writeUInt16LE(name.length, 26);
  return Buffer.concat([fixed, name]);
}

function centralHeader(entry: ZipEntry, name: Buffer, { checksum, packed, size, offset }: Sums): Buffer {
  const fixed = Buffer.alloc(46);
  const wide = 0xffffffff;
  fixed.writeUInt32LE(0x02014b50, 0);
  fixed.writeUInt16LE((3 << 8) | 45, 4);
  common(fixed, 6, entry, entry.zip64 ? { checksum, packed: wide, size: wide } : { checksum, packed, size });
  fixed.writeUInt16LE(name.length, 28);
  fixed.writeUInt16LE(entry.zip64 ? 28 : 0, 30);
  fixed.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 38);
  fixed.writeUInt32LE(entry.zip64 ? wide : offset, 42);
  return Buffer.concat([fixed, name, ...(entry.zip64 ? [zip64Extra(size, packed, offset)] : [])]);
}

function common(buffer: Buffer, at: number, entry: ZipEntry, { checksum, packed, size }: Omit<Sums, 'offset'>): void {
  buffer.writeUInt16LE(45, at);
  buffer.writeUInt16LE(0x800 | (entry.encrypted ? 1 : 0), at + 2);
  buffer.writeUInt16LE(entry.stored ? 0 : 8, at + 4);
  buffer.writeUInt32LE(checksum, at + 10);
  buffer.writeUInt32LE(packed, at + 14);
  buffer.writeUInt32LE(size, at + 18);
}

function zip64Extra(size: number, packed: number, offset: number): Buffer {
  const extra = Buffer.alloc(28);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(24, 2);
  for (const [index, value] of [size, packed, offset].entries()) extra.writeBigUInt64LE(BigInt(value), 4 + index * 8);
  return extra;
}

function end(count: number, size: number, offset: number): Buffer {
  const record = Buffer.alloc(22);
  record.writeUInt32LE(0x06054b50, 0);
  record.writeUInt16LE(Math.min(count, 0xffff), 8);
  record.writeUInt16LE(Math.min(count, 0xffff), 10);
  record.writeUInt32LE(size, 12);
  record.writeUInt32LE(offset, 16);
  if (count < 0xffff) return record;
  // More entries than the record can count: ZIP64's record and its locator come before it.
  const wide = Buffer.alloc(76);
  wide.writeUInt32LE(0x06064b50, 0);
  wide.writeBigUInt64LE(44n, 4);
  wide.writeBigUInt64LE(BigInt(count), 24);
  wide.writeBigUInt64LE(BigInt(count), 32);
  wide.writeBigUInt64LE(BigInt(size), 40);
  wide.writeBigUInt64LE(BigInt(offset), 48);
  wide.writeUInt32LE(0x07064b50, 56);
  wide.writeBigUInt64LE(BigInt(offset + size), 64);
  wide.writeUInt32LE(1, 72);
  return Buffer.concat([wide, record]);
}
