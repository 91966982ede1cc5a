/* Apps that live through a span of time in a moment, with real function processes; and what the report says of them. */
import { describe, expect, test } from 'vitest';
import { type Report, type SimulationOptions, simulate, type Workbench } from './simulate.ts';

const FROM = '2026-04-01T00:00:00Z';
const OK = 'exports.handler = async () => {};';
const silently = { log: () => {} };

const run = (app: SimulationOptions['app'], options: Partial<SimulationOptions> = {}) =>
  simulate({ app, duration: '1 hour', from: FROM, ...silently, ...options });

const hello = (engine: Workbench) => engine.createFunction('hello', OK);

const texts = ({ findings }: Report) => findings.map(({ text }) => text);

describe('a month of a function with two requests a day', () => {
  const requests = Array.from({ length: 60 }, (_, index) => ({ at: `+${index * 12 + 1}h`, invoke: 'hello' }));
  const assume = { hello: { durationMs: 100, memoryMb: 2_048 } };
  const month = { duration: '30 days', inputs: requests, assume };

  test('is cold at each of them; a warmer leaves one cold start alone, and the report says what both cost', async () => {
    const warmer = async (engine: Workbench) =>
      engine.schedule('warmer', 'rate(5 minutes)', await hello(engine), { type: 'warmer' });
    const [cold, warm] = await Promise.all([run(hello, month), run(warmer, month)]);
    expect(cold.functions).toMatchObject([{ name: 'hello', runs: 60, coldStarts: 60 }]);
    expect(warm.functions).toMatchObject([{ name: 'hello', runs: 8_640 + 60, coldStarts: 1 }]);
    expect(warm.schedules).toMatchObject([{ name: 'warmer', rings: 8_640, missed: 0, overlaps: 0 }]);
    const lambda = ({ bill }: Report) =>
      bill.lines.filter(({ service }) => service === 'Lambda').reduce((sum, { usd }) => sum + usd, 0);
    const each = 0.0000002 + 0.2 * 0.0000166667;
    expect(lambda(cold)).toBeCloseTo(60 * each, 10);
    expect(lambda(warm)).toBeCloseTo(8_700 * each, 10);
    expect(warm.bill.totalUsd.toFixed(2)).toBe('0.03');
  });
});

test('the same simulation twice is the same report to the byte', async () => {
  const twice = () =>
    run(
      async (engine) => {
        const code = `exports.handler = async () => {
          console.log(new Date().toISOString());
          if (Date.now() % 2) throw new TypeError('odd');
          await new Promise((resolve) => setTimeout(resolve, 1_500));
        };`;
        const odd = await engine.createFunction('odd', code, { Timeout: 10 });
        await engine.schedule('often', 'rate(1 minute)', odd);
        engine.fault('function odd fails 10% of the time');
      },
      { profile: 'aws-2016', seed: 'again', inputs: [{ at: '+90s', invoke: 'odd', invocationType: 'Event' }] },
    );
  const [first, second] = [await twice(), await twice()];
  expect(JSON.stringify(second)).toBe(JSON.stringify(first));
  const [odd] = first.functions;
  expect(odd!.failures).toBeGreaterThan(0);
  expect(odd!.retries).toBeGreaterThan(0);
  expect(first.schedules[0]!.lateness!.mean).toBeGreaterThan(10_000);
  expect(first.schedules[0]!.lateness!.max).toBeLessThan(60_000);
});

