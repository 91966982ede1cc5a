/*
 * The rules of the house that neither the compiler nor the linter knows: who may import whom, where time and
 * chance come from, and how a file introduces itself. `npm run check` runs it; one line tells each offence.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSource, type Source } from './source.ts';

export interface Offence {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  /** What to do about it. */
  readonly remedy: string;
}

type Files = ReadonlyMap<string, Source>;
type Offences = Iterable<Offence>;

/** Offences in a tree of sources: paths from the repository's root, and texts. */
export function tidy(texts: ReadonlyMap<string, string>): Offence[] {
  const files: Files = new Map([...texts].map(([path, text]) => [path, readSource(path, text)]));
  const each = [...files].flatMap(([path, source]) => [
    ...importOffences(path, source),
    ...timeOffences(path, source),
    ...sleepOffences(path, source),
    ...nameOffences(path),
    ...commentOffences(path, source),
  ]);
  return [...each, ...cycleOffences(files)].sort((a, b) => compare(a.path, b.path) || a.line - b.line);
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const isTest = (path: string) => /\.test\.tsx?$/.test(path) || path.startsWith('test/');

/* Who may import whom. */

const ENGINE = 'packages/engine/src/';

/** The parts of the engine, and what each may import beside itself. Files of no part (`''`) may import anything. */
const PARTS: Readonly<Record<string, { readonly may: readonly string[]; readonly words: string }>> = {
  languages: { may: [], words: 'languages import nothing of ours' },
  kernel: { may: ['languages'], words: 'the kernel imports languages only' },
  wire: { may: ['kernel'], words: 'wire imports the kernel only' },
  services: {
    may: ['kernel', 'languages'],
    words: 'a service imports kernel, languages and itself; it meets others in ctx.call and on the agenda',
  },
  simulation: {
    may: ['', 'kernel', 'languages'],
    words: 'a simulation uses the engine as anyone does: it imports engine, kernel and languages, and no service',
  },
};

/** `kernel`, `services/lambda`; empty for a file of no part. */
function partOf(path: string): string {
  const folders = posix.relative(ENGINE, path).split('/').slice(0, -1);
  return folders.slice(0, folders[0] === 'services' ? 2 : 1).join('/');
}

function* importOffences(path: string, { imports }: Source): Offences {
  if (isTest(path) || !path.startsWith('packages/')) return;
  for (const { specifier, line } of imports) {
    const words = refusal(path, specifier);
    if (words !== undefined) yield { path, line, rule: 'imports', remedy: `do not import ${specifier}: ${words}` };
  }
}

/** Why a file may not import a module; undefined when it may. */
function refusal(path: string, specifier: string): string | undefined {
  const target = resolve(path, specifier);
  if (target !== undefined && isTest(target)) return 'nothing imports a test';
  const home = /^packages\/[^/]+\//.exec(path)![0];
  if (!path.startsWith(ENGINE)) {
    const byName = specifier === '@carillon/engine' || specifier.startsWith('@carillon/engine/');
    const own = target?.startsWith(home) ?? !isOurs(specifier);
    return own || byName ? undefined : 'a package imports itself, and the engine by its name @carillon/engine';
  }
  if (target === undefined) return isOurs(specifier) ? 'the engine stands alone' : undefined;
  if (!target.startsWith(home)) return 'the engine stands alone';
  const [from, to] = [partOf(path), partOf(target)];
  if (from === '' || from === to) return undefined;
  const part = PARTS[from.split('/')[0]!];
  if (!part) return 'tools/tidy.ts has no rule for this place yet: give it one';
  return part.may.includes(to) ? undefined : part.words;
}

const isOurs = (specifier: string) => /^(@carillon\/|carillon(\/|$))/.test(specifier);

/** The path of an imported file of ours; undefined for a package. */
function resolve(path: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : undefined;
}

/** The shortest way round from each file that stands in a cycle, unless one that was told leads past it. */
function* cycleOffences(files: Files): Offences {
  const told = new Set<string>();
  for (const path of [...files.keys()].sort()) {
    if (told.has(path)) continue;
    const round = wayRound(files, path);
    if (!round) continue;
    for (const member of round) told.add(member);
    const line = files.get(path)!.imports.find(({ specifier }) => resolve(path, specifier) === round[1])!.line;
    yield { path, line, rule: 'cycle', remedy: `break the cycle ${round.join(' -> ')}` };
  }
}

/** The shortest path of imports from a file back to itself. */
function wayRound(files: Files, start: string): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (const path of queue) {
    for (const { specifier } of files.get(path)?.imports ?? []) {
      const target = resolve(path, specifier);
      if (target === start) return [...trace(cameFrom, path), start];
      if (target === undefined || cameFrom.has(target)) continue;
      cameFrom.set(target, path);
      queue.push(target);
    }
  }
  return undefined;
}

