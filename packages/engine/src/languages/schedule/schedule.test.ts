import { describe, expect, test } from 'vitest';
import { checkTimeZone, nextDue, parseSchedule, ScheduleError, type ScheduleOptions } from './index.ts';

const RULE: ScheduleOptions = { dialect: 'rule' };
const SCHEDULER: ScheduleOptions = { dialect: 'scheduler' };
const EXTENDED: ScheduleOptions = { dialect: 'rule', extensions: true };

function moment(iso: string): number {
  return Temporal.Instant.from(iso).epochMilliseconds;
}

/** The first rings after a moment, in ISO 8601. */
function rings(expression: string, after: string, count: number, timeZone = 'UTC', options = SCHEDULER): string[] {
  const schedule = parseSchedule(expression, options);
  const due: string[] = [];
  let last = moment(after);
  while (due.length < count) {
    const next = nextDue(schedule, last, { anchor: moment(after), timeZone });
    if (next === undefined) break;
    due.push(Temporal.Instant.fromEpochMilliseconds(next).toString());
    last = next;
  }
  return due;
}

function takes(expression: string, options: ScheduleOptions): boolean {
  try {
    parseSchedule(expression, options);
    return true;
  } catch (error) {
    if (error instanceof ScheduleError) return false;
    throw error;
  }
}

describe('rate', () => {
  test('is due whole intervals after its anchor, however late it is asked', () => {
    const schedule = parseSchedule('rate(5 minutes)', RULE);
    const anchor = moment('2026-03-01T00:00:07.250Z');
    const next = (after: number) => nextDue(schedule, after, { anchor });
    expect(next(anchor)).toBe(anchor + 300_000);
    expect(next(anchor - 1)).toBe(anchor + 300_000);
    expect(next(anchor + 299_999)).toBe(anchor + 300_000);
    expect(next(anchor + 300_000)).toBe(anchor + 600_000);
    expect(next(anchor + 1000 * 300_000 + 12_345)).toBe(anchor + 1001 * 300_000);
  });

  test.each([
    ['rate(1 minute)', 60],
    ['rate(5 minutes)', 300],
    ['rate(1 hour)', 3600],
    ['rate(1 day)', 86_400],
  ])('%s is one of the examples of eb-scheduled-rule-pattern.html', (expression, seconds) => {
    expect(parseSchedule(expression, RULE)).toEqual({ kind: 'rate', intervalMs: seconds * 1000 });
  });

  test.each(['rate(1 hours)', 'rate(5 hour)', 'rate(1 minutes)', 'rate(10 minute)'])(
    '%s is refused in a rule, where unit and value agree, and taken by the Scheduler',
    (expression) => {
      expect(takes(expression, RULE)).toBe(false);
      expect(takes(expression, SCHEDULER)).toBe(true);
    },
  );

  test('a day is 24 hours, whatever the clocks do (schedule-types.html#daylist-savings-time)', () => {
    expect(rings('rate(1 days)', '2026-03-07T12:00:00Z', 2, 'America/New_York')).toEqual([
      '2026-03-08T12:00:00Z',
      '2026-03-09T12:00:00Z',
    ]);
  });

  test('has no end that a calendar could show', () => {
    const schedule = parseSchedule('rate(2147483647 days)', RULE);
    expect(nextDue(schedule, 0, { anchor: 0 })).toBe(undefined);
  });

  test.each([
    'rate()',
    'rate(5)',
    'rate(minutes)',
    'rate(0 minutes)',
    'rate(-5 minutes)',
    'rate(1.5 hours)',
    'rate(5 Minutes)',
    'rate(5 weeks)',
    'rate(5minutes)',
    'rate(2147483648 minutes)',
    'rate(5 minutes',
    'rate 5 minutes',
    'Rate(5 minutes)',
    ' rate(5 minutes)',
    'rate(5 minutes) ',
    '',
  ])('"%s" is refused', (expression) => {
    expect(takes(expression, RULE)).toBe(false);
    expect(takes(expression, SCHEDULER)).toBe(false);
  });
});

