import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EngineClock, machineTimer, turn } from '../../../kernel/clock.ts';
import { type Bench, createBench, node } from './fixtures.ts';
import type { FunctionSpec } from './spec.ts';

const START = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;

let clock: EngineClock;
let bench: Bench;
beforeAll(async () => {
  clock = new EngineClock({ virtual: true, start: START });
  bench = createBench({ clock });
  await bench.fleet.warmUp('nodejs26.x');
});
afterAll(() => bench.close());

const define = (files: Record<string, string>, changes: Partial<FunctionSpec> = {}) =>
  bench.define(files, { runtime: 'nodejs26.x', timeoutMs: HOUR_MS, ...changes });

/** Invokes, and moves time until the answer is there. */
async function ring(spec: FunctionSpec, payload: unknown = {}) {
  const ringing = bench.invoke(spec, payload).finally(() => {
    over = true;
  });
  let over = false;
  const started = clock.now();
  await clock.runUntil(() => over, { atMost: '1 day' });
  const invoked = await ringing;
  return { ...invoked, tookMs: clock.now() - started };
}

/** Runs the body of an async handler that has `log`, whose lines are returned with the milliseconds since its start. */
async function timeline(body: string, head = '') {
  const source = `${head}
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
exports.handler = async (event, context) => {
  const start = Date.now();
  const lines = [];
  const log = (text) => lines.push(text + ' ' + (Date.now() - start));
  ${body}
  return lines;
};`;
  const { json, durationMs } = await ring(define({ 'index.js': source }));
  return { lines: json, durationMs };
}

describe('what tells time', () => {
  test('tells engine time, which stands while the function runs', async () => {
    const { json } = await ring(
      define(
        node(`async (event, context) => {
          const { performance: hooks } = require('perf_hooks');
          const read = () => [
            Date.now() - ${START}, new Date() - ${START}, Date.parse(Date()) - ${START}, performance.now(), hooks.now(),
            process.hrtime()[0], String(process.hrtime.bigint()), process.uptime(), context.getRemainingTimeInMillis(),
            Temporal.Now.instant().epochMilliseconds - ${START},
          ];
          const before = read();
          for (let i = 0; i < 1e6; i++) Math.sqrt(i);
          const still = read();
          await new Promise((resolve) => setTimeout(resolve, 2500));
          return [before, still, read()];
        }`),
      ),
    );
    const zero = clock.now() - 2500 - START;
    const whole = Math.floor(zero / 1000) * 1000;
    const before = [zero, zero, whole, 0, 0, 0, '0', 0, HOUR_MS, zero];
    const after = [
      zero + 2500,
      zero + 2500,
      whole + 2000,
      2500,
      2500,
      2,
      '2500000000',
      2.5,
      HOUR_MS - 2500,
      zero + 2500,
    ];
    expect(json).toEqual([before, before, after]);
  });

  test('formats, differences and marks default to it', async () => {
    const { json } = await ring(
      define(
        node(`async () => {
          const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'short', timeStyle: 'long', timeZone: 'UTC' });
          const start = process.hrtime();
          performance.mark('begin');
          await new Promise((resolve) => setTimeout(resolve, 1500));
          const { duration } = performance.measure('it', 'begin');
          const parts = format.formatToParts().find((part) => part.type === 'year').value;
          return [
            format.format() === format.format(Date.now()), format.format === format.format, format instanceof Intl.DateTimeFormat,
            format.formatRange(0, 1e9).length > 10, parts, duration, performance.measure('all').duration,
            process.hrtime(start), performance.timeOrigin === Date.now() - 1500,
          ];
        }`),
      ),
    );
    expect(json).toEqual([true, true, true, true, '2026', 1500, 1500, [1, 5e8], true]);
  });

  test('dates are dates', async () => {
    const { json } = await ring(
      define(
        node(`async () => {
          class Day extends Date { next() { return new Day(this.getTime() + 864e5) } }
          const { types } = require('util');
          const date = new Date();
          return [
            date instanceof Date, date.constructor === Date, types.isDate(date), new Date(5).getTime(), new Date(2020, 1, 2).getDate(),
            Date.UTC(1970, 0, 2), Date.parse('1970-01-01T00:00:01Z'), new Day() instanceof Day, new Day(0).next().getTime(),
            structuredClone(date).getTime() === date.getTime(), typeof Date(), Date.name, Date.length, JSON.stringify({ d: new Date(0) }),
          ];
        }`),
      ),
    );
    const stamp = '{"d":"1970-01-01T00:00:00.000Z"}';
    expect(json).toEqual([true, true, true, 5, 2, 864e5, 1000, true, 864e5, true, 'string', 'Date', 7, stamp]);
  });

  test('console lines bear it', async () => {
    const { output } = await ring(
      define(
        node('async () => { console.log("a"); await new Promise((r) => setTimeout(r, 90_000)); console.log("b") }'),
      ),
    );
    const times = output.map((line) => Date.parse(line.split('\t')[0]!));
    expect(times).toEqual([clock.now() - 90_000, clock.now()]);
  });
});

