/*
 * What a rule is: its record, and its name, key and ARN.
 */
import type { Rule as RuleShape, RuleState } from '@aws-sdk/client-eventbridge';
import { formatArn, parseArn, type Scope } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { busName } from './bus.ts';

/** What is kept of a rule: a pattern, a schedule or both; its bus and name are in its key. */
export interface Rule {
  readonly pattern?: string;
  readonly schedule?: string;
  readonly description?: string;
  readonly roleArn?: string;
  /** Absent while ENABLED. */
  readonly state?: RuleState;
  /** The account that made it, where that is not the bus's. */
  readonly createdBy?: string;
  /** The service that made it for its own ends, which clients may not change. */
  readonly managedBy?: string;
  /** From when a rate counts, epoch milliseconds: when the rule was made, enabled, or got this schedule. */
  readonly anchor: number;
}

/** By `<bus>/<rule>`. */
export const rules = table<Rule>('eventbridge.rules');

/** The rule of a name on a bus, or AWS's error. */
export function findRule(ctx: Context, name: string, bus: string | undefined): { key: string; rule: Rule } {
  const key = `${busName(ctx, bus)}/${name}`;
  const rule = ctx.rows(rules).get(key);
  if (!rule) throw ruleNotFound(key);
  return { key, rule };
}

export function ruleNotFound(key: string): AwsError {
  const [bus, name] = splitKey(key);
  return new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${bus}.`);
}

/** Throws AWS's error on what another service manages. */
export function refuseManaged(key: string, { managedBy }: Rule): void {
  if (!managedBy) return;
  const [, name] = splitKey(key);
  throw new AwsError('ManagedRuleException', `Rule ${name} is managed by ${managedBy} and cannot be modified.`);
}

/** A rule on the default bus has no bus in its ARN. */
export function arnOfRule(scope: Scope, key: string): string {
  const [bus, name] = splitKey(key);
  return formatArn('events', scope, bus === 'default' ? `rule/${name}` : `rule/${key}`);
}

/** The key of the rule that an ARN names; undefined when it names no rule. */
export function keyOfRuleArn(arn: string): string | undefined {
  const { service, resource = '' } = parseArn(arn) ?? {};
  if (service !== 'events' || !resource.startsWith('rule/')) return undefined;
  const path = resource.slice('rule/'.length);
  return path.includes('/') ? path : `default/${path}`;
}

/** Whether a rule rings; there are two states in which it does. */
export function isEnabled({ state }: Pick<Rule, 'state'>): boolean {
  return state !== 'DISABLED';
}

/** Bus and name of a key; names of partner buses have slashes, names of rules never do. */
export function splitKey(key: string): [bus: string, name: string] {
  const slash = key.lastIndexOf('/');
  return [key.slice(0, slash), key.slice(slash + 1)];
}

/** A rule as AWS shows it. */
export function shapeOf(scope: Scope, key: string, rule: Rule): RuleShape {
  const [bus, name] = splitKey(key);
  return {
    Name: name,
    Arn: arnOfRule(scope, key),
    State: rule.state ?? 'ENABLED',
    ...(rule.description && { Description: rule.description }),
    ...(rule.pattern && { EventPattern: rule.pattern }),
    ...(rule.schedule && { ScheduleExpression: rule.schedule }),
    ...(rule.roleArn && { RoleArn: rule.roleArn }),
    ...(rule.managedBy && { ManagedBy: rule.managedBy }),
    EventBusName: bus,
  };
}
