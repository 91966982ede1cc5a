/*
 * What a running engine tells: as lines for people, or as JSON, one object a line, for programs.
 */
import { isoMillis, isoSeconds } from '@carillon/engine';
import packageJson from '../package.json' with { type: 'json' };
import type { Engine } from './engine.ts';
import { ringHeader, ringLine } from './ring-line.ts';
import type { Ring } from './rings.ts';
import { isTerminal, paint, remark } from './terminal.ts';

export interface Narrator {
  /** Whether anybody wants to see every ring. */
  readonly tellsRings: boolean;
  /** `data` is the directory that everything is kept in, where it is. */
  ready(engine: Engine, data: string | undefined): void;
  ring(ring: Ring): void;
  warn(message: string): void;
  stopped(): void;
}

/** How many rings of one second are told each with a line. */
const MOST_RINGS_A_SECOND = 20;

/** `header` says whether the columns of rings have been named already. */
export function createNarrator({ header = false } = {}): Narrator {
  let isNamed = header;
  let second = -1;
  let count = 0;
  return {
    tellsRings: isTerminal(),
    ready(engine, data) {
      const parts = [clockInWords(engine), data === undefined ? 'nothing is kept' : `data in ${data}`];
      const next = `next: ${paint('cyan', `export AWS_ENDPOINT_URL=${engine.endpoint}`)}`;
      console.log([`${titleOf(engine)}`, ...parts.map((part) => paint('dim', part)), next].join(paint('dim', ' · ')));
    },
    ring(ring) {
      const now = Math.trunc(ring.dueAt / 1000);
      if (now !== second) {
        if (count > MOST_RINGS_A_SECOND) console.log(paint('dim', `  … and ${count - MOST_RINGS_A_SECOND} more`));
        second = now;
        count = 0;
      }
      if (++count > MOST_RINGS_A_SECOND) return;
      if (!isNamed) console.log(`\n${ringHeader()}`);
      isNamed = true;
      console.log(ringLine(ring));
    },
    warn: remark,
    // A terminal has just shown ^C.
    stopped: () => console.log(`${isTerminal() ? '\n' : ''}${paint('dim', 'Carillon has stopped.')}`),
  };
}

export function createJsonNarrator(): Narrator {
  const tell = (event: string, members: object = {}) => console.log(JSON.stringify({ event, ...members }));
  return {
    tellsRings: true,
    ready: ({ endpoint, clock }, data) =>
      tell('ready', {
        ...{ version: packageJson.version, endpoint, pid: process.pid },
        clock: { now: isoMillis(clock.now()), virtual: clock.virtual, speed: clock.speed() },
        data: data ?? null,
      }),
    ring: ({ dueAt, startedAt, ...ring }) =>
      tell('ring', { dueAt: isoMillis(dueAt), startedAt: isoMillis(startedAt), ...ring }),
    warn: (message) => tell('warn', { message }),
    stopped: () => tell('stopped'),
  };
}

/** `Carillon 0.1.0 is ready at http://127.0.0.1:4566` */
export function titleOf({ endpoint }: Engine): string {
  const name = paint('bold', `Carillon ${packageJson.version}`);
  return `${name} is ready at ${paint(['bold', 'green'], endpoint)}`;
}

function clockInWords({ clock }: Engine): string {
  return clock.virtual ? `virtual clock at ${isoSeconds(clock.now())}` : 'real clock';
}
