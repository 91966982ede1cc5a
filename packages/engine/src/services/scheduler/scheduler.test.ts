/*
 * The Scheduler by calls, its clock in hand: when schedules ring, what targets get, what is kept, shown and refused. The
 * pages named are those of the EventBridge Scheduler User Guide.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createEngine, type Engine, type EngineOptions, type Input } from '../../engine.ts';

const START = '2026-01-01T00:00:00Z';
const GROUP_ARN = 'arn:aws:logs:us-east-1:000000000000:log-group:bell';
const QUEUE_ARN = 'arn:aws:sqs:us-east-1:000000000000:bell';
const RoleArn = 'arn:aws:iam::000000000000:role/ringer';
const SEND_MESSAGE = 'arn:aws:scheduler:::aws-sdk:sqs:sendMessage';

type ScheduleInput = Input<'scheduler', 'CreateSchedule'>;

const engines: Engine[] = [];
const directories: string[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

/** An engine with a log group and a queue, both named `bell`; it is closed after the test. */
async function start(options: EngineOptions = {}): Promise<Engine> {
  const engine = await createEngine({ clock: `virtual:${START}`, log: () => {}, ...options });
  engines.push(engine);
  await engine.call('sqs', 'CreateQueue', { QueueName: 'bell' });
  await engine.call('logs', 'CreateLogGroup', { logGroupName: 'bell' }).catch(() => undefined);
  return engine;
}

/** A schedule that tells the log group when it was to ring, unless it is changed. */
function inputOf(ScheduleExpression: string, changes: Partial<ScheduleInput> = {}): ScheduleInput {
  const Target = { Arn: GROUP_ARN, RoleArn, Input: '<aws.scheduler.scheduled-time>' };
  return { Name: 'ring', ScheduleExpression, FlexibleTimeWindow: { Mode: 'OFF' }, Target, ...changes };
}

async function schedule(engine: Engine, expression: string, changes: Partial<ScheduleInput> = {}): Promise<void> {
  await engine.call('scheduler', 'CreateSchedule', inputOf(expression, changes));
}

/** When the log group was rung, and what it was told. */
async function rings(engine: Engine): Promise<{ at: number; body: string }[]> {
  const found: { at: number; body: string }[] = [];
  let nextToken: string | undefined;
  do {
    const page = await engine.call('logs', 'FilterLogEvents', { logGroupName: 'bell', nextToken });
    for (const { timestamp, message } of page.events!) found.push({ at: timestamp!, body: message! });
    nextToken = page.nextToken;
  } while (nextToken);
  return found;
}

/** What the log group was told. */
async function bodies(engine: Engine): Promise<string[]> {
  return (await rings(engine)).map(({ body }) => body);
}

/** The messages of a queue, which are taken off it. */
async function messages(engine: Engine, queue = 'bell') {
  const found: { body: string; attributes: Record<string, string> }[] = [];
  const QueueUrl = `${engine.endpoint}/000000000000/${queue}`;
  const request = { QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] };
  for (;;) {
    const { Messages = [] } = await engine.call('sqs', 'ReceiveMessage', request);
    if (Messages.length === 0) return found;
    for (const { Body, MessageAttributes = {}, ReceiptHandle } of Messages) {
      const attributes = Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue!]);
      found.push({ body: Body!, attributes: Object.fromEntries(attributes) });
      await engine.call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
    }
  }
}

const MINUTE_MS = 60_000;

describe('a rate', () => {
  it('begins at once, and then rings after each interval (schedule-types.html#rate-based)', async () => {
    const engine = await start({ clock: 'virtual:2026-01-01T00:00:07Z' });
    await schedule(engine, 'rate(5 minute)');
    await engine.clock.advance('12 minutes');
    expect(await bodies(engine)).toEqual(['2026-01-01T00:00:07Z', '2026-01-01T00:05:07Z', '2026-01-01T00:10:07Z']);
  });

  it('begins at its start, and ends with its end', async () => {
    const engine = await start();
    const span = { StartDate: new Date('2026-01-01T01:00:00Z'), EndDate: new Date('2026-01-01T03:00:00Z') };
    await schedule(engine, 'rate(1 hour)', span);
    await engine.clock.advance('1 day');
    expect(await bodies(engine)).toEqual(['2026-01-01T01:00:00Z', '2026-01-01T02:00:00Z', '2026-01-01T03:00:00Z']);
  });

  it('that starts while the call is on its way rings for its start', async () => {
    const engine = await start();
    await schedule(engine, 'rate(1 hour)', { StartDate: new Date('2025-12-31T23:58:00Z') });
    await engine.clock.advance('1 hour');
    expect(await bodies(engine)).toEqual(['2025-12-31T23:58:00Z', '2026-01-01T00:58:00Z']);
  });

  it('keeps 24 hours a day when clocks change (schedule-types.html#daylist-savings-time)', async () => {
    const engine = await start({ clock: 'virtual:2026-03-07T12:00:00Z' });
    await schedule(engine, 'rate(1 day)', { ScheduleExpressionTimezone: 'America/New_York' });
    await engine.clock.advance('2 days');
    expect(await bodies(engine)).toEqual(['2026-03-07T12:00:00Z', '2026-03-08T12:00:00Z', '2026-03-09T12:00:00Z']);
  });

  it('in seconds takes the extensions', async () => {
    const strict = await start();
    await expect(schedule(strict, 'rate(10 seconds)')).rejects.toMatchObject({
      code: 'ValidationException',
      message: 'Invalid Schedule Expression rate(10 seconds).',
    });
    const engine = await start({ extensions: true });
    await schedule(engine, 'rate(10 seconds)');
    await engine.clock.advance('1 minute');
    expect(await bodies(engine)).toHaveLength(7);
  });
});

