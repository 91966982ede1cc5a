import { afterAll, beforeAll, expect, test } from 'vitest';
import { EngineClock } from '../../../kernel/clock.ts';
import { type Bench, createBench } from './fixtures.ts';

let bench: Bench;
beforeAll(() => {
  bench = createBench();
});
afterAll(() => bench.close());

/** A bootstrap in Node that speaks the Runtime API; `serve` is its answer to each invocation. */
function bootstrap(serve: string): Record<string, string> {
  return {
    bootstrap: `#!${process.execPath}
const http = require('node:http');
const api = 'http://' + process.env.AWS_LAMBDA_RUNTIME_API + '/2018-06-01/runtime/';
function call(method, path, body, headers = {}, trailers) {
  return new Promise((resolve, reject) => {
    const request = http.request(api + path, { method, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text: Buffer.concat(chunks).toString() }));
    });
    request.on('error', reject);
    if (trailers) request.addTrailers(trailers);
    request.end(body);
  });
}
async function main() {
  for (;;) {
    const next = await call('GET', 'invocation/next');
    const id = next.headers['lambda-runtime-aws-request-id'];
    await (${serve})(next, id);
  }
}
main();
`,
  };
}

const run = (files: Record<string, string>, payload: unknown = {}, changes = {}) =>
  bench.invoke(bench.define(files, { runtime: 'provided.al2023' }), payload, changes);

test('a shell script on the Runtime API answers and logs (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-walkthrough.html)', async () => {
  const script = `#!/bin/sh
set -eu
while true; do
  HEADERS="$(mktemp)"
  EVENT=$(curl -sS -LD "$HEADERS" "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/next")
  REQUEST_ID=$(grep -Fi Lambda-Runtime-Aws-Request-Id "$HEADERS" | tr -d '[:space:]' | cut -d: -f2)
  echo "handler $_HANDLER in $(pwd)"
  curl -sS "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/$REQUEST_ID/response" -d "$EVENT" > /dev/null
done
`;
  const spec = bench.define({ bootstrap: script }, { runtime: 'provided.al2023' });
  const first = await bench.invoke(spec, { a: 1 });
  expect(first).toMatchObject({
    json: { a: 1 },
    cold: true,
    output: ['handler index.handler in /var/task\n'],
  });
  expect(first.log[0]).toMatch(/^INIT_START Runtime Version: provided:al2023\.v1\t/);
  expect(await bench.invoke(spec, [2])).toMatchObject({ json: [2], cold: false });
});

test('an invocation comes with its headers', async () => {
  const files = bootstrap("(next, id) => call('POST', 'invocation/' + id + '/response', JSON.stringify(next.headers))");
  const changes = { traceId: 'Root=1', clientContext: '{"custom":"ż"}', invokedFunctionArn: 'arn:x:1' };
  const { json, requestId } = await run(files, {}, changes);
  expect(json).toMatchObject({
    'content-type': 'application/json',
    'lambda-runtime-aws-request-id': requestId,
    'lambda-runtime-invoked-function-arn': 'arn:x:1',
    'lambda-runtime-trace-id': 'Root=1',
    'lambda-runtime-client-context': '{"custom":"\\u017c"}',
    'lambda-runtime-deadline-ms': expect.stringMatching(/^\d{13}$/),
  });
});

test('errors of an invocation and of the init phase', async () => {
  const failing = bootstrap(
    `(next, id) => call('POST', 'invocation/' + id + '/error', '{"errorType":"Mine","errorMessage":"m"}', { 'lambda-runtime-function-error-type': 'Header.Type' })`,
  );
  expect(await run(failing)).toMatchObject({
    functionError: 'Unhandled',
    errorType: 'Header.Type',
    json: { errorType: 'Mine' },
  });
  const init = {
    bootstrap: `#!/bin/sh\ncurl -sS "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/init/error" -d '{"errorType":"Init.Bad","errorMessage":"no"}' >/dev/null\nexit 1\n`,
  };
  const { json, log } = await run(init);
  expect(json).toEqual({ errorType: 'Init.Bad', errorMessage: 'no' });
  expect(log[1]).toMatch(/\tPhase: init\tStatus: error\tError Type: Init.Bad\n$/);
});

