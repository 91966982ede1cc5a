/* `kill -9` in the middle of a flood: what was accepted is there, what was deleted is gone, order is kept. */
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { carillon, emptyDirectory } from '../../cli/carillon.ts';
import { optionsFor } from '../clients.ts';

const START = ['start', '--port', '0', '--json'];
const SENDERS = 16;
const ENOUGH = 400;

async function start(cwd: string) {
  const running = carillon(START, { cwd });
  const endpoint = String((await running.event('ready')).endpoint);
  return { running, endpoint, client: new SQSClient({ ...optionsFor({ endpoint }), maxAttempts: 1 }) };
}

test('nothing accepted is lost, and a group is in the order that it was accepted in', async () => {
  const cwd = emptyDirectory();
  const first = await start(cwd);
  const { QueueUrl } = await first.client.send(
    new CreateQueueCommand({ QueueName: 'jobs.fifo', Attributes: { FifoQueue: 'true', VisibilityTimeout: '0' } }),
  );
  const accepted = Array.from({ length: SENDERS }, () => [] as string[]);
  const deleted = new Set<string>();
  const enough = Promise.withResolvers<void>();
  const flood = async (group: string, bodies: string[]) => {
    for (let n = 0; ; n++) {
      const MessageBody = `${group}-${n}`;
      const MessageDeduplicationId = MessageBody;
      const sent = { QueueUrl, MessageBody, MessageGroupId: group, MessageDeduplicationId };
      await first.client.send(new SendMessageCommand(sent));
      bodies.push(MessageBody);
      if (accepted.flat().length >= ENOUGH) enough.resolve();
    }
  };
  const consume = async () => {
    for (;;) {
      const received = await first.client.send(
        new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1, VisibilityTimeout: 1 }),
      );
      for (const { Body, ReceiptHandle } of received.Messages ?? []) {
        await first.client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        deleted.add(Body!);
      }
    }
  };
  const work = [...accepted.map((bodies, group) => flood(String(group), bodies)), consume()];
  const ended = Promise.allSettled(work);
  await enough.promise;
  first.running.kill('SIGKILL');
  await first.running.ended;
  await ended;

  const second = await start(cwd);
  const url = new URL(new URL(QueueUrl!).pathname, second.endpoint).href;
  const found = new Map<string, string[]>();
  for (let empty = 0; empty < 2; ) {
    const { Messages = [] } = await second.client.send(
      new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1, VisibilityTimeout: 60 }),
    );
    if (Messages.length === 0) empty++;
    for (const { Body = '', ReceiptHandle } of Messages) {
      const [group = ''] = Body.split('-');
      found.set(group, [...(found.get(group) ?? []), Body]);
      await second.client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
    }
  }
  const lost: string[] = [];
  for (const [group, bodies] of accepted.entries()) {
    const left = found.get(String(group)) ?? [];
    expect(left.filter((body) => deleted.has(body))).toEqual([]);
    const order = left.map((body) => Number(body.split('-')[1]));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    lost.push(...bodies.filter((body) => !left.includes(body) && !deleted.has(body)));
  }
  // One may have been deleted whose consumer died with the answer on its way.
  expect(lost.length).toBeLessThanOrEqual(1);
});