describe('a cron', () => {
  it('rings between its start and its end', async () => {
    const engine = await start();
    const span = { StartDate: new Date('2026-01-03T08:00:00Z'), EndDate: new Date('2026-01-05T07:59:59Z') };
    await schedule(engine, 'cron(0 8 * * ? *)', span);
    await engine.clock.advance('10 days');
    expect(await bodies(engine)).toEqual(['2026-01-03T08:00:00Z', '2026-01-04T08:00:00Z']);
  });

  it('rings through the years on leap days, last days, weekdays and nth weekdays', async () => {
    const engine = await start();
    for (const [Name, expression] of [
      ['leap', 'cron(0 0 29 2 ? *)'],
      ['last', 'cron(0 1 L FEB ? 2026-2028)'],
      ['weekday', 'cron(0 2 15W 8 ? 2026)'],
      ['second', 'cron(0 3 ? 5 TUE#2 2026)'],
    ] as const) {
      await schedule(engine, expression, { Name });
    }
    await engine.clock.advanceTo('2033-01-01T00:00:00Z');
    expect((await bodies(engine)).sort()).toEqual([
      '2026-02-28T01:00:00Z',
      '2026-05-12T03:00:00Z',
      '2026-08-14T02:00:00Z',
      '2027-02-28T01:00:00Z',
      '2028-02-29T00:00:00Z',
      '2028-02-29T01:00:00Z',
      '2032-02-29T00:00:00Z',
    ]);
  });

  it.each([
    ['America/New_York', '30 2 7-9 3', ['2026-03-07T07:30', '2026-03-09T06:30']],
    ['America/New_York', '30 1 1-2 11', ['2026-11-01T05:30', '2026-11-02T06:30']],
    ['America/Los_Angeles', '30 2 7-9 3', ['2026-03-07T10:30', '2026-03-09T09:30']],
    ['America/Havana', '30 0 7-9 3', ['2026-03-07T05:30', '2026-03-09T04:30']],
    ['America/St_Johns', '30 2 7-9 3', ['2026-03-07T06:00', '2026-03-09T05:00']],
    ['Europe/London', '30 1 28-30 3', ['2026-03-28T01:30', '2026-03-30T00:30']],
    ['Europe/London', '30 1 24-26 10', ['2026-10-24T00:30', '2026-10-25T00:30', '2026-10-26T01:30']],
    ['Europe/Berlin', '30 2 24-26 10', ['2026-10-24T00:30', '2026-10-25T00:30', '2026-10-26T01:30']],
    ['Africa/Casablanca', '30 2 14-16 2', ['2026-02-14T01:30', '2026-02-15T01:30', '2026-02-16T02:30']],
    ['Asia/Kolkata', '30 2 28-30 3', ['2026-03-27T21:00', '2026-03-28T21:00', '2026-03-29T21:00']],
    ['Australia/Sydney', '30 2 3-5 10', ['2026-10-02T16:30', '2026-10-04T15:30']],
    ['Australia/Lord_Howe', '15 2 3-5 10', ['2026-10-02T15:45', '2026-10-04T15:15']],
    ['Australia/Lord_Howe', '45 1 4-6 4', ['2026-04-03T14:45', '2026-04-04T14:45', '2026-04-05T15:15']],
    ['Pacific/Chatham', '30 3 26-28 9', ['2026-09-25T14:45', '2026-09-27T13:45']],
    ['America/Sao_Paulo', '30 0 2-4 11', ['2026-11-02T03:30', '2026-11-03T03:30', '2026-11-04T03:30']],
  ])('in %s at %s rings once where clocks show its time (#daylist-savings-time)', async (zone, fields, expected) => {
    const engine = await start();
    await schedule(engine, `cron(${fields} ? 2026)`, { ScheduleExpressionTimezone: zone });
    await engine.clock.advance('365 days');
    expect(await bodies(engine)).toEqual(expected.map((moment) => `${moment}:00Z`));
  });

  it.each([
    ['America/Sao_Paulo', '30 0 3-5 11', '2018-11-01T00:00:00Z', ['2018-11-03T03:30', '2018-11-05T02:30']],
    ['Pacific/Apia', '0 12 29-31 12', '2011-12-28T00:00:00Z', ['2011-12-29T22:00', '2011-12-30T22:00']],
  ])('in %s at %s passes over what its zone never had, from %s on', async (zone, fields, from, expected) => {
    const engine = await start({ clock: `virtual:${from}` });
    await schedule(engine, `cron(${fields} ?)`, { ScheduleExpressionTimezone: zone });
    await engine.clock.advance('10 days');
    expect(await bodies(engine)).toEqual(expected.map((moment) => `${moment}:00Z`));
  });
});

