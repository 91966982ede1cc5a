/*
 * Who calls. Credentials that Carillon gave out stand for whom they were given to; any other are taken as the
 * account's root user, who may do everything, since any credentials are welcome here.
 */
import type { GetAccessKeyInfoRequest, GetAccessKeyInfoResponse, GetCallerIdentityResponse } from '@aws-sdk/client-sts';
import { accountOf } from '../../kernel/access-keys.ts';
import { partitionOf } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import { sessionArn } from '../../kernel/guard.ts';
import type { Context, WaitingContext } from '../../kernel/service.ts';
import { LOOKING_UP, lookUp, parseRoleArn } from './roles.ts';
import { isOwnToken, type NamedIdentity, sessions } from './sessions.ts';

export async function getCallerIdentity(ctx: WaitingContext): Promise<GetCallerIdentityResponse> {
  const { arn, userId } = await callerOf(ctx);
  return { UserId: userId, Account: ctx.scope.account, Arn: arn };
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetAccessKeyInfo.html */
export function getAccessKeyInfo(ctx: Context, input: GetAccessKeyInfoRequest): GetAccessKeyInfoResponse {
  return { Account: accountOf(input.AccessKeyId!) ?? ctx.scope.account };
}

/** The identity behind the credentials of a call. */
export async function callerOf(ctx: WaitingContext): Promise<NamedIdentity> {
  const { accessKeyId, sessionToken } = ctx.caller;
  const { account, region } = ctx.scope;
  const root = { arn: `arn:${partitionOf(region)}:iam::${account}:root`, userId: account, roleArn: null };
  if (ctx.caller.roleArn !== undefined) return actorOf(ctx, ctx.caller.roleArn);
  if (accessKeyId === undefined) return root;
  const session = await ctx.transact((inner) => inner.rows(sessions).get(accessKeyId));
  if (session) return session;
  if (isOwnToken(sessionToken)) {
    throw new AwsError('ExpiredToken', 'The security token included in the request is expired', { status: 403 });
  }
  return (await userOf(ctx, accessKeyId)) ?? root;
}

/** A function in its role. */
async function actorOf(ctx: WaitingContext, roleArn: string): Promise<NamedIdentity> {
  const arn = sessionArn(roleArn, ctx.caller.sourceArn);
  const role = parseRoleArn(roleArn);
  const userId = role ? `${(await lookUp(ctx, role)).id}:${arn.split('/').at(-1)}` : ctx.scope.account;
  return { arn, userId, roleArn };
}

/** The user to whom IAM gave an access key. */
async function userOf(ctx: WaitingContext, accessKeyId: string): Promise<NamedIdentity | undefined> {
  if (!accessKeyId.startsWith('AKIA') || accountOf(accessKeyId) === undefined) return undefined;
  try {
    const { UserName } = await ctx.call('iam', 'GetAccessKeyLastUsed', { AccessKeyId: accessKeyId }, LOOKING_UP);
    const { User } = await ctx.call('iam', 'GetUser', { UserName }, LOOKING_UP);
    return { arn: User!.Arn!, userId: User!.UserId!, roleArn: null };
  } catch (error) {
    if (error instanceof AwsError && error.code === 'NoSuchEntity') return undefined;
    throw error;
  }
}
