/*
 * An engine with tools to set things up by: functions made from a folder or from text, and schedules that ring them.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ZipFile } from 'yazl';
import { AwsError, type Engine, type Input } from './engine.ts';

/** A function's code: its one file's text, its files by path, or a folder's `file:` URL. */
export type Code = string | Readonly<Record<string, string>> | URL;

/** What CreateFunction takes; the runtime is `nodejs24.x` unless given. */
export type FunctionOptions = Partial<Omit<Input<'lambda', 'CreateFunction'>, 'FunctionName' | 'Code'>>;

/** A function that was made. */
export interface MadeFunction {
  readonly name: string;
  readonly arn: string;
  /** Runs it and waits; resolves with what it answered, or rejects with its error. */
  invoke(event?: unknown): Promise<unknown>;
}

export interface Workbench extends Engine {
  createFunction(name: string, code: Code, options?: FunctionOptions): Promise<MadeFunction>;
  /** Puts a rule on a schedule with a function as its target; `input` in place of the scheduled event. */
  schedule(name: string, expression: string, target: MadeFunction, input?: unknown): Promise<void>;
}

/** Which file a function's only file is, and its handler. */
const ENTRY = {
  python: { file: 'index.py', handler: 'index.handler' },
  node: { file: 'index.js', handler: 'index.handler' },
};
/** The role of functions that are given none: it may do everything. */
const ROLE_NAME = 'carillon';
const TRUST_POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});

export function createWorkbench(engine: Engine): Workbench {
  return Object.create(
    engine,
    Object.getOwnPropertyDescriptors({
      async createFunction(name: string, code: Code, given: FunctionOptions = {}): Promise<MadeFunction> {
        const runtime = given.Runtime ?? 'nodejs24.x';
        const entry = runtime.startsWith('python') ? ENTRY.python : ENTRY.node;
        const made = await engine.call('lambda', 'CreateFunction', {
          Role: given.Role ?? (await roleArn(engine)),
          Handler: entry.handler,
          ...given,
          Runtime: runtime,
          FunctionName: name,
          Code: { ZipFile: await zip(filesOf(code, entry.file)) },
        });
        return { name, arn: made.FunctionArn!, invoke: (event = {}) => invoke(engine, name, event) };
      },
      async schedule(name: string, ScheduleExpression: string, target: MadeFunction, input?: unknown): Promise<void> {
        const { RuleArn } = await engine.call('eventbridge', 'PutRule', { Name: name, ScheduleExpression });
        await allow(engine, target, name, RuleArn!);
        const Input = input === undefined ? {} : { Input: JSON.stringify(input) };
        await engine.call('eventbridge', 'PutTargets', {
          Rule: name,
          Targets: [{ Id: '1', Arn: target.arn, ...Input }],
        });
      },
    }),
  );
}

/** Makes the role when it is first asked for. */
async function roleArn(engine: Engine): Promise<string> {
  try {
    const { Role } = await engine.call('iam', 'GetRole', { RoleName: ROLE_NAME });
    return Role!.Arn!;
  } catch (error) {
    if (!(error instanceof AwsError && error.code === 'NoSuchEntity')) throw error;
    const made = { RoleName: ROLE_NAME, AssumeRolePolicyDocument: TRUST_POLICY };
    const { Role } = await engine.call('iam', 'CreateRole', made);
    const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
    await engine.call('iam', 'AttachRolePolicy', { RoleName: ROLE_NAME, PolicyArn });
    return Role!.Arn!;
  }
}

/** Lets a rule invoke a function. */
async function allow(engine: Engine, target: MadeFunction, rule: string, SourceArn: string): Promise<void> {
  const permission = { StatementId: rule.replaceAll('.', '-'), Principal: 'events.amazonaws.com', SourceArn };
  const Action = 'lambda:InvokeFunction';
  try {
    await engine.call('lambda', 'AddPermission', { FunctionName: target.name, Action, ...permission });
  } catch (error) {
    if (!(error instanceof AwsError && error.code === 'ResourceConflictException')) throw error;
  }
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
  const folder = fileURLToPath(code);
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