describe('a one-time schedule', () => {
  it('rings once, in its time zone, whatever its start and end', async () => {
    const engine = await start();
    const span = { StartDate: new Date('2027-01-01'), EndDate: new Date('2025-01-01') };
    await schedule(engine, 'at(2026-07-01T09:00:30)', { ScheduleExpressionTimezone: 'Asia/Tokyo', ...span });
    await engine.clock.advance('700 days');
    expect(await bodies(engine)).toEqual(['2026-07-01T00:00:30Z']);
  });

  it('stays when it has rung, and is gone where its action is DELETE', async () => {
    const engine = await start();
    await schedule(engine, 'at(2026-01-01T01:00:00)', { Name: 'kept' });
    await schedule(engine, 'at(2026-01-01T01:00:00)', { Name: 'gone', ActionAfterCompletion: 'DELETE' });
    await engine.clock.advance('2 hours');
    expect(await bodies(engine)).toHaveLength(2);
    const { Schedules } = await engine.call('scheduler', 'ListSchedules', {});
    expect(Schedules!.map(({ Name }) => Name)).toEqual(['kept']);
  });

  it('whose moment has passed rings when it is enabled (troubleshooting.html)', async () => {
    const engine = await start();
    const input = inputOf('at(2026-01-01T01:00:00)', { State: 'DISABLED' });
    await engine.call('scheduler', 'CreateSchedule', input);
    await engine.clock.advance('2 hours');
    expect(await bodies(engine)).toEqual([]);
    await engine.call('scheduler', 'UpdateSchedule', { ...input, State: 'ENABLED' });
    await engine.settle();
    const [ring] = await rings(engine);
    expect(ring).toMatchObject({ body: '2026-01-01T01:00:00Z', at: Date.parse('2026-01-01T02:00:00Z') });
  });
});

describe('a flexible time window', () => {
  const window = { FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 } } as const;

  async function lateness(seed: number, expression: string): Promise<number[]> {
    const engine = await start({ seed });
    await schedule(engine, expression, window);
    await engine.clock.advance('1 day');
    return (await rings(engine)).map(({ body, at }) => at - Date.parse(body));
  }

  it('moves each ring by chance, the same chance in each run of a seed', async () => {
    const [once, again, other] = [
      await lateness(1, 'rate(1 hour)'),
      await lateness(1, 'rate(1 hour)'),
      await lateness(2, 'rate(1 hour)'),
    ];
    expect(once).toHaveLength(24);
    expect(again).toEqual(once);
    expect(other).not.toEqual(once);
    expect(new Set(once).size).toBeGreaterThan(20);
    expect(Math.min(...once)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...once)).toBeLessThan(15 * MINUTE_MS);
  });

  it('may be longer than the interval: no ring is left out, none later than the window', async () => {
    const late = await lateness(3, 'cron(* * * * ? *)');
    expect(late.length).toBeGreaterThan(1_440 - 16);
    expect(Math.max(...late)).toBeLessThanOrEqual(15 * MINUTE_MS);
  });
});

describe('a recurring schedule', () => {
  it('that has ended is gone where its action is DELETE', async () => {
    const engine = await start();
    const EndDate = new Date('2026-01-01T02:30:00Z');
    await schedule(engine, 'rate(1 hour)', { EndDate, ActionAfterCompletion: 'DELETE' });
    await engine.clock.advance('90 minutes');
    expect((await engine.call('scheduler', 'ListSchedules', {})).Schedules).toHaveLength(1);
    await engine.clock.advance('1 hour');
    expect(await bodies(engine)).toHaveLength(3);
    expect((await engine.call('scheduler', 'ListSchedules', {})).Schedules).toEqual([]);
  });

  it('keeps in step when it is put again as it was, and begins anew when it changes', async () => {
    const engine = await start();
    await schedule(engine, 'rate(10 minutes)');
    await engine.clock.advance('5 minutes');
    await engine.call('scheduler', 'UpdateSchedule', inputOf('rate(10 minutes)', { Description: 'again' }));
    await engine.clock.advance('10 minutes');
    await engine.call('scheduler', 'UpdateSchedule', inputOf('rate(7 minutes)'));
    await engine.clock.advance('10 minutes');
    const expected = ['00:00', '00:10', '00:15', '00:22'].map((time) => `2026-01-01T${time}:00Z`);
    expect(await bodies(engine)).toEqual(expected);
  });

  it('is silent while it is disabled, and ends when it is deleted', async () => {
    const engine = await start();
    await schedule(engine, 'cron(0 * * * ? *)');
    await engine.clock.advance('1 hour');
    await engine.call('scheduler', 'UpdateSchedule', inputOf('cron(0 * * * ? *)', { State: 'DISABLED' }));
    await engine.clock.advance('5 hours');
    await engine.call('scheduler', 'UpdateSchedule', inputOf('cron(0 * * * ? *)'));
    await engine.clock.advance('1 hour');
    await engine.call('scheduler', 'DeleteSchedule', { Name: 'ring' });
    await engine.clock.advance('1 day');
    expect(await bodies(engine)).toEqual(['2026-01-01T01:00:00Z', '2026-01-01T07:00:00Z']);
  });
});