describe('what stands out:', () => {
  test('a permission that AWS would miss, with the command that adds it', async () => {
    const app = async (engine: Workbench) => {
      const hello = await engine.createFunction('hello', OK);
      await engine.call('eventbridge', 'PutRule', { Name: 'my.rule', ScheduleExpression: 'rate(5 minutes)' });
      await engine.call('eventbridge', 'PutTargets', { Rule: 'my.rule', Targets: [{ Id: '1', Arn: hello.arn }] });
    };
    const report = await run(app);
    const ruleArn = 'arn:aws:events:us-east-1:000000000000:rule/my.rule';
    expect(report.findings).toEqual([
      {
        about: ruleArn,
        text: 'rule/my.rule may not lambda:InvokeFunction on function:hello: AWS would refuse it.',
        remedy: `aws lambda add-permission --function-name hello --statement-id my-rule --action lambda:InvokeFunction --principal events.amazonaws.com --source-arn ${ruleArn}`,
      },
    ]);
    expect(report.permissions).toMatchObject([{ subject: ruleArn, action: 'lambda:InvokeFunction' }]);
    const permit = (SourceArn: string) => async (engine: Workbench) => {
      await app(engine);
      await engine.call('lambda', 'AddPermission', {
        ...{ FunctionName: 'hello', StatementId: 'my-rule', Action: 'lambda:InvokeFunction' },
        ...{ Principal: 'events.amazonaws.com', SourceArn },
      });
    };
    expect((await run(permit(ruleArn))).findings).toEqual([]);
    expect((await run(permit(`${ruleArn}s`))).findings).toEqual(report.findings);
  });

  test('rules and functions that do nothing', async () => {
    const report = await run(async (engine) => {
      const hello = await engine.createFunction('hello', OK);
      await engine.schedule('yearly', 'cron(0 0 1 1 ? *)', hello);
      await engine.schedule('off', 'rate(1 minute)', hello);
      await engine.call('eventbridge', 'DisableRule', { Name: 'off' });
      await engine.call('eventbridge', 'PutRule', { Name: 'alone', ScheduleExpression: 'rate(30 minutes)' });
    });
    expect(texts(report)).toEqual([
      'The function hello never ran.',
      'The rule alone rang 2 times, and has no target.',
      'The rule off never rang: it is disabled.',
      'The rule yearly never rang: cron(0 0 1 1 ? *) has no moment in this span.',
    ]);
    expect(report.functions).toMatchObject([{ name: 'hello', runs: 0, memoryMb: 128, duration: null }]);
  });

  test('a schedule that overlaps itself', async () => {
    const report = await run(async (engine) => {
      const code = 'exports.handler = () => new Promise((resolve) => setTimeout(resolve, 90_000));';
      await engine.schedule('often', 'rate(1 minute)', await engine.createFunction('slow', code, { Timeout: 120 }));
    });
    expect(report.schedules).toMatchObject([{ rings: 60, overlaps: 57, lateness: { max: 0 } }]);
    expect(report.functions).toMatchObject([{ runs: 58, duration: { p50: 90_000, p99: 90_000 } }]);
    expect(texts(report)).toContain(
      'The rule often overlaps itself: 57 times, a run began before an earlier one had ended.',
    );
  });

  test('schedules of the Scheduler: what they rang, missed and cost', async () => {
    const RoleArn = 'arn:aws:iam::000000000000:role/ringer';
    const report = await run(
      async (engine) => {
        const schedule = (Name: string, ScheduleExpression: string, Arn: string, State?: 'DISABLED') =>
          engine.call('scheduler', 'CreateSchedule', {
            ...{ Name, ScheduleExpression, State, FlexibleTimeWindow: { Mode: 'OFF' }, Target: { Arn, RoleArn } },
          });
        const { arn } = await engine.createFunction('hello', OK);
        await schedule('often', 'cron(0/10 * * * ? *)', arn);
        await schedule('lost', 'at(2026-04-01T00:30:00)', `${arn}-gone`);
        await schedule('later', 'at(2027-04-01T00:30:00)', arn);
        await schedule('off', 'rate(1 minute)', arn, 'DISABLED');
      },
      { freeTier: false },
    );
    expect(report.schedules).toMatchObject([
      { name: 'later', rings: 0 },
      { name: 'lost', rings: 1, missed: 1, arrivals: 0 },
      { name: 'off', rings: 0 },
      { name: 'often', expression: 'cron(0/10 * * * ? *)', rings: 6, arrivals: 6, lateness: { max: 0 } },
    ]);
    expect(texts(report)).toEqual(
      expect.arrayContaining([
        'The schedule later never rang: at(2027-04-01T00:30:00) has no moment in this span.',
        'The schedule lost missed a target once.',
        'The schedule off never rang: it is disabled.',
      ]),
    );
    const rung = report.bill.lines.filter(({ item }) => item === 'scheduler.invocations');
    expect(rung.map(({ amount }) => amount)).toEqual([1, 6]);
    expect(rung[1]!.usd).toBeCloseTo(0.000006, 12);
  });

  test('a function that always fails, and events that are lost for it', async () => {
    const report = await run(async (engine) => {
      const bad = await engine.createFunction('bad', 'exports.handler = async () => { throw new RangeError("no"); }');
      await engine.schedule('half-hourly', 'rate(30 minutes)', bad);
    });
    expect(report.functions).toMatchObject([
      { runs: 4, failures: 4, errors: { RangeError: 4 }, retries: 2, discarded: 1 },
    ]);
    expect(texts(report)).toEqual(
      expect.arrayContaining(['Every run of the function bad failed: RangeError.', 'The function bad lost 1 event.']),
    );
  });

  test('throttles, and targets that were missed for them', async () => {
    const report = await run(
      async (engine) => {
        const busy = await engine.createFunction('busy', OK);
        await engine.call('lambda', 'PutFunctionConcurrency', {
          ...{ FunctionName: 'busy', ReservedConcurrentExecutions: 0 },
        });
        await engine.schedule('hourly', 'rate(8 hours)', busy);
      },
      { duration: '15 hours' },
    );
    expect(report.functions).toMatchObject([{ name: 'busy', runs: 0, throttles: 1, discarded: 1 }]);
    expect(report.schedules).toMatchObject([{ rings: 1, missed: 1, arrivals: 0 }]);
    expect(texts(report)).toContain('The rule hourly missed a target once.');
  });

  test('dead letters, of deliveries and of functions', async () => {
    const report = await run(async (engine) => {
      await engine.call('sqs', 'CreateQueue', { QueueName: 'letters' });
      const letters = 'arn:aws:sqs:us-east-1:000000000000:letters';
      const bad = await engine.createFunction('bad', 'exports.handler = async () => { throw new Error("no"); }', {
        DeadLetterConfig: { TargetArn: letters },
      });
      await engine.schedule('r', 'rate(50 minutes)', bad);
      const Arn = 'arn:aws:lambda:us-east-1:000000000000:function:gone';
      const DeadLetterConfig = { Arn: letters };
      await engine.call('eventbridge', 'PutTargets', { Rule: 'r', Targets: [{ Id: 'gone', Arn, DeadLetterConfig }] });
    });
    expect(report.functions).toMatchObject([{ name: 'bad', discarded: 1, deadLetters: 1 }]);
    expect(
      report.deliveries.map(({ targetArn, ...rest }) => ({ ...rest, target: targetArn.split(':').at(-1) })),
    ).toEqual([
      { target: 'bad', delivered: 1, failures: {}, retries: 0, givenUp: 0, deadLetters: 0 },
      expect.objectContaining({ target: 'gone', delivered: 0, givenUp: 1, deadLetters: 1 }),
      expect.objectContaining({ target: 'letters', delivered: 2, givenUp: 0 }),
    ]);
    expect(texts(report)).toContain('1 event of the function bad became a dead letter.');
  });

  test('deliveries that got lost', async () => {
    const Arn = 'arn:aws:lambda:us-east-1:000000000000:function:gone';
    const report = await run(async (engine) => {
      await engine.call('eventbridge', 'PutRule', { Name: 'r', ScheduleExpression: 'rate(30 minutes)' });
      await engine.call('eventbridge', 'PutTargets', { Rule: 'r', Targets: [{ Id: '1', Arn }] });
    });
    const failures = { ResourceNotFoundException: 2 };
    expect(report.deliveries).toEqual([
      { targetArn: Arn, delivered: 0, failures, retries: 0, givenUp: 2, deadLetters: 0 },
    ]);
    expect(texts(report)).toEqual([
      'The rule r missed a target 2 times.',
      `2 deliveries to ${Arn} got lost: ResourceNotFoundException.`,
    ]);
  });

  test('inputs that could not happen', async () => {
    const inputs = Array.from({ length: 7 }, (_, index) => ({ at: `+${index}m`, invoke: 'nobody' }));
    const found = texts(await run(() => {}, { inputs }));
    expect(found).toHaveLength(6);
    expect(found[0]).toMatch(/^An input could not happen: 2026-04-01T00:00:00.000Z Function not found: \S+:nobody$/);
    expect(found[5]).toBe('2 more inputs could not happen.');
    const late = await run(hello, { inputs: ['+59m', '+60m', '+61m'].map((at) => ({ at, invoke: 'hello' })) });
    expect(late.functions).toMatchObject([{ runs: 2 }]);
    expect(texts(late)).toEqual(['1 of 3 inputs lie beyond the end of the span.']);
  });
});

