/*
 * Sessions of roles and of callers themselves.
 *
 * A role that does not exist can be assumed all the same: the CDK assumes the roles of its bootstrap stack before
 * that stack is there, and a role of another account is nobody's to look up.
 */
import { createHash } from 'node:crypto';
import type {
  AssumeRoleRequest,
  AssumeRoleResponse,
  GetSessionTokenRequest,
  GetSessionTokenResponse,
} from '@aws-sdk/client-sts';
import { type Arn, parseArn } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { WaitingContext } from '../../kernel/service.ts';
import { PolicyError, validatePolicy } from '../../languages/iam-policy/index.ts';
import { callerOf } from './identity.ts';
import { openSession } from './sessions.ts';

const HOUR_S = 3_600;

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export async function assumeRole(ctx: WaitingContext, input: AssumeRoleRequest): Promise<AssumeRoleResponse> {
  const { RoleSessionName: sessionName, DurationSeconds: durationSeconds = HOUR_S, SourceIdentity } = input;
  const arn = roleArnOf(input.RoleArn!);
  if (input.Policy !== undefined) checkSessionPolicy(input.Policy);
  const caller = await callerOf(ctx);
  if (caller.roleArn !== null && durationSeconds > HOUR_S) {
    throw invalid('The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining');
  }
  const role = await lookUp(ctx, arn);
  if (durationSeconds > role.maxSessionSeconds) {
    throw invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
  const session = {
    arn: `arn:${arn.partition}:sts::${arn.account}:assumed-role/${arn.name}/${sessionName}`,
    userId: `${role.id}:${sessionName}`,
    roleArn: input.RoleArn!,
    ...(input.Policy !== undefined && { sessionPolicy: input.Policy }),
  };
  const Credentials = await ctx.transact((inner) => openSession(inner, arn.account, session, durationSeconds));
  return {
    Credentials,
    AssumedRoleUser: { AssumedRoleId: session.userId, Arn: session.arn },
    ...(SourceIdentity !== undefined && { SourceIdentity }),
  };
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html */
export async function getSessionToken(
  ctx: WaitingContext,
  { DurationSeconds: durationSeconds = 12 * HOUR_S }: GetSessionTokenRequest,
): Promise<GetSessionTokenResponse> {
  const caller = await callerOf(ctx);
  if (caller.roleArn !== null || ctx.caller.sessionToken !== undefined) {
    throw new AwsError('AccessDenied', 'Cannot call GetSessionToken with session credentials', { status: 403 });
  }
  const Credentials = await ctx.transact((inner) => openSession(inner, ctx.scope.account, caller, durationSeconds));
  return { Credentials };
}

type RoleArn = Arn & { name: string };

function roleArnOf(text: string): RoleArn {
  const arn = parseArn(text);
  if (!arn) throw invalid(`${text} is invalid`);
  const name = /^role\/(?:.*\/)?([^/]+)$/.exec(arn.resource)?.[1];
  if (arn.service !== 'iam' || !/^\d{12}$/.test(arn.account) || !name) throw invalid('Request ARN is invalid');
  return { ...arn, name };
}

/** What IAM knows of a role; the defaults where it does not know the role, with an id that depends on the name alone. */
async function lookUp(ctx: WaitingContext, arn: RoleArn): Promise<{ id: string; maxSessionSeconds: number }> {
  const unknown = { id: unknownRoleId(arn), maxSessionSeconds: 12 * HOUR_S };
  if (arn.account !== ctx.scope.account) return unknown;
  try {
    const { Role } = await ctx.call('iam', 'GetRole', { RoleName: arn.name });
    return { id: Role!.RoleId!, maxSessionSeconds: Role!.MaxSessionDuration! };
  } catch (error) {
    if (error instanceof AwsError && error.code === 'NoSuchEntity') return unknown;
    throw error;
  }
}

function unknownRoleId({ account, resource }: RoleArn): string {
  const digits = createHash('sha256').update(`${account}:${resource}`).digest('hex').toUpperCase();
  return `AROA${digits.slice(0, 17)}`;
}

function checkSessionPolicy(document: string): void {
  try {
    validatePolicy(document, 'inline');
  } catch (error) {
    if (error instanceof PolicyError) throw new AwsError('MalformedPolicyDocument', error.message);
    throw error;
  }
}

function invalid(message: string): AwsError {
  return new AwsError('ValidationError', message);
}
