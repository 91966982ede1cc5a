/* Tags of rules and buses, by the ARN of what they are on, which may be another account's. */
import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  Tag,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-eventbridge';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { findBus, isBusArn, ownerOf } from './bus.ts';
import { arnOfRule, keyOfRuleArn, refuseManaged, ruleNotFound, rules } from './rule.ts';

const tags = table<readonly Tag[]>('eventbridge.tags');

/** The most tags on one resource (User Guide, "Amazon EventBridge tags"). */
const LIMIT = 50;

export function tagResource(caller: Context, input: TagResourceRequest): void {
  const ctx = ownerOf(caller, input.ResourceARN);
  requireResource(ctx, input.ResourceARN!);
  refuseManagedRule(ctx, input.ResourceARN!);
  putTags(ctx, input.ResourceARN!, input.Tags!);
}

export function untagResource(caller: Context, input: UntagResourceRequest): void {
  const ctx = ownerOf(caller, input.ResourceARN);
  requireResource(ctx, input.ResourceARN!);
  refuseManagedRule(ctx, input.ResourceARN!);
  const kept = tagsOf(ctx, input.ResourceARN!).filter((tag) => !input.TagKeys!.includes(tag.Key!));
  if (kept.length > 0) ctx.rows(tags).put(input.ResourceARN!, kept);
  else removeAllTags(ctx, input.ResourceARN!);
}

export function listTagsForResource(caller: Context, input: ListTagsForResourceRequest): ListTagsForResourceResponse {
  const ctx = ownerOf(caller, input.ResourceARN);
  requireResource(ctx, input.ResourceARN!);
  return { Tags: [...tagsOf(ctx, input.ResourceARN!)] };
}

/** Adds tags; one with a key that is there takes its place. */
export function putTags(ctx: Context, arn: string, added: readonly Tag[]): void {
  const merged = new Map([...tagsOf(ctx, arn), ...added].map((tag) => [tag.Key!, tag]));
  if (merged.size > LIMIT) {
    throw new AwsError('ValidationException', `The number of tags on a resource cannot exceed ${LIMIT}.`);
  }
  ctx.rows(tags).put(arn, [...merged.values()]);
}

export function removeAllTags(ctx: Context, arn: string): void {
  ctx.rows(tags).delete(arn);
}

function tagsOf(ctx: Context, arn: string): readonly Tag[] {
  return ctx.rows(tags).get(arn) ?? [];
}

/** Throws AWS's error unless the ARN is that of a rule or bus which is there. */
function requireResource(ctx: Context, arn: string): void {
  if (isBusArn(arn)) {
    findBus(ctx, arn);
    return;
  }
  const key = keyOfRuleArn(arn);
  if (!key) throw new AwsError('ValidationException', `Parameter ResourceARN is not valid: ${arn}.`);
  if (!ctx.rows(rules).has(key) || arn !== arnOfRule(ctx.scope, key)) throw ruleNotFound(key);
}

function refuseManagedRule(ctx: Context, arn: string): void {
  const key = keyOfRuleArn(arn);
  const rule = key && ctx.rows(rules).get(key);
  if (rule) refuseManaged(key, rule);
}