test('logs and other targets than functions are reported of', async () => {
  const report = await run(async (engine) => {
    await engine.call('logs', 'CreateLogGroup', { logGroupName: 'bell' });
    const Arn = 'arn:aws:logs:us-east-1:000000000000:log-group:bell';
    await engine.call('eventbridge', 'PutRule', { Name: 'r', ScheduleExpression: 'rate(1 minute)' });
    await engine.call('eventbridge', 'PutTargets', { Rule: 'r', Targets: [{ Id: '1', Arn, Input: '"ding"' }] });
  });
  expect(report.logs).toEqual([expect.objectContaining({ name: 'bell', events: 60, bytes: 60 * (6 + 26) })]);
  expect(report.schedules).toMatchObject([{ rings: 60, arrivals: 60, lateness: { max: 0 } }]);
  expect(report.findings).toEqual([]);
});

test('logs are stored until their retention ends, and no longer than the simulation lasts', async () => {
  const app = (retentionInDays?: number) => async (engine: Workbench) => {
    const logGroupName = 'bell';
    await engine.call('logs', 'CreateLogGroup', { logGroupName });
    if (retentionInDays) await engine.call('logs', 'PutRetentionPolicy', { logGroupName, retentionInDays });
    await engine.call('logs', 'CreateLogStream', { logGroupName, logStreamName: 'one' });
    const logEvents = [{ timestamp: Date.parse(FROM), message: 'x'.repeat(1_000) }];
    await engine.call('logs', 'PutLogEvents', { logGroupName, logStreamName: 'one', logEvents });
  };
  const gbMonths = async (duration: string, retention?: number) => {
    const { bill } = await run(app(retention), { duration });
    return bill.lines.find(({ item }) => item === 'logs.storage')!.amount;
  };
  const each = (1_026 * 0.15 * 24) / 2 ** 30 / 730;
  expect(await gbMonths('30 days')).toBeCloseTo(30 * each, 12);
  expect(await gbMonths('90 days')).toBeCloseTo(90 * each, 12);
  expect(await gbMonths('90 days', 7)).toBeCloseTo(7 * each, 12);
});

