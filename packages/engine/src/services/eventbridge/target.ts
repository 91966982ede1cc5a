/* What is kept of a rule's targets. */
import type { Target } from '@aws-sdk/client-eventbridge';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';

/** The targets of a rule, in the order in which they were put, by the rule's key. */
export const targets = table<readonly Target[]>('eventbridge.targets');

export function targetsOf(ctx: Context, key: string): readonly Target[] {
  return ctx.rows(targets).get(key) ?? [];
}
