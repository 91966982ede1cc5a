/*
 * The key that signs messages, and its certificate.
 *
 * The key follows from the secret that the engine keeps, so that signatures stay what they are over a restart, and are
 * the same in runs that are to be the same; Node's own generator takes no seed. It has 1,024 bits: a message is signed
 * for every publication, nobody's security rests on it, and a signature of 2,048 bits takes three times as long.
 */
import { checkPrimeSync, createHmac, createPrivateKey, createPublicKey, hash, type KeyObject } from 'node:crypto';
import type { Host } from '../../kernel/service.ts';
import { certificateOf } from './certificate.ts';

export interface SigningKey {
  readonly key: KeyObject;
  /** The certificate in PEM. */
  readonly certificate: string;
  /** The path that it is fetched at. */
  readonly path: string;
}

export const CERTIFICATE_PREFIX = '/SimpleNotificationService-';

const PRIME_BYTES = 64;
const EXPONENT = 65_537n;
/** Primes of this length come once in 177 odd numbers; a search that finds none in so many is at fault. */
const MOST_CANDIDATES = 100_000;

/** The keys of the engines in this process, by the secrets that they follow from. */
const made = new Map<string, SigningKey>();
const MADE_LIMIT = 100;

export function signingKeyOf(host: Host): SigningKey {
  const secret = host.secretFor('signs messages of sns');
  const known = made.get(secret);
  if (known) return known;
  if (made.size >= MADE_LIMIT) made.clear();
  const key = keyFrom(secret);
  const certificate = certificateOf(key, createPublicKey(key));
  const signing = { key, certificate, path: `${CERTIFICATE_PREFIX}${hash('md5', certificate, 'hex')}.pem` };
  made.set(secret, signing);
  return signing;
}

function keyFrom(secret: string): KeyObject {
  const p = primeFrom(secret, 'p');
  const q = primeFrom(secret, 'q');
  const d = inverse(EXPONENT, (p - 1n) * (q - 1n));
  const numbers = { n: p * q, e: EXPONENT, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const parts = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, bytesOf(value)]));
  return createPrivateKey({ key: { kty: 'RSA', ...parts }, format: 'jwk' });
}

/** The first prime among numbers that follow from a secret, with its two highest bits set. */
function primeFrom(secret: string, name: string): bigint {
  for (let attempt = 0; attempt < MOST_CANDIDATES; attempt++) {
    const bytes = createHmac('sha512', secret).update(`${name} ${attempt}`).digest();
    bytes[0]! |= 0xc0;
    bytes[PRIME_BYTES - 1]! |= 1;
    const candidate = BigInt(`0x${bytes.toString('hex')}`);
    if (candidate % EXPONENT !== 1n && checkPrimeSync(candidate)) return candidate;
  }
  throw new Error('No prime follows from the secret.');
}

/** The number that times `of` leaves 1 by `modulus`. */
function inverse(of: bigint, modulus: bigint): bigint {
  let [rest, next] = [of % modulus, modulus];
  let [factor, before] = [1n, 0n];
  while (next !== 0n) {
    const quotient = rest / next;
    [rest, next] = [next, rest - quotient * next];
    [factor, before] = [before, factor - quotient * before];
  }
  return ((factor % modulus) + modulus) % modulus;
}

function bytesOf(value: bigint): string {
  const digits = value.toString(16);
  return Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex').toString('base64url');
}
