/*
 * Patterns for space-delimited log events: `[ip, user, ..., status = 4* && status != 404, bytes > 1000]`.
 *
 * AWS: "Using filter patterns to match terms in space-delimited log events",
 * AmazonCloudWatch/latest/logs/matching-terms-space-delimited-log-events.html
 */
import { type Condition, takeComparison, takeCondition } from './comparison.ts';
import { FilterPatternError, type Scanner } from './scanner.ts';

const NAME = /[\w-]+/y;
const ELLIPSIS = '...';

/** A condition on one field; any field will do where none was given. */
type Field = Condition<string>;

/** Takes `[field, field, ...]`. A message matches when it has as many fields, and each as the pattern wants it. */
export function takeFieldsPattern(scanner: Scanner): Condition<string> {
  scanner.expect('[');
  const before: Field[] = [];
  let after: Field[] | undefined;
  do {
    if (!scanner.take(ELLIPSIS)) (after ?? before).push(takeField(scanner));
    else if (after) throw new FilterPatternError();
    else after = [];
  } while (scanner.take(','));
  scanner.expect(']');
  const least = before.length + (after?.length ?? 0);
  return (message) => {
    const fields = splitFields(message);
    if (after ? fields.length < least : fields.length !== least) return false;
    const last = after ? fields.slice(fields.length - after.length) : [];
    return before.every((holds, at) => holds(fields[at]!)) && (after ?? []).every((holds, at) => holds(last[at]!));
  };
}

/** `name`, `name = value && name != other`, or nothing at all. */
function takeField(scanner: Scanner): Field {
  const name = scanner.takeMatch(/(?=[,\]])/y) ? undefined : takeName(scanner);
  if (name === undefined || scanner.takeMatch(/(?=[,\]])/y)) return () => true;
  let first = true;
  return takeCondition(scanner, () => {
    if (!first && takeName(scanner) !== name) throw new FilterPatternError();
    first = false;
    return takeComparison(scanner);
  });
}

function takeName(scanner: Scanner): string {
  const name = scanner.takeMatch(NAME)?.[0];
  if (name === undefined) throw scanner.unexpected();
  return name;
}

/** A message's fields. What stands between brackets or double quotes is one field, without them. */
function splitFields(message: string): string[] {
  const fields: string[] = [];
  const closings = { '[': placesOf(']', message), '"': placesOf('"', message) };
  const word = /\S+/g;
  for (let match = word.exec(message); match; match = word.exec(message)) {
    const closing = closings[match[0][0] as '[' | '"']?.(match.index) ?? -1;
    const enclosed = closing >= 0 && /^\s?$/.test(message.charAt(closing + 1));
    fields.push(enclosed ? message.slice(match.index + 1, closing) : match[0]);
    if (enclosed) word.lastIndex = closing + 1;
  }
  return fields;
}

/** Finds a character's first place after another; asked for growing places, it reads the text but once. */
function placesOf(character: string, text: string): (after: number) => number {
  let place = 0;
  return (after) => {
    if (place >= 0 && place <= after) place = text.indexOf(character, after + 1);
    return place;
  };
}
