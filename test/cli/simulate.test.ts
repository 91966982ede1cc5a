/* `carillon simulate`: apps of every kind, what is printed, and what makes no sense. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, test } from 'vitest';
import { carillon, emptyDirectory } from './carillon.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/warm-or-cold/', import.meta.url));
const clients = inject('pythonClients');
const FROM = ['--from', '2026-01-01T00:00:00Z'];

/** A directory with these files in it. */
function directoryOf(files: Record<string, string>): string {
  const cwd = emptyDirectory();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return cwd;
}

/** All that was printed, once the command has ended. */
async function simulated(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}) {
  const { rest, ended } = carillon(['simulate', ...args, ...FROM], { cwd, env });
  const [stdout, { code, stderr }] = await Promise.all([rest(), ended]);
  return { stdout, code, stderr };
}

describe('the example', () => {
  const requests = ['--for', '7d', '--inputs', 'requests.jsonl', '--assume', 'hello=100ms'];

  test('finds the function cold at each request', async () => {
    const { stdout, code } = await simulated(['cold.mjs', ...requests, '--json'], EXAMPLE);
    expect(JSON.parse(stdout)).toMatchObject({ functions: [{ name: 'hello', runs: 14, coldStarts: 14 }] });
    expect(code).toBe(0);
  });

  test('finds it warm with a warmer, and says so in a text and on a page', async () => {
    const page = join(emptyDirectory(), 'report.html');
    const { stdout } = await simulated(['warm.mjs', ...requests, '--html', page], EXAMPLE);
    expect(stdout).toContain('7 days · from 2026-01-01T00:00:00.000Z · profile ideal · seed 0');
    expect(stdout).toMatch(/function +memory +runs +cold .*\n +hello +2,048 MB +2,030 +1 /);
    expect(stdout).toMatch(/warmer +rate\(5 minutes\) +2,016 /);
    expect(stdout).toMatch(/ Lambda +hello +406 +GB-s +\$0.0068\n/);
    expect(stdout).toMatch(/ total +\$0.0075\n/);
    expect(stdout).toContain('Billed as if: hello 100 ms.');
    expect(readFileSync(page, 'utf8')).toContain('<caption>Schedules</caption>');
  });

  test('is the same report each time, to the byte', async () => {
    const report = async () =>
      (await simulated(['warm.mjs', '--for', '6h', '--profile', 'aws', '--json'], EXAMPLE)).stdout;
    expect(await report()).toBe(await report());
  });
});

describe('an app that is a program gets the engine as an AWS client does:', () => {
  const environment = ['AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_ACCESS_KEY_ID'];

  test.each([
    ['app.cjs', `console.log(${environment.map((name) => `process.env.${name}`).join(", ' ', ")})`],
    [
      'app.ts',
      `const names: string[] = ${JSON.stringify(environment)};\nconsole.log(...names.map((name) => process.env[name]));`,
    ],
    ['app.py', `import os\nprint(*(os.environ[name] for name in ${JSON.stringify(environment)}))`],
    ['app.sh', `echo ${environment.map((name) => `$${name}`).join(' ')}`],
  ])('%s', async (file, text) => {
    const { code, stderr, stdout } = await simulated([file, '--for', '1h', '--json'], directoryOf({ [file]: text }));
    expect(stderr).toMatch(/^http:\/\/127\.0\.0\.1:\d+ +us-east-1 +test\n$/);
    expect(JSON.parse(stdout)).toMatchObject({ functions: [], findings: [] });
    expect(code).toBe(0);
  });

  test.skipIf(clients === undefined)('as a script with boto3 is', async () => {
    const app = fileURLToPath(new URL('../../examples/warmer/warmer.py', import.meta.url));
    const env = { PYTHONPATH: clients!.packages };
    const { stdout } = await simulated([app, '--for', '1d', '--json'], emptyDirectory(), env);
    const { functions, schedules } = JSON.parse(stdout);
    expect(functions).toMatchObject([{ name: 'hello', runs: 288, coldStarts: 1, failures: 0 }]);
    expect(schedules).toMatchObject([{ name: 'warmer', rings: 288 }]);
  });

  test('an engine for itself, with what goes wrong', async () => {
    const text = `export default async (engine) => {
      await engine.schedule('bell', 'rate(10 seconds)', await engine.createFunction('ring', 'exports.handler = () => {}'));
    }`;
    const args = ['--extensions', '--for', '1h', '--fault', 'function ring fails', '--json', '--seed', 'x'];
    const { stdout } = await simulated(['app.mjs', ...args], directoryOf({ 'app.mjs': text }));
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ seed: 'x', schedules: [{ rings: 360 }], functions: [{ name: 'ring' }] });
    expect(report.functions[0].failures).toBe(report.functions[0].runs);
  });
});

