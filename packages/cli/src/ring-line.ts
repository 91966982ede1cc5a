/* A ring as a line that lines up with the others. */
import { isoMillis } from '@carillon/engine';
import type { Ring } from './rings.ts';
import { paint } from './terminal.ts';

/** Lateness that is as good as none, and that which can still be lived with, in milliseconds. */
const LATE_MS = { hardly: 10, somewhat: 100 };

const WIDTHS = { moment: 12, late: 9, took: 11, start: 5, outcome: 8 };

export function ringHeader(): string {
  const cells = [
    'due (UTC)'.padEnd(WIDTHS.moment),
    'started'.padEnd(WIDTHS.moment),
    'late'.padStart(WIDTHS.late),
    'took'.padStart(WIDTHS.took),
    ''.padEnd(WIDTHS.start),
    'outcome'.padEnd(WIDTHS.outcome),
    'function',
  ];
  return paint('dim', `  ${cells.join('  ')}`);
}

export function ringLine(ring: Ring): string {
  const { dueAt, startedAt, lateMs, durationMs, cold, attempt, outcome, functionArn } = ring;
  const cells = [
    timeOfDay(dueAt),
    paint('dim', timeOfDay(startedAt)),
    paint(colourOfLateness(lateMs), inMs(lateMs).padStart(WIDTHS.late)),
    inMs(durationMs).padStart(WIDTHS.took),
    cold ? paint('cyan', 'cold'.padEnd(WIDTHS.start)) : paint('dim', 'warm'.padEnd(WIDTHS.start)),
    paint(outcome === 'ok' ? 'green' : 'red', outcome.padEnd(WIDTHS.outcome)),
    `${functionName(functionArn)}${attempt > 1 ? paint('dim', ` (attempt ${attempt})`) : ''}`,
  ];
  return `  ${cells.join('  ')}`;
}

function timeOfDay(ms: number): string {
  return isoMillis(ms).slice(11, 23);
}

/** `3 ms`, `2.41 ms`, `1,204 ms`: hundredths only where they say something. */
function inMs(ms: number): string {
  const digits = ms < 10 && !Number.isInteger(ms) ? 2 : 0;
  return `${ms.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })} ms`;
}

function colourOfLateness(ms: number): 'green' | 'yellow' | 'red' {
  if (ms <= LATE_MS.hardly) return 'green';
  return ms <= LATE_MS.somewhat ? 'yellow' : 'red';
}

function functionName(functionArn: string): string {
  return functionArn.slice(functionArn.lastIndexOf(':') + 1);
}
