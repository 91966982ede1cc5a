/*
 * Places among events. Every event has one, which all of its account and region share: by moment, then by order
 * of arrival. An id of 56 digits says it, made as AWS makes its ids (the moment above the 144th bit), so that ids
 * of later events are greater. Page tokens are such ids too.
 */
import type { LogPosition } from '../../kernel/state/backend.ts';
import { invalidToken } from './errors.ts';

const SEQUENCE_BITS = 144n;
const DIGITS = 56;

/** `37162734…`: an event's id. */
export function formatPosition({ at, sequence }: LogPosition): string {
  return ((BigInt(at) << SEQUENCE_BITS) | BigInt(sequence)).toString().padStart(DIGITS, '0');
}

/** The place that a token holds; throws AWS's error for what is none. */
export function parsePosition(text: string): LogPosition {
  if (!/^\d{56}$/.test(text)) throw invalidToken();
  const number = BigInt(text);
  const at = Number(number >> SEQUENCE_BITS);
  const sequence = Number(BigInt.asUintN(Number(SEQUENCE_BITS), number));
  if (!Number.isSafeInteger(at) || !Number.isSafeInteger(sequence)) throw invalidToken();
  return { at, sequence };
}

/** Where a page of a stream goes on, and in which direction. */
export interface PageToken {
  readonly backward: boolean;
  /** A gap between two events: right before this position. */
  readonly gap: LogPosition;
}

/** `f/37162734…/s` or `b/37162734…/s`. */
export function formatPageToken({ backward, gap }: PageToken): string {
  return `${backward ? 'b' : 'f'}/${formatPosition(gap)}/s`;
}

export function parsePageToken(token: string): PageToken {
  const match = /^([fb])\/(\d+)\/s$/.exec(token);
  if (!match) throw invalidToken();
  return { backward: match[1] === 'b', gap: parsePosition(match[2]!) };
}
