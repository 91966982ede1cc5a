/*
 * Files and folders that a template needs, on their way to a bucket: a folder is zipped, always to the same bytes, and
 * what a bucket has already is not sent again.
 */
import { createHash } from 'node:crypto';
import { createReadStream, lstatSync, readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import {
  CreateBucketCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { dateOf } from '../engine.ts';
import type { Clients } from './clients.ts';

/** ZIP files tell times from 1980 on. */
const ZIP_TIME = dateOf(315_532_800_000);

/** What is uploaded: a file as it is, or a folder as a ZIP archive. */
export interface Artifact {
  readonly path: string;
  readonly zipped: boolean;
}

/** An archive of a folder, or of one file. */
export async function zipOf(path: string): Promise<Buffer> {
  const { ZipFile } = await import('yazl');
  const archive = new ZipFile();
  for (const [name, file, mode] of filesUnder(path)) {
    archive.addReadStream(createReadStream(file), name, { mtime: ZIP_TIME, mode });
  }
  archive.end();
  return buffer(archive.outputStream as NodeJS.ReadableStream);
}

/** The names, places and modes of all files, in order of their names. */
function* filesUnder(path: string, prefix = ''): Generator<readonly [string, string, number]> {
  if (!lstatSync(path).isDirectory()) {
    yield [prefix || path.split(/[\\/]/).at(-1)!, path, statSync(path).mode];
    return;
  }
  for (const entry of readdirSync(path).sort()) {
    const [name, file] = [prefix ? `${prefix}/${entry}` : entry, join(path, entry)];
    const found = statSync(file, { throwIfNoEntry: false });
    if (found?.isDirectory()) yield* filesUnder(file, name);
    else if (found) yield [name, file, found.mode];
  }
}

export async function contentOf({ path, zipped }: Artifact): Promise<Buffer> {
  return zipped ? zipOf(path) : readFile(path);
}

/** A name that only this content has. */
export function hashOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 32);
}

/** Uploads what a bucket does not have yet. */
export async function upload(s3: S3Client, Bucket: string, Key: string, content: () => Promise<Buffer>): Promise<void> {
  if (await isThere(s3.send(new HeadObjectCommand({ Bucket, Key })))) return;
  await s3.send(new PutObjectCommand({ Bucket, Key, Body: await content() }));
}

/** The bucket of templates' own files, made when it is first needed. */
export async function artifactBucket({ s3, region }: Pick<Clients, 's3' | 'region'>, account: string): Promise<string> {
  const Bucket = `carillon-artifacts-${account}-${region}`;
  if (await isThere(s3.send(new HeadBucketCommand({ Bucket })))) return Bucket;
  const location = { CreateBucketConfiguration: { LocationConstraint: region as 'eu-west-1' } };
  await s3.send(new CreateBucketCommand({ Bucket, ...(region !== 'us-east-1' && location) }));
  return Bucket;
}

export async function isThere(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if ((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 404) return false;
    throw error;
  }
}
