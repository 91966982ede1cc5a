/*
 * 100,000 rules that are all due at one moment, in an engine, each with a function to ring; then as many bare timers.
 * Tells how long after that moment the last of them had rung. Options: EngineOptions.
 */
import { createEngine, type EngineOptions } from '@carillon/engine';
import { createFunctions } from '../functions.ts';

export interface Burst {
  count: number;
  /** From the due moment until the last ring has put its function's invocation on the agenda, committed. */
  ringsMs: number;
  timersMs: number;
}

const COUNT = 100_000;
const AT_ONCE = 1_000;
/** The first moment of the expression. */
const DUE = Date.UTC(2026, 0, 1, 0, 1);
const TARGET = { Id: 'bell', Arn: 'arn:aws:lambda:us-east-1:000000000000:function:bell' };

const options = JSON.parse(process.argv[2] ?? '{}') as EngineOptions;
const ringsMs = await rings();
const timersMs = await timers();
process.send?.({ count: COUNT, ringsMs, timersMs } satisfies Burst);

async function rings(): Promise<number> {
  await using engine = await createEngine({ ...options, clock: 'virtual:2026-01-01T00:00:58Z' });
  await createFunctions(engine, [{ name: 'bell', runtime: 'nodejs22.x' }]);
  for (let first = 0; first < COUNT; first += AT_ONCE) {
    const names = Array.from({ length: AT_ONCE }, (_, index) => `burst-${first + index}`);
    await Promise.all(
      names.map(async (name) => {
        await engine.call('eventbridge', 'PutRule', { Name: name, ScheduleExpression: 'cron(* * * * ? *)' });
        await engine.call('eventbridge', 'PutTargets', { Rule: name, Targets: [TARGET] });
      }),
    );
  }
  // Time has stood still while they were put, and runs as the machine's from here on.
  engine.clock.resume();
  const due = performance.now() + DUE - engine.clock.now();
  return await new Promise((resolve) => {
    let rung = 0;
    engine.journal.subscribe(({ kind, subject }) => {
      const isTick = kind === 'due' && subject.startsWith('eventbridge.tick');
      if (isTick && ++rung === COUNT) resolve(performance.now() - due);
    });
  });
}

function timers(): Promise<number> {
  const due = performance.now() + 1_000;
  let left = COUNT;
  return new Promise((resolve) => {
    const ring = () => {
      if (--left === 0) resolve(performance.now() - due);
    };
    for (let timer = 0; timer < COUNT; timer++) setTimeout(ring, due - performance.now());
  });
}
