/*
 * `carillon run -- CMD`: runs a command whose AWS calls go to Carillon: to the one that is up, else to one of its own
 * that lasts as long as the command.
 */
import { spawn } from 'node:child_process';
import type { Engine } from '../engine.ts';
import { type Command, CommandError, portOf, textOf, UsageError, type Values } from '../options.ts';
import { exitCodeOf } from '../signals.ts';
import { remark } from '../terminal.ts';

/** How long an engine may take to say that it is up. */
const HEALTH_TIMEOUT_MS = 2_000;

/** Signals that go to the command. */
const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

export const run: Command = {
  name: 'run',
  about:
    'Runs a command whose AWS calls go to Carillon. Where none is up, the command gets one of its own, which keeps nothing.',
  operands: '[--] CMD [ARGS…]',
  options: {
    port: { value: 'PORT', help: 'Port of the engine that is up (that of AWS_ENDPOINT_URL, else 4566)' },
    data: { value: 'DIR', help: 'Have an engine of its own, kept in this directory' },
    clock: { value: 'CLOCK', help: 'Have an engine of its own, with this clock: real, virtual or virtual:TIME' },
    extensions: { help: 'Have an engine of its own that allows what goes beyond AWS' },
  },
  examples: [
    ['carillon run -- aws events list-rules', 'one call'],
    ['carillon run -- npm test', 'tests, with an engine that goes when they end'],
    ['carillon run --data ./state -- ./seed.sh', 'what the script does is kept'],
  ],

  async run(values, [command, ...args]) {
    if (command === undefined) throw new UsageError('Which command? Write it after --: carillon run -- npm test.');
    const running = ownEngineWanted(values) ? undefined : await findEngine(values);
    const own = running === undefined ? await openOwn(values) : undefined;
    try {
      return await runCommand(command, args, environment(running ?? own!.endpoint));
    } finally {
      await own?.close();
    }
  },
};

function ownEngineWanted({ data, clock, extensions }: Values): boolean {
  return data !== undefined || clock !== undefined || extensions !== undefined;
}

/** The endpoint of an engine that is up. */
async function findEngine(values: Values): Promise<string | undefined> {
  const given = values.port ? undefined : process.env.AWS_ENDPOINT_URL;
  const endpoint = given?.replace(/\/+$/, '') || `http://127.0.0.1:${portOf(values, 4566)}`;
  try {
    const answer = await fetch(`${endpoint}/_carillon/health`, { signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS) });
    const { status } = (await answer.json()) as { status?: string };
    return answer.ok && status === 'ok' ? endpoint : undefined;
  } catch {
    return undefined;
  }
}

async function openOwn(values: Values): Promise<Engine> {
  const [{ openEngine }, { sharedOptions }] = await Promise.all([import('../engine.ts'), import('./start.ts')]);
  const data = textOf(values, 'data');
  const engine = await openEngine({
    ...sharedOptions(values),
    port: ownEngineWanted(values) ? portOf(values, 0) : 0,
    ...(data !== undefined && { data }),
    log: remark,
  });
  remark(
    `This command has a Carillon of its own at ${engine.endpoint}, ${data ? `kept in ${data}` : 'which keeps nothing'}.`,
  );
  return engine;
}

/** The command's environment. Nothing in it leads to AWS; what the user chose beyond that stays. */
function environment(endpoint: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('AWS_ENDPOINT_URL') && name !== 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
  );
  const env = Object.fromEntries(inherited);
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || 'us-east-1';
  if (!env.AWS_ACCESS_KEY_ID || !env.AWS_SECRET_ACCESS_KEY) {
    for (const name of ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SESSION_TOKEN']) delete env[name];
    Object.assign(env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' });
  }
  return {
    ...env,
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_DISABLE_HOST_PREFIX_INJECTION: 'true',
  };
}

/** Answers the command's own exit code. */
function runCommand(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(command, args, { stdio: 'inherit', env });
  for (const signal of PASSED_ON) {
    // At a terminal, Ctrl-C and Ctrl-\ reach the command without our help.
    const arrivesAnyway = process.stdin.isTTY && (signal === 'SIGINT' || signal === 'SIGQUIT');
    process.on(signal, () => arrivesAnyway || child.kill(signal));
  }
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => reject(explained(command, error)));
    child.once('exit', (code, signal) => resolve(signal ? exitCodeOf(signal) : (code ?? 1)));
  });
}

/** A shell's own exit codes for a command that is not there, and for one that can't be run. */
function explained(command: string, { code, message }: NodeJS.ErrnoException): CommandError {
  if (code === 'ENOENT')
    return new CommandError(`There is no command ${command}. Is it spelt right, and on the PATH?`, 127);
  if (code === 'EACCES') return new CommandError(`${command} can't be run: it is not executable (chmod +x).`, 126);
  return new CommandError(`${command} can't be run: ${message}.`, 126);
}
