/*
 * The backend of `carillon start`: one SQLite file, through the SQLite that Node brings.
 *
 * A worker thread owns the database, so that an fsync never stops the event loop; the only work done here is to
 * turn rows into JSON. At start the rows are read on this thread, before the worker opens the file.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { getOrMake } from '../maps.ts';
import type { Backend, Batch, LogEntry, LogRange, RowChange } from './backend.ts';

/** The data directory can't be used; the message says why and what to do. */
export class DataError extends Error {}

/** What is asked of the worker, and what it answers. */
export type SqliteRequest = { id: number } & (
  | ({ task: 'commit' } & SqliteBatch)
  | { task: 'read'; log: string; range: LogRange }
  | { task: 'clear' | 'close' }
);
/** A batch in flat arrays of strings and numbers, which cross to a thread faster than objects do. */
export interface SqliteBatch {
  /** Partitions that are new: id, table, scope each. */
  partitions: (number | string)[];
  /** For each partition its id and the number of its rows, then key and JSON (null for a deleted row) of each. */
  rows: (number | string | null)[];
  /** Log, moment and data each. */
  appends: (string | number)[];
  /** Log and moment each. */
  truncates: (string | number | null)[];
}
export type SqliteAnswer = { id: number; entries?: LogEntry[]; error?: string };

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA locking_mode = EXCLUSIVE;
  PRAGMA user_version = 1;
  CREATE TABLE IF NOT EXISTS partitions (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, scope TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS rows (
    partition INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (partition, key)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS entries (
    log TEXT NOT NULL, at INTEGER NOT NULL, sequence INTEGER NOT NULL, data TEXT NOT NULL,
    PRIMARY KEY (log, at, sequence)
  ) WITHOUT ROWID;
`;

export function createSqliteBackend(directory: string): Backend {
  const file = join(directory, 'carillon.db');
  const reader = openReader(directory, file);
  const partitions = new Partitions(reader);
  const waiting = new Map<number, { resolve(answer: SqliteAnswer): void; reject(error: Error): void }>();
  let nextId = 0;
  let worker: Worker | undefined;

  /** The file changes hands: only one may have it open. */
  function startWorker(): Worker {
    if (reader.isOpen) reader.close();
    const script = new URL(`./sqlite-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
    const started = new Worker(fileURLToPath(script), {
      workerData: { file },
      execArgv: [...process.execArgv, '--disable-warning=ExperimentalWarning'],
    });
    started.unref();
    started.on('message', (answer: SqliteAnswer) => {
      const asker = waiting.get(answer.id);
      waiting.delete(answer.id);
      if (waiting.size === 0) started.unref();
      if (answer.error === undefined) asker?.resolve(answer);
      else asker?.reject(new Error(answer.error));
    });
    started.on('error', (error) => {
      for (const asker of waiting.values()) asker.reject(error as Error);
      waiting.clear();
    });
    return started;
  }

  const ask = (request: { task: string } & Record<string, unknown>): Promise<SqliteAnswer> =>
    new Promise((resolve, reject) => {
      const id = nextId++;
      waiting.set(id, { resolve, reject });
      worker ??= startWorker();
      worker.ref();
      worker.postMessage({ ...request, id });
    });

  return {
    lasting: true,
    *load() {
      try {
        yield* readRows(reader);
      } catch (error) {
        throw new DataError(explain(directory, error as Error));
      }
      worker ??= startWorker();
    },
    async commit(batch: Batch) {
      await ask({ task: 'commit', ...partitions.flatten(batch) });
    },
    async read(log: string, range: LogRange) {
      return (await ask({ task: 'read', log, range })).entries ?? [];
    },
    async clear() {
      partitions.clear();
      await ask({ task: 'clear' });
    },
    async close() {
      await ask({ task: 'close' });
      await worker?.terminate();
    },
  };
}

/** The numbers that stand for a table in a scope: they are shorter to store, to compare and to hand over. */
class Partitions {
  /** By table, then scope. */
  #ids = new Map<string, Map<string, number>>();
  #next = 1;

  constructor(database: DatabaseSync) {
    for (const row of database.prepare('SELECT id, name, scope FROM partitions').iterate()) {
      const { id, name, scope } = row as { id: number; name: string; scope: string };
      getOrMake(this.#ids, name, () => new Map()).set(scope, id);
      this.#next = Math.max(this.#next, id + 1);
    }
  }

  /** Of several changes to a row only the last is written. */
  flatten(batch: Batch): SqliteBatch {
    const made: SqliteBatch['partitions'] = [];
    const changed = new Map<number, Map<string, unknown>>();
    for (const { table, scope, key, value } of batch.rows) {
      const id = getOrMake(
        getOrMake(this.#ids, table, () => new Map<string, number>()),
        scope,
        () => {
          made.push(this.#next, table, scope);
          return this.#next++;
        },
      );
      getOrMake(changed, id, () => new Map<string, unknown>()).set(key, value);
    }
    const rows: SqliteBatch['rows'] = [];
    for (const [id, values] of changed) {
      rows.push(id, values.size);
      for (const [key, value] of values) rows.push(key, value === undefined ? null : JSON.stringify(value));
    }
    return {
      partitions: made,
      rows,
      appends: batch.appends.flatMap(({ log, at, data }) => [log, at, data]),
      truncates: batch.truncates.flatMap(({ log, before }) => [log, before ?? null]),
    };
  }

  clear(): void {
    this.#ids.clear();
  }
}

/** Opens the file, and makes it where there is none. */
function openReader(directory: string, file: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(directory, { recursive: true });
    database = new DatabaseSync(file);
    database.exec(SCHEMA);
    return database;
  } catch (error) {
    database?.close();
    throw new DataError(explain(directory, error as Error));
  }
}

/** Row by row: there may be millions. */
function* readRows(database: DatabaseSync): Generator<RowChange> {
  const rows = database.prepare('SELECT key, value FROM rows WHERE partition = ?');
  for (const partition of database.prepare('SELECT id, name, scope FROM partitions').all()) {
    const { id, name: table, scope } = partition as { id: number; name: string; scope: string };
    for (const row of rows.iterate(id)) {
      const { key, value } = row as { key: string; value: string };
      yield { table, scope, key, value: JSON.parse(value) };
    }
  }
}

function explain(directory: string, error: Error): string {
  if (/locked|busy/i.test(error.message)) {
    return `The data directory ${directory} is in use by another Carillon. Stop that one, or give this one its own with --data DIR.`;
  }
  if (/not a database|malformed/i.test(error.message)) {
    return `The data in ${directory} is damaged (${error.message}). Move the directory away, or give another with --data DIR.`;
  }
  return `The data directory ${directory} can't be used: ${error.message}. Give another with --data DIR, or keep nothing with --memory.`;
}
