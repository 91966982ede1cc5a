/* Deployment packages, the hostile ones above all: each in a directory that has something beside it to reach for. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unpack } from './archive.ts';
import { LINK, type ZipEntry, zip } from './fixtures.ts';

const UNREADABLE = 'Could not unzip uploaded file. Please check your file, then try to upload again.';
const MEGABYTE = 1024 * 1024;

let around: string;
let directory: string;
beforeEach(() => {
  around = mkdtempSync(join(tmpdir(), 'carillon-archive-'));
  directory = join(around, 'task');
  mkdirSync(directory);
  writeFileSync(join(around, 'secret'), 'untouched');
});
afterEach(() => rmSync(around, { recursive: true, force: true }));

/** Unpacks, and checks that nothing outside changed, whatever came of it. */
async function unpacked(archive: Buffer): Promise<string> {
  const outcome = await unpack(archive, directory).then(
    () => 'unpacked',
    (error) => `${error.code}: ${error.message}`,
  );
  expect(readdirSync(around).sort()).toEqual(['secret', 'task']);
  expect(readFileSync(join(around, 'secret'), 'utf8')).toBe('untouched');
  return outcome;
}

async function refusal(entries: readonly ZipEntry[]): Promise<string> {
  return (await unpacked(zip(entries))).replace('InvalidParameterValueException: ', '');
}

function read(path: string): string {
  return readFileSync(join(directory, path), 'utf8');
}

describe('an honest package', () => {
  it('is unpacked: files, directories, links; what can be run stays so, and all can be read', async () => {
    const archive = zip([
      { name: 'index.js', content: 'exports.handler', mode: 0o100000 },
      { name: 'lib/', mode: 0o040000 },
      { name: 'lib/deep/er/data.bin', content: Buffer.alloc(300_000, 7), stored: true },
      { name: './bootstrap', content: '#!/bin/sh', mode: 0o100500 },
      { name: 'bin/tool', content: '../lib/deep', mode: LINK },
      { name: 'dangling', content: 'not/there', mode: LINK },
      { name: 'empty', content: '' },
    ]);
    expect(await unpacked(archive)).toBe('unpacked');
    expect(read('index.js')).toBe('exports.handler');
    expect(statSync(join(directory, 'index.js')).mode & 0o777).toBe(0o644);
    expect(statSync(join(directory, 'bootstrap')).mode & 0o777).toBe(0o755);
    expect(readlinkSync(join(directory, 'bin/tool'))).toBe('../lib/deep');
    expect(statSync(join(directory, 'bin/tool/er/data.bin')).size).toBe(300_000);
    expect(readlinkSync(join(directory, 'dangling'))).toBe('not/there');
    expect(read('empty')).toBe('');
  });

  it('may come from Windows, with backslashes', async () => {
    expect(await unpacked(zip([{ name: 'lib\\index.js', content: 'x', mode: 0 }]))).toBe('unpacked');
    expect(read('lib/index.js')).toBe('x');
  });

  it('may be ZIP64', async () => {
    expect(await unpacked(zip([{ name: 'a.js', content: 'wide', zip64: true }]))).toBe('unpacked');
    expect(read('a.js')).toBe('wide');
  });

  it('may name a file twice: the later one counts', async () => {
    const archive = zip([
      { name: 'a.js', content: 'first' },
      { name: './a.js', content: 'second' },
    ]);
    expect(await unpacked(archive)).toBe('unpacked');
    expect(read('a.js')).toBe('second');
  });

  it('may have more entries than an archive of old could count', async () => {
    const many = Array.from({ length: 66_000 }, (_, index) => ({ name: `${index % 100}`, content: `${index}` }));
    expect(await unpacked(zip(many))).toBe('unpacked');
    expect(readdirSync(directory)).toHaveLength(100);
    expect(read('99')).toBe('65999');
  });
});

