/*
 * A sandbox's grip on the engine's clock. It holds time while its function runs, and lets go while the function waits
 * for a moment of virtual time alone. A function may hold time for so long of the machine's time, and no longer.
 */
import type { Clock, MachineTimer, Timer } from '../../../kernel/clock.ts';
import type { Gate, Stay } from './turnstile.ts';

export class Grip {
  #clock: Clock;
  #machine: MachineTimer;
  #who: string;
  #gate: Gate;
  /** The function's stay in the present moment, while it runs. */
  #stay: Stay | undefined;
  #doing = RUNNING;
  #taken = false;
  #release: (() => void) | undefined;
  #wait: Timer | undefined;
  #guard: Timer | undefined;
  #limitMs = Number.POSITIVE_INFINITY;
  #onHung: () => void = () => {};
  #onWait: () => void = () => {};
  #onBack: (() => void) | undefined;

  /** `who` is named to users who ask why time stands: `function ring`. */
  constructor(clock: Clock, machine: MachineTimer, gate: Gate, who: string) {
    this.#gate = gate;
    this.#clock = clock;
    this.#machine = machine;
    this.#who = who;
  }

  /** Holds the clock, from now until the release, save for the waits. */
  take(stay: Stay, onWait: () => void = () => {}): void {
    this.#taken = true;
    this.#onWait = onWait;
    this.#stay = stay;
    this.regain();
  }

  /** Holds the clock again: the wait that is under way is over. */
  regain(): void {
    this.#wait?.cancel();
    this.#wait = undefined;
    this.#onBack = undefined;
    this.#doing = RUNNING;
    if (!this.#taken) return;
    this.#stay ??= this.#gate.enter();
    if (this.#release) return;
    this.#release = this.#clock.hold(() => `${this.#who} (${this.#doing})`);
    this.#watch();
  }

  /** Lets go until a moment, then holds the clock again and rings. A wait that is under way is for this moment now. */
  waitUntil(due: number, ring: () => void): void {
    const stay = this.#stay;
    if (!this.#taken) return;
    if (!stay) {
      this.#ringAt(due, ring);
      return;
    }
    stay.leave(() => {
      if (this.#stay !== stay || !this.#taken) return;
      this.#stay = undefined;
      this.#ringAt(due, ring);
      this.#onWait();
      this.#letGo();
    });
  }

  /** Resolves when what the function has come to may be told: its turn among those who run at this moment. */
  turn(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stay = this.#stay ?? this.#gate.enter();
    this.#stay = undefined;
    stay.leave(resolve);
    return promise;
  }

  /** The function is asked to step aside: it answers by a wait, or by stepping aside where it has no timer. */
  mayStepAside(onBack: () => void): void {
    this.#onBack = onBack;
  }

  /** Lets go until it is told to regain the clock; `onBack` hears if a moment that is waited for comes first. */
  stepAside(onBack = this.#onBack): void {
    this.#onBack = onBack;
    this.#stay?.stepAside();
    this.#letGo();
  }

  /** What the function holds the clock for, as far as it is known: `waiting for a socket: TCPSocketWrap`. */
  describe(doing: string, outside: boolean): void {
    this.#doing = doing;
    if (outside) this.#stay?.stepAside();
  }

  /** Has `onHung` called when the clock was held for so long of the machine's time in one go. */
  guard(limitMs: number, onHung: () => void): Timer {
    this.#limitMs = limitMs;
    this.#onHung = onHung;
    if (this.#release) this.#watch();
    return {
      cancel: () => {
        this.#guard?.cancel();
        this.#limitMs = Number.POSITIVE_INFINITY;
      },
    };
  }

  /** Lets go for good. */
  release(): void {
    this.#taken = false;
    this.#wait?.cancel();
    this.#wait = undefined;
    this.#letGo();
  }

  #ringAt(due: number, ring: () => void): void {
    this.#wait?.cancel();
    this.#wait = this.#clock.at(due, () => {
      const back = this.#onBack;
      this.regain();
      ring();
      back?.();
    });
  }

  #watch(): void {
    this.#guard?.cancel();
    if (Number.isFinite(this.#limitMs)) this.#guard = this.#machine.after(this.#limitMs, () => this.#onHung());
  }

  #letGo(): void {
    this.#guard?.cancel();
    this.#release?.();
    this.#release = undefined;
  }
}

const RUNNING = 'running';
