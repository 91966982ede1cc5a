/*
 * Rules that ring every second, each at a moment of its own, in an engine; then bare timers for the same moments.
 * Tells how late each rang, in milliseconds: negative when it was early.
 */
import { createEngine } from '@carillon/engine';

export interface Lateness {
  rings: number[];
  timers: number[];
}

const RULES = 100;
const SECONDS = 4;

const now = await wallClock();
const rings = await rungLate();
const timers = await timedLate();
process.send?.({ rings, timers } satisfies Lateness);

async function rungLate(): Promise<number[]> {
  await using engine = await createEngine({ extensions: true });
  const late: number[] = [];
  engine.journal.subscribe(({ kind, subject, detail }) => {
    if (kind === 'due' && subject.startsWith('eventbridge.tick')) late.push(now() - Number(detail?.due));
  });
  for (let rule = 0; rule < RULES; rule++) {
    await engine.call('eventbridge', 'PutRule', { Name: `ring-${rule}`, ScheduleExpression: 'rate(1 second)' });
    await pause(1000 / RULES);
  }
  await pause(SECONDS * 1000);
  return late;
}

async function timedLate(): Promise<number[]> {
  const late: number[] = [];
  const ring = (due: number) => {
    late.push(now() - due);
    const next = due + 1000;
    setTimeout(ring, next - now(), next);
  };
  for (let timer = 0; timer < RULES; timer++) {
    const due = Math.floor(now()) + 1000;
    setTimeout(ring, due - now(), due);
    await pause(1000 / RULES);
  }
  await pause(SECONDS * 1000);
  return late;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The machine's time in fractional milliseconds: `Date.now()` when it last changed, and what has passed since. */
async function wallClock(): Promise<() => number> {
  let offset = Number.NEGATIVE_INFINITY;
  for (let change = 0; change < 20; change++) {
    const before = Date.now();
    let moment = before;
    while (moment === before) moment = Date.now();
    offset = Math.max(offset, moment - performance.now());
  }
  return () => performance.now() + offset;
}
