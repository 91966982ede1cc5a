/* A report for a terminal: its tables, lined up, and what stood out. */
import type { Report } from '@carillon/engine/simulation';
import { paint } from '../terminal.ts';
import { inWords } from './figures.ts';
import { type Cell, type Table, tablesOf } from './tables.ts';

export function textOfReport(report: Report): string {
  return [headline(report), ...tablesOf(report).map(drawTable), ...findings(report), ...assumptions(report)].join(
    '\n\n',
  );
}

function headline({ from, lastedMs, interrupted, profile, seed }: Report): string {
  const span = inWords(lastedMs);
  const facts = [`from ${from}`, `profile ${profile}`, `seed ${seed}`, ...(interrupted ? ['interrupted'] : [])];
  return [paint('bold', span), ...facts.map((fact) => paint('dim', fact))].join(paint('dim', ' · '));
}

function drawTable({ title, columns, rows, total }: Table): string {
  const all = [...rows, ...(total ? [total] : [])];
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...all.map((row) => row[index]!.text.length)),
  );
  const align = (text: string, index: number) =>
    columns[index]!.figure ? text.padStart(widths[index]!) : text.padEnd(widths[index]!);
  const line = (cells: readonly string[]) => `  ${cells.join('  ')}`.trimEnd();
  const draw = (row: readonly Cell[]) => line(row.map((cell, index) => tint(cell, align(cell.text, index))));
  return [
    paint('bold', title),
    paint('dim', line(columns.map((column, index) => align(column.title, index)))),
    ...rows.map(draw),
    ...(total ? [paint('bold', draw(total))] : []),
  ].join('\n');
}

function tint({ tone }: Cell, text: string): string {
  if (tone === undefined) return text;
  return paint(tone === 'bad' ? 'red' : 'dim', text);
}

function findings({ findings: found }: Report): string[] {
  if (found.length === 0) return [];
  const lines = found.flatMap(({ text, remedy }) => [
    `  ${paint('yellow', '!')} ${text}`,
    ...(remedy ? [`    ${paint('cyan', remedy)}`] : []),
  ]);
  return [[paint('bold', 'What stood out'), ...lines].join('\n')];
}

function assumptions({ assumptions: all }: Report): string[] {
  const words = Object.entries(all).map(([name, { durationMs, memoryMb }]) => {
    const parts = [durationMs !== undefined && `${durationMs} ms`, memoryMb !== undefined && `${memoryMb} MB`];
    return `${name === '*' ? 'any other function' : name} ${parts.filter(Boolean).join(' with ')}`;
  });
  return words.length === 0 ? [] : [paint('dim', `Billed as if: ${words.join('; ')}.`)];
}
