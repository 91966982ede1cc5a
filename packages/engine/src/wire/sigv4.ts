/*
 * AWS Signature Version 4: reading who signed a request, and, when the gateway asks for it, checking that
 * they did. Signatures stand in the Authorization header or, presigned, in the query string; S3 clients also
 * sign a body chunk by chunk. (AWS IAM User Guide, "Create a signed AWS API request"; Amazon S3 API
 * Reference, "Signature calculations for the Authorization header: transferring payload in multiple chunks".)
 */
import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto';
import { isoSeconds, parseMoment } from '../kernel/clock.ts';
import { AwsError } from '../kernel/errors.ts';
import type { ProtocolName } from './protocols.ts';
import type { Head } from './rest-routes.ts';

/** What a request says of who signed it. Absent parts were not said. */
export interface Credential {
  readonly accessKeyId: string;
  readonly date?: string | undefined;
  readonly region?: string | undefined;
  /** The service's name for signing, e.g. `events`. */
  readonly service?: string | undefined;
  readonly sessionToken?: string | undefined;
}

/** Where secrets are. */
export interface Auth {
  /** The secret of an access key; undefined for one that nobody handed out, or not with that session token. */
  secretOf(accessKeyId: string, sessionToken: string | undefined): string | undefined;
  /** Whether a signature's time says nothing, since the engine's time is not the caller's. */
  anyTime?(): boolean;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';
const UNSIGNED = 'UNSIGNED-PAYLOAD';
const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** How far a request's time may be from ours. */
const MAX_SKEW_MINUTES = 5;
/** The longest that a presigned URL may live. */
const MAX_EXPIRES_SECONDS = 7 * 24 * 3600;
/** Signing keys kept, one for each access key, day, region and service. */
const MAX_KEYS = 1_000;

/** Who signed a request, as far as it says so; unchecked. Signatures of version 2 are only S3's today. */
export function credentialOf({ headers, query }: Head): Credential | undefined {
  const { authorization } = headers;
  if (typeof authorization === 'string') {
    const scope = partOf(authorization, 'Credential');
    if (scope !== undefined) return parseScope(scope, headers['x-amz-security-token']);
    const [, accessKeyId] = /^AWS ([^:\s]+):/.exec(authorization) ?? [];
    return accessKeyId === undefined ? undefined : { accessKeyId, service: 's3' };
  }
  if (!query.includes('X-Amz-Credential=')) {
    const [, accessKeyId] = /(?:^|&)AWSAccessKeyId=([^&]+)&?/.exec(query) ?? [];
    return accessKeyId === undefined ? undefined : { accessKeyId, service: 's3' };
  }
  const parameters = new URLSearchParams(query);
  return parseScope(parameters.get('X-Amz-Credential') ?? '', parameters.get('X-Amz-Security-Token') ?? undefined);
}

/** A part of an Authorization header: `Credential=…, SignedHeaders=…, Signature=…`. */
function partOf(authorization: string, name: string): string | undefined {
  const at = authorization.indexOf(`${name}=`);
  if (at < 0) return undefined;
  const start = at + name.length + 1;
  const end = authorization.indexOf(',', start);
  return authorization.slice(start, end < 0 ? undefined : end).trim();
}

/** `AKID/20261121/us-east-1/events/aws4_request`; the asymmetric variant has no region. */
function parseScope(scope: string, token: string | string[] | undefined): Credential | undefined {
  const parts = scope.split('/');
  const sessionToken = typeof token === 'string' ? token : undefined;
  const [accessKeyId, date, region, service] = parts;
  if (!accessKeyId || parts.length < 4 || parts.length > 5) return undefined;
  if (parts.length === 5) return { accessKeyId, date, region, service, sessionToken };
  return { accessKeyId, date, region: undefined, service: region, sessionToken };
}

/** A request as it was signed: head and raw body, or none for a body that is read as it comes. */
export interface SignedRequest extends Head {
  readonly body: Buffer | undefined;
}

/** Checks the chunks of a body in turn, each signed over the signature before it. Throws AwsError. */
export interface ChunkCheck {
  chunk(sha256: string, signature: string | undefined): void;
  /** Trailing headers, signed over the last chunk's signature. */
  trailer(sha256: string, signature: string | undefined): void;
}

interface Signature {
  readonly credential: { readonly [K in 'accessKeyId' | 'date' | 'region' | 'service']: string };
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20261121T000000Z`. */
  readonly time: string;
  /** Of presigned requests. */
  readonly expiresSeconds: number | undefined;
}

const keys = new Map<string, KeyObject>();

/**
 * Checks a request's signature; returns what checks the chunks of its body, if these are signed too. Throws AwsError
 * with the code that services of the protocol answer.
 */
export function verify(
  request: SignedRequest,
  protocol: ProtocolName,
  { secretOf, anyTime }: Auth,
  now: number,
): ChunkCheck | undefined {
  const errors = ERRORS[protocol === 'restXml' ? 's3' : protocol === 'query' ? 'query' : 'json'];
  const status = protocol.startsWith('json') || protocol === 'cbor' ? 400 : 403;
  const fail = (kind: keyof typeof errors, words?: string) => {
    const [code, message] = errors[kind];
    return new AwsError(code, words ?? message, {
      status: kind === 'incomplete' || kind === 'version2' ? 400 : status,
    });
  };
  if (isVersion2(request)) throw fail('version2');
  if (!request.headers.authorization && !/(^|&)X-Amz-Signature=/.test(request.query)) throw fail('missing');
  const signature = readSignature(request);
  if (!signature) throw fail('incomplete');
  const secret = secretOf(signature.credential.accessKeyId, credentialOf(request)?.sessionToken);
  if (secret === undefined) throw fail('unknownKey');
  const late = anyTime?.() ? undefined : lateness(signature, now);
  if (late)
    throw fail(
      signature.expiresSeconds === undefined ? 'skewed' : 'expired',
      protocol === 'restXml' ? undefined : late,
    );
  const payload = payloadHash(request, signature, protocol);
  if (payload === undefined) throw fail('payload');
  const { date, region, service } = signature.credential;
  const scope = `${date}/${region}/${service}/aws4_request`;
  const key = signingKey(secret, signature.credential);
  const canonical = hash('sha256', canonicalRequest(request, signature, payload));
  const expected = hmac(key, `${ALGORITHM}\n${signature.time}\n${scope}\n${canonical}`).toString('hex');
  if (!isSame(expected, signature.signature)) throw fail('mismatch');
  if (!payload.startsWith(`STREAMING-${ALGORITHM}-PAYLOAD`)) return undefined;
  const sign = (kind: string, rest: string) =>
    hmac(key, `${ALGORITHM}-${kind}\n${signature.time}\n${scope}\n${rest}`).toString('hex');
  let previous = signature.signature;
  const check = (kind: string, rest: string, given: string | undefined) => {
    const expected = sign(kind, `${previous}\n${rest}`);
    if (given === undefined || !isSame(expected, given)) throw fail('mismatch');
    previous = expected;
  };
  return {
    chunk: (sha256, given) => check('PAYLOAD', `${EMPTY_HASH}\n${sha256}`, given),
    trailer: (sha256, given) => check('TRAILER', sha256, given),
  };
}

/** Who answers for a form: whoever signed its policy, as far as it says so; unchecked. */
export function credentialOfForm(fields: ReadonlyMap<string, string>): Credential | undefined {
  const accessKeyId = fields.get('awsaccesskeyid');
  if (accessKeyId !== undefined) return { accessKeyId, service: 's3' };
  return parseScope(fields.get('x-amz-credential') ?? '', fields.get('x-amz-security-token'));
}

/** Checks the signature of a form's policy, which is all of it that is signed. Throws AwsError. */
export function verifyForm(fields: ReadonlyMap<string, string>, { secretOf }: Auth): void {
  const fail = (kind: keyof typeof ERRORS.s3, status = 403) => {
    const [code, message] = ERRORS.s3[kind];
    return new AwsError(code, message, { status });
  };
  const policy = fields.get('policy');
  if (policy === undefined) throw fail('missing');
  if (fields.has('awsaccesskeyid')) throw fail('version2', 400);
  const scope = credentialOfForm(fields);
  const signature = fields.get('x-amz-signature');
  if (fields.get('x-amz-algorithm') !== ALGORITHM || !scope?.date || !scope.region || !scope.service || !signature) {
    throw fail('incomplete', 400);
  }
  const { accessKeyId, date, region, service } = scope;
  const secret = secretOf(accessKeyId, scope.sessionToken);
  if (secret === undefined) throw fail('unknownKey');
  const key = signingKey(secret, { accessKeyId, date, region, service });
  if (!isSame(hmac(key, policy).toString('hex'), signature)) throw fail('mismatch');
}

/** boto3 still presigns S3's URLs so, unless it is told `signature_version='s3v4'`; AWS's newer regions refuse them. */
function isVersion2({ headers, query }: SignedRequest): boolean {
  return String(headers.authorization).startsWith('AWS ') || /(^|&)AWSAccessKeyId=/.test(query);
}

const VERSION_2 = [
  'InvalidRequest',
  'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
] as const;

/** AWS's codes and words, by who answers. */
const ERRORS = {
  json: {
    version2: VERSION_2,
    missing: ['MissingAuthenticationTokenException', 'Missing Authentication Token'],
    incomplete: ['IncompleteSignatureException', 'The request signature does not conform to AWS standards.'],
    unknownKey: ['UnrecognizedClientException', 'The security token included in the request is invalid.'],
    mismatch: [
      'InvalidSignatureException',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    ],
    payload: [
      'InvalidSignatureException',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    ],
    skewed: ['InvalidSignatureException', 'Signature expired'],
    expired: ['InvalidSignatureException', 'Signature expired'],
  },
  query: {
    version2: VERSION_2,
    missing: ['MissingAuthenticationToken', 'Request is missing Authentication Token'],
    incomplete: ['IncompleteSignature', 'The request signature does not conform to AWS standards.'],
    unknownKey: ['InvalidClientTokenId', 'The security token included in the request is invalid.'],
    mismatch: [
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    ],
    payload: [
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    ],
    skewed: ['SignatureDoesNotMatch', 'Signature expired'],
    expired: ['RequestExpired', 'Request has expired.'],
  },
  s3: {
    version2: VERSION_2,
    missing: ['AccessDenied', 'Access Denied'],
    incomplete: ['AuthorizationHeaderMalformed', 'The authorization header that you provided is not valid.'],
    unknownKey: ['InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.'],
    mismatch: [
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    ],
    payload: [
      'XAmzContentSHA256Mismatch',
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    ],
    skewed: ['RequestTimeTooSkewed', 'The difference between the request time and the current time is too large.'],
    expired: ['AccessDenied', 'Request has expired'],
  },
} as const;

function readSignature(request: SignedRequest): Signature | undefined {
  const { authorization } = request.headers;
  const parameters = typeof authorization === 'string' ? undefined : new URLSearchParams(request.query);
  const part = (name: string, parameter: string) =>
    parameters ? parameters.get(parameter) : partOf(String(authorization), name);
  const scope = parseScope(part('Credential', 'X-Amz-Credential') ?? '', undefined);
  const algorithm = parameters ? parameters.get('X-Amz-Algorithm') : String(authorization).split(' ', 1)[0];
  const signedHeaders = part('SignedHeaders', 'X-Amz-SignedHeaders')?.split(';');
  const signature = part('Signature', 'X-Amz-Signature');
  const time = parameters ? parameters.get('X-Amz-Date') : timeOf(request);
  if (algorithm !== ALGORITHM || !scope?.date || !scope.region || !scope.service) return undefined;
  if (!signedHeaders || !signature || !time || !/^\d{8}T\d{6}Z$/.test(time) || !time.startsWith(scope.date))
    return undefined;
  const { accessKeyId, date, region, service } = scope;
  const expiresSeconds = parameters ? Number(parameters.get('X-Amz-Expires') ?? MAX_EXPIRES_SECONDS) : undefined;
  return { credential: { accessKeyId, date, region, service }, signedHeaders, signature, time, expiresSeconds };
}

function timeOf({ headers }: Head): string | undefined {
  const time = headers['x-amz-date'];
  return typeof time === 'string' ? time : undefined;
}

/** AWS's words for a request that comes too late or too early; undefined for one in time. */
function lateness({ time, expiresSeconds }: Signature, now: number): string | undefined {
  const at = parseMoment(time.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  const skewMs = MAX_SKEW_MINUTES * 60_000;
  const stamp = (ms: number) => isoSeconds(ms).replace(/[-:]/g, '');
  if (at > now + skewMs) {
    return `Signature not yet current: ${time} is still later than ${stamp(now + skewMs)} (${stamp(now)} + ${MAX_SKEW_MINUTES} min.)`;
  }
  if (expiresSeconds !== undefined) {
    const lives = expiresSeconds >= 1 && expiresSeconds <= MAX_EXPIRES_SECONDS && now <= at + expiresSeconds * 1000;
    return lives ? undefined : 'Request has expired';
  }
  if (at >= now - skewMs) return undefined;
  return `Signature expired: ${time} is now earlier than ${stamp(now - skewMs)} (${stamp(now)} - ${MAX_SKEW_MINUTES} min.)`;
}

/** What stands for the body in the signature; undefined when the body is not what its header says. */
function payloadHash(request: SignedRequest, signature: Signature, protocol: ProtocolName): string | undefined {
  const said = request.headers['x-amz-content-sha256'];
  if (!request.body) return typeof said === 'string' ? said : UNSIGNED;
  if (typeof said !== 'string') {
    return protocol === 'restXml' && signature.expiresSeconds !== undefined ? UNSIGNED : hash('sha256', request.body);
  }
  if (!/^[0-9a-f]{64}$/.test(said)) return said;
  const found = request.body.length === 0 ? EMPTY_HASH : hash('sha256', request.body);
  return found === said ? said : undefined;
}

function canonicalRequest(request: SignedRequest, { signedHeaders, credential }: Signature, payload: string): string {
  const headers = signedHeaders.map((name) => {
    const value = request.headers[name.toLowerCase()];
    const text = Array.isArray(value) ? value.join(',') : (value ?? '');
    return `${name}:${text.trim().replace(/ +/g, ' ')}\n`;
  });
  const path = canonicalPath(request.path, credential.service);
  return [request.method, path, canonicalQuery(request.query), headers.join(''), signedHeaders.join(';'), payload].join(
    '\n',
  );
}

/** S3 signs the path as it is; the others normalise it and encode it once more. */
function canonicalPath(path: string, service: string): string {
  if (service === 's3')
    return path
      .split('/')
      .map((segment) => encode(decode(segment)))
      .join('/');
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(encode(segment));
  }
  return `/${segments.join('/')}${path.endsWith('/') && segments.length > 0 ? '/' : ''}`;
}

function canonicalQuery(query: string): string {
  if (query === '') return '';
  return query
    .split('&')
    .filter((pair) => pair !== '' && !pair.startsWith('X-Amz-Signature='))
    .map((pair) => {
      const at = pair.indexOf('=');
      const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
      return [encode(decode(name)), encode(decode(value))] as const;
    })
    .sort(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function signingKey(secret: string, { accessKeyId, date, region, service }: Signature['credential']): KeyObject {
  const name = `${accessKeyId}\n${secret}\n${date}\n${region}\n${service}`;
  let key = keys.get(name);
  if (!key) {
    if (keys.size >= MAX_KEYS) keys.clear();
    const parts = [date, region, service, 'aws4_request'];
    key = parts.reduce(
      (next, part) => createSecretKey(hmac(next, part)),
      createSecretKey(Buffer.from(`AWS4${secret}`)),
    );
    keys.set(name, key);
  }
  return key;
}

function hmac(key: KeyObject, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function isSame(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}
