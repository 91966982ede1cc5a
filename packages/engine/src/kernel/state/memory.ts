/* The backend that keeps nothing beyond the process: for tests, and for `carillon start --memory`. */
import { getOrMake } from '../maps.ts';
import type { Backend, Batch, LogEntry, LogPosition, LogRange } from './backend.ts';

export function createMemoryBackend(): Backend {
  const logs = new Map<string, LogEntry[]>();
  let sequence = 0;

  return {
    lasting: false,
    load: () => [],
    commit(batch: Batch) {
      for (const { log, before } of batch.truncates) {
        const kept = before === undefined ? [] : (logs.get(log) ?? []).filter((entry) => entry.at >= before);
        if (kept.length > 0) logs.set(log, kept);
        else logs.delete(log);
      }
      for (const { log, at, data } of batch.appends) {
        const entries = getOrMake(logs, log, () => [] as LogEntry[]);
        const entry = { at, sequence: sequence++, data };
        entries.splice(firstBeyond(entries, entry), 0, entry);
      }
      return undefined;
    },
    read: async (log, range) => select(logs.get(log) ?? [], range),
    async clear() {
      logs.clear();
    },
    async close() {},
  };
}

/** The index of the first entry after a place. */
function firstBeyond(entries: readonly LogEntry[], place: LogPosition): number {
  let [low, high] = [0, entries.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(entries[middle]!, place) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function select(entries: readonly LogEntry[], range: LogRange): LogEntry[] {
  const from = range.from === undefined ? 0 : firstBeyond(entries, { at: range.from, sequence: -1 });
  const until = range.until === undefined ? entries.length : firstBeyond(entries, { at: range.until, sequence: -1 });
  if (range.backward) {
    const beyond = range.beyond
      ? firstBeyond(entries, { ...range.beyond, sequence: range.beyond.sequence - 1 })
      : until;
    const end = Math.min(until, beyond);
    return entries.slice(Math.max(from, end - range.limit), end).reverse();
  }
  const start = Math.max(from, range.beyond ? firstBeyond(entries, range.beyond) : 0);
  return entries.slice(start, Math.min(until, start + range.limit));
}

function compare(a: LogPosition, b: LogPosition): number {
  return a.at - b.at || a.sequence - b.sequence;
}
