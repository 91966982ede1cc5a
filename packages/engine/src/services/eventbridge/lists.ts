/* Lists of EventBridge: their pages, and filters that exclude each other. */
import { AwsError } from '../../kernel/errors.ts';
import { page } from '../../kernel/paging.ts';

/** The largest page of any list (API Reference: LimitMax100). */
const LARGEST_PAGE = 100;

export interface ListRequest {
  readonly NextToken?: string | undefined;
  readonly Limit?: number | undefined;
}

/** A page of what a list finds after a key, in order, and AWS's token of the next. */
export function pageBy<T>(
  list: (after: string | undefined, limit: number) => [key: string, item: T][],
  { NextToken, Limit }: ListRequest,
): { items: [key: string, item: T][]; NextToken?: string } {
  const { items, nextToken } = page(list, {
    token: NextToken,
    limit: Limit,
    most: LARGEST_PAGE,
    invalid: invalidToken,
  });
  return { items, ...(nextToken && { NextToken: nextToken }) };
}

/** A page of what is at hand, in order of its keys. */
export function pageOf<T>(all: readonly [key: string, item: T][], request: ListRequest) {
  return pageBy<T>((after = '', limit) => all.filter(([key]) => key > after).slice(0, limit), request);
}

/** Throws AWS's error when more than one filter is given. */
export function onlyOneFilter(operation: string, filters: Record<string, unknown>): void {
  if (Object.values(filters).filter((filter) => filter !== undefined).length <= 1) return;
  const names = Object.keys(filters);
  const choice = `${names.slice(0, -1).join(', ')}, or ${names.at(-1)}`;
  throw new AwsError('ValidationException', `At most one filter is allowed for ${operation}. Use either : ${choice}.`);
}

function invalidToken(): AwsError {
  return new AwsError('ValidationException', 'The token in NextToken is not valid.');
}
