/* Packages as they are kept: whole or not at all, once, whoever asks at the same time and whatever was cut short before. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Host, WaitingContext } from '../../kernel/service.ts';
import { codeArchive, codeDirectory, codeStore, packageOf } from './code.ts';
import { zip } from './fixtures.ts';

let data: string;
let host: Host;
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'carillon-code-'));
  const directory = (name: string) => {
    mkdirSync(join(data, name), { recursive: true });
    return join(data, name);
  };
  host = { directory } as Host;
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

const archive = zip([{ name: 'index.js', content: 'exports.handler = async () => 1' }]);

it('keeps the files and the archive by the hash of its bytes', async () => {
  const kept = await codeStore.open(host).keep(archive);
  expect(kept.size).toBe(archive.length);
  expect(Buffer.from(kept.sha256, 'base64').toString('hex')).toBe(kept.code);
  expect(readdirSync(codeDirectory(host, kept.code))).toEqual(['index.js']);
  expect(readFileSync(codeArchive(host, `${kept.code}.zip`)!).equals(archive)).toBe(true);
});

it('keeps one package for all who bring it at once', async () => {
  const store = codeStore.open(host);
  const kept = await Promise.all(Array.from({ length: 20 }, () => store.keep(Uint8Array.from(archive))));
  expect(new Set(kept.map(({ code }) => code)).size).toBe(1);
  expect(readdirSync(join(data, 'code')).sort()).toEqual([kept[0]!.code, 'drafts'].sort());
  expect(readdirSync(join(data, 'code', 'drafts'))).toEqual([]);
});

it('takes nothing for complete that a crash left half done, and removes it at the next start', async () => {
  const { code } = await codeStore.open(host).keep(archive);
  rmSync(join(data, 'code', code), { recursive: true });
  const draft = join(data, 'code', 'drafts', `${code}abc`, 'task');
  mkdirSync(draft, { recursive: true });
  writeFileSync(join(draft, 'index.js'), 'exports.hand');
  const store = codeStore.open(host);
  expect(existsSync(draft)).toBe(false);
  await store.keep(archive);
  expect(readFileSync(join(codeDirectory(host, code), 'index.js'), 'utf8')).toBe('exports.handler = async () => 1');
});

it('leaves nothing of a package that it refuses', async () => {
  const store = codeStore.open(host);
  const good = { name: 'index.js', content: 'x'.repeat(10_000) };
  const bad = zip([
    ...Array.from({ length: 50 }, (_, index) => ({ ...good, name: `${index}` })),
    { ...good, checksum: 1 },
  ]);
  await expect(store.keep(bad)).rejects.toThrow('Could not unzip uploaded file.');
  expect(readdirSync(join(data, 'code'))).toEqual(['drafts']);
  expect(readdirSync(join(data, 'code', 'drafts'))).toEqual([]);
  await expect(store.keep(bad)).rejects.toThrow('Could not unzip uploaded file.');
});

it('refuses an archive that is too large to be uploaded in a request', async () => {
  const ZipFile = new Uint8Array(50 * 1024 * 1024 + 1);
  await expect(packageOf({} as WaitingContext, { ZipFile }, 'UpdateFunctionCode')).rejects.toMatchObject({
    code: 'RequestEntityTooLargeException',
    status: 413,
    message: 'Request must be smaller than 70167211 bytes for the UpdateFunctionCode operation',
  });
});

it('serves archives by their name alone', () => {
  for (const name of ['drafts', '../code', `${'a'.repeat(64)}.zip`, '%2e%2e']) {
    expect(codeArchive(host, name)).toBeUndefined();
  }
});
