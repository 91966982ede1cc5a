/*
 * `carillon logs`: the events of log groups in the order of their time, and those to come: the journal tells which stream
 * got some, so that nothing is asked for again and again, in virtual time neither.
 */
import { AwsRefusal, awsOf, type CallAws } from '../aws.ts';
import { controlOf, followJournal, type ToldNote } from '../control.ts';
import { type Command, CommandError, textOf, UsageError, type Values } from '../options.ts';
import { ENGINE_OPTIONS, namedEndpointOf } from '../running.ts';
import { stopSignal } from '../signals.ts';
import { isTerminal, paint } from '../terminal.ts';

/** How far back it looks unless told: as `aws logs tail` does. */
const SINCE = '10m';
const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const COLOURS = ['cyan', 'magenta', 'yellow', 'green', 'blue'] as const;
/** How many pages are read of one group, and how many groups. */
const MOST_PAGES = 10_000;
/** Events that are remembered, so that none is told twice. */
const MOST_SEEN = 100_000;
/** How many names an error tells. */
const NAMED = 10;
const PREFIX = '/aws/lambda/';

interface LogEvent {
  readonly eventId: string;
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly message: string;
  readonly logStreamName: string;
}

/** An event and the group that it is of. */
type Told = LogEvent & { readonly group: string };

export const logs: Command = {
  name: 'logs',
  about: `Prints what functions wrote, and anything else in CloudWatch Logs, in the order of time: the last ${SINCE} of one group,
or of all. Moments are the engine's, in UTC.`,
  operands: 'GROUP|FUNCTION',
  options: {
    follow: { help: 'Go on with what is yet to come, until Ctrl-C' },
    filter: { value: 'PATTERN', help: "Only what matches, in CloudWatch Logs' pattern language" },
    since: { value: 'DURATION', help: `How far back: 90s, 10m, 2h, 3d, or a moment (${SINCE})` },
    stream: { value: 'PREFIX', help: 'Only streams whose names begin so' },
    ...ENGINE_OPTIONS,
    json: { help: 'Print the events as JSON, one a line' },
  },
  examples: [
    ['carillon logs till', 'what the function till wrote'],
    ['carillon logs --follow', 'all functions, as they write'],
    ['carillon logs till --filter ERROR --since 2d', 'what went wrong'],
    [`carillon logs /my/group --filter '{ $.level = "warn" }'`, 'any group, and JSON'],
  ],

  async run(values, [name, ...more]) {
    if (more.length > 0) throw new UsageError(`One group or function at a time, not ${more[0]} too; without any, all.`);
    const endpoint = namedEndpointOf(values);
    const { now } = (await controlOf(endpoint)('clock')) as { now: string };
    const { isoMillis, parseMoment } = await import('../engine.ts');
    const since = sinceOf(values, parseMoment(now), parseMoment);
    const call = awsOf(endpoint);
    const groups = await groupsOf(call);
    const wanted = name === undefined ? undefined : wantedGroup(groups, name);
    const print = printer(values, isoMillis, wanted === undefined);
    const search = (group: string, input: object) => eventsOf(call, group, { ...filterOf(values), ...input });

    const controller = new AbortController();
    const ready = Promise.withResolvers<void>();
    const { signal } = controller;
    const notes = values.follow
      ? followJournal(endpoint, { kinds: ['ingestion'], signal, onReady: () => ready.resolve() })
      : undefined;
    // What comes while the past is read waits in the stream.
    const first = notes?.next();
    first?.catch(ready.reject);
    if (first) await ready.promise;
    const past = await Promise.all(
      (wanted ? [wanted] : groups).map((group) => search(group, { startTime: since, ...prefixOf(values) })),
    );
    print(past.flat().sort((one, other) => one.timestamp - other.timestamp));
    if (!notes) return 0;
    void stopSignal().then(() => controller.abort());
    for (let next = await first!; !next.done; next = await notes.next()) {
      const found = ingested(next.value, values, wanted);
      if (found) print(await search(found.group, found.input));
    }
    // A terminal has just shown ^C.
    if (isTerminal()) console.log();
    return 0;
  },
};

/** Where the events stand that a note tells of, where these are wanted. */
function ingested({ subject, detail = {} }: ToldNote, values: Values, wanted: string | undefined) {
  const group = subject.split(':').slice(6).join(':').replace(/:\*$/, '');
  const { logStreamName, first, last } = detail as { logStreamName: string; first: number; last: number };
  if (wanted !== undefined && group !== wanted) return undefined;
  if (!logStreamName.startsWith(textOf(values, 'stream') ?? '')) return undefined;
  return { group, input: { logStreamNames: [logStreamName], startTime: first, endTime: last } };
}

