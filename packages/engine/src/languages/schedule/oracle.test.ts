/*
 * Cron against brute force. Expressions are generated together with what they mean, said as naively as possible:
 * a test for each field. The oracle then goes through every minute (or second) and asks all of the tests; it knows
 * nothing of how the language finds its dates. Calendars and time zones come from Temporal.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextDue, parseSchedule } from './index.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;

/** What there is to know of a day when one wants to know whether a cron means it. */
interface Day {
  year: number;
  month: number;
  day: number;
  /** 1 is Sunday. */
  weekday: number;
  monthLength: number;
  /** The weekdays, Monday to Friday, of its month. */
  workdays: number[];
}

/** A field's text and its meaning. */
interface Spec<T> {
  text: string;
  means: (value: T) => boolean;
}

interface Expression {
  text: string;
  second: (second: number) => boolean;
  minute: (minute: number) => boolean;
  hour: (hour: number) => boolean;
  day: (day: Day) => boolean;
}

function describeDay(date: Temporal.PlainDate): Day {
  const month = Array.from({ length: date.daysInMonth }, (_, index) => date.with({ day: index + 1 }));
  return {
    year: date.year,
    month: date.month,
    day: date.day,
    weekday: (date.dayOfWeek % 7) + 1,
    monthLength: date.daysInMonth,
    workdays: month.filter((day) => day.dayOfWeek <= 5).map((day) => day.day),
  };
}

const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];

/** A value of a field as it may be written: a number, a number with a zero in front, or a name in any case. */
function written(value: number, first: number, names: string[]) {
  const numbers = [String(value), String(value).padStart(2, '0')];
  const name = names[value - first];
  return fc.constantFrom(
    ...(name ? [...numbers, name, name.toLowerCase(), `${name[0]}${name.slice(1).toLowerCase()}`] : numbers),
  );
}

/** One item of a field of numbers: `*`, a step over `*`, `a`, `a/s`, `a-b`, `a-b/s`, ranges wrapping where they may. */
function item(first: number, last: number, names: string[] = [], wraps = true): fc.Arbitrary<Spec<number>> {
  const cycle = last - first + 1;
  const value = fc.integer({ min: first, max: last });
  const step = fc.integer({ min: 1, max: Math.min(last, 40) });
  const star = step.chain((every) =>
    fc.constantFrom(
      { text: '*', means: () => true },
      { text: `*/${every}`, means: (v: number) => (v - first) % every === 0 },
    ),
  );
  const single = value.chain((a) => written(a, first, names).map((text) => ({ text, means: (v: number) => v === a })));
  const open = fc.tuple(value, step).chain(([a, every]) =>
    written(a, first, names).map((text) => ({
      text: `${text}/${every}`,
      means: (v: number) => v >= a && (v - a) % every === 0,
    })),
  );
  const range = fc
    .tuple(value, value, fc.option(step))
    .filter(([a, b]) => wraps || a <= b)
    .chain(([a, b, every]) =>
      fc.tuple(written(a, first, names), written(b, first, names)).map(([from, to]) => ({
        text: every === null ? `${from}-${to}` : `${from}-${to}/${every}`,
        means: (v: number) => {
          if (a <= b) return v >= a && v <= b && (v - a) % (every ?? 1) === 0;
          return (v >= a && (v - a) % (every ?? 1) === 0) || (v <= b && (v + cycle - a) % (every ?? 1) === 0);
        },
      })),
    );
  return fc.oneof(star, single, open, range);
}

function list<T>(items: fc.Arbitrary<Spec<T>>, maxLength = 4): fc.Arbitrary<Spec<T>> {
  return fc.array(items, { minLength: 1, maxLength }).map((specs) => ({
    text: specs.map((spec) => spec.text).join(','),
    means: (value: T) => specs.some((spec) => spec.means(value)),
  }));
}

/** The workday of the month that is nearest to a day, if the month has that day. */
function isNearestWorkday(day: Day, target: number): boolean {
  if (target < 1 || target > day.monthLength) return false;
  const distance = (candidate: number) => Math.abs(candidate - target);
  const nearest = day.workdays.reduce((best, candidate) => (distance(candidate) < distance(best) ? candidate : best));
  return day.day === nearest;
}

const counted = fc.integer({ min: 0, max: 30 });
const monthDay: fc.Arbitrary<Spec<Day>> = fc.oneof(
  { weight: 4, arbitrary: item(1, 31).map(({ text, means }) => ({ text, means: (day: Day) => means(day.day) })) },
  fc.constant({ text: 'L', means: (day: Day) => day.day === day.monthLength }),
  fc.constant({ text: 'LW', means: (day: Day) => day.day === Math.max(...day.workdays) }),
  counted.map((n) => ({ text: `L-${n}`, means: (day: Day) => day.day + n === day.monthLength })),
  counted.map((n) => ({ text: `L-${n}W`, means: (day: Day) => isNearestWorkday(day, day.monthLength - n) })),
  fc.integer({ min: 1, max: 31 }).map((n) => ({ text: `${n}W`, means: (day: Day) => isNearestWorkday(day, n) })),
);

