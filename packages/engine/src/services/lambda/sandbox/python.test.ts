import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bench, createBench, python } from './fixtures.ts';
import { createInterpreterFinder } from './interpreters.ts';

const found = await createInterpreterFinder().find('python3.12');

let bench: Bench;
beforeAll(async () => {
  bench = createBench();
  await bench.fleet.warmUp('python3.12');
});
afterAll(() => bench.close());

const run = async (files: Record<string, string>, changes = {}, payload: unknown = {}) =>
  bench.invoke(bench.define(files, { runtime: 'python3.12', ...changes }), payload);

describe.skipIf(!found)('handlers (https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html)', () => {
  test.each([
    ['index.handler', 'index.py'],
    ['app/main.handler', 'app/main.py'],
    ['app.main.handler', 'app/main.py'],
  ])('%s is found in %s', async (handler, file) => {
    expect((await run({ [file]: 'def handler(event, context): return event["a"]' }, { handler }, { a: 1 })).json).toBe(
      1,
    );
  });

  test('results are JSON as Python writes it, with Decimals as numbers', async () => {
    const files = python(
      'return {"a": [1, 2.5, None, True], "d": Decimal("1.10"), "t": "ż"}',
      'from decimal import Decimal',
    );
    expect((await run(files)).payload.toString()).toBe('{"a": [1, 2.5, null, true], "d": 1.10, "t": "ż"}');
    const old = await run(files, { runtime: 'python3.11' });
    expect(old.payload.toString()).toBe('{"a": [1, 2.5, null, true], "d": 1.10, "t": "\\u017c"}');
  });

  test('have a context with all fields (https://docs.aws.amazon.com/lambda/latest/dg/python-context.html)', async () => {
    const spec = bench.define(
      python(
        'fields = ["function_name", "function_version", "invoked_function_arn", "memory_limit_in_mb", "aws_request_id", "log_group_name", "log_stream_name"]\n' +
          'left = context.get_remaining_time_in_millis()\n' +
          'return [{name: getattr(context, name) for name in fields}, 0 < left <= 10000, context.client_context.client.app_title, context.client_context.custom, context.identity.cognito_identity_id]',
      ),
      { runtime: 'python3.12' },
    );
    const clientContext = '{"client":{"app_title":"app"},"custom":{"a":1}}';
    const { json, requestId, logStream } = await bench.invoke(spec, {}, { clientContext });
    const fields = {
      function_name: spec.functionName,
      function_version: '$LATEST',
      invoked_function_arn: spec.functionArn,
      memory_limit_in_mb: '256',
      aws_request_id: requestId,
      log_group_name: spec.logGroup,
      log_stream_name: logStream,
    };
    expect(json).toEqual([fields, true, 'app', { a: 1 }, null]);
  });

  test("see Lambda's variables, the user's, and nothing of the engine's", async () => {
    const layer = bench.define({ 'python/helper.py': 'x = 7' }).codeDirectory;
    const files = python('return [dict(os.environ), os.getcwd(), helper.x, time.tzname[0]]', 'import os, time, helper');
    const { json } = await run(files, { environment: { MINE: '1', TZ: 'Europe/Warsaw' }, layers: [layer] });
    expect(Object.keys(json[0]).toSorted()).toEqual([
      'AWS_ACCESS_KEY_ID',
      'AWS_DEFAULT_REGION',
      'AWS_DISABLE_HOST_PREFIX_INJECTION',
      'AWS_ENDPOINT_URL',
      'AWS_EXECUTION_ENV',
      'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
      'AWS_LAMBDA_FUNCTION_NAME',
      'AWS_LAMBDA_FUNCTION_VERSION',
      'AWS_LAMBDA_INITIALIZATION_TYPE',
      'AWS_LAMBDA_LOG_GROUP_NAME',
      'AWS_LAMBDA_LOG_STREAM_NAME',
      'AWS_REGION',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_SESSION_TOKEN',
      'AWS_XRAY_CONTEXT_MISSING',
      'AWS_XRAY_DAEMON_ADDRESS',
      'LAMBDA_RUNTIME_DIR',
      'LAMBDA_TASK_ROOT',
      'LANG',
      'LD_LIBRARY_PATH',
      'MINE',
      'PATH',
      'PYTHONPATH',
      'TMPDIR',
      'TZ',
      '_HANDLER',
    ]);
    expect(json.slice(1)).toEqual([json[0].LAMBDA_TASK_ROOT, 7, 'CET']);
  });
});

