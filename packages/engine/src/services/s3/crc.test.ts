import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createChecksum } from '../../kernel/checksums.ts';
import { combined, crcOf } from './crc.ts';

async function sumOf(algorithm: 'CRC32' | 'CRC32C' | 'CRC64NVME', bytes: Uint8Array): Promise<string> {
  const sum = createChecksum(algorithm);
  sum.update(bytes);
  return sum.digest();
}

test.each(['CRC32', 'CRC32C', 'CRC64NVME'] as const)('%s of parts is that of the whole', async (algorithm) => {
  const parts = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 5 });
  const property = fc.asyncProperty(parts, async (parts) => {
    const whole = await sumOf(algorithm, Buffer.concat(parts));
    const stretches = parts.map(async (part) => ({ checksum: await sumOf(algorithm, part), size: part.length }));
    expect(combined(algorithm, await Promise.all(stretches))).toBe(whole);
    expect(crcOf(algorithm, Buffer.concat(parts))).toBe(whole);
  });
  await fc.assert(property, { numRuns: 50 });
});