test('streamed responses, and their errors in trailers', async () => {
  const mode = {
    'lambda-runtime-function-response-mode': 'streaming',
    'transfer-encoding': 'chunked',
    'content-type': 'text/x',
  };
  const whole = bootstrap(
    `(next, id) => call('POST', 'invocation/' + id + '/response', 'streamed', ${JSON.stringify(mode)})`,
  );
  const parts: string[] = [];
  const streamed = await run(whole, {}, { onChunk: (chunk: Buffer) => parts.push(chunk.toString()) });
  expect(streamed).toMatchObject({ streamed: true, contentType: 'text/x' });
  expect(parts.join('')).toBe('streamed');
  const body = Buffer.from('{"errorType":"Late"}').toString('base64');
  const trailers = { 'Lambda-Runtime-Function-Error-Type': 'Late', 'Lambda-Runtime-Function-Error-Body': body };
  const headers = { ...mode, Trailer: Object.keys(trailers).join(', ') };
  const broken = bootstrap(
    `(next, id) => call('POST', 'invocation/' + id + '/response', 'half', ${JSON.stringify(headers)}, ${JSON.stringify(trailers)})`,
  );
  expect(await run(broken)).toMatchObject({ functionError: 'Unhandled', json: { errorType: 'Late' } });
});

test('what the API does not know or cannot take is answered with an error, and the bootstrap lives on', async () => {
  const files = bootstrap(`async (next, id) => {
    const large = await call('POST', 'invocation/' + id + '/response', Buffer.alloc(7_000_000, 'x')).catch(() => ({ status: 413 }));
    console.log([(await call('POST', 'invocation/other/response', '1')).status, (await call('GET', 'nothing')).status, large.status].join());
  }`);
  const { json, output } = await run(files);
  expect(output).toEqual(['400,404,413\n']);
  expect(json).toEqual({
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
  });
});

test('a bootstrap that is absent, cannot be run, or ends at once', async () => {
  expect((await run({ other: '' })).json).toEqual({
    errorType: 'Runtime.InvalidEntrypoint',
    errorMessage: expect.stringMatching(
      /^RequestId: \S+ Error: Couldn't find valid bootstrap\(s\): \[\/var\/task\/bootstrap \/opt\/bootstrap\]$/,
    ),
  });
  expect((await run({ bootstrap: 'not a program' })).json.errorType).toMatch(
    /^Runtime\.(InvalidEntrypoint|ExitError)$/,
  );
  const { json, requestId } = await run({ bootstrap: '#!/bin/sh\nexit 5\n' });
  expect(json).toEqual({
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: exit status 5`,
  });
});

test('one that answers and then ends has answered', async () => {
  const files = bootstrap(
    "async (next, id) => { await call('POST', 'invocation/' + id + '/response', '1'); process.exit(3) }",
  );
  const spec = bench.define(files, { runtime: 'provided.al2023' });
  expect(await bench.invoke(spec)).toMatchObject({ json: 1, cold: true });
  expect(await bench.invoke(spec)).toMatchObject({ json: 1, cold: true });
});

test('a runtime that Carillon does not run says so', async () => {
  const { json } = await bench.invoke(bench.define({ x: '' }, { runtime: 'java21' }));
  expect(json.errorMessage).toContain('Carillon does not run java21');
});

test('in virtual time, which stands while it runs, it is told the time', async () => {
  const clock = new EngineClock({ virtual: true, start: Date.UTC(2026, 0, 1) });
  const virtual = createBench({ clock });
  const answer = `(next, id) => call('POST', 'invocation/' + id + '/response', JSON.stringify(
    [process.env.CARILLON_TIME_MS, next.headers['carillon-time-ms'], next.headers['lambda-runtime-deadline-ms']].map(Number)))`;
  const spec = virtual.define(bootstrap(answer), { runtime: 'provided.al2023', timeoutMs: 5_000 });
  const started = clock.now();
  expect((await virtual.invoke(spec)).json).toEqual([started, started, started + 5_000]);
  await clock.advance('1 minute');
  const now = clock.now();
  expect(await virtual.invoke(spec)).toMatchObject({ json: [started, now, now + 5_000], durationMs: 0 });
  await virtual.close();
});
