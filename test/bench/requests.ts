/* Requests as clients put them on the wire, and what benches need to make them. */

import type { Program } from './program.ts';
/** The load of a client, and who runs it. */
import type { Load, Outcome } from './programs/load.ts';

const CREDENTIAL =
  'AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/SERVICE/aws4_request, SignedHeaders=host, Signature=00';

/** A request signed for a service; nobody verifies it on loopback. */
export function signedRequest(
  service: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): string {
  const lines = {
    host: '127.0.0.1',
    authorization: CREDENTIAL.replace('SERVICE', service),
    'user-agent': 'aws-sdk-js/3.1169.0 ua/2.1 os/linux#6.1 lang/js md/nodejs#26.10.0 api/eventbridge#3.1169.0',
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
  };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${path} HTTP/1.1\r\n${head.join('')}\r\n${body}`;
}

/** A call of EventBridge, in awsJson 1.1. */
export function eventsRequest(operation: string, input: unknown): string {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AWSEvents.${operation}` };
  return signedRequest('events', '/', headers, JSON.stringify(input));
}

export function invokeRequest(functionName: string, payload: unknown): string {
  const headers = { 'content-type': 'application/octet-stream' };
  return signedRequest('lambda', `/2015-03-31/functions/${functionName}/invocations`, headers, JSON.stringify(payload));
}

/** Runs a load against an endpoint. */
export function ask(client: Program, endpoint: string, load: Omit<Load, 'port'>): Promise<Outcome> {
  return client.ask<Outcome>({ ...load, port: Number(new URL(endpoint).port) } satisfies Load);
}
