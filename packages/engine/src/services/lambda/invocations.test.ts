/*
 * Asynchronous invocation, with real function processes in virtual time.
 * https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEngine, type Engine, type Input } from '../../engine.ts';
import { zip } from './fixtures.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:bell';
const SECOND = 1_000;
const HOUR = 3_600_000;

let engine: Engine;
beforeEach(async () => {
  engine = await createEngine({ clock: 'virtual:2026-01-01T00:00:00Z', log: () => {} });
});
afterEach(() => engine.close());

async function create(code: string, settings: Partial<Input<'lambda', 'CreateFunction'>> = {}): Promise<void> {
  await engine.call('lambda', 'CreateFunction', {
    FunctionName: 'bell',
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role: 'arn:aws:iam::000000000000:role/bell',
    Code: { ZipFile: zip([{ name: 'index.js', content: code }]) },
    Timeout: 900,
    ...settings,
  });
}

async function send(payload: string, more: Partial<Input<'lambda', 'Invoke'>> = {}): Promise<void> {
  const Payload = Buffer.from(payload);
  const sent = await engine.call('lambda', 'Invoke', {
    FunctionName: 'bell',
    InvocationType: 'Event',
    Payload,
    ...more,
  });
  expect(sent).toEqual({ StatusCode: 202 });
}

/** What became of invocations: seconds after the start, outcome, and attempt. */
function runs(): [seconds: number, outcome: string, attempt: unknown][] {
  const notes = engine.journal
    .list()
    .filter(({ kind, subject }) => /^(invocation|discarded)$/.test(kind) && subject === ARN);
  return notes.map(({ at, outcome, detail }) => [(at - START) / SECOND, outcome, detail?.attempt]);
}

async function output(): Promise<string[]> {
  const { events = [] } = await engine.call('logs', 'FilterLogEvents', { logGroupName: '/aws/lambda/bell' });
  const lines = events.map(({ message }) => message!.trim());
  return lines.filter((line) => !/^(INIT_START|START|END|REPORT) /.test(line)).map((line) => line.split('\t').at(-1)!);
}

const FAILING =
  'exports.handler = async (event, { awsRequestId }) => { console.log(awsRequestId); throw new Error("no"); }';

describe('a function that fails', () => {
  it('is tried again after one minute and after two more, as one request, and no more', async () => {
    await create(FAILING);
    await send('{}');
    await engine.clock.advance('1 day');
    expect(runs()).toEqual([
      [0, 'Error', 1],
      [60, 'Error', 2],
      [180, 'Error', 3],
      [180, 'RetriesExhausted', undefined],
    ]);
    const requestIds = (await output()).filter((line) => /^[0-9a-f-]{36}$/.test(line));
    expect(requestIds).toHaveLength(3);
    expect(new Set(requestIds).size).toBe(1);
  });

  it('runs the code that it has by then, and ends with the first success', async () => {
    await create(FAILING);
    await send('{"n":1}');
    await engine.clock.advance('30 seconds');
    const mended = 'exports.handler = async (event) => console.log("mended", JSON.stringify(event))';
    await engine.call('lambda', 'UpdateFunctionCode', {
      FunctionName: 'bell',
      ZipFile: zip([{ name: 'index.js', content: mended }]),
    });
    await engine.clock.advance('1 day');
    expect(runs()).toEqual([
      [0, 'Error', 1],
      [60, 'ok', 2],
    ]);
    expect((await output()).at(-1)).toBe('mended {"n":1}');
  });

  it('is not tried again once it is deleted', async () => {
    await create(FAILING);
    await send('{}');
    await engine.clock.advance('30 seconds');
    await engine.call('lambda', 'DeleteFunction', { FunctionName: 'bell' });
    await engine.clock.advance('1 day');
    expect(runs()).toEqual([
      [0, 'Error', 1],
      [60, 'ResourceNotFoundException', undefined],
    ]);
  });

  it('sends its event to the dead-letter queue, once, and lives on where there is none yet', async () => {
    const TargetArn = 'arn:aws:sqs:us-east-1:000000000000:letters';
    await create(FAILING, { DeadLetterConfig: { TargetArn } });
    await send('{}');
    await engine.clock.advance('1 day');
    const letters = engine.journal.list().filter(({ kind, subject }) => kind === 'delivery' && subject === TargetArn);
    expect(letters.map(({ at }) => (at - START) / SECOND)).toEqual([180]);
  });
});

