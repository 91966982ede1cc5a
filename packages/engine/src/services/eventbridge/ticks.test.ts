/* Schedules ringing targets, in virtual time. Log groups are the targets where it matters what arrives, and when. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createEngine, type Engine, type EngineOptions, type Input } from '../../engine.ts';

const START = '2026-01-01T00:00:00Z';
const GROUP_ARN = 'arn:aws:logs:us-east-1:000000000000:log-group:bell';
const RULE_ARN = 'arn:aws:events:us-east-1:000000000000:rule/ring';
const MINUTE = 60_000;

const engines: Engine[] = [];
const directories: string[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
});

async function start(options: EngineOptions = {}): Promise<Engine> {
  const engine = await createEngine({ clock: `virtual:${START}`, ...options });
  engines.push(engine);
  return engine;
}

type Target = NonNullable<Input<'eventbridge', 'PutTargets'>['Targets']>[number];

const bell: Target = { Id: 'bell', Arn: GROUP_ARN };

/** A rule of this schedule, on targets. */
async function schedule(engine: Engine, ScheduleExpression: string, ...Targets: Target[]) {
  await engine.call('logs', 'CreateLogGroup', { logGroupName: 'bell' }).catch(() => undefined);
  await engine.call('eventbridge', 'PutRule', { Name: 'ring', ScheduleExpression });
  await engine.call('eventbridge', 'PutTargets', { Rule: 'ring', Targets: Targets.length > 0 ? Targets : [bell] });
}

/** When the bell rang, and what it got. */
async function rings(engine: Engine): Promise<{ at: number; message: string }[]> {
  const found: { at: number; message: string }[] = [];
  let nextToken: string | undefined;
  do {
    const page = await engine.call('logs', 'FilterLogEvents', { logGroupName: 'bell', nextToken });
    for (const { timestamp, message } of page.events!) found.push({ at: timestamp!, message: message! });
    nextToken = page.nextToken;
  } while (nextToken);
  return found;
}

/** Minutes after the start at which the bell rang. */
async function minutes(engine: Engine): Promise<number[]> {
  return (await rings(engine)).map(({ at }) => (at - Date.parse(START)) / MINUTE);
}

function deliveries(engine: Engine): string[] {
  const notes = engine.journal.list().filter(({ kind }) => kind === 'delivery');
  return notes.map(({ subject, outcome }) => `${subject.split(':').at(-1)} ${outcome}`);
}

