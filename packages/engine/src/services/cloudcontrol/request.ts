/*
 * Requests that change resources: each is kept, is worked off by the agenda, and tells how far it is.
 * https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-operations-manage-requests.html
 */
import type { HandlerErrorCode, Operation, OperationStatus, ProgressEvent } from '@aws-sdk/client-cloudcontrol';
import type { Caller } from '../../kernel/access.ts';
import { dateOf } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context, Properties } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';

export const WORK = 'cloudcontrol.request';
export const FORGET = 'cloudcontrol.forget';
/** How long requests are listed, and how long their clients' tokens hold. */
const KEPT_MS = 7 * 24 * 3_600_000;

/** What is kept of a request. */
export interface Request {
  readonly type: string;
  readonly operation: Operation;
  readonly status: OperationStatus;
  /** Unknown of what is yet to be made. */
  readonly identifier?: string;
  /** What the resource is to be; a deleted one is to be nothing. */
  readonly properties?: Properties;
  readonly errorCode?: HandlerErrorCode;
  readonly message?: string;
  /** Epoch milliseconds: when it came, and when its status last changed. */
  readonly madeAt: number;
  readonly changedAt: number;
  /** Who acts: the client, or the role that it names. */
  readonly caller: Caller;
  readonly clientToken?: string;
  /** Whether work on it was begun: what is found then was made by it. */
  readonly begun?: true;
  /** What was asked, by which one that is asked again is known. */
  readonly asked: string;
}

/** By request token; while they are worked on, also by what they work on. */
export const requests = table<Request>('cloudcontrol.requests', {
  index: ({ type, identifier, status }) =>
    status === 'IN_PROGRESS' && identifier !== undefined ? subjectOf(type, identifier) : undefined,
});

/** Request tokens by clients' tokens. */
const clientTokens = table<string>('cloudcontrol.clientTokens');

export const subjectOf = (type: string, identifier: string) => `${type} ${identifier} `;

/** What a client asks. */
export interface Asked {
  readonly TypeName: string | undefined;
  readonly RoleArn?: string | undefined;
  readonly ClientToken?: string | undefined;
}

/** The request that a client's token stands for already. Throws AWS's error when it was for something else. */
export function earlier(ctx: Context, input: Asked): ProgressEvent | undefined {
  const token = input.ClientToken === undefined ? undefined : ctx.rows(clientTokens).get(input.ClientToken);
  if (token === undefined) return undefined;
  const request = ctx.rows(requests).get(token)!;
  if (request.asked === JSON.stringify(input)) return progressOf(token, request);
  throw new AwsError(
    'ClientTokenConflictException',
    `The client token ${input.ClientToken} has already been used in another resource request.`,
  );
}

/** Keeps a request and puts it on the agenda. Throws AWS's error while another one works on the same resource. */
export function begin(
  ctx: Context,
  input: Asked,
  wanted: Pick<Request, 'operation' | 'identifier' | 'properties'>,
): ProgressEvent {
  const { TypeName: type, RoleArn: roleArn, ClientToken: clientToken } = input;
  const { identifier } = wanted;
  if (identifier !== undefined) {
    const [busy] = ctx.rows(requests).list({ indexed: true, prefix: subjectOf(type!, identifier), limit: 1 });
    if (busy) {
      throw new AwsError(
        'ConcurrentOperationException',
        `Another resource operation, with the request token ${busy[0]}, is in progress on ${identifier} of ${type}.`,
      );
    }
  }
  const token = ctx.ids.uuid();
  const request: Request = {
    ...{ ...wanted, type: type!, status: 'IN_PROGRESS', madeAt: ctx.now, changedAt: ctx.now },
    caller: roleArn === undefined ? ctx.caller : { roleArn, principal: 'cloudformation.amazonaws.com' },
    ...(clientToken !== undefined && { clientToken }),
    asked: JSON.stringify(input),
  };
  ctx.rows(requests).put(token, request);
  if (clientToken !== undefined) ctx.rows(clientTokens).put(clientToken, token);
  ctx.schedule({ kind: WORK, id: token, due: ctx.now });
  ctx.schedule({ kind: FORGET, id: token, due: ctx.now + KEPT_MS });
  return progressOf(token, request);
}

/** Changes what a request tells. */
export function change(ctx: Context, token: string, changes: Partial<Request>): void {
  const request = ctx.rows(requests).get(token);
  if (request) ctx.rows(requests).put(token, { ...request, ...changes, changedAt: ctx.now });
}

export function forgetRequest(ctx: Context, token: string): void {
  const clientToken = ctx.rows(requests).get(token)?.clientToken;
  if (clientToken !== undefined) ctx.rows(clientTokens).delete(clientToken);
  ctx.rows(requests).delete(token);
}

/** A request as AWS tells how far it is. */
export function progressOf(token: string, request: Request): ProgressEvent {
  const { type, identifier, operation, status, properties, errorCode, message, changedAt } = request;
  return {
    TypeName: type,
    ...(identifier !== undefined && { Identifier: identifier }),
    RequestToken: token,
    Operation: operation,
    OperationStatus: status,
    EventTime: dateOf(changedAt),
    ...(properties && { ResourceModel: JSON.stringify(properties) }),
    ...(message !== undefined && { StatusMessage: message }),
    ...(errorCode !== undefined && { ErrorCode: errorCode }),
  };
}
