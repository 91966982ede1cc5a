/*
 * Where time comes from: the only file that reads the machine's clock or sets its timers.
 *
 * One mechanism serves real time, virtual time and real time at a factor: engine time runs at `speed` times
 * the machine's (0 stands still, 1 is real), and jumps when it is told to advance. A jump goes from one due
 * moment to the next and waits at each until the engine is settled: nothing due, and nobody holding the clock.
 */
import { DueHeap } from './heap.ts';

/** A timer that has not rung yet. Cancelling twice, or after it rang, is allowed. */
export interface Timer {
  cancel(): void;
}

/** What the engine's parts see of time. All moments are epoch milliseconds. */
export interface Clock {
  /** Whether functions live in engine time too: time that moves only when told, or at a factor of the machine's. */
  readonly virtual: boolean;
  /** How fast time runs at this moment, by the machine's: 0 while it stands, and on a journey. */
  readonly pace: number;
  /** The present moment, in whole milliseconds. */
  now(): number;
  /** A reading for measuring durations, in fractional milliseconds: only differences mean something. */
  stopwatch(): number;
  /**
   * Rings once, never before `due`. A timer is not durable: due work that must survive goes on the agenda.
   * A ring that returns true says that nothing is still to follow from it by itself. Of those due at one moment the
   * `first` ring before the others, and each kind in the order in which they were asked for.
   */
  at(due: number, ring: Ring, place?: 'first'): Timer;
  /** Keeps time from jumping until the returned function is called; `what` tells a user who asks why it stands. */
  hold(what: string | (() => string)): () => void;
}

export type Ring = () => unknown;

export type Condition = () => boolean | Promise<boolean>;

/** A condition that is being watched. */
export interface Watch {
  readonly holds: Condition;
  close(): void;
}

/** How far a journey has come. */
export interface Progress {
  /** The moment reached, epoch milliseconds. */
  readonly now: number;
  /** Where it began, epoch milliseconds. */
  readonly from: number;
  /** Where it ends, epoch milliseconds; Infinity when only a condition ends it. */
  readonly to: number;
  /** Moments at which something was due. */
  readonly stops: number;
  /** Engine time over the machine's time. */
  readonly factor: number;
}

export interface JourneyOptions {
  /** Ends the journey at the next moment; it then rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Told about four times a second of the machine's time. */
  onProgress?: (progress: Progress) => void;
}

/** How a user moves time. */
export interface ClockControls {
  /** Whether time is the engine's own: functions live in it too. Else it is the machine's. */
  readonly virtual: boolean;
  now(): number;
  /** How fast engine time runs: 0 stands still, 1 is real time, n is n times as fast; sets it when `factor` is given. */
  speed(factor?: number): number;
  /** Lets time stand still until `resume`. */
  pause(): void;
  /** Lets time run on, as fast as before the pause; at real time's speed if it never ran. */
  resume(): void;
  /** Moves time forward by a duration: milliseconds, or words such as `5 minutes`, `1 day`, `3d12h`. */
  advance(duration: number | string, options?: JourneyOptions): Promise<void>;
  /** Moves time forward to a moment: epoch milliseconds or ISO 8601. */
  advanceTo(moment: number | string, options?: JourneyOptions): Promise<void>;
  /**
   * Moves time forward until a condition holds, looking after each moment at which something was due; stops there.
   * In words: `function ring ran 10 times`, `function ring failed`, `function ring logged "done"`, `any function failed`.
   * Rejects when nothing is due any more, or after `atMost`, before the condition holds.
   */
  runUntil(condition: string | Condition, options?: JourneyOptions & { atMost?: number | string }): Promise<void>;
  /** Resolves when all that is due has been delivered and every function has finished. */
  settle(): Promise<void>;
  /** How far the journey under way has come. */
  journey(): Progress | undefined;
  /** What holds time back at present, in words. */
  holders(): string[];
}

/** The longest delay a timer of the machine takes, in milliseconds. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;
/** How many moments a journey passes without letting the event loop turn, where nothing calls for it. */
const STRIDE = 256;
/** How often a journey tells of its progress, in milliseconds of the machine's time. */
const PROGRESS_MS = 250;
/** From what difference on engine time is another than the machine's, in milliseconds. */
const APART_MS = 1_000;
/** How far `runUntil` goes unless it is told. */
const DEFAULT_RUN = '3653 days';

