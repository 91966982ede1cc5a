/*
 * What a user waits for, in words: `function ring ran 10 times`, `function ring failed`, `function ring logged "done"`.
 * A condition is watched from the moment it is asked for; what happened before does not count.
 */

import type { Scope } from './kernel/arn.ts';
import type { Watch } from './kernel/clock.ts';
import type { Journal, JournalNote } from './kernel/journal.ts';
import type { CallFunction } from './kernel/service.ts';

/** The part of the engine that conditions look at. */
export interface Watched {
  readonly journal: Pick<Journal, 'subscribe'>;
  readonly call: CallFunction<Partial<Scope>>;
}

const USAGE =
  'Write it as: function NAME ran 10 times, function NAME failed, function NAME logged "text", or any function failed.';
const WORDS: Readonly<Record<string, number>> = { once: 1, twice: 2 };

/** Watches for a condition from now on; throws RangeError, saying how one is written, when it is none. */
export function watchFor(text: string, engine: Watched, now: number): Watch {
  const match = CONDITION.exec(text.trim());
  if (!match) throw new RangeError(`"${text}" is not a condition. ${USAGE}`);
  const [, name, verb, count, line] = match;
  if (name !== undefined && line !== undefined) return logged(engine, name, line, now);
  if (line !== undefined) throw new RangeError(`Which function is to log? ${USAGE}`);
  return counted(engine, name, verb === 'failed', count ? (WORDS[count] ?? Number.parseInt(count, 10)) : 1);
}

const CONDITION = /^(?:function ([\w-]+)|any function) (?:(ran|failed)(?: (once|twice|\d+ times?))?|logged "(.+)")$/;

function counted(engine: Watched, name: string | undefined, failures: boolean, times: number): Watch {
  let seen = 0;
  const close = engine.journal.subscribe((note) => {
    if (isInvocation(note, name) && !(failures && note.outcome === 'ok')) seen++;
  });
  return { holds: () => seen >= times, close };
}

/** Looks into the function's log group whenever something was written to one. */
function logged(engine: Watched, name: string, text: string, now: number): Watch {
  const written = new Map<string, Scope>();
  const close = engine.journal.subscribe(({ subject, scope }) => {
    if (subject === 'logs:PutLogEvents') written.set(`${scope.account}/${scope.region}`, scope);
  });
  const search = { logGroupName: `/aws/lambda/${name}`, filterPattern: JSON.stringify(text), startTime: now, limit: 1 };
  const found = async (scope: Scope) => {
    const { events = [] } = await engine.call('logs', 'FilterLogEvents', search, scope).catch(() => ({ events: [] }));
    return events.length > 0;
  };
  const holds = async () => {
    const scopes = [...written.values()];
    written.clear();
    for (const scope of scopes) if (await found(scope)) return true;
    return false;
  };
  return { holds, close };
}

function isInvocation({ kind, subject }: JournalNote, name: string | undefined): boolean {
  return kind === 'invocation' && (name === undefined || subject.endsWith(`:function:${name}`));
}
