/* A service declares its tables; the store keeps their rows, by account and region, ordered by key. */

/** A kind of record. `T` must be what JSON can carry: no undefined, no Date, no bytes. */
export interface Table<T> {
  /** `<service>.<noun>`, unique in the engine. */
  readonly name: string;
  /** Whether rows belong to a region of an account, or to the account as a whole (IAM). */
  readonly scope: 'region' | 'account';
  /** Carries the type of the rows; never set. */
  readonly row?: T;
}

export function table<T>(name: string, options: { scope?: 'region' | 'account' } = {}): Table<T> {
  return { name, scope: options.scope ?? 'region' };
}

/** Which rows to list. */
export interface ListOptions {
  /** Only keys that start so. */
  prefix?: string;
  /** Only keys greater than this one. */
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
  readonly size: number;
}
