/*
 * Asking how far requests are, and calling one back.
 * https://docs.aws.amazon.com/cloudcontrolapi/latest/APIReference/API_GetResourceRequestStatus.html
 */
import type {
  CancelResourceRequestInput,
  CancelResourceRequestOutput,
  GetResourceRequestStatusInput,
  GetResourceRequestStatusOutput,
  ListResourceRequestsInput,
  ListResourceRequestsOutput,
} from '@aws-sdk/client-cloudcontrol';
import { AwsError } from '../../kernel/errors.ts';
import { page } from '../../kernel/paging.ts';
import type { Context } from '../../kernel/service.ts';
import { progressOf, type Request, requests } from './request.ts';
import { invalid } from './types.ts';

const PAGE = 100;

export function getResourceRequestStatus(
  ctx: Context,
  { RequestToken: token }: GetResourceRequestStatusInput,
): GetResourceRequestStatusOutput {
  return { ProgressEvent: progressOf(token!, find(ctx, token!)) };
}

/** Newest first. */
export function listResourceRequests(ctx: Context, input: ListResourceRequestsInput): ListResourceRequestsOutput {
  const { Operations: operations, OperationStatuses: statuses } = input.ResourceRequestStatusFilter ?? {};
  const found = ctx
    .rows(requests)
    .list()
    .filter(([, { operation, status }]) => isIn(operations, operation) && isIn(statuses, status))
    .sort(([a, { madeAt: one }], [b, { madeAt: other }]) => other - one || (a < b ? -1 : 1));
  const tokens = found.map(([token]) => token);
  const { items, nextToken } = page(
    (after, limit) => {
      const start = after === undefined ? 0 : tokens.indexOf(after) + 1;
      return found.slice(start, start + limit);
    },
    {
      token: input.NextToken,
      limit: input.MaxResults,
      most: PAGE,
      invalid: () => invalid('The NextToken is not valid.'),
    },
  );
  return {
    ResourceRequestStatusSummaries: items.map(([token, request]) => progressOf(token, request)),
    ...(nextToken && { NextToken: nextToken }),
  };
}

const isIn = (wanted: readonly string[] | undefined, value: string) => !wanted?.length || wanted.includes(value);

/** Work begins at once and is not broken off: there is nothing to call back but what is done already. */
export function cancelResourceRequest(
  ctx: Context,
  { RequestToken: token }: CancelResourceRequestInput,
): CancelResourceRequestOutput {
  const request = find(ctx, token!);
  if (request.status !== 'IN_PROGRESS') {
    throw invalid(`The request ${token} is ${request.status}: only one that is in progress can be canceled.`);
  }
  throw new AwsError(
    'ConcurrentModificationException',
    `The request ${token} is being worked on, and Carillon does not break it off.`,
  );
}

function find(ctx: Context, token: string): Request {
  const request = ctx.rows(requests).get(token);
  if (request) return request;
  throw new AwsError('RequestTokenNotFoundException', `Request with token ${token} does not exist`);
}
