/*
 * How much memory a process uses, from Linux's /proc.
 */
import { readFileSync } from 'node:fs';

export interface MemoryUse {
  /** What counts towards the limit: its own memory, not the pages of the interpreter's file, which processes share. */
  ownMb: number;
  /** The most that it ever used, of all kinds. */
  peakMb: number;
}

/** Undefined for a process that is gone, and where there is no /proc. */
export function readMemory(pid: number | undefined): MemoryUse | undefined {
  if (pid === undefined || process.platform !== 'linux') return undefined;
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const ownKb = field(status, 'VmRSS') - field(status, 'RssFile');
    return { ownMb: ownKb / 1024, peakMb: field(status, 'VmHWM') / 1024 };
  } catch {
    return undefined;
  }
}

function field(status: string, name: string): number {
  const start = status.indexOf(`${name}:`);
  return start < 0 ? 0 : Number.parseInt(status.slice(start + name.length + 1), 10);
}
