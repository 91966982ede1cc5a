/* Moments as protocols write them: ISO 8601, RFC 7231 dates, and seconds since 1970. */
import { dateOf, isoMillis, isoSeconds, parseMoment } from '../kernel/clock.ts';
import type { TimestampFormat } from './model.ts';

/** A moment as the SDK's types carry it. */
export type Moment = ReturnType<typeof dateOf>;

const MONTHS = 'JanFebMarAprMayJunJulAugSepOctNovDec';

/** Reads any of the formats, since clients do not always keep to the one asked for; undefined when none fits. */
export function parseTimestamp(value: unknown): Moment | undefined {
  if (typeof value === 'number') return momentAt(Math.round(value * 1000));
  if (typeof value !== 'string') return undefined;
  if (/^-?\d+(\.\d+)?$/.test(value)) return momentAt(Math.round(Number(value) * 1000));
  const http = /^[A-Z][a-z]{2}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}:\d{2}:\d{2}(?:\.\d+)?) GMT$/.exec(value);
  const month = http ? MONTHS.indexOf(http[2]!) / 3 + 1 : 0;
  const iso = http ? `${http[3]}-${String(month).padStart(2, '0')}-${http[1]}T${http[4]}Z` : value;
  try {
    return momentAt(parseMoment(iso));
  } catch {
    return undefined;
  }
}

function momentAt(ms: number): Moment | undefined {
  const moment = dateOf(ms);
  return Number.isNaN(moment.getTime()) ? undefined : moment;
}

/** Writes a moment as text. */
export function formatTimestamp(value: unknown, format: TimestampFormat): string {
  const ms = (value as Moment).getTime();
  if (format === 'epoch-seconds') return String(ms / 1000);
  if (format === 'http-date') return dateOf(ms).toUTCString();
  return ms % 1000 === 0 ? isoSeconds(ms) : isoMillis(ms);
}

/** Seconds since 1970, to the millisecond. */
export function epochSeconds(value: unknown): number {
  return (value as Moment).getTime() / 1000;
}
