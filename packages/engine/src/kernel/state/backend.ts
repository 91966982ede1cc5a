/*
 * The port behind which rows and logs are kept. The store above it serves all reads of rows from memory; a
 * backend has only to make batches of changes lasting, to hand back at start what it holds, and to keep logs.
 */

/** A row put, or deleted where `value` is undefined. */
export interface RowChange {
  readonly table: string;
  /** `<account>/<region>`, or `<account>/` for tables of a whole account. */
  readonly scope: string;
  readonly key: string;
  readonly value: unknown;
}

/** An entry of a log. */
export interface LogAppend {
  readonly log: string;
  /** Epoch milliseconds; a log is read in this order, and in order of arrival among equals. */
  readonly at: number;
  readonly data: string;
}

/** Drops a log's entries before a moment, or all of them. */
export interface LogTruncate {
  readonly log: string;
  readonly before: number | undefined;
}

/** What one or several transactions changed. */
export interface Batch {
  readonly rows: RowChange[];
  readonly appends: LogAppend[];
  readonly truncates: LogTruncate[];
}

/** A place in a log: by moment, then by order of arrival. */
export interface LogPosition {
  readonly at: number;
  readonly sequence: number;
}

export interface LogEntry extends LogPosition {
  readonly data: string;
}

/** Which entries of a log to read. */
export interface LogRange {
  /** Entries at or after this moment. */
  from?: number;
  /** Entries before this moment. */
  until?: number;
  /** Entries beyond this place, in the direction of reading. */
  beyond?: LogPosition;
  /** Newest first. */
  backward?: boolean;
  /** At most so many. */
  limit: number;
}

export interface Backend {
  /** Whether what is committed outlives the process, and so takes time to write. */
  readonly lasting: boolean;
  /** All rows held, in no particular order. Called once, first. Throws a DataError when the data can't be used. */
  load(): Iterable<RowChange>;
  /** Makes a batch lasting, whole or not at all: truncates first, then rows, then appends. */
  commit(batch: Batch): Promise<void> | undefined;
  /** Reads a log as of all batches given to `commit` before. */
  read(log: string, range: LogRange): Promise<LogEntry[]>;
  /** Forgets everything. */
  clear(): Promise<void>;
  close(): Promise<void>;
}