describe('a tick', () => {
  it('sends the scheduled event, its members in order, its time the due time', async () => {
    const engine = await start();
    await schedule(engine, 'rate(5 minutes)');
    await engine.clock.advance('10 minutes');
    const [first, second] = await rings(engine);
    const { id } = JSON.parse(first!.message);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(first!.message).toBe(
      `{"version":"0","id":"${id}","detail-type":"Scheduled Event","source":"aws.events","account":"000000000000",` +
        `"time":"2026-01-01T00:05:00Z","region":"us-east-1","resources":["${RULE_ARN}"],"detail":{}}`,
    );
    expect(JSON.parse(second!.message)).toMatchObject({ time: '2026-01-01T00:10:00Z' });
    expect(JSON.parse(second!.message).id).not.toBe(id);
  });

  it('gives each target what it asked for', async () => {
    const engine = await start();
    await schedule(
      engine,
      'rate(5 minutes)',
      { ...bell, Id: 'a', Input: '{ "type":  "warmer" }' },
      { ...bell, Id: 'b', InputPath: '$.resources[0]' },
      {
        ...bell,
        Id: 'c',
        InputTransformer: {
          InputPathsMap: { when: '$.time' },
          InputTemplate: '"<aws.events.rule-name> at <when>, seen <aws.events.event.ingestion-time>"',
        },
      },
      { ...bell, Id: 'd', InputPath: '$.nothing' },
    );
    await engine.clock.advance('5 minutes');
    expect((await rings(engine)).map(({ message }) => message)).toEqual([
      '{ "type":  "warmer" }',
      `"${RULE_ARN}"`,
      '"ring at 2026-01-01T00:05:00Z, seen 2026-01-01T00:05:00Z"',
      'null',
    ]);
  });

  it('reaches its other targets when one fails, and goes on', async () => {
    const engine = await start();
    const missing = 'arn:aws:lambda:us-east-1:000000000000:function:gone';
    const dead = { DeadLetterConfig: { Arn: 'arn:aws:sqs:us-east-1:000000000000:letters' } };
    const endless = { InputPathsMap: { all: '$' }, InputTemplate: `[${'<all>,'.repeat(1_000)}0]` };
    await schedule(
      engine,
      'rate(5 minutes)',
      { Id: 'a', Arn: missing, ...dead, RetryPolicy: { MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 60 } },
      { Id: 'b', Arn: 'arn:aws:kinesis:us-east-1:000000000000:stream/unknown' },
      { ...bell, Id: 'c', InputTransformer: endless },
      { ...bell, Id: 'd' },
    );
    await engine.clock.advance('10 minutes');
    expect(await minutes(engine)).toEqual([5, 5, 10, 10]);
    expect(deliveries(engine).slice(0, 5)).toEqual([
      'gone ResourceNotFoundException',
      'letters QueueDoesNotExist',
      'stream/unknown InvalidTargetException',
      'bell ok',
      'bell ok',
    ]);
  });

  it('reaches targets in other accounts and regions', async () => {
    const engine = await start();
    const there = { account: '210987654321', region: 'eu-west-1' };
    await engine.call('logs', 'CreateLogGroup', { logGroupName: 'afar' }, there);
    await schedule(engine, 'rate(5 minutes)', { Id: 'a', Arn: 'arn:aws:logs:eu-west-1:210987654321:log-group:afar' });
    await engine.clock.advance('5 minutes');
    const { events } = await engine.call('logs', 'FilterLogEvents', { logGroupName: 'afar' }, there);
    expect(events?.map(({ message }) => JSON.parse(message!).resources)).toEqual([[RULE_ARN]]);
  });

  it('that nobody wants rings unheard', async () => {
    const engine = await start();
    await engine.call('eventbridge', 'PutRule', { Name: 'ring', ScheduleExpression: 'rate(1 minute)' });
    await engine.clock.advance('1 hour');
    expect(deliveries(engine)).toEqual([]);
    expect(engine.journal.list().filter(({ kind }) => kind === 'due')).toHaveLength(60);
  });
});

