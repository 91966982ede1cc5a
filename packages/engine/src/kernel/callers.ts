/*
 * Clients whose calls wait for time itself: for a function that takes its time, for a message that may come. A client
 * may be one of the engine's own functions, and a function holds the clock while it waits for an answer. So whoever
 * holds it has to know when the answer in turn waits for time.
 */

/** A client is known by the TCP port that its connection comes from. */
export interface Callers {
  /** A call waits for time from now until the returned function is called. */
  begin(port: number): () => void;
  /** Whether such a call is under way. */
  has(port: number): boolean;
  /** Tells of each call that begins or ends to wait; returns the function that ends it. */
  watch(watcher: CallerWatcher): () => void;
}

export interface CallerWatcher {
  began(port: number): void;
  /** The answer has not left yet. */
  ended(port: number): void;
}

export function createCallers(): Callers {
  const ports = new Set<number>();
  const watchers = new Set<CallerWatcher>();
  return {
    begin(port) {
      ports.add(port);
      for (const watcher of watchers) watcher.began(port);
      return () => {
        ports.delete(port);
        for (const watcher of watchers) watcher.ended(port);
      };
    },
    has: (port) => ports.has(port),
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
}
