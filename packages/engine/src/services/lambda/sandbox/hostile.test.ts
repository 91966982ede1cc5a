import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bench, createBench, isAlive, node, python } from './fixtures.ts';
import { LIMITS } from './spec.ts';

let bench: Bench;
beforeAll(async () => {
  bench = createBench();
  await bench.fleet.warmUp('nodejs22.x');
});
afterAll(() => bench.close());

const run = async (files: Record<string, string>, changes = {}) => bench.invoke(bench.define(files, changes));
const ended = (requestId: string, words: string, errorType = 'Runtime.ExitError') => ({
  errorType,
  errorMessage: `RequestId: ${requestId} Error: ${words}`,
});

test.each([
  ['an infinite loop', 'async () => { console.log("before"); for (;;); }'],
  ['an answer that never comes', '(e, c, cb) => { console.log("before"); setInterval(() => {}, 1000) }'],
])('%s times out', async (_, handler) => {
  const spec = bench.define(node(handler), { timeoutMs: 300 });
  const first = await bench.invoke(spec);
  expect(first).toMatchObject({ functionError: 'Unhandled', durationMs: 300 });
  expect(first.json).toEqual(ended(first.requestId, 'Task timed out after 0.30 seconds', 'Sandbox.Timedout'));
  expect(first.log.slice(-4)).toEqual([
    expect.stringMatching(/\tINFO\tbefore\n$/),
    expect.stringMatching(new RegExp(`^\\d{4}-\\S+Z ${first.requestId} Task timed out after 0\\.30 seconds\\n\\n$`)),
    `END RequestId: ${first.requestId}\n`,
    expect.stringMatching(/\tDuration: 300\.00 ms\t.*\tInit Duration: [\d.]+ ms\tStatus: timeout\n$/),
  ]);
  expect((await bench.invoke(spec)).cold).toBe(true);
});

test.each([
  ['process.exit(1)', 'Runtime exited with error: exit status 1'],
  ['process.exit(0)', 'Runtime exited without providing a reason'],
  ['process.kill(process.pid, "SIGKILL")', 'Runtime exited with error: signal: killed'],
  ['process.kill(process.pid, "SIGSEGV")', 'Runtime exited with error: signal: segmentation fault'],
  ['process.abort()', 'Runtime exited with error: signal: aborted'],
])('%s in a handler ends the runtime, with all output before it', async (exit, words) => {
  const { json, requestId, output, log } = await run(
    node(
      `async () => { console.log("one"); require("fs").writeSync(1, "two\\n"); ${exit}; await new Promise(() => setInterval(() => {}, 1e6)) }`,
    ),
  );
  expect(json).toEqual(ended(requestId, words));
  expect(output.filter((line) => /(one|two)\n$/.test(line))).toHaveLength(2);
  expect(log.at(-1)).toMatch(/\tStatus: error\tError Type: Runtime.ExitError\n$/);
});

test('an exit while the code is loaded fails the init phase twice', async () => {
  const { json, requestId, log } = await run({ 'index.js': 'process.exit(7)' });
  expect(json).toEqual(ended(requestId, 'Runtime exited with error: exit status 7'));
  expect(log.filter((line) => line.startsWith('INIT_REPORT'))).toEqual([
    expect.stringMatching(/Phase: init\tStatus: error\tError Type: Runtime.ExitError\n$/),
    expect.stringMatching(/Phase: invoke\tStatus: error\tError Type: Runtime.ExitError\n$/),
  ]);
});

test('an init phase that only fails the first time serves the request', async () => {
  const marker = `${bench.directory}/second-time`;
  const source = `const fs = require("fs"); if (!fs.existsSync("${marker}")) { fs.writeFileSync("${marker}", ""); process.exit(1) } exports.handler = async () => "served"`;
  const { json, log } = await run({ 'index.js': source });
  expect(json).toBe('served');
  expect(log.at(-1)).not.toContain('Init Duration');
});

test('garbage on the channel ends the sandbox, not the engine', async () => {
  const garbage = await run(
    node(
      'async () => { require("fs").writeSync(3, "GET / HTTP/1.1\\r\\n\\r\\n".repeat(100)); await new Promise((r) => setTimeout(r, 60_000)) }',
    ),
  );
  expect(garbage.json).toEqual(ended(garbage.requestId, 'Runtime exited with error: signal: killed'));
  const closed = await run(node('async () => { require("fs").closeSync(3); return 1 }'));
  expect(closed.json.errorType).toBe('Runtime.ExitError');
  expect((await run(node('async () => 1'))).json).toBe(1);
});

