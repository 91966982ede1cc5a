/*
 * All rows, in memory, and the transactions that change them.
 *
 * A handler runs to completion before another starts, so a transaction needs no locks and no copies: it writes
 * in place and keeps what it overwrote, to put it back if the handler throws. What it changed is handed to the
 * backend; transactions that end while the backend is writing share the next write (group commit).
 */
import { getOrMake } from '../maps.ts';
import type { Backend, Batch, LogEntry, LogRange, RowChange } from './backend.ts';
import { OrderedKeys } from './keys.ts';
import { kept } from './record.ts';
import type { CountOptions, ListOptions, Rows, Table } from './table.ts';

/** Stands between a row's text in an index and its key; no text has one. */
const INDEX_END = '\n';

/** The rows of one table in one scope. */
class Partition {
  readonly table: string;
  readonly scope: string;
  readonly rows = new Map<string, unknown>();
  readonly keys = new OrderedKeys(() => this.rows.keys());
  #index: { readonly entries: OrderedKeys; readonly of: (row: unknown, key: string) => string | undefined } | undefined;

  constructor(table: string, scope: string) {
    this.table = table;
    this.scope = scope;
  }

  set(key: string, value: unknown): void {
    const previous = this.rows.get(key);
    if (this.#index) this.#reindex(key, previous, value);
    if (value === undefined) {
      if (this.rows.delete(key)) this.keys.remove(key);
      return;
    }
    if (previous === undefined) this.keys.add(key);
    this.rows.set(key, value);
  }

  /** The rows' places in the index of the table that this is a partition of; kept from the first time. */
  index({ name, index: of }: Table<unknown>): OrderedKeys {
    if (!of) throw new Error(`The table ${name} has no index.`);
    if (!this.#index) {
      this.#index = { entries: new OrderedKeys(() => this.#entries()), of };
      this.#index.entries.keep();
    }
    return this.#index.entries;
  }

  *#entries(): Generator<string> {
    for (const [key, row] of this.rows) {
      const entry = this.#entryOf(key, row);
      if (entry !== undefined) yield entry;
    }
  }

  #entryOf(key: string, row: unknown): string | undefined {
    const text = row === undefined ? undefined : this.#index!.of(row, key);
    return text === undefined ? undefined : text + INDEX_END + key;
  }

  #reindex(key: string, previous: unknown, value: unknown): void {
    const [from, to] = [this.#entryOf(key, previous), this.#entryOf(key, value)];
    if (from === to) return;
    if (from !== undefined) this.#index!.entries.remove(from);
    if (to !== undefined) this.#index!.entries.add(to);
  }
}

export interface StoreOptions {
  backend: Backend;
  /** Called while a write is under way; returns the function that ends it. */
  hold?: (what: string) => () => void;
}

export class Store {
  #backend: Backend;
  #hold: (what: string) => () => void;
  #tables = new Map<string, Map<string, Partition>>();
  #gathering: { batch: Batch; written: Promise<void> } | undefined;
  #writing: Promise<void> | undefined;
  #failure: Error | undefined;

  constructor(options: StoreOptions) {
    this.#backend = options.backend;
    this.#hold = options.hold ?? (() => () => {});
  }

  /** Takes in all that the backend holds, save rows that `elsewhere` takes. Called once, first. */
  load(elsewhere: (row: RowChange) => boolean = () => false): void {
    for (const row of this.#backend.load()) {
      if (!elsewhere(row)) this.#partition(row.table, row.scope).set(row.key, kept(row.value));
    }
  }

  /** Whether what is committed outlives the process. */
  get lasting(): boolean {
    return this.#backend.lasting;
  }

  /** Runs a handler as one transaction. Resolves, or returns at once, when what it changed is lasting. */
  transact<T>(handler: (transaction: Transaction) => T): { result: T; committed: Promise<void> | undefined } {
    const transaction = this.begin();
    let result: T;
    try {
      result = handler(transaction);
    } catch (error) {
      transaction.rollback();
      throw error;
    }
    return { result, committed: transaction.commit() };
  }

