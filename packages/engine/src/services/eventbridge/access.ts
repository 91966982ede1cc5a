/*
 * What callers of EventBridge have to be allowed, and what a bus's own policy says. Between buses of one account no
 * permission is asked for.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
 */
import type { PutEventsRequest, Target } from '@aws-sdk/client-eventbridge';
import type { AccessRules, ResourcePolicy, Trust } from '../../kernel/access.ts';
import { type Arn, formatArn, type Scope } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { TableReader } from '../../kernel/state/table.ts';
import { buses, DEFAULT, UNTOUCHED } from './bus.ts';

const PRINCIPAL = 'events.amazonaws.com';

/** Operations on a rule by its name; on a bus by its name; and so on. */
const RULES = /^(PutRule|DeleteRule|DescribeRule|EnableRule|DisableRule|PutTargets|RemoveTargets|ListTargetsByRule)$/;
const NOUNS: readonly [RegExp, string][] = [
  [/EventBus$/, 'event-bus'],
  [/Archive$/, 'archive'],
  [/Replay$/, 'replay'],
];

export const access: AccessRules = {
  prefix: 'events',
  resourcesOf(input, scope, operation) {
    if (operation === 'PutEvents') return (input as PutEventsRequest).Entries!.map((e) => bus(e.EventBusName, scope));
    if (RULES.test(operation)) return [ruleArn(input.Name ?? input.Rule, input.EventBusName, scope)];
    if (/Permission$/.test(operation)) return [bus(input.EventBusName, scope)];
    const noun = NOUNS.find(([pattern]) => pattern.test(operation))?.[1];
    const name = input.Name ?? input.ArchiveName ?? input.ReplayName;
    if (noun && name !== undefined) return [named(noun, name, scope)];
    return [input.ResourceARN ?? '*'];
  },
  deliveries: { 'event-bus': { action: 'PutEvents', openWithinAccount: true } },
  policyOf,
  trusts: {
    PutRule: ({ RoleArn }) => trustsOf([RoleArn]),
    PutTargets: ({ Targets }) => trustsOf((Targets as readonly Target[]).map(({ RoleArn }) => RoleArn)),
  },
};

function trustsOf(roleArns: readonly unknown[]): Trust[] {
  return [...new Set(roleArns)].flatMap((roleArn) =>
    typeof roleArn === 'string' ? [{ roleArn, principal: PRINCIPAL, refusal: cannotBeAssumed(roleArn) }] : [],
  );
}

function cannotBeAssumed(roleArn: string): AwsError {
  return new AwsError(
    'ValidationException',
    `Provided role '${roleArn}' cannot be assumed by principal '${PRINCIPAL}'.`,
  );
}

function bus(nameOrArn: string = DEFAULT, scope: Scope): string {
  return named('event-bus', nameOrArn, scope);
}

function named(noun: string, nameOrArn: string, scope: Scope): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn : formatArn('events', scope, `${noun}/${nameOrArn}`);
}

function ruleArn(name: string, busNameOrArn: string = DEFAULT, scope: Scope): string {
  const busName = /event-bus\/(.+)$/.exec(busNameOrArn)?.[1] ?? busNameOrArn;
  return formatArn('events', scope, busName === DEFAULT ? `rule/${name}` : `rule/${busName}/${name}`);
}

function policyOf(rows: TableReader, { resource }: Arn): ResourcePolicy | undefined {
  const [, name] = /^event-bus\/(.+)$/.exec(resource) ?? [];
  const record = name === undefined ? undefined : (rows(buses).get(name) ?? (name === DEFAULT ? UNTOUCHED : undefined));
  return record && { record, document: () => record.policy };
}
