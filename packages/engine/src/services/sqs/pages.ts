/* Pages of queues: a thousand unless fewer are asked for, and only who asks gets a token for the next. */
import type { AwsError } from '../../kernel/errors.ts';
import { invalidParameter, invalidValue } from './errors.ts';

/** The most queues that a page holds. */
export const PAGE = 1_000;

/** A page's size where one is asked for. */
export function pageSize(asked: number | undefined): number | undefined {
  if (asked !== undefined && (asked < 1 || asked > PAGE)) {
    throw invalidValue(asked, 'MaxResults', `MaxResults must be an integer between 1 and ${PAGE}.`);
  }
  return asked;
}

export function invalidToken(): AwsError {
  return invalidParameter('Invalid or expired next token.');
}
