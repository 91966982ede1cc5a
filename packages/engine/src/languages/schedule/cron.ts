/*
 * `cron(minutes hours day-of-month month day-of-week year)`: the next wall-clock time that matches, found by stepping
 * through what the fields allow instead of trying every minute. The search ends with the last year at the latest.
 */
import { DAY_S, dateOf, dayNumber, daysInMonth, SECOND_MS, weekdayOf } from './calendar.ts';
import { type DayRule, parseDayOfMonth, parseDayOfWeek } from './days.ts';
import { ScheduleError } from './error.ts';
import { field, parseNumbers } from './fields.ts';

/** What each field allows, sorted. */
export interface Cron {
  kind: 'cron';
  seconds: readonly number[];
  minutes: readonly number[];
  hours: readonly number[];
  days: DayRule;
  months: readonly number[];
  years: readonly number[];
}

/** The years that AWS's cron knows. */
export const FIRST_YEAR = 1970;
export const LAST_YEAR = 2199;

const SECONDS = field('seconds', 0, 59);
const MINUTES = field('minutes', 0, 59);
const HOURS = field('hours', 0, 23);
const MONTH_NAMES = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const MONTHS = field('month', 1, 12, MONTH_NAMES);
const YEARS = field('year', FIRST_YEAR, LAST_YEAR, [], false);

/**
 * Reads the inside of `cron(…)`. The Scheduler takes it without the year (`yearOptional`), the extensions with
 * seconds in front (`seconds`).
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
 */
export function parseCron(body: string, options: { yearOptional: boolean; seconds: boolean }): Cron {
  const fields = body.trim().split(/\s+/);
  if (fields.length === 5 && options.yearOptional) fields.push('*');
  if (fields.length === 6) fields.unshift('0');
  else if (fields.length !== 7 || !options.seconds) {
    const wanted = 'minutes, hours, day-of-month, month, day-of-week and year';
    throw new ScheduleError(`A cron expression has six fields, ${wanted}; this one has ${fields.length}.`);
  }
  const [seconds, minutes, hours, dayOfMonth, month, dayOfWeek, year] = fields as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) {
    throw new ScheduleError('Exactly one of day-of-month and day-of-week must be "?".');
  }
  return {
    kind: 'cron',
    seconds: parseNumbers(seconds, SECONDS),
    minutes: parseNumbers(minutes, MINUTES),
    hours: parseNumbers(hours, HOURS),
    days: dayOfMonth === '?' ? parseDayOfWeek(dayOfWeek) : parseDayOfMonth(dayOfMonth),
    months: parseNumbers(month, MONTHS),
    years: parseNumbers(year, YEARS),
  };
}

/** The first wall-clock time after `wall` that matches, both in milliseconds as if the wall were in UTC. */
export function nextOfCron(cron: Cron, wall: number): number | undefined {
  const second = Math.floor(wall / SECOND_MS) + 1;
  const today = Math.floor(second / DAY_S);
  const { year, month, day } = dateOf(today);
  const fromToday = nextDay(cron, year, month, day);
  if (fromToday === undefined) return undefined;
  if (fromToday > today) return (fromToday * DAY_S + nextTime(cron, 0)!) * SECOND_MS;
  const time = nextTime(cron, second - today * DAY_S);
  if (time !== undefined) return (today * DAY_S + time) * SECOND_MS;
  const later = nextDay(cron, year, month, day + 1);
  return later === undefined ? undefined : (later * DAY_S + nextTime(cron, 0)!) * SECOND_MS;
}

/** The number of the first matching day from a date on; the date's day may be one past its month's end. */
function nextDay(cron: Cron, fromYear: number, fromMonth: number, fromDay: number): number | undefined {
  for (const year of cron.years) {
    if (year < fromYear) continue;
    for (const month of cron.months) {
      if (year === fromYear && month < fromMonth) continue;
      const first = dayNumber(year, month, 1);
      const passed = year === fromYear && month === fromMonth ? fromDay - 1 : 0;
      const days = cron.days(daysInMonth(year, month), weekdayOf(first)) >>> passed;
      if (days !== 0) return first + passed + lowestBit(days);
    }
  }
  return undefined;
}

/** The first matching second of a day from `time` on. */
function nextTime(cron: Cron, time: number): number | undefined {
  const hour = Math.floor(time / 3600);
  const minute = Math.floor(time / 60) % 60;
  const hourNow = atLeast(cron.hours, hour);
  if (hourNow === undefined) return undefined;
  if (hourNow > hour) return hourNow * 3600 + cron.minutes[0]! * 60 + cron.seconds[0]!;
  const second = cron.minutes.includes(minute) ? atLeast(cron.seconds, time % 60) : undefined;
  if (second !== undefined) return hour * 3600 + minute * 60 + second;
  const minuteLater = atLeast(cron.minutes, minute + 1);
  if (minuteLater !== undefined) return hour * 3600 + minuteLater * 60 + cron.seconds[0]!;
  const hourLater = atLeast(cron.hours, hour + 1);
  return hourLater === undefined ? undefined : hourLater * 3600 + cron.minutes[0]! * 60 + cron.seconds[0]!;
}

/** The smallest of some sorted numbers that is not below `least`. */
function atLeast(numbers: readonly number[], least: number): number | undefined {
  for (const number of numbers) if (number >= least) return number;
  return undefined;
}

/** The place of the lowest bit that is set. */
function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}