test('one that is interrupted reports of what has been', async () => {
  const controller = new AbortController();
  const report = await run(
    async (engine) => {
      await engine.call('eventbridge', 'PutRule', { Name: 'r', ScheduleExpression: 'rate(1 minute)' });
      engine.journal.subscribe(({ at }) => at >= Date.parse('2026-04-01T00:10:00Z') && controller.abort());
    },
    { signal: controller.signal },
  );
  expect(report).toMatchObject({ interrupted: true, to: '2026-04-01T00:10:00.000Z', schedules: [{ rings: 10 }] });
});

test('progress is told, at last of the end', async () => {
  const told: unknown[] = [];
  await run((engine) => engine.call('eventbridge', 'PutRule', { Name: 'r', ScheduleExpression: 'rate(1 minute)' }), {
    onProgress: (progress) => told.push(progress),
  });
  const from = Date.parse(FROM);
  const to = from + 3_600_000;
  expect(told.at(-1)).toEqual({ from, to, now: to, rings: 60, factor: expect.any(Number), waitingFor: [] });
});

test('an app that can’t be set up, and options that make no sense, are refused', async () => {
  await expect(run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await expect(run(() => {}, { duration: 'long' })).rejects.toThrow('"long" is not a duration.');
  await expect(run(() => {}, { from: 'then' })).rejects.toThrow('"then" is not a moment.');
  await expect(run(() => {}, { profile: 'sunny' })).rejects.toThrow('"sunny" is not a profile.');
});
