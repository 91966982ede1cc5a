/*
 * Deployment packages: checked, unpacked once, and kept by the hash of their bytes.
 *
 * An upload is hostile until shown otherwise: paths that leave the package, links that do, and archives that
 * unpack to more than Lambda allows are refused before a byte of them is written.
 */
import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { type Entry, fromBuffer, type ZipFile } from 'yauzl';
import type { Host } from '../../kernel/service.ts';
import { invalidParameter } from './function.ts';

/** Lambda Developer Guide, "Lambda quotas": 50 MB zipped for a direct upload, 250 MB unzipped. */
const LIMITS = { zippedBytes: 50 * 1024 * 1024, unzippedBytes: 262_144_000, entries: 100_000, linkBytes: 4_096 };

const FILE_TYPE = { mask: 0o170000, link: 0o120000 };

export interface CodePackage {
  /** SHA-256 in hexadecimal: the name under which the code is kept. */
  readonly code: string;
  /** SHA-256 in base64: what AWS calls CodeSha256. */
  readonly sha256: string;
  readonly size: number;
}

/** The directory of unpacked code. */
export function codeDirectory(host: Host, code: string): string {
  return join(host.directory('code'), code);
}

/** The archive as it was uploaded, by the name that `archiveName` gives it. */
export function codeArchive(host: Host, name: string): string | undefined {
  const path = join(host.directory('code'), name);
  return /^[0-9a-f]{64}\.zip$/.test(name) && existsSync(path) ? path : undefined;
}

export function archiveName(code: string): string {
  return `${code}.zip`;
}

/** Checks and keeps a deployment package. Rejects with InvalidParameterValueException when it can't be used. */
export async function keepCode(host: Host, zip: Uint8Array): Promise<CodePackage> {
  if (zip.byteLength > LIMITS.zippedBytes) {
    throw invalidParameter(`Zipped size must be smaller than ${LIMITS.zippedBytes} bytes`);
  }
  const hash = createHash('sha256').update(zip).digest();
  const kept = { code: hash.toString('hex'), sha256: hash.toString('base64'), size: zip.byteLength };
  const target = codeDirectory(host, kept.code);
  if (existsSync(target)) return kept;
  const draft = await mkdtemp(`${target}-`);
  try {
    await unpack(Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength), draft);
    await chmod(draft, 0o755);
    await writeFile(join(host.directory('code'), archiveName(kept.code)), zip);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return kept;
}

const openArchive = promisify<Buffer, { lazyEntries: boolean; autoClose: boolean }, ZipFile>(fromBuffer);

async function unpack(zip: Buffer, directory: string): Promise<void> {
  try {
    const archive = await openArchive(zip, { lazyEntries: true, autoClose: false });
    const entries = await listEntries(archive);
    for (const entry of entries) await extract(archive, entry, directory);
  } catch (error) {
    if ((error as { code?: string }).code === 'InvalidParameterValueException') throw error;
    throw invalidParameter('Could not unzip uploaded file. Please check your file, then try to upload again.');
  }
}

/** All entries, links last, so that nothing is ever written through one. yauzl refuses absolute paths and `..`. */
async function listEntries(archive: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = [];
  let bytes = 0;
  await new Promise<void>((resolve, reject) => {
    archive.on('error', reject);
    archive.on('end', resolve);
    archive.on('entry', (entry: Entry) => {
      bytes += entry.uncompressedSize;
      entries.push(entry);
      if (bytes > LIMITS.unzippedBytes) {
        reject(invalidParameter(`Unzipped size must be smaller than ${LIMITS.unzippedBytes} bytes`));
      } else if (entries.length > LIMITS.entries) {
        reject(invalidParameter(`The deployment package must have fewer than ${LIMITS.entries} files`));
      } else archive.readEntry();
    });
    archive.readEntry();
  });
  return entries.sort((a, b) => Number(isLink(a)) - Number(isLink(b)));
}

async function extract(archive: ZipFile, entry: Entry, directory: string): Promise<void> {
  const path = join(directory, entry.fileName);
  if (entry.fileName.endsWith('/')) {
    await mkdir(path, { recursive: true });
    return;
  }
  await mkdir(dirname(path), { recursive: true });
  const content = await openEntry(archive, entry);
  if (isLink(entry)) await link(content, entry, path);
  else await pipeline(content, createWriteStream(path, { flags: 'w', mode: modeOf(entry) & 0o111 ? 0o755 : 0o644 }));
}

function openEntry(archive: ZipFile, entry: Entry): Promise<Readable> {
  return new Promise((resolve, reject) => {
    archive.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream)));
  });
}

async function link(content: Readable, entry: Entry, path: string): Promise<void> {
  if (entry.uncompressedSize > LIMITS.linkBytes) throw invalidParameter(`${entry.fileName} is not a valid link`);
  const target = (await buffer(content)).toString();
  const landing = posix.normalize(posix.join(posix.dirname(entry.fileName), target));
  if (posix.isAbsolute(target) || landing === '..' || landing.startsWith('../')) {
    throw invalidParameter(`The link ${entry.fileName} points out of the deployment package`);
  }
  await symlink(target, path);
}

function modeOf(entry: Entry): number {
  return entry.externalFileAttributes >>> 16;
}

function isLink(entry: Entry): boolean {
  return (modeOf(entry) & FILE_TYPE.mask) === FILE_TYPE.link;
}
