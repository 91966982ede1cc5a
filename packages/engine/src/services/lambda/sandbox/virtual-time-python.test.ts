import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EngineClock } from '../../../kernel/clock.ts';
import { type Bench, createBench, python } from './fixtures.ts';
import type { FunctionSpec } from './spec.ts';

const START = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;

let clock: EngineClock;
let bench: Bench;
beforeAll(async () => {
  clock = new EngineClock({ virtual: true, start: START });
  bench = createBench({ clock });
  await bench.fleet.warmUp('python3.12');
});
afterAll(() => bench.close());

const define = (body: string, head = '', changes: Partial<FunctionSpec> = {}) =>
  bench.define(python(body, head), { runtime: 'python3.12', timeoutMs: HOUR_MS, ...changes });

/** Invokes, and moves time until the answer is there. */
async function ring(spec: FunctionSpec, payload: unknown = {}) {
  let over = false;
  const started = clock.now();
  const ringing = bench.invoke(spec, payload).finally(() => {
    over = true;
  });
  await clock.runUntil(() => over, { atMost: '1 day' });
  const invoked = await ringing;
  expect(invoked.json?.errorMessage).toBeUndefined();
  return { ...invoked, tookMs: clock.now() - started };
}

const TOLD = `
import time, datetime, json, logging
from time import time as taken, sleep as rest
from datetime import datetime as dt, date, timezone, timedelta
def read(context):
    return [
        round(time.time() * 1000) - ${START}, round(taken() * 1000) - ${START}, time.monotonic(), time.perf_counter(),
        round(dt.utcnow().replace(tzinfo=timezone.utc).timestamp() * 1000) - ${START},
        round(datetime.datetime.now(timezone.utc).timestamp() * 1000) - ${START},
        round(dt.now().timestamp() * 1000) - ${START}, round(dt.today().timestamp() * 1000) - ${START},
        context.get_remaining_time_in_millis(),
    ]
`;

describe('what tells time', () => {
  test.each(['3.6', '3.7', '3.8', '3.9', '3.10', '3.11', '3.12', '3.13'])(
    'tells engine time, which stands while the function runs (Python %s)',
    async (version) => {
      const spec = define(
        `before = read(context)
for i in range(100000): i * i
still = read(context)
rest(2.5)
return [before, still, read(context), str(date.today()), time.strftime("%Y-%m-%d"), time.gmtime().tm_year, time.localtime().tm_year, time.ctime()[-4:], time.asctime()[-4:]]`,
        TOLD,
        { runtime: `python${version}` },
      );
      const { json, durationMs, cold } = await ring(spec);
      expect([durationMs, cold]).toEqual([2500, true]);
      const zero = clock.now() - 2500 - START;
      const before = [zero, zero, 0, 0, zero, zero, zero, zero, HOUR_MS];
      const after = [zero + 2500, zero + 2500, 2.5, 2.5, ...Array(4).fill(zero + 2500), HOUR_MS - 2500];
      const day = new Date(clock.now()).toISOString().slice(0, 10);
      expect(json).toEqual([before, before, after, day, day, 2026, 2026, '2026', '2026']);
      expect((await ring(spec)).json[0][0]).toBe(clock.now() - 2500 - START);
    },
  );

  test('classes stay what they are', async () => {
    const { json } = await ring(
      define(
        `import pickle
now = dt.now(timezone.utc)
return [type(now) is dt, isinstance(now, date), type(now + timedelta(1)) is dt, pickle.loads(pickle.dumps(now)) == now, repr(type(now)), now.isoformat(), time.time_ns() % 1000000, datetime.datetime.strptime("2020", "%Y").year]`,
        TOLD,
      ),
    );
    const iso = new Date(clock.now()).toISOString().slice(0, 19);
    expect(json.slice(0, 5)).toEqual([true, true, true, true, "<class 'datetime.datetime'>"]);
    expect(json[5].startsWith(iso)).toBe(true);
    expect(json.slice(6)).toEqual([0, 2020]);
  });

  test('log lines bear it', async () => {
    const { output } = await ring(
      define('logging.warning("a")\ntime.sleep(90)\nlogging.warning("b")', 'import logging, time'),
    );
    const times = output.map((line) => Date.parse(line.split('\t')[1]!));
    expect(times).toEqual([clock.now() - 90_000, clock.now()]);
  });
});

const LINES = `
import asyncio, concurrent.futures, queue, threading, time, select
start = 0
def begin():
    global start, lines
    start, lines = time.monotonic(), []
def log(text):
    lines.append("%s %g" % (text, round((time.monotonic() - start) * 1000)))
`;

async function timeline(body: string, runtime = 'python3.12') {
  const indented = `begin()\n${body}\nreturn lines`;
  const { json, durationMs } = await ring(define(indented, LINES, { runtime }));
  return { lines: json as string[], durationMs };
}