describe('timers', () => {
  test('ring at their moments in the order of their moments, then of their making', async () => {
    const { lines, durationMs } = await timeline(`
      setTimeout(() => log('c'), 30);
      setTimeout(() => log('a'), 10);
      setTimeout(() => { log('b'); setTimeout(() => log('d'), 10); setTimeout(() => log('b+'), 0) }, 20);
      setTimeout(() => log('c2'), 30);
      setTimeout(() => log('zero'));
      await wait(100);`);
    expect(lines).toEqual(['zero 1', 'a 10', 'b 20', 'b+ 21', 'c 30', 'c2 30', 'd 30']);
    expect(durationMs).toBe(100);
  });

  test('let ticks, promises and immediates come as Node does', async () => {
    const { lines } = await timeline(`
      setTimeout(() => {
        log('first');
        setImmediate(() => log('immediate'));
        process.nextTick(() => log('tick'));
        Promise.resolve().then(() => log('promise'));
        queueMicrotask(() => log('microtask'));
      }, 5);
      setTimeout(() => log('second'), 5);
      setTimeout(() => log('third'), 6);
      setImmediate(() => log('soon'));
      await wait(10);`);
    expect(lines).toEqual([
      'soon 0',
      'first 5',
      'tick 5',
      'promise 5',
      'microtask 5',
      'second 5',
      'immediate 5',
      'third 6',
    ]);
  });

  test('may be cleared, by their number too, repeated, and changed by what they do', async () => {
    const { lines } = await timeline(`
      const gone = setTimeout(() => log('never'), 10);
      clearTimeout(gone);
      clearTimeout(+setTimeout(() => log('never'), 10));
      clearTimeout(String(+setTimeout(() => log('never'), 10)));
      clearTimeout(undefined); clearTimeout({}); clearInterval(null); clearTimeout(12345);
      let count = 0;
      const every = setInterval(() => { log('every'); if (++count === 3) clearInterval(every) }, 1000);
      const once = setInterval(() => { log('once'); once.close() }, 700);
      const other = setTimeout(() => log('cleared by its neighbour'), 10);
      setTimeout(() => clearTimeout(other), 9);
      await wait(10_000);`);
    expect(lines).toEqual(['once 700', 'every 1000', 'every 2000', 'every 3000']);
  });

  test('have the whole interface of Timeout', async () => {
    const { lines } = await timeline(`
      const timer = setTimeout(function (a, b) { log([this === timer, a, b]) }, 50, 'x', 'y');
      await wait(40);
      log([timer.refresh() === timer, timer.hasRef(), timer.unref() === timer, timer.hasRef(), timer.ref().hasRef()]);
      await wait(40);
      log('not yet');
      await wait(20);
      timer.refresh();
      await wait(60);
      log([typeof timer[Symbol.toPrimitive](), timer.constructor.name, typeof timer.close, typeof timer[Symbol.dispose]]);
      const closed = setTimeout(() => log('never'), 1);
      closed.close(); closed.refresh();
      for (const bad of [undefined, 'text', null]) try { setTimeout(bad, 1) } catch (e) { log(e.code) }
      await wait(5);`);
    expect(lines).toEqual([
      'true,true,true,false,true 40',
      'not yet 80',
      'true,x,y 90',
      'true,x,y 150',
      'number,Timeout,function,function 160',
      'ERR_INVALID_ARG_TYPE 160',
      'ERR_INVALID_ARG_TYPE 160',
      'ERR_INVALID_ARG_TYPE 160',
    ]);
  });

  test('of more than 24.8 days ring after a millisecond, as in Node', async () => {
    const { lines } = await timeline(`setTimeout(() => log('at once'), 2 ** 31); await wait(3);`);
    expect(lines).toEqual(['at once 1']);
  });

  test('that are unreferenced keep nothing alive, but ring in their turn', async () => {
    const { lines } = await timeline(`setTimeout(() => log('on the way'), 10).unref(); await wait(20);`);
    expect(lines).toEqual(['on the way 10']);
    const alone = await ring(define(node('() => new Promise((resolve) => setTimeout(resolve, 10).unref())')));
    expect(alone.json.errorType).toBe('Runtime.NodeJsExit');
  });

  test('keep the store of AsyncLocalStorage', async () => {
    const { lines } = await timeline(
      `
      const storage = new AsyncLocalStorage();
      await Promise.all(['a', 'b'].map((name) => storage.run(name, async () => {
        setTimeout(() => log(storage.getStore()), name === 'a' ? 20 : 10);
        await wait(30);
        log(storage.getStore());
      })));`,
      `const { AsyncLocalStorage } = require('async_hooks');`,
    );
    expect(lines).toEqual(['b 10', 'a 20', 'a 30', 'b 30']);
  });

  test('by promise: values, aborts, intervals, scheduler, promisify, ES modules', async () => {
    const { lines } = await timeline(
      `
      const { AbortController } = globalThis;
      log(await sleep(100, 'value'));
      const controller = new AbortController();
      setTimeout(() => controller.abort('why'), 50);
      await sleep(100, 0, { signal: controller.signal }).catch((e) => log([e.name, e.code, e.cause]));
      await sleep('soon').catch((e) => log(e.code));
      await sleep(1, 0, { signal: AbortSignal.abort() }).catch((e) => log(e.name));
      let rings = 0;
      for await (const value of timers.setInterval(1000, 'tick')) { log(value); if (++rings === 3) break }
      const stop = new AbortController();
      setTimeout(() => stop.abort(), 250);
      try { for await (const _ of timers.setInterval(100, 0, { signal: stop.signal })) log('again') } catch (e) { log(e.name) }
      for await (const n of timers.setInterval(100, 'slow')) { await sleep(350); log('behind'); if (++rings > 5) break }
      await timers.scheduler.wait(30);
      await timers.scheduler.yield();
      log(await timers.setImmediate('now'));
      log(await require('util').promisify(setTimeout)(5, 'promised'));
      log(timers === require('timers').promises);`,
      `const timers = require('timers/promises'); const sleep = timers.setTimeout;`,
    );
    expect(lines).toEqual([
      'value 100',
      'AbortError,ABORT_ERR,why 150',
      'ERR_INVALID_ARG_TYPE 150',
      'AbortError 150',
      'tick 1150',
      'tick 2150',
      'tick 3150',
      'again 3250',
      'again 3350',
      'AbortError 3400',
      'behind 3850',
      'behind 4200',
      'behind 4550',
      'now 4580',
      'promised 4585',
      'true 4585',
    ]);
    const modules = `
      import { setTimeout as sleep } from 'node:timers/promises';
      import { setTimeout as later } from 'node:timers';
      import { hrtime } from 'node:process';
      import { performance } from 'node:perf_hooks';
      await sleep(1000);
      export const handler = async () => {
        await new Promise((resolve) => later(resolve, 1000));
        return [performance.now(), hrtime()[0]];
      };`;
    const { json, initDurationMs, durationMs } = await ring(define({ 'index.mjs': modules }));
    expect([json, initDurationMs, durationMs]).toEqual([[2000, 2], 1000, 1000]);
  });

  test('of AbortSignal', async () => {
    const { lines } = await timeline(`
      const signal = AbortSignal.timeout(100);
      signal.addEventListener('abort', () => log([signal.reason.name, signal.reason instanceof DOMException]));
      await wait(200);
      try { AbortSignal.timeout(-1) } catch (e) { log(e.code) }
      log(AbortSignal.any([AbortSignal.timeout(5)]).aborted);`);
    expect(lines).toEqual(['TimeoutError,true 100', 'ERR_OUT_OF_RANGE 200', 'false 200']);
  });

  test('that throw end the process as an uncaught error does', async () => {
    const spec = define(
      node(
        'async () => { setTimeout(() => { throw new RangeError("late") }, 5000); await new Promise((r) => setTimeout(r, 9000)) }',
      ),
    );
    const failed = await ring(spec);
    expect([failed.json.errorType, failed.durationMs, failed.tookMs]).toEqual(['RangeError', 5000, 5000]);
    expect((await ring(spec)).cold).toBe(true);
  });
});