test('Ctrl-C ends it early, with a report of what has been', async () => {
  const text = `export default async (engine) => {
    await engine.call('eventbridge', 'PutRule', { Name: 'bell', ScheduleExpression: 'rate(1 minute)' });
    let rings = 0;
    engine.journal.subscribe(({ kind }) => kind === 'due' && ++rings === 10 && process.kill(process.pid, 'SIGINT'));
  }`;
  const { stdout, code } = await simulated(['app.mjs', '--for', '3000d'], directoryOf({ 'app.mjs': text }));
  expect(stdout).toMatch(/^\d.* · interrupted$/m);
  expect(code).toBe(130);
});

describe('what makes no sense is said in one line:', () => {
  const files = { 'app.mjs': 'export default () => {};', 'bad.sh': 'exit 3', 'inputs.jsonl': '{"at":"+1h","shout":1}' };

  test.each([
    [[], 2, 'Which app? carillon simulate APP --for 30d.'],
    [['app.mjs'], 2, 'How long? Give it as --for 30d.'],
    [['app.mjs', 'b.mjs', '--for', '1d'], 2, 'One app at a time: app.mjs, or b.mjs?'],
    [['app.mjs', '--for', 'long'], 2, '"long" is not a duration. Write it as 5 minutes, 90s or 3d12h.'],
    [['app.mjs', '--for', '1d', '--profile', 'sunny'], 2, /^"sunny" is not a profile\. There are /],
    [['app.mjs', '--for', '1d', '--assume', 'ring'], 2, /^"ring" is not an assumption\. Write it as /],
    [['app.mjs', '--for', '1d', '--inputs', 'inputs.jsonl'], 1, /^inputs\.jsonl: Line 1: has "shout", which/],
    [['app.mjs', '--for', '1d', '--inputs', 'none'], 1, "The inputs none can't be read (ENOENT)."],
    [['app.mjs', '--for', '1d', '--html', 'no/where'], 1, "The page no/where can't be written (ENOENT)."],
    [['none.py', '--for', '1d'], 1, "The app none.py can't be read (ENOENT)."],
    [['app.exe', '--for', '1d'], 1, /^app\.exe is no app that Carillon can run\. An app is a file that ends in/],
    [['bad.sh', '--for', '1d'], 1, 'bad.sh could not set things up: it ended with 3.'],
    [['throws.mjs', '--for', '1d'], 1, /^throws\.mjs could not set things up: ResourceNotFoundException: Rule x /],
    [['value.mjs', '--for', '1d'], 1, 'value.mjs exports something else than a function by default.'],
  ])('%j', async (args, code, words) => {
    const cwd = directoryOf({
      ...files,
      'throws.mjs': "export default (engine) => engine.call('eventbridge', 'DescribeRule', { Name: 'x' });",
      'value.mjs': 'export default 1;',
    });
    const said = await carillon(['simulate', ...args], { cwd }).ended;
    expect(said.stderr).toMatch(/^carillon: [^\n]+\n$/);
    expect(said.stderr.slice('carillon: '.length, -1)).toEqual(
      typeof words === 'string' ? words : expect.stringMatching(words),
    );
    expect(said.code).toBe(code);
  });
});