describe.each(['3.6', '3.8', '3.13'])('waiting in Python %s', (version) => {
  const runtime = `python${version}`;

  test('time.sleep', async () => {
    const { lines, durationMs } = await timeline(
      `time.sleep(59)
log("a")
time.sleep(0.0001)
log("b")
time.sleep(0)
select.select([], [], [], 3)
log("c")
try: time.sleep(-1)
except ValueError as error: log(error)`,
      runtime,
    );
    expect(lines).toEqual(['a 59000', 'b 59001', 'c 62001', 'sleep length must be non-negative 62001']);
    expect(durationMs).toBe(62_001);
  });

  test('threads: events, conditions, locks, queues, timers, joins', async () => {
    const { lines } = await timeline(
      `event, q, lock, done = threading.Event(), queue.Queue(), threading.Lock(), threading.Event()
def work():
    time.sleep(10)
    event.set()
    time.sleep(5)
    q.put("thing")
    with lock:
        time.sleep(7)
    done.wait()
    log("done")
worker = threading.Thread(target=work)
worker.start()
log(event.wait(3))
log(event.wait())
try: q.get(timeout=2)
except queue.Empty: log("empty")
log(q.get())
time.sleep(0.001)
log(lock.acquire(timeout=1))
log(lock.acquire())
lock.release()
worker.join(4)
log(worker.is_alive())
timer = threading.Timer(30, lambda: (log("timer"), done.set()))
timer.start()
worker.join()
cancelled = threading.Timer(5, lambda: log("never"))
cancelled.start()
cancelled.cancel()
cancelled.join()
log(worker.is_alive())
condition = threading.Condition()
with condition: log(condition.wait(2))
semaphore = threading.Semaphore(0)
log(semaphore.acquire(timeout=1))
barrier = threading.Barrier(2, timeout=3)
try: barrier.wait()
except threading.BrokenBarrierError: log("broken")`,
      runtime,
    );
    expect(lines).toEqual([
      'False 3000',
      'True 10000',
      'empty 12000',
      'thing 15000',
      'False 16001',
      'True 22000',
      'True 26000',
      'timer 56000',
      'done 56000',
      'False 56000',
      'False 58000',
      'False 59000',
      'broken 62000',
    ]);
  });

  test('pools of threads', async () => {
    const { lines } = await timeline(
      `def work(n):
    time.sleep(n)
    return n
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    futures = [pool.submit(work, n) for n in (3, 1, 4)]
    for future in concurrent.futures.as_completed(futures): log(future.result())
    try: pool.submit(work, 10).result(timeout=2)
    except concurrent.futures.TimeoutError: log("late")
log("over")`,
      runtime,
    );
    expect(lines).toEqual(['1 1000', '3 3000', '4 5000', 'late 7000', 'over 15000']);
  });

  test('asyncio: sleeps, time limits, threads', async () => {
    const { lines } = await timeline(
      `async def sleeper(name, seconds):
    await asyncio.sleep(seconds)
    log(name)
    return name
async def main():
    loop = asyncio.get_event_loop()
    await asyncio.gather(sleeper("b", 2), sleeper("a", 1), sleeper("c", 60))
    try: await asyncio.wait_for(sleeper("never", 60), 5)
    except asyncio.TimeoutError: log("limit")
    loop.call_later(1, log, "called")
    await loop.run_in_executor(None, time.sleep, 3)
    log("thread")
    task = asyncio.ensure_future(sleeper("beside", 1))
    await loop.run_in_executor(None, time.sleep, 2)
    await task
    future = loop.create_future()
    threading.Timer(4, lambda: loop.call_soon_threadsafe(future.set_result, 1)).start()
    await future
    log("woken")
loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()`,
      runtime,
    );
    expect(lines).toEqual([
      'a 1000',
      'b 2000',
      'c 60000',
      'limit 65000',
      'called 66000',
      'thread 68000',
      'beside 69000',
      'woken 74000',
    ]);
  });
});

describe('invocations', () => {
  test('that wait time out at the very moment', async () => {
    const spec = define('time.sleep(61)', 'import time', { timeoutMs: 60_000 });
    const started = clock.now();
    const [{ json, log, requestId }] = await Promise.all([bench.invoke(spec), clock.advance('10 minutes')]);
    expect(json.errorMessage).toBe(`RequestId: ${requestId} Error: Task timed out after 60.00 seconds`);
    const moment = new Date(started + 60_000).toISOString();
    expect(log.at(-3)).toBe(`${moment} ${requestId} Task timed out after 60.00 seconds\n\n`);
  });

  test('freeze threads between them', async () => {
    const spec = define(
      `global n
n += 1
if n == 1:
    thread = threading.Thread(target=work)
    thread.start()
    return []
time.sleep(0.5)
return rung`,
      `import threading, time
n, rung = 0, []
def work():
    for _ in range(2):
        time.sleep(60)
        rung.append(round(time.time() * 1000))
        print("late")`,
    );
    expect((await ring(spec)).json).toEqual([]);
    await clock.advance('5 minutes');
    const { json, output } = await ring(spec);
    expect(json).toEqual([clock.now() - 500]);
    expect(output).toEqual(['late\n']);
  });

  test('a thread that computes or reads keeps time from moving, but no longer than another waits for it', async () => {
    const { lines } = await timeline(
      `def compute():
    end = time.process_time() + 0.3
    while time.process_time() < end: pass
    log("computed")
thread = threading.Thread(target=compute)
thread.start()
time.sleep(50)
log("slept")
import os
r, w = os.pipe()
reader = threading.Thread(target=lambda: (os.read(r, 1), log("read")))
reader.start()
reader.join(1.2)
log("patient")
time.sleep(0.1)
os.write(w, b"x")
reader.join()`,
    );
    expect(lines).toEqual(['computed 0', 'slept 50000', 'patient 51200', 'read 51300']);
  });

  test('ways out of virtual time are told', async () => {
    const spec = define('return subprocess.check_output(["echo", "x"]).decode()', 'import subprocess');
    expect((await ring(spec)).json).toBe('x\n');
    expect(bench.warnings.filter((text) => text.includes(spec.functionName))).toEqual([
      `Function ${spec.functionName} uses subprocess, which lives in real time. Virtual time stands still meanwhile.`,
    ]);
  });

  test('a child of a fork lives in real time', async () => {
    const spec = define(
      `child = os.fork()
if child == 0:
    time.sleep(0.05)
    with threading.Lock(): os._exit(7)
return os.waitpid(child, 0)[1] >> 8`,
      'import os, threading, time',
    );
    expect((await ring(spec)).json).toBe(7);
  });
});
