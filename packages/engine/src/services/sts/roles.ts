/* What is known of the roles that sessions are of. */
import { createHash } from 'node:crypto';
import { type Arn, parseArn } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { WaitingContext } from '../../kernel/service.ts';

export const HOUR_S = 3_600;

/** What STS asks of IAM it asks on its own behalf: its callers need no permission for that. */
export const LOOKING_UP = { caller: {} } as const;

export type RoleArn = Arn & { name: string };

/** Undefined for what is not the ARN of a role. */
export function parseRoleArn(text: string): RoleArn | undefined {
  const arn = parseArn(text);
  const name = /^role\/(?:.*\/)?([^/]+)$/.exec(arn?.resource ?? '')?.[1];
  return arn?.service === 'iam' && /^\d{12}$/.test(arn.account) && name ? { ...arn, name } : undefined;
}

/** What IAM knows of a role; the defaults where it does not know the role, with an id that depends on the name alone. */
export async function lookUp(ctx: WaitingContext, arn: RoleArn): Promise<{ id: string; maxSessionSeconds: number }> {
  const unknown = { id: unknownRoleId(arn), maxSessionSeconds: 12 * HOUR_S };
  if (arn.account !== ctx.scope.account) return unknown;
  try {
    const { Role } = await ctx.call('iam', 'GetRole', { RoleName: arn.name }, LOOKING_UP);
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
