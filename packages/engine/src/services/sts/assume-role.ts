/*
 * Sessions of roles and of callers themselves.
 *
 * A role that does not exist can be assumed all the same: the CDK assumes the roles of its bootstrap stack before
 * that stack is there, and a role of another account is nobody's to look up.
 */
import type {
  AssumeRoleRequest,
  AssumeRoleResponse,
  GetSessionTokenRequest,
  GetSessionTokenResponse,
} from '@aws-sdk/client-sts';
import { parseArn } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { WaitingContext } from '../../kernel/service.ts';
import { PolicyError, validatePolicy } from '../../languages/iam-policy/index.ts';
import { callerOf } from './identity.ts';
import { HOUR_S, lookUp, parseRoleArn, type RoleArn } from './roles.ts';
import { openSession } from './sessions.ts';

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

function roleArnOf(text: string): RoleArn {
  const role = parseRoleArn(text);
  if (role) return role;
  throw invalid(parseArn(text) ? 'Request ARN is invalid' : `${text} is invalid`);
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
