/*
 * The operations on rules. While a rule is enabled, its pattern is in its bus's matcher (routes.ts), and its schedule
 * has one entry on the agenda: its next tick (ticks.ts).
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
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { busName, DEFAULT, ownerOf } from './bus.ts';
import { pageBy } from './lists.ts';
import { readPattern, reviseRoutes } from './routes.ts';
import { arnOfRule, findRule, isEnabled, type Rule, refuseManaged, rules, shapeOf, splitKey } from './rule.ts';
import { putTags, removeAllTags } from './tags.ts';
import { targetsOf } from './target.ts';
import { parseRuleSchedule, scheduleTick, unscheduleTick } from './ticks.ts';

export function putRule(caller: Context, input: PutRuleRequest): PutRuleResponse {
  const ctx = ownerOf(caller, input.EventBusName);
  const bus = busName(ctx, input.EventBusName);
  const name = input.Name!;
  const key = `${bus}/${name}`;
  if (!input.ScheduleExpression && !input.EventPattern) {
    throw new AwsError('ValidationException', 'Parameter(s) EventPattern or ScheduleExpression must be specified.');
  }
  const { EventPattern: pattern, ScheduleExpression: schedule } = input;
  if (pattern) readPattern(pattern);
  if (schedule && (bus !== DEFAULT || ctx !== caller)) {
    throw new AwsError('ValidationException', 'ScheduleExpression is supported only on the default event bus.');
  }
  if (schedule) parseRuleSchedule(schedule, ctx.host.settings.extensions);
  const before = ctx.rows(rules).get(key);
  if (before) refuseManaged(key, before);
  const state = input.State === 'ENABLED' ? undefined : input.State;
  save(ctx, key, before, {
    ...(pattern && { pattern }),
    ...(schedule && { schedule }),
    ...(input.Description && { description: input.Description }),
    ...(input.RoleArn && { roleArn: input.RoleArn }),
    ...(ctx !== caller && { createdBy: caller.scope.account }),
    ...(state && { state }),
  });
  const ruleArn = arnOfRule(ctx.scope, key);
  if (!before && input.Tags) putTags(ctx, ruleArn, input.Tags);
  return { RuleArn: ruleArn };
}

export function describeRule(caller: Context, input: DescribeRuleRequest): DescribeRuleResponse {
  const ctx = ownerOf(caller, input.EventBusName);
  const { key, rule } = findRule(ctx, input.Name!, input.EventBusName);
  return { ...shapeOf(ctx.scope, key, rule), CreatedBy: rule.createdBy ?? ctx.scope.account };
}

export function listRules(caller: Context, input: ListRulesRequest): ListRulesResponse {
  const ctx = ownerOf(caller, input.EventBusName);
  const prefix = `${busName(ctx, input.EventBusName)}/${input.NamePrefix ?? ''}`;
  const { items, ...next } = pageBy(
    (after, limit) => ctx.rows(rules).list({ prefix, ...(after && { after }), limit }),
    input,
  );
  return { Rules: items.map(([key, rule]) => shapeOf(ctx.scope, key, rule)), ...next };
}

export function deleteRule(caller: Context, input: DeleteRuleRequest): void {
  const ctx = ownerOf(caller, input.EventBusName);
  const bus = busName(ctx, input.EventBusName);
  const key = `${bus}/${input.Name}`;
  const rule = ctx.rows(rules).get(key);
  if (rule && !input.Force) refuseManaged(key, rule);
  if (targetsOf(ctx, key).length > 0) {
    throw new AwsError('ValidationException', "Rule can't be deleted since it has targets.");
  }
  if (!rule) return;
  ctx.rows(rules).delete(key);
  if (rule.pattern) reviseRoutes(ctx, bus);
  removeAllTags(ctx, arnOfRule(ctx.scope, key));
  unscheduleTick(ctx, key);
}

export function enableRule(ctx: Context, input: EnableRuleRequest): void {
  setState(ctx, input, undefined);
}

export function disableRule(ctx: Context, input: DisableRuleRequest): void {
  setState(ctx, input, 'DISABLED');
}

function setState(caller: Context, input: EnableRuleRequest, state: 'DISABLED' | undefined): void {
  const ctx = ownerOf(caller, input.EventBusName);
  const { key, rule } = findRule(ctx, input.Name!, input.EventBusName);
  refuseManaged(key, rule);
  const { state: _before, anchor: _anchor, ...rest } = rule;
  save(ctx, key, rule, { ...rest, ...(state && { state }) });
}

/** Keeps a rule. One that rings as it did before goes on ringing in step; else its schedule begins now. */
function save(ctx: Context, key: string, before: Rule | undefined, after: Omit<Rule, 'anchor'>): void {
  const inStep = before && before.schedule === after.schedule && isEnabled(before) === isEnabled(after);
  const rule: Rule = { ...after, anchor: inStep ? before.anchor : ctx.now };
  ctx.rows(rules).put(key, rule);
  if (before?.pattern || rule.pattern) reviseRoutes(ctx, splitKey(key)[0]);
  if (inStep) return;
  if (rule.schedule && isEnabled(rule)) scheduleTick(ctx, key, rule.schedule, rule.anchor);
  else unscheduleTick(ctx, key);
}
