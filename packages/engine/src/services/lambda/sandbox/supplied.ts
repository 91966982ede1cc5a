/*
 * The modules that Lambda supplies beside a function's own: version 2 of the SDK for JavaScript up to Node.js 16, version
 * 3 of it from 18 on, boto3, and what answers CloudFormation. Only those that the code names are fetched, in the newest
 * version that runs on its interpreter; a copy of the function's own, or of a layer, comes first.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html and .../lambda-python.html, "Runtime-included SDK".
 */
import { createHash } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { existsSync, readdirSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { type Cache, npmInstall, UnavailableError } from './cache.ts';
import type { Interpreter, Language } from './interpreters.ts';
import type { FunctionSpec } from './spec.ts';

/** How much of a function's code is looked through for what it imports. */
const LIMITS = { files: 20_000, fileBytes: 16 * 1024 * 1024, bytes: 128 * 1024 * 1024, packages: 100 };

/** Functions whose code was looked through, remembered. */
const MOST_KNOWN = 10_000;

/** The last versions that ran on what later ones left behind. */
const LAST_FOR = {
  sdk2: (major: number) => (major < 4 ? 'aws-sdk@2.600.0' : major < 10 ? 'aws-sdk@2.1018.0' : 'aws-sdk@2'),
  sdk3: (name: string, major: number) => `${name}@${major < 20 ? '<3.968.0' : '3'}`,
};

export interface SupplierOptions {
  cache: Cache;
  /** Holds the bootstraps, and what we supply ourselves. */
  runtimesDirectory: string;
  /** Told of what can't be had. */
  onWarning(message: string): void;
}

export interface Supplier {
  /** Directories to look for modules in, after the function's own and those of its layers. */
  modulesFor(spec: FunctionSpec, interpreter: Interpreter): Promise<readonly string[]>;
  /** The directory with one more package, for code that makes up the name of a module as it runs. */
  packageFor(name: string, interpreter: Interpreter, runtime: string): Promise<string | undefined>;
}

export function createSupplier({ cache, runtimesDirectory, onWarning }: SupplierOptions): Supplier {
  const known = new Map<string, Promise<readonly string[]>>();
  const own = (language: Language) => join(runtimesDirectory, language, 'supplied');

  /** Names of modules that the code asks for and does not bring along. */
  const missing = async (spec: FunctionSpec, language: Language): Promise<readonly string[]> => {
    const roots = [spec.codeDirectory, ...spec.layers];
    const named = await namesIn(roots, language);
    const brought = broughtAlong[language];
    return [...named].filter((name) => !roots.some((root) => brought(root, name))).sort();
  };

  const fetched = async (obtain: Promise<string>): Promise<string | undefined> => {
    try {
      return await obtain;
    } catch (error) {
      if (!(error instanceof UnavailableError)) throw error;
      onWarning(
        `${error.message}. Bring it along in the function's package, or start Carillon again when it can be fetched.`,
      );
      return undefined;
    }
  };

  const find = async (spec: FunctionSpec, { language, path, version }: Interpreter): Promise<readonly string[]> => {
    const names = await missing(spec, language);
    const answers = names.some((name) => OWN.has(name)) && isInline(spec) ? [own(language)] : [];
    const others = names.filter((name) => !OWN.has(name));
    if (language === 'python') {
      const python = others.length > 0 ? await fetched(obtainBoto(cache, path, version)) : undefined;
      return [...(python ? [python] : []), ...answers];
    }
    const major = Number(version.split('.')[0]);
    const packages = others.filter((name) => isSupplied(name, spec.runtime)).slice(0, LIMITS.packages);
    const modules =
      packages.length > 0 ? await fetched(obtainPackages(cache, packages, major, spec.runtime)) : undefined;
    return [...(modules ? [modules] : []), ...answers];
  };

  return {
    modulesFor(spec, interpreter) {
      const key = [spec.codeDirectory, ...spec.layers, spec.runtime, interpreter.path].join('\n');
      let found = known.get(key);
      if (!found) {
        if (known.size >= MOST_KNOWN) known.clear();
        found = find(spec, interpreter);
        known.set(key, found);
      }
      return found;
    },
    async packageFor(name, { version }, runtime) {
      if (!isSupplied(name, runtime)) return undefined;
      return fetched(obtainPackages(cache, [name], Number(version.split('.')[0]), runtime));
    },
  };
}

/** What we bring ourselves: it is a file, and comes from no registry. */
const OWN = new Set(['cfn-response', 'cfnresponse']);

/** CloudFormation puts code that stands in a template into a package of one file. */
function isInline({ codeDirectory }: FunctionSpec): boolean {
  const files = readdirSync(codeDirectory);
  return files.length === 1 && /^index\.(js|py)$/.test(files[0]!);
}

/** Version 2 of the SDK is there up to Node.js 16, version 3 from 18 on. */
function isSupplied(name: string, runtime: string): boolean {
  const isOld = Number(/^nodejs(\d*)/.exec(runtime)?.[1] || 0) < 18;
  return name === 'aws-sdk' ? isOld : !isOld && SDK_3.test(name);
}

/** Lambda does not supply the native parts of the SDK. */
const SDK_3 = /^@(aws-sdk|smithy|aws-crypto)\/(?!.*crt$)[a-z0-9][\w.-]*$/;

const broughtAlong: Readonly<Record<Language, (root: string, name: string) => boolean>> = {
  node: (root, name) =>
    [root, join(root, 'nodejs')].some(
      (place) => existsSync(join(place, 'node_modules', name)) || existsSync(join(place, `${name}.js`)),
    ),
  python: (root, name) =>
    [root, join(root, 'python')].some(
      (place) => existsSync(join(place, name)) || existsSync(join(place, `${name}.py`)),
    ),
};

interface Imports {
  readonly file: RegExp;
  readonly statement: RegExp;
}

const IMPORTS: Readonly<Record<Language, Imports>> = {
  node: {
    file: /\.([cm]?js|node)$|^[^.]+$/,
    statement:
      /(?:from|import|require(?:\.resolve)?)\s*\(?\s*["'`](@(?:aws-sdk|smithy|aws-crypto)\/[\w.-]*\w|aws-sdk|cfn-response)(?:\/[\w./-]*)?["'`]/g,
  },
  python: {
    file: /\.py$/,
    statement:
      /(?:^[ \t]*(?:import|from)\b[^#\n]*?\b|(?:import_module|__import__)\(\s*["'])(boto3|botocore|s3transfer|jmespath|dateutil|urllib3|six|cfnresponse)\b/gm,
  },
};

/** The names of modules of Lambda's that stand in the imports of files. */
async function namesIn(roots: readonly string[], language: Language): Promise<Set<string>> {
  const { file, statement } = IMPORTS[language];
  const names = new Set<string>();
  let bytes = 0;
  for (const path of await filesIn(roots, file)) {
    const { size } = await stat(path);
    if (size > LIMITS.fileBytes || bytes + size > LIMITS.bytes) continue;
    bytes += size;
    for (const [, name] of (await readFile(path, 'latin1')).matchAll(statement)) names.add(name!);
  }
  return names;
}

/** Those of the function first, then those of packages that it brings along. */
async function filesIn(roots: readonly string[], file: RegExp): Promise<string[]> {
  const found: string[] = [];
  for (const root of roots) {
    const entries: Dirent[] = await readdir(root, { withFileTypes: true, recursive: true }).catch(() => []);
    const files = entries.filter((entry) => entry.isFile() && file.test(entry.name));
    const paths = files.map((entry) => join(entry.parentPath, entry.name));
    found.push(...paths.filter((path) => !SDKS.test(relative(root, path).split(sep).join('/'))));
  }
  const depth = (path: string) => (path.includes('node_modules') ? 1 : 0);
  return found.toSorted((one, other) => depth(one) - depth(other)).slice(0, LIMITS.files);
}

/** The SDK's own packages import each other: what they need, they bring along. */
const SDKS = /(^|\/)node_modules\/(@aws-sdk|@smithy|aws-sdk)\/|(^|\/)(boto3|botocore|s3transfer)\//;

/** Packages of npm for a major version of Node.js, in a directory that holds no others. */
async function obtainPackages(cache: Cache, names: readonly string[], major: number, runtime: string): Promise<string> {
  const wanted = names.map((name) => (name === 'aws-sdk' ? LAST_FOR.sdk2(major) : versionOf(name, major)));
  const age = wanted.some((name) => name.startsWith('aws-sdk@')) ? wanted[0]! : major < 20 ? 'node18' : 'node20';
  const digest = createHash('sha256')
    .update([age, ...wanted].join('\n'))
    .digest('hex')
    .slice(0, 16);
  const directory = await cache.obtain({
    name: `modules/${digest}`,
    title: `${names.join(', ')} for ${runtime}, as Lambda supplies`,
    make: (draft, fetch) => npmInstall(draft, wanted, fetch),
  });
  return join(directory, 'node_modules');
}

/** Packages beside the clients have versions of their own. */
function versionOf(name: string, major: number): string {
  return name.startsWith('@aws-sdk/') ? LAST_FOR.sdk3(name, major) : name;
}

/** boto3 and what it needs, as pip chooses them for this Python. */
function obtainBoto(cache: Cache, python: string, version: string): Promise<string> {
  const short = version.split('.').slice(0, 2).join('.');
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-warn-script-location'];
  return cache.obtain({
    name: `python/${short}`,
    title: `boto3 for Python ${short}, as Lambda supplies`,
    make: (draft, fetch) => fetch(python, ['-m', 'pip', 'install', ...quiet, '--target', draft, 'boto3']),
  });
}
