/*
 * Messages of a queue on their way through a function, ten at a time and five batches at once, in an engine; then as
 * many invocations of the function without a queue. Options: EngineOptions.
 */
import { createEngine, type Engine, type EngineOptions } from '@carillon/engine';
import { createFunctions } from '../functions.ts';

export interface Passage {
  messages: number;
  mappedMs: number;
  invokedMs: number;
}

const MESSAGES = 10_000;
const BATCH = 10;
const AT_ONCE = 5;
const FunctionName = 'worker';
const QueueUrl = 'http://127.0.0.1/000000000000/jobs';
const EventSourceArn = 'arn:aws:sqs:us-east-1:000000000000:jobs';

const options = JSON.parse(process.argv[2] ?? '{}') as EngineOptions;
await using engine = await createEngine(options);
await createFunctions(engine, [{ name: FunctionName, runtime: 'nodejs22.x' }]);
await engine.call('sqs', 'CreateQueue', { QueueName: 'jobs' });
const mapping = { FunctionName, EventSourceArn, Enabled: false };
const { UUID } = await engine.call('lambda', 'CreateEventSourceMapping', mapping);
await fill(MESSAGES / 10);
await pass();
await fill(MESSAGES);
const mappedMs = await pass();
const invokedMs = await invoke();
process.send?.({ messages: MESSAGES, mappedMs, invokedMs } satisfies Passage);

async function fill(count: number): Promise<void> {
  const Entries = Array.from({ length: BATCH }, (_, index) => ({ Id: `${index}`, MessageBody: '{"type":"warmer"}' }));
  for (let sent = 0; sent < count; sent += BATCH) await engine.call('sqs', 'SendMessageBatch', { QueueUrl, Entries });
}

/** From the moment that the mapping is enabled until the queue is empty. */
async function pass(): Promise<number> {
  const started = performance.now();
  const emptied = left(engine);
  await engine.call('lambda', 'UpdateEventSourceMapping', { UUID, Enabled: true });
  await emptied;
  const took = performance.now() - started;
  await engine.call('lambda', 'UpdateEventSourceMapping', { UUID, Enabled: false });
  await engine.settle();
  return took;
}

/** Resolves after a batch that leaves nothing in the queue. */
function left({ call, journal }: Engine): Promise<void> {
  return new Promise((resolve) => {
    const end = journal.subscribe(async ({ kind }) => {
      if (kind !== 'batch') return;
      const AttributeNames = ['All' as const];
      const { Attributes } = await call('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames });
      const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: inFlight } = Attributes!;
      if (visible !== '0' || inFlight !== '0') return;
      end();
      resolve();
    });
  });
}

async function invoke(): Promise<number> {
  const started = performance.now();
  let todo = MESSAGES / BATCH;
  const worker = async () => {
    while (todo-- > 0) await engine.call('lambda', 'Invoke', { FunctionName });
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return performance.now() - started;
}
