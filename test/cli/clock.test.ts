/* `carillon clock`: the time of an engine that is up, told, stopped and moved. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { describe, expect, test } from 'vitest';
import { optionsFor } from '../conformance/clients.ts';
import { zip } from '../zip.ts';
import { carillon, emptyDirectory } from './carillon.ts';

const START = ['start', '--memory', '--json', '--port', '0', '--clock', 'virtual:2026-01-01T00:00:00Z'];

async function start(more: readonly string[] = []): Promise<string> {
  const { endpoint } = await carillon([...START, ...more]).event('ready');
  return String(endpoint);
}

async function clock(endpoint: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const { rest, ended } = carillon(['clock', ...args], { env: { AWS_ENDPOINT_URL: endpoint, ...env } });
  const [stdout, { code, stderr }] = await Promise.all([rest(), ended]);
  return { stdout, code, stderr };
}

/** A function that a rule rings every minute. */
async function ringEachMinute(endpoint: string): Promise<void> {
  const events = new EventBridgeClient(optionsFor({ endpoint }));
  const { FunctionArn: Arn } = await new LambdaClient(optionsFor({ endpoint })).send(
    new CreateFunctionCommand({
      ...{ FunctionName: 'ring', Runtime: 'nodejs24.x', Handler: 'index.handler' },
      Role: 'arn:aws:iam::000000000000:role/ring',
      Code: { ZipFile: await zip({ 'index.js': 'exports.handler = async () => {};' }) },
    }),
  );
  await events.send(new PutRuleCommand({ Name: 'bell', ScheduleExpression: 'rate(1 minute)' }));
  await events.send(new PutTargetsCommand({ Rule: 'bell', Targets: [{ Id: '1', Arn }] }));
}

test('time is told, moved, stopped and made to run', async () => {
  const endpoint = await start();
  const told = async (...args: string[]) => (await clock(endpoint, args)).stdout;
  expect(await told('now')).toBe('2026-01-01T00:00:00.000Z  standing still\n');
  expect(await told('advance', '3d12h')).toBe('2026-01-04T12:00:00.000Z  standing still\n');
  expect(await told('advance', '5', 'minutes')).toBe('2026-01-04T12:05:00.000Z  standing still\n');
  expect(await told('to', '2027-03-28T00:55:00Z')).toBe('2027-03-28T00:55:00.000Z  standing still\n');
  expect(await told('speed', '60')).toMatch(/^2027-03-28T00:55:\S+ {2}running 60 times as fast\n$/);
  expect(await told('pause')).toMatch(/^2027-03-28T00:\S+ {2}standing still\n$/);
  expect(JSON.parse(await told('resume', '--json'))).toMatchObject({ speed: 60, virtual: true, waitingFor: [] });
  expect(await told()).toMatch(/ running 60 times as fast\n$/);
});

test('time goes on until something has happened, and no further than told', async () => {
  const endpoint = await start();
  await ringEachMinute(endpoint);
  const until = (...args: string[]) => clock(endpoint, ['until', ...args]);
  expect((await until('function ring ran 10 times')).stdout).toBe('2026-01-01T00:10:00.000Z  standing still\n');
  expect(await until('function ring failed', '--at-most', '1h')).toEqual({
    ...{ code: 1, stdout: '' },
    stderr: 'carillon: The condition did not hold by 2026-01-01T01:10:00Z.\n',
  });
});

test('Ctrl-C ends a journey, and tells where time stands', async () => {
  const endpoint = await start();
  await ringEachMinute(endpoint);
  const env = { AWS_ENDPOINT_URL: endpoint };
  const { kill, ended } = carillon(['clock', 'until', 'function ring failed'], { env });
  const state = async () => JSON.parse((await clock(endpoint, ['now', '--json'])).stdout);
  while (!(await state()).journey) {}
  kill('SIGINT');
  const { code, stderr } = await ended;
  expect(code).toBe(130);
  const [, where] = /^carillon: Interrupted: time stands at (\S+Z)/.exec(stderr)!;
  while ((await state()).journey) {}
  expect(Date.parse((await state()).now) - Date.parse(where!)).toBeLessThanOrEqual(60_000);
});

test('an engine where callers have to sign is told so with the keys of the environment', async () => {
  const cwd = emptyDirectory();
  writeFileSync(join(cwd, 'keys'), '{"me": "s3cret"}');
  const endpoint = await start(['--auth', join(cwd, 'keys')]);
  const keys = { AWS_ACCESS_KEY_ID: 'me', AWS_SECRET_ACCESS_KEY: 's3cret', AWS_SESSION_TOKEN: '' };
  expect((await clock(endpoint, ['advance', '1h'], keys)).stdout).toMatch(/^2026-01-01T01:00:00.000Z /);
  expect((await clock(endpoint, ['now'], keys)).stdout).toMatch(/^2026-01-01T01:00:00.000Z /);
  const stranger = await clock(endpoint, ['now'], { ...keys, AWS_SECRET_ACCESS_KEY: 'wrong' });
  expect(stranger.stderr).toMatch(/^carillon: Callers have to sign at \S+: set AWS_ACCESS_KEY_ID and [^\n]+\n$/);
  expect(stranger.code).toBe(1);
});

describe('what makes no sense is said in one line:', () => {
  const nobody = 'http://127.0.0.1:1';

  test.each([
    [['wind'], 2, 'The clock has no wind. See carillon clock --help.'],
    [['now', 'and', 'then'], 2, 'carillon clock now takes no and then.'],
    [['advance'], 2, 'How far? carillon clock advance 5m.'],
    [['speed', 'fast'], 2, 'fast is not a speed. Give 0, 1, 60, ...'],
    [['to', 'x', '--at-most', '1d'], 2, '--at-most goes with carillon clock until.'],
    [['now'], 1, `No Carillon is up at ${nobody}. Start one, as with carillon start --clock virtual.`],
  ])('%j', async (args, code, words) => {
    expect(await clock(nobody, args)).toEqual({ code, stdout: '', stderr: `carillon: ${words}\n` });
  });

  test('by the engine', async () => {
    const endpoint = await start();
    expect((await clock(endpoint, ['advance', 'far'])).stderr).toBe(
      'carillon: "far" is not a duration. Write it as 5 minutes, 90s or 3d12h.\n',
    );
    expect((await clock(endpoint, ['until', 'it rains'])).stderr).toMatch(/^carillon: "it rains" is not a condition\./);
  });
});
