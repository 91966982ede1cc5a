import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cidrBlocks } from './cidr.ts';

describe('Fn::Cidr (intrinsic-function-reference-cidr.html)', () => {
  it('cuts a block', () => {
    expect(cidrBlocks('10.0.0.0/16', 3, 8)).toEqual(['10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24']);
    expect(cidrBlocks('10.1.2.3/16', 1, 8)).toEqual(['10.1.0.0/24']);
    expect(cidrBlocks('0.0.0.0/0', 2, 31)).toEqual(['0.0.0.0/1', '128.0.0.0/1']);
    expect(cidrBlocks('::/0', 2, 64)).toEqual(['::/64', '0:0:0:1::/64']);
    expect(cidrBlocks('::ffff:1.2.3.0/120', 1, 8)).toEqual(['::ffff:102:300/120']);
  });

  it.each([
    ['10.0.0.0', 1, 8, 'not a valid CIDR block'],
    ['10.0.0.0/33', 1, 8, 'not a valid CIDR block'],
    ['text/8', 1, 8, 'not a valid CIDR block'],
    ['10.0.0.0/8/8', 1, 8, 'not a valid CIDR block'],
    ['10.0.0.0/16', 0, 8, 'count must be between 1 and 256'],
    ['10.0.0.0/16', 257, 8, 'count must be between 1 and 256'],
    ['10.0.0.0/24', 2, 8, 'not enough space'],
    ['10.0.0.0/24', 1, 0, 'not enough space'],
    ['10.0.0.0/24', 1, Number.NaN, 'not enough space'],
  ])('%s in %d of %d bits is refused', (block, count, bits, words) => {
    expect(() => cidrBlocks(block, count, bits)).toThrow(words);
  });

  it('writes IPv6 as URLs do', () => {
    const group = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(0xffff) });
    fc.assert(
      fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
        const address = groups.map((value) => value.toString(16)).join(':');
        const [block] = cidrBlocks(`${address}/127`, 1, 1);
        const even = [...groups.slice(0, 7), groups[7]! & ~1].map((value) => value.toString(16)).join(':');
        expect(`[${block!.split('/')[0]}]`).toBe(new URL(`http://[${even}]/`).hostname);
      }),
    );
  });
});
