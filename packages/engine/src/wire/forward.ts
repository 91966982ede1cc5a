/*
 * Requests that are meant for others: what the user has forwarded goes where he says, as it came. Only what belongs to
 * this one connection is left out (RFC 9110, section 7.6.1); Host and signature stay.
 */
import {
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestOptions,
  type ServerResponse,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { AwsError } from '../kernel/errors.ts';
import { ClientGone } from './body.ts';
import type { Address } from './route.ts';

/** The URLs that services are forwarded to, by the names that users have given. */
export type Forwards = ReadonlyMap<string, URL>;

const HOP_BY_HOP = new Set([
  ...['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding'],
  ...['upgrade', 'expect'],
]);

/** Reads `{ dynamodb: 'http://127.0.0.1:8000' }`. Throws RangeError for what makes no sense. */
export function parseForwards(given: Readonly<Record<string, string>> = {}): Forwards {
  const entries = Object.entries(given).map(([service, text]): [string, URL] => {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!service || !url || !/^https?:$/.test(url.protocol)) {
      throw new RangeError(`"${service}=${text}" forwards nothing. Use dynamodb=http://127.0.0.1:8000, for example.`);
    }
    return [service.toLowerCase(), url];
  });
  return new Map(entries);
}

/** Where a request is to go, by its service as Carillon or its client names it. */
export function forwardOf(forwards: Forwards, { service, named, credential }: Address): URL | undefined {
  if (forwards.size === 0) return undefined;
  const names = [service, credential?.service, named];
  return names.map((name) => name && forwards.get(name.toLowerCase())).find((url) => url instanceof URL);
}

/**
 * Sends a request on and its answer back, as they stream; or with the body that was read already. Rejects with AwsError
 * when nobody answers there.
 */
export async function sendOn(
  incoming: IncomingMessage,
  response: ServerResponse,
  { url, body, signal }: { url: URL; body: Buffer | undefined; signal: AbortSignal },
): Promise<void> {
  const options: RequestOptions = {
    method: incoming.method,
    path: `${url.pathname.replace(/\/$/, '')}${incoming.url}`,
    headers: withoutHops(incoming.headers),
    signal,
  };
  const outgoing = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options);
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.once('error', (error) => reject(unreachable(url, error)));
  });
  if (body) outgoing.end(body);
  else {
    if (incoming.headers.expect !== undefined) response.writeContinue();
    // What goes wrong here is told by the answer that does not come.
    pipeline(incoming, outgoing).catch(() => {});
  }
  const answer = await answered;
  response.writeHead(answer.statusCode!, withoutHops(answer.headers));
  await pipeline(answer, response).catch(() => {
    throw new ClientGone();
  });
}

function withoutHops(headers: IncomingHttpHeaders): Record<string, string | string[]> {
  const own = new Set(
    String(headers.connection ?? '')
      .toLowerCase()
      .split(/\s*,\s*/),
  );
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || HOP_BY_HOP.has(name) || own.has(name) ? [] : [[name, value]],
    ),
  );
}

function unreachable(url: URL, error: Error): AwsError {
  const words = `${url.origin}, to which this service is forwarded, does not answer: ${error.message}`;
  return new AwsError('ServiceUnavailableException', words, { status: 503 });
}