const weekday = fc.integer({ min: 1, max: 7 });
const weekDay: fc.Arbitrary<Spec<Day>> = fc.oneof(
  {
    weight: 4,
    arbitrary: item(1, 7, WEEKDAYS).map(({ text, means }) => ({ text, means: (day: Day) => means(day.weekday) })),
  },
  fc.constant({ text: 'L', means: (day: Day) => day.weekday === 7 }),
  weekday.chain((n) =>
    written(n, 1, WEEKDAYS).map((text) => ({
      text: `${text}L`,
      means: (day: Day) => day.weekday === n && day.day + 7 > day.monthLength,
    })),
  ),
);
const nthWeekDay: fc.Arbitrary<Spec<Day>> = fc.tuple(weekday, fc.integer({ min: 1, max: 5 })).chain(([n, nth]) =>
  written(n, 1, WEEKDAYS).map((text) => ({
    text: `${text}#${nth}`,
    means: (day: Day) => day.weekday === n && Math.ceil(day.day / 7) === nth,
  })),
);

const any = fc.constant({ text: '*', means: () => true });
/** Both day fields, one of them `?`. */
const days: fc.Arbitrary<{ month: string; week: string; means: (day: Day) => boolean }> = fc.oneof(
  any.map((spec) => ({ month: '*', week: '?', means: spec.means })),
  list(monthDay).map((spec) => ({ month: spec.text, week: '?', means: spec.means })),
  fc
    .oneof({ weight: 3, arbitrary: list(weekDay) }, nthWeekDay)
    .map((spec) => ({ month: '?', week: spec.text, means: spec.means })),
);
const months = fc.oneof({ weight: 2, arbitrary: any }, list(item(1, 12, MONTHS)));
const years = fc.oneof(
  { weight: 3, arbitrary: any },
  list(item(1970, 2199, [], false)),
  list(item(2024, 2036, [], false).filter((spec) => !spec.text.includes('/') && spec.text !== '*')),
);

function expressions(seconds?: fc.Arbitrary<Spec<number>>): fc.Arbitrary<Expression> {
  const start = seconds ?? fc.constant({ text: '', means: (second: number) => second === 0 });
  return fc
    .tuple(start, list(item(0, 59)), list(item(0, 23)), days, months, years)
    .map(([second, minute, hour, day, month, year]) => ({
      text: `cron(${[second.text, minute.text, hour.text, day.month, month.text, day.week, year.text].join(' ').trim()})`,
      second: second.means,
      minute: minute.means,
      hour: hour.means,
      day: (date) => year.means(date.year) && month.means(date.month) && day.means(date),
    }));
}

function minuteMatches(expression: Expression, minuteOfDay: number): boolean {
  return expression.hour(Math.floor(minuteOfDay / 60)) && expression.minute(minuteOfDay % 60);
}

describe('cron in UTC', () => {
  const firstDay = Temporal.PlainDate.from('2024-01-01');
  const calendar = Array.from({ length: 12 * 365 }, (_, index) => describeDay(firstDay.add({ days: index })));
  const start = Temporal.Instant.from('2024-01-01T00:00Z').epochMilliseconds;
  const end = start + calendar.length * DAY_MINUTES * MINUTE_MS;

  /** The first minute after a moment that the expression means, in the calendar's twelve years. */
  function search(expression: Expression, after: number): number | undefined {
    let minute = Math.floor((after - start) / MINUTE_MS) + 1;
    while (minute < calendar.length * DAY_MINUTES) {
      const day = Math.floor(minute / DAY_MINUTES);
      const dayEnd = (day + 1) * DAY_MINUTES;
      if (!expression.day(calendar[day]!)) minute = dayEnd;
      for (; minute < dayEnd; minute++) {
        if (minuteMatches(expression, minute % DAY_MINUTES)) return start + minute * MINUTE_MS;
      }
    }
    return undefined;
  }

  test('rings in exactly the minutes that match, over 9,000 expressions', () => {
    const after = fc.integer({ min: start, max: start + 3 * 365 * DAY_MINUTES * MINUTE_MS });
    fc.assert(
      fc.property(expressions(), after, (expression, first) => {
        const schedule = parseSchedule(expression.text, { dialect: 'rule' });
        let moment = first;
        for (let ring = 0; ring < 3; ring++) {
          const expected = search(expression, moment);
          const due = nextDue(schedule, moment, { anchor: 0 });
          if (expected === undefined) {
            expect(due ?? end).toBeGreaterThanOrEqual(end);
            break;
          }
          expect(due).toBe(expected);
          moment = expected;
        }
      }),
      { numRuns: 9000 },
    );
  });

  test('rings in exactly the seconds that match, over 1,500 expressions with seconds', () => {
    const horizonS = 2 * 3600;
    const after = fc.integer({ min: start, max: start + 300 * DAY_MINUTES * MINUTE_MS });
    fc.assert(
      fc.property(expressions(list(item(0, 59))), after, (expression, first) => {
        const schedule = parseSchedule(expression.text, { dialect: 'rule', extensions: true });
        const from = Math.floor((first - start) / 1000) + 1;
        let expected: number | undefined;
        for (let second = from; second < from + horizonS && expected === undefined; second++) {
          const minute = Math.floor(second / 60);
          const matches =
            expression.second(second % 60) &&
            minuteMatches(expression, minute % DAY_MINUTES) &&
            expression.day(calendar[Math.floor(minute / DAY_MINUTES)]!);
          if (matches) expected = start + second * 1000;
        }
        const due = nextDue(schedule, first, { anchor: 0 });
        if (expected !== undefined) expect(due).toBe(expected);
        else expect(due ?? end).toBeGreaterThanOrEqual(start + (from + horizonS) * 1000);
      }),
      { numRuns: 1500 },
    );
  });
});

