/* Multipart uploads: objects that come in parts, in any order and at the same time, and are put together at the end. */
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import type { Bucket } from './bucket.ts';
import { discard, type Part, type Version } from './object.ts';

/** An upload that is under way. */
export interface Upload extends Pick<Version, 'headers' | 'metadata' | 'owner' | 'tags' | 'acl'> {
  readonly id: string;
  readonly key: string;
  /** Epoch milliseconds. */
  readonly initiatedAt: number;
  /** What was said of checksums, or what is taken where nothing was. */
  readonly checksum: Omit<NonNullable<Version['checksum']>, 'value'> & { readonly chosen: boolean };
}

/** By `versionsPrefix` and the upload's id. */
export const uploads = table<Upload>('s3.uploads', { scope: 'global' });

export interface UploadedPart extends Part {
  /** Epoch milliseconds. */
  readonly at: number;
  /** Of the part's bytes, in hexadecimal. */
  readonly md5: string;
}

/** By upload and number. */
export const uploadedParts = table<UploadedPart>('s3.parts', { scope: 'global' });

/** Drops all uploads to a bucket that goes. */
export function dropUploads(ctx: Context, { id }: Bucket): void {
  for (const [row, upload] of ctx.rows(uploads).list({ prefix: `${id}/` })) dropUpload(ctx, row, upload);
}

export function dropUpload(ctx: Context, row: string, { id }: Upload): void {
  const parts = ctx.rows(uploadedParts).list({ prefix: `${id}/` });
  for (const [partRow] of parts) ctx.rows(uploadedParts).delete(partRow);
  discard(
    ctx,
    parts.map(([, part]) => part),
  );
  ctx.rows(uploads).delete(row);
}
