/*
 * An engine for tests, of whatever runner: `@carillon/engine/testing`. Time stands still until the test moves it,
 * functions are made from a folder or from code written in the test, and what rang is at hand.
 *
 *   await using engine = await createTestEngine();
 *   const ring = await engine.createFunction('ring', 'exports.handler = async (event) => event');
 *   await engine.schedule('every-five', 'rate(5 minutes)', ring);
 *   await engine.clock.advance('1 day');
 *   engine.expectRings(ring, 288);
 */
import { AssertionError } from 'node:assert';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { CreateFunctionRequest, Runtime } from '@aws-sdk/client-lambda';
import { ZipFile } from 'yazl';
import { createEngine, type Engine, type EngineOptions, isoMillis } from './engine.ts';

export { AwsError, type Engine, type EngineOptions, type JournalNote } from './engine.ts';

/** One run of a function. */
export interface Ring {
  readonly function: string;
  readonly requestId: string;
  /** When it began, epoch milliseconds. */
  readonly at: number;
  readonly durationMs: number;
  readonly cold: boolean;
  /** `ok`, or the type of the error. */
  readonly outcome: string;
}

/** A function's code: its one file's text, its files by path, or a folder's `file:` URL. */
export type Code = string | Readonly<Record<string, string>> | URL;

export interface FunctionOptions extends Partial<Omit<CreateFunctionRequest, 'FunctionName' | 'Code'>> {
  /** `nodejs24.x` unless given. */
  Runtime?: Runtime;
}

/** A function that was made. */
export interface TestFunction {
  readonly name: string;
  readonly arn: string;
  /** Runs it and waits; resolves with what it answered, or rejects with its error. */
  invoke(event?: unknown): Promise<unknown>;
}

export interface TestEngine extends Engine {
  createFunction(name: string, code: Code, options?: FunctionOptions): Promise<TestFunction>;
  /** Puts a rule on a schedule with a function as its target; `input` in place of the scheduled event. */
  schedule(name: string, expression: string, target: TestFunction, input?: unknown): Promise<void>;
  /** What has run, oldest first: all functions, or one. */
  rings(of?: TestFunction | string): Ring[];
  /** Throws an AssertionError, telling what ran and when, unless a function ran so many times (since the last reset). */
  expectRings(of: TestFunction | string, times: number): Ring[];
}

/** Which file a function's only file is, and its handler. */
const ENTRY = {
  python: { file: 'index.py', handler: 'index.handler' },
  node: { file: 'index.js', handler: 'index.handler' },
};
const ROLE = 'arn:aws:iam::000000000000:role/carillon';
/** How many runs an error tells of. */
const SHOWN = 10;

/** Starts an engine in virtual time, in memory; the options are those of createEngine. */
export async function createTestEngine(options: EngineOptions = {}): Promise<TestEngine> {
  const engine = await createEngine({ clock: 'virtual', ...options });
  const all: Ring[] = [];
  engine.journal.subscribe(({ kind, subject, outcome, detail }) => {
    if (kind !== 'invocation' || !detail) return;
    const { requestId, startedAt, durationMs, cold } = detail as {
      requestId: string;
      startedAt: number;
      durationMs: number;
      cold: boolean;
    };
    all.push({ function: subject.split(':')[6]!, requestId, at: startedAt, durationMs, cold, outcome });
  });
  const nameOf = (of: TestFunction | string) => (typeof of === 'string' ? of : of.name);
  const rings = (of?: TestFunction | string) => all.filter((ring) => of === undefined || ring.function === nameOf(of));

  const test: TestEngine = Object.create(
    engine,
    Object.getOwnPropertyDescriptors({
      async createFunction(name: string, code: Code, given: FunctionOptions = {}): Promise<TestFunction> {
        const runtime = given.Runtime ?? 'nodejs24.x';
        const entry = runtime.startsWith('python') ? ENTRY.python : ENTRY.node;
        const made = await engine.call('lambda', 'CreateFunction', {
          Role: ROLE,
          Handler: entry.handler,
          ...given,
          Runtime: runtime,
          FunctionName: name,
          Code: { ZipFile: await zip(filesOf(code, entry.file)) },
        });
        return { name, arn: made.FunctionArn!, invoke: (event = {}) => invoke(engine, name, event) };
      },
      async schedule(name: string, ScheduleExpression: string, target: TestFunction, input?: unknown): Promise<void> {
        await engine.call('eventbridge', 'PutRule', { Name: name, ScheduleExpression });
        const Input = input === undefined ? {} : { Input: JSON.stringify(input) };
        await engine.call('eventbridge', 'PutTargets', {
          Rule: name,
          Targets: [{ Id: '1', Arn: target.arn, ...Input }],
        });
      },
      rings,
      expectRings(of: TestFunction | string, times: number): Ring[] {
        const found = rings(of);
        if (found.length === times) return found;
        const moments = found.slice(-SHOWN).map((ring) => `  ${isoMillis(ring.at)} ${ring.outcome}`);
        const heard = moments.length === 0 ? '' : `\nThe last of them:\n${moments.join('\n')}`;
        const message = `Function ${nameOf(of)} was to run ${times} times by ${isoMillis(engine.clock.now())}, and ran ${found.length} times.${heard}`;
        throw new AssertionError({ message, actual: found.length, expected: times, operator: 'expectRings' });
      },
      async reset() {
        await engine.reset();
        all.length = 0;
      },
    }),
  );
  return test;
}

async function invoke(engine: Engine, name: string, event: unknown): Promise<unknown> {
  const answer = await engine.call('lambda', 'Invoke', {
    FunctionName: name,
    Payload: Buffer.from(JSON.stringify(event)),
  });
  const text = Buffer.from(answer.Payload ?? []).toString();
  if (!answer.FunctionError) return JSON.parse(text);
  const { errorMessage, errorType } = JSON.parse(text) as { errorMessage: string; errorType: string };
  throw Object.assign(new Error(errorMessage), { name: errorType });
}

function filesOf(code: Code, only: string): Map<string, Buffer> {
  if (typeof code === 'string') return new Map([[only, Buffer.from(code)]]);
  if (!(code instanceof URL)) return new Map(Object.entries(code).map(([path, text]) => [path, Buffer.from(text)]));
  const folder = decodeURIComponent(code.pathname);
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((path) => join(folder, path));
  return new Map(
    paths
      .filter((path) => statSync(path).isFile())
      .map((path) => [relative(folder, path).split(sep).join('/'), readFileSync(path)]),
  );
}

async function zip(files: Map<string, Buffer>): Promise<Uint8Array> {
  const archive = new ZipFile();
  for (const [path, content] of files) archive.addBuffer(content, path);
  archive.end();
  return buffer(archive.outputStream as NodeJS.ReadableStream);
}
