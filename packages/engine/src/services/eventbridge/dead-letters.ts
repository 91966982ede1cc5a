/*
 * What EventBridge's dead letters call what went wrong: words of its own, not those of the target.
 *
 * AWS: EventBridge User Guide, "Using dead-letter queues to process undelivered events".
 */
import type { AwsError } from '../../kernel/errors.ts';

/** Words by the codes that they stand for: the first that fits counts. */
const WORDS: readonly (readonly [code: RegExp, word: string])[] = [
  [/^ThirdEventBus$/, 'THIRD_ACCOUNT_HOP_DETECTED'],
  [/NotFound|NonExistent|DoesNotExist|NoSuch/, 'NO_RESOURCE'],
  [/AccessDenied|NotAuthorized|Authorization|Forbidden/, 'NO_PERMISSIONS'],
  [/Throttl|TooManyRequests/, 'THROTTLING'],
  [/LimitExceeded|OverLimit/, 'RESOURCE_LIMIT_EXCEEDED'],
  [/AlreadyExists/, 'RESOURCE_ALREADY_EXISTS'],
  [/Malformed|InvalidRequestContent|InvalidJson/, 'INVALID_JSON'],
  [/Parameter|Validation|InvalidAttribute|InvalidInput|InvalidMessage/, 'INVALID_PARAMETER'],
  [/Timeout|TimedOut/, 'TIMEOUT'],
];

/** The word for an error of a target. */
export function deadLetterCode({ code }: AwsError): string {
  return WORDS.find(([codes]) => codes.test(code))?.[1] ?? 'ERROR_FROM_TARGET';
}