it('what came due while the engine was down rings once, late, and the schedule goes on in step', async () => {
  const data = mkdtempSync(join(tmpdir(), 'carillon-rings-'));
  directories.push(data);
  const before = await start({ data });
  await schedule(before, 'rate(10 minutes)');
  await schedule(before, 'at(2026-01-01T00:30:00)', { Name: 'once', ActionAfterCompletion: 'DELETE' });
  await before.clock.advance('5 minutes');
  await before.close();
  const after = await start({ data, clock: 'virtual:2026-01-01T01:05:00Z' });
  await after.clock.advance('10 minutes');
  const times = ['00:00', '00:10', '00:30', '01:10'].map((time) => `2026-01-01T${time}:00Z`);
  expect(await bodies(after)).toEqual(times);
});

type Target = Input<'scheduler', 'CreateSchedule'>['Target'];

const notFound = (message: string) => ({ code: 'ResourceNotFoundException', status: 404, message });

/** The names of listed schedules, page by page. */
async function pages(engine: Engine, input: Input<'scheduler', 'ListSchedules'>): Promise<string[][]> {
  const found: string[][] = [];
  let NextToken: string | undefined;
  do {
    const page = await engine.call('scheduler', 'ListSchedules', { ...input, NextToken });
    found.push(page.Schedules!.map(({ GroupName, Name }) => `${GroupName}/${Name}`));
    NextToken = page.NextToken;
  } while (NextToken);
  return found;
}

