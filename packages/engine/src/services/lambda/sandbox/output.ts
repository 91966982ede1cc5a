/*
 * A sandbox's output on its way to the log: whole events that a bootstrap framed, and raw output cut into lines. It is
 * bounded for each invocation; what a function writes between invocations waits for the next.
 */

import { createLineCutter, type LineCutter } from './lines.ts';
import type { Dropped } from './logs.ts';
import { type FunctionSpec, LIMITS, type LogLine } from './spec.ts';
import { asOnLambda } from './task-root.ts';

const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];

export class Output {
  #now: () => number;
  #lowest: number;
  #codeDirectory: string;
  #listener: ((line: LogLine) => void) | undefined;
  #strays: LogLine[] = [];
  #cutters = new Map<string, LineCutter>();
  #bytes = 0;
  #dropped: Dropped = { records: 0, bytes: 0 };

  constructor(spec: FunctionSpec, now: () => number) {
    this.#now = now;
    this.#codeDirectory = spec.codeDirectory;
    this.#lowest = spec.logFormat === 'JSON' ? LEVELS.indexOf(spec.applicationLogLevel ?? 'TRACE') : 0;
  }

  /** Begins an invocation: lines go to `listener` until the next `close`. */
  open(listener: (line: LogLine) => void): void {
    this.#bytes = 0;
    this.#dropped = { records: 0, bytes: 0 };
    this.#listener = listener;
    for (const line of this.#strays.splice(0)) listener(line);
  }

  close(): void {
    this.#listener = undefined;
  }

  /** A line of the platform: never dropped. */
  platform(message: string): void {
    this.#listener?.({ timestamp: this.#now(), message, platform: true });
  }

  /** A whole event of the function. */
  event(body: Buffer): void {
    this.#bytes += body.length;
    if (this.#bytes <= LIMITS.logBytes) {
      this.#emit(body.subarray(0, LIMITS.lineBytes).toString());
    } else {
      this.#dropped.records++;
      this.#dropped.bytes += body.length;
    }
  }

  /** Raw output; `source` keeps lines of different origins apart. */
  raw(source: string, chunk: Buffer): void {
    let cutter = this.#cutters.get(source);
    if (!cutter) {
      cutter = createLineCutter((line) => this.#line(line));
      this.#cutters.set(source, cutter);
    }
    cutter.push(chunk);
  }

  /** Ends unfinished lines, and tells what was left out of this invocation. */
  flush(): Dropped | undefined {
    for (const cutter of this.#cutters.values()) cutter.flush();
    return this.#dropped.records > 0 ? this.#dropped : undefined;
  }

  #line(line: Buffer): void {
    if (this.#lowest === 0 || levelOf(line) >= this.#lowest) this.event(line);
  }

  #emit(message: string): void {
    const line = { timestamp: this.#now(), message: asOnLambda(message, this.#codeDirectory) };
    if (this.#listener) this.#listener(line);
    else if (this.#strays.length < LIMITS.strayLines) this.#strays.push(line);
  }
}

/** The level of a line that is a JSON object with a `level`; INFO of any other. */
function levelOf(line: Buffer): number {
  const info = LEVELS.indexOf('INFO');
  if (line[0] !== 0x7b) return info;
  try {
    const level = LEVELS.indexOf(String(JSON.parse(line.toString()).level).toUpperCase());
    return level < 0 ? info : level;
  } catch {
    return info;
  }
}