function trace(cameFrom: ReadonlyMap<string, string>, end: string): string[] {
  const way = [end];
  for (let at = cameFrom.get(end); at !== undefined; at = cameFrom.get(at)) way.unshift(at);
  return way;
}

/* Where time and chance come from. */

/** The keyring draws the one secret that no seed may tell. */
const SOURCES = {
  time: [`${ENGINE}kernel/clock.ts`],
  chance: [`${ENGINE}kernel/ids.ts`, `${ENGINE}kernel/keyring.ts`],
};
const TIMERS = ['setTimeout', 'setInterval', 'setImmediate'];
const TIME = new Set([...TIMERS, 'Date', 'performance', 'process.hrtime', 'Temporal.Now']);
const TIME_MODULES = /^(node:)?(timers(\/promises)?|perf_hooks)$/;
const CHANCE = /^Math\.random$|^((web)?crypto\.)?(random(UUID|Bytes|Int|Fill|FillSync)|getRandomValues)$/;

const REMEDIES = {
  time: 'take time from the clock (kernel/clock.ts)',
  chance: 'take ids and chance from ctx.ids (kernel/ids.ts)',
};

function* timeOffences(path: string, source: Source): Offences {
  if (isTest(path) || !/^packages\/[^/]+\/src\//.test(path)) return;
  for (const { kind, name, line } of timeAndChance(source)) {
    if (!SOURCES[kind].includes(path)) yield { path, line, rule: kind, remedy: `not ${name}: ${REMEDIES[kind]}` };
  }
}

function* timeAndChance({
  imports,
  references,
}: Source): Iterable<{ kind: 'time' | 'chance'; name: string; line: number }> {
  for (const { specifier, names, line } of imports) {
    if (TIME_MODULES.test(specifier)) yield { kind: 'time', name: specifier, line };
    if (!/^(node:)?crypto$/.test(specifier)) continue;
    for (const name of names) if (CHANCE.test(name)) yield { kind: 'chance', name, line };
  }
  for (const { name: full, line } of references) {
    const name = full.replace(/^globalThis\./, '');
    if (TIME.has(name)) yield { kind: 'time', name, line };
    if (name.includes('.') && CHANCE.test(name)) yield { kind: 'chance', name, line };
  }
}

/** A benchmark may measure the machine's own timers; no other test may wait for them. */
function* sleepOffences(path: string, { imports, references }: Source): Offences {
  if (!isTest(path) || path.startsWith('test/bench/')) return;
  const remedy = 'a test does not sleep: wait for what it is about, or advance the virtual clock';
  for (const { specifier, line } of imports) {
    if (TIME_MODULES.test(specifier)) yield { path, line, rule: 'sleep', remedy };
  }
  for (const { name, line } of references) {
    if (/^(globalThis\.)?(setTimeout|setInterval)$|^sleep$/.test(name)) yield { path, line, rule: 'sleep', remedy };
  }
}

/* How a file introduces itself. */

function* nameOffences(path: string): Offences {
  const vague = path.split('/').find((part) => /^(utils?|helpers?|common|misc|shared)(\.|$)/.test(part));
  if (vague === undefined) return;
  yield { path, line: 1, rule: 'name', remedy: `"${vague}" says nothing: name the file after what it holds` };
}

function* commentOffences(path: string, { comments, introduced }: Source): Offences {
  if (!introduced && !/\.test\.tsx?$/.test(path)) {
    yield { path, line: 1, rule: 'introduction', remedy: 'begin with a block comment that says what this file is' };
  }
  for (const { text, line } of comments) {
    const left = /\b(TODO|FIXME)\b/.exec(text)?.[0];
    if (left) yield { path, line, rule: 'unfinished', remedy: `finish what ${left} says, or leave it out` };
  }
}

/** The repository's own sources, of what git knows or would take in. */
function readTree(): Map<string, string> {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const args = ['ls-files', '--cached', '--others', '--exclude-standard'];
  const paths = execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\n');
  const present = paths.filter((path) => /\.([cm]?[jt]s|tsx)$/.test(path) && existsSync(posix.join(root, path)));
  return new Map(present.map((path) => [path, readFileSync(posix.join(root, path), 'utf8')]));
}

if (import.meta.main) {
  const offences = tidy(readTree());
  for (const { path, line, rule, remedy } of offences) console.error(`${path}:${line} ${rule}: ${remedy}`);
  if (offences.length > 0) process.exitCode = 1;
}
