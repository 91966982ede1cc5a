/*
 * Provides what tests need and npm ci does not bring: boto3 and the AWS CLI, for the Python that is on the PATH, installed
 * once in `.cache/clients`; and the Node.js of the runtimes that most functions of tests name, so that no test waits for
 * it. Where that can't be done (no Python, no registry), the tests that need them are skipped, and a notice says why.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { createCache } from '../../packages/engine/src/services/lambda/sandbox/cache.ts';
import { createInterpreterFinder } from '../../packages/engine/src/services/lambda/sandbox/interpreters.ts';

const run = promisify(execFile);

/** Versions that go together. Version 2 of the AWS CLI is not to be had from pip. */
const CLIENTS = ['awscli==1.46.2', 'boto3==1.44.5', 'botocore==1.44.5'];
/** One that does not know AWS_ENDPOINT_URL, and runs on Python 2.7 as well as on 3.8. */
const OLD_BOTO3 = ['boto3==1.17.0', 'urllib3==1.26.20'];
const RUNTIMES = ['nodejs22.x', 'nodejs24.x'];
/** AWS's own expansion of SAM templates. */
const SAM = ['aws-sam-translator==1.115.0', ...CLIENTS.slice(1)];
const INSTALL_LIMIT_MS = 180_000;

export interface PythonClients {
  /** The interpreter itself, past any version manager's shim. */
  readonly python: string;
  /** The directory of boto3 and the AWS CLI: what PYTHONPATH takes. */
  readonly packages: string;
  /** The directory of a boto3 of 2021, for functions that still have it. */
  readonly oldBoto3: string;
  /** The directory of aws-sam-translator. */
  readonly sam: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    /** Undefined where they can't be had. */
    pythonClients: PythonClients | undefined;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  project.provide('pythonClients', await pythonClients());
  const interpreters = createInterpreterFinder(createCache());
  for (const runtime of RUNTIMES) {
    const { exact, reason } = (await interpreters.find(runtime))!;
    if (!exact) console.warn(`Functions of ${runtime} run on another Node.js in these tests: ${reason}`);
  }
}

async function pythonClients(): Promise<PythonClients | undefined> {
  try {
    const { stdout } = await run('python3', ['-c', 'import sys; print(sys.executable)']);
    const python = stdout.trim();
    const [packages, oldBoto3, sam] = await Promise.all(
      [CLIENTS, OLD_BOTO3, SAM].map((names) => installed(python, names)),
    );
    return { python, packages: packages!, oldBoto3: oldBoto3!, sam: sam! };
  } catch (error) {
    const [reason] = (error as Error).message.split('\n');
    console.warn(`Tests with boto3 and the AWS CLI are skipped, since these can't be had: ${reason}`);
    return undefined;
  }
}

/** Installs under a name of its own first, so that any number of runs may do so at the same time. */
async function installed(python: string, packages: readonly string[]): Promise<string> {
  const name = packages.join('_').replaceAll('==', '-');
  const home = fileURLToPath(new URL(`../../.cache/clients/${name}`, import.meta.url));
  if (existsSync(home)) return home;
  await mkdir(dirname(home), { recursive: true });
  const draft = await mkdtemp(join(dirname(home), 'draft-'));
  try {
    const options = ['--quiet', '--disable-pip-version-check', '--target', draft];
    await run(python, ['-m', 'pip', 'install', ...options, ...packages], { timeout: INSTALL_LIMIT_MS });
    await rename(draft, home).catch((error) => {
      if (!existsSync(home)) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return home;
}
