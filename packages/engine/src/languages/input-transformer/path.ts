/*
 * The JSON paths that EventBridge follows: from `$` through names, array indices and wildcards.
 *
 * AWS does not look at a path when a target is put, only when an event comes, and then does not know all of JSONPath.
 * So a path in a syntax outside of this subset is taken, and leads nowhere.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */

/** A step into a value: a member's name, an element's index, or all members or elements. */
type Step = string | number | typeof ALL;

/** The steps of a path from the event; `undefined` for a path that leads nowhere. */
export type Path = readonly Step[] | undefined;

const ALL = Symbol('*');
/** `.name`, `.*`, `[0]`, `[*]`, `['name']` or `["name"]`. */
const STEP = /\.([\w/-]+|\*)|\[(\d{1,9}|\*)\]|\[(?:'([^']+)'|"([^"]+)")\]/y;

/** Reads a path from behind its `$`. */
export function parsePath(text: string): Path {
  const steps: Step[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < text.length) {
    const match = STEP.exec(text);
    if (!match) return undefined;
    const [, name, index, single, double] = match;
    if (name === '*' || index === '*') steps.push(ALL);
    else if (index !== undefined) steps.push(Number(index));
    else steps.push((name ?? single ?? double)!);
  }
  return steps;
}

/** Whether a path means the whole event. */
export function isWhole(path: Path): boolean {
  return path?.length === 0;
}

/** What a path leads to, `undefined` when there is no such thing; through a wildcard, an array of all there is. */
export function follow(path: Path, value: unknown): unknown {
  if (path === undefined) return undefined;
  let found = [value];
  for (const step of path) found = found.flatMap((from) => take(from, step));
  return path.includes(ALL) ? found : found[0];
}

/** The values one step further: none, one, or with a wildcard any number. */
function take(value: unknown, step: Step): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  if (step === ALL) return Object.values(value);
  const reachable = Array.isArray(value) === (typeof step === 'number') && Object.hasOwn(value, step);
  return reachable ? [(value as Record<string | number, unknown>)[step]] : [];
}
