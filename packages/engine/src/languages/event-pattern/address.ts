/*
 * IP addresses and the blocks of them that `cidr` names. AWS takes what looks like an address for one: digits and
 * three points, or hexadecimal digits and colons.
 */
import { EventPatternError } from './error.ts';

/** The 4 bytes of an IPv4 address, or the 16 of an IPv6 one. */
export type Address = readonly number[];

/** A block: all addresses whose first `bits` bits are those of `address`. */
export interface Block {
  readonly address: Address;
  readonly bits: number;
}

/** The longest text that can be an address, so that longer ones are not looked at. */
const MAX_LENGTH = 39;

/** The address that a text is; undefined when it is none. */
export function parseAddress(text: string): Address | undefined {
  if (text.length > MAX_LENGTH) return undefined;
  return text.includes(':') ? parseIpv6(text) : parseIpv4(text);
}

function parseIpv4(text: string): Address | undefined {
  if (!/^[0-9]{1,9}(?:\.[0-9]{1,9}){3}$/.test(text)) return undefined;
  const bytes = text.split('.').map(Number);
  return bytes.every((byte) => byte < 256) ? bytes : undefined;
}

function parseIpv6(text: string): Address | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head!.length - (tail?.length ?? 0);
  if (tail ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head!, ...Array<string>(missing).fill('0'), ...(tail ?? [])];
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]);
}

/** Reads `10.0.0.0/8` or `2001:db8::/32`; throws EventPatternError. */
export function parseBlock(text: string): Block {
  const parts = text.replace(/\/+$/, '').split('/');
  if (parts.length !== 2) throw new EventPatternError("Malformed CIDR, one '/' required");
  const [ip, mask] = parts as [string, string];
  if (!/^[-+]?[0-9]{1,9}$/.test(mask)) throw new EventPatternError('Malformed CIDR, mask bits must be an integer');
  const bits = Number(mask);
  if (bits < 0) throw new EventPatternError('Malformed CIDR, mask bits must not be negative');
  const address = parseAddress(ip);
  if (!address) {
    const kind = /^(?:[0-9]+(?:\.[0-9]+){3}|[0-9a-fA-F:]*:[0-9a-fA-F:]*)$/.test(ip) ? 'Invalid' : 'Nonstandard';
    throw new EventPatternError(`${kind} IP address: ${ip}`);
  }
  if (bits >= address.length * 8) {
    throw new EventPatternError(address.length === 4 ? 'IPv4 mask bits must be < 32' : 'IPv6 mask bits must be < 128');
  }
  return { address, bits };
}

/** The block that holds an address alone. */
export function blockOf(address: Address): Block {
  return { address, bits: address.length * 8 };
}

export function holds({ address, bits }: Block, other: Address): boolean {
  if (address.length !== other.length) return false;
  const whole = bits >> 3;
  for (let index = 0; index < whole; index++) if (address[index] !== other[index]) return false;
  const rest = 8 - (bits & 7);
  return rest === 8 || address[whole]! >> rest === other[whole]! >> rest;
}
