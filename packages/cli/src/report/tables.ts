/*
 * A report as tables: what is told of each section, and in which order. The text and the page draw the same ones.
 */
import type { DeliveryReport, FunctionReport, Report, ScheduleReport } from '@carillon/engine/simulation';
import { inAmount, inCount, inMemory, inTime, inUsd } from './figures.ts';

export interface Table {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  readonly total?: readonly Cell[];
}

export interface Column {
  readonly title: string;
  /** Figures stand on the right. */
  readonly figure: boolean;
}

export interface Cell {
  readonly text: string;
  /** `bad` for what a user would not want, `quiet` for what says nothing. */
  readonly tone?: 'bad' | 'quiet';
}

/** How a kind of row becomes cells: by column, its title and its cell. */
type Columns<Row> = readonly (readonly [title: string, kind: 'text' | 'figure', cell: (row: Row) => Cell])[];

/** Empty tables are left out. */
export function tablesOf(report: Report): Table[] {
  const notable = report.deliveries.filter(
    ({ targetArn, failures }) => !isFunction(targetArn) || Object.keys(failures).length > 0,
  );
  const tables = [
    tableOf('Functions', FUNCTIONS, report.functions),
    tableOf('Schedules', SCHEDULES, report.schedules),
    tableOf('Deliveries', DELIVERIES, notable),
    tableOf('Logs', LOGS, report.logs),
    billTable(report),
  ];
  return tables.filter(({ rows }) => rows.length > 0);
}

/** `ring` of a function's ARN, `rule ring` of a rule's, and so on. */
export function nameOf(arn: string): string {
  const [, , , , , ...resource] = arn.split(':');
  return (
    resource
      .join(':')
      .replace(/^(function|log-group):/, '')
      .replace(/^rule\//, '') || arn
  );
}

const FUNCTIONS: Columns<FunctionReport> = [
  ['function', 'text', ({ name }) => ({ text: name })],
  ['memory', 'figure', ({ memoryMb }) => ({ text: inMemory(memoryMb) })],
  ['runs', 'figure', ({ runs }) => count(runs)],
  ['cold', 'figure', ({ coldStarts }) => count(coldStarts)],
  ['failed', 'figure', ({ failures }) => badCount(failures)],
  ['throttled', 'figure', ({ throttles }) => badCount(throttles)],
  ['retries', 'figure', ({ retries }) => count(retries)],
  ['lost', 'figure', ({ discarded, deadLetters }) => badCount(discarded - deadLetters)],
  ['dead letters', 'figure', ({ deadLetters }) => badCount(deadLetters)],
  ['p50', 'figure', ({ duration }) => time(duration?.p50)],
  ['p90', 'figure', ({ duration }) => time(duration?.p90)],
  ['p99', 'figure', ({ duration }) => time(duration?.p99)],
  ['max', 'figure', ({ duration }) => time(duration?.max)],
  ['errors', 'text', ({ errors }) => ({ text: countsIn(errors), tone: 'bad' })],
];

const SCHEDULES: Columns<ScheduleReport> = [
  ['rule', 'text', ({ name }) => ({ text: name })],
  ['schedule', 'text', ({ expression }) => ({ text: expression ?? 'deleted' })],
  ['rings', 'figure', ({ rings }) => count(rings)],
  ['missed', 'figure', ({ missed }) => badCount(missed)],
  ['overlaps', 'figure', ({ overlaps }) => badCount(overlaps)],
  ['late: mean', 'figure', ({ lateness }) => time(lateness?.mean)],
  ['sd', 'figure', ({ lateness }) => time(lateness?.sd)],
  ['p50', 'figure', ({ lateness }) => time(lateness?.p50)],
  ['p99', 'figure', ({ lateness }) => time(lateness?.p99)],
  ['max', 'figure', ({ lateness }) => time(lateness?.max)],
];

const DELIVERIES: Columns<DeliveryReport> = [
  ['target', 'text', ({ targetArn }) => ({ text: nameOf(targetArn) })],
  ['delivered', 'figure', ({ delivered }) => count(delivered)],
  ['retries', 'figure', ({ retries }) => count(retries)],
  ['lost', 'figure', ({ givenUp, deadLetters }) => badCount(givenUp - deadLetters)],
  ['dead letters', 'figure', ({ deadLetters }) => badCount(deadLetters)],
  ['errors', 'text', ({ failures }) => ({ text: countsIn(failures), tone: 'bad' })],
];

const LOGS: Columns<Report['logs'][number]> = [
  ['log group', 'text', ({ name }) => ({ text: name })],
  ['events', 'figure', ({ events }) => count(events)],
  ['bytes', 'figure', ({ bytes }) => count(bytes)],
];

const BILL: Columns<Report['bill']['lines'][number]> = [
  ['service', 'text', ({ service }) => ({ text: service })],
  ['for', 'text', ({ resource }) => ({ text: nameOf(resource) })],
  ['amount', 'figure', ({ amount }) => ({ text: inAmount(amount) })],
  ['of', 'text', ({ unit }) => ({ text: unit })],
  ['cost', 'figure', ({ usd }) => ({ text: inUsd(usd), ...(usd === 0 && { tone: 'quiet' as const }) })],
];

function billTable({ bill }: Report): Table {
  const { region, freeTier, lines, totalUsd } = bill;
  const title = `On AWS, at the prices of ${region}, ${freeTier ? 'with' : 'without'} the free tier`;
  const total = ['total', '', '', '', inUsd(totalUsd)].map((text) => ({ text }));
  return { ...tableOf(title, BILL, lines), total };
}

/** Columns that say nothing of any row are left out. */
function tableOf<Row>(title: string, columns: Columns<Row>, items: readonly Row[]): Table {
  const rows = items.map((item) => columns.map(([, , cell]) => cell(item)));
  const kept = columns.map((_, index) => index < 3 || rows.some((row) => says(row[index]!)));
  const keep = <T>(list: readonly T[]) => list.filter((_, index) => kept[index]);
  return {
    title,
    columns: keep(columns).map(([name, kind]) => ({ title: name, figure: kind === 'figure' })),
    rows: rows.map((row) => keep(row)),
  };
}

function says({ text }: Cell): boolean {
  return text !== '' && text !== '0';
}

function count(figure: number): Cell {
  return figure === 0 ? { text: '0', tone: 'quiet' } : { text: inCount(figure) };
}

function badCount(figure: number): Cell {
  return figure === 0 ? count(0) : { text: inCount(figure), tone: 'bad' };
}

function time(ms: number | undefined): Cell {
  return ms === undefined ? { text: '' } : { text: inTime(ms) };
}

function countsIn(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, times]) => `${name} ${inCount(times)}`)
    .join(', ');
}

function isFunction(arn: string): boolean {
  return arn.split(':')[2] === 'lambda';
}
