/*
 * One child process of a sandbox: its output, its channel, its death. It leads a process group of its own, so that
 * whatever it started ends with it; on Linux the kernel ends it when the engine dies, however that dies.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { turn } from '../../../kernel/clock.ts';
import { createFrameReader, encodeFrame, type Frame } from './channel.ts';

export interface ProcessHooks {
  onFrame(frame: Frame): void;
  onOutput(stream: 'stdout' | 'stderr', chunk: Buffer): void;
  /** After all of its output. `reason` in the words of Lambda, such as `exit status 1`; none for exit status 0. */
  onExit(reason: string | undefined): void;
}

export interface ProcessOptions {
  command: string;
  args: readonly string[];
  environment: Record<string, string>;
  directory: string;
  /** A directory of its own, made now and removed when it has ended. */
  scratchDirectory: string;
  /** Whether descriptor 3 is a channel of frames. */
  channel: boolean;
  leash: Leash;
}

/** How a process is tied to the life of the engine. */
export interface Leash {
  /** What to put before the command. */
  prefix: readonly string[];
}

const PARENT_DEATH_LEASH = ['setpriv', '--pdeathsig', 'KILL'];

let leash: Promise<Leash> | undefined;

/** Finds out, once, whether processes can be tied to the engine by the kernel. */
export function findLeash(): Promise<Leash> {
  leash ??= probe(PARENT_DEATH_LEASH).then((works) => ({ prefix: works ? PARENT_DEATH_LEASH : [] }));
  return leash;
}

async function probe(prefix: readonly string[]): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const child = spawn(prefix[0]!, [...prefix.slice(1), 'true'], { stdio: 'ignore' });
  const [code] = await once(child, 'exit').catch(() => [1]);
  return code === 0;
}

/** The words of Go's os/exec, which Lambda's messages carry. */
const SIGNAL_WORDS: Record<string, string> = {
  SIGABRT: 'aborted',
  SIGBUS: 'bus error',
  SIGFPE: 'floating point exception',
  SIGHUP: 'hangup',
  SIGILL: 'illegal instruction',
  SIGINT: 'interrupt',
  SIGKILL: 'killed',
  SIGPIPE: 'broken pipe',
  SIGQUIT: 'quit',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
  SIGTRAP: 'trace/breakpoint trap',
};

function describeExit(code: number | null, signal: NodeJS.Signals | null): string | undefined {
  if (signal) return `signal: ${SIGNAL_WORDS[signal] ?? signal.toLowerCase()}`;
  return code === 0 ? undefined : `exit status ${code}`;
}

/**
 * Resolves when all that a process wrote up to now has been read. The poll under way may have looked at its output
 * before it looked at what tells of the end, so one more whole poll is needed: the second turn comes after it.
 */
export async function allRead(): Promise<void> {
  await turn();
  await turn();
}

const NO_HOOKS: ProcessHooks = { onFrame: () => {}, onOutput: () => {}, onExit: () => {} };

export class SandboxProcess {
  /** Whose process it is may change: a pre-started one is adopted by a sandbox. */
  hooks: ProcessHooks = NO_HOOKS;
  readonly scratchDirectory: string;
  readonly canFreeze: boolean;
  #child: ChildProcess;
  #exited = false;
  #frozen = false;
  #gone: Promise<void>;

  constructor(options: ProcessOptions) {
    this.scratchDirectory = options.scratchDirectory;
    this.canFreeze = options.leash.prefix.length > 0;
    mkdirSync(options.scratchDirectory, { recursive: true, mode: 0o700 });
    const [command, ...args] = [...options.leash.prefix, options.command, ...options.args];
    this.#child = spawn(command!, args, {
      cwd: options.directory,
      env: options.environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', ...(options.channel ? ['pipe' as const] : [])],
    });
    this.#gone = new Promise((resolve) => this.#watch(resolve));
  }

  get pid(): number | undefined {
    return this.#exited ? undefined : this.#child.pid;
  }

  /** Resolves when the process has ended and its scratch directory is removed. */
  get gone(): Promise<void> {
    return this.#gone;
  }

  send(header: Frame['header'], body?: Buffer): void {
    const channel = this.#child.stdio[3] as Duplex | undefined;
    if (channel?.writable) channel.write(encodeFrame(header, body));
  }

  /** Stops the group from running until it is thawed, as Lambda does between invocations. */
  freeze(): void {
    if (!this.canFreeze || this.#frozen) return;
    this.#frozen = true;
    this.#signal('SIGSTOP');
  }

  thaw(): void {
    if (!this.#frozen) return;
    this.#frozen = false;
    this.#signal('SIGCONT');
  }

  /** Ends the group at once. */
  kill(): void {
    this.#signal('SIGKILL');
  }

  #watch(resolve: () => void): void {
    const child = this.#child;
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.on('data', (chunk: Buffer) => this.hooks.onOutput(name, chunk));
      child[name]?.on('error', () => {});
    }
    this.#watchChannel(child.stdio[3] as Duplex | undefined);
    // Ends what the process left behind, too: its children, its files.
    const end = (reason: string | undefined) => {
      if (this.#exited) return;
      this.#exited = true;
      void allRead().then(async () => {
        killGroup(child.pid, 'SIGKILL');
        for (const stream of child.stdio) stream?.destroy();
        this.hooks.onExit(reason);
        await rm(this.scratchDirectory, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
        resolve();
      });
    };
    child.on('exit', (code, signal) => end(describeExit(code, signal)));
    child.on('error', (error) => end(error.message));
  }

  #watchChannel(channel: Duplex | undefined): void {
    if (!channel) return;
    const read = createFrameReader((frame) => this.hooks.onFrame(frame));
    channel.on('error', () => {});
    channel.on('data', (chunk: Buffer) => {
      try {
        read(chunk);
      } catch {
        this.kill();
        channel.destroy();
      }
    });
  }

  #signal(signal: NodeJS.Signals): void {
    if (!this.#exited) killGroup(this.#child.pid, signal);
  }
}

function killGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // The group is gone already.
  }
}
