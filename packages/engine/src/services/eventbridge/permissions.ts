/*
 * Policies of event buses: who may put events on them.
 *
 * Words and limits: EventBridge API Reference, PutPermission and RemovePermission; User Guide, "Permissions for event
 * buses" and "Amazon EventBridge quotas".
 */
import type { PutPermissionRequest, RemovePermissionRequest } from '@aws-sdk/client-eventbridge';
import { partitionOf } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { type Bus, busArn, buses, findBus } from './bus.ts';

interface Policy {
  readonly Version?: string;
  readonly Statement: readonly { readonly Sid?: string }[];
}

/** The longest policy, in characters. */
const LONGEST_POLICY = 10_240;
const EMPTY: Policy = { Version: '2012-10-17', Statement: [] };

export function putPermission(ctx: Context, input: PutPermissionRequest): void {
  const { name, bus } = findBus(ctx, input.EventBusName);
  const policy = input.Policy === undefined ? withStatement(ctx, name, bus, input) : wholePolicy(input);
  putPolicy(ctx, name, bus, policy);
}

export function removePermission(ctx: Context, input: RemovePermissionRequest): void {
  const { name, bus } = findBus(ctx, input.EventBusName);
  putPolicy(ctx, name, bus, input.RemoveAllPermissions ? EMPTY : withoutStatement(bus, input.StatementId));
}

/** A whole policy takes the place of the one before. */
function wholePolicy({ Policy, StatementId, Action, Principal, Condition }: PutPermissionRequest): Policy {
  if (StatementId ?? Action ?? Principal ?? Condition) {
    throw new AwsError('ValidationException', 'Policy cannot be given along with other parameters.');
  }
  return readPolicy(Policy!);
}

/** A statement takes the place of the one that has its id. */
function withStatement(ctx: Context, name: string, bus: Bus, input: PutPermissionRequest): Policy {
  const statement = statementOf(input, busArn(ctx.scope, name), partitionOf(ctx.scope.region));
  const policy = policyOf(bus) ?? EMPTY;
  return { ...policy, Statement: [...policy.Statement.filter(({ Sid }) => Sid !== statement.Sid), statement] };
}

function withoutStatement(bus: Bus, id: string | undefined): Policy {
  const policy = policyOf(bus);
  if (!policy) throw new AwsError('ResourceNotFoundException', 'EventBus does not have a policy.');
  const kept = policy.Statement.filter(({ Sid }) => Sid !== id);
  if (kept.length === policy.Statement.length) {
    throw new AwsError('ResourceNotFoundException', 'Statement with the provided id does not exist.');
  }
  return { ...policy, Statement: kept };
}

function putPolicy(ctx: Context, name: string, { policy: _before, ...bus }: Bus, policy: Policy): void {
  const text = JSON.stringify(policy);
  if (text.length > LONGEST_POLICY) {
    throw new AwsError('PolicyLengthExceededException', `The event bus policy exceeds ${LONGEST_POLICY} characters.`);
  }
  const kept = policy.Statement.length > 0 ? { policy: text } : {};
  ctx.rows(buses).put(name, { ...bus, ...kept, modifiedAt: ctx.now });
}

function policyOf({ policy }: Bus): Policy | undefined {
  return policy === undefined ? undefined : JSON.parse(policy);
}

/** A policy's text may hold a statement alone where a list could stand. */
function readPolicy(text: string): Policy {
  try {
    const policy = JSON.parse(text);
    const statements = [policy.Statement].flat();
    if (statements.every((one) => typeof one?.Effect === 'string')) return { ...policy, Statement: statements };
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
  }
  throw new AwsError('ValidationException', 'Parameter Policy is not valid.');
}

function statementOf(input: PutPermissionRequest, resource: string, partition: string) {
  const { StatementId, Action, Principal, Condition } = input;
  for (const [name, value] of Object.entries({ Action, Principal, StatementId })) {
    if (value !== undefined) continue;
    const reason = `${name} is a required argument.`;
    throw new AwsError('ValidationException', `Parameter ${name} is not valid. Reason: ${reason}`);
  }
  return {
    Sid: StatementId!,
    Effect: 'Allow',
    Principal: Principal === '*' ? '*' : { AWS: `arn:${partition}:iam::${Principal}:root` },
    Action,
    Resource: resource,
    ...(Condition && { Condition: { [Condition.Type!]: { [Condition.Key!]: Condition.Value } } }),
  };
}
