/*
 * `at(2030-05-01T13:00:00)`: once, at a time of day in the schedule's time zone. Rules have none, the Scheduler has.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#one-time
 */
import { DAY_MS, dayNumber, daysInMonth, SECOND_MS } from './calendar.ts';
import { FIRST_YEAR, LAST_YEAR } from './cron.ts';
import { ScheduleError } from './error.ts';

/** One wall-clock time, in milliseconds as if the wall were in UTC. */
export interface At {
  kind: 'at';
  wall: number;
}

/** Reads the inside of `at(…)`. */
export function parseAt(body: string): At {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)$/.exec(body);
  const [year, month, day, hour, minute, second] = (match ?? []).slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const exists =
    match !== null &&
    year >= FIRST_YEAR &&
    year <= LAST_YEAR &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysInMonth(year, month) &&
    hour < 24 &&
    minute < 60 &&
    second < 60;
  if (!exists) throw new ScheduleError(`A one-time schedule is at(yyyy-mm-ddThh:mm:ss); this one is "${body}".`);
  const time = (hour * 60 + minute) * 60 + second;
  return { kind: 'at', wall: dayNumber(year, month, day) * DAY_MS + time * SECOND_MS };
}
