/*
 * Sessions: temporary credentials and the identity that they stand for. A session is kept under its access key in
 * the account that the key itself names, and goes when it has expired.
 */

import type { Identity } from '../../kernel/access.ts';
import { createCredentials } from '../../kernel/access-keys.ts';
import { dateOf } from '../../kernel/clock.ts';
import type { IssuedCredentials } from '../../kernel/keyring.ts';
import type { Context, DueWork } from '../../kernel/service.ts';
import type { TableReader } from '../../kernel/state/table.ts';
import { table } from '../../kernel/state/table.ts';

/** Who a caller is to the outside. */
export interface NamedIdentity extends Identity {
  /** `AROA…:<session name>` of a role session, `AIDA…` of a user, the account's number of a root user. */
  readonly userId: string;
}

export interface Session extends NamedIdentity {
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export const sessions = table<Session>('sts.sessions', { scope: 'account' });

/** How every session token of Carillon begins, by which one that is no longer known is told from a foreign one. */
const TOKEN_MARK = Buffer.from('carillon/').toString('base64');

/** A token is as long as three secrets. */
const TOKEN_PARTS = [1, 2, 3];

/** Opens a session of an account; answers its credentials as STS does. */
export function openSession(ctx: Context, account: string, identity: NamedIdentity, durationSeconds: number) {
  const { accessKeyId, secretAccessKey } = createCredentials('ASIA', account, ctx.host);
  const sessionToken =
    TOKEN_MARK + TOKEN_PARTS.map((part) => ctx.host.secretFor(`token ${part} of ${accessKeyId}`)).join('');
  const expiration = Math.floor(ctx.now / 1000 + durationSeconds) * 1000;
  const there = ctx.within({ ...ctx.scope, account });
  there.rows(sessions).put(accessKeyId, { ...identity, secretAccessKey, sessionToken });
  there.schedule({ kind: 'sts.expire', id: accessKeyId, due: expiration });
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: dateOf(expiration),
  };
}

/** What a caller with a session's credentials signs with. */
export function credentialsOf(rows: TableReader, accessKeyId: string): IssuedCredentials | undefined {
  return rows(sessions).get(accessKeyId);
}

/** Who a session's access key stands for. */
export function identityOf(rows: TableReader, accessKeyId: string): Identity | undefined {
  return rows(sessions).get(accessKeyId);
}

/** Due work: forgets a session. */
export function expireSession(ctx: Context, work: DueWork): void {
  ctx.rows(sessions).delete(work.id);
}

/** Whether a session token is one of ours, known or not. */
export function isOwnToken(sessionToken: string | undefined): boolean {
  return sessionToken?.startsWith(TOKEN_MARK) ?? false;
}
