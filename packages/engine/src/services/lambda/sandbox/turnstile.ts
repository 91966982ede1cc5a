/*
 * Functions that run at the same moment of virtual time run side by side, in processes of their own, and end when
 * the machine likes. What they ask of the engine must not depend on that: they leave the moment, by an answer or by
 * a wait, in the order in which they entered it.
 *
 * Nobody waits behind a function that may itself be waiting for one of those behind it: one that waits for a socket
 * or a process, or that has run for long.
 */
import type { MachineTimer, Timer } from '../../../kernel/clock.ts';

/** How long a running function is waited for, in milliseconds of the machine's time. */
const PATIENCE_MS = 1_000;

/** A function's stay in a moment. */
export interface Stay {
  /** Leaves: resolves, or runs what is given, when all who entered before have left. */
  leave(go: () => void): void;
  /** Lets others pass until it leaves: it waits for something outside. */
  stepAside(): void;
}

export interface Gate {
  enter(): Stay;
}

interface Visitor {
  go: (() => void) | undefined;
  aside: boolean;
  patience: Timer | undefined;
}

/** Lets everybody through at once: in real time, order is the machine's. */
export const openGate: Gate = {
  enter: () => ({ leave: (go) => go(), stepAside: () => {} }),
};

export class Turnstile implements Gate {
  #machine: MachineTimer;
  #visitors: Visitor[] = [];

  constructor(machine: MachineTimer) {
    this.#machine = machine;
  }

  enter(): Stay {
    const visitor: Visitor = { go: undefined, aside: false, patience: undefined };
    this.#visitors.push(visitor);
    return {
      leave: (go) => {
        visitor.go = go;
        this.#turn();
      },
      stepAside: () => {
        visitor.aside = true;
        this.#turn();
      },
    };
  }

  /** Lets out whoever may leave. */
  #turn(): void {
    const staying: Visitor[] = [];
    const leaving: (() => void)[] = [];
    let blocked = false;
    for (const visitor of this.#visitors) {
      if (visitor.go && !blocked) {
        visitor.patience?.cancel();
        leaving.push(visitor.go);
        continue;
      }
      staying.push(visitor);
      if (visitor.go || visitor.aside) continue;
      blocked = true;
    }
    this.#visitors = staying;
    if (blocked) this.#losePatience(staying);
    for (const go of leaving) go();
  }

  /** Whoever keeps others waiting steps aside in a while. */
  #losePatience(staying: Visitor[]): void {
    const first = staying.find((visitor) => !visitor.go && !visitor.aside)!;
    if (first.patience || !staying.some((visitor) => visitor.go)) return;
    first.patience = this.#machine.after(PATIENCE_MS, () => {
      first.aside = true;
      this.#turn();
    });
  }
}
