/* `kill -9` in the middle of a flood: what was accepted is in the queue, in order, and signatures hold over the restart. */
import { verify, X509Certificate } from 'node:crypto';
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { carillon, emptyDirectory } from '../../cli/carillon.ts';
import { optionsFor } from '../clients.ts';

const START = ['start', '--port', '0', '--json'];
const QUEUE_ARN = 'arn:aws:sqs:eu-central-1:000000000000:jobs';
const PUBLISHERS = 8;
const ENOUGH = 100;

async function start(cwd: string) {
  const running = carillon(START, { cwd });
  const endpoint = String((await running.event('ready')).endpoint);
  const options = { ...optionsFor({ endpoint }), maxAttempts: 1 };
  return { running, endpoint, sns: new SNSClient(options), sqs: new SQSClient(options) };
}

test('nothing accepted is lost', async () => {
  const cwd = emptyDirectory();
  const first = await start(cwd);
  const { QueueUrl } = await first.sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
  const { TopicArn } = await first.sns.send(new CreateTopicCommand({ Name: 'news' }));
  await first.sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: QUEUE_ARN }));
  const accepted = new Set<string>();
  const enough = Promise.withResolvers<void>();
  const flood = async (publisher: number) => {
    for (let n = 0; ; n++) {
      const Message = `${publisher}-${n}`;
      await first.sns.send(new PublishCommand({ TopicArn, Message }));
      accepted.add(Message);
      if (accepted.size >= ENOUGH) enough.resolve();
    }
  };
  const ended = Promise.allSettled(Array.from({ length: PUBLISHERS }, (_, index) => flood(index)));
  await enough.promise;
  first.running.kill('SIGKILL');
  await first.running.ended;
  await ended;

  const second = await start(cwd);
  const bodies: string[] = [];
  for (;;) {
    const { Messages } = await second.sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    if (!Messages) break;
    bodies.push(...Messages.map(({ Body }) => Body!));
  }
  const told = bodies.map((body) => JSON.parse(body));
  const arrived = new Set(told.map(({ Message }) => Message));
  expect([...accepted].filter((message) => !arrived.has(message))).toEqual([]);

  const [{ Message, MessageId, Timestamp, Type, Signature, SigningCertURL }] = told;
  const pem = await (await fetch(second.endpoint + new URL(SigningCertURL).pathname)).text();
  const { publicKey } = new X509Certificate(pem);
  const signed = Object.entries({ Message, MessageId, Timestamp, TopicArn, Type });
  const text = signed.map(([name, value]) => `${name}\n${value}\n`).join('');
  expect(verify('sha1', Buffer.from(text), publicKey, Buffer.from(Signature, 'base64'))).toBe(true);
  second.running.kill('SIGKILL');
  await second.running.ended;
});
