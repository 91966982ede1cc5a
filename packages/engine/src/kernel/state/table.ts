/* A service declares its tables; the store keeps their rows, by account and region, ordered by key. */

/** A kind of record. `T` must be what JSON can carry: no undefined, no Date, no bytes. */
export interface Table<T> {
  /** `<service>.<noun>`, unique in the engine. */
  readonly name: string;
  /** Whether rows belong to a region of an account, to the account as a whole (IAM), or to all of AWS (bucket names). */
  readonly scope: 'region' | 'account' | 'global';
  /** A text for each row by which rows can be listed too, beside their key; a row without one is not listed so. */
  index?(row: T, key: string): string | undefined;
  /** Carries the type of the rows; never set. */
  readonly row?: T;
}

export function table<T>(name: string, options: Partial<Pick<Table<T>, 'scope' | 'index'>> = {}): Table<T> {
  return { name, scope: 'region', ...options };
}

/** Which rows to count. */
export interface CountOptions {
  /** By the table's index, in which the keys are the texts that it gives; equal ones in order of the rows' own keys. */
  indexed?: boolean;
  /** Only keys that start so. */
  prefix?: string;
  /** Only keys less than this one. */
  until?: string;
}

/** Which rows to list. */
export interface ListOptions extends CountOptions {
  /** Only keys greater than this one; not by an index. */
  after?: string;
  /** At most so many. */
  limit?: number;
}

/** The rows of one table in one scope. What is read is frozen: to change a record, put a new one. */
export interface Rows<T> {
  get(key: string): T | undefined;
  has(key: string): boolean;
  put(key: string, row: T): void;
  /** Whether there was one. */
  delete(key: string): boolean;
  /** Rows in order of their keys (by UTF-16 code unit). */
  list(options?: ListOptions): [key: string, row: T][];
  /** How many rows `list` would give; costs little, however many. */
  count(options: CountOptions): number;
  readonly size: number;
}

/** Reads tables of one account and region. */
export type TableReader = <T>(table: Table<T>) => Pick<Rows<T>, 'get'>;
