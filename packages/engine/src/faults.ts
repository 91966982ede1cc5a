/*
 * Faults in words: `function ring fails 10% of the time`, `queue jobs is down from 10:00 to 10:20`. Times of day are
 * UTC and come every day; moments in ISO 8601 come once.
 */
import { parseMoment } from './kernel/clock.ts';
import type { Fault } from './kernel/weather.ts';

/** How an ARN ends, by the word for its kind. */
const KINDS: Readonly<Record<string, (name: string) => RegExp>> = {
  function: (name) => new RegExp(`:lambda:[^:]*:[^:]*:function:${name}(:|$)`),
  queue: (name) => new RegExp(`:sqs:[^:]*:[^:]*:${name}$`),
  topic: (name) => new RegExp(`:sns:[^:]*:[^:]*:${name}$`),
  bus: (name) => new RegExp(`:events:[^:]*:[^:]*:event-bus/${name}$`),
};

const FAULT = /^(\w+) ([\w.-]+) (fails|is down)(?: (\d+(?:\.\d+)?)\s*%(?: of the time)?)?(?: from (\S+) to (\S+))?$/;
const USAGE = 'Write it as: function NAME fails 10% of the time, or: queue NAME is down from 10:00 to 10:20.';
const DAY_MS = 86_400_000;

/** Reads a fault; throws RangeError, saying how one is written, on anything else. */
export function parseFault(text: string): Fault {
  const [, kind = '', name = '', effect, share, from, to] = FAULT.exec(text.trim()) ?? [];
  const arn = Object.hasOwn(KINDS, kind) ? KINDS[kind]!(name.replaceAll('.', '\\.')) : undefined;
  if (!arn || (effect === 'fails' && kind !== 'function')) throw new RangeError(`"${text}" is not a fault. ${USAGE}`);
  return {
    strikes: (candidate) => arn.test(candidate),
    effect: effect === 'fails' ? 'fails' : 'down',
    share: share === undefined ? 1 : Math.min(Number(share) / 100, 1),
    isOn: from === undefined || to === undefined ? () => true : spanOf(from, to),
  };
}

function spanOf(from: string, to: string): Fault['isOn'] {
  const [start, end] = [timeOfDay(from), timeOfDay(to)];
  if (start === undefined || end === undefined) {
    const [first, last] = [parseMoment(from), parseMoment(to)];
    return (moment) => moment >= first && moment < last;
  }
  return (moment) => {
    const time = moment % DAY_MS;
    return start <= end ? time >= start && time < end : time >= start || time < end;
  };
}

function timeOfDay(text: string): number | undefined {
  const [, hours, minutes] = /^([01]?\d|2[0-4]):([0-5]\d)$/.exec(text) ?? [];
  return hours === undefined ? undefined : (Number(hours) * 60 + Number(minutes)) * 60_000;
}
