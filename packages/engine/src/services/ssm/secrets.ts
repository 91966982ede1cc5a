/*
 * What a SecureString reads as when nobody asked for it in the clear: ciphertext, the same as often as it is read.
 * Nothing reads it back.
 */
import { createCipheriv, createHash } from 'node:crypto';
import type { Context } from '../../kernel/service.ts';
import type { Found } from './parameter.ts';

/** How AWS's ciphertexts begin. */
const HEAD = Buffer.from('0102020078', 'hex');

/** A version's value as it is shown: base64 of ciphertext unless it may be read. */
export function readableValue(ctx: Context, { name, number, version }: Found, withDecryption = false): string {
  if (version.type !== 'SecureString' || withDecryption) return version.value;
  const key = createHash('sha256')
    .update(ctx.host.secretFor(`SecureString ${version.keyId}`))
    .digest();
  const iv = createHash('sha256').update(`${name}:${number}`).digest().subarray(0, 12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const text = [cipher.update(version.value, 'utf8'), cipher.final()];
  return Buffer.concat([HEAD, iv, ...text, cipher.getAuthTag()]).toString('base64');
}
