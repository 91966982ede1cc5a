/* The thread that owns the SQLite file: commits batches, each as one transaction with an fsync, and reads logs. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { LogEntry, LogRange } from './backend.ts';
import type { SqliteAnswer, SqliteRequest } from './sqlite.ts';

const database = new DatabaseSync((workerData as { file: string }).file);
// The empty transaction takes the lock now, and with it the directory is ours.
database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = FULL; BEGIN IMMEDIATE; COMMIT;');

const addPartition = database.prepare('INSERT INTO partitions (id, name, scope) VALUES (?, ?, ?)');
const putRow = database.prepare(
  'INSERT INTO rows (partition, key, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
);
const deleteRow = database.prepare('DELETE FROM rows WHERE partition = ? AND key = ?');
const begin = database.prepare('BEGIN');
const end = database.prepare('COMMIT');
const addEntry = database.prepare('INSERT INTO entries (log, at, sequence, data) VALUES (?, ?, ?, ?)');
const cutBefore = database.prepare('DELETE FROM entries WHERE log = ? AND at < ?');
const cutAll = database.prepare('DELETE FROM entries WHERE log = ?');
const lastSequence = database.prepare('SELECT max(sequence) AS last FROM entries').get() as { last: number | null };
let sequence = (lastSequence.last ?? -1) + 1;

type Commit = Extract<SqliteRequest, { task: 'commit' }>;

function commit({ partitions, rows, appends, truncates }: Commit): void {
  begin.run();
  try {
    for (let i = 0; i < truncates.length; i += 2) {
      const [log, before] = [truncates[i]!, truncates[i + 1]!];
      if (before === null) cutAll.run(log);
      else cutBefore.run(log, before);
    }
    for (let i = 0; i < partitions.length; i += 3) {
      addPartition.run(partitions[i]!, partitions[i + 1]!, partitions[i + 2]!);
    }
    for (let i = 0; i < rows.length; ) {
      const partition = rows[i++]!;
      for (let left = rows[i++] as number; left > 0; left--) {
        const key = rows[i++]!;
        const value = rows[i++]!;
        if (value === null) deleteRow.run(partition, key);
        else putRow.run(partition, key, value);
      }
    }
    for (let i = 0; i < appends.length; i += 3) {
      addEntry.run(appends[i]!, appends[i + 1]!, sequence++, appends[i + 2]!);
    }
    end.run();
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
  else if (request.task === 'clear') database.exec('DELETE FROM partitions; DELETE FROM rows; DELETE FROM entries;');
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