test('frames that nobody asked for are ignored', async () => {
  const frame = `(type, body) => { const h = Buffer.from(JSON.stringify({ type })); const p = Buffer.alloc(8); p.writeUInt32BE(h.length, 0); p.writeUInt32BE(body.length, 4); require("fs").writeSync(3, Buffer.concat([p, h, Buffer.from(body)])) }`;
  const spec = bench.define(
    node(
      `async () => { const send = ${frame}; send("ready", ""); send("unknown", "x"); send("init-error", "{}"); return 1 }`,
    ),
  );
  expect((await bench.invoke(spec)).json).toBe(1);
  expect(await bench.invoke(spec)).toMatchObject({ json: 1, cold: false });
});

test.each([
  ['node', node('async () => "x".repeat(7_000_000)'), 'nodejs22.x'],
  [
    'node, streamed',
    node(
      'awslambda.streamifyResponse(async (e, s) => { for (let i = 0; i < 70; i++) s.write("x".repeat(100_000)); s.end() })',
    ),
    'nodejs22.x',
  ],
  ['python', python('return "x" * 7000000'), 'python3.12'],
])('a result over 6 MB is refused (%s)', async (_, files, runtime) => {
  const spec = bench.define(files, { runtime });
  const result = await bench.invoke(spec);
  expect(result.json).toEqual({
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
  });
  expect((await bench.invoke(spec)).cold).toBe(false);
});

test('a result of exactly the limit passes, and an event of 6 MB arrives', async () => {
  const spec = bench.define(node('async (event) => event.length === 6_000_000 && "x".repeat(6_291_554)'));
  expect((await bench.invoke(spec, 'e'.repeat(6_000_000))).payload).toHaveLength(LIMITS.responseBytes);
});

test('memory over the limit kills the function', async () => {
  const source =
    'async () => { const all = []; for (;;) { all.push(Buffer.alloc(10e6, 1)); await new Promise(setImmediate) } }';
  const { json, requestId, log, memoryUsedMb } = await run(node(source), { memoryMb: 128 });
  expect(json).toEqual(ended(requestId, 'Runtime exited with error: signal: killed', 'Runtime.OutOfMemory'));
  expect(memoryUsedMb).toBe(128);
  expect(log.at(-1)).toMatch(
    /\tMemory Size: 128 MB\tMax Memory Used: 128 MB\t.*\tStatus: error\tError Type: Runtime.OutOfMemory\n$/,
  );
});

test('a flood of output is bounded, and so is a line', async () => {
  let bytes = 0;
  let longest = 0;
  let last = '';
  const flood = bench.define(
    node(
      'async () => { const line = "x".repeat(1023) + "\\n"; for (let i = 0; i < 80_000; i++) process.stdout.write(line); return 1 }',
    ),
    { timeoutMs: 30_000 },
  );
  const result = await bench.invoke(
    flood,
    {},
    {
      onLog: (line) => {
        bytes += line.message.length;
        if (line.message.startsWith('LOGS_DROPPED')) last = line.message;
      },
    },
  );
  expect(result.json).toBe(1);
  expect(bytes).toBeLessThan(LIMITS.logBytes + 10_000);
  expect(last).toBe('LOGS_DROPPED Records: 14464\tBytes: 14811136\n');
  const endless = bench.define(
    node('async () => { require("fs").writeSync(1, "y".repeat(1e6)); console.log("z".repeat(1e6)); return 1 }'),
  );
  await bench.invoke(
    endless,
    {},
    {
      onLog: (line) => {
        longest = Math.max(longest, line.message.length);
      },
    },
  );
  expect(longest).toBe(LIMITS.lineBytes);
});

test('closed or redirected output harms nobody', async () => {
  expect(
    (
      await run(
        node('async () => { require("fs").closeSync(1); require("fs").closeSync(2); console.log("still"); return 1 }'),
      )
    ).json,
  ).toBe(1);
  const { json, output } = await run(python('sys.stdout.close()\nsys.stderr = None\nreturn 1', 'import sys'), {
    runtime: 'python3.12',
  });
  expect([json, output]).toEqual([1, []]);
});

test('children of a function end with it', async () => {
  const source = `async () => { const child = require("child_process").spawn("sleep", ["1000"]); return child.pid }`;
  const spec = bench.define(node(source));
  const { json: pid } = await bench.invoke(spec);
  expect(isAlive(pid)).toBe(true);
  bench.fleet.retire(spec.key);
  await expect.poll(() => isAlive(pid)).toBe(false);
});