describe('a schedule', () => {
  it('is shown with its defaults', async () => {
    const engine = await start();
    const { ScheduleArn } = await engine.call('scheduler', 'CreateSchedule', inputOf('rate(1 hour)'));
    expect(ScheduleArn).toBe('arn:aws:scheduler:us-east-1:000000000000:schedule/default/ring');
    expect(await engine.call('scheduler', 'GetSchedule', { Name: 'ring' })).toEqual({
      Arn: ScheduleArn,
      Name: 'ring',
      GroupName: 'default',
      State: 'ENABLED',
      ScheduleExpression: 'rate(1 hour)',
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'NONE',
      Target: { ...inputOf('').Target, RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 } },
      CreationDate: new Date('2026-01-01T00:00:00Z'),
      LastModificationDate: new Date('2026-01-01T00:00:00Z'),
    });
  });

  it('is shown as it was put, and an update replaces all of it', async () => {
    const engine = await start();
    const all = inputOf('cron(0 9 ? * MON-FRI *)', {
      Description: '',
      ScheduleExpressionTimezone: 'Europe/Vienna',
      StartDate: new Date('2026-02-01T00:00:00Z'),
      EndDate: new Date('2026-03-01T00:00:00Z'),
      State: 'DISABLED',
      ActionAfterCompletion: 'DELETE',
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 5 },
      KmsKeyArn: 'arn:aws:kms:us-east-1:000000000000:key/1',
      Target: { Arn: QUEUE_ARN, RoleArn, RetryPolicy: { MaximumRetryAttempts: 0 } },
    });
    await engine.call('scheduler', 'CreateSchedule', all);
    expect(await engine.call('scheduler', 'GetSchedule', { Name: 'ring' })).toMatchObject({
      ...all,
      Target: { ...all.Target, RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 0 } },
    });
    await engine.clock.advance('1 minute');
    await engine.call('scheduler', 'UpdateSchedule', inputOf('cron(0 9 * * ? *)'));
    const after = await engine.call('scheduler', 'GetSchedule', { Name: 'ring' });
    expect(after).toMatchObject({
      State: 'ENABLED',
      ScheduleExpressionTimezone: 'UTC',
      ActionAfterCompletion: 'NONE',
      CreationDate: new Date('2026-01-01T00:00:00Z'),
      LastModificationDate: new Date('2026-01-01T00:01:00Z'),
    });
    for (const gone of ['Description', 'StartDate', 'EndDate', 'KmsKeyArn']) expect(after).not.toHaveProperty(gone);
  });

  it('is made once: again is a conflict, unless it is the same call', async () => {
    const engine = await start();
    const input = inputOf('rate(1 hour)', { ClientToken: 'one' });
    const made = await engine.call('scheduler', 'CreateSchedule', input);
    expect(await engine.call('scheduler', 'CreateSchedule', input)).toEqual(made);
    const other = engine.call('scheduler', 'CreateSchedule', { ...input, ClientToken: 'two' });
    await expect(other).rejects.toMatchObject({
      code: 'ConflictException',
      status: 409,
      message: 'Schedule ring already exists.',
    });
  });

  it('that is not there is said so', async () => {
    const engine = await start();
    const error = notFound('Schedule ring does not exist.');
    await expect(engine.call('scheduler', 'GetSchedule', { Name: 'ring' })).rejects.toMatchObject(error);
    await expect(engine.call('scheduler', 'DeleteSchedule', { Name: 'ring' })).rejects.toMatchObject(error);
    await expect(engine.call('scheduler', 'UpdateSchedule', inputOf('rate(1 hour)'))).rejects.toMatchObject(error);
    const elsewhere = schedule(engine, 'rate(1 hour)', { GroupName: 'bells' });
    await expect(elsewhere).rejects.toMatchObject(notFound('Schedule group bells does not exist.'));
  });

  const flexible = { Mode: 'FLEXIBLE' } as const;
  it.each([
    ['at(2026-01-01)', {}, 'Invalid Schedule Expression at(2026-01-01).'],
    ['cron(0 10 * * * *)', {}, 'Invalid Schedule Expression cron(0 10 * * * *).'],
    ['rate(5 minutes)', { ScheduleExpressionTimezone: 'Mars' }, 'Invalid Schedule Expression Timezone Mars.'],
    [
      'rate(5 minutes)',
      { FlexibleTimeWindow: { Mode: 'OFF', MaximumWindowInMinutes: 5 } } as const,
      'MaximumWindowInMinutes must not be provided when FlexibleTimeWindowMode is set to OFF.',
    ],
    [
      'rate(5 minutes)',
      { FlexibleTimeWindow: flexible },
      'MaximumWindowInMinutes must be provided when FlexibleTimeWindowMode is set to FLEXIBLE.',
    ],
    [
      'rate(5 minutes)',
      { StartDate: new Date('2025-12-31T23:54:59Z') },
      'The StartDate you specify cannot be earlier than 5 minutes ago.',
    ],
    ['rate(5 minutes)', { EndDate: new Date('2025-12-31') }, 'The EndDate you specify must be in the future.'],
    [
      'rate(5 minutes)',
      { StartDate: new Date('2026-02-02'), EndDate: new Date('2026-02-01') },
      'The EndDate you specify must come after the StartDate.',
    ],
  ])('%s with %o is refused', async (expression, changes, message) => {
    const engine = await start();
    await expect(schedule(engine, expression, changes)).rejects.toMatchObject({ code: 'ValidationException', message });
  });

  const FIFO = 'arn:aws:sqs:us-east-1:000000000000:bell.fifo';
  const bus = { Arn: 'arn:aws:events:us-east-1:000000000000:event-bus/default' };
  it.each<[Partial<Target>, string]>([
    [{ Arn: 'bell' }, 'Provided Arn is not in correct format.'],
    [{ Arn: 'arn:aws:s3:::bucket' }, 's3 is not a supported service for a target.'],
    [{ Arn: FIFO }, `Parameter MessageGroupId must be specified for target: ${FIFO}.`],
    [bus, `Parameter EventBridgeParameters must be specified for target: ${bus.Arn}.`],
    [
      { Arn: 'arn:aws:lambda:us-east-1:000000000000:function:f', Input: 'no JSON' },
      'The Input of this target must be well-formed JSON.',
    ],
    [{ Input: 'x'.repeat(256 * 1024 + 1) }, 'The Input must have at most 262144 bytes.'],
    [{ Arn: SEND_MESSAGE }, 'You must provide an input to set this target for your schedule'],
    [{ Arn: SEND_MESSAGE, Input: '[]' }, 'The Input of this target must be a JSON object.'],
    [{ Arn: 'arn:aws:scheduler:::aws-sdk:sqs:getQueueUrl', Input: '{}' }, 'getQueueUrl API is not supported'],
    [
      { Arn: 'arn:aws:scheduler:::aws-sdk:ec2:describeInstances', Input: '{}' },
      'describeInstances API is not supported',
    ],
    [{ Arn: 'arn:aws:scheduler:::aws-sdk:dynamodb:batchGetItem', Input: '{}' }, 'batchGetItem API is not supported'],
    [
      { Arn: 'arn:aws:scheduler:us-east-1:000000000000:aws-sdk:sqs:sendMessage', Input: '{}' },
      'scheduler is not a supported service for a target.',
    ],
  ])('a target %o is refused', async (target, message) => {
    const engine = await start();
    const made = schedule(engine, 'rate(1 hour)', { Target: { Arn: QUEUE_ARN, RoleArn, ...target } });
    await expect(made).rejects.toMatchObject({ code: 'ValidationException', message });
  });
});

