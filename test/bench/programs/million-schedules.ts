/*
 * A million schedules of the Scheduler, held by an engine: put there (`put`), or found in its data directory. Options:
 * EngineOptions and `put`. It tells how long that took, how long the first of them takes to ring, and stays until it is
 * stopped.
 */
import { createEngine, type EngineOptions } from '@carillon/engine';

export interface HeldSchedules {
  /** What the schedules take as lines of JSON, in megabytes. */
  jsonMegabytes: number;
  /** How long it took to make them as JSON, and to put them; or to start on them. */
  jsonMs: number;
  tookMs: number;
  /** From when time moves to the next schedule's moment until that schedule has rung. */
  ringMs: number;
}

const COUNT = 1_000_000;
const AT_ONCE = 1_000;
const START = '2026-01-01T00:00:00Z';
/** When some of them have rung: others than those that rang before a restart. */
const RUNG = { put: '2026-02-01T00:01:00Z', found: '2026-02-01T00:02:00Z' };
/** Unlike moments, as reminders for people have. */
const MOMENTS = 28 * 86_400;

const { put, ...options } = JSON.parse(process.argv[2] ?? '{}') as EngineOptions & { put: boolean };
const began = performance.now();
const engine = await createEngine({ ...options, clock: `virtual:${START}` });
const started = performance.now();
let bytes = 0;
let jsonMs = 0;
for (let first = 0; first < COUNT; first += AT_ONCE) {
  const before = performance.now();
  const inputs = Array.from({ length: AT_ONCE }, (_, index) => inputOf(first + index));
  for (const input of inputs) bytes += JSON.stringify(input).length + 1;
  jsonMs += performance.now() - before;
  if (put) await Promise.all(inputs.map((input) => engine.call('scheduler', 'CreateSchedule', input)));
}
const tookMs = put ? performance.now() - started - jsonMs : started - began;
const { Target } = await engine.call('scheduler', 'GetSchedule', { Name: inputOf(COUNT - 1).Name });
if (Target!.Input !== inputOf(COUNT - 1).Target.Input) throw new Error('The last schedule is missing.');
const ringMs = await firstRing();
await new Promise((resolve) => setTimeout(resolve, 1_000));
process.send?.({ jsonMegabytes: bytes / 1024 ** 2, jsonMs, tookMs, ringMs } satisfies HeldSchedules);

async function firstRing(): Promise<number> {
  const moved = performance.now();
  const rung = new Promise<number>((resolve) => {
    engine.journal.subscribe(({ kind }) => {
      if (kind === 'due') resolve(performance.now() - moved);
    });
  });
  await engine.clock.advanceTo(put ? RUNG.put : RUNG.found);
  return rung;
}

function inputOf(schedule: number) {
  const moment = (schedule * 7_919) % MOMENTS;
  const day = Math.floor(moment / 86_400);
  const second = moment % 86_400;
  const two = (number: number) => String(number).padStart(2, '0');
  const time = [Math.floor(second / 3_600), Math.floor(second / 60) % 60, second % 60].map(two).join(':');
  return {
    Name: `reminder-${schedule}`,
    ScheduleExpression: `at(2026-02-${two(day + 1)}T${time})`,
    FlexibleTimeWindow: { Mode: 'OFF' },
    ActionAfterCompletion: 'DELETE',
    Target: {
      Arn: 'arn:aws:lambda:us-east-1:000000000000:function:remind',
      RoleArn: 'arn:aws:iam::000000000000:role/reminder',
      Input: `{"user":${schedule}}`,
    },
  } as const;
}
