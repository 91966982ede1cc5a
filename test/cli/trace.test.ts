/* `carillon trace`, `tail` and `logs`: what an engine that is up did, and does. */
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { Lambda } from '@aws-sdk/client-lambda';
import { SNS } from '@aws-sdk/client-sns';
import { SQS } from '@aws-sdk/client-sqs';
import { createTestEngine, type TestEngine } from '@carillon/engine/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { optionsFor } from '../conformance/clients.ts';
import { carillon } from './carillon.ts';

const OWNER = 'us-east-1:000000000000';
const queueArn = (name: string) => `arn:aws:sqs:${OWNER}:${name}`;

async function start(): Promise<TestEngine> {
  const engine = await createTestEngine({ clock: 'virtual:2026-01-01T00:00:00Z' });
  onTestFinished(() => engine.close());
  return engine;
}

function command(engine: TestEngine, args: readonly string[]) {
  return carillon(args, { env: { AWS_ENDPOINT_URL: engine.endpoint, AWS_REGION: 'us-east-1' } });
}

async function run(engine: TestEngine, ...args: string[]) {
  const running = command(engine, args);
  const [stdout, { code, stderr }] = await Promise.all([running.rest(), running.ended]);
  return { stdout, code, stderr };
}

/** The tree without its times: what differs from run to run. */
function shape(stdout: string): string[] {
  return stdout
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) =>
      line
        .replace(/^\S+ +\+[\d.,]+ \S+ {2}/, '')
        .replace(/ +[\d.,]+ ms/, '')
        .replace(/(?<=\S) {2,}(?=[^│├└ ])/g, '  ')
        .trimEnd(),
    );
}

/** Sends a message to the queue `jobs`, as its caller asks for. */
const SENDER = `
const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');
exports.handler = async () => {
  console.log('one sold');
  const QueueUrl = process.env.AWS_ENDPOINT_URL + '/000000000000/jobs';
  await new SQSClient().send(new SendMessageCommand({ QueueUrl, MessageBody: 'job' }));
};`;

/** A rule sends orders to a topic and to a queue that is gone; behind the topic stand a function, a queue, another function. */
async function shop() {
  const engine = await start();
  const options = { ...optionsFor(engine), region: 'us-east-1' };
  const [events, sqs, sns, lambda] = [
    new EventBridge(options),
    new SQS(options),
    new SNS(options),
    new Lambda(options),
  ];
  for (const QueueName of ['jobs', 'dead']) await sqs.createQueue({ QueueName });
  await engine.createFunction('till', SENDER);
  await engine.createFunction('worker', "exports.handler = async () => { throw new Error('No hands.'); };");
  const TopicArn = `arn:aws:sns:${OWNER}:paid`;
  await sns.createTopic({ Name: 'paid' });
  await sns.subscribe({ TopicArn, Protocol: 'lambda', Endpoint: `arn:aws:lambda:${OWNER}:function:till` });
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn('dead'), maxReceiveCount: 2 });
  const QueueUrl = `${engine.endpoint}/000000000000/jobs`;
  await sqs.setQueueAttributes({ QueueUrl, Attributes: { VisibilityTimeout: '30', RedrivePolicy } });
  await lambda.createEventSourceMapping({ EventSourceArn: queueArn('jobs'), FunctionName: 'worker' });
  await events.putRule({ Name: 'order', EventPattern: '{"source":["shop"]}' });
  const lost = { Id: 'gone', Arn: queueArn('gone'), DeadLetterConfig: { Arn: queueArn('dead') } };
  await events.putTargets({ Rule: 'order', Targets: [{ Id: 'topic', Arn: TopicArn }, lost] });
  const order = async (...details: string[]) => {
    const Entries = details.map((Detail) => ({ Source: 'shop', DetailType: 'Order', Detail }));
    return (await events.putEvents({ Entries })).Entries!.map(({ EventId }) => EventId!);
  };
  return { engine, order };
}

const TREE = [
  'call  eventbridge PutEvents  ok',
  '├─ deliver  rule order → topic paid  ok',
  '│  └─ deliver  topic paid → function till  ok',
  '│     └─ run  function till  ok  cold',
  '│        └─ call  sqs SendMessage  ok',
  '│           ├─ batch  queue jobs → function worker  Error  1 message, 1 failed',
  '│           │  └─ run  function worker  Error  cold; No hands.',
  '│           ├─ batch  queue jobs → function worker  Error  1 message, 1 failed',
  '│           │  └─ run  function worker  Error  No hands.',
  '│           └─ redrive  queue jobs → queue dead  ok  received 2 times',
  '├─ deliver  rule order → queue gone  QueueDoesNotExist  The specified queue does not exist.; given up → queue dead',
  '└─ deliver  rule order → queue dead  ok',
];

