/*
 * The one certificate that Carillon makes: X.509 version 3, signed by its own key, valid at any time that a clock of
 * ours is likely to show. It is written here since a library for it weighs more than all of SNS.
 *
 * RFC 5280, "Internet X.509 Public Key Infrastructure Certificate"; ITU-T X.690 for the encoding (DER).
 */
import { hash, type KeyObject, sign } from 'node:crypto';

const NAME = 'sns.amazonaws.com';
const VALID = { from: '700101000000Z', to: '491231235959Z' };

const TAG = { integer: 0x02, bits: 0x03, nothing: 0x05, oid: 0x06, text: 0x0c, time: 0x17, sequence: 0x30, set: 0x31 };
/** `sha256WithRSAEncryption` and `id-at-commonName`, encoded. */
const OID = {
  sha256WithRsa: Buffer.from('2a864886f70d01010b', 'hex'),
  commonName: Buffer.from('550403', 'hex'),
};

/** A certificate of a public key, in PEM. */
export function certificateOf(key: KeyObject, publicKey: KeyObject): string {
  const info = publicKey.export({ type: 'spki', format: 'der' });
  const algorithm = sequence(der(TAG.oid, OID.sha256WithRsa), der(TAG.nothing));
  const name = sequence(der(TAG.set, sequence(der(TAG.oid, OID.commonName), der(TAG.text, Buffer.from(NAME)))));
  const validity = sequence(der(TAG.time, Buffer.from(VALID.from)), der(TAG.time, Buffer.from(VALID.to)));
  const version = der(0xa0, der(TAG.integer, Buffer.from([2])));
  const serial = der(TAG.integer, Buffer.concat([Buffer.from([1]), hash('sha256', info, 'buffer').subarray(0, 15)]));
  const content = sequence(version, serial, algorithm, name, validity, name, info);
  const signature = der(TAG.bits, Buffer.from([0]), sign('sha256', content, key));
  return pem(sequence(content, algorithm, signature));
}

function sequence(...parts: Buffer[]): Buffer {
  return der(TAG.sequence, ...parts);
}

/** A value with its tag and length before it. */
function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

function pem(bytes: Buffer): string {
  const lines = bytes
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}
