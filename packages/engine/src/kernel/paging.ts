/*
 * Pages of a list: AWS's opaque tokens, here the key after which the next page begins.
 */
import type { AwsError } from './errors.ts';

export interface PageRequest {
  /** The client's token, as an earlier page gave it. */
  token?: string | undefined;
  /** The client's limit. */
  limit?: number | undefined;
  /** The largest page, and its size when the client has no wish. */
  most: number;
  /** The error of a token that we never gave. */
  invalid: () => AwsError;
}

/** One page of what `list` gives after a key, in order, at most so many; and the token of the next. */
export function page<T>(
  list: (after: string | undefined, limit: number) => [key: string, item: T][],
  request: PageRequest,
): { items: [key: string, item: T][]; nextToken: string | undefined } {
  const limit = Math.min(request.limit ?? request.most, request.most);
  const found = list(readToken(request), limit + 1);
  const items = found.slice(0, limit);
  const more = found.length > limit;
  return { items, nextToken: more ? writeToken(items.at(-1)![0]) : undefined };
}

const MARK = 'carillon:';

function writeToken(key: string): string {
  return Buffer.from(MARK + key).toString('base64url');
}

function readToken({ token, invalid }: PageRequest): string | undefined {
  if (token === undefined || token === '') return undefined;
  const text = Buffer.from(token, 'base64url').toString();
  if (!text.startsWith(MARK)) throw invalid();
  return text.slice(MARK.length);
}
