/*
 * Records as they are kept: frozen in depth, so that what is read can be handed out, and with one string for all
 * that are equal. Millions of rows repeat a few states, roles and expressions.
 */

/** Longer strings seldom repeat. */
const LONGEST_SHARED = 64;
/** How many strings are remembered before all are forgotten, the common ones to be met again soon. */
const SHARED_LIMIT = 10_000;

const shared = new Map<string, string>();

/** The value itself, as it may be kept. It is the store's from now on. */
export function kept<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  const parts = value as Record<string, unknown>;
  for (const name of Object.keys(parts)) {
    const part = parts[name];
    if (typeof part === 'object') kept(part);
    else if (typeof part === 'string' && part.length <= LONGEST_SHARED) parts[name] = share(part);
  }
  return Object.freeze(value);
}

function share(text: string): string {
  const known = shared.get(text);
  if (known !== undefined) return known;
  if (shared.size >= SHARED_LIMIT) shared.clear();
  shared.set(text, text);
  return text;
}
