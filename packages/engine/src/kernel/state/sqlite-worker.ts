/* The thread that owns the SQLite file: commits batches, each as one transaction with an fsync, and reads logs. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { LogEntry, LogRange } from './backend.ts';
import type { SqliteAnswer, SqliteRequest } from './sqlite.ts';

const database = new DatabaseSync((workerData as { file: string }).file);
// The empty transaction takes the lock now, and with it the directory is ours.
database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL; BEGIN IMMEDIATE; COMMIT;');

const putRow = database.prepare('INSERT OR REPLACE INTO rows (name, scope, key, value) VALUES (?, ?, ?, ?)');
const deleteRow = database.prepare('DELETE FROM rows WHERE name = ? AND scope = ? AND key = ?');
const addEntry = database.prepare('INSERT INTO entries (log, at, sequence, data) VALUES (?, ?, ?, ?)');
const cutBefore = database.prepare('DELETE FROM entries WHERE log = ? AND at < ?');
const cutAll = database.prepare('DELETE FROM entries WHERE log = ?');
const lastSequence = database.prepare('SELECT max(sequence) AS last FROM entries').get() as { last: number | null };
let sequence = (lastSequence.last ?? -1) + 1;

type Commit = Extract<SqliteRequest, { task: 'commit' }>;

function commit({ rows, appends, truncates }: Commit): void {
  database.exec('BEGIN');
  try {
    for (let i = 0; i < truncates.length; i += 2) {
      const [log, before] = [truncates[i]!, truncates[i + 1]!];
      if (before === null) cutAll.run(log);
      else cutBefore.run(log, before);
    }
    for (let i = 0; i < rows.length; i += 4) {
      const [name, scope, key, value] = [rows[i]!, rows[i + 1]!, rows[i + 2]!, rows[i + 3]!];
      if (value === null) deleteRow.run(name, scope, key);
      else putRow.run(name, scope, key, value);
    }
    for (let i = 0; i < appends.length; i += 3) {
      addEntry.run(appends[i]!, appends[i + 1]!, sequence++, appends[i + 2]!);
    }
    database.exec('COMMIT');
  } catch (error) {
    database.exec('ROLLBACK');
    throw error;
  }
}

function read(log: string, { from, until, beyond, backward, limit }: LogRange): LogEntry[] {
  const conditions = ['log = ?'];
  const values: (string | number)[] = [log];
  if (from !== undefined) {
    conditions.push('at >= ?');
    values.push(from);
  }
  if (until !== undefined) {
    conditions.push('at < ?');
    values.push(until);
  }
  if (beyond) {
    conditions.push(`(at, sequence) ${backward ? '<' : '>'} (?, ?)`);
    values.push(beyond.at, beyond.sequence);
  }
  const direction = backward ? 'DESC' : 'ASC';
  const query = `SELECT at, sequence, data FROM entries WHERE ${conditions.join(' AND ')}
    ORDER BY at ${direction}, sequence ${direction} LIMIT ?`;
  return database.prepare(query).all(...values, limit) as unknown as LogEntry[];
}

function answer(request: SqliteRequest): SqliteAnswer {
  const { id } = request;
  if (request.task === 'commit') commit(request);
  else if (request.task === 'read') return { id, entries: read(request.log, request.range) };
  else if (request.task === 'clear') database.exec('DELETE FROM rows; DELETE FROM entries;');
  else database.close();
  return { id };
}

parentPort?.on('message', (request: SqliteRequest) => {
  try {
    parentPort?.postMessage(answer(request));
  } catch (error) {
    parentPort?.postMessage({ id: request.id, error: (error as Error).message } satisfies SqliteAnswer);
  }
});
