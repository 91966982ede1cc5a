/* `carillon run`: which engine a command gets, its environment, its exit code and its signals. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { carillon, emptyDirectory } from './carillon.ts';

/** No engine is up at this port: it belongs to nobody (RFC 6335, "tcpmux"). */
const NOBODY = ['--port', '1'];

const show = (expression: string) => [process.execPath, '-p', expression];

test('a command gets the endpoint, region and credentials in its environment', async () => {
  const names = Object.keys(process.env).filter((name) => name.startsWith('AWS_'));
  const env = {
    ...Object.fromEntries(names.map((name) => [name, undefined])),
    ...{ AWS_PROFILE: 'work', AWS_ENDPOINT_URL_EVENTS: 'https://events.us-east-1.amazonaws.com' },
  };
  const script = `JSON.stringify(Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name.startsWith('AWS_'))))`;
  const { line, ended } = carillon(['run', ...NOBODY, '--', ...show(script)], { env });
  expect(JSON.parse(await line(/^{/))).toEqual({
    AWS_ENDPOINT_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_DISABLE_HOST_PREFIX_INJECTION: 'true',
  });
  expect(await ended).toEqual({
    code: 0,
    stderr: expect.stringMatching(/^This command has a Carillon of its own at \S+, which keeps nothing\.\n$/),
  });
});

test("the user's own region and credentials stay", async () => {
  const env = {
    AWS_REGION: '',
    AWS_DEFAULT_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'me',
    AWS_SECRET_ACCESS_KEY: 'x',
  };
  const script = '["REGION", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY"].map((name) => process.env["AWS_" + name]).join()';
  const { line } = carillon(['run', ...NOBODY, '--', ...show(script)], { env });
  expect(await line(/./)).toBe('eu-central-1,me,x');
});

test('a command gets the engine that is up', async () => {
  const { endpoint } = await carillon(['start', '--memory', '--json', '--port', '0']).event('ready');
  const { port } = new URL(String(endpoint));
  for (const where of [{ args: ['--port', port] }, { args: [], env: { AWS_ENDPOINT_URL: `${endpoint}/` } }]) {
    const { line, ended } = carillon(['run', ...where.args, ...show('process.env.AWS_ENDPOINT_URL')], where);
    expect(await line(/./)).toBe(endpoint);
    expect(await ended).toEqual({ code: 0, stderr: '' });
  }
});

test('with --data a command gets an engine of its own that is kept', async () => {
  const cwd = emptyDirectory();
  const { ended } = carillon(['run', '--data', 'state', '--', ...show('1')], { cwd });
  expect((await ended).stderr).toMatch(/of its own at \S+, kept in state\.\n$/);
  expect(existsSync(join(cwd, 'state/carillon.db'))).toBe(true);
});

test("the command's exit code is carillon's", async () => {
  const { ended } = carillon(['run', ...NOBODY, process.execPath, '-e', 'process.exit(7)']);
  expect((await ended).code).toBe(7);
});

test('a command that a signal ended is told as a shell tells it', async () => {
  const { ended } = carillon(['run', ...NOBODY, '--', process.execPath, '-e', 'process.kill(process.pid, "SIGKILL")']);
  expect((await ended).code).toBe(128 + 9);
});

test('signals reach the command', async () => {
  const script = `process.on('SIGTERM', () => process.exit(42)); setInterval(() => {}, 1000); console.log('up')`;
  const { line, kill, ended } = carillon(['run', ...NOBODY, '--', process.execPath, '-e', script]);
  await line(/^up$/);
  kill('SIGTERM');
  expect((await ended).code).toBe(42);
});

test('input and options reach the command', async () => {
  const script = 'process.stdin.on("data", (data) => console.log(process.argv[1], String(data)))';
  const { line, type } = carillon(['run', ...NOBODY, process.execPath, '-e', script, '--', '--help']);
  type('ding');
  expect(await line(/./)).toBe('--help ding');
});

describe('a command that cannot be run is told as a shell tells it', () => {
  test.each([
    ['nonesuch', 127, 'There is no command nonesuch. Is it spelt right, and on the PATH?'],
    ['./file', 126, "./file can't be run: it is not executable (chmod +x)."],
  ])('%s', async (command, code, words) => {
    const cwd = emptyDirectory();
    writeFileSync(join(cwd, 'file'), '');
    const ended = await carillon(['run', ...NOBODY, '--', command], { cwd }).ended;
    expect(ended.code).toBe(code);
    expect(ended.stderr.endsWith(`carillon: ${words}\n`)).toBe(true);
  });
});
