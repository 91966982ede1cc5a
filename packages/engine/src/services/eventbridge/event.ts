/*
 * What an event is: JSON text, written once, that matchers read and targets get; the client's detail stands in it byte
 * for byte.
 *
 * AWS: EventBridge User Guide, "Event structure".
 */

import type { Scope } from '../../kernel/arn.ts';
import { isoSeconds, parseMoment } from '../../kernel/clock.ts';
import { EventError } from '../../languages/event-pattern/index.ts';
import type { InputEvent } from '../../languages/input-transformer/index.ts';

/** An event on a bus. */
export interface BusEvent extends InputEvent {
  /** Its time, epoch milliseconds. */
  readonly at: number;
  /** Absent where it came as text from elsewhere. */
  readonly id?: string;
  /** From which byte its detail stands, which nobody has looked at yet; it goes to the event's last brace. */
  readonly detailAt?: number;
}

/** What an event is made of. */
export interface EventParts {
  readonly source: string;
  readonly detailType: string;
  /** The JSON text of an object. */
  readonly detail: string;
  readonly resources?: readonly string[] | undefined;
  /** Epoch milliseconds. */
  readonly time: number;
}

/** Writes an event down. Whether its detail is an object is found when rules are (routes.ts). */
export function writeEvent({ account, region }: Scope, id: string, parts: EventParts): BusEvent {
  const head = {
    version: '0',
    id,
    'detail-type': parts.detailType,
    source: parts.source,
    account,
    time: isoSeconds(parts.time),
    region,
    resources: parts.resources ?? [],
  };
  const text = `${JSON.stringify(head).slice(0, -1)},"detail":`;
  return { ...eventOf(`${text}${parts.detail}}`, parts.time), id, detailAt: Buffer.byteLength(text) };
}

/** An event that is one already, as far as rules need it to be; one without a time of its own has come now. */
export function readEvent(json: string, now: number): BusEvent {
  const event = parseObject(json);
  if (typeof event?.source !== 'string' || typeof event['detail-type'] !== 'string') {
    throw new EventError('The payload lacks what every event has.');
  }
  return eventOf(json, momentOf(event.time) ?? now);
}

/** An event of an archive as it goes to rules again. */
export function replayedEvent(json: string, at: number, replay: string): BusEvent {
  return eventOf(`${json.trimEnd().slice(0, -1)},"replay-name":${JSON.stringify(replay)}}`, at);
}

/** The value of a JSON text that is an object; undefined for any other. */
export function parseObject(json: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function eventOf(json: string, time: number): BusEvent {
  let parsed: unknown;
  return {
    json,
    at: Math.floor(time / 1000) * 1000,
    value() {
      parsed ??= JSON.parse(json);
      return parsed;
    },
  };
}

function momentOf(time: unknown): number | undefined {
  if (typeof time !== 'string') return undefined;
  try {
    return parseMoment(time);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return undefined;
  }
}
