/*
 * A field of a cron expression that lists numbers: minutes, hours, months, years, and the plain part of the two day
 * fields. Whatever it says, it comes down to the sorted numbers that it allows.
 */
import { ScheduleError } from './error.ts';

/** What a field may hold. */
export interface Field {
  name: string;
  first: number;
  last: number;
  /** Names in place of numbers, the first for `first`. */
  names: readonly string[];
  /** Whether a range may run past the end and go on from the start, as in FRI-MON. */
  wraps: boolean;
  /** What `*` stands for; shared by all expressions, most of which are mostly stars. */
  all: readonly number[];
}

/** Describes a field whose numbers run from `first` to `last`. */
export function field(name: string, first: number, last: number, names: readonly string[] = [], wraps = true): Field {
  const all = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return { name, first, last, names, wraps, all };
}

/** The numbers that a list of `*`, `5`, `5-10`, `5/10`, `5-50/10` and steps over all of `*` allows, sorted. */
export function parseNumbers(text: string, field: Field): readonly number[] {
  if (text === '*') return field.all;
  const numbers = new Set(text.split(',').flatMap((item) => parseItem(item, field)));
  return [...numbers].sort((a, b) => a - b);
}

/** The number that stands for a value of a field: a number within its bounds, or a name. */
export function parseValue(text: string, field: Field): number {
  const name = field.names.indexOf(text.toUpperCase());
  if (name >= 0) return field.first + name;
  const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= field.first && value <= field.last) return value;
  throw new ScheduleError(`The ${field.name} field takes ${field.first} to ${field.last}, not "${text}".`);
}

function parseItem(item: string, field: Field): number[] {
  const [, start, end, step] = /^(\*|\w+)(?:-(\w+))?(?:\/(\w+))?$/.exec(item) ?? [];
  if (start === undefined || (start === '*' && end !== undefined)) {
    throw new ScheduleError(`The ${field.name} field cannot be read at "${item}".`);
  }
  const from = start === '*' ? field.first : parseValue(start, field);
  const openEnded = start === '*' || (end === undefined && step !== undefined);
  const to = openEnded ? field.last : parseValue(end ?? start, field);
  return range(from, to, step === undefined ? 1 : parseStep(step, field), field);
}

/** AWS refuses a step that is larger than the field's largest number: https://github.com/aws/aws-sdk-js/issues/4212 */
function parseStep(text: string, field: Field): number {
  const step = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (step >= 1 && step <= field.last) return step;
  throw new ScheduleError(`A step in the ${field.name} field is 1 to ${field.last}, not "${text}".`);
}

function range(from: number, to: number, step: number, field: Field): number[] {
  const cycle = field.last - field.first + 1;
  if (to < from && !field.wraps) throw new ScheduleError(`The ${field.name} field's range ends before it begins.`);
  const end = to < from ? to + cycle : to;
  const numbers = [];
  for (let number = from; number <= end; number += step) numbers.push(number > field.last ? number - cycle : number);
  return numbers;
}