describe('a list of schedules', () => {
  it('goes by group and name, in pages, and by prefix, group and state', async () => {
    const engine = await start();
    for (const Name of ['a', 'a-b', 'z']) await engine.call('scheduler', 'CreateScheduleGroup', { Name });
    for (const place of ['a-b/two', 'default/one', 'a/three', 'z/one', 'a/one', 'default/two', 'a/two']) {
      const [GroupName, Name] = place.split('/') as [string, string];
      await schedule(engine, 'rate(1 hour)', { GroupName, Name, State: Name === 'one' ? 'DISABLED' : 'ENABLED' });
    }
    const all = ['a/one', 'a/three', 'a/two', 'a-b/two', 'default/one', 'default/two', 'z/one'];
    expect(await pages(engine, {})).toEqual([all]);
    expect(await pages(engine, { MaxResults: 3 })).toEqual([all.slice(0, 3), all.slice(3, 6), all.slice(6)]);
    expect(await pages(engine, { GroupName: 'a', MaxResults: 2 })).toEqual([['a/one', 'a/three'], ['a/two']]);
    expect(await pages(engine, { NamePrefix: 't', MaxResults: 3 })).toEqual([
      ['a/three', 'a/two', 'a-b/two'],
      ['default/two'],
    ]);
    expect(await pages(engine, { State: 'DISABLED', MaxResults: 2 })).toEqual([['a/one', 'default/one'], ['z/one']]);
    const missing = engine.call('scheduler', 'ListSchedules', { GroupName: 'b' });
    await expect(missing).rejects.toMatchObject(notFound('Schedule group b does not exist.'));
    const strange = engine.call('scheduler', 'ListSchedules', { NextToken: 'strange' });
    await expect(strange).rejects.toMatchObject({ code: 'ValidationException', message: 'Invalid NextToken.' });
  });
});

describe('a group', () => {
  it('is made, shown, listed and tagged; the default one is always there', async () => {
    const engine = await start();
    const input = { Name: 'bells', Tags: [{ Key: 'a', Value: '1' }], ClientToken: 'one' };
    const { ScheduleGroupArn } = await engine.call('scheduler', 'CreateScheduleGroup', input);
    expect(ScheduleGroupArn).toBe('arn:aws:scheduler:us-east-1:000000000000:schedule-group/bells');
    expect(await engine.call('scheduler', 'CreateScheduleGroup', input)).toEqual({ ScheduleGroupArn });
    const again = engine.call('scheduler', 'CreateScheduleGroup', { Name: 'bells' });
    const conflict = { code: 'ConflictException', message: 'Schedule group bells already exists.' };
    await expect(again).rejects.toMatchObject(conflict);
    expect(await engine.call('scheduler', 'GetScheduleGroup', { Name: 'bells' })).toMatchObject({
      Arn: ScheduleGroupArn,
      State: 'ACTIVE',
      CreationDate: new Date('2026-01-01T00:00:00Z'),
    });
    const { ScheduleGroups } = await engine.call('scheduler', 'ListScheduleGroups', {});
    expect(ScheduleGroups!.map(({ Name }) => Name)).toEqual(['bells', 'default']);
    const found = await engine.call('scheduler', 'ListScheduleGroups', { NamePrefix: 'd' });
    expect(found.ScheduleGroups!.map(({ Name }) => Name)).toEqual(['default']);

    const ResourceArn = ScheduleGroupArn!;
    await engine.call('scheduler', 'TagResource', { ResourceArn, Tags: [{ Key: 'b', Value: '2' }] });
    await engine.call('scheduler', 'UntagResource', { ResourceArn, TagKeys: ['a'] });
    const tags = await engine.call('scheduler', 'ListTagsForResource', { ResourceArn });
    expect(tags).toEqual({ Tags: [{ Key: 'b', Value: '2' }] });
    const missing = engine.call('scheduler', 'ListTagsForResource', { ResourceArn: `${ResourceArn}-2` });
    await expect(missing).rejects.toMatchObject(notFound('Schedule group bells-2 does not exist.'));
  });

  it('takes its schedules with it, a slice at a time, and is DELETING meanwhile', async () => {
    const engine = await start();
    await engine.call('scheduler', 'CreateScheduleGroup', { Name: 'bells' });
    const names = Array.from({ length: 2_500 }, (_, index) => `ring-${index}`);
    const expression = 'at(2026-01-01T01:00:00)';
    await Promise.all(names.map((Name) => schedule(engine, expression, { Name, GroupName: 'bells' })));
    await schedule(engine, expression, { Name: 'survivor' });
    const states = new Set<string | undefined>();
    await engine.call('scheduler', 'DeleteScheduleGroup', { Name: 'bells' });
    states.add((await engine.call('scheduler', 'GetScheduleGroup', { Name: 'bells' })).State);
    const late = schedule(engine, expression, { GroupName: 'bells' });
    await expect(late).rejects.toMatchObject({ code: 'ConflictException' });
    await engine.settle();
    expect([...states]).toEqual(['DELETING']);
    const gone = engine.call('scheduler', 'GetScheduleGroup', { Name: 'bells' });
    await expect(gone).rejects.toMatchObject(notFound('Schedule group bells does not exist.'));
    await engine.clock.advance('2 hours');
    expect(await bodies(engine)).toHaveLength(1);
    expect(await messages(engine)).toEqual([]);
    const fixed = engine.call('scheduler', 'DeleteScheduleGroup', { Name: 'default' });
    await expect(fixed).rejects.toMatchObject({ code: 'ValidationException' });
  });
});

const SCHEDULE_ARN = 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/ring';
const LETTERS_ARN = 'arn:aws:sqs:us-east-1:000000000000:letters';