function filterOf(values: Values): object {
  const filterPattern = textOf(values, 'filter');
  return filterPattern === undefined ? {} : { filterPattern };
}

function prefixOf(values: Values): object {
  const logStreamNamePrefix = textOf(values, 'stream');
  return logStreamNamePrefix === undefined ? {} : { logStreamNamePrefix };
}

/** Epoch milliseconds. */
function sinceOf(values: Values, now: number, parseMoment: (text: string) => number): number {
  const text = textOf(values, 'since') ?? SINCE;
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*([smhdw])$/.exec(text) ?? [];
  if (amount !== undefined) return Math.max(0, Math.floor(now - Number(amount) * UNITS_MS[unit!]!));
  try {
    return parseMoment(text);
  } catch {
    throw new UsageError(
      `${text} is no duration and no moment. Give --since as 90s, 10m, 2h, 3d or 2027-03-28T00:55:00Z.`,
    );
  }
}

async function groupsOf(call: CallAws): Promise<string[]> {
  const groups = await pages<{ logGroupName: string }>(call, 'DescribeLogGroups', 'logGroups', {});
  return groups.map(({ logGroupName }) => logGroupName);
}

/** The group of a name, or of a function of that name. */
function wantedGroup(groups: readonly string[], name: string): string {
  const found = [name, PREFIX + name].find((candidate) => groups.includes(candidate));
  if (found !== undefined) return found;
  const near = groups.toSorted((one, other) => distance(one, name) - distance(other, name)).slice(0, NAMED);
  const there =
    near.length === 0
      ? 'There is none yet: a function gets one when it first runs.'
      : `There ${groups.length === 1 ? 'is' : 'are'} ${near.map(shortGroup).join(', ')}${groups.length > NAMED ? ' and others' : ''}.`;
  throw new CommandError(`There is no log group ${name}, nor ${PREFIX}${name}. ${there}`, 2);
}

/** How few letters two names have in common where they begin and end alike; less is nearer. */
function distance(group: string, name: string): number {
  const [one, other] = [shortGroup(group).toLowerCase(), shortGroup(name).toLowerCase()];
  const pairs = (text: string) => new Set(Array.from(text, (letter, index) => letter + (text[index + 1] ?? '')));
  const [left, right] = [pairs(one), pairs(other)];
  return -left.intersection(right).size / Math.max(left.size, right.size, 1);
}

function shortGroup(group: string): string {
  return group.startsWith(PREFIX) ? group.slice(PREFIX.length) : group;
}

async function eventsOf(call: CallAws, group: string, input: object): Promise<Told[]> {
  try {
    const events = await pages<LogEvent>(call, 'FilterLogEvents', 'events', { logGroupName: group, ...input });
    return events.map((event) => ({ ...event, group }));
  } catch (error) {
    if (!(error instanceof AwsRefusal)) throw error;
    // The group or stream has been deleted since.
    if (error.code === 'ResourceNotFoundException') return [];
    throw new CommandError(`The engine refuses: ${error.message} (${error.code})`, 2);
  }
}

async function pages<T>(call: CallAws, operation: string, member: string, input: object): Promise<T[]> {
  const found: T[] = [];
  let nextToken: unknown;
  for (let count = 0; count < MOST_PAGES; count++) {
    const target = `Logs_20140328.${operation}`;
    const answer = await call({ service: 'logs', target, input: { ...input, ...(nextToken ? { nextToken } : {}) } });
    for (const item of (answer[member] ?? []) as T[]) found.push(item);
    nextToken = answer.nextToken;
    if (!nextToken) break;
  }
  return found;
}

/** Prints events, none twice. */
function printer(
  values: Values,
  isoMillis: (ms: number) => string,
  isNamed: boolean,
): (events: readonly Told[]) => void {
  const seen = new Set<string>();
  const colours = new Map<string, (typeof COLOURS)[number]>();
  const colourOf = (group: string) => {
    if (!colours.has(group)) colours.set(group, COLOURS[colours.size % COLOURS.length]!);
    return colours.get(group)!;
  };
  return (events) => {
    for (const event of events) {
      const key = `${event.group} ${event.eventId}`;
      if (seen.has(key)) continue;
      seen.add(key);
      if (seen.size > MOST_SEEN) seen.delete(seen.values().next().value!);
      const { group, logStreamName, timestamp, message } = event;
      const time = isoMillis(timestamp);
      if (values.json) console.log(JSON.stringify({ time, group, stream: logStreamName, message }));
      else {
        const source = isNamed ? `${paint(colourOf(group), shortGroup(group))}  ` : '';
        console.log(`${paint('dim', time)}  ${source}${message.trimEnd()}`);
      }
    }
  };
}
