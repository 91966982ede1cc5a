/*
 * The Gregorian calendar in whole numbers: dates to and from day numbers, day 0 being 1 January 1970.
 *
 * Days are counted in 400-year eras of 146,097 days whose years begin on 1 March, so that the leap day comes last
 * and no table of months is needed.
 */

export const SECOND_MS = 1000;
export const DAY_S = 86_400;
export const DAY_MS = DAY_S * SECOND_MS;

const ERA_DAYS = 146_097;
/** Days from 1 March of year 0 to 1 January 1970. */
const EPOCH_DAYS = 719_468;

/** A date; months and days count from 1. */
export interface CalendarDate {
  year: number;
  month: number;
  day: number;
}

/** The number of a date's day. */
export function dayNumber(year: number, month: number, day: number): number {
  const marchYear = month > 2 ? year : year - 1;
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * ERA_DAYS + dayOfEra - EPOCH_DAYS;
}

/** The date of a day number. */
export function dateOf(dayNumber: number): CalendarDate {
  const days = dayNumber + EPOCH_DAYS;
  const era = Math.floor(days / ERA_DAYS);
  const dayOfEra = days - era * ERA_DAYS;
  const leaps = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: era * 400 + yearOfEra + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  };
}

/** How many days a month has. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** A day's weekday as AWS counts it: 1 is Sunday, 7 is Saturday. */
export function weekdayOf(dayNumber: number): number {
  return ((((dayNumber + 4) % 7) + 7) % 7) + 1;
}
