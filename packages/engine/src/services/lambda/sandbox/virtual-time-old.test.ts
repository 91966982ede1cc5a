/* Virtual time on the Node.js of before 16, and on Python 2.7: what waits for a moment takes no time, as LambdaClock does. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EngineClock } from '../../../kernel/clock.ts';
import { type Bench, createBench, python } from './fixtures.ts';
import { createInterpreterFinder } from './interpreters.ts';

const START = Date.UTC(2026, 0, 1, 0, 0, 2);

let clock: EngineClock;
let bench: Bench;
let server: Server;
beforeAll(async () => {
  clock = new EngineClock({ virtual: true, start: START });
  bench = createBench({ clock });
  server = createServer((_, response) => response.end('at once'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.close();
  await bench.close();
});

async function ring(runtime: string, files: Record<string, string>, payload: unknown = {}) {
  let over = false;
  const spec = bench.define(files, { runtime, timeoutMs: 3_600_000 });
  const ringing = bench.invoke(spec, payload).finally(() => {
    over = true;
  });
  await clock.runUntil(() => over, { atMost: '1 day' });
  return ringing;
}

const LIMIT = { timeout: 120_000 };

describe.for(['nodejs', 'nodejs4.3', 'nodejs6.10', 'nodejs8.10', 'nodejs10.x', 'nodejs12.x', 'nodejs14.x'])(
  '%s',
  (runtime) => {
    test('a wait for the end of the minute, a request, and other timers', LIMIT, async ({ skip }) => {
      const code = `
      var http = require('http');
      exports.handler = function (event, context) {
        var start = Date.now(), lines = [];
        var log = function (text) { lines.push(text + ' ' + (Date.now() - start)); };
        var ticks = 0;
        var ticker = setInterval(function () {
          log('tick');
          if (++ticks === 2) clearInterval(ticker);
        }, 10000);
        clearTimeout(setTimeout(function () { log('never'); }, 5));
        setTimeout(function (word) {
          log(word);
          http.get({ host: '127.0.0.1', port: event.port }, function (response) {
            response.resume();
            response.on('end', function () {
              log('answered');
              setTimeout(function () {
                log('later');
                lines.push(new Date() - start, process.hrtime()[0] >= 60, new Date().getTime() === Date.now());
                context.succeed(lines);
              }, 3000);
            });
          });
        }, (59 - new Date().getSeconds()) * 1000, 'minute');
      };`;
      const before = clock.now();
      const seconds = new Date(before).getUTCSeconds();
      const wait = (59 - seconds) * 1000;
      const { json } = await ring(runtime, { 'index.js': code }, { port: (server.address() as AddressInfo).port });
      const missing = bench.warnings.find((warning) => warning.startsWith(`${runtime} runs on`));
      skip(missing !== undefined, missing);
      const lines = [
        ['tick', 10_000],
        ['tick', 20_000],
        ['minute', wait],
        ['answered', wait],
      ].toSorted(([, one], [, other]) => Number(one) - Number(other));
      expect(json).toEqual([
        ...lines.map((line) => line.join(' ')),
        `later ${wait + 3000}`,
        ...[wait + 3000, wait + 3000 >= 60_000, true],
      ]);
    });
  },
);

test('python2.7', async ({ skip }) => {
  skip(!(await createInterpreterFinder().find('python2.7'))?.exact, 'python2.7 is not on this machine');
  const body = `
start, clock = time.time(), time.clock()
moments = [datetime.datetime.utcnow(), datetime.datetime.now(), datetime.date.today()]
event = threading.Event()
time.sleep(59.5)
slept = time.time() - start
event.wait(0.5)
return [
    round(start * 1000), moments[0].isoformat(), (moments[1] - moments[0]).total_seconds(), str(moments[2]),
    slept, round(time.time() - start, 3), round(time.clock() - clock, 3), time.strftime('%S', time.gmtime()),
    int(context.get_remaining_time_in_millis())]`;
  const before = clock.now();
  const { json, durationMs } = await ring('python2.7', python(body, 'import datetime, threading, time'));
  const iso = new Date(before).toISOString();
  const seconds = String(new Date(before).getUTCSeconds()).padStart(2, '0');
  expect(json).toEqual([
    ...[before, expect.stringContaining(iso.slice(0, 19)), expect.closeTo(0), iso.slice(0, 10)],
    ...[59.5, 60, 60, seconds, 3_600_000 - 60_000],
  ]);
  expect(durationMs).toBe(60_000);
});
