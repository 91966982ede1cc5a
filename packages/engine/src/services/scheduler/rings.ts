/*
 * Rings: a schedule's next moment on the agenda. Each ring sends the schedule's input to its target and puts the next
 * one on the agenda, in one transaction: a crash between the two cannot happen.
 *
 * When: EventBridge Scheduler User Guide, "Schedule types" and "Configuring flexible time windows".
 */
import { AwsError } from '../../kernel/errors.ts';
import type { Context, DueWork, Settings } from '../../kernel/service.ts';
import {
  checkTimeZone,
  type Schedule as Expression,
  nextDue,
  readSchedule,
  ScheduleError,
} from '../../languages/schedule/index.ts';
import { type Schedule, schedules } from './schedule.ts';
import { sendToTarget } from './targets.ts';

const KIND = 'scheduler.ring';
const MINUTE_MS = 60_000;
/** How long ago a schedule may have started when it is made; a rate then begins with that very moment. */
export const LATE_START_MS = 5 * MINUTE_MS;
/** Before all moments. */
const EVER = Number.NEGATIVE_INFINITY;

/** What the agenda keeps of a ring within a window, which does not come at the moment that it is for. */
interface Within {
  /** Epoch milliseconds. */
  readonly scheduledTime: number;
}

/** Throws AWS's error when the expression or the zone is none, or goes beyond AWS where the engine does not. */
export function readExpression(
  expression: string,
  timeZone: string | undefined,
  { extensions }: Pick<Settings, 'extensions'>,
): Expression {
  let parsed: Expression;
  try {
    parsed = readSchedule(expression, { dialect: 'scheduler', extensions });
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    throw new AwsError('ValidationException', `Invalid Schedule Expression ${expression}.`);
  }
  try {
    if (timeZone !== undefined) checkTimeZone(timeZone);
    return parsed;
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    throw new AwsError('ValidationException', `Invalid Schedule Expression Timezone ${timeZone}.`);
  }
}

/**
 * Puts the first ring of a schedule on the agenda that is new, or rings differently from now on. A rate begins at once,
 * or at its start; a one-time schedule whose moment has passed rings at once (User Guide, "Troubleshooting").
 */
export function beginRinging(ctx: Context, key: string, schedule: Schedule): void {
  if (schedule.disabled) stopRinging(ctx, key);
  else arrange(ctx, key, schedule, firstAfter(ctx.now, schedule));
}

export function stopRinging(ctx: Context, key: string): void {
  ctx.unschedule(KIND, key);
}

/** Due work: the schedule rings. What came due while the engine was not up rings once, late. */
export function ring(ctx: Context, work: DueWork): void {
  const key = work.id;
  const schedule = ctx.rows(schedules).get(key);
  if (!schedule || schedule.disabled) return;
  const scheduledTime = (work.payload as Within | undefined)?.scheduledTime ?? work.due;
  const windowMs = (schedule.windowMinutes ?? 0) * MINUTE_MS;
  const goesOn = arrange(ctx, key, schedule, Math.max(scheduledTime, ctx.now - windowMs));
  if (!goesOn && schedule.deleteAfterCompletion) ctx.rows(schedules).delete(key);
  sendToTarget(ctx, key, schedule.target, scheduledTime);
}

/** Puts the first ring after a moment on the agenda; whether there is one. */
function arrange(ctx: Context, key: string, schedule: Schedule, after: number): boolean {
  const moment = nextMoment(schedule, after);
  if (moment === undefined) {
    stopRinging(ctx, key);
    return false;
  }
  const { windowMinutes } = schedule;
  if (windowMinutes === undefined) ctx.schedule({ kind: KIND, id: key, due: moment });
  else {
    const due = moment + Math.floor(ctx.ids.random() * windowMinutes * MINUTE_MS);
    ctx.schedule({ kind: KIND, id: key, due, payload: { scheduledTime: moment } satisfies Within });
  }
  return true;
}

/** A schedule that was made while the extensions were on rings without them too. */
function expressionOf({ expression }: Schedule): Expression {
  return readSchedule(expression, { dialect: 'scheduler', extensions: true });
}

function firstAfter(now: number, schedule: Schedule): number {
  const { kind } = expressionOf(schedule);
  if (kind === 'at') return EVER;
  if (kind === 'cron') return now;
  const first = firstOfRate(schedule);
  return first <= now && first >= now - LATE_START_MS ? first - 1 : now;
}

function firstOfRate({ start, anchor }: Schedule): number {
  return start ?? anchor;
}

/** The first moment strictly after `after`; one-time schedules have neither start nor end. */
function nextMoment(schedule: Schedule, after: number): number | undefined {
  const { start = EVER, end = Number.POSITIVE_INFINITY, timeZone } = schedule;
  const expression = expressionOf(schedule);
  const zone = timeZone === undefined ? {} : { timeZone };
  if (expression.kind === 'at') return nextDue(expression, after, { anchor: 0, ...zone });
  const anchor = expression.kind === 'rate' ? firstOfRate(schedule) - expression.intervalMs : 0;
  const moment = nextDue(expression, Math.max(after, start - 1), { anchor, ...zone });
  return moment !== undefined && moment <= end ? moment : undefined;
}