export interface ClockOptions {
  /** Whether time is the engine's own, standing still at first; else it is the machine's. */
  virtual: boolean;
  /** The moment to start at, epoch milliseconds; the machine's present when absent. */
  start?: number;
  /** Understands conditions in words, and begins to watch one; throws a RangeError on what it does not. */
  watch?: (condition: string) => Watch;
}

export class EngineClock implements Clock, ClockControls {
  readonly virtual: boolean;
  #speed: number;
  /** The speed that `resume` goes back to. */
  #running = 1;
  /** Engine time is `#origin + (machine − #machineOrigin) × speed`. */
  #origin: number;
  #machineOrigin: number;
  #stopwatchOrigin = performance.now();
  #timers = new DueHeap();
  #rings: Ring[] = [];
  /** Slots of timers that ring before others of their moment. */
  #first = new Set<number>();
  #alarm: NodeJS.Timeout | NodeJS.Immediate | undefined;
  #alarmDue = Number.POSITIVE_INFINITY;
  #holds = new Map<number, string | (() => string)>();
  #nextHold = 0;
  #released: (() => void)[] = [];
  #journeys: Promise<void> = Promise.resolve();
  #journey: (() => Progress) | undefined;
  /** The speed to go on with after the journey under way. */
  #after: number | undefined;
  #watch: (condition: string) => Watch;
  #closed = false;

  constructor(options: ClockOptions) {
    this.virtual = options.virtual;
    this.#speed = options.virtual ? 0 : 1;
    this.#watch = options.watch ?? refuseWords;
    this.#machineOrigin = Date.now();
    this.#origin = Math.trunc(options.start ?? this.#machineOrigin);
  }