describe('a rate', () => {
  it('counts from when the rule was put, and keeps in step when it is put again as it was', async () => {
    const engine = await start();
    await schedule(engine, 'rate(5 minutes)');
    await engine.clock.advance('7 minutes');
    const again = { Name: 'ring', ScheduleExpression: 'rate(5 minutes)' };
    await engine.call('eventbridge', 'PutRule', again);
    await engine.call('eventbridge', 'PutRule', { ...again, Description: 'another', State: 'ENABLED' });
    await engine.call('eventbridge', 'EnableRule', { Name: 'ring' });
    await engine.clock.advance('8 minutes');
    expect(await minutes(engine)).toEqual([5, 10, 15]);
  });

  it('begins anew when the schedule changes', async () => {
    const engine = await start();
    await schedule(engine, 'rate(5 minutes)');
    await engine.clock.advance('7 minutes');
    await schedule(engine, 'rate(4 minutes)');
    await engine.clock.advance('8 minutes');
    expect(await minutes(engine)).toEqual([5, 11, 15]);
  });

  it('stops while the rule is disabled, and begins anew when it is enabled', async () => {
    const engine = await start();
    await schedule(engine, 'rate(5 minutes)');
    await engine.clock.advance('6 minutes');
    await engine.call('eventbridge', 'DisableRule', { Name: 'ring' });
    await engine.clock.advance('60 minutes');
    await engine.call('eventbridge', 'EnableRule', { Name: 'ring' });
    await engine.clock.advance('10 minutes');
    expect(await minutes(engine)).toEqual([5, 71, 76]);
  });

  it('rings in either state that is enabled, and in step from one to the other', async () => {
    const engine = await start();
    await schedule(engine, 'rate(5 minutes)');
    await engine.clock.advance('6 minutes');
    const State = 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS';
    await engine.call('eventbridge', 'PutRule', { Name: 'ring', ScheduleExpression: 'rate(5 minutes)', State });
    await engine.clock.advance('5 minutes');
    expect(await minutes(engine)).toEqual([5, 10]);
    expect(await engine.call('eventbridge', 'DescribeRule', { Name: 'ring' })).toMatchObject({ State });
  });

  it('ends with its rule', async () => {
    const engine = await start();
    await schedule(engine, 'rate(5 minutes)');
    await engine.clock.advance('5 minutes');
    await engine.call('eventbridge', 'RemoveTargets', { Rule: 'ring', Ids: ['bell'] });
    await engine.call('eventbridge', 'DeleteRule', { Name: 'ring' });
    await engine.clock.advance('1 day');
    expect(await minutes(engine)).toEqual([5]);
    expect(engine.journal.list().filter(({ kind }) => kind === 'due')).toHaveLength(1);
  });

  it('in seconds takes the extensions, and never drifts', async () => {
    const strict = await start();
    await expect(schedule(strict, 'rate(10 seconds)')).rejects.toMatchObject({
      code: 'ValidationException',
      message: 'Parameter ScheduleExpression is not valid.',
    });
    const engine = await start({ extensions: true });
    await schedule(engine, 'rate(10 seconds)');
    await engine.clock.advance('1 day');
    const expected = Array.from({ length: 8_640 }, (_, index) => Date.parse(START) + (index + 1) * 10_000);
    expect((await rings(engine)).map(({ at }) => at)).toEqual(expected);
  });
});

it('a cron rings in UTC, at second 0, whenever the rule was put', async () => {
  const engine = await start({ clock: 'virtual:2026-01-01T10:07:31.250Z' });
  await schedule(engine, 'cron(0/20 10-11 * * ? *)');
  await engine.clock.advance('1 day');
  const times = (await rings(engine)).map(({ message }) => JSON.parse(message).time);
  expect(times).toEqual([
    ...['2026-01-01T10:20:00Z', '2026-01-01T10:40:00Z', '2026-01-01T11:00:00Z', '2026-01-01T11:20:00Z'],
    ...['2026-01-01T11:40:00Z', '2026-01-02T10:00:00Z'],
  ]);
  expect((await rings(engine)).every(({ at, message }) => at === Date.parse(JSON.parse(message).time))).toBe(true);
});

it('a rule whose time has passed never rings', async () => {
  const engine = await start();
  await schedule(engine, 'cron(0 12 * * ? 2025)');
  await engine.clock.advance('400 days');
  expect(await rings(engine)).toEqual([]);
});

it('what came due while the engine was down rings once, late, and the schedule goes on in step', async () => {
  const data = mkdtempSync(join(tmpdir(), 'carillon-ticks-'));
  directories.push(data);
  const before = await start({ data, extensions: true });
  await schedule(before, 'rate(90 seconds)');
  await before.clock.advance('2 minutes');
  await engines.pop()!.close();
  const after = await start({ data, clock: 'virtual:2026-01-01T01:00:00Z' });
  await after.clock.advance('2 minutes');
  expect(await minutes(after)).toEqual([1.5, 60, 61.5]);
  const times = (await rings(after)).map(({ message }) => JSON.parse(message).time);
  expect(times).toEqual(['2026-01-01T00:01:30Z', '2026-01-01T00:03:00Z', '2026-01-01T01:01:30Z']);
});
