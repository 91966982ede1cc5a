/*
 * EventBridge's event patterns: read once, with AWS's words for what is wrong, and matched with events, many at a
 * time, by the bytes of the event.
 */
import { createMatcher, type Matcher } from './matcher.ts';
import { type EventPattern, parsePattern } from './pattern.ts';

export { EventError, EventPatternError } from './error.ts';
export {
  type AlternativeExplanation,
  type Explanation,
  explain,
  type FieldExplanation,
  type Reason,
} from './explain.ts';
export { createMatcher, type EventPattern, type Matcher, parsePattern };

/** Whether an event, as JSON text, matches a pattern. Throws EventError when it is not a JSON object. */
export function matchesPattern(pattern: EventPattern, event: Buffer | string): boolean {
  const matcher = createMatcher();
  matcher.add('', pattern);
  return matcher.match(event).length > 0;
}
