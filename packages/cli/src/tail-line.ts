/* A hop as a line that lines up with the others. */
import type { ToldNote } from './control.ts';
import { type Hop, paintOutcome } from './hops.ts';
import { paint } from './terminal.ts';
import { inMs } from './trail-tree.ts';

const WIDTHS = { number: 6, what: 8, outcome: 17, took: 9, name: 40 };

export function tailHeader(): string {
  const cells = [
    'time (UTC)'.padEnd(12),
    'note'.padStart(WIDTHS.number),
    'cause'.padStart(WIDTHS.number),
    'what'.padEnd(WIDTHS.what),
    'outcome'.padEnd(WIDTHS.outcome),
    'took'.padStart(WIDTHS.took),
    'name',
  ];
  return paint('dim', cells.join('  '));
}

export function tailLine({ time, number, cause }: ToldNote, hop: Hop): string {
  const cells = [
    time.slice(11, 23),
    String(number).padStart(WIDTHS.number),
    paint('dim', String(cause ?? '').padStart(WIDTHS.number)),
    hop.what.padEnd(WIDTHS.what),
    paintOutcome(hop, hop.outcome.padEnd(WIDTHS.outcome)),
    (hop.tookMs === undefined ? '' : inMs(hop.tookMs)).padStart(WIDTHS.took),
    hop.more === '' ? hop.name : `${hop.name.padEnd(WIDTHS.name)}  ${paint('dim', hop.more)}`,
  ];
  return cells.join('  ').trimEnd();
}
