/* HTTP addresses: confirmed, posted to, tried again, and told of their end. Fanout to HTTP/S: SNS Developer Guide. */
import { verify, X509Certificate } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestEngine, type TestEngine } from '../../testing.ts';

interface Posted {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let engine: TestEngine;
let server: Server;
let posted: Posted[];
let status: number;
let address: string;
let TopicArn: string;

beforeEach(async () => {
  posted = [];
  status = 200;
  server = createServer(async (request, response) => {
    posted.push({ path: request.url!, headers: request.headers, body: await text(request) });
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  engine = await createTestEngine({ clock: 'virtual:2026-01-01T00:00:00Z', log: () => {} });
  TopicArn = (await engine.call('sns', 'CreateTopic', { Name: 'news' })).TopicArn!;
});
afterEach(async () => {
  await engine.close();
  server.closeAllConnections();
  server.close();
});

async function subscribe(Attributes: Record<string, string> = {}, confirmed = true): Promise<string> {
  const input = { TopicArn, Protocol: 'http', Endpoint: address, Attributes, ReturnSubscriptionArn: true };
  const { SubscriptionArn } = await engine.call('sns', 'Subscribe', input);
  await engine.settle();
  if (confirmed) await fetch(JSON.parse(posted.pop()!.body).SubscribeURL);
  return SubscriptionArn!;
}

const publish = async (Message: string) => {
  const published = await engine.call('sns', 'Publish', { TopicArn, Message });
  await engine.settle();
  return published.MessageId!;
};
const secondsOfTries = () =>
  engine.journal
    .list()
    .filter(({ kind, detail }) => kind === 'delivery' && detail?.type === 'Notification')
    .map(({ at }) => (at - Date.UTC(2026, 0, 1)) / 1000);

it('an address is asked, by a signed message, and gets nothing before it agreed', async () => {
  const arn = await subscribe({}, false);
  await publish('too early');
  const [asked, ...others] = posted;
  expect(others).toEqual([]);
  expect(asked!.headers).toMatchObject({
    'x-amz-sns-message-type': 'SubscriptionConfirmation',
    'x-amz-sns-topic-arn': TopicArn,
    'content-type': 'text/plain; charset=UTF-8',
    'user-agent': 'Amazon Simple Notification Service Agent',
  });
  const told = JSON.parse(asked!.body);
  const names = ['Type', 'MessageId', 'Token', 'TopicArn', 'Message', 'SubscribeURL', 'Timestamp'];
  expect(Object.keys(told)).toEqual([...names, 'SignatureVersion', 'Signature', 'SigningCertURL']);
  const signed = ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  const { publicKey } = new X509Certificate(await (await fetch(told.SigningCertURL)).text());
  const content = signed.map((name) => `${name}\n${told[name]}\n`).join('');
  expect(verify('sha1', Buffer.from(content), publicKey, Buffer.from(told.Signature, 'base64'))).toBe(true);

  const confirmed = await engine.call('sns', 'ConfirmSubscription', { TopicArn, Token: told.Token });
  expect(confirmed.SubscriptionArn).toBe(arn);
  const MessageId = await publish('now');
  expect(posted[1]!.headers).toMatchObject({
    'x-amz-sns-message-type': 'Notification',
    'x-amz-sns-message-id': MessageId,
    'x-amz-sns-subscription-arn': arn,
  });
  expect(JSON.parse(posted[1]!.body)).toMatchObject({ Type: 'Notification', Message: 'now', MessageId });
});

it.each(['', 'x', `${'0'.repeat(160)}`])('the token %j confirms nothing', async (Token) => {
  await subscribe({}, false);
  await expect(engine.call('sns', 'ConfirmSubscription', { TopicArn, Token })).rejects.toThrow(
    'Invalid parameter: Token',
  );
});

it('who was not confirmed within two days is forgotten', async () => {
  await subscribe({}, false);
  await engine.clock.advance('49 hours');
  const { Subscriptions } = await engine.call('sns', 'ListSubscriptionsByTopic', { TopicArn });
  expect(Subscriptions).toEqual([]);
});

it('raw delivery posts the bare message', async () => {
  await subscribe({ RawMessageDelivery: 'true' });
  await publish('bare');
  expect(posted[0]).toMatchObject({ body: 'bare', headers: { 'x-amz-sns-rawdelivery': 'true' } });
});

it('three tries follow a failed one, 20 seconds apart; then the message is a dead letter', async () => {
  await engine.call('sqs', 'CreateQueue', { QueueName: 'dead' });
  const deadLetterTargetArn = 'arn:aws:sqs:us-east-1:000000000000:dead';
  await subscribe({ RedrivePolicy: JSON.stringify({ deadLetterTargetArn }) });
  status = 503;
  await publish('m');
  await engine.clock.advance('5 minutes');
  expect(secondsOfTries()).toEqual([0, 20, 40, 60]);
  const { Messages } = await engine.call('sqs', 'ReceiveMessage', { QueueUrl: '/000000000000/dead' });
  expect(Messages!.map(({ Body }) => Body)).toEqual([posted[0]!.body]);
});

it('a refusal is not tried again', async () => {
  await subscribe();
  status = 403;
  await publish('m');
  await engine.clock.advance('5 minutes');
  expect(posted).toHaveLength(1);
});

it('a policy of the subscription says when it is tried again, and as what type', async () => {
  const healthyRetryPolicy = {
    ...{ numRetries: 6, numNoDelayRetries: 1, numMinDelayRetries: 1, numMaxDelayRetries: 1 },
    ...{ minDelayTarget: 2, maxDelayTarget: 8, backoffFunction: 'linear' },
  };
  const requestPolicy = { headerContentType: 'application/json' };
  await subscribe({ DeliveryPolicy: JSON.stringify({ healthyRetryPolicy, requestPolicy }) });
  status = 500;
  await publish('m');
  await engine.clock.advance('5 minutes');
  expect(secondsOfTries()).toEqual([0, 0, 2, 4, 9, 17, 25]);
  expect(posted[0]!.headers['content-type']).toBe('application/json');
});

it('a throttled address gets so many messages a second', async () => {
  await subscribe({ DeliveryPolicy: JSON.stringify({ throttlePolicy: { maxReceivesPerSecond: 1 } }) });
  for (const message of ['1', '2', '3']) await publish(message);
  await engine.clock.advance('1 minute');
  expect(secondsOfTries()).toEqual([0, 1, 2]);
});

it('who follows the link ends the subscription, is told so, and may take it up again', async () => {
  const arn = await subscribe();
  await publish('1');
  await fetch(JSON.parse(posted.pop()!.body).UnsubscribeURL);
  await engine.settle();
  const farewell = JSON.parse(posted.pop()!.body);
  expect(farewell).toMatchObject({ Type: 'UnsubscribeConfirmation', TopicArn });
  await publish('2');
  expect(posted).toEqual([]);
  const again = await (await fetch(farewell.SubscribeURL)).text();
  expect(again).toContain(`<SubscriptionArn>${arn}</SubscriptionArn>`);
  await publish('3');
  expect(posted.map(({ body }) => JSON.parse(body).Message)).toEqual(['3']);
});

it('an address that nobody listens at keeps no other waiting', async () => {
  await subscribe();
  const gone = { TopicArn, Protocol: 'http', Endpoint: 'http://127.0.0.1:1/' };
  await engine.call('sns', 'Subscribe', gone);
  await publish('m');
  expect(posted.map(({ body }) => JSON.parse(body).Message)).toEqual(['m']);
});
