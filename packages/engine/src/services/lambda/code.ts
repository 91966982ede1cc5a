/*
 * Code: deployment packages, unpacked once and kept by the hash of their bytes.
 *
 * A package is drafted aside and moved to its place whole, by one rename: what has a name is complete, and what a
 * crash left half done has none. Drafts of an earlier run are removed when the store is opened.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FunctionCode } from '@aws-sdk/client-lambda';
import { AwsError, notImplemented } from '../../kernel/errors.ts';
import { type Host, resource, type WaitingContext } from '../../kernel/service.ts';
import type { OutgoingBody } from '../../kernel/streams.ts';
import { LARGEST_UNZIPPED_BYTES, unpack } from './archive.ts';
import { invalidParameter } from './function.ts';

/** Lambda Developer Guide, "Lambda quotas": 50 MB zipped for a direct upload, and the request that it makes. */
const LIMITS = { zippedBytes: 50 * 1024 * 1024, requestBytes: 70_167_211 };

export interface CodePackage {
  /** SHA-256 in hexadecimal: the name under which the code is kept. */
  readonly code: string;
  /** SHA-256 in base64: what AWS calls CodeSha256. */
  readonly sha256: string;
  /** Of the archive, in bytes. */
  readonly size: number;
  readonly unzippedBytes: number;
}

export interface CodeStore {
  /**
   * Checks and keeps a package; one that is kept already is not unpacked again. Rejects with AWS's error
   * when it can't be used.
   */
  keep(zip: Uint8Array): Promise<CodePackage>;
}

export const codeStore = resource<CodeStore>({ open: openCodeStore, close: () => {} });

/** Where the files of a package lie. */
export function codeDirectory(host: Host, code: string): string {
  return join(host.directory('code'), code, 'task');
}

/** The archive as it was uploaded, by the name that it has in `archiveUrl`; undefined when there is none. */
export function codeArchive(host: Host, name: string): string | undefined {
  const [, code] = /^([0-9a-f]{64})\.zip$/.exec(name) ?? [];
  const path = code && join(host.directory('code'), code, 'package.zip');
  return path && existsSync(path) ? path : undefined;
}

/** Where a client fetches an archive. */
export function archiveUrl(host: Host, code: string): string {
  return `${host.endpoint}/_carillon/lambda/${code}.zip`;
}

/** The archive that a request brings, or that it names in S3. Rejects with AWS's error for `operation`. */
export async function packageOf(ctx: WaitingContext, code: FunctionCode, operation: string): Promise<Uint8Array> {
  if (code.ZipFile) {
    if (code.ZipFile.byteLength > LIMITS.zippedBytes) throw tooLarge(operation);
    return code.ZipFile;
  }
  if (code.ImageUri) throw notImplemented('lambda', 'functions from container images (ImageUri)');
  if (code.S3Bucket && code.S3Key) return fromS3(ctx, code);
  throw invalidParameter('Please provide a source for function code.');
}

/** An archive in S3 may be larger than one that is uploaded, but not than what may be in it. */
async function fromS3(ctx: WaitingContext, { S3Bucket, S3Key, S3ObjectVersion }: FunctionCode): Promise<Uint8Array> {
  const object = { Bucket: S3Bucket, Key: S3Key, ...(S3ObjectVersion && { VersionId: S3ObjectVersion }) };
  try {
    const { Body, ContentLength = 0 } = await ctx.call('s3', 'GetObject', object);
    if (ContentLength <= LARGEST_UNZIPPED_BYTES) return await Body!.transformToByteArray();
    (Body as unknown as OutgoingBody).destroy();
    throw invalidParameter(`Unzipped size must be smaller than ${LARGEST_UNZIPPED_BYTES} bytes`);
  } catch (error) {
    if (!(error instanceof AwsError) || error.code === 'InvalidParameterValueException') throw error;
    const reason = `S3 Error Code: ${error.code}. S3 Error Message: ${error.message}`;
    throw invalidParameter(`Error occurred while GetObject. ${reason}`);
  }
}

function openCodeStore(host: Host): CodeStore {
  const directory = host.directory('code');
  const drafts = join(directory, 'drafts');
  rmSync(drafts, { recursive: true, force: true });
  mkdirSync(drafts);
  /** Packages being drafted, by name. */
  const underWay = new Map<string, Promise<number>>();

  /** Resolves with the bytes of its files. */
  async function draft(code: string, zip: Buffer): Promise<number> {
    const place = join(directory, code);
    if (existsSync(place)) return Number(await readFile(join(place, 'unzipped-bytes'), 'utf8'));
    const draft = await mkdtemp(join(drafts, code));
    try {
      await mkdir(join(draft, 'task'));
      const unzippedBytes = await unpack(zip, join(draft, 'task'));
      await writeFile(join(draft, 'package.zip'), zip);
      // What a package.json further up on this machine says of modules is not said of functions.
      await writeFile(join(draft, 'package.json'), '{}\n');
      await writeFile(join(draft, 'unzipped-bytes'), String(unzippedBytes));
      await rename(draft, place);
      return unzippedBytes;
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }

  return {
    async keep(zip) {
      const bytes = Buffer.from(zip.buffer, zip.byteOffset, zip.byteLength);
      const hash = createHash('sha256').update(bytes).digest();
      const code = hash.toString('hex');
      let drafting = underWay.get(code);
      if (!drafting) {
        drafting = draft(code, bytes).finally(() => underWay.delete(code));
        underWay.set(code, drafting);
      }
      const unzippedBytes = await drafting;
      return { code, sha256: hash.toString('base64'), size: zip.byteLength, unzippedBytes };
    },
  };
}

function tooLarge(operation: string): AwsError {
  const message = `Request must be smaller than ${LIMITS.requestBytes} bytes for the ${operation} operation`;
  return new AwsError('RequestEntityTooLargeException', message, { status: 413 });
}
