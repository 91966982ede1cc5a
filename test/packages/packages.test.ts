/*
 * The published packages, as one who installs them meets them: packed, installed from their tarballs with no
 * registry at hand, started, imported, compiled against; on this Node and on the oldest that they are for.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { optionsFor } from '../conformance/clients.ts';
import { nodes } from './nodes.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

let scratch: string;
let home: string;
let version: string;
let files: Record<string, string[]>;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'packages-'));
  home = join(scratch, 'home');
  await mkdir(home);
  await run(process.execPath, ['tools/build.ts'], { cwd: root });
  const workspaces = ['-w', 'packages/engine', '-w', 'packages/cli'];
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', scratch, ...workspaces], { cwd: root });
  const packed: { name: string; version: string; filename: string; files: { path: string }[] }[] = JSON.parse(stdout);
  version = packed[0]!.version;
  files = Object.fromEntries(packed.map((each) => [each.name, each.files.map(({ path }) => path)]));
  await writeFile(join(home, 'package.json'), '{ "type": "module" }');
  const tarballs = packed.map(({ filename }) => join(scratch, filename));
  await run('npm', ['install', '--offline', '--no-audit', '--no-fund', ...tarballs], { cwd: home });
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

test('a package holds what it needs to run, and no more', () => {
  expect(Object.keys(files).sort()).toEqual(['@carillon/engine', 'carillon']);
  for (const paths of Object.values(files)) {
    expect(paths).toEqual(expect.arrayContaining(['README.md', 'dist/LICENSE', 'dist/THIRD-PARTY-NOTICES']));
  }
  expect(files['@carillon/engine']).toContain('runtimes/node/bootstrap.cjs');
  const stray = Object.values(files)
    .flat()
    .filter(
      (path) => !/^(dist|runtimes)\/|^package\.json$|^(README|LICENSE)/.test(path) || /\.pyc$|\.test\./.test(path),
    );
  expect(stray).toEqual([]);
});

test('types: what is right compiles, what is not does not, and no package of types but Node’s is needed', async () => {
  await writeFile(
    join(home, 'consumer.ts'),
    `import { createEngine, type Engine } from '@carillon/engine';
    import { createTestEngine, type TestEngine } from '@carillon/engine/testing';
    import { type Report, simulate } from '@carillon/engine/simulation';
    const report: Report = await simulate({ app: (engine) => engine.createFunction('a', ''), duration: '1d' });
    const runs: number | undefined = report.functions[0]?.runs;
    const test: TestEngine = await createTestEngine();
    await test.createFunction('ring', 'exports.handler = async () => 1', { Runtime: 'nodejs22.x', Timeout: 3 });
    const engine: Engine = await createEngine({ clock: 'virtual' });
    const { RuleArn } = await engine.call('eventbridge', 'PutRule', { Name: 'a', State: 'ENABLED' });
    const arn: string | undefined = RuleArn;
    const { Payload } = await engine.call('lambda', 'Invoke', { FunctionName: arn ?? '' });
    const bytes: Uint8Array | undefined = Payload;
    // @ts-expect-error there is no such operation
    await engine.call('eventbridge', 'PutRules', { Name: 'a' });
    // @ts-expect-error a member is missing
    await engine.call('eventbridge', 'PutRule', {});
    // @ts-expect-error a member is of another type
    await engine.call('lambda', 'GetFunction', { FunctionName: 1 });
    // @ts-expect-error there is no such service
    await engine.call('events', 'PutRule', { Name: 'a' });
    await engine.clock.advance('1 day');
    console.log(bytes?.length, runs);`,
  );
  const options = [
    '--strict',
    '--exactOptionalPropertyTypes',
    '--module',
    'nodenext',
    '--target',
    'esnext',
    '--noEmit',
  ];
  await mkdir(join(home, 'node_modules/@types'), { recursive: true });
  await symlink(join(root, 'node_modules/@types/node'), join(home, 'node_modules/@types/node'));
  const compiled = run(join(root, 'node_modules/.bin/tsc'), [...options, '--types', 'node', 'consumer.ts'], {
    cwd: home,
  });
  expect(
    await compiled.then(
      () => 'compiled',
      ({ stdout }) => stdout,
    ),
  ).toBe('compiled');
});

/** Rings a function every five minutes for a day, and finds a rule again that an engine kept before it closed. */
const PROGRAM = `
import { createEngine } from '@carillon/engine';
import { createTestEngine } from '@carillon/engine/testing';

const engine = await createTestEngine();
const ring = await engine.createFunction('ring', 'exports.handler = async (event) => event');
await engine.schedule('often', 'rate(5 minutes)', ring);
await engine.clock.advance('1 day');
console.log('rings', engine.rings(ring).length);
await engine.close();

const first = await createEngine({ data: process.argv[2] });
await first.call('eventbridge', 'PutRule', { Name: 'kept', ScheduleExpression: 'rate(5 minutes)' });
await first.close();
const second = await createEngine({ data: process.argv[2] });
console.log('kept', (await second.call('eventbridge', 'DescribeRule', { Name: 'kept' })).ScheduleExpression);
await second.close();
`;

describe.each(Object.entries(nodes))('on %s', (name, provide) => {
  test('the engine runs in a program', async ({ skip }) => {
    const node = (await provide()) ?? skip(`${name} can't be had`);
    await writeFile(join(home, 'program.js'), PROGRAM);
    const { stdout } = await run(node, ['program.js', join(scratch, `data of ${name}`)], { cwd: home });
    expect(stdout).toBe('rings 288\nkept rate(5 minutes)\n');
  });

  test('the command tells its version', async ({ skip }) => {
    const node = (await provide()) ?? skip(`${name} can't be had`);
    const { stdout } = await run(node, ['node_modules/.bin/carillon', '--version'], { cwd: home });
    expect(stdout).toContain(version);
  });

  test('the command starts an engine, which answers, and stops when told', async ({ skip }) => {
    const node = (await provide()) ?? skip(`${name} can't be had`);
    const command = ['node_modules/.bin/carillon', 'start', '--memory', '--port', '0', '--json'];
    const carillon = spawn(node, command, { cwd: home, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [line] = await once(createInterface(carillon.stdout), 'line');
      const { endpoint } = JSON.parse(line);
      const client = new EventBridgeClient({ ...optionsFor({ endpoint }), maxAttempts: 1 });
      expect((await client.send(new ListRulesCommand())).Rules).toEqual([]);
      carillon.kill('SIGTERM');
      expect(await once(carillon, 'exit')).toEqual([0, null]);
    } finally {
      carillon.kill('SIGKILL');
    }
  });
});

test('npx finds the command', async () => {
  const { stdout } = await run('npx', ['--offline', 'carillon', '--version'], { cwd: home });
  expect(stdout).toContain(version);
});
