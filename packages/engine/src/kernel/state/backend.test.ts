/* One suite over all backends: what the port promises holds for each. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Backend } from './backend.ts';
import { createMemoryBackend } from './memory.ts';
import { createSqliteBackend, DataError } from './sqlite.ts';
import { Store } from './store.ts';
import { table } from './table.ts';

interface Bell {
  readonly tone: string;
  readonly tags?: { readonly heard: number };
}
const bells = table<Bell>('test.bells');
/** Indexed by how long each has waited, in two halls; those that wait nowhere are left out. */
const guests = table<{ hall?: string; since: number }>('test.guests', {
  index: ({ hall, since }) => (hall === undefined ? undefined : `${hall}/${since}`),
});
const towers = table<{ height: number }>('test.towers', { scope: 'account' });

const directories: string[] = [];
function directory(): string {
  const made = mkdtempSync(join(tmpdir(), 'carillon-store-'));
  directories.push(made);
  return made;
}
afterEach(() => {
  for (const made of directories.splice(0)) rmSync(made, { recursive: true, force: true });
});

const backends: [string, () => Backend][] = [
  ['memory', createMemoryBackend],
  ['sqlite', () => createSqliteBackend(directory())],
];

const A = ['111111111111', 'us-east-1'] as const;
const B = ['111111111111', 'eu-west-1'] as const;