describe('a function that is throttled', () => {
  it('is tried again, less and less often, for six hours', async () => {
    await create('exports.handler = async () => {}');
    engine.fault('function bell is down');
    await send('{}');
    await engine.clock.advance('1 day');
    const due = engine.journal.list().filter(({ kind, subject }) => kind === 'due' && /invocation/.test(subject));
    const tries = due.map(({ at }) => (at - START) / SECOND);
    expect(tries.slice(0, 12)).toEqual([0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 811, 1_111]);
    expect(tries.at(-1)! * SECOND).toBeLessThanOrEqual(6 * HOUR);
    expect(tries.at(-1)! * SECOND).toBeGreaterThan(6 * HOUR - 300 * SECOND);
    expect(runs()).toEqual([[tries.at(-1), 'EventAgeExceeded', undefined]]);
  });

  it('runs one at a time where one is all it may', async () => {
    await create('exports.handler = async () => {}');
    await engine.call('lambda', 'PutFunctionConcurrency', { FunctionName: 'bell', ReservedConcurrentExecutions: 1 });
    await Promise.all([send('1'), send('2'), send('3')]);
    await engine.clock.advance('1 hour');
    expect(runs()).toEqual([
      [0, 'ok', 1],
      [1, 'ok', 1],
      [3, 'ok', 1],
    ]);
  });

  it('tells a caller who waits', async () => {
    await create('exports.handler = async () => {}');
    await engine.call('lambda', 'PutFunctionConcurrency', { FunctionName: 'bell', ReservedConcurrentExecutions: 0 });
    await expect(engine.call('lambda', 'Invoke', { FunctionName: 'bell' })).rejects.toMatchObject({
      code: 'TooManyRequestsException',
      status: 429,
      message: 'Rate Exceeded.',
      members: { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded', Type: 'User' },
    });
    await engine.call('lambda', 'DeleteFunctionConcurrency', { FunctionName: 'bell' });
    expect(await engine.call('lambda', 'Invoke', { FunctionName: 'bell' })).toMatchObject({ StatusCode: 200 });
  });
});

describe('an invocation', () => {
  it('gets its event byte for byte, and the client context only when the caller waits', async () => {
    await create(
      'exports.handler = async (event, context) => { console.log(JSON.stringify([event, context.clientContext ?? null])); return event }',
    );
    const ClientContext = Buffer.from('{"custom":{"a":"b"}}').toString('base64');
    const Payload = Buffer.from('{ "b": 1,  "a": "é" }');
    const answer = await engine.call('lambda', 'Invoke', { FunctionName: 'bell', Payload, ClientContext });
    expect(Buffer.from(answer.Payload!).toString()).toBe('{"b":1,"a":"é"}');
    await send('{"b":2}', { ClientContext });
    await engine.clock.settle();
    const [waiting, sent] = (await output()).map((line) => JSON.parse(line));
    expect(waiting).toEqual([{ b: 1, a: 'é' }, { custom: { a: 'b' } }]);
    expect(sent).toEqual([{ b: 2 }, null]);
  });

  it('does not fail when its lines cannot be kept', async () => {
    const lines: string[] = [];
    const other = await createEngine({ clock: 'virtual', log: (line) => lines.push(line) });
    try {
      await engine.close();
      engine = other;
      await create('exports.handler = async () => { console.log("lost"); return 1 }', {
        LoggingConfig: { LogGroup: 'aws/reserved' },
      });
      const answer = await engine.call('lambda', 'Invoke', { FunctionName: 'bell' });
      expect(Buffer.from(answer.Payload!).toString()).toBe('1');
      expect(lines.join()).toMatch('Lines for the log group aws/reserved were lost');
    } finally {
      await other.close();
    }
  });
});

it('an event that the stop of the engine cuts short has not failed, and is run again at the next start', async () => {
  const data = mkdtempSync(join(tmpdir(), 'carillon-stop-'));
  const [begun, go] = [join(data, 'begun'), join(data, 'go')];
  const watcher = watch(data);
  const restart = async () => {
    await engine.close();
    engine = await createEngine({ data, log: () => {} });
  };
  try {
    await restart();
    await create(`
      const { existsSync, writeFileSync } = require('node:fs');
      exports.handler = async () => {
        writeFileSync(${JSON.stringify(begun)}, '');
        if (!existsSync(${JSON.stringify(go)})) await new Promise(() => setInterval(() => {}, 1_000));
      };`);
    await send('{}');
    while (!existsSync(begun)) await once(watcher, 'change');
    writeFileSync(go, '');
    await restart();
    await engine.settle();
    expect(runs().map(([, outcome, attempt]) => [outcome, attempt])).toEqual([['ok', 1]]);
  } finally {
    watcher.close();
    await engine.close();
    rmSync(data, { recursive: true, force: true });
  }
});