describe('cron in a time zone', () => {
  /** A moment near which a zone's clocks change, or do not. */
  const changes: [string, string][] = [
    ['America/New_York', '2026-03-08T07:00Z'],
    ['America/New_York', '2026-11-01T06:00Z'],
    ['America/Los_Angeles', '2025-11-02T09:00Z'],
    ['Europe/London', '2025-03-30T01:00Z'],
    ['Europe/Berlin', '2025-10-26T01:00Z'],
    ['Australia/Lord_Howe', '2026-04-04T15:00Z'],
    ['Australia/Lord_Howe', '2026-10-03T15:30Z'],
    ['Asia/Kolkata', '2026-03-08T07:00Z'],
    ['Asia/Kathmandu', '2026-12-31T18:15Z'],
    ['Pacific/Apia', '2011-12-30T10:00Z'],
    ['Pacific/Kwajalein', '1993-08-21T12:00Z'],
    ['Pacific/Chatham', '2026-04-04T14:00Z'],
    ['America/Sao_Paulo', '2018-11-04T03:00Z'],
    ['America/Havana', '2026-11-01T05:00Z'],
    ['Africa/Casablanca', '2026-02-15T02:00Z'],
    ['Antarctica/Troll', '2026-03-29T01:00Z'],
    ['America/Caracas', '2016-05-01T07:00Z'],
    ['Asia/Pyongyang', '2018-05-04T15:00Z'],
    ['America/Boa_Vista', '2000-10-15T03:00Z'],
    ['America/St_Johns', '2006-10-29T02:31Z'],
  ];

  /** The four days around a change, minute by minute, as the clock on the wall shows them. */
  function watch([timeZone, change]: [string, string]) {
    const start = Temporal.Instant.from(change).epochMilliseconds - 2 * DAY_MINUTES * MINUTE_MS;
    const dates = new Map<string, Day>();
    const shown = new Set<string>();
    const minutes = Array.from({ length: 4 * DAY_MINUTES }, (_, index) => {
      const wall = Temporal.Instant.fromEpochMilliseconds(start + index * MINUTE_MS).toZonedDateTimeISO(timeZone);
      const date = wall.toPlainDate().toString();
      const day = dates.get(date) ?? describeDay(wall.toPlainDate());
      dates.set(date, day);
      const minuteOfDay = wall.hour * 60 + wall.minute;
      const again = shown.has(`${date} ${minuteOfDay}`);
      shown.add(`${date} ${minuteOfDay}`);
      return { day, minuteOfDay, again };
    });
    return { timeZone, start, minutes };
  }

  test('rings in exactly the wall-clock minutes that match, once each, over 4,000 expressions', () => {
    const watches = changes.map(watch);
    const place = fc.tuple(fc.nat(changes.length - 1), fc.nat(3 * DAY_MINUTES * MINUTE_MS));
    fc.assert(
      fc.property(expressions(), place, (expression, [change, offset]) => {
        const { timeZone, start, minutes } = watches[change]!;
        const schedule = parseSchedule(expression.text, { dialect: 'scheduler' });
        const context = { anchor: 0, timeZone };
        const wanted = new Map<Day, boolean>();
        for (const { day } of minutes) if (!wanted.has(day)) wanted.set(day, expression.day(day));
        const expected = [];
        for (let index = Math.floor(offset / MINUTE_MS) + 1; index < minutes.length; index++) {
          const { day, minuteOfDay, again } = minutes[index]!;
          const matches = !again && wanted.get(day) && minuteMatches(expression, minuteOfDay);
          if (matches) expected.push(start + index * MINUTE_MS);
        }
        const rings = [];
        const end = start + minutes.length * MINUTE_MS;
        let due = nextDue(schedule, start + offset, context);
        for (; due !== undefined && due < end; due = nextDue(schedule, due, context)) rings.push(due);
        expect(rings).toEqual(expected);
      }),
      { numRuns: 4000 },
    );
  });
});