describe('invocations', () => {
  test('that wait take no time of the machine, and time out at the very moment', async () => {
    const started = performance.now();
    const patient = define(node('async () => { await new Promise((r) => setTimeout(r, 59_000)); return "done" }'), {
      timeoutMs: 60_000,
    });
    expect(await ring(patient)).toMatchObject({ json: 'done', durationMs: 59_000, tookMs: 59_000 });
    const late = { ...patient, key: 'late', timeoutMs: 58_000 };
    const { json, log, tookMs, requestId } = await ring(late);
    expect(json.errorMessage).toBe(`RequestId: ${requestId} Error: Task timed out after 58.00 seconds`);
    expect(log.at(-3)).toBe(
      `${new Date(clock.now()).toISOString()} ${requestId} Task timed out after 58.00 seconds\n\n`,
    );
    expect(log.at(-1)).toContain('\tDuration: 58000.00 ms\tBilled Duration: 58000 ms\t');
    expect(tookMs).toBe(58_000);
    expect(performance.now() - started).toBeLessThan(30_000);
  });

  test('freeze timers between them: those that are due ring when the next one comes', async () => {
    const spec = define({
      'index.js': `const rung = [];
        exports.handler = async () => {
          const seen = rung.splice(0);
          setTimeout(() => { rung.push('early ' + Date.now()); console.log('late line') }, 1000);
          setTimeout(() => rung.push('later ' + Date.now()), 60_000);
          return seen;
        };`,
    });
    expect((await ring(spec)).json).toEqual([]);
    await clock.advance('30s');
    const second = await ring(spec);
    expect(second.json).toEqual([`early ${clock.now()}`]);
    expect(second.output).toHaveLength(1);
    await clock.advance('5 minutes');
    expect((await ring(spec)).json).toEqual([`early ${clock.now()}`, `later ${clock.now()}`, `later ${clock.now()}`]);
  });

  test('wait at the same time, each for itself', async () => {
    const spec = define(
      node(
        'async ({ ms }) => { const at = []; for (let i = 0; i < 3; i++) { await new Promise((r) => setTimeout(r, ms)); at.push(Date.now()) } return at }',
      ),
    );
    const started = clock.now();
    const [one, other] = await Promise.all([
      bench.invoke(spec, { ms: 1000 }),
      bench.invoke(spec, { ms: 1500 }),
      clock.advance('10s'),
    ]);
    expect(one.json).toEqual([1000, 2000, 3000].map((ms) => started + ms));
    expect(other.json).toEqual([1500, 3000, 4500].map((ms) => started + ms));
    expect([one.durationMs, other.durationMs]).toEqual([3000, 4500]);
  });

  test('crash while they wait for the engine, and the clock goes on', async () => {
    const spec = define(
      node(
        'async () => { setTimeout(() => process.kill(process.pid, "SIGKILL"), 1000); await new Promise((r) => setTimeout(r, 9000)) }',
      ),
    );
    const { json, durationMs } = await ring(spec);
    expect(json.errorType).toBe('Runtime.ExitError');
    expect(durationMs).toBe(1000);
    expect(clock.holders()).toEqual([]);
    const killed = define(
      node('async () => { console.log(process.pid); await new Promise((r) => setTimeout(r, 9000)) }'),
    );
    let pid = 0;
    const ringing = bench.invoke(
      killed,
      {},
      {
        onLog: ({ message }) => {
          pid = Number(/INFO\t(\d+)/.exec(message)?.[1] ?? pid);
        },
      },
    );
    await clock.settle();
    process.kill(pid, 'SIGKILL');
    expect((await ringing).json.errorType).toBe('Runtime.ExitError');
    await clock.advance('1 day');
    expect(clock.holders()).toEqual([]);
  });

  test('stand while the clock does, and go on when it moves', async () => {
    const spec = define(node('async () => { await new Promise((r) => setTimeout(r, 9000)); return Date.now() }'));
    const started = clock.now();
    const ringing = bench.invoke(spec);
    await clock.settle();
    expect(clock.holders()).toEqual([]);
    await clock.advance('5s');
    expect(bench.fleet.inFlight()).toBe(1);
    expect(clock.now()).toBe(started + 5000);
    clock.speed(1000);
    expect((await ringing).json).toBeGreaterThanOrEqual(started + 9000);
    clock.pause();
  });

  test('that neither answer nor call back answer when their timers are through', async () => {
    const { json, durationMs } = await ring(
      define(node('() => { setTimeout(() => {}, 7000) }'), { runtime: 'nodejs22.x' }),
    );
    expect([json, durationMs]).toEqual([null, 7000]);
    const called = await ring(
      define(
        node('(e, c, callback) => { setTimeout(() => callback(null, Date.now()), 1000); setTimeout(() => {}, 4000) }'),
        { runtime: 'nodejs22.x' },
      ),
    );
    expect([clock.now() - called.json, called.durationMs]).toEqual([3000, 4000]);
  });

  test('report no memory: it is the machine’s chance', async () => {
    const spec = define(node('async () => Buffer.alloc(2 ** 20).length'));
    const { log, memoryUsedMb } = await ring(spec);
    expect(memoryUsedMb).toBe(0);
    expect(log.at(-1)).toContain('\tMax Memory Used: 0 MB\t');
  });
});

