/* Functions that wait, and call the engine, in an engine whose time the test moves. */
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { createTestEngine } from '../../packages/engine/src/testing.ts';

const SQS_CLIENT = createRequire(import.meta.url).resolve('@aws-sdk/client-sqs');
const QUIET = { clock: 'virtual:2026-01-01T00:00:25Z', log: () => {} };

/** Waits for the full minute, as LambdaClock did, and then calls the engine. */
const CLOCK = `const http = require('http');
const agent = new http.Agent({ keepAlive: true });
const call = (target, input) => new Promise((resolve, reject) => {
  const headers = {
    'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target,
    authorization: 'AWS4-HMAC-SHA256 Credential=000000000000/20260101/us-east-1/events/aws4_request, SignedHeaders=host, Signature=0',
  };
  http.request(process.env.AWS_ENDPOINT_URL, { method: 'POST', agent, headers }, (response) => {
    response.resume().on('end', () => (response.statusCode === 200 ? resolve() : reject(new Error(response.statusCode))));
  }).on('error', reject).end(JSON.stringify(input));
});
exports.handler = async () => {
  await new Promise((resolve) => setTimeout(resolve, (59 - new Date().getSeconds()) * 1000));
  await new Promise((resolve) => setTimeout(resolve, 1000 - new Date().getMilliseconds()));
  await call('AWSEvents.DescribeRule', { Name: 'minute' });
};`;

it('a clock function rings at second 0 of every minute, for three and a half days', async () => {
  await using engine = await createTestEngine(QUIET);
  const clock = await engine.createFunction('clock', CLOCK, { Timeout: 60 });
  await engine.schedule('minute', 'rate(1 minute)', clock);
  const called = new Map<number, number>();
  engine.journal.subscribe(({ subject, outcome, at }) => {
    if (subject === 'eventbridge:DescribeRule' && outcome === 'ok')
      called.set(at % 60_000, (called.get(at % 60_000) ?? 0) + 1);
  });
  // The last one is still waiting for its minute.
  await engine.clock.advance('3d12h1m');
  expect([...called]).toEqual([[0, 5_040]]);
  expect(new Set(engine.rings().map((ring) => `${ring.outcome} ${ring.durationMs}`))).toEqual(new Set(['ok 35000']));
  expect(engine.rings().filter((ring) => ring.cold)).toHaveLength(1);
});