/** An engine with a schedule that is due at one, on a target. */
async function ringOn(target: Partial<Target>, options = {}) {
  const engine = await start(options);
  await engine.call('sqs', 'CreateQueue', { QueueName: 'letters' });
  await schedule(engine, 'at(2026-01-01T01:00:00)', { Target: { Arn: QUEUE_ARN, RoleArn, ...target } });
  return engine;
}

describe('the input', () => {
  it('is what the target gets, with its context attributes', async () => {
    const attributes = ['schedule-arn', 'scheduled-time', 'execution-id', 'attempt-number', 'unknown'];
    const engine = await ringOn({ Input: attributes.map((name) => `<aws.scheduler.${name}>`).join(' ') });
    await engine.clock.advance('1 hour');
    const [body = ''] = (await messages(engine)).map((message) => message.body);
    const id = body.split(' ')[2];
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(body).toBe(`${SCHEDULE_ARN} 2026-01-01T01:00:00Z ${id} 1 <aws.scheduler.unknown>`);
  });

  it('is a notification where the schedule has none (aws/aws-lambda-java-libs#479)', async () => {
    const engine = await ringOn({});
    await engine.clock.advance('1 hour');
    const [body = ''] = (await messages(engine)).map((message) => message.body);
    expect(JSON.parse(body)).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      account: '000000000000',
      time: '2026-01-01T01:00:00Z',
      region: 'us-east-1',
      resources: [SCHEDULE_ARN],
      detail: '{}',
    });
  });

  it('is the detail of an event on a bus', async () => {
    const engine = await ringOn({
      Arn: 'arn:aws:events:us-east-1:000000000000:event-bus/default',
      EventBridgeParameters: { Source: 'tower', DetailType: 'Ring' },
      Input: '{"at":"<aws.scheduler.scheduled-time>"}',
    });
    await engine.call('eventbridge', 'PutRule', { Name: 'r', EventPattern: '{"source":["tower"]}' });
    await engine.call('eventbridge', 'PutTargets', { Rule: 'r', Targets: [{ Id: 't', Arn: QUEUE_ARN }] });
    await engine.clock.advance('1 hour');
    const [body = ''] = (await messages(engine)).map((message) => message.body);
    expect(JSON.parse(body)).toMatchObject({
      source: 'tower',
      'detail-type': 'Ring',
      resources: [SCHEDULE_ARN],
      detail: { at: '2026-01-01T01:00:00Z' },
    });
  });

  it('goes to a FIFO queue in its message group', async () => {
    const Arn = 'arn:aws:sqs:us-east-1:000000000000:bell.fifo';
    const engine = await ringOn({ Arn, Input: 'x', SqsParameters: { MessageGroupId: 'g' } });
    const Attributes = { FifoQueue: 'true', ContentBasedDeduplication: 'true' };
    await engine.call('sqs', 'CreateQueue', { QueueName: 'bell.fifo', Attributes });
    await engine.clock.advance('1 hour');
    expect((await messages(engine, 'bell.fifo')).map(({ body }) => body)).toEqual(['x']);
  });
});

describe('a universal target', () => {
  it('is any operation, with names in any case, and its moments and bytes as text', async () => {
    const engine = await ringOn({
      Arn: SEND_MESSAGE,
      Input: JSON.stringify({
        queueUrl: 'http://x/000000000000/bell',
        MessageBody: 'hello <aws.scheduler.attempt-number>',
        messageAttributes: { Raw: { dataType: 'Binary', BinaryValue: 'é' } },
      }),
    });
    await engine.clock.advance('1 hour');
    expect((await messages(engine)).map(({ body }) => body)).toEqual(['hello 1']);
    await schedule(engine, 'at(2026-01-01T02:00:00)', {
      Name: 'next',
      Target: {
        Arn: 'arn:aws:scheduler:::aws-sdk:eventbridge:putEvents',
        RoleArn,
        Input: JSON.stringify({
          Entries: [{ Source: 'a', DetailType: 'b', Detail: '{}', Time: '2020-02-02T00:00:00Z' }],
        }),
      },
    });
    await engine.call('eventbridge', 'PutRule', { Name: 'r', EventPattern: '{"source":["a"]}' });
    await engine.call('eventbridge', 'PutTargets', {
      Rule: 'r',
      Targets: [{ Id: 't', Arn: QUEUE_ARN, InputPath: '$.time' }],
    });
    await engine.clock.advance('1 hour');
    expect((await messages(engine)).map(({ body }) => body)).toEqual(['"2020-02-02T00:00:00Z"']);
  });

  it('is called where the schedule is, by services that SDKs name otherwise', async () => {
    const engine = await start();
    const there = { account: '210987654321', region: 'eu-west-1' };
    const input = {
      Name: 'ring',
      ScheduleExpression: 'at(2026-01-01T01:00:00)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: {
        Arn: 'arn:aws:scheduler:::aws-sdk:cloudwatchlogs:createLogGroup',
        RoleArn,
        Input: '{"LogGroupName":"made"}',
      },
    } as const;
    await engine.call('scheduler', 'CreateSchedule', input, there);
    await engine.clock.advance('1 hour');
    const { logGroups } = await engine.call('logs', 'DescribeLogGroups', {}, there);
    expect(logGroups!.map(({ logGroupName }) => logGroupName)).toEqual(['made']);
  });

  it.each([
    [
      'sqs:sendMessage',
      '{"QueueUrl":"http://x/000000000000/gone","MessageBody":"x"}',
      /NonExistentQueue|QueueDoesNotExist/,
    ],
    ['sqs:sendMessage', '{"QueueUrl":"http://x/000000000000/bell","MessageBody":{}}', /SerializationException/],
    ['lambda:invoke', '{"FunctionName":"gone"}', /ResourceNotFoundException/],
    ['ec2:startInstances', '{"InstanceIds":["i-1"]}', /NotImplementedException/],
    ['sqs:ringBells', '{}', /NotImplementedException/],
  ])('%s that fails with %s becomes a dead letter', async (action, request, code) => {
    const Arn = `arn:aws:scheduler:::aws-sdk:${action}`;
    const engine = await ringOn({ Arn, Input: request, DeadLetterConfig: { Arn: LETTERS_ARN } });
    await engine.clock.advance('1 hour');
    const [letter] = await messages(engine, 'letters');
    expect(letter).toMatchObject({ body: request, attributes: { TARGET_ARN: Arn, RETRY_ATTEMPTS: '0' } });
    expect(letter!.attributes.ERROR_CODE).toMatch(code);
  });
});

