/*
 * How things look: colours where the output takes them (node:util's styleText knows terminals, NO_COLOR and
 * FORCE_COLOR), and columns that line up.
 */
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Styles a text for standard output; leaves it as it is where there are no colours. */
export function paint(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** Whether somebody watches. */
export function isTerminal(): boolean {
  return process.stdout.isTTY === true;
}

/** Two columns, indented. */
export function columns(
  rows: readonly (readonly [string, string])[],
  style: (first: string) => string = (first) => first,
): string[] {
  const width = Math.max(...rows.map(([first]) => first.length));
  return rows.map(([first, second]) => `  ${style(first)}${' '.repeat(width - first.length)}  ${second}`);
}

/** Says what went wrong, on standard error. */
export function complain(message: string): void {
  console.error(`${styleText('red', 'carillon:', { stream: process.stderr })} ${message}`);
}

/** Tells something beside the matter at hand, on standard error. */
export function remark(message: string): void {
  console.error(styleText('yellow', message, { stream: process.stderr }));
}
