/* The table of figures, aligned for a terminal. */
import { type Figure, isMet, ratioOf, type Unit } from './figure.ts';

const COLUMNS = ['figure', 'ours', 'baseline', 'ratio', 'aim', 'met', 'baseline is'] as const;
/** Columns of numbers end at one edge. */
const NUMERIC = new Set<string>(['ours', 'baseline', 'ratio', 'aim']);

export function printTable(figures: readonly Figure[]): void {
  const rows = [COLUMNS, ...figures.map(rowOf)];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => pad(cell, column, widths[column]!))
        .join('  ')
        .trimEnd(),
    );
}

function pad(cell: string, column: number, width: number): string {
  return NUMERIC.has(COLUMNS[column]!) ? cell.padStart(width) : cell.padEnd(width);
}

function rowOf(figure: Figure): string[] {
  const { unit, ours, baseline, against } = figure;
  const met = isMet(figure);
  const verdict = met === undefined ? '' : met ? 'yes' : 'NO';
  const ratio = ratioOf(figure).toPrecision(2);
  return [figure.figure, amount(ours, unit), amount(baseline, unit), ratio, aimOf(figure), verdict, against];
}

function aimOf({ aim, unit }: Figure): string {
  if (!aim) return '';
  const sign = unit === '/s' ? '≥' : '≤';
  return 'ours' in aim ? `${sign} ${amount(aim.ours, unit)}` : `ratio ${sign} ${aim.ratio}`;
}

function amount(value: number, unit: Unit): string {
  const digits = value >= 100 || Number.isInteger(value) ? 0 : value >= 10 ? 1 : 2;
  const text = value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return unit === '/s' ? `${text}/s` : `${text} ${unit}`;
}
