import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bench, createBench, node } from './fixtures.ts';

let bench: Bench;
beforeAll(async () => {
  bench = createBench();
  await bench.fleet.warmUp('nodejs22.x');
});
afterAll(() => bench.close());

const run = async (files: Record<string, string>, changes = {}, payload: unknown = {}) =>
  bench.invoke(bench.define(files, changes), payload);

describe('handlers (https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html)', () => {
  test('get the event byte for byte and answer with what they return', async () => {
    const spec = bench.define(node('async (event) => ({ got: event.text, big: event.n })'));
    const { payload, functionError } = await bench.invoke(spec, undefined, {
      payload: '{ "text": "żółw 🐢",  "n": 12345678901234567890 }',
    });
    expect(payload.toString()).toBe('{"got":"żółw 🐢","big":12345678901234567000}');
    expect(functionError).toBeUndefined();
  });

  test.each([
    ['src/deep/app.fn', { 'src/deep/app.js': 'exports.fn = async () => 1' }],
    ['index.api.get', { 'index.js': 'exports.api = { get: async () => 1 }' }],
    ['index.handler', { 'index.cjs': 'exports.handler = async () => 1' }],
    ['index.handler', { 'index.mjs': 'await null; export const handler = async () => 1' }],
    ['index.handler', { 'package.json': '{"type":"module"}', 'index.js': 'export const handler = async () => 1' }],
    [
      'lib/index.handler',
      { 'package.json': '{"type":"module"}', 'lib/index.js': 'export const handler = async () => 1' },
    ],
    ['index.handler', { 'index/index.js': 'exports.handler = async () => 1' }],
  ])('%s is found in %o', async (handler, files) => {
    expect((await run(files, { handler })).json).toBe(1);
  });

  test('may call back, throw synchronously, or use the context', async () => {
    expect((await run(node('(e, c, callback) => { setTimeout(() => callback(null, "later"), 5) }'))).json).toBe(
      'later',
    );
    expect((await run(node('(e, c) => c.succeed("done")'))).json).toBe('done');
    expect((await run(node('(e, c) => c.done(null, 7)'))).json).toBe(7);
    expect((await run(node('(e, c) => c.fail(new Error("no"))'))).json).toMatchObject({
      errorType: 'Error',
      errorMessage: 'no',
    });
    expect((await run(node('() => { throw new RangeError("sync") }'))).json).toMatchObject({ errorType: 'RangeError' });
    expect((await run(node('(e, c, callback) => callback("text")'))).json).toEqual({
      errorType: 'string',
      errorMessage: 'text',
      trace: [],
    });
  });

  test('that neither return a promise nor call back answer null when the event loop is empty', async () => {
    const result = await run(node('() => { setTimeout(() => console.log("late"), 10); return "ignored" }'));
    expect(result.payload.toString()).toBe('null');
    expect(result.output).toEqual([expect.stringContaining('\tINFO\tlate\n')]);
  });

  test('wait for an empty event loop after the callback unless the context says otherwise', async () => {
    const waits = '(e, c, cb) => { cb(null, 1); setTimeout(() => console.log("before the end"), 10) }';
    expect((await run(node(waits))).output).toHaveLength(1);
    const leaves =
      '(e, c, cb) => { c.callbackWaitsForEmptyEventLoop = false; cb(null, 1); setTimeout(() => console.log("x"), 60_000) }';
    const result = await run(node(leaves));
    expect([result.json, result.output]).toEqual([1, []]);
  });

  test('answer null for undefined', async () => {
    expect((await run(node('async () => {}'))).payload.toString()).toBe('null');
  });

  test('have a context with all fields', async () => {
    const spec = bench.define(
      node('async (e, c) => ({ ...c, left: c.getRemainingTimeInMillis(), kinds: [typeof c.done, typeof c.succeed] })'),
    );
    const { json, requestId, logStream } = await bench.invoke(spec, {}, { clientContext: '{"custom":{"a":1}}' });
    expect(json).toMatchObject({
      functionName: spec.functionName,
      functionVersion: '$LATEST',
      memoryLimitInMB: '256',
      logGroupName: spec.logGroup,
      logStreamName: logStream,
      clientContext: { custom: { a: 1 } },
      invokedFunctionArn: spec.functionArn,
      awsRequestId: requestId,
      callbackWaitsForEmptyEventLoop: true,
      kinds: ['function', 'function'],
    });
    expect(json.left).toBeGreaterThan(0);
    expect(json.left).toBeLessThanOrEqual(10_000);
  });

  test('with callbacks are refused by nodejs24.x, which removed them; sync results count there', async () => {
    const refused = await run(node('(event, context, callback) => callback(null, 1)'), { runtime: 'nodejs24.x' });
    expect(refused.json).toMatchObject({
      errorType: 'Runtime.CallbackHandlerDeprecated',
      errorMessage: expect.stringContaining('AWS Lambda has removed support for callback-based function handlers'),
    });
    const plain = await run(
      node('(event, context) => [typeof context.done, event.a]'),
      { runtime: 'nodejs24.x' },
      { a: 1 },
    );
    expect(plain.json).toEqual(['undefined', 1]);
  });

  test('whose promise never settles fail with Runtime.NodeJsExit', async () => {
    const result = await run(node('() => new Promise(() => {})'));
    expect(result.json).toMatchObject({ errorType: 'Runtime.NodeJsExit' });
  });
});