describe('carillon trace', () => {
  test('leads from an event through topics, functions, their calls and queues to its dead letters', async () => {
    const { engine, order } = await shop();
    const [id] = await order('{}');
    await engine.clock.advance('5 minutes');
    const { stdout, code } = await run(engine, 'trace', id!);
    expect(shape(stdout)).toEqual(TREE);
    expect(stdout).toMatch(/^00:01:00.000 +\+1 min .* redrive /m);
    expect(code).toBe(0);
  });

  test('leads back to the beginning from a message, a request and a note', async () => {
    const { engine, order } = await shop();
    await order('{}');
    await engine.clock.advance('5 minutes');
    const run1 = engine.rings('till')[0]!;
    const request = await run(engine, 'trace', run1.requestId);
    expect(shape(request.stdout)).toEqual([
      'call  eventbridge PutEvents  ok',
      '└─ deliver  rule order → topic paid  ok',
      '   └─ deliver  topic paid → function till  ok',
      '      └─ run  function till  ok  cold',
      ...TREE.slice(4, 10).map((line) => line.slice(1).replace(/^/, ' ')),
    ]);
    const sent = engine.journal.list().find(({ subject }) => subject === 'sqs:SendMessage')!;
    for (const id of [sent.sent![0]!, sent.requestId!, String(sent.number)]) {
      expect(shape((await run(engine, 'trace', id)).stdout)).toEqual(shape(request.stdout));
    }
    const { notes, found } = JSON.parse((await run(engine, 'trace', String(sent.number), '--json')).stdout);
    expect(found).toEqual([sent.number]);
    expect(notes[0]).toMatchObject({ subject: 'eventbridge:PutEvents', time: '2026-01-01T00:00:00.000Z', parents: [] });
  });

  test('of one of several events has nothing of the others', async () => {
    const { engine, order } = await shop();
    const ids = await order('{"n":1}', '{"n":2}');
    await engine.clock.advance('5 minutes');
    for (const id of ids) {
      const top = shape((await run(engine, 'trace', id)).stdout).filter((line) => /^[├└]/.test(line));
      expect(top).toEqual(TREE.filter((line) => /^[├└]/.test(line)));
    }
  });

  test('of a message that had to wait its turn begins with its own sender', async () => {
    const engine = await start();
    const options = { ...optionsFor(engine), region: 'us-east-1' };
    const [sqs, sns] = [new SQS(options), new SNS(options)];
    await sqs.createQueue({ QueueName: 'line.fifo', Attributes: { FifoQueue: 'true' } });
    const { TopicArn } = await sns.createTopic({ Name: 'line.fifo', Attributes: { FifoTopic: 'true' } });
    await sns.subscribe({ TopicArn, Protocol: 'sqs', Endpoint: queueArn('line.fifo') });
    const mend = engine.fault('queue line.fifo is down');
    const publish = async (text: string) =>
      (await sns.publish({ TopicArn, Message: text, MessageGroupId: 'g', MessageDeduplicationId: text })).MessageId!;
    const ids = [await publish('first'), await publish('second')];
    mend();
    await engine.clock.advance('5 minutes');
    const trails = await Promise.all(ids.map(async (id) => shape((await run(engine, 'trace', id)).stdout)));
    const delivered = 'deliver  topic line.fifo → queue line.fifo  ok';
    expect(trails[0]!.slice(0, 2)).toEqual([
      'call  sns Publish  ok',
      expect.stringMatching(/^├─ deliver {2}topic line.fifo → queue line.fifo .* attempt 1; .*; again at once$/),
    ]);
    expect(trails[0]!.at(-1)).toBe(`└─ ${delivered}  attempt 5`);
    expect(trails[1]).toEqual(['call  sns Publish  ok', `└─ ${delivered}`]);
  });

  test('of a schedule begins with its ring, and tells what is to come', async () => {
    const engine = await start();
    const ring = await engine.createFunction('ring', "exports.handler = async () => { throw new Error('No bell.'); };");
    await engine.schedule('hourly', 'rate(1 hour)', ring);
    await engine.clock.advance('1 hour');
    const [first] = engine.rings('ring');
    expect(shape((await run(engine, 'trace', first!.requestId)).stdout)).toEqual([
      'ring  rule hourly  ok',
      '└─ deliver  rule hourly → function ring  ok',
      '   ├─ run  function ring  Error  cold; No bell.',
      '   └─ run  to come',
      'Not over yet: --follow waits for the end.',
    ]);
  });

  test('--follow tells what happens, and ends when all is over', async () => {
    const engine = await start();
    const ring = await engine.createFunction('ring', "exports.handler = async () => { throw new Error('No bell.'); };");
    await engine.schedule('hourly', 'rate(1 hour)', ring);
    await engine.clock.advance('1 hour');
    const following = command(engine, ['trace', engine.rings('ring')[0]!.requestId, '--follow']);
    await following.line(/ run .* No bell/);
    await engine.clock.advance('10 minutes');
    const [left, { code }] = await Promise.all([following.rest(), following.ended]);
    expect(code).toBe(0);
    expect(left.match(/attempt 3; No bell/g)).toHaveLength(2);
    expect(left).toContain('give up  function ring');
  });

  test('says where ids come from', async () => {
    const engine = await start();
    const { stdout, stderr, code } = await run(engine, 'trace', 'nothing');
    expect([stdout, code]).toEqual(['', 1]);
    expect(stderr).toMatch(/^carillon: No note of the journal knows nothing\. .* the last 50,000 notes/);
    expect((await run(engine, 'trace')).stderr).toContain('Whose trace?');
  });
});