describe('what is no package', () => {
  it.each([
    ['nothing', Buffer.alloc(0), 'Uploaded file must be a non-empty zip'],
    ['an archive of nothing', zip([]), 'Uploaded file must be a non-empty zip'],
    ['an archive of directories', zip([{ name: 'a/' }]), 'Uploaded file must be a non-empty zip'],
    ['text', Buffer.from('exports.handler = () => {}'), UNREADABLE],
    ['an archive cut short', zip([{ name: 'a', content: 'x'.repeat(1_000) }]).subarray(0, -30), UNREADABLE],
    ['an archive cut in the middle', cut(zip([{ name: 'a', content: 'abcdefgh', stored: true }])), UNREADABLE],
    ['an encrypted archive', zip([{ name: 'a', content: 'x', encrypted: true }]), UNREADABLE],
    ['a wrong checksum', zip([{ name: 'a', content: 'x', checksum: 1 }]), UNREADABLE],
    ['a name that is too long', zip([{ name: 'a'.repeat(256) }]), UNREADABLE],
    ['a path that is too long', zip([{ name: 'a/'.repeat(600) }]), UNREADABLE],
    ['a name with a zero byte', zip([{ name: 'a\0b' }]), UNREADABLE],
    ['a device', zip([{ name: 'a', mode: 0o020666 }]), UNREADABLE],
    ['a pipe', zip([{ name: 'a', mode: 0o010666 }]), UNREADABLE],
  ])('is refused: %s', async (_, archive, message) => {
    expect(await unpacked(archive)).toBe(`InvalidParameterValueException: ${message}`);
  });

  it('any damage ends in an answer, and never outside', async () => {
    const archive = zip([
      { name: 'lib/a.js', content: 'some code' },
      { name: 'lib/link', content: 'a.js', mode: LINK },
      { name: 'b.js', content: 'more code', stored: true },
    ]);
    const damage = fc.array(fc.tuple(fc.nat(archive.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(damage, async (bytes) => {
        const damaged = Buffer.from(archive);
        for (const [at, value] of bytes) damaged[at] = value;
        rmSync(directory, { recursive: true, force: true });
        mkdirSync(directory);
        expect(await unpacked(damaged)).toMatch(/^(unpacked|InvalidParameterValueException: .*)$/);
      }),
      { numRuns: 300, seed: 1 },
    );
  });
});

/** Takes two bytes out of a file's content: all that follows lies elsewhere than the archive says. */
function cut(archive: Buffer): Buffer {
  return Buffer.concat([archive.subarray(0, 33), archive.subarray(35)]);
}

describe('a package that unpacks to too much', () => {
  it('is refused for what it declares', async () => {
    const bomb = Array.from({ length: 3 }, (_, index) => ({ name: `${index}`, declaredSize: 100 * MEGABYTE }));
    expect(await refusal(bomb)).toBe('Unzipped size must be smaller than 262144000 bytes');
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is refused for declaring less than it unpacks to', async () => {
    expect(await refusal([{ name: 'a', content: Buffer.alloc(50 * MEGABYTE), declaredSize: 10 }])).toBe(UNREADABLE);
    expect(await refusal([{ name: 'a', content: 'ab', declaredSize: 1_000 }])).toBe(UNREADABLE);
  });

  it('is refused where entries share their bytes', async () => {
    const kernel = Buffer.alloc(10 * MEGABYTE);
    const checksum = 0;
    const shared = Array.from({ length: 30 }, (_, index) => ({
      name: `${index}`,
      content: kernel,
      checksum,
      offset: 0,
    }));
    const archive = zip([{ name: 'first', content: kernel, checksum }, ...shared]);
    expect(archive.length).toBeLessThan(20_000);
    expect(await unpacked(archive)).toMatch('Unzipped size must be smaller than 262144000 bytes');
  });

  it('is refused for more files and directories than there may be', async () => {
    const files = Array.from({ length: 100_001 }, (_, index) => ({ name: `${index}`, stored: true }));
    expect(await refusal(files)).toMatch('at most 100000 files');
    const deep = Array.from({ length: 300 }, (_, index) => ({ name: `${index}/${'a/'.repeat(500)}f` }));
    expect(await refusal(deep)).toMatch('at most 100000 files');
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('a package that reaches out of itself', () => {
  it.each(['/secret', '../secret', 'a/../../secret', '..\\secret', 'C:\\secret', 'c:/secret', 'a/..', '..'])(
    'by the name %s is refused',
    async (name) => {
      expect(await refusal([{ name: 'index.js' }, { name, content: 'taken' }])).toBe(UNREADABLE);
      expect(readdirSync(directory)).toEqual([]);
    },
  );

  const out = (link: string) => `The link ${link} leads out of the deployment package`;

  it.each<[string, string, ZipEntry[]]>([
    ['absolute', 'a', [{ name: 'a', content: '/etc/passwd', mode: LINK }]],
    ['relative', 'a', [{ name: 'a', content: '../secret', mode: LINK }]],
    ['deep', 'b/c/a', [{ name: 'b/c/a', content: '../../../secret', mode: LINK }]],
    ['by way of a file that is none', 'a', [{ name: 'a', content: 'x/../../secret', mode: LINK }]],
    [
      'through another link',
      'a',
      [
        { name: 'a', content: 'deep/down/root/../secret', mode: LINK },
        { name: 'deep/down/root', content: '../..', mode: LINK },
      ],
    ],
    [
      'through a link to a directory with links in it',
      'y/b',
      [
        { name: 'x', content: 'y', mode: LINK },
        { name: 'y/b', content: '../x/../../secret', mode: LINK },
      ],
    ],
    ['empty', 'a', [{ name: 'a', content: '', mode: LINK }]],
  ])('by a link, %s, is refused', async (_, link, entries) => {
    expect(await refusal([{ name: 'index.js' }, ...entries])).toBe(out(link));
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each<[string, ZipEntry[]]>([
    [
      'a file behind a link',
      [
        { name: 'a', content: '.', mode: LINK },
        { name: 'a/secret', content: 'taken' },
      ],
    ],
    [
      'a link behind a link',
      [
        { name: 'p/q/a', content: '../..', mode: LINK },
        { name: 'p/q/a/x', content: '../secret', mode: LINK },
      ],
    ],
    ['a file behind a file', [{ name: 'a' }, { name: 'a/b' }]],
    ['a file and a directory of one name', [{ name: 'a/' }, { name: 'a' }]],
    [
      'links that lead to each other',
      [
        { name: 'a', content: 'b', mode: LINK },
        { name: 'b', content: 'a', mode: LINK },
      ],
    ],
    ['a link that is a book', [{ name: 'a', content: 'x'.repeat(5_000), mode: LINK }]],
  ])('is refused: %s', async (_, entries) => {
    expect(await refusal([{ name: 'index.js' }, ...entries])).toBe(UNREADABLE);
    expect(readdirSync(directory)).toEqual([]);
  });

  it('by links that take for ever to follow is refused soon', async () => {
    const links = Array.from({ length: 500 }, (_, index) => ({
      name: `l${index}`,
      content: `${'d/../'.repeat(800)}l${index + 1}`,
      mode: LINK,
    }));
    expect(await refusal([{ name: 'd/f' }, ...links])).toBe(UNREADABLE);
  });
});
