/*
 * S3's own ways of addressing: the bucket in the host's name, and headers in a presigned URL's query. Both are turned
 * into the one form that routing and decoding know. The signature is of the request as it came.
 *
 * Amazon S3 User Guide, "Virtual hosting of buckets"; API Reference, "Authenticating requests: using query parameters".
 */
import type { Head } from './rest-routes.ts';

/** `bucket.s3.eu-west-1.amazonaws.com`, `s3.amazonaws.com`, `bucket.s3.localhost`, `bucket.localhost`. */
const HOSTS = [
  /^(?:(.+)\.)?s3(?:[.-](?:dualstack\.|fips\.)?[a-z]{2}[a-z-]*-\d|-fips\.[a-z0-9-]+|[.-]external-1)?\.amazonaws\.com(?:\.cn)?$/,
  /^(?:(.+)\.)?s3\.localhost$/,
  /^(.+)\.localhost$/,
];
/** Names of hosts of other services. */
const OTHERS = /(^|\.)(lambda-url|execute-api)\./;

/** The bucket that a host names, `''` for S3 without a bucket; undefined for a host that is not S3's. */
export function bucketOfHost(host: string | string[] | undefined): string | undefined {
  if (typeof host !== 'string' || !/localhost|amazonaws/i.test(host)) return undefined;
  const name = host.replace(/:\d+$/, '').toLowerCase();
  if (OTHERS.test(name)) return undefined;
  for (const pattern of HOSTS) {
    const match = pattern.exec(name);
    if (match) return match[1] ?? '';
  }
  return undefined;
}

/** A head of S3's with its bucket in the path, and with headers for what stands for them in the query. */
export function toPathStyle(head: Head, bucket: string): Head {
  const path = bucket === '' ? head.path : `/${bucket}${head.path}`;
  return { ...head, path, headers: withHeadersOfQuery(head) };
}

/** What the signature has in the query itself. */
const OWN = new Set([
  'x-amz-algorithm',
  'x-amz-credential',
  'x-amz-date',
  'x-amz-expires',
  'x-amz-signature',
  'x-amz-signedheaders',
  'x-amz-security-token',
]);

function withHeadersOfQuery({ query, headers }: Head): Head['headers'] {
  if (!/(^|&)x-amz-/i.test(query)) return headers;
  const result = { ...headers };
  for (const [name, value] of new URLSearchParams(query)) {
    const header = name.toLowerCase();
    if (header.startsWith('x-amz-') && !OWN.has(header)) result[header] ??= value;
  }
  return result;
}
