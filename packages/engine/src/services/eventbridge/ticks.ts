/*
 * Ticks: a rule's schedule on the agenda. Each tick sends the scheduled event to the rule's targets and puts the
 * next one on the agenda, in one transaction: a crash between the two cannot happen.
 *
 * The event: EventBridge User Guide, "Creating a rule that runs on a schedule"; its `time` is the due time.
 */

import { isoSeconds } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context, DueWork, Settings } from '../../kernel/service.ts';
import type { InputEvent } from '../../languages/input-transformer/index.ts';
import { nextDue, parseSchedule, type Schedule, ScheduleError } from '../../languages/schedule/index.ts';
import { arnOfRule, rules, splitKey } from './rule.ts';
import { sendToTarget, targetsOf } from './targets.ts';

const KIND = 'eventbridge.tick';

interface Scheduled {
  readonly schedule: string;
  readonly anchor: number;
}

/** Schedules as parsed, by their text: rules share few expressions, and a tick must not parse. */
const parsed = new Map<string, Schedule>();
const PARSED_LIMIT = 10_000;

/** Throws AWS's error when the expression is none, or goes beyond AWS where the engine does not. */
export function parseRuleSchedule(expression: string, { extensions }: Settings): Schedule {
  const key = `${extensions}${expression}`;
  const known = parsed.get(key);
  if (known) return known;
  try {
    const schedule = parseSchedule(expression, { dialect: 'rule', extensions });
    if (parsed.size >= PARSED_LIMIT) parsed.clear();
    parsed.set(key, schedule);
    return schedule;
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    throw new AwsError('ValidationException', 'Parameter ScheduleExpression is not valid.');
  }
}

/** Puts the rule's next tick on the agenda; a schedule that never comes has none. */
export function scheduleTick(ctx: Context, key: string, rule: Scheduled): void {
  const schedule = parseRuleSchedule(rule.schedule, ctx.host.settings);
  const due = nextDue(schedule, ctx.now, { anchor: rule.anchor });
  if (due === undefined) unscheduleTick(ctx, key);
  else ctx.schedule({ kind: KIND, id: key, due });
}

export function unscheduleTick(ctx: Context, key: string): void {
  ctx.unschedule(KIND, key);
}

/** Due work: the rule rings. A tick that the engine was not up for rings once, late. */
export function tick(ctx: Context, work: DueWork): void {
  const key = work.id;
  const { schedule, state, anchor } = ctx.rows(rules).get(key) ?? {};
  if (!schedule || state || anchor === undefined) return;
  scheduleTick(ctx, key, { schedule, anchor });
  const targets = targetsOf(ctx, key);
  if (targets.length === 0) return;
  const rule = { ruleArn: arnOfRule(ctx.scope, key), ruleName: splitKey(key)[1], ingestionTime: isoSeconds(ctx.now) };
  const event = scheduledEvent(ctx, rule.ruleArn, work.due);
  for (const target of targets) sendToTarget(ctx, target, event, rule, 'schedule');
}

function scheduledEvent(ctx: Context, ruleArn: string, due: number): InputEvent {
  const event = {
    version: '0',
    id: ctx.ids.uuid(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: ctx.scope.account,
    time: isoSeconds(due),
    region: ctx.scope.region,
    resources: [ruleArn],
    detail: {},
  };
  return { json: JSON.stringify(event), value: () => event };
}
