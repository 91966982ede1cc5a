/*
 * Cuts a stream of output into lines, each with its newline. Lines are bounded: a longer one comes in several pieces.
 */
import { LIMITS } from './spec.ts';

const NEWLINE = 0x0a;

export interface LineCutter {
  push(chunk: Buffer): void;
  /** Gives out what came without a newline so far. */
  flush(): void;
}

export function createLineCutter(onLine: (line: Buffer) => void): LineCutter {
  let parts: Buffer[] = [];
  let length = 0;
  const flush = () => {
    if (length === 0) return;
    const line = parts.length === 1 ? parts[0]! : Buffer.concat(parts, length);
    parts = [];
    length = 0;
    onLine(line);
  };
  const push = (chunk: Buffer) => {
    let start = 0;
    while (start < chunk.length) {
      const newline = chunk.indexOf(NEWLINE, start);
      const lineEnd = newline < 0 ? chunk.length : newline + 1;
      const end = Math.min(lineEnd, start + LIMITS.lineBytes - length);
      parts.push(chunk.subarray(start, end));
      length += end - start;
      start = end;
      if (end === lineEnd && newline >= 0) flush();
      else if (length >= LIMITS.lineBytes) flush();
    }
  };
  return { push, flush };
}
