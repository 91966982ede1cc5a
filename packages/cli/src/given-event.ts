/*
 * An event that a user gives: a whole one, a part of one, or an entry as PutEvents takes it; in a file, on standard
 * input or on the command line. What a bus would add is added, and told.
 */
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { CommandError } from './options.ts';

export interface GivenEvent {
  /** The whole event, as JSON text. */
  readonly json: string;
  /** The members that were added. */
  readonly added: readonly string[];
  /** The members that it lacks and that nobody can add. */
  readonly lacking: readonly string[];
}

/** What an event has where none is given. */
export interface Surroundings {
  readonly account: string;
  readonly region: string;
  /** ISO 8601. */
  readonly time: string;
}

type Members = Readonly<Record<string, unknown>>;

/** The most characters of an event that is read. */
const LONGEST = 16 * 1024 * 1024;
const NO_ID = '00000000-0000-0000-0000-000000000000';
/** An entry's members, and an event's. */
const NAMES = { Source: 'source', DetailType: 'detail-type', Resources: 'resources', Time: 'time' } as const;

/** The text that a user means: JSON itself, `-` for standard input, or a file's. */
export async function readGiven(given: string, what = 'event'): Promise<string> {
  if (/^\s*[{[]/.test(given)) return given;
  const found = given === '-' ? await text(process.stdin) : readFile(given, what);
  if (found.length > LONGEST) throw new CommandError(`The ${what} has more than ${LONGEST} characters.`, 2);
  return found;
}

/** Makes an event whole. Throws a CommandError on what can be none. */
export function wholeEvent(given: string, around: Surroundings): GivenEvent {
  const members = onlyEntry(parse(given));
  const isEntry = 'Detail' in members || 'DetailType' in members || 'EventBusName' in members;
  const event = isEntry ? eventOfEntry(members) : members;
  const { account, time, region } = around;
  const named = { 'detail-type': event['detail-type'], source: event.source };
  const defaults = { version: '0', id: NO_ID, ...named, account, time, region, resources: [], detail: {} };
  const added = Object.keys(defaults).filter((name) => event[name] === undefined && !(name in named));
  const lacking = Object.keys(named).filter((name) => event[name] === undefined);
  // A whole event stays as it was written, down to the last digit of its numbers.
  return { json: added.length === 0 && !isEntry ? given : JSON.stringify({ ...defaults, ...event }), added, lacking };
}

function readFile(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const problem = code === 'ENOENT' ? `There is no file ${path}.` : `${path} can't be read (${code}).`;
    throw new CommandError(`${problem} Give the ${what} as a file, as - for standard input, or as JSON in quotes.`, 2);
  }
}

function parse(given: string): Members {
  let value: unknown;
  try {
    value = JSON.parse(given);
  } catch (error) {
    throw new CommandError(`The event is not JSON: ${(error as Error).message}.`, 2);
  }
  if (Array.isArray(value) && value.length === 1) value = value[0];
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members;
  throw new CommandError('The event is not a JSON object. Give one event, or one entry as PutEvents takes it.', 2);
}

/** The entry of a whole request; anything else is what it is. */
function onlyEntry(members: Members): Members {
  const { Entries } = members;
  if (!Array.isArray(Entries)) return members;
  if (Entries.length === 1 && typeof Entries[0] === 'object' && Entries[0] !== null) return Entries[0];
  throw new CommandError(`The request has ${Entries.length} entries. Give one of them.`, 2);
}

function eventOfEntry(entry: Members): Members {
  const { Detail } = entry;
  const named = Object.entries(NAMES).filter(([name]) => entry[name] !== undefined);
  const members = Object.fromEntries(named.map(([name, member]) => [member, entry[name]]));
  if (Detail === undefined) return members;
  return { ...members, detail: typeof Detail === 'string' ? detailOf(Detail) : Detail };
}

function detailOf(text: string): unknown {
  try {
    const detail = JSON.parse(text);
    if (typeof detail === 'object' && detail !== null && !Array.isArray(detail)) return detail;
  } catch (error) {
    throw new CommandError(`The entry's Detail is not JSON, so PutEvents refuses it: ${(error as Error).message}.`, 2);
  }
  throw new CommandError("The entry's Detail is not a JSON object, so PutEvents refuses it.", 2);
}
