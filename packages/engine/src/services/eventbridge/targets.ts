/*
 * Targets of rules: the operations on them, and how an event reaches them.
 *
 * Words and limits: EventBridge API Reference, PutTargets and its neighbours; User Guide, "Targets".
 */
import type {
  ListRuleNamesByTargetRequest,
  ListRuleNamesByTargetResponse,
  ListTargetsByRuleRequest,
  ListTargetsByRuleResponse,
  PutTargetsRequest,
  PutTargetsResponse,
  RemoveTargetsRequest,
  RemoveTargetsResponse,
  Target,
} from '@aws-sdk/client-eventbridge';
import { parseArn } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context, Delivery, RetryPolicy } from '../../kernel/service.ts';
import type { Hop } from '../../kernel/weather.ts';
import {
  type CompiledInput,
  compileInput,
  InputError,
  type InputEvent,
  type RuleFacts,
  render,
} from '../../languages/input-transformer/index.ts';
import { busName, ownerOf } from './bus.ts';
import { pageBy, pageOf } from './lists.ts';
import { findRule, refuseManaged, splitKey } from './rule.ts';
import { targets, targetsOf } from './target.ts';

/** The most targets of a rule (User Guide, "Amazon EventBridge quotas"). */
const LIMIT = 5;

export function putTargets(caller: Context, input: PutTargetsRequest): PutTargetsResponse {
  const ctx = ownerOf(caller, input.EventBusName);
  const { key, rule } = findRule(ctx, input.Rule!, input.EventBusName);
  refuseManaged(key, rule);
  for (const target of input.Targets!) checkTarget(target);
  const merged = new Map([...targetsOf(ctx, key), ...input.Targets!].map((target) => [target.Id!, target]));
  if (merged.size > LIMIT) {
    throw new AwsError('LimitExceededException', 'The requested resource exceeds the maximum number allowed.');
  }
  ctx.rows(targets).put(key, [...merged.values()]);
  return { FailedEntryCount: 0, FailedEntries: [] };
}

export function removeTargets(caller: Context, input: RemoveTargetsRequest): RemoveTargetsResponse {
  const ctx = ownerOf(caller, input.EventBusName);
  const { key, rule } = findRule(ctx, input.Rule!, input.EventBusName);
  if (!input.Force) refuseManaged(key, rule);
  const kept = targetsOf(ctx, key).filter((target) => !input.Ids!.includes(target.Id!));
  if (kept.length > 0) ctx.rows(targets).put(key, kept);
  else ctx.rows(targets).delete(key);
  return { FailedEntryCount: 0, FailedEntries: [] };
}

export function listTargetsByRule(caller: Context, input: ListTargetsByRuleRequest): ListTargetsByRuleResponse {
  const ctx = ownerOf(caller, input.EventBusName);
  const { key } = findRule(ctx, input.Rule!, input.EventBusName);
  const all = targetsOf(ctx, key).map((target) => [target.Id!, target] as [string, Target]);
  const list = (after: string | undefined, limit: number) => {
    const start = after === undefined ? 0 : all.findIndex(([id]) => id === after) + 1;
    return all.slice(start, start + limit);
  };
  const { items, ...next } = pageBy(list, input);
  return { Targets: items.map(([, target]) => target), ...next };
}

export function listRuleNamesByTarget(
  caller: Context,
  input: ListRuleNamesByTargetRequest,
): ListRuleNamesByTargetResponse {
  const ctx = ownerOf(caller, input.EventBusName);
  const prefix = `${busName(ctx, input.EventBusName)}/`;
  const reaching = ctx
    .rows(targets)
    .list({ prefix })
    .filter(([, held]) => held.some((t) => t.Arn === input.TargetArn));
  const { items, ...next } = pageOf(reaching, input);
  return { RuleNames: items.map(([key]) => splitKey(key)[1]), ...next };
}

function checkTarget(target: Target): void {
  if (!parseArn(target.Arn!)) {
    const reason = 'Provided Arn is not in correct format.';
    throw new AwsError('ValidationException', `Parameter ${target.Arn} is not valid. Reason: ${reason}`);
  }
  compiledInput(target);
}

/**
 * Sends an event on its way to a target; `isThird` tells that it may not go there, from a bus to a second and on to a
 * third. What goes wrong with one target is noted, and is nothing to the others.
 */
export function sendToTarget(
  ctx: Context,
  target: Target,
  event: InputEvent & { readonly id?: string },
  rule: RuleFacts,
  hop: Hop,
  isThird = false,
): void {
  try {
    const payload = render(compiledInput(target), event, rule);
    const parameters = parametersOf(target, isThird);
    ctx.deliver({
      targetArn: target.Arn!,
      payload,
      hop,
      ...(event.id !== undefined && { about: event.id }),
      principal: 'events.amazonaws.com',
      sourceArn: rule.ruleArn,
      deadLetterAttributes: { RULE_ARN: rule.ruleArn, TARGET_ARN: target.Arn! },
      ...(parameters && { parameters }),
      ...(target.RoleArn && { roleArn: target.RoleArn }),
      ...(target.RetryPolicy && { retry: retryOf(target.RetryPolicy) }),
      ...(target.DeadLetterConfig?.Arn && {
        deadLetterArn: target.DeadLetterConfig.Arn,
        ...(payload !== event.json && { deadLetterPayload: event.json }),
      }),
    });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const outcome = 'InvalidInputException';
    const detail = { sourceArn: rule.ruleArn, message: error.message, givenUp: true };
    ctx.note({ kind: 'delivery', subject: target.Arn!, outcome, detail });
  }
}

function parametersOf({ SqsParameters }: Target, isThird: boolean): Delivery['parameters'] {
  if (isThird) return { isThird };
  return SqsParameters?.MessageGroupId ? { messageGroupId: SqsParameters.MessageGroupId } : undefined;
}

function retryOf(policy: NonNullable<Target['RetryPolicy']>): RetryPolicy {
  return {
    maximumAttempts: policy.MaximumRetryAttempts ?? 185,
    maximumAgeSeconds: policy.MaximumEventAgeInSeconds ?? 86_400,
  };
}

/** A target's input as compiled: a target as kept never changes, so neither does this. */
const compiled = new WeakMap<Target, CompiledInput>();

function compiledInput(target: Target): CompiledInput {
  const known = compiled.get(target);
  if (known) return known;
  try {
    const made = compileInput(target);
    compiled.set(target, made);
    return made;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new AwsError('ValidationException', error.message);
  }
}
