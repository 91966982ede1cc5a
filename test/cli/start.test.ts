/* `carillon start`: ready, rings, stop, what is kept, and what may be wrong on a machine. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { EventBridgeClient, ListRulesCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateEventSourceMappingCommand, CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { zip } from '../zip.ts';
import { carillon, emptyDirectory } from './carillon.ts';

const START = ['start', '--port', '0'];

const client = (endpoint: unknown, secretAccessKey = 'test') => ({
  ...{ endpoint: String(endpoint), region: 'us-east-1', maxAttempts: 1 },
  credentials: { accessKeyId: 'test', secretAccessKey },
});

describe('on a plain output', () => {
  test('one line says that it is ready, and one that it has stopped', async () => {
    const cwd = emptyDirectory();
    const { line, kill, ended } = carillon(START, { cwd });
    const ready = await line(/./);
    const [, endpoint] = /^Carillon \S+ is ready at (\S+) /.exec(ready)!;
    expect(ready).toContain(`· real clock · data in ./.carillon · next: export AWS_ENDPOINT_URL=${endpoint}`);
    kill('SIGTERM');
    expect(await line(/./)).toBe('Carillon has stopped.');
    expect(await ended).toEqual({ code: 0, stderr: '' });
    expect(readFileSync(join(cwd, '.carillon/.gitignore'), 'utf8')).toBe('*\n');
  });

  test('with --memory nothing is kept', async () => {
    const cwd = emptyDirectory();
    const { line, kill, ended } = carillon([...START, '--memory', '--clock', 'virtual:2026-01-01T00:00:00Z'], { cwd });
    expect(await line(/./)).toContain('· virtual clock at 2026-01-01T00:00:00Z · nothing is kept ·');
    kill('SIGINT');
    expect((await ended).code).toBe(0);
    expect(existsSync(join(cwd, '.carillon'))).toBe(false);
  });
});

test('the pages of the engine tell its health and move its clock', async () => {
  const { event } = carillon([...START, '--memory', '--json', '--clock', 'virtual:2026-01-01T00:00:00Z']);
  const { endpoint } = await event('ready');
  const page = async (path: string, body?: object) => {
    const request = body ? { method: 'POST', body: JSON.stringify(body) } : {};
    const answer = await fetch(`${endpoint}/_carillon/${path}`, request);
    return { status: answer.status, body: await answer.json() };
  };
  expect(await page('health')).toMatchObject({
    status: 200,
    body: { status: 'ok', clock: { now: '2026-01-01T00:00:00.000Z', speed: 0 } },
  });
  expect(await page('clock', { advance: '5 minutes' })).toMatchObject({ body: { now: '2026-01-01T00:05:00.000Z' } });
  expect(await page('clock', { to: '2026-01-02T00:00:00Z' })).toMatchObject({
    body: { now: '2026-01-02T00:00:00.000Z' },
  });
  expect(await page('clock', { to: '2026-01-01' })).toMatchObject({ status: 400 });
  const events = new EventBridgeClient(client(endpoint));
  await events.send(new PutRuleCommand({ Name: 'bell', ScheduleExpression: 'rate(1 minute)' }));
  expect(await page('reset', {})).toMatchObject({ status: 200 });
  expect((await events.send(new ListRulesCommand({}))).Rules).toEqual([]);
});

async function createDing(endpoint: unknown): Promise<string> {
  const { FunctionArn } = await new LambdaClient(client(endpoint)).send(
    new CreateFunctionCommand({
      ...{ FunctionName: 'ding', Runtime: 'nodejs24.x', Handler: 'index.handler' },
      Role: 'arn:aws:iam::000000000000:role/ding',
      Code: { ZipFile: await zip({ 'index.js': 'exports.handler = async () => {};' }) },
    }),
  );
  return FunctionArn!;
}

test('rules and functions outlive a restart and ring on; each ring is told', async () => {
  const cwd = emptyDirectory();
  const first = carillon([...START, '--json', '--extensions'], { cwd });
  const ready = await first.event('ready');
  expect(ready).toMatchObject({ pid: first.pid, clock: { virtual: false, speed: 1 }, data: './.carillon' });
  const events = new EventBridgeClient(client(ready.endpoint));
  const functionArn = await createDing(ready.endpoint);
  await events.send(new PutRuleCommand({ Name: 'bell', ScheduleExpression: 'rate(1 second)' }));
  await events.send(new PutTargetsCommand({ Rule: 'bell', Targets: [{ Id: '1', Arn: functionArn }] }));
  const ring = { rule: 'default/bell', functionArn, attempt: 1, outcome: 'ok' };
  expect(await first.event('ring')).toMatchObject({ ...ring, cold: true });
  const second = await first.event('ring');
  expect(second).toMatchObject({ ...ring, cold: false, lateMs: expect.any(Number), durationMs: expect.any(Number) });
  expect(Date.parse(String(second.startedAt)) - Date.parse(String(second.dueAt))).toBe(second.lateMs);
  expect(second.lateMs).toBeGreaterThanOrEqual(0);
  first.kill('SIGTERM');
  await first.event('stopped');
  expect((await first.ended).code).toBe(0);

  const again = carillon([...START, '--json', '--extensions'], { cwd });
  expect(await again.event('ring')).toMatchObject({ ...ring, cold: true });
});

test('messages of a queue ring a function too', async () => {
  const { event } = carillon([...START, '--memory', '--json']);
  const { endpoint } = await event('ready');
  const FunctionName = await createDing(endpoint);
  const sqs = new SQSClient(client(endpoint));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
  const EventSourceArn = 'arn:aws:sqs:us-east-1:000000000000:jobs';
  await new LambdaClient(client(endpoint)).send(new CreateEventSourceMappingCommand({ EventSourceArn, FunctionName }));
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' }));
  expect(await event('ring')).toMatchObject({ rule: 'jobs', functionArn: FunctionName, outcome: 'ok' });
});

describe('what is wrong on a machine is said in one line', () => {
  const complaint = async (args: readonly string[], cwd?: string) => {
    const { code, stderr } = await carillon(args, cwd === undefined ? {} : { cwd }).ended;
    expect(code).toBe(1);
    return stderr;
  };

  test('a port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    expect(await complaint(['start', '--memory', '--port', String(port)])).toBe(
      `carillon: Port ${port} is taken, by another Carillon perhaps. Stop what listens there, or give another with --port (0 takes a free one).\n`,
    );
  });

  test('a data directory that is in use', async () => {
    const cwd = emptyDirectory();
    await carillon(START, { cwd }).line(/ready/);
    expect(await complaint(START, cwd)).toMatch(
      /^carillon: The data directory \S+ is in use by another Carillon\. .* with --data DIR\.\n$/,
    );
  });

  test('a data directory that is a file', async () => {
    const cwd = emptyDirectory();
    writeFileSync(join(cwd, 'file'), '');
    expect(await complaint([...START, '--data', 'file'], cwd)).toMatch(
      /^carillon: The data directory \S+ can't be used: .* or keep nothing with --memory\.\n$/,
    );
  });

  test('a file of keys that is missing', async () => {
    expect(await complaint([...START, '--memory', '--auth', 'nowhere'])).toBe(
      "carillon: The file of access keys nowhere can't be read (ENOENT). Give another with --auth FILE.\n",
    );
  });

  test('a file of keys that holds none', async () => {
    const cwd = emptyDirectory();
    writeFileSync(join(cwd, 'keys'), '[default]\nregion = us-east-1\n');
    expect(await complaint([...START, '--memory', '--auth', 'keys'], cwd)).toMatch(
      /^carillon: keys holds no access keys\./,
    );
  });
});

describe('callers have to sign', () => {
  const keys = {
    credentials:
      '[default]\naws_access_key_id = other\naws_secret_access_key = x\n[me]\naws_access_key_id=test\naws_secret_access_key = a/b+c=\n',
    json: '{"test": "a/b+c="}',
  };

  test.each(Object.entries(keys))('with keys of a file (%s)', async (_, content) => {
    const cwd = emptyDirectory();
    writeFileSync(join(cwd, 'keys'), content);
    const { event } = carillon([...START, '--memory', '--json', '--auth', 'keys'], { cwd });
    await expectSigned((await event('ready')).endpoint, 'a/b+c=');
  });

  test.each([[['--auth', 'env']], [['--host', '0.0.0.0']]])('with keys of the environment (%j)', async (args) => {
    const env = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 's3cret' };
    const { event } = carillon([...START, '--memory', '--json', ...args], { env });
    await expectSigned((await event('ready')).endpoint, 's3cret');
  });

  test('or else other machines are kept out', async () => {
    const env = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
    const { code, stderr } = await carillon([...START, '--memory', '--host', '0.0.0.0'], { env }).ended;
    expect(stderr).toMatch(/^carillon: Callers have to sign here: give their access keys with --auth FILE, .*\n$/);
    expect(code).toBe(1);
  });

  async function expectSigned(endpoint: unknown, secret: string) {
    const list = (key: string) => new EventBridgeClient(client(endpoint, key)).send(new ListRulesCommand({}));
    expect((await list(secret)).Rules).toEqual([]);
    await expect(list('wrong')).rejects.toMatchObject({ name: 'InvalidSignatureException' });
  }
});
