/*
 * Access keys carry their account: 40 bits of a key's id are the account's number, as in AWS's own. So the account
 * of a call is known from its signature alone, and a key means the same account for ever.
 *
 * AWS does not document the form; it was found out by Aidan Steele (https://awsteele.com/blog/2020/09/26/aws-access-key-format.html)
 * and Tal Be'ery (https://medium.com/@TalBeerySec/a-short-note-on-aws-key-id-f88cc4317489): after the prefix come
 * 80 bits in base 32: a one in ids of the present form, the account's 40 bits, and 39 bits that mean nothing.
 */
import type { Ids } from './ids.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** The whole characters between the first, of which the account has 4 bits, and the ninth, of which it has one. */
const MIDDLE = 7;

/** New credentials of an account: `AKIA` for those that last, `ASIA` for those of a session. */
export function createCredentials(
  prefix: 'AKIA' | 'ASIA',
  account: string,
  { ids, secretFor }: { ids: Pick<Ids, 'random' | 'upper'>; secretFor(name: string): string },
): { accessKeyId: string; secretAccessKey: string } {
  let rest = Math.floor(Number(account) / 2);
  let middle = '';
  for (let n = 0; n < MIDDLE; n++) {
    middle = ALPHABET[rest % 32] + middle;
    rest = Math.floor(rest / 32);
  }
  const first = ALPHABET[16 + rest];
  const ninth = ALPHABET[(Number(account) % 2) * 16 + Math.floor(ids.random() * 16)];
  const accessKeyId = prefix + first + middle + ninth + ids.upper(7);
  return { accessKeyId, secretAccessKey: secretOf(accessKeyId, { secretFor }) };
}

/** The secret of an access key that the engine made: it follows from the key's id. */
export function secretOf(accessKeyId: string, { secretFor }: { secretFor(name: string): string }): string {
  return secretFor(`secret of ${accessKeyId}`);
}

/** Bytes as characters of access keys, one for each. */
export function letters(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => ALPHABET[byte % 32]).join('');
}

/**
 * The account of a caller by his access key's id: a key of 12 digits is an account's number, and keys of AWS's form
 * carry theirs. Undefined for any other, such as `test`.
 */
export function accountOf(accessKeyId: string): string | undefined {
  if (/^\d{12}$/.test(accessKeyId)) return accessKeyId;
  if (!/^A[KS]IA[Q-Z2-7][A-Z2-7]{15}$/.test(accessKeyId)) return undefined;
  const values = Array.from(accessKeyId.slice(4, 13), (character) => ALPHABET.indexOf(character));
  const middle = values.slice(1, 8).reduce((number, value) => number * 32 + value, values[0]! - 16);
  const account = middle * 2 + (values[8]! >> 4);
  return account < 1e12 ? String(account).padStart(12, '0') : undefined;
}
