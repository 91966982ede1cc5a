/* The kernel at work, with a service made up for it: calls, due work, deliveries, and what survives a crash. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { EngineClock } from './clock.ts';
import { createDispatcher } from './dispatcher.ts';
import { AwsError } from './errors.ts';
import { createIds } from './ids.ts';
import { Journal } from './journal.ts';
import { createResources } from './resources.ts';
import { type Context, type Host, resource, type ServiceDefinition, waits } from './service.ts';
import type { Backend } from './state/backend.ts';
import { createMemoryBackend } from './state/memory.ts';
import { createSqliteBackend } from './state/sqlite.ts';
import { Store } from './state/store.ts';
import { table } from './state/table.ts';
import { createWeather } from './weather.ts';

const START = Date.UTC(2026, 0, 1);
const scope = { account: '000000000000', region: 'us-east-1' };
const counts = table<{ readonly count: number }>('towers.counts');

const directories: string[] = [];
afterEach(() => {
  for (const made of directories.splice(0)) rmSync(made, { recursive: true, force: true });
});

/** A kernel around one service, in virtual time. */
function kernel(service: Partial<ServiceDefinition>, backend: Backend = createMemoryBackend()) {
  const clock = new EngineClock({ virtual: true, start: START });
  const ids = createIds(1);
  const journal = new Journal(clock);
  const faults: unknown[] = [];
  const weather = createWeather({ name: 'calm' }, ids);
  const host = { clock, ids, weather, settings: {}, endpoint: '', warn: () => {} } as unknown as Host;
  const resources = createResources(host);
  const store = new Store({ backend, hold: (what) => clock.hold(what) });
  const dispatcher = createDispatcher({
    services: [{ name: 'towers', arnName: 'towers', operations: {}, ...service } as unknown as ServiceDefinition],
    host,
    clock,
    ids,
    journal,
    store,
    use: resources.use,
    validate: () => undefined,
    onFault: (error) => faults.push(error),
  });
  const call = async (operation: string, input: unknown = {}) =>
    dispatcher.call({ service: 'towers', operation, input, scope, caller: {}, requestId: ids.uuid() });
  const close = async () => {
    dispatcher.close();
    await resources.close();
    clock.close();
    await store.close();
  };
  return { clock, journal, faults, call, close, dispatcher };
}

function count(ctx: Context, key: string): number {
  const next = (ctx.rows(counts).get(key)?.count ?? 0) + 1;
  ctx.rows(counts).put(key, { count: next });
  return next;
}

function sqlite(): { open: () => Backend } {
  const directory = mkdtempSync(join(tmpdir(), 'carillon-kernel-'));
  directories.push(directory);
  return { open: () => createSqliteBackend(directory) };
}

describe('calls', () => {
  it('name an operation that is not there', async () => {
    const { call } = kernel({});
    await expect(call('RingBell')).rejects.toThrow('Carillon does not support towers:RingBell yet');
  });

  it('change nothing when they fail, neither rows nor agenda', async () => {
    const rung: string[] = [];
    const { call, clock } = kernel({
      operations: {
        Fail(ctx: Context) {
          count(ctx, 'great');
          ctx.schedule({ kind: 'towers.ring', id: 'a', due: START });
          throw new AwsError('TowerException', 'no');
        },
        Count: (ctx: Context) => count(ctx, 'great'),
      },
      due: { ring: (_ctx, work) => void rung.push(work.id) },
    });
    await expect(call('Fail')).rejects.toMatchObject({ code: 'TowerException' });
    await clock.advance('1 hour');
    expect(rung).toEqual([]);
    expect(await call('Count')).toBe(1);
  });

  it('that wait use transactions of their own, let time pass when they say so, and hold it otherwise', async () => {
    const { call, clock } = kernel({
      operations: {
        Sleep: waits(async (ctx) => {
          await ctx.transact((tx) => count(tx, 'sleeper'));
          await ctx.letTimePass(new Promise<void>((resolve) => ctx.clock.at(START + 60_000, resolve)));
          return ctx.transact((tx) => [count(tx, 'sleeper'), tx.now]);
        }),
      },
    });
    const answer = call('Sleep');
    await clock.advance('5 minutes');
    expect(await answer).toEqual([2, START + 60_000]);
  });
});

