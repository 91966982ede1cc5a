/*
 * Fn::Cidr: a block of addresses, IPv4 or IPv6, cut into smaller ones.
 * AWS: AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-cidr.html
 */
import { isIPv4, isIPv6 } from 'node:net';
import { TemplateError } from './error.ts';

/** At most so many blocks may be asked for. */
const MAX_COUNT = 256;
const DEFAULT_BITS = 8;

/**
 * The first `count` blocks of 2^`bits` addresses each within a block such as `10.0.0.0/16`. Throws TemplateError when
 * they do not fit.
 */
export function cidrBlocks(block: string, count: number, bits = DEFAULT_BITS): string[] {
  const [address = '', prefix = ''] = block.split('/');
  const width = isIPv4(address) ? 32 : isIPv6(address) ? 128 : 0;
  const length = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (width === 0 || !(length <= width) || block.split('/').length !== 2) {
    throw new TemplateError(`Template error: Fn::Cidr: ${block} is not a valid CIDR block`);
  }
  if (!Number.isInteger(count) || count < 1 || count > MAX_COUNT) {
    throw new TemplateError(`Template error: Fn::Cidr count must be between 1 and ${MAX_COUNT}`);
  }
  if (
    !Number.isInteger(bits) ||
    bits < 1 ||
    bits > width ||
    BigInt(count) << BigInt(bits) > 1n << BigInt(width - length)
  ) {
    throw new TemplateError(
      `Template error: Fn::Cidr: not enough space in ${block} for ${count} blocks of ${bits} bits`,
    );
  }
  const read = width === 32 ? readIPv4 : readIPv6;
  const write = width === 32 ? writeIPv4 : writeIPv6;
  const hostBits = BigInt(width - length);
  const base = (read(address) >> hostBits) << hostBits;
  return Array.from({ length: count }, (_, index) => {
    return `${write(base + (BigInt(index) << BigInt(bits)))}/${width - bits}`;
  });
}

const readIPv4 = (address: string) => address.split('.').reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

const writeIPv4 = (value: bigint) => [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');

/** Reads an address that node:net found to be IPv6, `::` and a last part in IPv4 included. */
function readIPv6(address: string): bigint {
  const [head = '', tail] = address.split('::');
  const [left, right] = [groupsOf(head), groupsOf(tail ?? '')];
  const zeros = Array.from({ length: tail === undefined ? 0 : 8 - left.length - right.length }, () => 0n);
  return [...left, ...zeros, ...right].reduce((sum, group) => (sum << 16n) | group, 0n);
}

function groupsOf(part: string): bigint[] {
  if (part === '') return [];
  return part.split(':').flatMap((group) => {
    if (!group.includes('.')) return [BigInt(`0x${group}`)];
    const value = readIPv4(group);
    return [value >> 16n, value & 0xffffn];
  });
}

/** As RFC 5952 writes it: the longest run of zero groups as `::`. */
function writeIPv6(value: bigint): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  const text = groups.join(':');
  const runs = [...text.matchAll(/(?<![\da-f])0(:0)+(?![\da-f])/g)];
  const longest = runs.reduce((best, [run]) => (run.length > best.length ? run : best), '');
  if (longest === '') return text;
  const at = runs.find(([run]) => run === longest)!.index;
  return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + longest.length).replace(/^:/, '')}`;
}
