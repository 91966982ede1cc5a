/*
 * `rate(5 minutes)`: an interval, counted from an anchor. Every due moment is the anchor plus a whole number of
 * intervals, so late rings, restarts and daylight saving never make it drift.
 */
import { DAY_MS, SECOND_MS } from './calendar.ts';
import { ScheduleError } from './error.ts';

/** An interval in milliseconds: always whole seconds, and without the extensions whole minutes. */
export interface Rate {
  kind: 'rate';
  intervalMs: number;
}

/** The largest value a rate takes. AWS publishes no bound; this is the one of a 32-bit integer. */
const LARGEST_VALUE = 2 ** 31 - 1;
/** The last moment ECMAScript's calendar knows, in epoch milliseconds. */
const LAST_MOMENT = 8.64e15;

const UNIT_MS: Record<string, number> = {
  second: SECOND_MS,
  minute: 60 * SECOND_MS,
  hour: 3600 * SECOND_MS,
  day: DAY_MS,
};

/**
 * Reads the inside of `rate(…)`. A rule's unit must agree with its value in number, a Scheduler's need not.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */
export function parseRate(body: string, options: { agreement: boolean; seconds: boolean }): Rate {
  const [, digits, unit, plural] = /^(\d{1,10})\s+(second|minute|hour|day)(s?)$/.exec(body) ?? [];
  const unitMs = UNIT_MS[unit ?? ''];
  if (digits === undefined || unitMs === undefined) {
    throw new ScheduleError(`A rate is a positive whole number and minutes, hours or days; this one is "${body}".`);
  }
  if (unit === 'second' && !options.seconds) {
    throw new ScheduleError('AWS has no rate in seconds; Carillon has, with its extensions switched on.');
  }
  const value = Number(digits);
  if (value < 1 || value > LARGEST_VALUE) throw new ScheduleError(`A rate is 1 to ${LARGEST_VALUE}, not ${digits}.`);
  if (options.agreement && (value === 1) !== (plural === '')) {
    throw new ScheduleError(`It is rate(1 ${unit}), and ${unit}s for any other value, not rate(${body}).`);
  }
  return { kind: 'rate', intervalMs: value * unitMs };
}

/** The first due moment after `after`; none beyond the end of the calendar. */
export function nextOfRate(rate: Rate, after: number, anchor: number): number | undefined {
  const elapsed = after - anchor;
  const due = elapsed < 0 ? anchor + rate.intervalMs : after - (elapsed % rate.intervalMs) + rate.intervalMs;
  return due <= LAST_MOMENT ? due : undefined;
}
