/*
 * A function behind HTTP: a request as the event that it gets, and what it returns as the answer.
 * Payload format 2.0: Lambda Developer Guide, "Invoking Lambda function URLs".
 */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { dateOf } from '../../kernel/clock.ts';
import type { WebReply, WebRequest } from '../../kernel/service.ts';

/** What an event tells beside the request. */
export interface HttpEventContext {
  readonly urlId: string;
  readonly region: string;
  /** Of the caller where he signed. */
  readonly accountId: string;
  readonly accessKeyId?: string | undefined;
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The event of a request, whose path begins where the URL ends. */
export function httpEvent(request: WebRequest, context: HttpEventContext): object {
  const { method, path, query, body, address } = request;
  const { urlId, region, accountId, accessKeyId, requestId, now } = context;
  const { cookie, ...headers } = headersOf(request);
  const parameters = parametersOf(query);
  const isBase64Encoded = body.length > 0 && !isText(headers['content-type']);
  const domainName = `${urlId}.lambda-url.${region}.on.aws`;
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: pathOf(path),
    rawQueryString: query,
    ...(cookie && { cookies: cookie.split(/; */) }),
    headers: {
      ...headers,
      'x-forwarded-for': address,
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
    },
    ...(Object.keys(parameters).length > 0 && { queryStringParameters: parameters }),
    requestContext: {
      accountId,
      apiId: urlId,
      authentication: null,
      ...(accessKeyId && { authorizer: { iam: iamOf(accountId, accessKeyId) } }),
      domainName,
      domainPrefix: urlId,
      http: {
        method,
        path: pathOf(path),
        protocol: 'HTTP/1.1',
        sourceIp: address,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId,
      routeKey: '$default',
      stage: '$default',
      time: commonLogTime(now),
      timeEpoch: now,
    },
    ...(body.length > 0 && { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    isBase64Encoded,
  };
}

/** Headers of one name are one, with commas; cookies with semicolons. */
function headersOf({ headers }: WebRequest): Record<string, string> {
  const entries = Object.entries(headers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value.join(name === 'cookie' ? '; ' : ',') : value!]),
  );
}

/** Parameters of one name are one, with commas. */
function parametersOf(query: string): Record<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const before = found.get(name);
    found.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(found);
}

function pathOf(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function isText(contentType: string | undefined): boolean {
  return /^(text\/|application\/(json|javascript|xml|[\w.+-]+\+(json|xml))\b)/i.test(contentType ?? '');
}

function iamOf(accountId: string, accessKey: string) {
  const userArn = `arn:aws:iam::${accountId}:root`;
  return {
    accessKey,
    accountId,
    callerId: accountId,
    cognitoIdentity: null,
    principalOrgId: null,
    userArn,
    userId: accountId,
  };
}

/** `12/Mar/2020:19:03:58 +0000`. */
function commonLogTime(now: number): string {
  const [, day, month, year, time] = /(\d+) (\w+) (\d+) ([\d:]+)/.exec(dateOf(now).toUTCString())!;
  return `${day}/${month}/${year}:${time} +0000`;
}

/** What a client gets when a function failed, or answered with what is no answer. */
export const BAD_GATEWAY: WebReply = {
  status: 502,
  headers: { 'content-type': 'application/json' },
  body: 'Internal Server Error',
};

/** Headers that are the server's own. */
const HOP_BY_HOP = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding', 'upgrade']);

/** What a function returned, as JSON text, as an answer: with a status, or as its bare body. */
export function httpReply(payload: Buffer): WebReply {
  let value: unknown;
  try {
    value = JSON.parse(payload.toString());
  } catch {
    return BAD_GATEWAY;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !('statusCode' in value)) {
    const body = typeof value === 'string' ? value : payload.toString();
    return { status: 200, headers: { 'content-type': 'application/json' }, body };
  }
  return formattedReply(value);
}

interface Formatted {
  readonly statusCode?: unknown;
  readonly headers?: unknown;
  readonly cookies?: unknown;
  readonly body?: unknown;
  readonly isBase64Encoded?: unknown;
}

function formattedReply({ statusCode, headers, cookies, body = '', isBase64Encoded }: Formatted): WebReply {
  const status = Number(statusCode);
  const sent = replyHeaders(headers, cookies);
  const isBody = typeof body === 'string' || body === null;
  if (!sent || !isBody || !Number.isInteger(status) || status < 200 || status > 599) return BAD_GATEWAY;
  const text = body ?? '';
  return { status, headers: sent, body: isBase64Encoded === true ? Buffer.from(text, 'base64') : text };
}

function replyHeaders(headers: unknown, cookies: unknown = []): Record<string, string | string[]> | undefined {
  if (!Array.isArray(cookies) || (headers !== undefined && headers !== null && typeof headers !== 'object')) {
    return undefined;
  }
  const all: Record<string, string | string[]> = { 'content-type': 'application/json' };
  try {
    for (const [name, value] of Object.entries(headers ?? {})) {
      if (typeof value === 'object') return undefined;
      validateHeaderName(name);
      validateHeaderValue(name, String(value));
      if (!HOP_BY_HOP.has(name.toLowerCase())) all[name.toLowerCase()] = String(value);
    }
    for (const cookie of cookies) validateHeaderValue('set-cookie', String(cookie));
  } catch {
    return undefined;
  }
  if (cookies.length > 0) all['set-cookie'] = cookies.map(String);
  return all;
}

/** Between a streamed answer's head, which is JSON, and its body. */
const DELIMITER = Buffer.alloc(8);

/** What a function streamed: with a head of its own where it set one (`awslambda.HttpResponseStream.from`). */
export function streamedReply(payload: Buffer): WebReply {
  const end = payload[0] === 0x7b ? payload.indexOf(DELIMITER) : -1;
  const octets = { status: 200, headers: { 'content-type': 'application/octet-stream' }, body: payload };
  if (end < 0) return octets;
  try {
    const { statusCode = 200, headers, cookies } = JSON.parse(payload.subarray(0, end).toString()) as Formatted;
    const reply = formattedReply({ statusCode, headers, cookies });
    return reply === BAD_GATEWAY ? reply : { ...reply, body: payload.subarray(end + DELIMITER.length) };
  } catch {
    return octets;
  }
}