describe('carillon tail', () => {
  test('shows what happens, until Ctrl-C', async () => {
    const { engine, order } = await shop();
    const tail = command(engine, ['tail']);
    await tail.line(/^time \(UTC\) /);
    await order('{}');
    await engine.settle();
    await tail.line(/ deliver +QueueDoesNotExist +rule order → queue gone +The specified queue does not exist\./);
    await tail.line(/ run +ok .* function till +cold$/);
    await tail.line(/ batch +Error +queue jobs → function worker/);
    tail.kill('SIGINT');
    expect(await tail.ended).toEqual({ code: 0, stderr: '' });
  });

  test('shows only what is asked for', async () => {
    const { engine, order } = await shop();
    const failed = command(engine, ['tail', '--function', 'worker', '--failed', '--kind', 'run']);
    const watching = command(engine, ['tail', '--rule', 'order']);
    for (const one of [failed, watching]) await one.line(/^time/);
    await order('{}');
    await engine.clock.advance('5 minutes');
    await watching.line(/ deliver .* rule order → topic paid$/);
    expect(await failed.line(/./)).toMatch(/ run +Error .* function worker +cold; No hands\.$/);
    expect((await run(engine, 'tail', '--kind', 'bell')).stderr).toMatch(
      /^carillon: There is no kind bell\. There are call, /,
    );
  });

  test('is JSON for programs', async () => {
    const { engine, order } = await shop();
    const note = command(engine, ['tail', '--kind', 'deliver', '--json']).line(/./);
    let isTold = false;
    void note.then(() => {
      isTold = true;
    });
    while (!isTold) await order('{}');
    const time = '2026-01-01T00:00:00.000Z';
    expect(JSON.parse(await note)).toMatchObject({ kind: 'delivery', time, detail: { sourceArn: expect.any(String) } });
  });

  test('says that the engine has gone', async () => {
    const engine = await start();
    const tail = command(engine, ['tail']);
    await tail.line(/^time/);
    await engine.close();
    const { code, stderr } = await tail.ended;
    expect([code, stderr]).toEqual([1, `carillon: The engine at ${engine.endpoint} has gone away.\n`]);
  });
});

describe('carillon logs', () => {
  async function talkers() {
    const engine = await start();
    for (const name of ['till', 'door']) {
      const made = await engine.createFunction(name, `exports.handler = async () => { console.log('${name} rang'); };`);
      await engine.schedule(name, 'rate(5 minutes)', made);
    }
    await engine.clock.advance('5 minutes');
    return engine;
  }

  test('prints what one function wrote, or all', async () => {
    const engine = await talkers();
    expect((await run(engine, 'logs', 'till')).stdout).toMatch(
      /^2026-01-01T00:05:00.000Z {2}INIT_START .*\n.*\n.*till rang\n/,
    );
    const all = (await run(engine, 'logs', '--filter', 'rang')).stdout.trimEnd().split('\n').sort();
    expect(all).toEqual([
      expect.stringMatching(/^2026-01-01T00:05:00.000Z {2}door {2}.*\tdoor rang$/),
      expect.stringMatching(/^2026-01-01T00:05:00.000Z {2}till {2}.*\ttill rang$/),
    ]);
    const json = JSON.parse((await run(engine, 'logs', '/aws/lambda/till', '--filter', 'rang', '--json')).stdout);
    expect(json).toMatchObject({ group: '/aws/lambda/till', message: expect.stringContaining('till rang') });
    await engine.clock.advance('4 minutes');
    expect((await run(engine, 'logs', 'till', '--since', '1m')).stdout).toBe('');
  });

  test('--follow misses nothing and repeats nothing, in virtual time', async () => {
    const engine = await talkers();
    const following = command(engine, ['logs', 'till', '--follow', '--filter', 'rang']);
    await following.line(/T00:05:00/);
    await engine.clock.advance('30 minutes');
    for (const minute of ['10', '15', '20', '25', '30', '35']) {
      expect(await following.line(/./)).toContain(`2026-01-01T00:${minute}:00.000Z`);
    }
    following.kill('SIGINT');
    expect(await following.ended).toEqual({ code: 0, stderr: '' });
  });

  test('knows what there is', async () => {
    const engine = await talkers();
    expect(await run(engine, 'logs', 'tilt')).toEqual({
      ...{ code: 2, stdout: '' },
      stderr: 'carillon: There is no log group tilt, nor /aws/lambda/tilt. There are till, door.\n',
    });
    expect((await run(engine, 'logs', '--since', 'soon')).stderr).toContain('soon is no duration and no moment.');
    expect((await run(engine, 'logs', '--filter', '{ $.')).stderr).toContain('InvalidParameterException');
  });
});
