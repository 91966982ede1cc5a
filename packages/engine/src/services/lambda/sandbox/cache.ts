/*
 * What functions need and this machine lacks, fetched once and kept for all engines: interpreters and the modules that
 * Lambda supplies. npm and pip fetch, so that their settings hold: registries, proxies, certificates.
 *
 * A thing is drafted aside and moved to its place whole, by one rename: what has a name is complete, and engines that
 * fetch the same at one time do not disturb each other.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The longest that one fetch may take, in milliseconds of real time. */
const FETCH_LIMIT_MS = 300_000;
const MOST_OUTPUT_BYTES = 4 * 1024 * 1024;

export interface CacheOptions {
  /** `~/.cache/carillon` when absent. */
  directory?: string | undefined;
  /** Hears what is being fetched. */
  onNews?(message: string): void;
}

export interface Thing {
  /** Its place in the cache: `node/12.22.12`. */
  name: string;
  /** What it is, for the user: `Node.js 12.22.12, for nodejs12.x`. */
  title: string;
  /** Makes it in an empty directory. */
  make(draft: string, fetch: Fetch): Promise<void>;
}

/** Runs a program that fetches something; ends when the cache is closed. */
export type Fetch = (command: string, args: readonly string[]) => Promise<void>;

/** Something can't be had; the message says why. */
export class UnavailableError extends Error {}

export interface Cache {
  /** The directory of a thing, once it is there. Rejects with UnavailableError; asked again, it rejects at once. */
  obtain(thing: Thing): Promise<string>;
  /** Ends what is being fetched. */
  close(): void;
}

/** Where everything is kept, unless the user says another place. */
export function defaultCacheDirectory(): string {
  const { CARILLON_CACHE_DIR, XDG_CACHE_HOME } = process.env;
  return CARILLON_CACHE_DIR ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'carillon');
}

export function createCache({ directory = defaultCacheDirectory(), onNews }: CacheOptions = {}): Cache {
  const known = new Map<string, Promise<string>>();
  const closing = new AbortController();
  /** One fetch after another: at the same time they would only be slower. */
  let last: Promise<unknown> = Promise.resolve();

  const fetch: Fetch = async (command, args) => {
    const options = { timeout: FETCH_LIMIT_MS, maxBuffer: MOST_OUTPUT_BYTES, signal: closing.signal };
    await run(command, [...args], { ...options, cwd: directory });
  };

  const make = async ({ name, title, make }: Thing, place: string) => {
    if (existsSync(place)) return place;
    onNews?.(`Fetching ${title}. It is kept in ${directory}.`);
    let draft: string | undefined;
    try {
      await mkdir(dirname(place), { recursive: true });
      draft = await mkdtemp(join(directory, 'draft-'));
      await make(draft, fetch);
      await rename(draft, place).catch((error) => {
        if (!existsSync(place)) throw error;
      });
      return place;
    } catch (error) {
      throw new UnavailableError(`${name} can't be fetched: ${reasonOf(error)}`);
    } finally {
      if (draft) await rm(draft, { recursive: true, force: true });
    }
  };

  return {
    obtain(thing) {
      const place = join(directory, thing.name);
      let found = known.get(thing.name);
      if (!found) {
        found = existsSync(place) ? Promise.resolve(place) : last.then(() => make(thing, place));
        last = found.catch(() => {});
        known.set(thing.name, found);
      }
      return found;
    },
    close: () => closing.abort(),
  };
}

/** Installs packages from npm's registry into `<directory>/node_modules`; none of their scripts is run. */
export async function npmInstall(directory: string, packages: readonly string[], fetch: Fetch): Promise<void> {
  const quiet = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  const patience = ['--fetch-retries=1', '--fetch-retry-mintimeout=1000', '--fetch-timeout=60000'];
  await fetch(findNpm(), ['install', '--prefix', directory, ...quiet, ...patience, ...packages]);
}

/** npm comes with Node. */
function findNpm(): string {
  const places = [...(process.env.PATH ?? '').split(delimiter), dirname(process.execPath)];
  const found = places.map((place) => join(place, 'npm')).find((path) => existsSync(path));
  if (!found) throw new Error('npm, which fetches it, is not on the PATH');
  return found;
}

/** What npm or pip complain of, in one line. */
function reasonOf(error: unknown): string {
  const { message, stderr } = error as Error & { stderr?: string };
  const lines = `${stderr ?? ''}`.split('\n').map((line) => line.replace(/^(npm )?(error|ERR!|ERROR:)\s*/i, '').trim());
  return (
    lines.find((line) => line !== '' && !/^(code|errno|syscall) /.test(line) && !/^npm warn/i.test(line)) ??
    message.split('\n')[0]!
  );
}
