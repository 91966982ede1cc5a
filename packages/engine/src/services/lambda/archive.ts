/*
 * Archives, unpacked: the zip of a deployment package into an empty directory.
 *
 * An upload is hostile until shown otherwise. So the whole of it is planned before a byte is written: every entry
 * has one place inside the directory, nothing lies behind a file or a link, no link leads out however it is
 * followed, and all of it together stays within Lambda's bounds. Then directories are made, files written, and
 * links put last, so that nothing is ever written through one.
 */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { promisify } from 'node:util';
import { crc32, inflateRaw } from 'node:zlib';
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl';
import { invalidParameter } from './function.ts';

/** Of a function's code and its layers together (Lambda Developer Guide, "Lambda quotas"). */
export const LARGEST_UNZIPPED_BYTES = 262_144_000;

const LIMITS = {
  unzippedBytes: LARGEST_UNZIPPED_BYTES,
  /** Files, links and directories, of which AWS publishes no bound. */
  places: 100_000,
  /** A path within the package, and one name in it; Linux takes no longer name. */
  pathBytes: 1_024,
  nameBytes: 255,
  /** Where a link leads to; Linux takes no more. */
  linkBytes: 4_096,
  /** Steps that all links together take on the way to where they lead. */
  linkSteps: 500_000,
  /** Links on the way of one link; Linux follows no more. */
  linksFollowed: 40,
};

/** How many files are written at once. */
const WRITERS = 16;
/** The part of a Unix mode that tells a file's type. */
const TYPE = { mask: 0o170000, unknown: 0, file: 0o100000, directory: 0o040000, link: 0o120000 };
const EXECUTABLE = 0o111;

/** What is to be made, by path. */
interface Plan {
  readonly directories: Set<string>;
  readonly files: Map<string, Entry>;
  /** With the text of where each leads to. */
  readonly links: Map<string, string>;
}

/**
 * Unpacks a zip into an empty directory; resolves with the bytes that all files have. Rejects with AWS's InvalidParameterValueException when the zip can't be
 * read, holds nothing, unpacks to too much, or would reach out of the directory.
 */
export async function unpack(zip: Buffer, directory: string): Promise<number> {
  if (zip.length === 0) throw empty();
  const archive = await readable(() => fromBufferPromise(zip, { lazyEntries: true, autoClose: false }));
  const plan = await readable(() => makePlan(zip, archive));
  if (plan.files.size + plan.links.size === 0) throw empty();
  for (const path of [...plan.directories].sort()) await mkdir(join(directory, path));
  await writeFiles(zip, archive, plan.files, directory);
  for (const [path, target] of plan.links) await symlink(target, join(directory, path));
  return [...plan.files.values()].reduce((sum, { uncompressedSize }) => sum + uncompressedSize, 0);
}

/** Writes several files at a time; none is being written any more when it ends, well or not. */
async function writeFiles(zip: Buffer, archive: ZipFile, files: Plan['files'], directory: string): Promise<void> {
  const left = files.entries();
  let failed = false;
  const writer = async () => {
    for (const [path, entry] of left) {
      if (failed) return;
      const content = await readable(() => contentOf(zip, archive, entry));
      await writeFile(join(directory, path), content, { mode: modeOf(entry) & EXECUTABLE ? 0o755 : 0o644 });
    }
  };
  const writers = Array.from({ length: WRITERS }, () =>
    writer().catch((error) => {
      failed = true;
      throw error;
    }),
  );
  const ended = await Promise.allSettled(writers);
  const failure = ended.find(({ status }) => status === 'rejected');
  if (failure) throw (failure as PromiseRejectedResult).reason;
}

/** What is wrong with the archive itself is the user's fault; what is wrong with our disk is not. */
async function readable<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if ((error as { code?: string }).code === 'InvalidParameterValueException') throw error;
    throw invalidParameter('Could not unzip uploaded file. Please check your file, then try to upload again.');
  }
}

function empty(): Error {
  return invalidParameter('Uploaded file must be a non-empty zip');
}

async function makePlan(zip: Buffer, archive: ZipFile): Promise<Plan> {
  const plan: Plan = { directories: new Set(), files: new Map(), links: new Map() };
  const links = new Map<string, Entry>();
  for (const entry of await listEntries(archive)) {
    const path = pathOf(entry);
    if (path === undefined) continue;
    // Of two entries of one name the later one counts, as with unzip.
    plan.files.delete(path);
    links.delete(path);
    if (isDirectory(entry)) addDirectory(plan, path);
    else (isLink(entry) ? links : plan.files).set(path, entry);
    addDirectory(plan, posix.dirname(path));
    if (plan.directories.size > LIMITS.places) throw tooMany();
  }
  for (const [path, entry] of links) {
    if (entry.uncompressedSize > LIMITS.linkBytes) throw new Error(`The link ${path} is too long.`);
    plan.links.set(path, (await contentOf(zip, archive, entry)).toString());
  }
  checkPlaces(plan);
  checkLinks(plan.links);
  return plan;
}

