/*
 * Requests that browsers send for web pages of other sites, and their questions before those (preflights): what a
 * service lets in by rules of its users is let in, with the headers that tell the browser so.
 *
 * https://fetch.spec.whatwg.org/#http-cors-protocol
 */
import { AwsError } from '../kernel/errors.ts';
import type { CrossOriginRequest } from '../kernel/service.ts';
import type { Head } from './rest-routes.ts';
import { bucketOfHost, toPathStyle } from './s3-hosts.ts';

/** Which service lets a page in, and with which headers. Throws AwsError for what its rules do not let in. */
export type CrossOrigin = (request: CrossOriginRequest) => Admission | undefined;

export interface Admission {
  readonly service: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The answer of the rules to a request; undefined where there is nothing to ask or nobody to. */
export interface Ruling {
  readonly isPreflight: boolean;
  readonly admission?: Admission;
  readonly refusal?: AwsError;
}

export function ruling(head: Head, crossOrigin: CrossOrigin | undefined): Ruling | undefined {
  const request = requestOf(head);
  if (!request || !crossOrigin) return undefined;
  const { isPreflight } = request;
  try {
    const admission = crossOrigin(request);
    return admission && { isPreflight, admission };
  } catch (error) {
    if (error instanceof AwsError) return { isPreflight, refusal: error };
    throw error;
  }
}

function requestOf(head: Head): CrossOriginRequest | undefined {
  const { origin, host } = head.headers;
  if (typeof origin !== 'string') return undefined;
  const wanted = head.headers['access-control-request-method'];
  const isPreflight = head.method === 'OPTIONS' && typeof wanted === 'string';
  const listed = isPreflight ? String(head.headers['access-control-request-headers'] ?? '') : '';
  return {
    origin,
    isPreflight,
    method: isPreflight ? wanted : head.method,
    path: toPathStyle(head, bucketOfHost(host) ?? '').path,
    headers: listed
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
  };
}
