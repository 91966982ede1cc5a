/*
 * Ticks: a rule's schedule on the agenda. Each tick sends the scheduled event to the rule's targets and puts the
 * next one on the agenda, in one transaction: a crash between the two cannot happen.
 *
 * The event: EventBridge User Guide, "Creating a rule that runs on a schedule"; its `time` is the due time.
 */

import { isoSeconds } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context, DueWork } from '../../kernel/service.ts';
import type { InputEvent } from '../../languages/input-transformer/index.ts';
import { nextDue, readSchedule, type Schedule, ScheduleError } from '../../languages/schedule/index.ts';
import { arnOfRule, isEnabled, rules, splitKey } from './rule.ts';
import { targetsOf } from './target.ts';
import { sendToTarget } from './targets.ts';

const KIND = 'eventbridge.tick';

/** Throws AWS's error when the expression is none, or goes beyond AWS where the engine does not. */
export function parseRuleSchedule(expression: string, extensions: boolean): Schedule {
  try {
    return readSchedule(expression, { dialect: 'rule', extensions });
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    throw new AwsError('ValidationException', 'Parameter ScheduleExpression is not valid.');
  }
}

/**
 * Puts a rule's next tick on the agenda; a schedule that never comes has none. A rule that was put while the
 * extensions were on rings without them too.
 */
export function scheduleTick(ctx: Context, key: string, schedule: string, anchor: number): void {
  const due = nextDue(parseRuleSchedule(schedule, true), ctx.now, { anchor });
  if (due === undefined) unscheduleTick(ctx, key);
  else ctx.schedule({ kind: KIND, id: key, due });
}

export function unscheduleTick(ctx: Context, key: string): void {
  ctx.unschedule(KIND, key);
}

/** Due work: the rule rings. A tick that the engine was not up for rings once, late. */
export function tick(ctx: Context, work: DueWork): void {
  const key = work.id;
  const rule = ctx.rows(rules).get(key);
  if (!rule?.schedule || !isEnabled(rule)) return;
  scheduleTick(ctx, key, rule.schedule, rule.anchor);
  const targets = targetsOf(ctx, key);
  if (targets.length === 0) return;
  const [, ruleName] = splitKey(key);
  const facts = { ruleArn: arnOfRule(ctx.scope, key), ruleName, ingestionTime: isoSeconds(ctx.now) };
  const event = scheduledEvent(ctx, facts.ruleArn, work.due);
  for (const target of targets) sendToTarget(ctx, target, event, facts, 'schedule');
}

function scheduledEvent(ctx: Context, ruleArn: string, due: number): InputEvent & { readonly id: string } {
  const id = ctx.ids.uuid();
  ctx.sends(id);
  const event = {
    version: '0',
    id,
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: ctx.scope.account,
    time: isoSeconds(due),
    region: ctx.scope.region,
    resources: [ruleArn],
    detail: {},
  };
  return { id, json: JSON.stringify(event), value: () => event };
}
