import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { EngineClock, machineTimer } from '../../../kernel/clock.ts';
import { type Bench, createBench, isAlive, node } from './fixtures.ts';
import { FleetFullError } from './fleet.ts';

const benches: Bench[] = [];
const bench = (...options: Parameters<typeof createBench>): Bench => {
  const created = createBench(...options);
  benches.push(created);
  return created;
};
afterEach(async () => {
  for (const one of benches.splice(0)) await one.close();
});

const COUNTING = node(
  '(() => { let n = 0; return async (e) => { if (e.ms) await new Promise((r) => setTimeout(r, e.ms)); return [process.pid, ++n] } })()',
);

test('one request per sandbox; a warm one is used again', async () => {
  const { fleet, define, invoke } = bench();
  const spec = define(COUNTING);
  const together = await Promise.all([invoke(spec, { ms: 50 }), invoke(spec, { ms: 50 }), invoke(spec, { ms: 50 })]);
  expect(new Set(together.map((result) => result.json[0])).size).toBe(3);
  expect(together.map((result) => result.cold)).toEqual([true, true, true]);
  expect([fleet.running(spec.key), fleet.inFlight(spec.key), fleet.inFlight()]).toEqual([3, 0, 0]);
  const after = await invoke(spec);
  expect(after).toMatchObject({ cold: false, json: [expect.any(Number), 2] });
  expect((await invoke(spec)).json).toEqual([after.json[0], 3]);
  expect(new Set(together.map((result) => result.logStream)).size).toBe(3);
});

test('counts requests under way', async () => {
  const { fleet, define, invoke } = bench();
  const spec = define(COUNTING);
  const [one, other] = [invoke(spec, { ms: 20 }), invoke({ ...spec, key: 'other' }, { ms: 20 })];
  expect([fleet.inFlight(), fleet.inFlight(spec.key), fleet.inFlight('none')]).toEqual([2, 1, 0]);
  await Promise.all([one, other]);
  expect(fleet.inFlight()).toBe(0);
});

test('requests over the bound are refused', async () => {
  const { define, invoke } = bench({ concurrency: 1 });
  const spec = define(COUNTING);
  const first = invoke(spec);
  await expect(invoke(spec)).rejects.toThrow(FleetFullError);
  expect((await first).json[1]).toBe(1);
});

test('another key is another sandbox, and a retired one ends, at once or after its request', async () => {
  const { fleet, define, invoke } = bench();
  const spec = define(COUNTING);
  await invoke(spec);
  fleet.retire(spec.key);
  expect(fleet.running(spec.key)).toBe(0);
  const busy = invoke(spec, { ms: 30 });
  await expect.poll(() => fleet.running(spec.key)).toBe(1);
  fleet.retire(spec.key);
  await busy;
  expect(fleet.running()).toBe(0);
  expect((await invoke({ ...spec, key: 'revision 2' })).cold).toBe(true);
});

test('an idle sandbox is reclaimed after 15 minutes of engine time', async () => {
  const clock = new EngineClock({ virtual: true, start: Date.UTC(2026, 10, 21) });
  const { fleet, define, invoke } = bench({ clock });
  const spec = define(COUNTING);
  const first = await invoke(spec);
  expect(first.logStream).toMatch(/^2026\/11\/21\/\[\$LATEST\]/);
  await clock.advance('14 minutes');
  expect((await invoke(spec)).cold).toBe(false);
  await clock.advance('14 minutes');
  expect(fleet.running()).toBe(1);
  await clock.advance('1 minute');
  expect(fleet.running()).toBe(0);
  expect((await invoke(spec)).cold).toBe(true);
});

test('no more sandboxes idle than may', async () => {
  const { fleet, define, invoke } = bench({ idleSandboxes: 2 });
  const specs = [define(COUNTING), define(COUNTING), define(COUNTING)];
  for (const spec of specs) await invoke(spec);
  expect(specs.map((spec) => fleet.running(spec.key))).toEqual([0, 1, 1]);
});

