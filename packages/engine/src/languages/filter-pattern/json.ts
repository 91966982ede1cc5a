/*
 * Patterns for JSON log events: `{ $.user.id = 1 && ($.error IS TRUE || $.items[0].name = "a*") }`.
 *
 * AWS: "Using filter patterns to match terms in JSON log events",
 * AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html
 */
import { type Condition, takeComparison, takeCondition } from './comparison.ts';
import { FilterPatternError, type Scanner } from './scanner.ts';

/** A step from a JSON value to one within it, or to all with `*`. */
type Step = string | number | typeof EVERY;
const EVERY = Symbol('*');

/** Takes `{ condition }`; the condition is on a message's text, which must be a JSON object. */
export function takeJsonPattern(scanner: Scanner): Condition<string> {
  scanner.expect('{');
  const condition = takeCondition<unknown>(scanner, () => takeSelectorCondition(scanner));
  scanner.expect('}');
  return (message) => {
    const document = parseObject(message);
    return document !== undefined && condition(document);
  };
}

function takeSelectorCondition(scanner: Scanner): Condition<unknown> {
  const steps = takeSelector(scanner);
  if (scanner.takeMatch(/NOT\s+EXISTS\b/y)) return (document) => select(document, steps).length === 0;
  const is = scanner.takeMatch(/IS\s+(NULL|TRUE|FALSE)\b/y);
  if (is) {
    const wanted = JSON.parse(is[1]!.toLowerCase()) as unknown;
    return (document) => select(document, steps).includes(wanted);
  }
  const holds = takeComparison(scanner);
  return (document) => select(document, steps).some((value) => isValue(value) && holds(value));
}

const NAME = /\.([\w-]+)/y;
const INDEX = /\[(\d{1,9})\]/y;
const BRACKETED_NAME = /\.?\[(?:'([^']+)'|"([^"]+)")\]/y;
const WILDCARD = /\.\*|\[\*\]/y;

/** `$.users[0].name`, `$.['cluster.name']`, `$.items[*].id`; at most one wildcard. */
function takeSelector(scanner: Scanner): Step[] {
  scanner.expect('$');
  const steps: Step[] = [];
  for (let step = takeStep(scanner); step !== undefined; step = takeStep(scanner)) steps.push(step);
  if (steps.length === 0) throw scanner.unexpected();
  if (typeof steps[0] === 'number' || steps.filter((step) => step === EVERY).length > 1) throw new FilterPatternError();
  return steps;
}

function takeStep(scanner: Scanner): Step | undefined {
  if (scanner.takeMatch(WILDCARD)) return EVERY;
  const bracketed = scanner.takeMatch(BRACKETED_NAME);
  if (bracketed) return bracketed[1] ?? bracketed[2];
  const index = scanner.takeMatch(INDEX);
  if (index) return Number(index[1]);
  return scanner.takeMatch(NAME)?.[1];
}

/** All values that a selector points to: one, none, or several with a wildcard. */
function select(document: unknown, steps: readonly Step[]): unknown[] {
  return steps.reduce<unknown[]>((values, step) => values.flatMap((value) => stepInto(value, step)), [document]);
}

function stepInto(value: unknown, step: Step): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if (step === EVERY) return Object.values(value);
  if (Array.isArray(value) !== (typeof step === 'number') || !Object.hasOwn(value, step)) return [];
  // In an array, so that a value that is itself an array stays one value.
  return [(value as Record<string | number, unknown>)[step]];
}

/** Selectors point to strings and numbers; on all else, comparisons do not hold, not even `!=`. */
function isValue(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

function parseObject(message: string): unknown {
  if (!/^\s*\{/.test(message)) return undefined;
  try {
    return JSON.parse(message) as unknown;
  } catch {
    return undefined;
  }
}
