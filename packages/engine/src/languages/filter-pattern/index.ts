/*
 * The filter patterns of CloudWatch Logs, which choose log events by their messages: terms, a condition on JSON,
 * or a condition on space-delimited fields. A pattern is compiled once; its work on a message is linear in the
 * message's length.
 *
 * AWS: "Filter pattern syntax for metric filters, subscription filters, filter log events, and Live Tail",
 * AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
import { takeFieldsPattern } from './fields.ts';
import { takeJsonPattern } from './json.ts';
import { FilterPatternError, Scanner } from './scanner.ts';
import { takeTerms } from './terms.ts';

export { FilterPatternError };

/** The longest pattern, in characters: the API model's bound on `FilterPattern`. */
const MAX_LENGTH = 1024;

/** A compiled pattern. */
export interface FilterPattern {
  /** What the pattern takes a message for. */
  readonly kind: 'terms' | 'json' | 'fields';
  /** Whether a message is one that the pattern chooses. */
  matches(message: string): boolean;
}

const KINDS = {
  terms: takeTerms,
  json: takeJsonPattern,
  fields: takeFieldsPattern,
};

/** Compiles a pattern; the empty one matches every message. Throws FilterPatternError. */
export function parseFilterPattern(text: string): FilterPattern {
  if (text.length > MAX_LENGTH) throw new FilterPatternError();
  const scanner = new Scanner(text);
  const kind = kindOf(text);
  const matches = KINDS[kind](scanner);
  if (!scanner.done) throw scanner.unexpected();
  return { kind, matches };
}

function kindOf(text: string): FilterPattern['kind'] {
  const start = text.trimStart().charAt(0);
  if (start === '{') return 'json';
  return start === '[' ? 'fields' : 'terms';
}