/** All entries, within bounds. yauzl takes backslashes for slashes, and refuses absolute paths, drives and `..`. */
async function listEntries(archive: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = [];
  let bytes = 0;
  for await (const entry of archive.eachEntry()) {
    bytes += entry.uncompressedSize;
    if (bytes > LIMITS.unzippedBytes) {
      throw invalidParameter(`Unzipped size must be smaller than ${LIMITS.unzippedBytes} bytes`);
    }
    if (entries.push(entry) > LIMITS.places) throw tooMany();
  }
  return entries;
}

function tooMany(): Error {
  return invalidParameter(`The deployment package must have at most ${LIMITS.places} files and directories`);
}

/** Where an entry goes; undefined for the package itself (`./`). */
function pathOf(entry: Entry): string | undefined {
  const path = posix.normalize(entry.fileName).replace(/\/$/, '');
  if (path === '.' || path === '') return undefined;
  const longest = Math.max(...path.split('/').map((name) => Buffer.byteLength(name)));
  if (Buffer.byteLength(path) > LIMITS.pathBytes || longest > LIMITS.nameBytes || path.includes('\0')) {
    throw new Error(`The name of an entry can't be used: ${path}`);
  }
  return path;
}

/** Adds a directory, and those that it lies in. */
function addDirectory({ directories }: Plan, path: string): void {
  for (let at = path; at !== '.' && !directories.has(at) && directories.size <= LIMITS.places; at = posix.dirname(at)) {
    directories.add(at);
  }
}

/** Nothing is a directory and something else at once: so nothing lies behind a file or a link. */
function checkPlaces({ directories, files, links }: Plan): void {
  for (const path of directories) {
    if (files.has(path) || links.has(path)) throw new Error(`${path} is a directory and a file.`);
  }
}

/** Follows every link to where it leads, through other links, as the system would. */
function checkLinks(links: ReadonlyMap<string, string>): void {
  let steps = 0;
  for (const link of links.keys()) {
    const ahead = link.split('/').reverse();
    const at: string[] = [];
    for (let followed = 0; ahead.length > 0; ) {
      if (++steps > LIMITS.linkSteps) throw new Error('The links are too long.');
      const step = ahead.pop()!;
      if (step === '' || step === '.') continue;
      if (step === '..') {
        if (at.pop() === undefined) throw leadsOut(link);
        continue;
      }
      const target = links.get([...at, step].join('/'));
      if (target === undefined) at.push(step);
      else if (target === '' || posix.isAbsolute(target) || target.includes('\0')) throw leadsOut(link);
      else if (++followed > LIMITS.linksFollowed) throw new Error(`The link ${link} leads through too many others.`);
      else ahead.push(...target.split('/').reverse());
    }
  }
}

function leadsOut(link: string): Error {
  return invalidParameter(`The link ${link} leads out of the deployment package`);
}

/** An entry's bytes: as many as it declares, and those that its checksum was made of. */
async function contentOf(zip: Buffer, archive: ZipFile, entry: Entry): Promise<Buffer> {
  if (!entry.canDecodeFileData()) throw new Error(`${entry.fileName} is encrypted, or compressed in another way.`);
  const { fileDataStart } = await archive.readLocalFileHeaderPromise(entry, { minimal: true });
  const raw = zip.subarray(fileDataStart, fileDataStart + entry.compressedSize);
  const content = entry.compressionMethod === 0 ? raw : await inflate(raw, entry.uncompressedSize);
  if (content.length !== entry.uncompressedSize || crc32(content) !== entry.crc32) {
    throw new Error(`${entry.fileName} is damaged.`);
  }
  return content;
}

const inflateBuffer = promisify<Buffer, { maxOutputLength: number }, Buffer>(inflateRaw);

function inflate(raw: Buffer, size: number): Promise<Buffer> {
  return inflateBuffer(raw, { maxOutputLength: Math.max(size, 1) });
}

/** The Unix mode; 0 in archives made on systems without one. */
function modeOf(entry: Entry): number {
  return entry.externalFileAttributes >>> 16;
}

function isDirectory(entry: Entry): boolean {
  return entry.fileName.endsWith('/') || (modeOf(entry) & TYPE.mask) === TYPE.directory;
}

function isLink(entry: Entry): boolean {
  const type = modeOf(entry) & TYPE.mask;
  if (type === TYPE.link) return true;
  if (type === TYPE.unknown || type === TYPE.file) return false;
  throw new Error(`${entry.fileName} is neither a file, a directory nor a link.`);
}
