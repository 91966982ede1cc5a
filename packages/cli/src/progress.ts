/* One line of a terminal that is written again and again: how far something has come. On standard error. */
import { styleText } from 'node:util';

export interface ProgressLine {
  /** Whether anybody watches; else nothing is shown. */
  readonly isSeen: boolean;
  show(text: string): void;
  /** Takes the line away. */
  clear(): void;
}

export function createProgressLine(): ProgressLine {
  const { stderr } = process;
  if (!stderr.isTTY) return { isSeen: false, show: () => {}, clear: () => {} };
  const write = (text: string) => stderr.write(`\r\u001b[K${text}`);
  return {
    isSeen: true,
    show: (text) => write(styleText('dim', text.slice(0, Math.max(0, stderr.columns - 1)), { stream: stderr })),
    clear: () => write(''),
  };
}

/** How far time has come. Moments are epoch milliseconds; `to` may be Infinity. */
export interface Journey {
  readonly now: number;
  readonly from: number;
  readonly to: number;
  readonly factor: number;
  readonly waitingFor: readonly string[];
}

/** How often in a row time must be seen at the same moment before what holds it is told. */
const STANDING_STILL = 4;

/** Words for a journey, told several times a second. `moment` writes a moment, `steps` tells what has happened so far. */
export function createJourneyWords(moment: (ms: number) => string): (journey: Journey, steps: string) => string {
  let [last, times] = [Number.NaN, 0];
  return ({ now, from, to, factor, waitingFor }, steps) => {
    times = now === last ? times + 1 : 0;
    last = now;
    const share = Number.isFinite(to) && to > from ? [`${Math.floor(((now - from) / (to - from)) * 100)} %`] : [];
    const parts = [moment(now), ...share, steps, `${Math.round(factor).toLocaleString('en')} times as fast`];
    if (times >= STANDING_STILL && waitingFor.length > 0) parts.push(`waiting for ${waitingFor.join(', ')}`);
    return parts.join('  ');
  };
}
