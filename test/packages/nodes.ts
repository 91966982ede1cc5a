/*
 * The Nodes that the packages are tried on: the one at hand, and the oldest that they are for, which npm carries as a
 * package. It is fetched once, into `.cache/node`.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const OLDEST = '22.18.0';
const FETCH_LIMIT_MS = 120_000;

/** Commands that run Node, by name; the oldest is undefined where it can't be had, which a notice tells. */
export const nodes: Readonly<Record<string, () => Promise<string | undefined>>> = {
  [`Node ${process.versions.node}`]: async () => process.execPath,
  [`Node ${OLDEST}`]: oldest,
};

async function oldest(): Promise<string | undefined> {
  const { platform, arch } = process;
  const name = platform === 'darwin' ? `node-bin-darwin-${arch}` : `node-${platform}-${arch}`;
  const home = fileURLToPath(new URL(`../../.cache/node/${OLDEST}-${platform}-${arch}`, import.meta.url));
  const binary = join(home, 'node_modules', name, 'bin/node');
  if (existsSync(binary)) return binary;
  await mkdir(dirname(home), { recursive: true });
  const draft = await mkdtemp(join(dirname(home), 'draft-'));
  try {
    const options = ['--prefix', draft, '--no-audit', '--no-fund', '--ignore-scripts'];
    await run('npm', ['install', ...options, `${name}@${OLDEST}`], { timeout: FETCH_LIMIT_MS });
    await rename(draft, home).catch((error) => {
      if (!existsSync(home)) throw error;
    });
    return binary;
  } catch (error) {
    console.warn(
      `Nothing is tried on Node ${OLDEST}, since it can't be had: ${(error as Error).message.split('\n')[0]}`,
    );
    return undefined;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
