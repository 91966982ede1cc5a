/*
 * A report's charts, as SVG that stands in the page: colours are the page's, and each says in words what it shows.
 */
import type { Report } from '@carillon/engine/simulation';
import { inCount, inTime, inUsd, inWords } from './figures.ts';
import { escaped } from './markup.ts';
import { nameOf } from './tables.ts';

/** How many schedules, and how many lines of the bill, have a chart of their own. */
const MOST = { schedules: 12, costs: 15 };
const WIDTH = 720;
const PLOT = { left: 48, right: 8, top: 12, height: 120, bottom: 24 };
const BAR = { height: 22, gap: 6, label: 260, figure: 90 };

/** Those that have something to show. */
export function chartsOf(report: Report): string[] {
  return [timelineChart(report), ...latenessCharts(report), costChart(report)].filter((chart) => chart !== '');
}

function timelineChart({ timeline, from, to, lastedMs }: Report): string {
  const { runs, failures, coldStarts, partMs } = timeline;
  const total = sum(runs);
  if (total === 0) return '';
  const words = `${inCount(total)} runs, ${inCount(sum(failures))} of them failed and ${inCount(sum(coldStarts))} cold`;
  const shown = Math.max(1, Math.ceil(lastedMs / partMs));
  const most = Math.max(...runs);
  const bars = runs.slice(0, shown).flatMap((count, part) => {
    const failed = failures[part]!;
    const x = { index: part, of: shown };
    return [
      bar(x, 0, count - failed, most, 'ok', `${inCount(count)} runs`),
      bar(x, count - failed, failed, most, 'bad', `${inCount(failed)} failed`),
      ...(coldStarts[part]! > 0 ? [mark(x, `${inCount(coldStarts[part]!)} cold`)] : []),
    ];
  });
  const axis = axes(most, [from.slice(0, 16), to.slice(0, 16)]);
  const legend = `Each bar is ${inWords(partMs)}. A dot is a cold start.`;
  return figure('Runs over time', `${words}. ${legend}`, plotHeight(), [...axis, ...bars]);
}

function latenessCharts({ schedules }: Report): string[] {
  return schedules.slice(0, MOST.schedules).map(({ name, lateness, latenessHistogram }) => {
    if (!lateness || !latenessHistogram || lateness.max === 0) return '';
    const { from, binWidth, counts } = latenessHistogram;
    const most = Math.max(...counts);
    const bars = counts.map((count, index) => {
      const [low, high] = [from + index * binWidth, from + (index + 1) * binWidth];
      return bar({ index, of: counts.length }, 0, count, most, 'ok', `${inTime(low)} to ${inTime(high)}: ${count}`);
    });
    const axis = axes(most, [inTime(from), inTime(from + counts.length * binWidth)]);
    const { mean, sd, max } = lateness;
    const words = `${inTime(mean)} late on average, with a standard deviation of ${inTime(sd)}, and ${inTime(max)} at most`;
    return figure(`How late ${name} was`, words, plotHeight(), [...axis, ...bars]);
  });
}

function costChart({ bill }: Report): string {
  const lines = bill.lines.filter(({ usd }) => usd > 0).sort((a, b) => b.usd - a.usd);
  const shown = lines.slice(0, MOST.costs);
  if (shown.length === 0) return '';
  const most = shown[0]!.usd;
  const room = WIDTH - BAR.label - BAR.figure;
  const bars = shown.flatMap(({ resource, unit, usd }, index) => {
    const y = index * (BAR.height + BAR.gap);
    const middle = y + BAR.height / 2 + 4;
    const width = Math.max(1, (usd / most) * room);
    return [
      `<text x="${BAR.label - 8}" y="${middle}" text-anchor="end">${escaped(shorten(`${nameOf(resource)} · ${unit}`))}</text>`,
      `<rect class="ok" x="${BAR.label}" y="${y}" width="${round(width)}" height="${BAR.height}" />`,
      `<text x="${round(BAR.label + width + 6)}" y="${middle}">${escaped(inUsd(usd))}</text>`,
    ];
  });
  const words = `${inUsd(bill.totalUsd)} in all; the dearest is ${nameOf(shown[0]!.resource)}, for ${shown[0]!.unit}`;
  return figure('What it would cost on AWS', words, shown.length * (BAR.height + BAR.gap), bars);
}

interface Place {
  readonly index: number;
  readonly of: number;
}

/** A part of a column, from `below` on upwards. */
function bar(place: Place, below: number, count: number, most: number, tone: string, words: string): string {
  if (count === 0) return '';
  const height = (count / most) * PLOT.height;
  const y = PLOT.top + PLOT.height - height - (below / most) * PLOT.height;
  const [x, width] = columnAt(place);
  const size = `x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}"`;
  return `<rect class="${tone}" ${size}><title>${escaped(words)}</title></rect>`;
}

function mark(place: Place, words: string): string {
  const [x, width] = columnAt(place);
  return `<circle class="cold" cx="${round(x + width / 2)}" cy="${PLOT.top - 6}" r="3"><title>${escaped(words)}</title></circle>`;
}

function columnAt({ index, of }: Place): [x: number, width: number] {
  const step = (WIDTH - PLOT.left - PLOT.right) / of;
  return [PLOT.left + index * step, Math.max(1, step - 1)];
}

function axes(most: number, [first, last]: [string, string]): string[] {
  const base = PLOT.top + PLOT.height;
  return [
    `<line x1="${PLOT.left}" y1="${base}" x2="${WIDTH - PLOT.right}" y2="${base}" />`,
    `<text x="${PLOT.left - 6}" y="${PLOT.top + 8}" text-anchor="end">${inCount(most)}</text>`,
    `<text x="${PLOT.left - 6}" y="${base}" text-anchor="end">0</text>`,
    `<text x="${PLOT.left}" y="${base + 18}">${escaped(first)}</text>`,
    `<text x="${WIDTH - PLOT.right}" y="${base + 18}" text-anchor="end">${escaped(last)}</text>`,
  ];
}

function plotHeight(): number {
  return PLOT.top + PLOT.height + PLOT.bottom;
}

function figure(title: string, words: string, height: number, parts: readonly string[]): string {
  return [
    '<figure>',
    `<figcaption><strong>${escaped(title)}</strong> ${escaped(words)}</figcaption>`,
    `<svg role="img" aria-label="${escaped(`${title}: ${words}`)}" viewBox="0 0 ${WIDTH} ${height}">`,
    ...parts.filter((part) => part !== ''),
    '</svg>',
    '</figure>',
  ].join('\n');
}

function shorten(text: string): string {
  return text.length > 38 ? `${text.slice(0, 37)}…` : text;
}

function round(length: number): number {
  return Number(length.toFixed(2));
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