  speed(factor?: number): number {
    if (factor === undefined) return this.#after ?? this.#speed;
    if (!Number.isFinite(factor) || factor < 0) throw new RangeError(`${factor} is not a speed. Give 0, 1, 60, ...`);
    if (factor > 0) this.#running = factor;
    if (this.#after !== undefined) this.#after = factor;
    else this.#run(this.now(), factor);
    return factor;
  }

  pause(): void {
    this.speed(0);
  }

  resume(): void {
    this.speed(this.#running);
  }

  get pace(): number {
    return this.#speed;
  }

  /** Whether engine time is another than the machine's. */
  get apart(): boolean {
    return this.virtual || Math.abs(this.now() - Date.now()) > APART_MS;
  }

  now(): number {
    if (this.#speed === 0) return this.#origin;
    return Math.floor(this.#origin + (Date.now() - this.#machineOrigin) * this.#speed);
  }

  stopwatch(): number {
    return this.#origin + (performance.now() - this.#stopwatchOrigin) * this.#speed;
  }

  at(due: number, ring: Ring, place?: 'first'): Timer {
    const slot = this.#timers.add(due);
    if (place) this.#first.add(slot);
    else this.#first.delete(slot);
    let pending = true;
    const end = () => {
      if (pending) this.#timers.release(slot);
      pending = false;
    };
    this.#rings[slot] = () => {
      if (!pending) return true;
      end();
      return ring();
    };
    this.#arm();
    return { cancel: end };
  }

  hold(what: string | (() => string)): () => void {
    const id = this.#nextHold++;
    this.#holds.set(id, what);
    return () => {
      if (!this.#holds.delete(id) || this.#holds.size > 0) return;
      for (const wake of this.#released.splice(0)) wake();
    };
  }

  journey(): Progress | undefined {
    return this.#journey?.();
  }

  holders(): string[] {
    return [...new Set([...this.#holds.values()].map((what) => (typeof what === 'string' ? what : what())))];
  }

  async advance(duration: number | string, options: JourneyOptions = {}): Promise<void> {
    const ms = parseDuration(duration);
    return this.#travel(() => this.now() + ms, options);
  }

  async advanceTo(moment: number | string, options: JourneyOptions = {}): Promise<void> {
    const target = parseMoment(moment);
    return this.#travel(() => target, options);
  }

  async runUntil(
    condition: string | Condition,
    options: JourneyOptions & { atMost?: number | string } = {},
  ): Promise<void> {
    const ms = parseDuration(options.atMost ?? DEFAULT_RUN);
    const watch = typeof condition === 'string' ? this.#watch(condition) : { holds: condition, close: () => {} };
    return this.#travel(() => this.now() + ms, options, watch.holds).finally(watch.close);
  }

  async settle(): Promise<void> {
    for (;;) {
      await turn();
      if (this.#holds.size > 0) await new Promise<void>((resolve) => this.#released.push(resolve));
      else if (this.#timers.firstDue <= this.now()) this.#ringDue();
      else return;
    }
  }

  /** Stops all timers: nothing rings any more. */
  close(): void {
    this.#closed = true;
    this.#disarm();
  }

  /** Journeys happen one after another, each with its target reckoned when its turn comes. */
  #travel(target: () => number, options: JourneyOptions, condition?: Condition): Promise<void> {
    const journey = this.#journeys.then(async () => {
      this.#after = this.#speed;
      this.#run(this.now(), 0);
      try {
        await this.#travelTo(target(), options, condition);
      } finally {
        const speed = this.#after;
        this.#journey = undefined;
        this.#after = undefined;
        this.#run(this.#origin, speed);
      }
    });
    this.#journeys = journey.catch(() => undefined);
    return journey;
  }

  async #travelTo(target: number, options: JourneyOptions, condition?: Condition): Promise<void> {
    if (target < this.now()) {
      throw new RangeError(
        `Time moves forward only: it is ${isoSeconds(this.now())} now, ${isoSeconds(target)} has passed.`,
      );
    }
    const [from, started] = [this.now(), performance.now()];
    const to = condition ? Number.POSITIVE_INFINITY : target;
    let stops = 0;
    const progress = () => {
      const now = this.#origin;
      return { from, now, to, stops, factor: (now - from) / Math.max(performance.now() - started, 1) };
    };
    this.#journey = progress;
    const tell = teller(progress, options.onProgress);
    await this.settle();
    if (await condition?.()) return;
    while (!this.#closed && this.#timers.firstDue <= target) {
      options.signal?.throwIfAborted();
      stops++;
      this.#origin = this.#timers.firstDue;
      const settled = this.#ringDue() && this.#holds.size === 0;
      if (!settled || stops % STRIDE === 0) await this.settle();
      if (stops % STRIDE === 0) tell();
      if (await condition?.()) return;
    }
    if (condition)
      throw new RangeError(this.#timers.size === 0 ? NEVER : `The condition did not hold by ${isoSeconds(target)}.`);
    this.#origin = target;
  }

  #run(origin: number, speed: number): void {
    this.#origin = origin;
    this.#machineOrigin = Date.now();
    this.#stopwatchOrigin = performance.now();
    this.#speed = speed;
    this.#disarm();
    this.#arm();
  }

  /** Rings what is due, save what becomes so meanwhile; returns whether nothing is still to follow by itself. */
  #ringDue(): boolean {
    const now = this.now();
    const [first, others]: [Ring[], Ring[]] = [[], []];
    for (;;) {
      const slot = this.#closed ? undefined : this.#timers.takeDue(now);
      if (slot === undefined) break;
      (this.#first.has(slot) ? first : others).push(this.#rings[slot]!);
    }
    let settled = true;
    for (const due of [first, others]) for (const ring of due) if (ring() !== true) settled = false;
    return settled;
  }

  /** Sets the one timer of the machine to the first of ours. What is due already rings in the next turn. */
  #arm(): void {
    const due = this.#timers.firstDue;
    if (this.#closed || due >= this.#alarmDue) return;
    const delay = due - this.now();
    if (delay > 0 && this.#speed === 0) return;
    this.#disarm();
    this.#alarmDue = due;
    const ring = () => {
      this.#alarm = undefined;
      this.#alarmDue = Number.POSITIVE_INFINITY;
      this.#ringDue();
      this.#arm();
    };
    if (delay <= 0) this.#alarm = setImmediate(ring);
    else this.#alarm = setTimeout(ring, Math.min(Math.ceil(delay / this.#speed), LONGEST_DELAY_MS));
  }

  #disarm(): void {
    if (this.#alarm instanceof Object && 'refresh' in this.#alarm) clearTimeout(this.#alarm);
    else if (this.#alarm) clearImmediate(this.#alarm);
    this.#alarm = undefined;
    this.#alarmDue = Number.POSITIVE_INFINITY;
  }
}

function refuseWords(condition: string): never {
  throw new RangeError(`"${condition}" is not a condition: this clock knows none in words.`);
}

const NEVER = 'Nothing is due any more, and the condition does not hold.';

/** Tells of a journey's progress, not too often. */
function teller(progress: () => Progress, onProgress?: (progress: Progress) => void): () => void {
  let told = performance.now();
  return () => {
    if (!onProgress || performance.now() - told < PROGRESS_MS) return;
    told = performance.now();
    onProgress(progress());
  };
}

/** Timers of the machine, whatever the engine's time does. */
export interface MachineTimer {
  /** Rings once after `ms` real milliseconds. Does not keep the program alive. */
  after(ms: number, ring: () => void): Timer;
}

/** For guards against what may never end, such as a function that hangs while time stands still. */
export const machineTimer: MachineTimer = {
  after: (ms, ring) => {
    const timeout = setTimeout(ring, Math.min(ms, LONGEST_DELAY_MS));
    timeout.unref();
    return { cancel: () => clearTimeout(timeout) };
  },
};

/** Resolves when so many milliseconds of the machine's time have passed; the process stays up for it. */
export function machinePause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Begins to measure the machine's time; answers how many milliseconds have passed since. */
export function machineStopwatch(): () => number {
  const started = performance.now();
  return () => performance.now() - started;
}

/** Midnight of the machine's present day, in UTC. */
export function today(): number {
  const now = Date.now();
  return now - (now % UNITS_MS.d);
}

/** One turn of the event loop: every promise that could resolve has. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;
const UNIT_NAMES: Record<string, keyof typeof UNITS_MS> = {
  ...{ ms: 'ms', millisecond: 'ms', milliseconds: 'ms', s: 's', sec: 's', second: 's', seconds: 's' },
  ...{ m: 'm', min: 'm', minute: 'm', minutes: 'm', h: 'h', hour: 'h', hours: 'h' },
  ...{ d: 'd', day: 'd', days: 'd', w: 'w', week: 'w', weeks: 'w' },
};

/** Milliseconds of `5 minutes`, `3d12h`, `90s` or a number of milliseconds. Throws RangeError on anything else. */
export function parseDuration(duration: number | string): number {
  if (typeof duration === 'number' && Number.isFinite(duration) && duration >= 0) return Math.trunc(duration);
  const text = String(duration).trim().toLowerCase();
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)[\s,]*/gy)];
  const units = parts.map((part) => UNIT_NAMES[part[2]!]);
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text || units.includes(undefined)) {
    throw new RangeError(`"${duration}" is not a duration. Write it as 5 minutes, 90s or 3d12h.`);
  }
  return Math.trunc(parts.reduce((sum, part, index) => sum + Number(part[1]) * UNITS_MS[units[index]!], 0));
}

/** Epoch milliseconds of an ISO 8601 moment or a number of milliseconds. Throws RangeError on anything else. */
export function parseMoment(moment: number | string): number {
  const text = typeof moment === 'string' ? moment.trim() : moment;
  const dated = typeof text !== 'string' || /^\d{4}-\d{2}-\d{2}/.test(text);
  const zoned = typeof text === 'string' && /T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(text) ? `${text}Z` : text;
  const ms = dated ? new Date(zoned).getTime() : Number.NaN;
  if (Number.isNaN(ms)) throw new RangeError(`"${moment}" is not a moment. Write it as 2026-01-01T00:00:00Z.`);
  return ms;
}

/** `2026-01-01T00:00:00Z`, as AWS writes moments in events. The day is written once for all that happens on it. */
export function isoSeconds(ms: number): string {
  const day = Math.floor(ms / UNITS_MS.d);
  if (day !== writtenDay.day) writtenDay = { day, text: new Date(ms).toISOString().split('T')[0]! };
  const second = Math.floor(ms / 1000) - day * 86_400;
  const [hours, minutes] = [Math.floor(second / 3600), Math.floor(second / 60) % 60];
  return `${writtenDay.text}T${TWO_DIGITS[hours]}:${TWO_DIGITS[minutes]}:${TWO_DIGITS[second % 60]}Z`;
}

let writtenDay = { day: Number.NaN, text: '' };
const TWO_DIGITS = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'));

/** `2026-01-01T00:00:00.000Z`. */
export function isoMillis(ms: number): string {
  return new Date(ms).toISOString();
}

/** The `Date` of a moment: the form in which the AWS SDK's types carry timestamps. */
export function dateOf(ms: number): Date {
  return new Date(ms);
}
