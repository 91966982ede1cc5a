/*
 * IANA time zones: what the clock on the wall shows at a moment, and which moment a wall-clock time means.
 *
 * A wall-clock time is written as the epoch milliseconds that it would have in UTC. Intl knows every zone's offset but
 * needs a microsecond to say it and cannot tell when it changes, so each zone-year that is asked about is searched
 * once for its changes and then answered from a short list. (Temporal, which could tell, is not in every Node that
 * Carillon runs on.)
 */
import { DAY_MS, dateOf, dayNumber, SECOND_MS } from './calendar.ts';
import { ScheduleError } from './error.ts';

/** A stretch of time during which a zone keeps one offset from UTC. */
interface Stretch {
  /** Its first moment, epoch milliseconds. */
  start: number;
  offsetMs: number;
}

/** A time zone and what is known of it so far. */
export interface Zone {
  format: Intl.DateTimeFormat;
  /** The stretches of each year that was asked about; schedules ask about 1969 to 2200. */
  years: Map<number, Stretch[]>;
}

/** What a wall-clock time means in a zone. */
export interface Reading {
  /** The first moment at which the clock shows it; where the clock skips it, the moment as far behind the skip. */
  moment: number;
  /** Whether the clock never shows it. */
  skipped: boolean;
  /** The wall-clock time from which on every time is shown anew, when this one is skipped or shown twice. */
  settled: number;
}

/** Zones kept in memory; the IANA database has some 600 names, aliases included. */
const ZONES_KEPT = 1000;
/** How far apart a year is sampled. The shortest that a zone has kept an offset since 1970 is a week less an hour. */
const SAMPLE_MS = 6 * DAY_MS;
/** How far a year's list reaches into its neighbours, so that what lies around a moment is in one list. */
const MARGIN_MS = 4 * DAY_MS;

const zones = new Map<string, Zone>();

/** The zone of an IANA name; throws ScheduleError on an unknown one. */
export function zoneNamed(name: string): Zone {
  const known = zones.get(name);
  if (known) return known;
  if (zones.size >= ZONES_KEPT) zones.clear();
  const zone = { format: formatFor(name), years: new Map() };
  zones.set(name, zone);
  return zone;
}

function formatFor(name: string): Intl.DateTimeFormat {
  try {
    if (!/^[A-Za-z]/.test(name)) throw new RangeError('a zone is named, not an offset');
    return new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    throw new ScheduleError(`There is no time zone "${name}".`);
  }
}

/** What the clock on the wall shows at a moment. */
export function wallTime(zone: Zone, moment: number): number {
  return moment + stretchAt(zone, moment).offsetMs;
}

/** What a wall-clock time means. Clocks change at most once within two days, so a look at either side tells. */
export function read(zone: Zone, wall: number): Reading {
  const before = stretchAt(zone, wall - DAY_MS).offsetMs;
  const { start, offsetMs: after } = stretchAt(zone, wall + DAY_MS);
  const last = start + before;
  const first = start + after;
  const moment = wall < last || wall < first ? wall - before : wall - after;
  return { moment, skipped: wall >= last && wall < first, settled: Math.max(first, last) };
}

function stretchAt(zone: Zone, moment: number): Stretch {
  const { year } = dateOf(Math.floor(moment / DAY_MS));
  const stretches = zone.years.get(year) ?? searchYear(zone, year);
  let index = stretches.length - 1;
  while (index > 0 && stretches[index]!.start > moment) index--;
  return stretches[index]!;
}

function searchYear(zone: Zone, year: number): Stretch[] {
  const end = dayNumber(year + 1, 1, 1) * DAY_MS + MARGIN_MS;
  let sampled = dayNumber(year, 1, 1) * DAY_MS - MARGIN_MS;
  const stretches: Stretch[] = [{ start: sampled, offsetMs: offsetAt(zone, sampled) }];
  while (sampled < end) {
    const next = Math.min(sampled + SAMPLE_MS, end);
    if (offsetAt(zone, next) !== stretches.at(-1)!.offsetMs) stretches.push(changeWithin(zone, sampled, next));
    sampled = next;
  }
  zone.years.set(year, stretches);
  return stretches;
}

/** The stretch that begins between two moments of different offsets, found to the second. */
function changeWithin(zone: Zone, from: number, to: number): Stretch {
  const offsetMs = offsetAt(zone, to);
  let low = from / SECOND_MS;
  let high = to / SECOND_MS;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(zone, middle * SECOND_MS) === offsetMs) high = middle;
    else low = middle;
  }
  return { start: high * SECOND_MS, offsetMs };
}

/** A zone's offset at a whole second, as Intl writes it: `3/29/2026, 02:30:00`. */
function offsetAt(zone: Zone, moment: number): number {
  const [month, day, year, hour, minute, second] = zone.format.format(moment).split(/\D+/).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const seconds = (hour * 60 + minute) * 60 + second;
  return dayNumber(year, month, day) * DAY_MS + seconds * SECOND_MS - moment;
}
