/*
 * Long polls: receivers that wait for a message. They are of this process and this moment, so nothing of them is kept.
 *
 * Whoever makes a message receivable wakes one of them, the one that has waited longest. It passes the word on
 * when it has taken something or is gone, since there may be more; one that finds nothing waits on. So a message
 * never waits while somebody polls, and a thousand polls cost no more than one.
 */
import type { Clock } from '../../kernel/clock.ts';
import { getOrMake } from '../../kernel/maps.ts';
import { resource } from '../../kernel/service.ts';

/** One that waits. */
export interface Poller {
  /** Resolves when there may be something to receive, at `until` (epoch milliseconds), or when the signal aborts. */
  next(until: number, signal: AbortSignal): Promise<void>;
  leave(): void;
}

export interface Pollers {
  /** Waits at a queue, by its id, from now on: nothing that comes after this is missed. */
  join(queueId: string): Poller;
  wake(queueId: string): void;
  wakeAll(queueId: string): void;
}

interface Waiting extends Poller {
  /** Whether it has been woken and has not looked since. */
  woken: boolean;
  ring: (() => void) | undefined;
}

export const pollers = resource<Pollers & { close(): void }>({
  open: ({ clock }) => createPollers(clock),
  close: (open) => open.close(),
});

function createPollers(clock: Clock): Pollers & { close(): void } {
  const queues = new Map<string, Set<Waiting>>();

  function wake(queueId: string): void {
    for (const poller of queues.get(queueId) ?? []) {
      if (poller.woken) continue;
      poller.woken = true;
      poller.ring?.();
      return;
    }
  }

  function wakeAll(queueId: string): void {
    for (const poller of queues.get(queueId) ?? []) {
      poller.woken = true;
      poller.ring?.();
    }
  }

  function join(queueId: string): Poller {
    const present = getOrMake(queues, queueId, () => new Set<Waiting>());
    const poller: Waiting = {
      woken: false,
      ring: undefined,
      async next(until, signal) {
        if (!poller.woken && !signal.aborted) await waitFor(poller, until, signal);
        poller.woken = false;
      },
      leave() {
        present.delete(poller);
        if (present.size === 0) queues.delete(queueId);
        else wake(queueId);
      },
    };
    present.add(poller);
    return poller;
  }

  function waitFor(poller: Waiting, until: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = clock.at(until, () => ring());
      const ring = () => {
        poller.ring = undefined;
        timer.cancel();
        signal.removeEventListener('abort', ring);
        resolve();
      };
      poller.ring = ring;
      signal.addEventListener('abort', ring, { once: true });
    });
  }

  return {
    join,
    wake,
    wakeAll,
    close() {
      for (const queueId of [...queues.keys()]) wakeAll(queueId);
    },
  };
}
