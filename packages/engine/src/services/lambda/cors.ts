/*
 * Cross-origin requests to function URLs, answered by Lambda itself where a URL's settings say how.
 * Lambda Developer Guide, "Cross-origin resource sharing (CORS)".
 */
import type { Cors } from '@aws-sdk/client-lambda';
import type { WebReply, WebRequest } from '../../kernel/service.ts';

type Headers = Record<string, string | readonly string[]>;

/** What a URL answers to the question whether a request may be sent; undefined for a request itself. */
export function preflight(cors: Cors | undefined, { method, headers }: WebRequest): WebReply | undefined {
  const asked = headers['access-control-request-method'];
  if (!cors || method !== 'OPTIONS' || asked === undefined) return undefined;
  const allowed = originHeaders(cors, headers.origin);
  if (!allowed) return { status: 200 };
  const { AllowMethods = [], AllowHeaders = [], MaxAge } = cors;
  return {
    status: 200,
    headers: {
      ...allowed,
      ...(AllowMethods.length > 0 && { 'access-control-allow-methods': AllowMethods.join(',') }),
      ...(AllowHeaders.length > 0 && { 'access-control-allow-headers': AllowHeaders.join(',') }),
      ...(MaxAge !== undefined && { 'access-control-max-age': String(MaxAge) }),
    },
  };
}

/** A function's answer with the headers of its URL's settings, which cover its own. */
export function withCors(cors: Cors | undefined, { headers }: WebRequest, reply: WebReply): WebReply {
  if (!cors || headers.origin === undefined) return reply;
  const own = Object.entries(reply.headers ?? {}).filter(([name]) => !name.startsWith('access-control-'));
  const exposed = cors.ExposeHeaders ?? [];
  const added = originHeaders(cors, headers.origin);
  return {
    ...reply,
    headers: {
      ...(Object.fromEntries(own) as Headers),
      ...added,
      ...(added && exposed.length > 0 && { 'access-control-expose-headers': exposed.join(',') }),
    },
  };
}

/** Undefined for an origin that is not let in. */
function originHeaders({ AllowOrigins = [], AllowCredentials }: Cors, origin: unknown): Headers | undefined {
  const any = AllowOrigins.includes('*');
  if (!any && !AllowOrigins.includes(String(origin))) return undefined;
  return {
    'access-control-allow-origin': any && !AllowCredentials ? '*' : String(origin),
    ...(AllowCredentials && { 'access-control-allow-credentials': 'true' }),
    vary: 'Origin',
  };
}
