/*
 * An engine killed in the middle of its work, and started again on the same data: what it had accepted is done, its
 * schedules go on in step, and nothing rings early. Functions leave a line in a file for each run, which outlives
 * the engine.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { zip } from '../zip.ts';

const PROGRAM = fileURLToPath(new URL('programs/engine.ts', import.meta.url));
const INVOCATIONS = 1_000;
const SENDERS = 50;
/** Long enough that some are still to run when all have been accepted. */
const RUN_MS = 100;

let directory: string;
let engine: ChildProcess | undefined;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'carillon-kill-'));
});
afterEach(async () => {
  await kill('SIGTERM');
  rmSync(directory, { recursive: true, force: true });
});

async function start(): Promise<{ lambda: LambdaClient; events: EventBridgeClient }> {
  const args = ['--conditions=source', PROGRAM, join(directory, 'data')];
  engine = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [endpoint] = (await once(createInterface(engine.stdout!), 'line')) as [string];
  const credentials = { accessKeyId: '000000000000', secretAccessKey: 'any' };
  const options = { endpoint, region: 'eu-central-1', credentials, maxAttempts: 1 };
  return { lambda: new LambdaClient(options), events: new EventBridgeClient(options) };
}

async function kill(signal: NodeJS.Signals): Promise<void> {
  if (!engine) return;
  const gone = once(engine, 'exit');
  engine.kill(signal);
  await gone;
  engine = undefined;
}

/** A function that appends to a file what `line`, an expression over the event, says. */
async function createFunction(lambda: LambdaClient, name: string, line: string): Promise<string> {
  const code = `
    const { appendFileSync } = require('node:fs');
    exports.handler = async (event) => {
      appendFileSync(${JSON.stringify(join(directory, name))}, ${line} + '\\n');
      await new Promise((resolve) => setTimeout(resolve, ${RUN_MS}));
    };`;
  const created = await lambda.send(
    new CreateFunctionCommand({
      FunctionName: name,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/bell',
      Code: { ZipFile: await zip({ 'index.js': code }) },
      Timeout: 30,
    }),
  );
  return created.FunctionArn!;
}

function lines(name: string): string[] {
  const file = join(directory, name);
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}

/** Resolves once the lines of a file are enough. */
async function until(name: string, enough: (lines: string[]) => boolean): Promise<void> {
  const watcher = watch(directory);
  try {
    while (!enough(lines(name))) await once(watcher, 'change');
  } finally {
    watcher.close();
  }
}

it('runs every invocation that it accepted at least once', async () => {
  const before = await start();
  await createFunction(before.lambda, 'bell', 'event.n');
  const accepted = new Set<string>();
  let next = 0;
  const sender = async () => {
    while (next < INVOCATIONS) {
      const n = next++;
      const Payload = Buffer.from(JSON.stringify({ n }));
      const input = { FunctionName: 'bell', InvocationType: 'Event', Payload } as const;
      const { StatusCode } = await before.lambda.send(new InvokeCommand(input));
      if (StatusCode === 202) accepted.add(`${n}`);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sender));
  expect(accepted.size).toBe(INVOCATIONS);
  await until('bell', (found) => found.length > 0);
  await kill('SIGKILL');
  const ranBefore = new Set(lines('bell')).size;
  expect(ranBefore).toBeLessThan(INVOCATIONS);

  await start();
  await until('bell', (found) => new Set(found).size === INVOCATIONS);
  expect(new Set(lines('bell'))).toEqual(accepted);
});

it('keeps its schedules in step, loses none, and rings none early', async () => {
  const { lambda, events } = await start();
  const line = 'event.resources[0].split("/").at(-1) + " " + event.time + " " + Date.now()';
  const arn = await createFunction(lambda, 'clock', line);
  const names = Array.from({ length: 20 }, (_, index) => `ring-${index}`);
  for (const Name of names) {
    await events.send(new PutRuleCommand({ Name, ScheduleExpression: 'rate(1 second)' }));
    await events.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: 'clock', Arn: arn }] }));
  }
  const rung = (found: string[]) => new Set(found.map((line) => line.split(' ')[0]));
  await until('clock', (found) => rung(found).size === names.length);
  await kill('SIGKILL');
  const before = lines('clock').length;

  await start();
  // Each rings again, and more than once: the late ring of what was due meanwhile is not its last.
  const since = (found: string[]) => found.slice(before);
  const countOf = (found: string[], name: string) => since(found).filter((line) => line.startsWith(`${name} `)).length;
  await until('clock', (found) => names.every((name) => countOf(found, name) >= 3));
  for (const line of lines('clock')) {
    const [, due, at] = line.split(' ');
    expect(Number(at)).toBeGreaterThanOrEqual(Date.parse(due!));
  }
});
