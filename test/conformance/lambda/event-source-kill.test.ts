/* `kill -9` while a function works on a queue: the mapping goes on, no message is lost, each group is in order. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateEventSourceMappingCommand, CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { carillon, emptyDirectory } from '../../cli/carillon.ts';
import { zip } from '../../zip.ts';
import { optionsFor } from '../clients.ts';

const GROUPS = ['a', 'b', 'c', 'd', 'e', 'f'];
const EACH = 50;
const EventSourceArn = 'arn:aws:sqs:eu-central-1:000000000000:jobs.fifo';
const CODE = `const { appendFileSync } = require('node:fs');
exports.handler = async ({ Records }) => {
  await new Promise((done) => setTimeout(done, 20));
  for (const { body } of Records) appendFileSync(process.env.BOOK, body + '\\n');
};`;

async function start(cwd: string) {
  const running = carillon(['start', '--port', '0', '--json'], { cwd });
  const options = optionsFor({ endpoint: String((await running.event('ready')).endpoint) });
  return { running, sqs: new SQSClient(options), lambda: new LambdaClient(options) };
}

test('a mapping outlives its engine', async () => {
  const cwd = emptyDirectory();
  const BOOK = join(cwd, 'book');
  const written = () => readFileSync(BOOK, 'utf8').trim().split('\n');
  const first = await start(cwd);
  const fifo = { FifoQueue: 'true', VisibilityTimeout: '3', ContentBasedDeduplication: 'true' };
  const create = new CreateQueueCommand({ QueueName: 'jobs.fifo', Attributes: fifo });
  const { QueueUrl } = await first.sqs.send(create);
  await first.lambda.send(
    new CreateFunctionCommand({
      ...{ FunctionName: 'worker', Runtime: 'nodejs24.x', Handler: 'index.handler' },
      Role: 'arn:aws:iam::000000000000:role/worker',
      Code: { ZipFile: await zip({ 'index.js': CODE }) },
      Environment: { Variables: { BOOK } },
    }),
  );
  await first.lambda.send(
    new CreateEventSourceMappingCommand({ EventSourceArn, FunctionName: 'worker', BatchSize: 2 }),
  );
  const sent: string[] = [];
  for (let n = 0; n < EACH; n++) {
    const bodies = GROUPS.map((group) => `${group}${String(n).padStart(3, '0')}`);
    const Entries = bodies.map((body) => ({ Id: body, MessageBody: body, MessageGroupId: body[0] }));
    await first.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    sent.push(...bodies);
  }
  await first.running.event('ring');
  first.running.kill('SIGKILL');
  await first.running.ended;
  expect(written().length).toBeLessThan(sent.length);

  const { sqs } = await start(cwd);
  const { QueueUrl: url } = await sqs.send(new GetQueueUrlCommand({ QueueName: 'jobs.fifo' }));
  const { QueueUrl: other } = await sqs.send(new CreateQueueCommand({ QueueName: 'empty' }));
  const left = async () => {
    const AttributeNames = ['All' as const];
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames }));
    const { ApproximateNumberOfMessages: visible, ApproximateNumberOfMessagesNotVisible: inFlight } = Attributes!;
    return Number(visible) + Number(inFlight);
  };
  while ((await left()) > 0) await sqs.send(new ReceiveMessageCommand({ QueueUrl: other, WaitTimeSeconds: 1 }));
  const seen = [...new Set(written())];
  expect(seen.toSorted()).toEqual(sent.toSorted());
  for (const group of GROUPS) {
    const ofGroup = seen.filter((body) => body.startsWith(group));
    expect(ofGroup).toEqual(ofGroup.toSorted());
  }
});
