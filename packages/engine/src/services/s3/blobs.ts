/*
 * The bytes of objects: one file for each upload, or part of one.
 *
 * A file is written aside, made lasting and moved to its place before a record names it: so a record never lacks its
 * bytes. Each file belongs to one record, so it goes when that does; what a crash leaves without a record is removed
 * by due work. A file that is being read is removed when its last reader is done.
 */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { link, open, opendir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checksum, type ChecksumAlgorithm, createChecksum } from '../../kernel/checksums.ts';
import { type Host, resource } from '../../kernel/service.ts';

/** How much of a file is read at a time, in bytes. */
const READ_BYTES = 256 * 1024;

/** What was written, summed up. */
export interface Written {
  /** The file's name; absent for no bytes at all. */
  readonly blob?: string;
  readonly size: number;
  /** In hexadecimal. */
  readonly md5: string;
  /** In base64. */
  readonly checksums: Readonly<Partial<Record<ChecksumAlgorithm, string>>>;
}

export interface Blobs {
  /** Keeps bytes as they come. Rejects, and keeps nothing, when their source fails. */
  write(source: AsyncIterable<Uint8Array>, algorithms: readonly ChecksumAlgorithm[]): Promise<Written>;
  /** The same bytes under a name of their own; costs nothing. */
  copy(blob: string): Promise<string>;
  /** Bytes of a file, both ends included. */
  read(blob: string, start: number, end: number): AsyncIterable<Buffer>;
  /** Keeps files from being removed until the function that it returns is called. */
  hold(blobs: readonly string[]): () => void;
  /** Removes files, those being read when they no longer are. */
  remove(blobs: readonly string[]): Promise<void>;
  /** Removes the files of an earlier run that nobody knows. */
  collect(isKnown: (blob: string) => boolean): Promise<void>;
  /** Whether an earlier run may have left files that nobody knows, asked for the first time. */
  takeLeftovers(): boolean;
}

export const blobs = resource<Blobs>({ open: openBlobs, close: () => {} });

function openBlobs(host: Host): Blobs {
  const directory = host.directory('s3');
  const drafts = join(directory, 'drafts');
  /** Whether an earlier run may have left files, and whether those of this run are still to be told from them. */
  let leftovers = existsSync(drafts);
  let telling = leftovers;
  rmSync(drafts, { recursive: true, force: true });
  mkdirSync(drafts);
  /** Files by their first digits: file systems dislike very full directories. */
  const place = (blob: string) => join(directory, blob.slice(0, 2), blob);
  const shelves = new Set(readdirSync(directory));
  const written = new Set<string>();
  const held = new Map<string, number>();
  const doomed = new Set<string>();

  function shelve(blob: string): string {
    const shelf = blob.slice(0, 2);
    if (!shelves.has(shelf)) mkdirSync(join(directory, shelf), { recursive: true });
    shelves.add(shelf);
    if (telling) written.add(blob);
    return join(directory, shelf, blob);
  }

  async function settle(path: string): Promise<void> {
    if (!host.lasting) return;
    const parent = await open(join(path, '..'), 'r');
    await parent.sync().finally(() => parent.close());
  }

  async function write(source: AsyncIterable<Uint8Array>, algorithms: readonly ChecksumAlgorithm[]): Promise<Written> {
    const blob = host.ids.hex(32);
    const draft = join(drafts, blob);
    const md5 = createHash('md5');
    const sums = algorithms.map((name) => [name, createChecksum(name)] as [ChecksumAlgorithm, Checksum]);
    const file = await open(draft, 'wx');
    let size = 0;
    try {
      try {
        for await (const part of source) {
          md5.update(part);
          for (const [, sum] of sums) sum.update(part);
          await file.writev([part]);
          size += part.length;
        }
        if (host.lasting && size > 0) await file.sync();
      } finally {
        await file.close();
      }
      if (size > 0) {
        const path = shelve(blob);
        await rename(draft, path);
        await settle(path);
      }
    } finally {
      await rm(draft, { force: true });
    }
    const checksums: Partial<Record<ChecksumAlgorithm, string>> = {};
    for (const [name, sum] of sums) checksums[name] = await sum.digest();
    return { ...(size > 0 && { blob }), size, md5: md5.digest('hex'), checksums };
  }

  async function copy(blob: string): Promise<string> {
    const name = host.ids.hex(32);
    const path = shelve(name);
    await link(place(blob), path);
    await settle(path);
    return name;
  }

  async function remove(names: readonly string[]): Promise<void> {
    for (const blob of names) {
      if (held.has(blob)) doomed.add(blob);
      else await rm(place(blob), { force: true });
    }
  }

  function hold(names: readonly string[]): () => void {
    for (const blob of names) held.set(blob, (held.get(blob) ?? 0) + 1);
    return () => {
      for (const blob of names) {
        const readers = held.get(blob)! - 1;
        if (readers > 0) held.set(blob, readers);
        else held.delete(blob);
        if (readers === 0 && doomed.delete(blob)) rmSync(place(blob), { force: true });
      }
    };
  }

  async function collect(isKnown: (blob: string) => boolean): Promise<void> {
    for (const shelf of readdirSync(directory)) {
      if (!/^[0-9a-f]{2}$/.test(shelf)) continue;
      for await (const { name } of await opendir(join(directory, shelf))) {
        if (!written.has(name) && !isKnown(name)) await rm(place(name), { force: true });
      }
    }
    telling = false;
    written.clear();
  }

  return {
    write,
    copy,
    read: (blob, start, end) => createReadStream(place(blob), { start, end, highWaterMark: READ_BYTES }),
    hold,
    remove,
    collect,
    takeLeftovers() {
      const had = leftovers;
      leftovers = false;
      return had;
    },
  };
}