it('a universal target is called in the role of its schedule, which has to be allowed it', async () => {
  const engine = await start({ permissions: 'enforce' });
  // The role names the group, as cross-service-confused-deputy-prevention.html advises.
  const forGroup = {
    'aws:SourceAccount': '000000000000',
    'aws:SourceArn': SCHEDULE_ARN.replace('schedule/default/ring', 'schedule-group/default'),
  };
  const trust = {
    ...{ Effect: 'Allow', Principal: { Service: 'scheduler.amazonaws.com' }, Action: 'sts:AssumeRole' },
    Condition: { StringEquals: forGroup },
  };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  await engine.call('iam', 'CreateRole', { RoleName: 'ringer', AssumeRolePolicyDocument });
  const Input = '{"QueueUrl":"http://x/000000000000/bell","MessageBody":"hello"}';
  const Target = { Arn: SEND_MESSAGE, RoleArn, Input };
  await schedule(engine, 'rate(1 hour)', { Target });
  await engine.clock.advance('1 minute');
  expect(await messages(engine)).toEqual([]);
  const allowed = { Effect: 'Allow', Action: 'sqs:SendMessage', Resource: QUEUE_ARN };
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [allowed] });
  await engine.call('iam', 'PutRolePolicy', { RoleName: 'ringer', PolicyName: 'ring', PolicyDocument });
  await engine.clock.advance('1 hour');
  expect((await messages(engine)).map(({ body }) => body)).toEqual(['hello']);
});

describe('a target that is down', () => {
  const down = { faults: ['queue bell is down from 00:30 to 02:00'] };

  it('is tried again until it is up, each attempt with its number', async () => {
    const engine = await ringOn({ Input: '<aws.scheduler.attempt-number>' }, down);
    await engine.clock.advance('1 day');
    const [body = ''] = (await messages(engine)).map((message) => message.body);
    expect(Number(body)).toBeGreaterThan(10);
  });

  it('is tried so often as its policy says, and then told of in a dead letter', async () => {
    const engine = await ringOn(
      {
        Input: 'x <aws.scheduler.attempt-number>',
        RetryPolicy: { MaximumRetryAttempts: 2 },
        DeadLetterConfig: { Arn: LETTERS_ARN },
      },
      down,
    );
    await engine.clock.advance('1 day');
    expect(await messages(engine)).toEqual([]);
    expect(await messages(engine, 'letters')).toEqual([
      {
        body: 'x 3',
        attributes: {
          SCHEDULE_ARN,
          TARGET_ARN: QUEUE_ARN,
          SCHEDULED_TIME: '2026-01-01T01:00:00Z',
          EXECUTION_ID: expect.stringMatching(/^[0-9a-f]{16}$/),
          IS_PAYLOAD_TRUNCATED: 'false',
          ERROR_CODE: expect.any(String),
          ERROR_MESSAGE: expect.any(String),
          RETRY_ATTEMPTS: '2',
          EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
        },
      },
    ]);
  });

  it('is tried no longer than its policy says', async () => {
    const RetryPolicy = { MaximumEventAgeInSeconds: 60 };
    const engine = await ringOn({ RetryPolicy, DeadLetterConfig: { Arn: LETTERS_ARN } }, down);
    await engine.clock.advance('65 minutes');
    const [letter] = await messages(engine, 'letters');
    expect(letter!.attributes).toMatchObject({ EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds' });
  });

  it('is nothing to other schedules', async () => {
    const engine = await ringOn({}, down);
    await schedule(engine, 'at(2026-01-01T01:00:00)', { Name: 'other' });
    await engine.clock.advance('1 hour');
    expect(await bodies(engine)).toEqual(['2026-01-01T01:00:00Z']);
  });
});
