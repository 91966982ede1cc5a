/*
 * The operations on rules. A rule that has a schedule has one entry on the agenda
 * while it is enabled: its next tick (ticks.ts).
 *
 * Words and limits: EventBridge API Reference, PutRule and its neighbours.
 */
import type {
  DeleteRuleRequest,
  DescribeRuleRequest,
  DescribeRuleResponse,
  DisableRuleRequest,
  EnableRuleRequest,
  ListRulesRequest,
  ListRulesResponse,
  PutRuleRequest,
  PutRuleResponse,
} from '@aws-sdk/client-eventbridge';
import { AwsError, notImplemented } from '../../kernel/errors.ts';
import { page } from '../../kernel/paging.ts';
import type { Context } from '../../kernel/service.ts';
import { busName } from './buses.ts';
import { arnOfRule, findRule, type Rule, rules, shapeOf } from './rule.ts';
import { putTags, removeAllTags } from './tags.ts';
import { invalidToken, targetsOf } from './targets.ts';
import { parseRuleSchedule, scheduleTick, unscheduleTick } from './ticks.ts';

/** The largest page of rules (API Reference, ListRules). */
const PAGE = 100;

export function putRule(ctx: Context, input: PutRuleRequest): PutRuleResponse {
  const bus = busName(input.EventBusName);
  const name = input.Name!;
  const key = `${bus}/${name}`;
  if (!input.ScheduleExpression && !input.EventPattern) {
    throw new AwsError('ValidationException', 'Parameter(s) EventPattern or ScheduleExpression must be specified.');
  }
  if (input.EventPattern) throw notImplemented('eventbridge', 'PutRule with an EventPattern');
  const schedule = input.ScheduleExpression;
  if (schedule) parseRuleSchedule(schedule, ctx.host.settings);
  const before = ctx.rows(rules).get(key);
  const state = input.State === 'ENABLED' ? undefined : input.State;
  const unchanged = before && before.schedule === schedule && before.state === state;
  const rule: Rule = {
    anchor: unchanged ? before.anchor : ctx.now,
    ...(schedule && { schedule }),
    ...(input.Description && { description: input.Description }),
    ...(input.RoleArn && { roleArn: input.RoleArn }),
    ...(state && { state }),
  };
  ctx.rows(rules).put(key, rule);
  const ruleArn = arnOfRule(ctx.scope, key);
  if (!before && input.Tags) putTags(ctx, ruleArn, input.Tags);
  if (!unchanged) resetTick(ctx, key, rule);
  return { RuleArn: ruleArn };
}

export function describeRule(ctx: Context, input: DescribeRuleRequest): DescribeRuleResponse {
  const { key, rule } = findRule(ctx, input.Name!, input.EventBusName);
  return { ...shapeOf(ctx.scope, key, rule), CreatedBy: ctx.scope.account };
}

export function listRules(ctx: Context, input: ListRulesRequest): ListRulesResponse {
  const prefix = `${busName(input.EventBusName)}/${input.NamePrefix ?? ''}`;
  const { items, nextToken } = page(
    (after, limit) => ctx.rows(rules).list({ prefix, ...(after && { after }), limit }),
    {
      token: input.NextToken,
      limit: input.Limit,
      most: PAGE,
      invalid: invalidToken,
    },
  );
  return {
    Rules: items.map(([key, rule]) => shapeOf(ctx.scope, key, rule)),
    ...(nextToken && { NextToken: nextToken }),
  };
}

export function deleteRule(ctx: Context, input: DeleteRuleRequest): void {
  const key = `${busName(input.EventBusName)}/${input.Name}`;
  if (targetsOf(ctx, key).length > 0) {
    throw new AwsError('ValidationException', "Rule can't be deleted since it has targets.");
  }
  if (!ctx.rows(rules).delete(key)) return;
  removeAllTags(ctx, arnOfRule(ctx.scope, key));
  unscheduleTick(ctx, key);
}

export function enableRule(ctx: Context, input: EnableRuleRequest): void {
  setState(ctx, input, undefined);
}

export function disableRule(ctx: Context, input: DisableRuleRequest): void {
  setState(ctx, input, 'DISABLED');
}

function setState(ctx: Context, input: EnableRuleRequest, state: 'DISABLED' | undefined): void {
  const { key, rule } = findRule(ctx, input.Name!, input.EventBusName);
  if (rule.state === state) return;
  const { state: _before, ...rest } = rule;
  const changed: Rule = { ...rest, ...(state && { state }), anchor: ctx.now };
  ctx.rows(rules).put(key, changed);
  resetTick(ctx, key, changed);
}

function resetTick(ctx: Context, key: string, rule: Rule): void {
  if (rule.schedule && !rule.state) scheduleTick(ctx, key, { ...rule, schedule: rule.schedule });
  else unscheduleTick(ctx, key);
}