describe('cron', () => {
  test.each([
    ['cron(0 10 * * ? *)', ['2026-01-02T10:00:00Z', '2026-01-03T10:00:00Z']],
    ['cron(15 12 * * ? *)', ['2026-01-01T12:15:00Z', '2026-01-02T12:15:00Z']],
    ['cron(0 18 ? * MON-FRI *)', ['2026-01-01T18:00:00Z', '2026-01-02T18:00:00Z', '2026-01-05T18:00:00Z']],
    ['cron(0 8 1 * ? *)', ['2026-02-01T08:00:00Z', '2026-03-01T08:00:00Z']],
    ['cron(0/15 * * * ? *)', ['2026-01-01T10:15:00Z', '2026-01-01T10:30:00Z']],
    ['cron(0/10 * ? * MON-FRI *)', ['2026-01-01T10:10:00Z', '2026-01-01T10:20:00Z']],
    ['cron(0/5 8-17 ? * MON-FRI *)', ['2026-01-01T10:05:00Z', '2026-01-01T10:10:00Z']],
    ['cron(0/30 20-2 ? * MON-FRI *)', ['2026-01-01T20:00:00Z', '2026-01-01T20:30:00Z']],
    ['cron(0 12 * * ? *)', ['2026-01-01T12:00:00Z', '2026-01-02T12:00:00Z']],
    ['cron(5,35 14 * * ? *)', ['2026-01-01T14:05:00Z', '2026-01-01T14:35:00Z', '2026-01-02T14:05:00Z']],
    ['cron(15 10 ? * 6L 2026-2027)', ['2026-01-30T10:15:00Z', '2026-02-27T10:15:00Z', '2026-03-27T10:15:00Z']],
  ])('%s is one of the examples of eb-scheduled-rule-pattern.html', (expression, expected) => {
    expect(rings(expression, '2026-01-01T10:00:00Z', expected.length, 'UTC', RULE)).toEqual(expected);
  });

  test.each([
    ['the steps of a wildcard', 'cron(1/10 0 1 1 ? *)', ['2026-01-01T00:01:00Z', '2026-01-01T00:11:00Z']],
    ['3W, the weekday nearest to the 3rd', 'cron(0 0 3W * ? *)', ['2026-01-02T00:00:00Z', '2026-02-03T00:00:00Z']],
    ['3#2, the second Tuesday', 'cron(0 0 ? * 3#2 *)', ['2026-01-13T00:00:00Z', '2026-02-10T00:00:00Z']],
    ['L, the last day of the month', 'cron(0 0 L * ? *)', ['2026-01-31T00:00:00Z', '2026-02-28T00:00:00Z']],
    ['L, the last day of the week', 'cron(0 0 ? * L *)', ['2026-01-03T00:00:00Z', '2026-01-10T00:00:00Z']],
  ])('means %s as eb-scheduled-rule-pattern.html has it', (_, expression, expected) => {
    expect(rings(expression, '2025-12-31T23:59:59Z', expected.length)).toEqual(expected);
  });

  test.each([
    ['a week that wraps around, SUN being 1', 'cron(4/5 * ? * MON-SUN *)', ['2026-01-01T00:04:00Z']],
    ['a weekend', 'cron(0 0 ? * fri-mon *)', ['2026-01-02T00:00:00Z', '2026-01-03T00:00:00Z']],
    ['a winter', 'cron(0 0 1 NOV-FEB ? *)', ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z', '2026-11-01T00:00:00Z']],
    ['a step that wraps around', 'cron(0 20-4/3 * * ? *)', ['2026-01-01T02:00:00Z', '2026-01-01T20:00:00Z']],
    ['three days before the last', 'cron(0 0 L-3 * ? *)', ['2026-01-28T00:00:00Z', '2026-02-25T00:00:00Z']],
    ['the last weekday of the month', 'cron(0 0 LW * ? *)', ['2026-01-30T00:00:00Z', '2026-02-27T00:00:00Z']],
    [
      'a nearest weekday that stays in its month',
      'cron(0 0 1W 2,8 ? *)',
      ['2026-02-02T00:00:00Z', '2026-08-03T00:00:00Z'],
    ],
    ['the last Friday', 'cron(0 0 ? * FRIL *)', ['2026-01-30T00:00:00Z', '2026-02-27T00:00:00Z']],
    ['the second Friday', 'cron(0 0 ? * FRI#2 *)', ['2026-01-09T00:00:00Z', '2026-02-13T00:00:00Z']],
    ['a fifth Monday', 'cron(0 0 ? * 2#5 *)', ['2026-03-30T00:00:00Z', '2026-06-29T00:00:00Z']],
    [
      'a list of all sorts',
      'cron(0 0 1,L-1,15W * ? *)',
      ['2026-01-01T00:00:00Z', '2026-01-15T00:00:00Z', '2026-01-30T00:00:00Z'],
    ],
    ['leap days', 'cron(0 0 29 2 ? *)', ['2028-02-29T00:00:00Z', '2032-02-29T00:00:00Z']],
    [
      'years',
      'cron(59 23 31 12 ? 2026,2030-2199/100)',
      ['2026-12-31T23:59:00Z', '2030-12-31T23:59:00Z', '2130-12-31T23:59:00Z'],
    ],
    ['zeros in front and much space', 'cron( 00  05 \t 01 * ? * )', ['2026-01-01T05:00:00Z']],
    ['years to the last', 'cron(0 0 1 1 ? 2199)', ['2199-01-01T00:00:00Z']],
    ['no year that is past', 'cron(0 0 1 1 ? 2019)', []],
    ['no 31 February', 'cron(0 0 31 2 ? *)', []],
    ['no 30th day before the end of February', 'cron(0 0 L-30W 2 ? *)', []],
  ])('knows %s', (_, expression, expected) => {
    expect(rings(expression, '2025-12-31T23:59:59Z', expected.length || 1)).toEqual(expected);
  });

  test('is due at whole minutes strictly after the moment asked about', () => {
    const schedule = parseSchedule('cron(* * * * ? *)', RULE);
    const minute = moment('2026-05-05T05:05:00Z');
    expect(nextDue(schedule, minute - 1, { anchor: 0 })).toBe(minute);
    expect(nextDue(schedule, minute, { anchor: 0 })).toBe(minute + 60_000);
    expect(nextDue(schedule, minute + 1, { anchor: 0 })).toBe(minute + 60_000);
  });

  test('answers at the ends of time', () => {
    const schedule = parseSchedule('cron(* * * * ? *)', RULE);
    expect(nextDue(schedule, -8.64e15, { anchor: 0, timeZone: 'Asia/Tokyo' })).toBe(moment('1969-12-31T15:00:00Z'));
    expect(nextDue(schedule, moment('2199-12-31T23:59:00Z'), { anchor: 0 })).toBe(undefined);
    expect(nextDue(schedule, 8.64e15, { anchor: 0, timeZone: 'Asia/Tokyo' })).toBe(undefined);
  });

  test('may go without its year in the Scheduler, where it is optional (schedule-types.html#cron-based)', () => {
    expect(rings('cron(0 10 * * ?)', '2026-01-01T00:00:00Z', 1)).toEqual(['2026-01-01T10:00:00Z']);
    expect(takes('cron(0 10 * * ?)', RULE)).toBe(false);
  });

  test.each([
    ['both days are given (eb-scheduled-rule-pattern.html, limitations)', 'cron(0 10 1 * MON *)'],
    ['* is in both days (eb-scheduled-rule-pattern.html, limitations)', 'cron(0/15 * * * * *)'],
    ['a ? is missing (https://github.com/serverless/serverless/issues/1163)', 'cron(0 10 * * * *)'],
    ['? is in both days', 'cron(0 10 ? * ? *)'],
    ['? is elsewhere', 'cron(? 10 * * ? *)'],
    ['? is in a list', 'cron(0 10 ?,5 * ? *)'],
    ['# is in a list (eb-scheduled-rule-pattern.html, note)', 'cron(0 10 ? * 3#1,6#3 *)'],
    ['# has no such instance', 'cron(0 10 ? * 3#6 *)'],
    ['the step is too large (https://github.com/aws/aws-sdk-js/issues/4212)', 'cron(*/60 * * * ? *)'],
    ['the step is nothing', 'cron(0/0 * * * ? *)'],
    ['there are five fields (https://github.com/aws/aws-cdk/issues/7514)', 'cron(* * * * *)'],
    ['there are seven', 'cron(0 0 10 * * ? *)'],
    ['there are none', 'cron()'],
    ['a minute is 60', 'cron(60 * * * ? *)'],
    ['an hour is 24', 'cron(0 24 * * ? *)'],
    ['a day is 0', 'cron(0 0 0 * ? *)'],
    ['a day is 32', 'cron(0 0 32 * ? *)'],
    ['a month is 13', 'cron(0 0 1 13 ? *)'],
    ['a weekday is 0', 'cron(0 0 ? * 0 *)'],
    ['a weekday is 8', 'cron(0 0 ? * 8 *)'],
    ['a weekday is negative (https://github.com/winglang/wing/issues/7115)', 'cron(15 12 ? * -1 *)'],
    ['a year is 1969', 'cron(0 0 1 1 ? 1969)'],
    ['a year is 2200', 'cron(0 0 1 1 ? 2200)'],
    ['years run backwards', 'cron(0 0 1 1 ? 2030-2026)'],
    ['a name is long', 'cron(0 0 ? * MONDAY *)'],
    ['a name is of another field', 'cron(0 0 1 MON ? *)'],
    ['an item is empty', 'cron(0,, 0 1 1 ? *)'],
    ['a range has no end', 'cron(0- 0 1 1 ? *)'],
    ['a range starts with *', 'cron(*-5 0 1 1 ? *)'],
    ['a range has three ends', 'cron(1-2-3 0 1 1 ? *)'],
    ['L is in another field', 'cron(L 0 1 1 ? *)'],
    ['W is in a range', 'cron(0 0 1-5W * ? *)'],
    ['L-31 is before any month', 'cron(0 0 L-31 * ? *)'],
    ['a number is a wild one', 'cron(1e1 0 1 1 ? *)'],
    ['it is wrapped twice', 'cron(cron(0 10 * * ? *))'],
  ])('is refused when %s', (_, expression) => {
    expect(takes(expression, RULE)).toBe(false);
  });

  test('says what is wrong', () => {
    expect(() => parseSchedule('cron(75 * * * ? *)', RULE)).toThrow('The minutes field takes 0 to 59, not "75".');
  });

  test.each(['cron(0-15/1 8-8 ? * 2,3,4,5,6,7 *)', 'cron(30-30 13-13 ? * 2,4,6 *)', 'cron(1-31/30 1-1 ? * 1,7 *)'])(
    '%s is taken, as AWS takes it (https://github.com/localstack/localstack/issues/13572)',
    (expression) => {
      expect(takes(expression, SCHEDULER)).toBe(true);
    },
  );
});

describe('at', () => {
  test('is due once, in its time zone (schedule-types.html#one-time)', () => {
    const expression = 'at(2022-11-20T13:00:00)';
    expect(rings(expression, '2022-01-01T00:00:00Z', 9)).toEqual(['2022-11-20T13:00:00Z']);
    expect(rings(expression, '2022-01-01T00:00:00Z', 9, 'America/Los_Angeles')).toEqual(['2022-11-20T21:00:00Z']);
    expect(rings(expression, '2022-11-20T13:00:00Z', 9)).toEqual([]);
  });

  test.each([
    ['2026-03-08T02:30:00', 'America/New_York'],
    ['2026-11-01T01:30:00', 'America/New_York'],
    ['2011-12-30T12:00:00', 'Pacific/Apia'],
    ['2026-10-04T02:15:00', 'Australia/Lord_Howe'],
    ['2026-04-05T01:45:00', 'Australia/Lord_Howe'],
    ['1972-01-07T00:20:00', 'Africa/Monrovia'],
    ['2026-07-01T00:00:00', 'Asia/Kolkata'],
  ])('%s in %s is the moment that Temporal takes it for', (wall, timeZone) => {
    const expected = Temporal.PlainDateTime.from(wall).toZonedDateTime(timeZone).toInstant().toString();
    expect(rings(`at(${wall})`, '1970-01-01T00:00:00Z', 1, timeZone)).toEqual([expected]);
  });

  test('is not for rules', () => {
    expect(takes('at(2022-11-20T13:00:00)', RULE)).toBe(false);
  });

  test.each([
    'at(2022-02-29T00:00:00)',
    'at(2022-13-01T00:00:00)',
    'at(2022-11-20T24:00:00)',
    'at(2022-11-20T13:00:60)',
    'at(2022-11-20T13:00)',
    'at(2022-11-20 13:00:00)',
    'at(2022-11-20T13:00:00Z)',
    'at(1969-12-31T23:59:59)',
    'at()',
  ])('%s is refused', (expression) => {
    expect(takes(expression, SCHEDULER)).toBe(false);
  });
});

describe('time zones', () => {
  test('a cron keeps to the clock on the wall (schedule-types.html#time-zones)', () => {
    expect(rings('cron(30 8 * * ? *)', '2026-03-07T00:00:00Z', 2, 'America/New_York')).toEqual([
      '2026-03-07T13:30:00Z',
      '2026-03-08T12:30:00Z',
    ]);
  });

  test('spring forward: a time that is skipped is not due (schedule-types.html#daylist-savings-time)', () => {
    expect(rings('cron(30 2 * * ? *)', '2026-03-07T00:00:00Z', 2, 'America/Los_Angeles')).toEqual([
      '2026-03-07T10:30:00Z',
      '2026-03-09T09:30:00Z',
    ]);
  });

  test('fall back: a time that comes twice is due once, the first time (schedule-types.html#daylist-savings-time)', () => {
    expect(rings('cron(30 1 * * ? *)', '2026-11-01T00:00:00Z', 2, 'America/Los_Angeles')).toEqual([
      '2026-11-01T08:30:00Z',
      '2026-11-02T09:30:00Z',
    ]);
  });

  test('a day that a zone never had is passed over', () => {
    expect(rings('cron(0 12 * 12 ? 2011)', '2011-12-29T00:00:00Z', 2, 'Pacific/Apia')).toEqual([
      '2011-12-29T22:00:00Z',
      '2011-12-30T22:00:00Z',
    ]);
  });

  test.each(['Mars/Olympus', '', '+02:00', 'America/New York', 'UTC '.repeat(1000)])(
    'there is no zone "%s"',
    (name) => {
      expect(() => checkTimeZone(name)).toThrow(ScheduleError);
      const schedule = parseSchedule('cron(* * * * ? *)', SCHEDULER);
      expect(() => nextDue(schedule, 0, { anchor: 0, timeZone: name })).toThrow(ScheduleError);
    },
  );

  test.each(['UTC', 'Etc/UTC', 'US/Eastern', 'Asia/Kolkata', 'Europe/Kyiv'])('there is a zone %s', (name) => {
    expect(() => checkTimeZone(name)).not.toThrow();
  });
});

describe('the extensions', () => {
  test.each(['rate(10 seconds)', 'rate(1 second)', 'cron(0/10 * * * * ? *)'])(
    '%s is refused without them',
    (expression) => {
      expect(takes(expression, RULE)).toBe(false);
      expect(takes(expression, SCHEDULER)).toBe(false);
      expect(takes(expression, EXTENDED)).toBe(true);
    },
  );

  test('a rate in seconds', () => {
    const after = '2026-01-01T00:00:03Z';
    expect(rings('rate(10 seconds)', after, 2, 'UTC', EXTENDED)).toEqual([
      '2026-01-01T00:00:13Z',
      '2026-01-01T00:00:23Z',
    ]);
    expect(takes('rate(1 seconds)', EXTENDED)).toBe(false);
  });

  test('a cron of seven fields has seconds in front, one of six has none', () => {
    const after = '2026-01-01T00:00:03Z';
    expect(rings('cron(0/10 * * * * ? *)', after, 2, 'UTC', EXTENDED)).toEqual([
      '2026-01-01T00:00:10Z',
      '2026-01-01T00:00:20Z',
    ]);
    expect(rings('cron(0/10 * * * ? *)', after, 2, 'UTC', EXTENDED)).toEqual([
      '2026-01-01T00:10:00Z',
      '2026-01-01T00:20:00Z',
    ]);
  });
});

describe('hostile expressions', () => {
  test.each([
    ['a long one', 'cron('.padEnd(100_000, '0')],
    ['a long list', `cron(${Array(50_000).fill('1').join(',')} * * * ? *)`],
    ['much space', `cron(${' '.repeat(100_000)})`],
    ['a huge range', 'cron(0-99999999999999999999 * * * ? *)'],
    ['a huge step', 'cron(0/99999999999999999999 * * * ? *)'],
    ['a huge rate', `rate(${'9'.repeat(200)} days)`],
    ['other digits', 'cron(٣ * * * ? *)'],
    ['a null byte', 'cron(0 0 1 1 ? *\0)'],
  ])('%s is refused', (_, expression) => {
    expect(takes(expression, EXTENDED)).toBe(false);
  });

  test('one that is never due is given up on at once, in every zone', () => {
    expect(rings('cron(* * 30,31 2 ? *)', '1970-01-01T00:00:00Z', 1)).toEqual([]);
    expect(rings('cron(30 2 ? 3 1#2 2007-2199)', '1970-01-01T00:00:00Z', 1, 'America/New_York')).toEqual([]);
  });
});
