/*
 * Where answers to CloudFormation arrive: URLs like the presigned ones of S3 that AWS gives out, to which custom
 * resources and waiting scripts PUT a small JSON document, whatever they say of its type.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
 */
import type { Scope } from '../../kernel/arn.ts';
import type { Context, Host, WaitingContext, WebReply, WebRequest } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { wake } from './waiting.ts';

/** A document that was put, by the token of its URL. */
export interface Responses {
  readonly bodies: readonly string[];
  /** When what asks for them was sent, epoch milliseconds; absent while it may have to be sent yet. */
  readonly sentAt?: number;
}

export const responses = table<Responses>('cloudformation.responses');

/** The largest response, in bytes; a longer one is kept as far as to tell that it is. */
export const MOST_RESPONSE_BYTES = 4_096;
/** So many documents are taken at one URL. */
const MOST_RESPONSES = 1_000;

/** Opens a URL for a token. */
export function expectResponses(ctx: Context, token: string): void {
  if (!ctx.rows(responses).has(token)) ctx.rows(responses).put(token, { bodies: [] });
}

export function noteSent(ctx: Context, token: string, sentAt: number): void {
  const held = ctx.rows(responses).get(token);
  if (held) ctx.rows(responses).put(token, { ...held, sentAt });
}

export function responseUrl(host: Host, { account, region }: Scope, token: string): string {
  const signature = host.secretFor(`cloudformation response ${token}`).slice(0, 28);
  const query = new URLSearchParams({ AWSAccessKeyId: 'AKIACARILLON', Expires: '0', Signature: signature });
  return `${host.endpoint}/_carillon/cloudformation/${account}/${region}/${token}?${query}`;
}

/** Takes what is put at such a URL, whatever its type. */
export async function receiveResponse(ctx: WaitingContext, { method, path, body }: WebRequest): Promise<WebReply> {
  const [, account, region, token] = /^\/_carillon\/cloudformation\/(\d{12})\/([a-z0-9-]+)\/([\w-]+)$/.exec(path) ?? [];
  if (method !== 'PUT' || account === undefined) return { status: 404, body: 'Not found\n' };
  const text = body.subarray(0, MOST_RESPONSE_BYTES + 1).toString();
  const taken = await ctx.transact((tx) => take(tx.within({ account, region: region! }), token!, text));
  return taken ? { status: 200 } : { status: 403, body: 'Request has expired\n' };
}

function take(ctx: Context, token: string, text: string): boolean {
  const held = ctx.rows(responses).get(token);
  if (!held) return false;
  ctx.rows(responses).put(token, { ...held, bodies: [...held.bodies, text].slice(0, MOST_RESPONSES) });
  wake(ctx, `response ${token}`);
  return true;
}
