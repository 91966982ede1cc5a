/* How many messages a queue has, exactly, where AWS tells it approximately. */
import type { Context } from '../../kernel/service.ts';
import { numberOf, type Queue } from './queue.ts';
import { laneOf, places, sortable } from './tables.ts';

export interface Counts {
  readonly visible: number;
  /** Received, and not deleted or visible again. */
  readonly inFlight: number;
  /** Sent, and not visible yet. */
  readonly delayed: number;
}

export function countMessages(ctx: Context, queue: Queue): Counts {
  const [fresh, received] = [countLane(ctx, queue, 0), countLane(ctx, queue, 1)];
  return { visible: fresh.due + received.due, inFlight: received.later, delayed: fresh.later };
}

export function countInFlight(ctx: Context, queue: Queue): number {
  return countLane(ctx, queue, 1).later;
}

function countLane(ctx: Context, queue: Queue, receives: number): { due: number; later: number } {
  const prefix = laneOf(queue.space, receives);
  const due = ctx.rows(places).count({ indexed: true, prefix, until: dueUntil(queue, receives, ctx.now) });
  return { due, later: ctx.rows(places).count({ indexed: true, prefix }) - due };
}

/** Where what can be received now ends in a lane of the index. */
export function dueUntil(queue: Queue, receives: number, now: number): string {
  const delayMs = queue.fifo && receives === 0 ? numberOf(queue, 'DelaySeconds') * 1000 : 0;
  return laneOf(queue.space, receives) + sortable(Math.max(now - delayMs + 1, 0));
}