it('an SDK in a function calls the engine while time stands, and backs off in virtual time', async () => {
  await using engine = await createTestEngine(QUIET);
  const { QueueUrl } = await engine.call('sqs', 'CreateQueue', { QueueName: 'times' });
  const sender = await engine.createFunction(
    'sender',
    `const { SQSClient, SendMessageCommand } = require(${JSON.stringify(SQS_CLIENT)});
    const { setTimeout: sleep, setInterval: every } = require('timers/promises');
    const client = new SQSClient();
    const send = (text) => client.send(new SendMessageCommand({ QueueUrl: ${JSON.stringify(QueueUrl)}, MessageBody: text + ' ' + Date.now() }));
    exports.handler = async (event) => {
      const start = Date.now();
      const passed = () => Date.now() - start;
      for (let attempt = 0; attempt < 5; attempt++) {
        try {
          if (attempt < 4) throw new Error('out of tune');
          await send('after backing off');
        } catch { await sleep(1000 * 2 ** attempt) }
      }
      const backedOff = passed();
      let ticks = 0;
      for await (const _ of every(10_000)) { await send('tick'); if (++ticks === 3) break }
      return [backedOff, passed()];
    };`,
    { Timeout: 300 },
  );
  const ringing = engine.call('lambda', 'Invoke', { FunctionName: sender.name });
  const started = engine.clock.now();
  await engine.clock.advance('5 minutes');
  expect(JSON.parse(Buffer.from((await ringing).Payload!).toString())).toEqual([15_000, 45_000]);
  const { Messages = [] } = await engine.call('sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
  const sent = Messages.map(({ Body }) => Number(/\d+$/.exec(Body!)![0]) - started).sort((a, b) => a - b);
  expect(sent).toEqual([15_000, 25_000, 35_000, 45_000]);
});

it('time may be moved in pieces while functions wait, and stand in between', async () => {
  await using engine = await createTestEngine(QUIET);
  const source = `exports.handler = async ({ ms }) => {
    const at = [];
    for (let n = 0; n < 4; n++) { await new Promise((resolve) => setTimeout(resolve, ms)); at.push(Date.now()) }
    return at;
  };`;
  const waiter = await engine.createFunction('waiter', source, { Timeout: 900 });
  const started = engine.clock.now();
  const invoke = async (ms: number) => {
    const { Payload } = await engine.call('lambda', 'Invoke', {
      FunctionName: waiter.name,
      Payload: Buffer.from(JSON.stringify({ ms })),
    });
    return JSON.parse(Buffer.from(Payload!).toString()).map((at: number) => at - started);
  };
  const both = Promise.all([invoke(7_000), invoke(11_000)]);
  for (let n = 0; n < 20; n++) {
    await engine.clock.advance('3 s');
    expect(engine.clock.now()).toBe(started + (n + 1) * 3_000);
    expect(engine.clock.holders()).toEqual([]);
  }
  expect(await both).toEqual([
    [7_000, 14_000, 21_000, 28_000],
    [11_000, 22_000, 33_000, 44_000],
  ]);
});

/** Calls the engine in the ways that wait for time: another function, and a queue. */
const CALLERS = {
  'nodejs22.x': `const { SQSClient, ReceiveMessageCommand } = require(${JSON.stringify(SQS_CLIENT)});
    const client = new SQSClient();
    exports.handler = async ({ invoke, queue }) => {
      let start = Date.now();
      const sleeper = async () => (await fetch(process.env.AWS_ENDPOINT_URL + invoke, { method: 'POST', body: '{}' })).json();
      const signal = AbortSignal.timeout(5_000);
      const abort = await fetch(process.env.AWS_ENDPOINT_URL + invoke, { method: 'POST', body: '{}', signal }).catch((error) => error.name);
      if (abort !== 'TimeoutError' || Date.now() - start !== 5_000) throw new Error(abort + (Date.now() - start));
      await new Promise((resolve) => setTimeout(resolve, 25_000));
      start += 30_000;
      const first = await sleeper();
      await Promise.all([sleeper(), sleeper(), new Promise((resolve) => setTimeout(resolve, 40_000))]);
      const together = Date.now() - start;
      await client.send(new ReceiveMessageCommand({ QueueUrl: queue, WaitTimeSeconds: 20 }));
      return [first, together, Date.now() - start];
    };`,
  'python3.12': `import json, os, threading, time, urllib.parse, urllib.request
def call(path, body, headers={}):
    request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"] + path, body, headers)
    return urllib.request.urlopen(request).read()
def handler(event, context):
    start = time.time()
    elapsed = lambda: round((time.time() - start) * 1000)
    first = json.loads(call(event["invoke"], b"{}", {"content-type": "application/json"}))
    threads = [threading.Thread(target=call, args=(event["invoke"], b"{}", {"content-type": "application/json"})) for _ in range(2)]
    for thread in threads: thread.start()
    time.sleep(40)
    for thread in threads: thread.join()
    together = elapsed()
    form = {"Action": "ReceiveMessage", "Version": "2012-11-05", "QueueUrl": event["queue"], "WaitTimeSeconds": "20"}
    call("/", urllib.parse.urlencode(form).encode(), {"content-type": "application/x-www-form-urlencoded"})
    return [first, together, elapsed()]
`,
};

it.skipIf(process.platform !== 'linux').each(Object.entries(CALLERS))(
  'a function in %s may wait for another, and for a queue, which wait for time',
  async (runtime, source) => {
    await using engine = await createTestEngine(QUIET);
    const sleeper = `exports.handler = async () => { await new Promise((resolve) => setTimeout(resolve, 30_000)); return 'slept' };`;
    await engine.createFunction('sleeper', sleeper, { Timeout: 60 });
    const { QueueUrl } = await engine.call('sqs', 'CreateQueue', { QueueName: 'empty' });
    const caller = await engine.createFunction('caller', source, { Timeout: 900, Runtime: runtime as 'nodejs22.x' });
    const Payload = Buffer.from(
      JSON.stringify({ invoke: '/2015-03-31/functions/sleeper/invocations', queue: QueueUrl }),
    );
    const ringing = engine.call('lambda', 'Invoke', { FunctionName: caller.name, Payload });
    await engine.clock.advance('10 minutes');
    expect(JSON.parse(Buffer.from((await ringing).Payload!).toString())).toEqual(['slept', 70_000, 90_000]);
  },
);
