/* Programs that are run for the user, with their AWS calls going to Carillon. */
import { spawn } from 'node:child_process';
import { CommandError } from './options.ts';
import { exitCodeOf } from './signals.ts';

/** Signals that go to the program. */
const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

/** An environment whose AWS calls go to an endpoint. Nothing in it leads to AWS; what the user chose beyond that stays. */
export function environment(endpoint: string): NodeJS.ProcessEnv {
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

/** Runs a program in our place: with our input, output and signals. Answers its own exit code. */
export function runProgram(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(command, args, { stdio: 'inherit', env });
  for (const signal of PASSED_ON) {
    // At a terminal, Ctrl-C and Ctrl-\ reach the command without our help.
    const arrivesAnyway = process.stdin.isTTY && (signal === 'SIGINT' || signal === 'SIGQUIT');
    process.on(signal, () => arrivesAnyway || child.kill(signal));
  }
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => reject(unstartable(command, error)));
    child.once('exit', (code, signal) => resolve(signal ? exitCodeOf(signal) : (code ?? 1)));
  });
}

/** A shell's own exit codes for a command that is not there, and for one that can't be run. */
export function unstartable(command: string, { code, message }: NodeJS.ErrnoException): CommandError {
  if (code === 'ENOENT')
    return new CommandError(`There is no command ${command}. Is it spelt right, and on the PATH?`, 127);
  if (code === 'EACCES') return new CommandError(`${command} can't be run: it is not executable (chmod +x).`, 126);
  return new CommandError(`${command} can't be run: ${message}.`, 126);
}
