/*
 * A million rules with a schedule, held by an engine: put there (`put`), or found in its data directory. Options:
 * EngineOptions and `put`. It tells how many there are, and stays until it is stopped.
 */
import { createEngine, type EngineOptions } from '@carillon/engine';

export interface Held {
  /** What the rules take as lines of JSON, in megabytes. */
  jsonMegabytes: number;
}

const COUNT = 1_000_000;
const AT_ONCE = 100;
/** Unlike expressions, as many as a large system has. */
const EXPRESSIONS = 1_440;

const { put, ...options } = JSON.parse(process.argv[2] ?? '{}') as EngineOptions & { put: boolean };
const engine = await createEngine(options);
let bytes = 0;
for (let first = 0; first < COUNT; first += AT_ONCE) {
  const inputs = Array.from({ length: AT_ONCE }, (_, index) => inputOf(first + index));
  for (const input of inputs) bytes += JSON.stringify(input).length + 1;
  if (put) await Promise.all(inputs.map((input) => engine.call('eventbridge', 'PutRule', input)));
}
const last = await engine.call('eventbridge', 'DescribeRule', { Name: inputOf(COUNT - 1).Name });
if (last.ScheduleExpression !== inputOf(COUNT - 1).ScheduleExpression) throw new Error('The last rule is missing.');
await new Promise((resolve) => setTimeout(resolve, 1_000));
process.send?.({ jsonMegabytes: bytes / 1024 ** 2 } satisfies Held);

function inputOf(rule: number): { Name: string; ScheduleExpression: string } {
  const minute = rule % EXPRESSIONS;
  const ScheduleExpression = `cron(${minute % 60} ${Math.floor(minute / 60)} * * ? *)`;
  return { Name: `schedule-${rule}`, ScheduleExpression };
}