describe('due work', () => {
  it('rings at its moment, once, and may put itself on the agenda again', async () => {
    const rung: number[] = [];
    const { call, clock, dispatcher } = kernel({
      operations: { Start: (ctx: Context) => ctx.schedule({ kind: 'towers.ring', id: 'a', due: ctx.now + 60_000 }) },
      due: {
        ring(ctx, work) {
          rung.push(ctx.now - START);
          if (rung.length < 5) ctx.schedule({ ...work, due: work.due + 60_000 });
        },
      },
    });
    await call('Start');
    await clock.advance('1 hour');
    expect(rung).toEqual([60_000, 120_000, 180_000, 240_000, 300_000]);
    expect(dispatcher.agenda.size).toBe(0);
  });

  it('is moved when put again, and gone when taken off', async () => {
    const rung: string[] = [];
    const { call, clock } = kernel({
      operations: {
        Put: (ctx: Context, { id, due }: { id: string; due: number }) => ctx.schedule({ kind: 'towers.ring', id, due }),
        Take: (ctx: Context, { id }: { id: string }) => ctx.unschedule('towers.ring', id),
      },
      due: { ring: (ctx, work) => void rung.push(`${work.id} ${ctx.now - START}`) },
    });
    await call('Put', { id: 'moved', due: START + 1_000 });
    await call('Put', { id: 'moved', due: START + 2_000 });
    await call('Put', { id: 'taken', due: START + 1_000 });
    await call('Take', { id: 'taken' });
    await clock.advance('1 minute');
    expect(rung).toEqual(['moved 2000']);
  });

  it('that waits runs at most so many at once', async () => {
    let running = 0;
    let most = 0;
    const { call, clock } = kernel({
      operations: {
        Many(ctx: Context) {
          for (let i = 0; i < 20; i++) ctx.schedule({ kind: 'towers.ring', id: String(i), due: ctx.now });
        },
      },
      due: {
        ring: waits(
          async (ctx) => {
            most = Math.max(most, ++running);
            await ctx.letTimePass(new Promise<void>((resolve) => ctx.clock.at(ctx.clock.now() + 1_000, resolve)));
            running--;
          },
          { concurrency: 3 },
        ),
      },
    });
    await call('Many');
    await clock.advance('6 seconds');
    expect({ most, running }).toEqual({ most: 3, running: 2 });
    await clock.advance('1 second');
    expect(running).toBe(0);
  });

  it('that hangs takes the places of its own crowd alone', async () => {
    const rung: string[] = [];
    let hanging = 0;
    const { call, clock } = kernel({
      operations: {
        Many(ctx: Context) {
          for (let i = 0; i < 50; i++) ctx.schedule({ kind: 'towers.ring', id: `hanging ${i}`, due: ctx.now });
          for (let i = 0; i < 5; i++) ctx.schedule({ kind: 'towers.ring', id: `well ${i}`, due: ctx.now });
        },
        Cancel(ctx: Context) {
          for (let i = 10; i < 50; i++) ctx.unschedule('towers.ring', `hanging ${i}`);
        },
      },
      due: {
        ring: waits(
          async (ctx, { id }) => {
            if (id.startsWith('hanging')) {
              hanging++;
              await ctx.letTimePass(new Promise<void>((resolve) => ctx.clock.at(ctx.clock.now() + 60_000, resolve)));
            }
            rung.push(id);
          },
          { concurrency: 4, crowd: { of: ({ id }) => id.split(' ')[0]!, most: 3 } },
        ),
      },
    });
    await call('Many');
    await clock.advance('1 second');
    expect(rung).toEqual(['well 0', 'well 1', 'well 2', 'well 3', 'well 4']);
    expect(hanging).toBe(3);
    await call('Cancel');
    await clock.advance('1 hour');
    expect(hanging).toBe(10);
    expect(rung).toHaveLength(15);
  });

  it('is tried again after a fault of ours, less and less often', async () => {
    const tries: number[] = [];
    const { call, clock, faults } = kernel({
      operations: { Start: (ctx: Context) => ctx.schedule({ kind: 'towers.ring', id: 'a', due: ctx.now }) },
      due: {
        ring(ctx) {
          tries.push(ctx.now - START);
          count(ctx, 'tries');
          if (tries.length < 4) throw new Error('a bug');
        },
      },
    });
    await call('Start');
    await clock.advance('1 hour');
    expect(tries).toEqual([0, 1_000, 3_000, 7_000]);
    expect(faults).toHaveLength(3);
  });

  it('that is put anew just as it ends rings again', async () => {
    const rung: number[] = [];
    const { open } = sqlite();
    const { call, clock, close } = kernel(
      {
        operations: {
          Put: (ctx: Context, { due }: { due: number }) => ctx.schedule({ kind: 'towers.ring', id: 'a', due }),
        },
        due: {
          ring: waits(async (ctx) => {
            rung.push(ctx.clock.now() - START);
            if (rung.length === 1) void call('Put', { due: START + 60_000 });
          }),
        },
      },
      open(),
    );
    await call('Put', { due: START });
    await clock.advance('1 hour');
    expect(rung).toEqual([0, 60_000]);
    await close();
  });

  it('outlives the process: what was accepted rings after a restart, and what was done does not', async () => {
    const { open } = sqlite();
    const service: Partial<ServiceDefinition> = {
      operations: {
        Put: (ctx: Context, { id, due }: { id: string; due: number }) => ctx.schedule({ kind: 'towers.ring', id, due }),
      },
      due: { ring: (ctx, work) => void count(ctx, work.id) },
    };
    const first = kernel(service, open());
    await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        first.call('Put', { id: `bell ${i}`, due: START + (i < 100 ? 1_000 : 600_000) }),
      ),
    );
    await first.clock.advance('1 minute');
    await first.close();

    const rung: string[] = [];
    const second = kernel({ ...service, due: { ring: (_ctx, work) => void rung.push(work.id) } }, open());
    await second.clock.advance('1 minute');
    expect(rung).toEqual([]);
    await second.clock.advance('10 minutes');
    expect(new Set(rung).size).toBe(100);
    expect(rung).toHaveLength(100);
    await second.close();
  });
});