describe('errors (https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html)', () => {
  test('have a type, a message and a trace, and leave the sandbox warm', async () => {
    const spec = bench.define(
      node(
        'async function handler(e) { if (e.bad) throw Object.assign(new TypeError("bad"), { code: "E1" }); return 1 }',
      ),
    );
    const failed = await bench.invoke(spec, { bad: true });
    expect(failed.functionError).toBe('Unhandled');
    expect(Object.keys(failed.json)).toEqual(['errorType', 'errorMessage', 'trace']);
    expect(failed.json).toMatchObject({ errorType: 'TypeError', errorMessage: 'bad' });
    expect(failed.json.trace[0]).toBe('TypeError: bad');
    expect(failed.json.trace[1]).toContain('index.js:1');
    const [line] = failed.output;
    expect(line).toContain(
      `\t${failed.requestId}\tERROR\tInvoke Error \t{"errorType":"TypeError","errorMessage":"bad","code":"E1","stack":[`,
    );
    expect(failed.log.at(-1)).toMatch(
      /Max Memory Used: \d+ MB\tInit Duration: [\d.]+ ms\tStatus: error\tError Type: TypeError\n$/,
    );
    expect(await bench.invoke(spec)).toMatchObject({ json: 1, cold: false });
  });

  test('of runtimes before Node.js 10 have a stackTrace, and their log lines no level', async () => {
    const source = 'function handler(event, context) { console.log("x"); throw new Error("old") }';
    const { json, output } = await run(node(source), { runtime: 'nodejs8.10' });
    expect(Object.keys(json)).toEqual(['errorMessage', 'errorType', 'stackTrace']);
    expect(json.stackTrace[0]).toMatch(/^handler \(|^exports\.handler \(|^runBuffered \(/);
    expect(output[0]).toMatch(/^\S+Z\t\S+\tx\n$/);
  });

  test.each([
    ['Runtime.ImportModuleError', "Error: Cannot find module 'index'", {}, 'index.handler'],
    [
      'Runtime.ImportModuleError',
      "Error: Cannot find module 'absent'",
      { 'index.js': 'require("absent")' },
      'index.handler',
    ],
    ['Runtime.HandlerNotFound', 'index.absent is undefined or not exported', { 'index.js': '' }, 'index.absent'],
    ['Runtime.HandlerNotFound', 'index.x is not a function', { 'index.js': 'exports.x = 1' }, 'index.x'],
    ['Runtime.UserCodeSyntaxError', 'SyntaxError: ', { 'index.js': 'exports.handler = {' }, 'index.handler'],
    ['Runtime.MalformedHandlerName', "'../x.y' is not a valid handler name", {}, '../x.y'],
    ['Runtime.MalformedHandlerName', 'Bad handler', {}, 'noDot'],
    ['ReferenceError', 'missing is not defined', { 'index.js': 'missing()' }, 'index.handler'],
    [
      'Runtime.UnhandledPromiseRejection',
      'Error: early',
      {
        'index.js':
          'Promise.reject(new Error("early")); exports.handler = async () => await new Promise(() => setInterval(() => {}, 1000))',
      },
      'index.handler',
    ],
    [
      'Runtime.NodeJsExit',
      'The Lambda runtime client detected',
      { 'index.mjs': 'await new Promise(() => {})' },
      'index.handler',
    ],
  ])('%s: %s', async (errorType, message, files, handler) => {
    const { json, functionError } = await run({ 'other.txt': '', ...files }, { handler });
    expect(json.errorType).toBe(errorType);
    expect(json.errorMessage.startsWith(message) || json.errorMessage).toBe(true);
    expect(functionError).toBe('Unhandled');
  });

  test('of the init phase are tried once more within the invocation, as INIT_REPORT lines say', async () => {
    const { log, requestId, cold } = await run({ 'index.js': 'console.log("loading"); throw new Error("init")' });
    expect(cold).toBe(true);
    expect(log.map((line) => line.replace(/[\d.]+ ms/g, 'N ms'))).toEqual([
      expect.stringMatching(
        /^INIT_START Runtime Version: nodejs:22\.v1\tRuntime Version ARN: arn:aws:lambda:eu-central-1::runtime:[0-9a-f]{64}\n$/,
      ),
      expect.stringMatching(/\tundefined\tINFO\tloading\n$/),
      expect.stringContaining('\tundefined\tERROR\tUncaught Exception \t{"errorType":"Error","errorMessage":"init"'),
      'INIT_REPORT Init Duration: N ms\tPhase: init\tStatus: error\tError Type: Error\n',
      expect.stringMatching(/\tloading\n$/),
      expect.stringContaining('Uncaught Exception'),
      'INIT_REPORT Init Duration: N ms\tPhase: invoke\tStatus: error\tError Type: Error\n',
      `START RequestId: ${requestId} Version: $LATEST\n`,
      `END RequestId: ${requestId}\n`,
      expect.stringMatching(
        /^REPORT RequestId: .*\tMemory Size: 256 MB\tMax Memory Used: \d+ MB\tStatus: error\tError Type: Error\n$/,
      ),
    ]);
  });

  test('that nobody catches end the process after they were reported', async () => {
    const spec = bench.define(
      node(
        'async () => { setTimeout(() => { throw new Error("stray") }, 1); await new Promise((r) => setTimeout(r, 60_000)) }',
      ),
    );
    const first = await bench.invoke(spec);
    expect(first.json).toMatchObject({ errorType: 'Error', errorMessage: 'stray' });
    expect(first.output[0]).toContain('\tERROR\tUncaught Exception \t{');
    expect(await bench.invoke(spec)).toMatchObject({ cold: true });
  });

  test('Runtime.UnhandledPromiseRejection in an invocation', async () => {
    const { json, output } = await run(
      node('async () => { Promise.reject(new Error("lost")); await new Promise((r) => setTimeout(r, 60_000)) }'),
    );
    expect(json).toMatchObject({ errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'Error: lost' });
    expect(output[0]).toContain(
      '\tERROR\tUnhandled Promise Rejection \t{"errorType":"Runtime.UnhandledPromiseRejection"',
    );
  });

  test('results that JSON cannot hold', async () => {
    const { json } = await run(node('async () => { const a = {}; a.a = a; return a }'));
    expect(json).toMatchObject({ errorType: 'Error', errorMessage: 'Unable to stringify response body' });
    expect((await run(node('async () => 10n'))).json.errorMessage).toBe('Unable to stringify response body');
  });
});

describe('streaming (https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html)', () => {
  const pieces =
    'awslambda.streamifyResponse(async (event, stream) => { stream.setContentType("text/plain"); stream.write("one "); stream.write({ two: 2 }); stream.end() })';

  test('parts arrive as they are written, or gathered', async () => {
    const spec = bench.define(node(pieces));
    const gathered = await bench.invoke(spec);
    expect(gathered).toMatchObject({ streamed: true, contentType: 'text/plain' });
    expect(gathered.payload.toString()).toBe('one {"two":2}');
    const parts: string[] = [];
    const streamed = await bench.invoke(spec, {}, { onChunk: (chunk) => parts.push(chunk.toString()) });
    expect(parts).toEqual(['one ', '{"two":2}']);
    expect(streamed.payload).toHaveLength(0);
  });

  test('HttpResponseStream puts the status and eight zeros in front', async () => {
    const { payload, contentType } = await run(
      node(
        'awslambda.streamifyResponse(async (e, stream) => { const http = awslambda.HttpResponseStream.from(stream, { statusCode: 201 }); http.write("body"); http.end() })',
      ),
    );
    expect(contentType).toBe('application/vnd.awslambda.http-integration-response');
    expect(payload.toString()).toBe(`{"statusCode":201}${'\0'.repeat(8)}body`);
  });

  test('a stream that is never ended, a handler that is not async, and an error in the middle', async () => {
    const unfinished = await run(node('awslambda.streamifyResponse(async (e, stream) => { stream.write("x") })'));
    expect(unfinished.json).toMatchObject({ errorMessage: 'Response stream is not finished.' });
    const sync = await run(node('awslambda.streamifyResponse((e, stream) => stream.end("x"))'));
    expect(sync.json).toMatchObject({ errorMessage: 'Streaming does not support non-async handlers.' });
    const broken = await run(
      node('awslambda.streamifyResponse(async (e, stream) => { stream.write("x"); throw new Error("half") })'),
    );
    expect(broken).toMatchObject({ functionError: 'Unhandled', json: { errorType: 'Error', errorMessage: 'half' } });
  });
});

describe('logs (https://docs.aws.amazon.com/lambda/latest/dg/nodejs-logging.html)', () => {
  test('a console call is one event, raw output is cut into lines, all in order and before END', async () => {
    const { log, requestId } = await run(
      node(
        'async () => { console.log("a\\nb %d", 1); process.stdout.write("raw\\ntwo\\n"); console.error("e"); process.stderr.write("no newline") }',
      ),
    );
    const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\t/;
    const lines = log.slice(2, -2);
    expect(lines.map((line) => line.replace(time, ''))).toEqual([
      `${requestId}\tINFO\ta\nb 1\n`,
      'raw\n',
      'two\n',
      `${requestId}\tERROR\te\n`,
      'no newline',
    ]);
    expect(lines[0]).toMatch(time);
    expect(log.slice(-2)).toEqual([
      `END RequestId: ${requestId}\n`,
      expect.stringMatching(
        /^REPORT RequestId: \S+\tDuration: \d+\.\d\d ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\tMax Memory Used: \d+ MB\tInit Duration: \d+\.\d\d ms\t\n$/,
      ),
    ]);
  });

  test('as JSON, with levels', async () => {
    const spec = bench.define(
      node(
        'async () => { console.debug("hidden"); console.log({ a: 1 }); console.warn("w", new TypeError("t")); process.stdout.write(\'{"level":"debug"}\\n{"level":"error"}\\n\') }',
      ),
      { logFormat: 'JSON', applicationLogLevel: 'INFO', systemLogLevel: 'INFO' },
    );
    const { log, requestId, logStream } = await bench.invoke(spec);
    const events = log.map((line) => JSON.parse(line));
    expect(events.map((event) => event.type ?? event.level)).toEqual([
      'platform.initStart',
      'platform.start',
      'INFO',
      'WARN',
      'error',
      'platform.report',
    ]);
    expect(events[0].record).toMatchObject({
      initializationType: 'on-demand',
      phase: 'init',
      runtimeVersion: 'nodejs:22.v1',
      functionName: spec.functionName,
      functionVersion: '$LATEST',
      instanceId: logStream,
      instanceMaxMemory: 268435456,
    });
    expect(events[1].record).toEqual({ requestId, functionArn: spec.functionArn, version: '$LATEST' });
    expect(events[2]).toEqual({ timestamp: expect.any(String), level: 'INFO', requestId, message: { a: 1 } });
    expect(events[3]).toMatchObject({ errorType: 'TypeError', errorMessage: 't', stackTrace: expect.any(Array) });
    expect(events[5].record).toEqual({
      requestId,
      metrics: {
        durationMs: expect.any(Number),
        billedDurationMs: expect.any(Number),
        memorySizeMB: 256,
        maxMemoryUsedMB: expect.any(Number),
        initDurationMs: expect.any(Number),
      },
      status: 'success',
    });
  });

  test('as JSON, at the debug and warning levels of the system', async () => {
    const types = async (systemLogLevel: string, source: string) =>
      (await run(node(source), { logFormat: 'JSON', systemLogLevel })).log
        .map((line) => JSON.parse(line).type)
        .filter(Boolean);
    expect(await types('DEBUG', 'async () => 1')).toEqual([
      'platform.initStart',
      'platform.initRuntimeDone',
      'platform.initReport',
      'platform.start',
      'platform.runtimeDone',
      'platform.report',
    ]);
    expect(await types('WARN', 'async () => 1')).toEqual([]);
    expect(await types('WARN', 'async () => { throw 1 }')).toEqual(['platform.runtimeDone', 'platform.report']);
  });
});

describe('surroundings', () => {
  test("are Lambda's variables, the user's, and nothing of the engine's", async () => {
    const spec = bench.define(
      node('async () => ({ env: process.env, cwd: process.cwd(), utc: String(new Date(0)) })'),
      {
        environment: { MINE: 'ę', AWS_REGION: 'cannot-be-set', NODE_ENV: 'production' },
        layers: ['/layers/one', '/layers/two'],
      },
    );
    const { json, logStream } = await bench.invoke(spec, {}, { traceId: 'Root=1-2-3' });
    expect(json.env).toEqual({
      MINE: 'ę',
      NODE_ENV: 'production',
      _HANDLER: 'index.handler',
      _X_AMZN_TRACE_ID: 'Root=1-2-3',
      AWS_ACCESS_KEY_ID: 'AKIA',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_SESSION_TOKEN: 'token',
      AWS_REGION: 'eu-central-1',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      AWS_DISABLE_HOST_PREFIX_INJECTION: 'true',
      AWS_LAMBDA_FUNCTION_NAME: spec.functionName,
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '256',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: spec.logGroup,
      AWS_LAMBDA_LOG_STREAM_NAME: logStream,
      AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
      AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:2000',
      LAMBDA_TASK_ROOT: spec.codeDirectory,
      LAMBDA_RUNTIME_DIR: expect.stringMatching(/runtimes\/node$/),
      LANG: 'en_US.UTF-8',
      TZ: ':UTC',
      TMPDIR: expect.stringContaining('private'),
      PATH: expect.stringMatching(/:\/usr\/bin:\/bin:\/layers\/two\/bin:\/layers\/one\/bin$/),
      LD_LIBRARY_PATH: expect.stringContaining(`:${spec.codeDirectory}/lib:`),
      NODE_PATH: expect.stringMatching(
        /^\/layers\/two\/nodejs\/node22\/node_modules:\/layers\/two\/nodejs\/node_modules:\/layers\/one/,
      ),
    });
    expect(json.cwd).toBe(spec.codeDirectory);
    expect(json.utc).toContain('00:00:00 GMT+0000');
    expect(logStream).toMatch(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/);
  });

  test('the log stream carries the name of the function in a log group of another name', async () => {
    const { logStream } = await run(node('async () => 1'), { functionName: 'mine', logGroup: '/shared' });
    expect(logStream).toMatch(/^\d{4}\/\d\d\/\d\d\/mine\[\$LATEST\][0-9a-f]{32}$/);
  });

  test('modules come from layers', async () => {
    const layer = bench.define({ 'nodejs/node_modules/helper/index.js': 'module.exports = 42' }).codeDirectory;
    expect(
      (await run({ 'index.js': 'exports.handler = async () => require("helper")' }, { layers: [layer] })).json,
    ).toBe(42);
  });

  test('options of Node apply, though pre-started processes cannot take them', async () => {
    const { json } = await run(node('async () => [typeof gc, process.execArgv]'), {
      environment: { NODE_OPTIONS: '--expose-gc' },
    });
    expect(json).toEqual(['function', []]);
  });

  test('temporary files live in a private directory that goes with the sandbox', async () => {
    const spec = bench.define(
      node('async () => { const f = require("os").tmpdir() + "/x"; require("fs").writeFileSync(f, "1"); return f }'),
    );
    const { json: file } = await bench.invoke(spec);
    writeFileSync(join(file, '..', 'y'), 'it is there');
    bench.fleet.retire(spec.key);
    await expect.poll(() => bench.fleet.running(spec.key)).toBe(0);
    await expect.poll(() => throwing(() => writeFileSync(file, ''))).toBe('ENOENT');
  });
});

function throwing(action: () => void): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}
