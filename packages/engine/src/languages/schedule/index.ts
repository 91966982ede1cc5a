/*
 * AWS's schedule language: `rate(…)`, `cron(…)` and `at(…)`, for EventBridge rules and for EventBridge Scheduler,
 * which differ in a few words. An expression is read once; when it is next due is then a matter of arithmetic.
 */
import { type At, parseAt } from './at.ts';
import { DAY_MS, dayNumber } from './calendar.ts';
import { type Cron, FIRST_YEAR, LAST_YEAR, nextOfCron, parseCron } from './cron.ts';
import { ScheduleError } from './error.ts';
import { nextOfRate, parseRate, type Rate } from './rate.ts';
import { read, wallTime, type Zone, zoneNamed } from './zone.ts';

export type { At, Cron, Rate };
export { ScheduleError };

/** A schedule expression that has been read. */
export type Schedule = Rate | Cron | At;

/** Whose expression it is, and whether Carillon's own additions to the language may be used. */
export interface ScheduleOptions {
  /** `rule` for EventBridge's PutRule, `scheduler` for EventBridge Scheduler. */
  dialect: 'rule' | 'scheduler';
  /** Takes `rate(10 seconds)` and a cron of seven fields, seconds first. */
  extensions?: boolean;
}

/** What a schedule's due moments depend on beside its expression. */
export interface ScheduleContext {
  /** The moment that a rate counts its intervals from, epoch milliseconds: the first ring is one interval later. */
  anchor: number;
  /** The IANA name of the zone that a cron or an `at` is read in; UTC when absent. */
  timeZone?: string;
}

/** The longest expression that PutRule and CreateSchedule take. */
const LONGEST_EXPRESSION = 256;
/** No cron is due outside these two moments, in any time zone. */
const BEFORE_ALL = dayNumber(FIRST_YEAR, 1, 1) * DAY_MS - 2 * DAY_MS;
const AFTER_ALL = dayNumber(LAST_YEAR + 1, 1, 1) * DAY_MS + 2 * DAY_MS;

/** Reads a schedule expression; throws ScheduleError, with what is wrong, on one that AWS would refuse. */
export function parseSchedule(expression: string, options: ScheduleOptions): Schedule {
  if (expression.length > LONGEST_EXPRESSION) {
    throw new ScheduleError(`A schedule expression has at most ${LONGEST_EXPRESSION} characters.`);
  }
  const scheduler = options.dialect === 'scheduler';
  const seconds = options.extensions === true;
  const [, kind, body = ''] = /^(rate|cron|at)\((.*)\)$/s.exec(expression) ?? [];
  if (kind === 'rate') return parseRate(body, { agreement: !scheduler, seconds });
  if (kind === 'cron') return parseCron(body, { yearOptional: scheduler, seconds });
  if (kind === 'at' && scheduler) return parseAt(body);
  const kinds = scheduler ? 'rate(…), cron(…) or at(…)' : 'rate(…) or cron(…)';
  throw new ScheduleError(`A schedule expression is ${kinds}, not "${expression}".`);
}

/** Schedules as parsed, by what they were parsed of: millions share few expressions, and a ring must not parse. */
const known = new Map<string, Schedule>();
const KNOWN_LIMIT = 10_000;

/** As parseSchedule, which it spares where it can. */
export function readSchedule(expression: string, options: ScheduleOptions): Schedule {
  const key = `${options.dialect} ${options.extensions === true} ${expression}`;
  const found = known.get(key);
  if (found) return found;
  const schedule = parseSchedule(expression, options);
  if (known.size >= KNOWN_LIMIT) known.clear();
  known.set(key, schedule);
  return schedule;
}

/**
 * The first moment strictly after `after` at which a schedule is due, epoch milliseconds; undefined when there is none
 * any more. Where the clocks go forward, a cron's skipped times are not due and an `at` is due as much later; where
 * they go back, a time that is shown twice is due once, the first time. Throws ScheduleError on an unknown time zone.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#daylist-savings-time
 */
export function nextDue(schedule: Schedule, after: number, context: ScheduleContext): number | undefined {
  if (schedule.kind === 'rate') return nextOfRate(schedule, after, context.anchor);
  const zone = zoneOf(context.timeZone);
  if (schedule.kind === 'cron') return nextCron(schedule, after, zone);
  const moment = zone ? read(zone, schedule.wall).moment : schedule.wall;
  return moment > after ? moment : undefined;
}

/** Throws ScheduleError unless the IANA database has a time zone of this name. */
export function checkTimeZone(timeZone: string): void {
  zoneOf(timeZone);
}

/** The zone of a name; undefined for UTC, which needs none. */
function zoneOf(timeZone: string | undefined): Zone | undefined {
  return timeZone === undefined || timeZone === 'UTC' ? undefined : zoneNamed(timeZone);
}

function nextCron(cron: Cron, after: number, zone: Zone | undefined): number | undefined {
  if (after >= AFTER_ALL) return undefined;
  const from = Math.max(after, BEFORE_ALL);
  if (!zone) return nextOfCron(cron, from);
  let match = nextOfCron(cron, wallTime(zone, from));
  while (match !== undefined) {
    const { moment, skipped, settled } = read(zone, match);
    if (!skipped && moment > from) return moment;
    match = nextOfCron(cron, Math.max(match, settled - 1));
  }
  return undefined;
}