describe.each(backends)('the store over %s', (_name, open) => {
  async function withStore(run: (store: Store) => Promise<void>) {
    const store = new Store({ backend: open() });
    try {
      await run(store);
    } finally {
      await store.close();
    }
  }

  it('keeps rows apart by account, region and table', () =>
    withStore(async (store) => {
      const { committed } = store.transact((tx) => {
        tx.rows(bells, ...A).put('great', { tone: 'c' });
        tx.rows(bells, ...B).put('great', { tone: 'd' });
        tx.rows(towers, ...A).put('north', { height: 80 });
      });
      await committed;
      const { result } = store.transact((tx) => [
        tx.rows(bells, ...A).get('great'),
        tx.rows(bells, ...B).get('great'),
        tx.rows(towers, ...B).get('north'),
        tx.rows(bells, ...A).get('north'),
      ]);
      expect(result).toEqual([{ tone: 'c' }, { tone: 'd' }, { height: 80 }, undefined]);
    }));

  it('lists in order of keys, by prefix, after a key, up to a limit, through changes', () =>
    withStore(async (store) => {
      const list = (options = {}) => store.transact((tx) => tx.rows(bells, ...A).list(options)).result.map(([k]) => k);
      store.transact((tx) => {
        for (const key of ['b/2', 'a/1', 'b/10', 'c', 'b/1', 'Z', 'é']) tx.rows(bells, ...A).put(key, { tone: key });
      });
      expect(list()).toEqual(['Z', 'a/1', 'b/1', 'b/10', 'b/2', 'c', 'é']);
      expect(list({ prefix: 'b/' })).toEqual(['b/1', 'b/10', 'b/2']);
      expect(list({ prefix: 'b/', after: 'b/1', limit: 1 })).toEqual(['b/10']);
      expect(list({ after: 'b/11' })).toEqual(['b/2', 'c', 'é']);
      store.transact((tx) => {
        tx.rows(bells, ...A).delete('b/10');
        tx.rows(bells, ...A).put('b/3', { tone: 'e' });
        tx.rows(bells, ...A).delete('c');
        tx.rows(bells, ...A).put('c', { tone: 'again' });
      });
      expect(list({ prefix: 'b/' })).toEqual(['b/1', 'b/2', 'b/3']);
      expect(list({ after: 'b/3' })).toEqual(['c', 'é']);
      store.transact((tx) => {
        for (let i = 0; i < 100; i++) tx.rows(bells, ...A).put(`m${String(i).padStart(3, '0')}`, { tone: 'm' });
      });
      expect(list({ prefix: 'm' })).toHaveLength(100);
      expect(list({ prefix: 'm', after: 'm097' })).toEqual(['m098', 'm099']);
    }));

  it('lists and counts by an index, through changes and what is taken back', () =>
    withStore(async (store) => {
      const change = (changes: Record<string, { hall?: string; since: number } | undefined>) =>
        store.transact((tx) => {
          for (const [key, row] of Object.entries(changes)) {
            if (row) tx.rows(guests, ...A).put(key, row);
            else tx.rows(guests, ...A).delete(key);
          }
        });
      const list = (options = {}) =>
        store.transact((tx) => tx.rows(guests, ...A).list({ indexed: true, ...options })).result.map(([key]) => key);
      const count = (options = {}) =>
        store.transact((tx) => tx.rows(guests, ...A).count({ indexed: true, ...options })).result;
      change({ ann: { hall: 'n', since: 3 }, bob: { hall: 'n', since: 1 }, cy: { hall: 's', since: 2 } });
      expect(list()).toEqual(['bob', 'ann', 'cy']);
      change({ bob: { hall: 's', since: 1 }, dee: { since: 0 }, eve: { hall: 'n', since: 3 } });
      expect(list()).toEqual(['ann', 'eve', 'bob', 'cy']);
      expect(list({ prefix: 's/', until: 's/2' })).toEqual(['bob']);
      expect([count(), count({ prefix: 'n/' }), count({ prefix: 's/', until: 's/2' })]).toEqual([4, 2, 1]);
      expect(() =>
        store.transact((tx) => {
          tx.rows(guests, ...A).delete('ann');
          tx.rows(guests, ...A).put('bob', { since: 9 });
          tx.rows(guests, ...A).put('new', { hall: 'a', since: 9 });
          throw new Error('no');
        }),
      ).toThrow('no');
      expect(list()).toEqual(['ann', 'eve', 'bob', 'cy']);
      change({ ann: undefined, dee: { hall: 's', since: 0 } });
      expect(list()).toEqual(['eve', 'dee', 'bob', 'cy']);
    }));

  it('takes back everything when a handler throws, and part of it at a savepoint', () =>
    withStore(async (store) => {
      await store.transact((tx) => tx.rows(bells, ...A).put('great', { tone: 'c' })).committed;
      expect(() =>
        store.transact((tx) => {
          tx.rows(bells, ...A).put('great', { tone: 'broken' });
          tx.rows(bells, ...A).put('new', { tone: 'broken' });
          tx.append('log', 1, 'broken');
          throw new Error('no');
        }),
      ).toThrow('no');
      const { committed } = store.transact((tx) => {
        tx.rows(bells, ...A).put('kept', { tone: 'k' });
        tx.append('log', 2, 'kept');
        const savepoint = tx.savepoint();
        tx.rows(bells, ...A).delete('great');
        tx.append('log', 3, 'undone');
        tx.rollbackTo(savepoint);
      });
      await committed;
      expect(store.transact((tx) => tx.rows(bells, ...A).list()).result).toEqual([
        ['great', { tone: 'c' }],
        ['kept', { tone: 'k' }],
      ]);
      expect((await store.read('log', { limit: 10 })).map((entry) => entry.data)).toEqual(['kept']);
    }));

  it('hands out rows that cannot be changed', () =>
    withStore(async (store) => {
      store.transact((tx) => tx.rows(bells, ...A).put('great', { tone: 'c', tags: { heard: 1 } }));
      const row = store.transact((tx) => tx.rows(bells, ...A).get('great')).result as {
        tone: string;
        tags: { heard: number };
      };
      expect(() => Object.assign(row, { tone: 'd' })).toThrow(TypeError);
      expect(() => Object.assign(row.tags, { heard: 2 })).toThrow(TypeError);
    }));

  it('refuses a write after the transaction has ended', () =>
    withStore(async (store) => {
      const { result: rows } = store.transact((tx) => tx.rows(bells, ...A));
      expect(() => rows.put('late', { tone: 'x' })).toThrow('after its transaction had ended');
    }));

  it('reads logs in order of time and arrival, both ways, within bounds, page by page', () =>
    withStore(async (store) => {
      store.transact((tx) => {
        for (const [at, data] of [
          [5, 'e'],
          [1, 'a'],
          [3, 'c1'],
          [3, 'c2'],
          [9, 'i'],
        ] as const)
          tx.append('log', at, data);
        tx.append('other', 3, 'x');
      });
      const read = async (range = {}) => (await store.read('log', { limit: 10, ...range })).map((entry) => entry.data);
      expect(await read()).toEqual(['a', 'c1', 'c2', 'e', 'i']);
      expect(await read({ backward: true })).toEqual(['i', 'e', 'c2', 'c1', 'a']);
      expect(await read({ from: 3, until: 9 })).toEqual(['c1', 'c2', 'e']);
      expect(await read({ from: 3, until: 9, backward: true, limit: 2 })).toEqual(['e', 'c2']);
      const [, second] = await store.read('log', { limit: 2 });
      expect(await read({ beyond: second })).toEqual(['c2', 'e', 'i']);
      expect(await read({ beyond: second, backward: true })).toEqual(['a']);
      store.transact((tx) => tx.truncate('log', 4));
      expect(await read()).toEqual(['e', 'i']);
      store.transact((tx) => tx.truncate('log', undefined));
      expect(await read()).toEqual([]);
    }));

  it('forgets everything when cleared, and goes on', () =>
    withStore(async (store) => {
      store.transact((tx) => tx.rows(bells, ...A).put('great', { tone: 'c' }));
      await store.clear();
      expect(store.transact((tx) => tx.rows(bells, ...A).list()).result).toEqual([]);
      await store.transact((tx) => tx.rows(bells, ...A).put('next', { tone: 'd' })).committed;
      expect(store.transact((tx) => tx.rows(bells, ...A).get('next')).result).toEqual({ tone: 'd' });
    }));
});