describe.skipIf(!found)('errors (https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html)', () => {
  test('have message, type, request id and stack trace, in this order, and leave the sandbox warm', async () => {
    const spec = bench.define(python('if event.get("bad"): raise KeyError("k")\nreturn 1'), { runtime: 'python3.12' });
    const failed = await bench.invoke(spec, { bad: true });
    expect(failed.payload.toString()).toBe(
      `{"errorMessage": "'k'", "errorType": "KeyError", "requestId": "${failed.requestId}", "stackTrace": ["  File \\"/var/task/index.py\\", line 3, in handler\\n    if event.get(\\"bad\\"): raise KeyError(\\"k\\")\\n"]}`,
    );
    expect(failed.output).toEqual([
      `[ERROR] KeyError: 'k'\nTraceback (most recent call last):\n\u00a0\u00a0File "/var/task/index.py", line 3, in handler\n\u00a0\u00a0\u00a0\u00a0if event.get("bad"): raise KeyError("k")`,
    ]);
    expect(await bench.invoke(spec)).toMatchObject({ json: 1, cold: false });
  });

  test.each([
    [
      'Runtime.ImportModuleError',
      "Unable to import module 'index': No module named 'index'",
      { 'x.py': '' },
      'index.handler',
    ],
    [
      'Runtime.ImportModuleError',
      "Unable to import module 'index': No module named 'absent'",
      { 'index.py': 'import absent' },
      'index.handler',
    ],
    ['Runtime.HandlerNotFound', "Handler 'handler' missing on module 'index'", { 'index.py': '' }, 'index.handler'],
    ['Runtime.UserCodeSyntaxError', "Syntax error in module 'index': ", { 'index.py': 'def (' }, 'index.handler'],
    ['Runtime.MalformedHandlerName', "Bad handler 'noDot': ", { 'x.py': '' }, 'noDot'],
    ['Runtime.BuiltInModuleConflict', 'Cannot use built-in module sys as a handler module', { 'x.py': '' }, 'sys.exit'],
    ['NameError', "name 'missing' is not defined", { 'index.py': 'missing' }, 'index.handler'],
  ])('%s: %s', async (errorType, message, files, handler) => {
    const { json, log } = await run(files, { handler });
    expect(json).toMatchObject({ errorType, requestId: '' });
    expect(json.errorMessage.startsWith(message) || json.errorMessage).toBe(true);
    expect(log[1]).toMatch(/^\[WARNING\]\t\S+Z\t\tLAMBDA_WARNING: Unhandled exception\. /);
    expect(log[2]!.startsWith(`[ERROR] ${errorType}: ${message}`) || log[2]).toBe(true);
    expect(log[3]).toMatch(new RegExp(`\\tPhase: init\\tStatus: error\\tError Type: ${errorType}\\n$`));
  });

  test('results that JSON cannot hold', async () => {
    expect((await run(python('return {1, 2}'))).json).toMatchObject({
      errorType: 'Runtime.MarshalError',
      errorMessage: 'Unable to marshal response: Object of type set is not JSON serializable',
    });
  });

  test.each([
    ['sys.exit(3)', 'Runtime exited with error: exit status 3'],
    ['sys.exit()', 'Runtime exited without providing a reason'],
    ['os._exit(0)', 'Runtime exited without providing a reason'],
  ])('%s ends the runtime', async (exit, words) => {
    const { json, log, requestId } = await run(python(`print("last", end="")\n${exit}`, 'import os, sys'));
    expect(json).toEqual({ errorType: 'Runtime.ExitError', errorMessage: `RequestId: ${requestId} Error: ${words}` });
    expect(log.at(-3)).toBe('last');
    expect(log.at(-1)).toMatch(/\tStatus: error\tError Type: Runtime.ExitError\n$/);
  });
});

describe.skipIf(!found)('logs (https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html)', () => {
  test('printed and logged lines, and those of children, come in order', async () => {
    const head = 'import logging, os, sys\nlogging.getLogger().setLevel("INFO")';
    const body =
      'print("one\\ntwo")\nlogging.info("a\\nb")\nprint("three", file=sys.stderr)\nlogging.debug("no")\nlogging.getLogger("x").warning("w")\nos.system("echo child")';
    const { output, requestId } = await run(python(body, head));
    expect(output.map((line) => line.replace(/\d{4}-\S+Z/, 'TIME'))).toEqual([
      'one\n',
      'two\n',
      `[INFO]\tTIME\t${requestId}\ta\nb\n`,
      'three\n',
      `[WARNING]\tTIME\t${requestId}\tw\n`,
      'child\n',
    ]);
  });

  test('as JSON', async () => {
    const head = 'import logging';
    const body =
      'logging.info("hidden")\ntry:\n    1 / 0\nexcept ZeroDivisionError:\n    logging.getLogger("mine").exception("oops", extra={"k": 1})\nraise ValueError("v")';
    const { output, requestId } = await run(python(body, head), { logFormat: 'JSON', applicationLogLevel: 'WARN' });
    const [logged, failed] = output.map((line) => JSON.parse(line)).filter((event) => !event.type);
    expect(logged).toMatchObject({
      level: 'ERROR',
      message: 'oops',
      logger: 'mine',
      errorType: 'ZeroDivisionError',
      errorMessage: 'division by zero',
      requestId,
      k: 1,
    });
    expect(failed).toMatchObject({ level: 'ERROR', errorType: 'ValueError', errorMessage: 'v', requestId });
  });
});

describe.each(['python2.7', 'python3.6', 'python3.8', 'python3.13'])('%s', async (runtime) => {
  const interpreter = await createInterpreterFinder().find(runtime);

  test.skipIf(!interpreter?.exact)('runs a function, its output and its errors', async () => {
    const head =
      '# -*- coding: utf-8 -*-\nfrom __future__ import print_function\nimport logging, sys\nlogging.getLogger().setLevel("INFO")';
    const files = python(
      'print("żółw")\nlogging.info("logged")\nif event.get("bad"): raise ValueError("no")\nreturn {"v": list(sys.version_info[:2])}',
      head,
    );
    const spec = bench.define(files, { runtime });
    const good = await bench.invoke(spec);
    expect(good.json).toEqual({ v: runtime.slice(6).split('.').map(Number) });
    expect(good.output).toEqual(['żółw\n', expect.stringMatching(/^\[INFO\]\t\S+Z\t\S+\tlogged\n$/)]);
    const bad = await bench.invoke(spec, { bad: true });
    expect(bad).toMatchObject({ cold: false, json: { errorType: 'ValueError', errorMessage: 'no' } });
  });
});
