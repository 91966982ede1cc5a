/*
 * The fleet of sandboxes, one for each engine, and what it needs to know of a function.
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArn, type Scope } from '../../kernel/arn.ts';
import { machineTimer } from '../../kernel/clock.ts';
import { type Context, type DueWork, type Host, resource, type WaitingContext } from '../../kernel/service.ts';
import { codeDirectory } from './code.ts';
import { type FunctionRecord, functionArn, LATEST } from './function.ts';
import { SandboxFleet } from './sandbox/fleet.ts';
import type { FunctionSpec } from './sandbox/spec.ts';

const RETIRE = 'lambda.retire';

export const fleet = resource<SandboxFleet>({
  open: (host) =>
    new SandboxFleet({
      clock: host.clock,
      callers: host.callers,
      machine: machineTimer,
      ids: host.ids,
      runtimesDirectory: runtimesDirectory(),
      privateDirectory: host.directory('sandboxes'),
      idleMs: host.settings.sandboxIdleMs,
      weather: host.weather,
      strict: host.settings.strict,
      onWarning: host.warn,
      credentialsOf: ({ functionArn: sourceArn, roleArn }, session) =>
        host.credentialsOf(parseArn(sourceArn)!.account, { roleArn, sourceArn, session }),
    }),
  close: (open) => open.close(),
});

/** Records are values that never change: what follows from one is worked out once. */
const specs = new WeakMap<FunctionRecord, FunctionSpec>();

/** What a sandbox of a function needs. */
export function specOf(host: Host, scope: Scope, name: string, record: FunctionRecord): FunctionSpec {
  const known = specs.get(record);
  if (known) return known;
  const spec = makeSpec(host, scope, name, record);
  specs.set(record, spec);
  return spec;
}

function makeSpec(host: Host, scope: Scope, name: string, record: FunctionRecord): FunctionSpec {
  const { configuration } = record;
  const logging = configuration.LoggingConfig ?? {};
  return {
    key: sandboxKey(scope, name, record),
    functionName: name,
    functionVersion: record.version ?? LATEST,
    functionArn: functionArn(scope, name),
    region: scope.region,
    runtime: configuration.Runtime,
    handler: configuration.Handler,
    codeDirectory: codeDirectory(host, record.code),
    layers: record.layers?.map(({ code }) => codeDirectory(host, code)) ?? [],
    environment: configuration.Environment?.Variables ?? {},
    endpointUrl: host.endpoint,
    roleArn: configuration.Role!,
    memoryMb: configuration.MemorySize,
    timeoutMs: configuration.Timeout * 1000,
    logGroup: logging.LogGroup ?? `/aws/lambda/${name}`,
    ...(logging.LogFormat && { logFormat: logging.LogFormat }),
    ...(logging.ApplicationLogLevel && { applicationLogLevel: logging.ApplicationLogLevel }),
    ...(logging.SystemLogLevel && { systemLogLevel: logging.SystemLogLevel }),
  };
}

/** Ends the sandboxes of a function as it was: they are of no use after a change. */
export function retireSandboxes(ctx: Context, name: string, record: FunctionRecord): void {
  const key = sandboxKey(ctx.scope, name, record);
  ctx.schedule({ kind: RETIRE, id: key, due: ctx.now });
}

/** Due work: a function has changed or is gone. */
export async function retire(ctx: WaitingContext, work: DueWork): Promise<void> {
  ctx.use(fleet).retire(work.id);
}

/** A change of code or configuration makes another generation, and so another key. */
function sandboxKey(scope: Scope, name: string, { generation }: FunctionRecord): string {
  return `${functionArn(scope, name)}:${generation}`;
}

/** The bootstraps lie beside the sources, and beside the built program. */
function runtimesDirectory(): string {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'runtimes', 'node'))) {
    const above = dirname(directory);
    if (above === directory)
      throw new Error('The runtimes directory of @carillon/engine is missing: install it again.');
    directory = above;
  }
  return join(directory, 'runtimes');
}
