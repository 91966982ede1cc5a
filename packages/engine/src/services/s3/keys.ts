/*
 * Keys of objects as keys of rows: text that sorts as S3 lists, by the bytes of UTF-8, and has two characters free, one
 * to end a key with and one to end an object's versions with.
 */

/** Stands behind an object's key where more follows; less than all that keys are written with. */
const END = '\u0001';
/** Greater than all that keys are written with. */
export const BEYOND = '\uffff';

/** A key, or a part of one, as text that sorts by its bytes. */
export function encodeKey(key: string): string {
  if (/^[\u0003-\u007f]*$/.test(key)) return key;
  const bytes = Buffer.from(key).toString('latin1');
  return bytes.replace(/[\u0000-\u0002]/g, (c) => `\u0002${String.fromCharCode(c.charCodeAt(0) + 3)}`);
}

export function decodeKey(text: string): string {
  if (/^[\u0003-\u007f]*$/.test(text)) return text;
  const bytes = text.replace(/\u0002([\s\S])/g, (_, c: string) => String.fromCharCode(c.charCodeAt(0) - 3));
  return Buffer.from(bytes, 'latin1').toString();
}

/** The row of an object: of its current version. */
export function objectKey({ id }: { id: string }, key: string): string {
  return `${id}/${encodeKey(key)}`;
}

/** What the rows of an object's other versions start with. */
export function versionsPrefix(bucket: { id: string }, key: string): string {
  return objectKey(bucket, key) + END;
}

/** The object's part of a version's row. */
export function objectOfVersion(row: string): string {
  return row.slice(0, row.lastIndexOf(END));
}
