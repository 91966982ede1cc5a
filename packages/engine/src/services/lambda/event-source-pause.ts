/* Pauses of what reads queues, which may end early. */
import type { Clock } from '../../kernel/clock.ts';

/** Resolves at a moment (epoch milliseconds), when the signal aborts, or when it is woken. */
export function pause(
  clock: Clock,
  until: number,
  signal: AbortSignal,
  onWake: (wake: () => void) => void = () => {},
): Promise<void> {
  return new Promise((resolve) => {
    const timer = Number.isFinite(until) ? clock.at(until, () => wake()) : undefined;
    const wake = () => {
      timer?.cancel();
      signal.removeEventListener('abort', wake);
      resolve();
    };
    if (signal.aborted) wake();
    else signal.addEventListener('abort', wake, { once: true });
    onWake(wake);
  });
}
