/*
 * The two day fields of a cron expression, day-of-month and day-of-week. Which days they mean depends on the month
 * only by its length and the weekday it begins on, so a field comes down to a rule from these two to a set of days.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */
import { ScheduleError } from './error.ts';
import { field, parseNumbers, parseValue } from './fields.ts';

/** The days of a month, one bit for each: bit 0 is the first. */
export type Days = number;

/** The days that a field means in a month of `length` days that begins on `firstWeekday` (1 is Sunday). */
export type DayRule = (length: number, firstWeekday: number) => Days;

const DAY_OF_MONTH = field('day-of-month', 1, 31);
const DAY_OF_WEEK = field('day-of-week', 1, 7, ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']);
const SUNDAY = 1;
const SATURDAY = 7;
/** Every seventh day from the first. */
const WEEKLY = 0b10000001_0000001_0000001_0000001;
const NO_DAY = 0;

/** Reads a day-of-month field: numbers, `L`, `L-3`, `15W`, `LW` and `L-3W`, in a list or alone. */
export function parseDayOfMonth(text: string): DayRule {
  return anyOf(text.split(',').map(parseMonthDay));
}

/** Reads a day-of-week field: weekdays, `L` (Saturday), `6L`, `FRIL`; or `3#2` alone, as AWS wants it. */
export function parseDayOfWeek(text: string): DayRule {
  const [, weekday, nth] = /^(\w+)#([1-5])$/.exec(text) ?? [];
  if (weekday !== undefined) return nthWeekday(parseValue(weekday, DAY_OF_WEEK), Number(nth));
  return anyOf(text.split(',').map(parseWeekDay));
}

function anyOf(rules: DayRule[]): DayRule {
  if (rules.length === 1) return rules[0]!;
  return (length, firstWeekday) => rules.reduce((days, rule) => days | rule(length, firstWeekday), NO_DAY);
}

function parseMonthDay(item: string): DayRule {
  const [, fromEnd, weekday] = /^L(?:-([12]?\d|30))?(W?)$/i.exec(item) ?? [];
  if (weekday !== undefined) return countedFromEnd(Number(fromEnd ?? 0), weekday !== '');
  if (/^\w+W$/i.test(item)) return nearestWeekday(parseValue(item.slice(0, -1), DAY_OF_MONTH));
  const days = parseNumbers(item, DAY_OF_MONTH).reduce((days, day) => days | dayBit(day), NO_DAY);
  return (length) => days & daysUpTo(length);
}

function parseWeekDay(item: string): DayRule {
  if (/^L$/i.test(item)) return everyWeek([SATURDAY]);
  if (/^\w+L$/i.test(item)) return lastWeekday(parseValue(item.slice(0, -1), DAY_OF_WEEK));
  if (item.includes('#')) throw new ScheduleError('A "#" stands alone in its field and is followed by 1 to 5.');
  return everyWeek(parseNumbers(item, DAY_OF_WEEK));
}

function countedFromEnd(days: number, weekday: boolean): DayRule {
  return (length, firstWeekday) => {
    const day = length - days;
    if (day < 1) return NO_DAY;
    return dayBit(weekday ? movedToWeekday(day, length, firstWeekday) : day);
  };
}

function nearestWeekday(day: number): DayRule {
  return (length, firstWeekday) => (day > length ? NO_DAY : dayBit(movedToWeekday(day, length, firstWeekday)));
}

/** Friday for a Saturday and Monday for a Sunday, but never in another month. */
function movedToWeekday(day: number, length: number, firstWeekday: number): number {
  const weekday = ((firstWeekday + day - 2) % 7) + 1;
  if (weekday === SATURDAY) return day > 1 ? day - 1 : day + 2;
  if (weekday === SUNDAY) return day < length ? day + 1 : day - 2;
  return day;
}

function everyWeek(weekdays: readonly number[]): DayRule {
  return (length, firstWeekday) => {
    let days = NO_DAY;
    for (const weekday of weekdays) days |= WEEKLY << (firstOf(weekday, firstWeekday) - 1);
    return days & daysUpTo(length);
  };
}

function nthWeekday(weekday: number, nth: number): DayRule {
  return (length, firstWeekday) => {
    const day = firstOf(weekday, firstWeekday) + (nth - 1) * 7;
    return day > length ? NO_DAY : dayBit(day);
  };
}

function lastWeekday(weekday: number): DayRule {
  return (length, firstWeekday) => {
    const first = firstOf(weekday, firstWeekday);
    return dayBit(first + Math.floor((length - first) / 7) * 7);
  };
}

/** The first day of a month that is a given weekday. */
function firstOf(weekday: number, firstWeekday: number): number {
  return ((weekday - firstWeekday + 7) % 7) + 1;
}

function dayBit(day: number): Days {
  return 1 << (day - 1);
}

function daysUpTo(length: number): Days {
  return 0x7fffffff >>> (31 - length);
}