test('a function in virtual time holds the clock, and takes only the time that it waits', async () => {
  const clock = new EngineClock({ virtual: true });
  const { define, invoke } = bench({ clock });
  const spec = define(COUNTING);
  const running = invoke(spec, { ms: 50 });
  expect(clock.holders()).toEqual([`function ${spec.functionName} (starting)`]);
  const now = clock.now();
  await clock.advance('1 hour');
  const result = await running;
  expect(result).toMatchObject({ durationMs: 50, billedDurationMs: 50 });
  expect(result.log.at(-1)).toContain('\tDuration: 50.00 ms\tBilled Duration: 50 ms\t');
  expect(await invoke(spec)).toMatchObject({ durationMs: 0, billedDurationMs: 1 });
  expect(clock.now()).toBe(now + 3_600_000);
  expect(clock.holders()).toEqual([]);
});

test('a function that hangs in virtual time is ended by real time', async () => {
  const clock = new EngineClock({ virtual: true });
  const machine = { after: (ms: number, ring: () => void) => machineTimer.after(ms / 30, ring) };
  const { define, invoke } = bench({ clock, machine });
  const { json, requestId } = await invoke(define(node('async () => { for (;;); }'), { timeoutMs: 3_000 }));
  expect(json.errorMessage).toBe(`RequestId: ${requestId} Error: Task timed out after 3.00 seconds`);
});

test('a runtime without its own interpreter warns once', async () => {
  const { define, invoke, warnings } = bench();
  const spec = define(node('async () => 1'), { runtime: 'nodejs97.x' });
  await invoke(spec);
  await invoke({ ...spec, key: 'again' });
  expect(warnings).toEqual([
    expect.stringMatching(
      /^nodejs97\.x runs on Node\.js \d+\.\d+\.\d+ here \(.+\)\. Its own interpreter, Node\.js 97, is not to be had: npm has no /,
    ),
  ]);
});

test('closing ends what runs, and refuses what comes', async () => {
  const one = createBench();
  await one.fleet.warmUp('nodejs22.x');
  const spec = one.define(COUNTING);
  await one.invoke(spec);
  const busy = one.invoke(spec, { ms: 60_000 });
  const starting = one.invoke({ ...spec, key: 'starting' }, { ms: 60_000 });
  await one.close();
  expect((await busy).json.errorType).toBe('Runtime.ExitError');
  expect((await starting).functionError).toBe('Unhandled');
  await expect(one.invoke(spec)).rejects.toThrow(FleetFullError);
  expect(existsSync(one.directory)).toBe(false);
});

test('functions end with an engine that is killed, even frozen ones and those in a loop', async () => {
  const { define, directory } = bench();
  const specs = [
    define(COUNTING),
    define(node('async () => { console.log(process.pid); for (;;); }'), { timeoutMs: 60_000 }),
  ];
  const source = fileURLToPath(new URL('.', import.meta.url));
  const program = `
    import { createBench } from '${join(source, 'fixtures.ts')}';
    const [idle, loop] = ${JSON.stringify(specs)};
    const { invoke } = createBench();
    console.log((await invoke(idle)).json[0]);
    await invoke(loop, {}, { onLog: ({ message }) => { const pid = /INFO\\t(\\d+)/.exec(message); if (pid) console.log(pid[1]) } });
  `;
  const engine: ChildProcess = spawn(process.execPath, ['--input-type=module-typescript', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: directory,
    env: { ...process.env, TMPDIR: directory },
  });
  const pids: number[] = [];
  for await (const line of createInterface({ input: engine.stdout! })) {
    pids.push(Number(line));
    if (pids.length === 2) break;
  }
  expect(pids.map(isAlive)).toEqual([true, true]);
  engine.kill('SIGKILL');
  await once(engine, 'exit');
  await expect.poll(() => pids.map(isAlive), { timeout: 5_000 }).toEqual([false, false]);
});
