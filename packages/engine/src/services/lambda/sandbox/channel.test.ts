import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFrameReader, encodeFrame, type Frame } from './channel.ts';
import { LIMITS } from './spec.ts';

function readAll(bytes: Buffer, sizes: readonly number[]): Frame[] {
  const frames: Frame[] = [];
  const read = createFrameReader((frame) => frames.push(frame));
  let start = 0;
  for (const size of [...sizes, bytes.length]) {
    read(bytes.subarray(start, start + size));
    start += size;
  }
  return frames;
}

test('frames arrive whole however the stream is cut', () => {
  const frame = fc.record({ text: fc.string(), body: fc.uint8Array({ maxLength: 100 }) });
  fc.assert(
    fc.property(fc.array(frame), fc.array(fc.integer({ min: 0, max: 40 })), (sent, sizes) => {
      const bytes = sent.map(({ text, body }) => encodeFrame({ type: 'x', text }, Buffer.from(body)));
      const got = readAll(Buffer.concat(bytes), sizes);
      expect(got.map(({ header, body }) => [header.text, [...body]])).toEqual(
        sent.map(({ text, body }) => [text, [...body]]),
      );
    }),
  );
});

test('a body that is too long is skipped, and the next frame is read', () => {
  const large = encodeFrame({ type: 'large' }, Buffer.alloc(LIMITS.responseBytes + 1));
  const bytes = Buffer.concat([large, encodeFrame({ type: 'next' }, Buffer.from('b'))]);
  for (const sizes of [[], [5], [large.length - 1], [large.length], [large.length + 3]]) {
    const [first, second] = readAll(bytes, sizes);
    expect(first).toMatchObject({ header: { type: 'large' }, oversize: true, body: Buffer.alloc(0) });
    expect(second).toMatchObject({ header: { type: 'next' }, oversize: false, body: Buffer.from('b') });
  }
});

test('nonsense is refused', () => {
  const read = () => createFrameReader(() => {});
  expect(() => read()(Buffer.from('GET / HTTP/1.1'))).toThrow(RangeError);
  expect(() => read()(Buffer.from('\0\0\0\x02\0\0\0\0{}'))).toThrow('type');
  expect(() => read()(Buffer.from('\0\0\0\x02\0\0\0\0{"'))).toThrow(SyntaxError);
});
