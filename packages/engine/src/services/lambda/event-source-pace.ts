/*
 * How many batches of one mapping run at once: five at first, more each minute as long as there are messages left,
 * fewer while the function fails or is throttled.
 *
 * Developer Guide, "Configuring scaling behavior for SQS event source mappings" and "Backoff strategy for failed
 * invocations". A FIFO queue's message groups are what limits it, so it starts at once with all that it may have.
 */
import type { EventSourceMapping } from './event-source-mapping.ts';

/** Batches at first, how many more each minute, and at most. */
interface Scale {
  readonly start: number;
  readonly step: number;
  readonly most: number;
}

const STANDARD: Scale = { start: 5, step: 300, most: 1_250 };
/** Of provisioned mode: each poller reads for ten runs. */
const PROVISIONED = { runsOfPoller: 10, step: 1_000 };
const STEP_EVERY_MS = 60_000;

/** What came of a batch, for the number of those that run beside it. */
export type Progress = 'went well' | 'went wrong';

export class Pace {
  #scale: Scale = STANDARD;
  #limit = STANDARD.start;
  #running = 0;
  /** When the limit was last raised, or first reached, epoch milliseconds. */
  #raisedAt: number | undefined;

  /** Takes the bounds that a mapping sets. */
  follow(mapping: EventSourceMapping): void {
    this.#scale = scaleOf(mapping);
    this.#limit = Math.min(Math.max(this.#limit, this.#scale.start), this.#scale.most);
  }

  /** Whether one more batch may run; when all places are taken for long, there are more. */
  hasRoom(now: number): boolean {
    if (this.#running < this.#limit) return true;
    this.#raisedAt ??= now;
    if (now < this.nextStepAt) return false;
    this.#limit = Math.min(this.#limit + this.#scale.step, this.#scale.most);
    this.#raisedAt = now;
    return this.#running < this.#limit;
  }

  /** When there will be more places, epoch milliseconds. */
  get nextStepAt(): number {
    const { start, most } = this.#scale;
    const mayRise = this.#limit >= start && this.#limit < most;
    return mayRise ? (this.#raisedAt ?? 0) + STEP_EVERY_MS : Number.POSITIVE_INFINITY;
  }

  began(): void {
    this.#running++;
  }

  ended(progress: Progress): void {
    const { start } = this.#scale;
    this.#running--;
    if (progress === 'went wrong') this.slowDown();
    else if (this.#limit < start) this.#limit++;
    if (this.#running > 0) return;
    this.#raisedAt = undefined;
    this.#limit = Math.min(this.#limit, start);
  }

  slowDown(): void {
    this.#limit = Math.max(this.#limit - 1, 1);
  }
}

function scaleOf({ queueArn, maximumConcurrency, pollers }: EventSourceMapping): Scale {
  if (pollers) {
    const { runsOfPoller, step } = PROVISIONED;
    return { start: pollers.MinimumPollers! * runsOfPoller, step, most: pollers.MaximumPollers! * runsOfPoller };
  }
  const most = maximumConcurrency ?? STANDARD.most;
  return { step: STANDARD.step, most, start: queueArn.endsWith('.fifo') ? most : Math.min(STANDARD.start, most) };
}