describe('deliveries', () => {
  const delivery = {
    principal: 'test.amazonaws.com',
    sourceArn: 'arn:aws:towers:us-east-1:000000000000:bell',
    payload: '1',
  };
  const towerArn = (name: string) => `arn:aws:towers:us-east-1:000000000000:tower/${name}`;
  const send = {
    Send: (ctx: Context, input: Record<string, unknown>) =>
      ctx.deliver({ ...delivery, targetArn: towerArn('north'), deadLetterArn: towerArn('dead'), ...input }),
  };

  /** Towers fail with `error` until `until` tries have been made; the dead letters go to the tower `dead`. */
  function tower(error: AwsError, until: number) {
    const tries: number[] = [];
    const dead: unknown[] = [];
    const service: Partial<ServiceDefinition> = {
      operations: send,
      accepts: {
        tower(ctx, { parameters }, arn) {
          if (arn.resource === 'tower/dead') return void dead.push(parameters);
          tries.push(ctx.now - START);
          count(ctx, 'accepted');
          if (tries.length <= until) throw error;
        },
      },
    };
    return { service, tries, dead };
  }

  it('arrive at once, in the transaction that sends them', async () => {
    const { service, tries, dead } = tower(new AwsError('Never', ''), 0);
    const { call } = kernel(service);
    await call('Send');
    expect({ tries, dead }).toEqual({ tries: [0], dead: [] });
  });

  it('are tried again with longer and longer pauses while the target is busy', async () => {
    const { service, tries, dead } = tower(new AwsError('ServiceException', '', { status: 500 }), 6);
    const { call, clock } = kernel(service);
    await call('Send');
    await clock.advance('1 day');
    expect(tries).toHaveLength(7);
    const pauses = tries.slice(1).map((at, i) => at - tries[i]!);
    for (const [i, pause] of pauses.entries()) {
      expect(pause).toBeGreaterThanOrEqual(2 ** i * 500);
      expect(pause).toBeLessThanOrEqual(2 ** i * 1_000 + 1);
    }
    expect(dead).toEqual([]);
  });

  it('end as dead letters after so many tries, or so long, and tell why', async () => {
    const attempts = tower(new AwsError('TooManyRequestsException', 'busy', { status: 429 }), 1e9);
    const one = kernel(attempts.service);
    await one.call('Send', { retry: { maximumAttempts: 2, maximumAgeSeconds: 86_400 } });
    await one.clock.advance('1 day');
    expect(attempts.tries).toHaveLength(3);
    expect(attempts.dead).toEqual([
      {
        attributes: {
          ERROR_CODE: 'TooManyRequestsException',
          ERROR_MESSAGE: 'busy',
          RETRY_ATTEMPTS: '2',
          EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
        },
      },
    ]);

    const age = tower(new AwsError('ServiceException', 'down', { status: 503 }), 1e9);
    const two = kernel(age.service);
    await two.call('Send', { retry: { maximumAttempts: 185, maximumAgeSeconds: 60 } });
    await two.clock.advance('1 day');
    expect(Math.max(...age.tries)).toBeLessThanOrEqual(60_000);
    expect(age.dead).toMatchObject([{ attributes: { EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds' } }]);
  });

  it('are not tried again when the target is missing or forbidden (EventBridge User Guide, "Retrying events")', async () => {
    const { service, tries, dead } = tower(new AwsError('ResourceNotFoundException', 'gone', { status: 404 }), 1e9);
    const { call, clock } = kernel(service);
    await call('Send');
    await clock.advance('1 day');
    expect(tries).toHaveLength(1);
    expect(dead).toMatchObject([{ attributes: { ERROR_CODE: 'ResourceNotFoundException', RETRY_ATTEMPTS: '0' } }]);
  });

  it('to where nobody takes them fail in words, and leave the sender unharmed', async () => {
    const { call, journal } = kernel({ operations: send });
    await call('Send', { deadLetterArn: undefined });
    expect(journal.list()).toMatchObject([
      { kind: 'call', outcome: 'ok' },
      { kind: 'delivery', outcome: 'InvalidTargetException', cause: 0 },
    ]);
  });
});

describe('the journal', () => {
  it('leads from what happened back to its cause', async () => {
    const { call, clock, journal } = kernel({
      operations: { Start: (ctx: Context) => ctx.schedule({ kind: 'towers.ring', id: 'a', due: ctx.now + 1_000 }) },
      due: {
        ring(ctx, work) {
          ctx.note({ kind: 'bell', subject: work.id, outcome: 'ok' });
          if (ctx.now < START + 3_000) ctx.schedule({ ...work, due: ctx.now + 1_000 });
        },
      },
    });
    await call('Start');
    await clock.advance('1 minute');
    const bells = journal.list().filter((note) => note.kind === 'bell');
    expect(bells).toHaveLength(3);
    for (const bell of bells) {
      const ring = journal.get(bell.cause!);
      expect(ring).toMatchObject({ kind: 'due', subject: 'towers.ring a' });
      expect(journal.get(ring!.cause!)).toMatchObject({ kind: 'call', subject: 'towers:Start' });
    }
  });
});

describe('resources', () => {
  it('are opened when first used, once, and closed with the engine', async () => {
    const log: string[] = [];
    const bell = resource({
      open: () => {
        log.push('open');
        return { ring: () => log.push('ring') };
      },
      close: () => void log.push('close'),
    });
    const { call, close } = kernel({ operations: { Ring: (ctx: Context) => void ctx.use(bell).ring() } });
    expect(log).toEqual([]);
    await call('Ring');
    await call('Ring');
    await close();
    expect(log).toEqual(['open', 'ring', 'ring', 'close']);
  });
});
