/*
 * Which rules an event goes to: the patterns of all enabled rules of a bus in one matcher, which reads the event once
 * whatever the number of rules.
 *
 * Matchers live beside the tables, and follow them: whatever changes a rule that has a pattern puts a new row for its
 * bus in `revisions`, and a matcher that was made by another row is brought up to date before it is used. Rows are told
 * apart by identity, so a change that was taken back takes its row back too.
 */
import { AwsError } from '../../kernel/errors.ts';
import { type Context, resource } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import {
  createMatcher,
  type EventPattern,
  EventPatternError,
  type Matcher,
  parsePattern,
} from '../../languages/event-pattern/index.ts';
import type { BusEvent } from './event.ts';
import { isEnabled, type Rule, rules } from './rule.ts';

/** By bus: when its rules last changed. Each change makes another row, be it at the same moment. */
const revisions = table<{ readonly at: number }>('eventbridge.revisions');

interface Routes {
  revision: { readonly at: number } | undefined;
  readonly matcher: Matcher<string>;
  /** The rules whose patterns the matcher has, by key. */
  readonly held: Map<string, Rule>;
}

/** By account, region and bus. */
const routesOfBuses = resource({
  open: () => new Map<string, Routes>(),
  close: (all) => all.clear(),
});
/** How many buses have their matchers at hand; beyond, all are made anew as they are needed. */
const BUSES_LIMIT = 10_000;

/** Throws AWS's error when the pattern is none. */
export function readPattern(text: string): EventPattern {
  try {
    return parsePattern(text);
  } catch (error) {
    if (!(error instanceof EventPatternError)) throw error;
    throw new AwsError('InvalidEventPatternException', error.message);
  }
}

/** Keys of the enabled rules whose patterns an event matches, in order. Throws EventError on what has no JSON object for its detail. */
export function rulesFor(ctx: Context, bus: string, { json, detailAt }: BusEvent): string[] {
  const routes = routesOf(ctx, bus);
  const revision = ctx.rows(revisions).get(bus);
  if (routes.revision !== revision) bringUpToDate(ctx, bus, routes);
  routes.revision = revision;
  return routes.matcher.match(json, detailAt).sort();
}

/** To be called whenever a rule that has a pattern was put, changed or deleted. */
export function reviseRoutes(ctx: Context, bus: string): void {
  ctx.rows(revisions).put(bus, { at: ctx.now });
}

/** To be called when a bus is deleted. */
export function forgetRoutes(ctx: Context, bus: string): void {
  ctx.rows(revisions).delete(bus);
}

function routesOf(ctx: Context, bus: string): Routes {
  const all = ctx.use(routesOfBuses);
  const key = `${ctx.scope.account}/${ctx.scope.region}/${bus}`;
  const known = all.get(key);
  if (known) return known;
  if (all.size >= BUSES_LIMIT) all.clear();
  const routes = { revision: undefined, matcher: createMatcher(), held: new Map() };
  all.set(key, routes);
  return routes;
}

/** Only what differs is read: rules as kept never change. */
function bringUpToDate(ctx: Context, bus: string, { matcher, held }: Routes): void {
  const wanted = new Map(
    ctx
      .rows(rules)
      .list({ prefix: `${bus}/` })
      .filter(([, rule]) => rule.pattern && isEnabled(rule)),
  );
  for (const key of held.keys()) {
    if (wanted.has(key)) continue;
    matcher.remove(key);
    held.delete(key);
  }
  for (const [key, rule] of wanted) {
    if (held.get(key) === rule) continue;
    // An archive's rule asks a little more than the client, who had all the room there is.
    matcher.add(key, parsePattern(rule.pattern!, Number.POSITIVE_INFINITY));
    held.set(key, rule);
  }
}
