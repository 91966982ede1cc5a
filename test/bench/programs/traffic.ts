/*
 * An engine with everything between a cause and a function, and measures of it from inside: how many events, messages
 * and results pass in a second, and how long one takes. Options: EngineOptions. It answers a `Case` with an `Outcome`.
 */
import { createEngine, type EngineOptions } from '@carillon/engine';
import { createWorkbench } from '@carillon/engine/testing';

export type Case =
  | { kind: 'rules'; rules: number; target: 'queue' | 'topic' | 'function' | 'none' }
  | { kind: 'latency'; through: 'bus' | 'queue'; count: number }
  | { kind: 'queue'; step: 'send' | 'receive' | 'name'; count: number }
  | { kind: 'runs'; destination: boolean; count: number };

export interface Outcome {
  /** Of what was asked for, in a second. */
  perSecond?: number;
  latenciesMs?: number[];
}

const ACCOUNT = '000000000000';
const QUEUE = 'bench';
const ARNS = {
  queue: `arn:aws:sqs:us-east-1:${ACCOUNT}:${QUEUE}`,
  topic: `arn:aws:sns:us-east-1:${ACCOUNT}:bench`,
  function: `arn:aws:lambda:us-east-1:${ACCOUNT}:function:bench`,
};
const AT_ONCE = 32;
const BATCH = 10;

const options = JSON.parse(process.argv[2] ?? '{}') as EngineOptions;
const engine = await createEngine({ permissions: 'off', log: () => {}, ...options });
process.once('SIGTERM', () => engine.close().then(() => process.exit()));
const { QueueUrl } = await engine.call('sqs', 'CreateQueue', { QueueName: QUEUE });
await engine.call('sns', 'CreateTopic', { Name: 'bench' });
await engine.call('sns', 'Subscribe', { TopicArn: ARNS.topic, Protocol: 'sqs', Endpoint: ARNS.queue });
const bench = createWorkbench(engine);
await bench.createFunction('bench', 'exports.handler = async () => "ding";');

/** Every rule is for another amount; events are for the first. */
async function putRules({ rules, target }: Case & { kind: 'rules' }): Promise<Outcome> {
  for (let n = 0; n < rules; n++) {
    const Name = `bench-${n}`;
    const amount = target === 'none' ? n + 1 : n;
    await engine.call('eventbridge', 'PutRule', {
      Name,
      EventPattern: JSON.stringify({ detail: { amount: [amount] } }),
    });
    if (target !== 'none') {
      await engine.call('eventbridge', 'PutTargets', { Rule: Name, Targets: [{ Id: '1', Arn: ARNS[target] }] });
    }
  }
  return {};
}

/** From the call that sends something to the one that was waiting for it. */
async function latency({ through, count }: Case & { kind: 'latency' }): Promise<Outcome> {
  const latenciesMs: number[] = [];
  for (let n = 0; n < count; n++) {
    await engine.call('sqs', 'PurgeQueue', { QueueUrl }).catch(() => {});
    const got = engine.call('sqs', 'ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 });
    const began = performance.now();
    if (through === 'queue') await engine.call('sqs', 'SendMessage', { QueueUrl, MessageBody: 'ding' });
    else await engine.call('eventbridge', 'PutEvents', { Entries: [EVENT] });
    const { Messages } = await got;
    latenciesMs.push(performance.now() - began);
    await engine.call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle: Messages![0]!.ReceiptHandle });
  }
  return { latenciesMs };
}

const EVENT = { Source: 'bench', DetailType: 'ding', Detail: JSON.stringify({ amount: 0, note: 'x'.repeat(800) }) };

async function queue({ step, count }: Case & { kind: 'queue' }): Promise<Outcome> {
  const send = () => engine.call('sqs', 'SendMessage', { QueueUrl, MessageBody: 'x'.repeat(1_000) });
  const name = () => engine.call('sqs', 'GetQueueUrl', { QueueName: QUEUE });
  const receive = async () => {
    const { Messages = [] } = await engine.call('sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: BATCH });
    const Entries = Messages.map(({ ReceiptHandle }, n) => ({ Id: String(n), ReceiptHandle }));
    if (Entries.length > 0) await engine.call('sqs', 'DeleteMessageBatch', { QueueUrl, Entries });
  };
  if (step === 'receive') return measured(count / BATCH, receive, BATCH);
  return measured(count, step === 'send' ? send : name);
}

/** Asynchronous invocations, until the last has run and its result was sent on. */
async function runs({ destination, count }: Case & { kind: 'runs' }): Promise<Outcome> {
  if (destination) {
    const DestinationConfig = { OnSuccess: { Destination: ARNS.queue } };
    await engine.call('lambda', 'PutFunctionEventInvokeConfig', { FunctionName: 'bench', DestinationConfig });
  }
  const began = performance.now();
  await measured(count, () => engine.call('lambda', 'Invoke', { FunctionName: 'bench', InvocationType: 'Event' }));
  await engine.settle();
  return { perSecond: count / ((performance.now() - began) / 1000) };
}

/** So many calls, some at once. */
async function measured(count: number, call: () => Promise<unknown>, each = 1): Promise<Outcome> {
  const began = performance.now();
  let left = count;
  const drive = async () => {
    while (left-- > 0) await call();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, drive));
  return { perSecond: (count * each) / ((performance.now() - began) / 1000) };
}

function measure(wanted: Case): Promise<Outcome> {
  if (wanted.kind === 'rules') return putRules(wanted);
  if (wanted.kind === 'latency') return latency(wanted);
  return wanted.kind === 'queue' ? queue(wanted) : runs(wanted);
}

process.on('message', (wanted: Case) => {
  measure(wanted).then(
    (outcome) => process.send?.(outcome),
    (error) => {
      console.error(error);
      process.exit(1);
    },
  );
});
process.send?.({ endpoint: engine.endpoint });
