/*
 * A stack's resources while they change: a table that is written again and again on a terminal, a line for each event
 * elsewhere, an object for each with `--json`.
 */
import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { isTerminal, paint } from '../terminal.ts';
import type { Follower } from './stack.ts';

export interface StackProgress extends Follower {
  /** Leaves what is written as it is. */
  end(): void;
}

/** How many rows a table on a terminal has; resources that are done go first. */
const MOST_ROWS = 30;

interface Row {
  readonly id: string;
  readonly type: string;
  status: string;
  since: number;
  tookMs: number | undefined;
  reason: string;
}

export function createStackProgress(stack: string, { json }: { json: boolean }): StackProgress {
  if (json) return { event: (event) => console.log(JSON.stringify(plain(event))), end: () => {} };
  return isTerminal() ? createTable(stack) : createLines(stack);
}

function createLines(stack: string): StackProgress {
  return {
    event(event) {
      const { LogicalResourceId, ResourceType, ResourceStatus, ResourceStatusReason } = event;
      const reason = ResourceStatusReason === undefined ? '' : `  ${ResourceStatusReason}`;
      const time = event.Timestamp!.toISOString().slice(11, 19);
      console.log(
        `${time}  ${stack}  ${status(ResourceStatus!).padEnd(18)}  ${LogicalResourceId}  ${ResourceType}${reason}`,
      );
    },
    end: () => {},
  };
}

function createTable(stack: string): StackProgress {
  const rows = new Map<string, Row>();
  let written = 0;
  function draw(): void {
    const lines = linesOf(stack, [...rows.values()]);
    const up = written > 0 ? `\u001b[${written}A\u001b[J` : '';
    process.stdout.write(`${up}${lines.join('\n')}\n`);
    written = lines.length;
  }
  return {
    event(event) {
      take(rows, event);
      draw();
    },
    end() {
      written = 0;
    },
  };
}

function take(rows: Map<string, Row>, event: StackEvent): void {
  const { LogicalResourceId: id, ResourceType: type, ResourceStatus, ResourceStatusReason, StackId } = event;
  if (event.PhysicalResourceId === StackId) return;
  const at = event.Timestamp!.getTime();
  const row = rows.get(id!) ?? { id: id!, type: type!, status: '', since: at, tookMs: undefined, reason: '' };
  const begins = ResourceStatus!.endsWith('_IN_PROGRESS');
  if (begins && row.tookMs !== undefined) Object.assign(row, { since: at, tookMs: undefined });
  if (!begins) row.tookMs = at - row.since;
  row.status = ResourceStatus!;
  row.reason = ResourceStatus!.endsWith('_FAILED') ? (ResourceStatusReason ?? '') : '';
  rows.set(id!, row);
}

function linesOf(stack: string, rows: readonly Row[]): string[] {
  const done = rows.filter(({ tookMs }) => tookMs !== undefined).length;
  const open = rows.filter(({ tookMs }) => tookMs === undefined);
  const shown = rows.length > MOST_ROWS ? [...rows.filter((row) => row.reason), ...open].slice(0, MOST_ROWS) : rows;
  const width = Math.max(0, ...shown.map(({ id }) => id.length));
  const types = Math.max(0, ...shown.map(({ type }) => type.length));
  return [
    `${paint('bold', stack)}  ${done} of ${rows.length} resources`,
    ...shown.map((row) => {
      const took = row.tookMs === undefined ? '' : `${(row.tookMs / 1000).toFixed(1)} s`;
      const line = `  ${row.id.padEnd(width)}  ${paint('dim', row.type.padEnd(types))}  ${painted(row.status)}  ${took}`;
      return row.reason ? `${line}\n    ${paint('red', row.reason)}` : line;
    }),
  ].flatMap((line) => line.split('\n'));
}

/** `CREATE_IN_PROGRESS` is `creating`. */
function status(text: string): string {
  const words: Readonly<Record<string, string>> = {
    CREATE_IN_PROGRESS: 'creating',
    UPDATE_IN_PROGRESS: 'updating',
    DELETE_IN_PROGRESS: 'deleting',
    CREATE_COMPLETE: 'created',
    UPDATE_COMPLETE: 'updated',
    DELETE_COMPLETE: 'deleted',
    DELETE_SKIPPED: 'kept',
  };
  return words[text] ?? text.toLowerCase().replaceAll('_', ' ');
}

function painted(text: string): string {
  const style = text.endsWith('_FAILED') ? 'red' : text.endsWith('_IN_PROGRESS') ? 'yellow' : 'green';
  return paint(style, status(text));
}

function plain(event: StackEvent): object {
  return {
    at: event.Timestamp!.toISOString(),
    stack: event.StackName,
    resource: event.LogicalResourceId,
    type: event.ResourceType,
    status: event.ResourceStatus,
    ...(event.PhysicalResourceId && { physicalId: event.PhysicalResourceId }),
    ...(event.ResourceStatusReason !== undefined && { reason: event.ResourceStatusReason }),
  };
}
