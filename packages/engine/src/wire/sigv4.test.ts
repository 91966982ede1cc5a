/* AWS's own examples: Amazon S3 API Reference, "Authenticating requests: AWS Signature Version 4". */
import { expect, it } from 'vitest';
import { parseMoment } from '../kernel/clock.ts';
import { dechunked } from './incoming.ts';
import { type SignedRequest, verify } from './sigv4.ts';

const auth = {
  secretOf: (key: string) => (key === 'AKIAIOSFODNN7EXAMPLE' ? 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' : undefined),
};
const NOW = parseMoment('2013-05-24T00:01:00Z');
const SCOPE = 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request';
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

const header: SignedRequest = {
  method: 'GET',
  path: '/test.txt',
  query: '',
  headers: {
    host: 'examplebucket.s3.amazonaws.com',
    range: 'bytes=0-9',
    'x-amz-content-sha256': EMPTY,
    'x-amz-date': '20130524T000000Z',
    authorization: `AWS4-HMAC-SHA256 Credential=${SCOPE},SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41`,
  },
  body: Buffer.alloc(0),
};

const presigned: SignedRequest = {
  method: 'GET',
  path: '/test.txt',
  query: `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeURIComponent(SCOPE)}&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404`,
  headers: { host: 'examplebucket.s3.amazonaws.com' },
  body: Buffer.alloc(0),
};

const CHUNKS = [
  [65536, 'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648'],
  [1024, '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497'],
  [0, 'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9'],
] as const;

const chunked: SignedRequest = {
  method: 'PUT',
  path: '/examplebucket/chunkObject.txt',
  query: '',
  headers: {
    host: 's3.amazonaws.com',
    'content-encoding': 'aws-chunked',
    'content-length': '66824',
    'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
    'x-amz-date': '20130524T000000Z',
    'x-amz-decoded-content-length': '66560',
    'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    authorization: `AWS4-HMAC-SHA256 Credential=${SCOPE},SignedHeaders=content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class,Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9`,
  },
  body: undefined,
};

const CHUNKED = Buffer.from(
  CHUNKS.map(
    ([size, signature]) => `${size.toString(16)};chunk-signature=${signature}\r\n${'a'.repeat(size)}\r\n`,
  ).join(''),
);

const check = (request: SignedRequest, now = NOW) => verify(request, 'restXml', auth, now);

it('takes a signed header', () => {
  expect(() => check(header)).not.toThrow();
});

it('takes a presigned URL while it lives', () => {
  expect(() => check(presigned)).not.toThrow();
  expect(() => check(presigned, parseMoment('2013-05-24T23:59:59Z'))).not.toThrow();
  expect(() => check(presigned, parseMoment('2013-05-25T00:00:01Z'))).toThrow('Request has expired');
});

it('takes signed chunks, and no chunk that was changed', async () => {
  const take = async (body: Buffer) => {
    async function* source() {
      yield body;
    }
    const check = verify({ ...chunked, body: undefined }, 'restXml', auth, NOW);
    let size = 0;
    for await (const part of dechunked(source(), { trailers: {}, check })) size += part.length;
    return size;
  };
  await expect(take(CHUNKED)).resolves.toBe(66_560);
  const changed = Buffer.from(CHUNKED);
  changed[1000] = 'b'.charCodeAt(0);
  await expect(take(changed)).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' });
});

it.each<[string, Partial<SignedRequest>, string]>([
  ['method', { method: 'DELETE' }, 'SignatureDoesNotMatch'],
  ['path', { path: '/other.txt' }, 'SignatureDoesNotMatch'],
  ['query', { query: 'acl' }, 'SignatureDoesNotMatch'],
  ['signed header', { headers: { ...header.headers, range: 'bytes=0-10' } }, 'SignatureDoesNotMatch'],
  ['body', { body: Buffer.from('x') }, 'XAmzContentSHA256Mismatch'],
])('refuses a request whose %s was changed', (_, change, code) => {
  expect(() => check({ ...header, ...change })).toThrow(expect.objectContaining({ code }));
});

it('refuses what comes too late or too early, in the words of each protocol', () => {
  const late = parseMoment('2013-05-24T00:05:01Z');
  const early = parseMoment('2013-05-23T23:54:59Z');
  expect(() => verify(header, 'restXml', auth, late)).toThrow(
    expect.objectContaining({ code: 'RequestTimeTooSkewed' }),
  );
  expect(() => verify(header, 'query', auth, late)).toThrow(
    'Signature expired: 20130524T000000Z is now earlier than 20130524T000001Z (20130524T000501Z - 5 min.)',
  );
  expect(() => verify(header, 'json11', auth, early)).toThrow(
    'Signature not yet current: 20130524T000000Z is still later than 20130523T235959Z (20130523T235459Z + 5 min.)',
  );
});

it('refuses a header that is not whole', () => {
  const headers = { ...header.headers, authorization: `AWS4-HMAC-SHA256 Credential=${SCOPE}` };
  expect(() => verify({ ...header, headers }, 'query', auth, NOW)).toThrow(
    expect.objectContaining({ code: 'IncompleteSignature', status: 400 }),
  );
});

it('refuses signatures of version 2', () => {
  const request = { ...header, query: 'AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Signature=s&Expires=1' };
  expect(() => check(request)).toThrow('Please use AWS4-HMAC-SHA256.');
});