  begin(): Transaction {
    return new Transaction(this.#partition, this.#commit);
  }

  read(log: string, range: LogRange): Promise<LogEntry[]> {
    this.#flush();
    return this.#backend.read(log, range);
  }

  async clear(): Promise<void> {
    await this.#settled();
    this.#tables.clear();
    await this.#backend.clear();
  }

  async close(): Promise<void> {
    await this.#settled().catch(() => undefined);
    await this.#backend.close();
  }

  async #settled(): Promise<void> {
    while (this.#gathering || this.#writing) await (this.#gathering?.written ?? this.#writing);
  }

  #partition = (table: string, scope: string): Partition => {
    const partitions = getOrMake(this.#tables, table, () => new Map<string, Partition>());
    return getOrMake(partitions, scope, () => new Partition(table, scope));
  };

  /** A transaction that only read waits too: what it saw must be lasting before the answer leaves. */
  #commit = (batch: Batch): Promise<void> | undefined => {
    if (this.#failure) throw this.#failure;
    if (batch.rows.length + batch.appends.length + batch.truncates.length === 0) {
      return this.#gathering?.written ?? this.#writing;
    }
    if (this.#gathering) {
      append(this.#gathering.batch, batch);
      return this.#gathering.written;
    }
    if (this.#writing) return this.#gather(batch, this.#writing);
    if (this.#backend.lasting) return this.#gather(batch, Promise.resolve());
    this.#backend.commit(batch);
    return undefined;
  };

  /** Collects batches until the write before is done, then writes them as one. */
  #gather(batch: Batch, before: Promise<void>): Promise<void> {
    const release = this.#hold('data being written');
    const written = before.then(() => this.#flush()).finally(release);
    this.#gathering = { batch, written };
    return written;
  }

  #flush(): Promise<void> | undefined {
    const gathering = this.#gathering;
    if (!gathering) return this.#writing;
    this.#gathering = undefined;
    const writing = Promise.resolve(this.#backend.commit(gathering.batch)).catch((error: Error) => {
      this.#failure = new Error(`Nothing can be kept any more: ${error.message}`, { cause: error });
      throw this.#failure;
    });
    this.#writing = writing;
    const done = () => {
      if (this.#writing === writing) this.#writing = undefined;
    };
    writing.then(done, done);
    return writing;
  }
}

function scopeKey(scope: Table<unknown>['scope'], account: string, region: string): string {
  if (scope === 'global') return '/';
  return scope === 'account' ? `${account}/` : `${account}/${region}`;
}

function append(to: Batch, from: Batch): void {
  for (const row of from.rows) to.rows.push(row);
  for (const entry of from.appends) to.appends.push(entry);
  for (const cut of from.truncates) to.truncates.push(cut);
}

type Undo = [partition: Partition, key: string, previous: unknown];

/** Where a transaction may go back to. */
export interface Savepoint {
  readonly undo: number;
  readonly rows: number;
  readonly appends: number;
  readonly truncates: number;
}

export class Transaction {
  #partition: (table: string, scope: string) => Partition;
  #handOver: (batch: Batch) => Promise<void> | undefined;
  #undo: Undo[] = [];
  #batch: Batch = { rows: [], appends: [], truncates: [] };
  #ended = false;

  constructor(
    partition: (table: string, scope: string) => Partition,
    handOver: (batch: Batch) => Promise<void> | undefined,
  ) {
    this.#partition = partition;
    this.#handOver = handOver;
  }

  rows<T>(table: Table<T>, account: string, region: string): Rows<T> {
    const partition = this.#partition(table.name, scopeKey(table.scope, account, region));
    if (table.index) partition.index(table as Table<unknown>);
    return new PartitionRows<T>(table, partition, this.#set);
  }

  /** Records a change to a row that is kept elsewhere than in the partitions, as the agenda does. */
  record(row: RowChange): void {
    this.#batch.rows.push(row);
  }

  append(log: string, at: number, data: string): void {
    this.#batch.appends.push({ log, at, data });
  }

  truncate(log: string, before: number | undefined): void {
    this.#batch.truncates.push({ log, before });
  }

  savepoint(): Savepoint {
    const { rows, appends, truncates } = this.#batch;
    return { undo: this.#undo.length, rows: rows.length, appends: appends.length, truncates: truncates.length };
  }

  rollbackTo(savepoint: Savepoint): void {
    for (let index = this.#undo.length - 1; index >= savepoint.undo; index--) {
      const [partition, key, previous] = this.#undo[index]!;
      partition.set(key, previous);
    }
    this.#undo.length = savepoint.undo;
    this.#batch.rows.length = savepoint.rows;
    this.#batch.appends.length = savepoint.appends;
    this.#batch.truncates.length = savepoint.truncates;
  }

  rollback(): void {
    this.rollbackTo({ undo: 0, rows: 0, appends: 0, truncates: 0 });
    this.#ended = true;
  }

  commit(): Promise<void> | undefined {
    this.#ended = true;
    return this.#handOver(this.#batch);
  }

  #set = (partition: Partition, key: string, value: unknown): void => {
    if (this.#ended) throw new Error(`A row of ${partition.table} was written after its transaction had ended.`);
    this.#undo.push([partition, key, partition.rows.get(key)]);
    partition.set(key, value);
    this.#batch.rows.push({ table: partition.table, scope: partition.scope, key, value });
  };
}

class PartitionRows<T> implements Rows<T> {
  #table: Table<T>;
  #held: Partition;
  #set: (partition: Partition, key: string, value: T | undefined) => void;

  constructor(
    table: Table<T>,
    partition: Partition,
    set: (partition: Partition, key: string, value: T | undefined) => void,
  ) {
    this.#table = table;
    this.#held = partition;
    this.#set = set;
  }

  get size(): number {
    return this.#held.rows.size;
  }

  get(key: string): T | undefined {
    return this.#held.rows.get(key) as T | undefined;
  }

  has(key: string): boolean {
    return this.#held.rows.has(key);
  }

  put(key: string, row: T): void {
    this.#set(this.#held, key, kept(row));
  }

  delete(key: string): boolean {
    if (!this.#held.rows.has(key)) return false;
    this.#set(this.#held, key, undefined);
    return true;
  }

  list({ indexed, prefix = '', until, after, limit = Number.POSITIVE_INFINITY }: ListOptions = {}): [string, T][] {
    const found: [string, T][] = [];
    for (const entry of this.#keys(indexed).range({ prefix, until }, after, limit)) {
      const key = indexed ? entry.slice(entry.indexOf(INDEX_END) + 1) : entry;
      found.push([key, this.#held.rows.get(key) as T]);
    }
    return found;
  }

  count({ indexed, prefix = '', until }: CountOptions): number {
    return this.#keys(indexed).count({ prefix, until });
  }

  #keys(indexed: boolean | undefined): OrderedKeys {
    return indexed ? this.#held.index(this.#table as Table<unknown>) : this.#held.keys;
  }
}
