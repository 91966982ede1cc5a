/* For the tests of this folder: fleets and functions in a temporary directory, and what an invocation brought. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EngineClock, machineTimer } from '../../../kernel/clock.ts';
import { createIds } from '../../../kernel/ids.ts';
import { type FleetOptions, SandboxFleet } from './fleet.ts';
import type { FunctionSpec, InvocationResult, InvokeRequest, LogLine } from './spec.ts';

const RUNTIMES = fileURLToPath(new URL('../../../../runtimes', import.meta.url));

export interface Invoked extends InvocationResult {
  requestId: string;
  /** The payload, parsed; undefined when it is not JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: it is whatever the function answered.
  json: any;
  /** All messages of the log. */
  log: string[];
  /** Those that the function wrote. */
  output: string[];
}

export interface Bench {
  fleet: SandboxFleet;
  clock: EngineClock;
  directory: string;
  warnings: string[];
  /** Writes a function's code, and returns its specification. */
  define(files: Record<string, string>, changes?: Partial<FunctionSpec>): FunctionSpec;
  invoke(spec: FunctionSpec, payload?: unknown, changes?: Partial<InvokeRequest>): Promise<Invoked>;
  close(): Promise<void>;
}

const PLATFORM = /^(INIT_START|INIT_REPORT|START|END|REPORT) /;

export function createBench(options: Partial<FleetOptions> & { clock?: EngineClock } = {}): Bench {
  const directory = mkdtempSync(join(tmpdir(), 'carillon-sandbox-'));
  const clock = options.clock ?? new EngineClock({ virtual: false });
  const ids = createIds('sandboxes');
  const warnings: string[] = [];
  const fleet = new SandboxFleet({
    clock,
    machine: machineTimer,
    ids,
    credentialsOf: () => ({ accessKeyId: 'AKIA', secretAccessKey: 'secret', sessionToken: 'token' }),
    runtimesDirectory: RUNTIMES,
    privateDirectory: join(directory, 'private'),
    onWarning: (message) => warnings.push(message),
    ...options,
  });

  const define: Bench['define'] = (files, changes = {}) => {
    const name = `function-${ids.hex(8)}`;
    const codeDirectory = join(directory, name);
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(dirname(join(codeDirectory, file)), { recursive: true });
      writeFileSync(join(codeDirectory, file), text, { mode: file.endsWith('bootstrap') ? 0o755 : 0o644 });
    }
    return {
      key: name,
      functionName: name,
      functionVersion: '$LATEST',
      functionArn: `arn:aws:lambda:eu-central-1:000000000000:function:${name}`,
      region: 'eu-central-1',
      runtime: 'nodejs22.x',
      handler: 'index.handler',
      codeDirectory,
      layers: [],
      environment: {},
      endpointUrl: 'http://127.0.0.1:4566',
      roleArn: 'arn:aws:iam::000000000000:role/any',
      memoryMb: 256,
      timeoutMs: 10_000,
      logGroup: `/aws/lambda/${name}`,
      ...changes,
    };
  };

  const invoke: Bench['invoke'] = async (spec, payload = {}, changes = {}) => {
    const lines: LogLine[] = [];
    const requestId = ids.uuid();
    const result = await fleet.invoke(spec, {
      requestId,
      payload: JSON.stringify(payload),
      invokedFunctionArn: spec.functionArn,
      onLog: (line) => lines.push(line),
      ...changes,
    });
    const log = lines.map((line) => line.message);
    const json = parse(result.payload.toString());
    return { ...result, requestId, json, log, output: log.filter((line) => !PLATFORM.test(line)) };
  };

  const close = async () => {
    await fleet.close();
    clock.close();
    rmSync(directory, { recursive: true, force: true });
  };

  return { fleet, clock, directory, warnings, define, invoke, close };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A CommonJS module with the handler given as source. */
export function node(handler: string): Record<string, string> {
  return { 'index.js': `exports.handler = ${handler}` };
}

/** A module with the handler's body given as source. */
export function python(body: string, head = ''): Record<string, string> {
  const indented = body
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
  return { 'index.py': `${head}\ndef handler(event, context):\n${indented}\n` };
}

/** Whether a process runs; one that has ended but was not asked about by its parent does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}