describe('what keeps time from moving', () => {
  const slow = createServer((request, response) => {
    if (request.url === '/never') return;
    const answer = () => response.end('answer');
    if (request.url === '/late') machineTimer.after(300, answer);
    else if (request.url === '/later') machineTimer.after(1500, answer);
    else answer();
  });
  let url = '';
  beforeAll(async () => {
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(slow.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    slow.close();
    slow.closeAllConnections();
  });

  test.each([
    ['fetch', 'await (await fetch(event.url + "/late")).text()'],
    [
      'http.get',
      `await new Promise((resolve) => require('http').get(event.url + '/late', (response) => response.on('data', () => {}).on('end', resolve)))`,
    ],
  ])('a request to a slow server, by %s, until it is answered', async (_, request) => {
    const spec = define(
      node(`async (event) => {
        const start = Date.now();
        const other = new Promise((resolve) => setTimeout(() => resolve(Date.now() - start), 10_000));
        ${request};
        const answered = Date.now() - start;
        ${request};
        return [answered, Date.now() - start, await other, Date.now() - start];
      }`),
    );
    expect((await ring(spec, { url })).json).toEqual([0, 0, 10_000, 10_000]);
    // The connection idles in its pool, and holds nothing.
    expect((await ring(spec, { url })).json).toEqual([0, 0, 10_000, 10_000]);
  });

  test('but no longer than the function itself waits for it', async () => {
    const spec = define(
      node(`async (event) => {
        const start = Date.now();
        const error = await fetch(event.url + '/never', { signal: AbortSignal.timeout(400) }).catch((error) => error.name);
        return [error, Date.now() - start];
      }`),
    );
    expect((await ring(spec, { url })).json).toEqual(['TimeoutError', 400]);
  });

  test('and a timer that is set meanwhile rings before', async () => {
    const spec = define(
      node(`async (event) => {
        const start = Date.now();
        const rung = [];
        const later = new Promise((resolve) => setTimeout(() => resolve(rung.push('later ' + (Date.now() - start))), 1100));
        await fetch(event.url + '/later');
        setTimeout(() => rung.push('sooner ' + (Date.now() - start)), 10);
        setImmediate(() => setImmediate(() => console.log('set')));
        await later;
        return rung;
      }`),
    );
    const { promise: isSet, resolve } = Promise.withResolvers<void>();
    const onLog = ({ message }: { message: string }) => void (message.endsWith('set\n') && resolve());
    const ringing = bench.invoke(spec, { url }, { onLog });
    await isSet;
    await clock.advance('10s');
    expect((await ringing).json).toEqual(['sooner 10', 'later 1100']);
  });

  test('is named when the user asks', async () => {
    const spec = define(
      node('async (event) => (await fetch(event.url + "/never", { signal: AbortSignal.timeout(1500) })).ok'),
    );
    const ringing = bench.invoke(spec, { url });
    await turn();
    expect(clock.holders()).toEqual([expect.stringMatching(/^function function-\w+ \((starting|running)\)$/)]);
    await expect
      .poll(() => clock.holders())
      .toEqual([`function ${spec.functionName} (waiting for a socket: TCPSocketWrap)`]);
    await clock.advance('1 minute');
    expect((await ringing).json.errorType).toBe('TimeoutError');
    const loop = define(
      node(
        'async () => { const end = process.cpuUsage().user + 3e5; while (process.cpuUsage().user < end); return 1 }',
      ),
    );
    const looping = bench.invoke(loop);
    const journey = clock.advance('1 minute');
    await expect.poll(() => clock.holders()).toEqual([`function ${loop.functionName} (running)`]);
    await journey;
    expect((await looping).json).toBe(1);
  });

  /** Each is under way while timers are pending, ends by itself, and must be over before time moves. */
  test.each([
    ['a file', `require('fs').readFile(__filename, done)`],
    ['a file by promise', `require('fs/promises').readFile(__filename).then(done)`],
    ['a stream', `require('fs').createReadStream(__filename).on('data', () => {}).on('close', done)`],
    ['a name', `require('dns').lookup('localhost', done)`],
    ['a resolver', `require('dns').resolve4('localhost', done)`],
    ['a key', `require('crypto').pbkdf2('a', 'b', 50_000, 64, 'sha512', done)`],
    ['random bytes', `require('crypto').randomBytes(1e6, done)`],
    [
      'web crypto',
      `crypto.subtle.generateKey({ name: 'RSA-OAEP', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }, true, ['encrypt', 'decrypt']).then(done)`,
    ],
    ['compression', `require('zlib').gzip(Buffer.alloc(3e6, 'ab'), done)`],
    ['brotli', `require('zlib').brotliCompress(Buffer.alloc(1e5, 'ab'), done)`],
    ['a child', `require('child_process').exec('sleep 0.1', done)`],
    ['a thread', `new (require('worker_threads').Worker)('setTimeout(() => {}, 50)', { eval: true }).on('exit', done)`],
    [
      'a web stream',
      `new Response(new Blob(['x'.repeat(1e6)]).stream().pipeThrough(new CompressionStream('gzip'))).arrayBuffer().then(done)`,
    ],
    ['a module', `import('node:test').then(done)`],
    ['immediates', `(function again(n) { n ? setImmediate(again, n - 1) : done() })(1000)`],
    [
      'a pipe of its own',
      `{ const net = require('net'); const server = net.createServer((s) => s.end('x')).listen(0, () => net.connect(server.address().port).on('data', () => {}).on('close', () => server.close(done))) }`,
    ],
    ['WebAssembly', `WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])).then(done)`],
  ])('%s', async (_, work) => {
    const spec = define(
      node(`async () => {
        const start = Date.now();
        const timer = setTimeout(() => {}, 1e6);
        const at = await new Promise((resolve) => { const done = () => resolve(Date.now() - start); ${work} });
        clearTimeout(timer);
        return at;
      }`),
    );
    expect((await ring(spec)).json).toBe(0);
  });

  test('ways out of virtual time are told, once for each function', async () => {
    const spec = define(
      node(`async () => {
        require('child_process').execSync('true');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
        await new Promise((resolve) => new (require('worker_threads').Worker)('', { eval: true }).on('exit', resolve));
        const { promisify } = require('util');
        return (await promisify(require('child_process').exec)('echo x')).stdout;
      }`),
    );
    const { json } = await ring(spec);
    await ring(spec);
    expect(json).toBe('x\n');
    const said = bench.warnings.filter((text) => text.includes(spec.functionName));
    expect(said).toEqual(
      ['child_process.execSync', 'Atomics.wait', 'worker_threads.Worker', 'child_process.exec'].map(
        (what) =>
          `Function ${spec.functionName} uses ${what}, which lives in real time. Virtual time stands still meanwhile.`,
      ),
    );
  });
});
