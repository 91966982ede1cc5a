/* What is fetched, and what becomes of functions when it can't be. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createCache, UnavailableError } from './cache.ts';
import { createBench, node } from './fixtures.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'carillon-cache-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true, force: true });
});

const thing = (make: (draft: string) => Promise<void>) => ({ name: 'kind/thing', title: 'a thing', make });
const write = async (draft: string) => writeFileSync(join(draft, 'file'), 'whole');

test('a thing is made once, by however many it is wanted, and found by the next engine', async () => {
  const news: string[] = [];
  const cache = createCache({ directory, onNews: (line) => news.push(line) });
  const place = join(directory, 'kind', 'thing');
  expect(await Promise.all([cache.obtain(thing(write)), cache.obtain(thing(write))])).toEqual([place, place]);
  expect(news).toEqual([`Fetching a thing. It is kept in ${directory}.`]);
  const never = () => Promise.reject(new Error('made again'));
  expect(await createCache({ directory }).obtain(thing(never))).toBe(place);
});

test('what fails half way leaves nothing behind, and is not tried again', async () => {
  const cache = createCache({ directory });
  const fails = async (draft: string) => {
    await write(draft);
    throw new Error('no route to host');
  };
  await expect(cache.obtain(thing(fails))).rejects.toThrow(
    new UnavailableError("kind/thing can't be fetched: no route to host"),
  );
  await expect(cache.obtain(thing(write))).rejects.toThrow(UnavailableError);
  expect([existsSync(join(directory, 'kind', 'thing')), readdirSync(directory)]).toEqual([false, ['kind']]);
});

test('a place that cannot be written is a thing that cannot be had', async () => {
  writeFileSync(join(directory, 'file'), '');
  await expect(createCache({ directory: join(directory, 'file') }).obtain(thing(write))).rejects.toThrow(
    UnavailableError,
  );
});

test('without a registry the nearest Node runs a function, and modules are missing: both are told', async () => {
  vi.stubEnv('npm_config_registry', 'http://127.0.0.1:9');
  vi.stubEnv('npm_config_cache', join(directory, 'npm'));
  const bench = createBench({ cacheDirectory: directory });
  const spec = bench.define(node("(event, context, done) => { require('aws-sdk'); }"), { runtime: 'nodejs6.10' });
  const { json } = await bench.invoke(spec);
  expect(json.errorMessage).toContain("Cannot find module 'aws-sdk'");
  expect(bench.warnings).toEqual([
    expect.stringMatching(/^Fetching Node\.js 6\.17\.1 for nodejs6\.10\./),
    expect.stringMatching(/^nodejs6\.10 runs on Node\.js .* is not to be had: .*can't be fetched: .*ECONNREFUSED/),
    expect.stringMatching(/^Fetching aws-sdk for nodejs6\.10, as Lambda supplies\./),
    expect.stringMatching(/can't be fetched: .*ECONNREFUSED.* Bring it along in the function's package/),
  ]);
  await bench.close();
});

test('a strict fleet runs nothing on another interpreter', async () => {
  vi.stubEnv('npm_config_registry', 'http://127.0.0.1:9');
  vi.stubEnv('npm_config_cache', join(directory, 'npm'));
  const bench = createBench({ cacheDirectory: directory, strict: true });
  const { json } = await bench.invoke(bench.define(node('async () => 1'), { runtime: 'nodejs6.10' }));
  expect(json.errorMessage).toContain('No interpreter for nodejs6.10 was found on this machine.');
  await bench.close();
});