describe('what is lasting', () => {
  it('is there after a restart, as the last of many concurrent transactions left it', async () => {
    const place = directory();
    const first = new Store({ backend: createSqliteBackend(place) });
    const writes = Array.from(
      { length: 500 },
      (_, i) =>
        first.transact((tx) => {
          tx.rows(bells, ...A).put(`k${i % 50}`, { tone: String(i) });
          if (i % 50 === 49) tx.rows(bells, ...A).delete(`k${i % 50}`);
          tx.append('log', i, String(i));
        }).committed,
    );
    await Promise.all(writes);
    await first.close();

    const second = new Store({ backend: createSqliteBackend(place) });
    second.load();
    const rows = second.transact((tx) => tx.rows(bells, ...A).list()).result;
    expect(rows).toHaveLength(49);
    expect(new Map(rows).get('k7')).toEqual({ tone: '457' });
    second.transact((tx) => tx.append('log', 499, 'after'));
    expect((await second.read('log', { limit: 3, backward: true })).map((e) => e.data)).toEqual([
      'after',
      '499',
      '498',
    ]);
    await second.close();
  });

  it('makes a reader wait for what it saw', async () => {
    const store = new Store({ backend: createSqliteBackend(directory()) });
    const write = store.transact((tx) => tx.rows(bells, ...A).put('great', { tone: 'c' }));
    const read = store.transact((tx) => tx.rows(bells, ...A).get('great'));
    expect(read.result).toEqual({ tone: 'c' });
    expect(read.committed).toBeInstanceOf(Promise);
    await Promise.all([write.committed, read.committed]);
    await store.close();
  });

  it('is refused in words when the directory is in use or cannot be used', async () => {
    const place = directory();
    const backend = createSqliteBackend(place);
    await backend.commit({ rows: [], appends: [], truncates: [] });
    expect(() => createSqliteBackend(place)).toThrow(DataError);
    expect(() => createSqliteBackend(place)).toThrow('in use by another Carillon');
    await backend.close();
    expect(() => createSqliteBackend('/dev/null/data')).toThrow(/can't be used.*--memory/);
  });
});
