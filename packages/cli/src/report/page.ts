/*
 * A report as one page that stands alone: no script, no network, light or dark as the reader's system is. It is
 * well-formed XML too.
 */
import type { Report } from '@carillon/engine/simulation';
import { chartsOf } from './charts.ts';
import { inWords } from './figures.ts';
import { escaped } from './markup.ts';
import { type Cell, type Table, tablesOf } from './tables.ts';

const STYLE = `
:root { color-scheme: light dark; --text: #1b1f24; --quiet: #59636e; --line: #d1d9e0; --page: #ffffff; --ok: #1f6feb;
  --bad: #c9252d; --cold: #0b7285; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --quiet: #9198a1; --line: #3d444d; --page: #0d1117;
  --ok: #58a6ff; --bad: #ff7b72; --cold: #39c5cf; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); max-width: 60rem;
  margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin: 0; }
h2, caption { font-size: 1.1rem; font-weight: 600; text-align: left; margin: 2rem 0 .5rem; }
.quiet, .facts, figcaption, footer { color: var(--quiet); }
.bad { color: var(--bad); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
thead th { color: var(--quiet); font-weight: 400; }
tbody th { font-weight: 600; }
.figure { text-align: right; }
tfoot td { font-weight: 600; }
figure { margin: 1.5rem 0; }
figcaption strong { color: var(--text); }
svg { width: 100%; height: auto; font: 11px system-ui, sans-serif; }
svg text { fill: var(--quiet); }
svg line { stroke: var(--line); }
svg .ok { fill: var(--ok); }
svg .bad { fill: var(--bad); }
svg .cold { fill: var(--cold); }
code { display: block; overflow-x: auto; padding: .5rem; border: 1px solid var(--line); border-radius: 4px; }
li { margin: .5rem 0; }
`;

export function pageOfReport(report: Report): string {
  const title = `${inWords(report.lastedMs)} of Carillon, simulated`;
  return [
    '<!DOCTYPE html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8" />',
    '<meta name="viewport" content="width=device-width, initial-scale=1" />',
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    '<header>',
    `<h1>${escaped(title)}</h1>`,
    `<p class="facts">${escaped(facts(report))}</p>`,
    '</header>',
    '<main>',
    ...findings(report),
    ...chartsOf(report),
    ...tablesOf(report).map(tableElement),
    '</main>',
    ...footer(report),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function facts({ from, to, profile, seed, interrupted }: Report): string {
  const end = interrupted ? `${to}, when it was interrupted` : to;
  return `From ${from} to ${end}. Profile ${profile}, seed ${seed}.`;
}

function findings({ findings: found }: Report): string[] {
  if (found.length === 0) return [];
  const items = found.map(
    ({ text, remedy }) => `<li>${escaped(text)}${remedy ? `<code>${escaped(remedy)}</code>` : ''}</li>`,
  );
  return ['<section>', '<h2>What stood out</h2>', '<ul>', ...items, '</ul>', '</section>'];
}

function tableElement({ title, columns, rows, total }: Table): string {
  const classOf = (index: number, tone?: string) => {
    const classes = [...(columns[index]!.figure ? ['figure'] : []), ...(tone ? [tone] : [])];
    return classes.length > 0 ? ` class="${classes.join(' ')}"` : '';
  };
  const heads = columns.map((column, index) => `<th scope="col"${classOf(index)}>${escaped(column.title)}</th>`);
  const cell = ({ text, tone }: Cell, index: number) =>
    index === 0
      ? `<th scope="row"${classOf(index, tone)}>${escaped(text)}</th>`
      : `<td${classOf(index, tone)}>${escaped(text)}</td>`;
  const totals = total?.map(({ text }, index) => `<td${classOf(index)}>${escaped(text)}</td>`);
  return [
    '<div class="scroll">',
    '<table>',
    `<caption>${escaped(title)}</caption>`,
    `<thead><tr>${heads.join('')}</tr></thead>`,
    '<tbody>',
    ...rows.map((row) => `<tr>${row.map(cell).join('')}</tr>`),
    '</tbody>',
    ...(totals ? [`<tfoot><tr>${totals.join('')}</tr></tfoot>`] : []),
    '</table>',
    '</div>',
  ].join('\n');
}

function footer({ bill, assumptions }: Report): string[] {
  const pages = bill.sources.map(
    ({ page, read }) => `<li><a href="${escaped(page)}">${escaped(page)}</a>, read ${escaped(read)}</li>`,
  );
  const assumed = Object.keys(assumptions).length > 0 ? `Billed as if: ${JSON.stringify(assumptions)}. ` : '';
  if (pages.length === 0) return [];
  return ['<footer>', `<p>${escaped(assumed)}Prices:</p>`, '<ul>', ...pages, '</ul>', '</footer>'];
}
