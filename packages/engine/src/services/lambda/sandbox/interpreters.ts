/*
 * Finds the interpreter of a runtime: the one that the runtime names, on this machine or, for Node.js, from npm; else the
 * nearest. Real binaries only: a version manager's shim costs more time than a cold start may take.
 */
import { execFile } from 'node:child_process';
import { closeSync, existsSync, openSync, readdirSync, readSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { type Cache, UnavailableError } from './cache.ts';
import { obtainNode, releaseOf } from './node-releases.ts';

export type Language = 'node' | 'python';

export interface Interpreter {
  language: Language;
  path: string;
  /** `22.18.0`, `3.12.1` */
  version: string;
  /** Whether it is the very version that the runtime names. */
  exact: boolean;
  /** Why it is not, where the right one was looked for in vain. */
  reason?: string;
}

/** The version that a runtime names: `nodejs22.x` is [22], `python3.12` is [3, 12]. Undefined for other runtimes. */
export function parseRuntime(runtime: string): { language: Language; wanted: number[] } | undefined {
  const node = /^nodejs(\d+)?(\.(\d+))?(\.x)?$/.exec(runtime);
  if (node) return { language: 'node', wanted: [Number(node[1] ?? 0)] };
  const python = /^python(\d+)\.(\d+)$/.exec(runtime);
  if (python) return { language: 'python', wanted: [Number(python[1]), Number(python[2])] };
  return undefined;
}

export interface InterpreterFinder {
  /** Undefined when there is none that could run it. */
  find(runtime: string): Promise<Interpreter | undefined>;
}

/** Looks once for each language, and remembers. Without a cache to fetch to, there is what this machine has. */
export function createInterpreterFinder(cache?: Cache): InterpreterFinder {
  const found = new Map<Language, Promise<Candidate[]>>();
  const candidates = (language: Language): Promise<Candidate[]> => {
    let known = found.get(language);
    if (!known) {
      known = language === 'node' ? findNodes() : findPythons();
      found.set(language, known);
    }
    return known;
  };
  return {
    find: async (runtime) => {
      const parsed = parseRuntime(runtime);
      if (!parsed) return undefined;
      const { language, wanted } = parsed;
      const nearest = choose(language, wanted, await candidates(language));
      if (nearest?.exact || language === 'python' || !cache) return nearest;
      return (await fetchNode(cache, wanted[0]!, runtime, nearest)) ?? nearest;
    },
  };
}

/** The right Node.js; what there is instead, with the reason, when it can't be had. */
async function fetchNode(
  cache: Cache,
  major: number,
  runtime: string,
  instead: Interpreter | undefined,
): Promise<Interpreter | undefined> {
  const release = releaseOf(major);
  const platform = `${process.platform} on ${process.arch}`;
  if (!release) return instead && { ...instead, reason: `npm has no Node.js ${major} for ${platform}` };
  try {
    const path = await obtainNode(cache, release, runtime);
    return { language: 'node', path, version: release.version, exact: true };
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return instead && { ...instead, reason: error.message };
  }
}

/** Puts every older version behind every newer one. */
const FAR = 1_000;

interface Candidate {
  path: string;
  version: string;
}

/** The wanted one; else the nearest newer, else the nearest older. Python 2 and 3 are different languages. */
export function choose(
  language: Language,
  wanted: readonly number[],
  candidates: readonly Candidate[],
): Interpreter | undefined {
  const decisive = wanted.length - 1;
  const eligible = candidates.filter((candidate) => language === 'node' || part(candidate, 0) === wanted[0]);
  const distance = (candidate: Candidate) => {
    const ahead = part(candidate, decisive) - wanted[decisive]!;
    return ahead >= 0 ? ahead : FAR - ahead;
  };
  const [nearest] = eligible.toSorted((one, other) => distance(one) - distance(other));
  return nearest && { language, ...nearest, exact: distance(nearest) === 0 };
}

function part(candidate: Candidate, index: number): number {
  return Number(candidate.version.split('.')[index]);
}

async function findNodes(): Promise<Candidate[]> {
  const nvm = join(process.env.NVM_DIR ?? join(homedir(), '.nvm'), 'versions', 'node');
  const managed = list(nvm).map((name) => ({ path: join(nvm, name, 'bin', 'node'), version: name.replace(/^v/, '') }));
  const named = onPath(/^(node|nodejs)\d*$/);
  const own = { path: process.execPath, version: process.versions.node };
  return [own, ...managed.filter(isReal), ...(await withVersions(named, /v(\d+\.\d+\.\d+)/))];
}

async function findPythons(): Promise<Candidate[]> {
  const pyenv = join(process.env.PYENV_ROOT ?? join(homedir(), '.pyenv'), 'versions');
  const managed = list(pyenv)
    .filter((version) => /^\d+\.\d+\.\d+$/.test(version))
    .map((version) => ({ path: join(pyenv, version, 'bin', 'python'), version }));
  const named = onPath(/^python\d*(\.\d+)?$/);
  return [...(await withVersions(named, /Python (\d+\.\d+\.\d+)/)), ...managed.filter(isReal)];
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Programs on the PATH by name, each real file once. */
function onPath(name: RegExp): string[] {
  const directories = (process.env.PATH ?? '').split(delimiter).filter((directory) => directory.startsWith('/'));
  const paths = directories.flatMap((directory) =>
    list(directory)
      .filter((file) => name.test(file))
      .map((file) => join(directory, file)),
  );
  const real = new Map<string, string>();
  for (const path of paths.filter((path) => isReal({ path }))) real.set(realpathSync(path), path);
  return [...real.values()];
}

/** A binary, not a script that looks for one. */
function isReal({ path }: { path: string }): boolean {
  if (!existsSync(path)) return false;
  const start = Buffer.alloc(2);
  const file = openSync(path, 'r');
  try {
    readSync(file, start, 0, 2, 0);
  } finally {
    closeSync(file);
  }
  return start.toString('latin1') !== '#!';
}

async function withVersions(paths: readonly string[], pattern: RegExp): Promise<Candidate[]> {
  const run = promisify(execFile);
  const asked = paths.map(async (path) => {
    const { stdout, stderr } = await run(path, ['--version'], { timeout: 5_000 });
    return { path, version: pattern.exec(`${stdout}${stderr}`)?.[1] ?? '' };
  });
  const answers = await Promise.allSettled(asked);
  return answers.flatMap((answer) => (answer.status === 'fulfilled' && answer.value.version ? [answer.value] : []));
}
