/* Topics and subscriptions, and what is delivered, by calls from inside. Words: SNS API Reference and Developer Guide. */
import { createVerify, X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestEngine, type TestEngine } from '../../testing.ts';

let engine: TestEngine;
beforeEach(async () => {
  engine = await createTestEngine({ clock: 'virtual:2026-01-01T00:00:00Z', permissions: 'off', log: () => {} });
});
afterEach(() => engine.close());

const ARN = 'arn:aws:sns:us-east-1:000000000000:';

async function topic(name = 'news', Attributes: Record<string, string> = {}): Promise<string> {
  const fifo = name.endsWith('.fifo') ? { FifoTopic: 'true' } : {};
  return (await engine.call('sns', 'CreateTopic', { Name: name, Attributes: { ...fifo, ...Attributes } })).TopicArn!;
}

async function queue(name: string): Promise<string> {
  const Attributes = name.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
  await engine.call('sqs', 'CreateQueue', { QueueName: name, Attributes });
  return `arn:aws:sqs:us-east-1:000000000000:${name}`;
}

async function subscribe(TopicArn: string, arn: string, Attributes: Record<string, string> = {}): Promise<string> {
  const Protocol = arn.split(':')[2]!;
  return (await engine.call('sns', 'Subscribe', { TopicArn, Protocol, Endpoint: arn, Attributes })).SubscriptionArn!;
}

async function received(name: string) {
  const { Messages = [] } = await engine.call('sqs', 'ReceiveMessage', {
    QueueUrl: `/000000000000/${name}`,
    MaxNumberOfMessages: 10,
    MessageAttributeNames: ['All'],
    AttributeNames: ['All'],
  });
  return Messages;
}

const bodies = async (name: string) => (await received(name)).map(({ Body }) => Body!);
const texts = async (name: string) => (await bodies(name)).map((body) => JSON.parse(body).Message);

describe('what a queue gets', () => {
  it('is the notification, in the order and form of AWS ("Parsing Amazon SNS message formats"), signed', async () => {
    const TopicArn = await topic();
    const arn = await subscribe(TopicArn, await queue('inbox'));
    const { MessageId } = await engine.call('sns', 'Publish', {
      TopicArn,
      Message: 'héllo "you"',
      Subject: 'A subject',
      MessageAttributes: { kind: { DataType: 'String', StringValue: 'greeting' } },
    });
    const [body = ''] = await bodies('inbox');
    const told = JSON.parse(body);
    expect(body).toBe(
      `{\n  "Type" : "Notification",\n  "MessageId" : "${MessageId}",\n  "TopicArn" : "${TopicArn}",\n` +
        `  "Subject" : "A subject",\n  "Message" : "héllo \\"you\\"",\n  "Timestamp" : "2026-01-01T00:00:00.000Z",\n` +
        `  "SignatureVersion" : "1",\n  "Signature" : "${told.Signature}",\n` +
        `  "SigningCertURL" : "${told.SigningCertURL}",\n` +
        `  "UnsubscribeURL" : "${engine.endpoint}/?Action=Unsubscribe&SubscriptionArn=${arn}",\n` +
        `  "MessageAttributes" : {\n    "kind" : {"Type":"String","Value":"greeting"}\n  }\n}`,
    );
  });

  it.each([
    ['1', 'sha1'],
    ['2', 'sha256'],
  ])(
    'verifies by signature version %s ("Verifying the signatures of Amazon SNS messages")',
    async (version, digest) => {
      const TopicArn = await topic('signed', { SignatureVersion: version });
      await subscribe(TopicArn, await queue('inbox'));
      await engine.call('sns', 'Publish', { TopicArn, Message: 'm', Subject: 's' });
      const told = JSON.parse((await bodies('inbox'))[0]!);
      expect(told.SigningCertURL).toMatch(/\/SimpleNotificationService-[\da-f]{32}\.pem$/);
      const pem = await (await fetch(told.SigningCertURL)).text();
      const certificate = new X509Certificate(pem);
      expect(certificate.verify(certificate.publicKey)).toBe(true);
      expect(certificate.subject).toBe('CN=sns.amazonaws.com');
      const signed = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type'];
      const text = signed.map((name) => `${name}\n${told[name]}\n`).join('');
      const verifies = (of: string) =>
        createVerify(digest).update(of).verify(certificate.publicKey, told.Signature, 'base64');
      expect([told.SignatureVersion, verifies(text), verifies(`${text}.`)]).toEqual([version, true, false]);
    },
  );

  it('is the bare message with its attributes, by raw delivery', async () => {
    const TopicArn = await topic();
    await subscribe(TopicArn, await queue('inbox'), { RawMessageDelivery: 'true' });
    const MessageAttributes = {
      n: { DataType: 'Number', StringValue: '1.5' },
      b: { DataType: 'Binary', BinaryValue: Buffer.from([1, 255]) },
    };
    await engine.call('sns', 'Publish', { TopicArn, Message: 'bare', MessageAttributes });
    const [message] = await received('inbox');
    expect(message).toMatchObject({ Body: 'bare', MessageAttributes });
  });

  it('says what the message has for its protocol (MessageStructure json)', async () => {
    const TopicArn = await topic();
    await subscribe(TopicArn, await queue('inbox'));
    const Message = JSON.stringify({ default: 'any', sqs: 'queues', lambda: 'functions' });
    await engine.call('sns', 'Publish', { TopicArn, Message, MessageStructure: 'json' });
    expect(await texts('inbox')).toEqual(['queues']);
  });
});

it('a function gets an event with one record, its members in the order of AWS', async () => {
  const TopicArn = await topic();
  const ring = await engine.createFunction('ring', 'exports.handler = async (e) => console.log(JSON.stringify(e))');
  const arn = await subscribe(TopicArn, ring.arn);
  await engine.call('sns', 'Publish', { TargetArn: TopicArn, Message: '{"a":1}' });
  await engine.settle();
  const { events = [] } = await engine.call('logs', 'FilterLogEvents', { logGroupName: '/aws/lambda/ring' });
  const line = events.map(({ message }) => message!).find((message) => message.includes('Records'))!;
  const event = JSON.parse(line.slice(line.indexOf('{')));
  const [record] = event.Records;
  expect(Object.keys(record)).toEqual(['EventSource', 'EventVersion', 'EventSubscriptionArn', 'Sns']);
  expect(record).toMatchObject({ EventSource: 'aws:sns', EventVersion: '1.0', EventSubscriptionArn: arn });
  expect(Object.keys(record.Sns).join()).toBe(
    'Type,MessageId,TopicArn,Subject,Message,Timestamp,SignatureVersion,Signature,SigningCertUrl,UnsubscribeUrl,MessageAttributes',
  );
  expect(record.Sns).toMatchObject({ Subject: null, Message: '{"a":1}', TopicArn, MessageAttributes: {} });
});

describe('filter policies', () => {
  const attribute = (DataType: string, StringValue: string) => ({ DataType, StringValue });

  it.each([
    [{ kind: ['a', 'b'] }, { kind: attribute('String', 'b') }, true],
    [{ kind: ['a', 'b'] }, { kind: attribute('String', 'c') }, false],
    [{ kind: ['a'] }, {}, false],
    [{ kind: [{ 'anything-but': ['a'] }] }, { kind: attribute('String', 'b') }, true],
    [{ kind: [{ prefix: 'ab' }] }, { kind: attribute('String', 'abc') }, true],
    [{ kind: [{ suffix: 'bc' }] }, { kind: attribute('String', 'abd') }, false],
    [{ kind: [{ 'equals-ignore-case': 'ABC' }] }, { kind: attribute('String', 'abc') }, true],
    [{ price: [{ numeric: ['>', 10, '<=', 20] }] }, { price: attribute('Number', '20') }, true],
    [{ price: [{ numeric: ['>', 10] }] }, { price: attribute('String', '20') }, false],
    [{ kind: [{ exists: false }] }, {}, true],
    [{ kind: [{ exists: true }] }, { kind: attribute('String', 'x') }, true],
    [{ ip: [{ cidr: '10.0.0.0/24' }] }, { ip: attribute('String', '10.0.0.7') }, true],
    [{ list: ['b'] }, { list: attribute('String.Array', '["a","b",3,true,null]') }, true],
    [{ list: [true] }, { list: attribute('String.Array', '["a",true]') }, true],
    [{ list: ['c'] }, { list: attribute('String.Array', '["a","b"]') }, false],
    [{ $or: [{ a: ['1'] }, { b: ['2'] }] }, { b: attribute('String', '2') }, true],
  ])('%j over the attributes %j: %s', async (policy, MessageAttributes, goes) => {
    const TopicArn = await topic();
    await subscribe(TopicArn, await queue('inbox'), { FilterPolicy: JSON.stringify(policy) });
    await engine.call('sns', 'Publish', { TopicArn, Message: 'm', MessageAttributes: MessageAttributes as never });
    expect(await texts('inbox')).toEqual(goes ? ['m'] : []);
  });

  it.each([
    [{ store: { city: ['Linz'] } }, '{"store":{"city":"Linz"}}', true],
    [{ store: { city: ['Linz'] } }, '{"store":{"city":"Wien"}}', false],
    [{ items: { price: [{ numeric: ['>', 1] }] } }, '{"items":[{"price":0},{"price":2}]}', true],
    [{ a: ['x'] }, 'no JSON', false],
    [{ a: [{ exists: false }] }, '[1]', false],
  ])('%j over the body %s: %s', async (policy, Message, goes) => {
    const TopicArn = await topic();
    const attributes = { FilterPolicy: JSON.stringify(policy), FilterPolicyScope: 'MessageBody' };
    await subscribe(TopicArn, await queue('inbox'), attributes);
    await engine.call('sns', 'Publish', { TopicArn, Message });
    expect(await texts('inbox')).toEqual(goes ? [Message] : []);
  });

  it('hold from when they are set, until they are taken away', async () => {
    const TopicArn = await topic();
    const SubscriptionArn = await subscribe(TopicArn, await queue('inbox'));
    const set = (AttributeValue: string) =>
      engine.call('sns', 'SetSubscriptionAttributes', {
        SubscriptionArn,
        AttributeName: 'FilterPolicy',
        AttributeValue,
      });
    const publish = (Message: string) => engine.call('sns', 'Publish', { TopicArn, Message });
    await publish('1');
    await set('{"kind":["a"]}');
    await publish('2');
    await set('{}');
    await publish('3');
    expect(await texts('inbox')).toEqual(['1', '3']);
  });

  it.each([
    ['{', 'FilterPolicy: failed to parse JSON.'],
    ['{"a":"b"}', 'FilterPolicy: "a" must be an object or an array'],
    ['{"a":{"b":["c"]}}', 'FilterPolicy: Filter policy scope MessageAttributes does not support nested filter policy'],
    ['{"a":[1],"b":[1],"c":[1],"d":[1],"e":[1],"f":[1]}', 'FilterPolicy: Filter policy can not have more than 5 keys'],
    [
      JSON.stringify({ a: [...'abcdefghijklm'], b: [...'abcdefghijklm'] }),
      'FilterPolicy: Filter policy is too complex',
    ],
    ['{"a":[{"numeric":["<"]}]}', 'FilterPolicy: '],
    [`${'{"$or":['.repeat(20_000)}1${']}'.repeat(20_000)}`, 'FilterPolicy: Filter policy is too complex'],
    [`${'{"a":'.repeat(30_000)}1${'}'.repeat(30_000)}`, 'FilterPolicy: Filter policy is too complex'],
  ])('%.80s is refused', async (FilterPolicy, words) => {
    const TopicArn = await topic();
    await expect(subscribe(TopicArn, await queue('inbox'), { FilterPolicy })).rejects.toThrow(
      `Invalid parameter: Attributes Reason: ${words}`,
    );
  });
});

describe('FIFO topics', () => {
  it('keep order, groups and ids, and drop what is published twice within five minutes', async () => {
    const TopicArn = await topic('orders.fifo', { ContentBasedDeduplication: 'true' });
    await subscribe(TopicArn, await queue('orders.fifo'));
    await subscribe(TopicArn, await queue('plain'));
    const publish = (Message: string) => engine.call('sns', 'Publish', { TopicArn, Message, MessageGroupId: 'g' });
    const first = await publish('1');
    await publish('2');
    expect(await publish('1')).toEqual(first);
    expect(first.SequenceNumber).toMatch(/^1\d{19}$/);
    const messages = await received('orders.fifo');
    expect(messages.map(({ Body, Attributes }) => [JSON.parse(Body!).Message, Attributes!.MessageGroupId])).toEqual([
      ['1', 'g'],
      ['2', 'g'],
    ]);
    expect(JSON.parse(messages[0]!.Body!)).toMatchObject({ SequenceNumber: first.SequenceNumber });
    expect(await texts('plain')).toEqual(['1', '2']);
    await engine.clock.advance('5 minutes');
    expect((await publish('1')).MessageId).not.toBe(first.MessageId);
  });

  it('keep the order of a group when its queue is down for a while, and keep no other group waiting', async () => {
    const TopicArn = await topic('orders.fifo', { ContentBasedDeduplication: 'true' });
    await subscribe(TopicArn, await queue('orders.fifo'));
    const publish = (MessageGroupId: string, from: number, to: number) =>
      Promise.all(
        Array.from({ length: to - from }, (_, index) =>
          engine.call('sns', 'Publish', { TopicArn, Message: `${MessageGroupId}${from + index}`, MessageGroupId }),
        ),
      );
    const mend = engine.fault('queue orders.fifo is down');
    await publish('a', 0, 3);
    await engine.clock.advance('2 seconds');
    mend();
    await publish('a', 3, 6);
    await publish('b', 0, 1);
    expect(await texts('orders.fifo')).toEqual(['b0']);
    await engine.clock.advance('1 minute');
    expect(await texts('orders.fifo')).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'b0']);
  });

  it.each([
    [{}, 'The MessageGroupId parameter is required for FIFO topics'],
    [
      { MessageGroupId: 'g' },
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    ],
    [{ MessageGroupId: 'g g' }, 'MessageGroupId Reason: '],
  ])('refuse %j', async (given, words) => {
    const TopicArn = await topic('orders.fifo');
    await expect(engine.call('sns', 'Publish', { TopicArn, Message: 'm', ...given })).rejects.toThrow(
      `Invalid parameter: ${words}`,
    );
  });
});

describe('what can not be delivered', () => {
  it('of a queue that is not there goes to the dead-letter queue at once, as it would have been delivered', async () => {
    const TopicArn = await topic();
    const deadLetterTargetArn = await queue('dead');
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn });
    await subscribe(TopicArn, 'arn:aws:sqs:us-east-1:000000000000:gone', { RedrivePolicy });
    await subscribe(TopicArn, await queue('inbox'));
    await engine.call('sns', 'Publish', { TopicArn, Message: 'm' });
    const [letter] = await received('dead');
    expect(JSON.parse(letter!.Body!)).toMatchObject({ Type: 'Notification', Message: 'm' });
    expect(letter!.MessageAttributes).toBeUndefined();
    expect(await texts('inbox')).toEqual(['m']);
  });

  it('for now is tried again by the phases of AWS: thrice at once, then after 1, 1, 1, 2, 4, 8, 16, 20 … seconds', async () => {
    const TopicArn = await topic();
    await subscribe(TopicArn, await queue('inbox'));
    const mend = engine.fault('queue inbox is down');
    await engine.call('sns', 'Publish', { TopicArn, Message: 'm' });
    await engine.clock.advance('2 minutes');
    const tries = engine.journal.list().filter(({ kind }) => kind === 'delivery');
    const seconds = tries.map(({ at }) => (at - Date.UTC(2026, 0, 1)) / 1000);
    expect(seconds).toEqual([0, 0, 0, 0, 1, 2, 3, 5, 9, 17, 33, 53, 73, 93, 113]);
    mend();
    await engine.clock.advance('20 seconds');
    expect(await texts('inbox')).toEqual(['m']);
  });
});

it('a queue that does not let the topic in gets nothing where permissions are enforced, and its dead letters do', async () => {
  await using strict = await createTestEngine({ permissions: 'enforce' });
  const { TopicArn } = await strict.call('sns', 'CreateTopic', { Name: 'news' });
  const [inbox, dead] = ['inbox', 'dead'].map((name) => `arn:aws:sqs:us-east-1:000000000000:${name}`);
  const statement = {
    ...{ Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: dead },
    Condition: { ArnEquals: { 'aws:SourceArn': TopicArn } },
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await strict.call('sqs', 'CreateQueue', { QueueName: 'inbox' });
  await strict.call('sqs', 'CreateQueue', { QueueName: 'dead', Attributes: { Policy } });
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: dead });
  const input = { TopicArn, Protocol: 'sqs', Endpoint: inbox, Attributes: { RedrivePolicy } };
  await strict.call('sns', 'Subscribe', input);
  await strict.call('sns', 'Publish', { TopicArn, Message: 'm' });
  const counts = ['inbox', 'dead'].map(async (name) => {
    const { Messages = [] } = await strict.call('sqs', 'ReceiveMessage', { QueueUrl: `/000000000000/${name}` });
    return Messages.length;
  });
  expect(await Promise.all(counts)).toEqual([0, 1]);
});

it('a rule reaches a topic: the event is the message, without a subject', async () => {
  const TopicArn = await topic();
  await subscribe(TopicArn, await queue('inbox'));
  await engine.call('eventbridge', 'PutRule', { Name: 'r', EventPattern: '{"source":["me"]}' });
  await engine.call('eventbridge', 'PutTargets', { Rule: 'r', Targets: [{ Id: '1', Arn: TopicArn }] });
  await engine.call('eventbridge', 'PutEvents', { Entries: [{ Source: 'me', DetailType: 't', Detail: '{"x":1}' }] });
  const [body = ''] = await bodies('inbox');
  expect(JSON.parse(JSON.parse(body).Message)).toMatchObject({ source: 'me', detail: { x: 1 } });
  expect(JSON.parse(body)).not.toHaveProperty('Subject');
});

it('an email is a journal entry, once the link on the log has been opened', async () => {
  const TopicArn = await topic();
  const Endpoint = 'me@example.com';
  const { SubscriptionArn } = await engine.call('sns', 'Subscribe', { TopicArn, Protocol: 'email', Endpoint });
  expect(SubscriptionArn).toBe('pending confirmation');
  const emails = () => engine.journal.list().filter(({ kind }) => kind === 'email');
  await engine.call('sns', 'Publish', { TopicArn, Message: 'too early' });
  const { url } = emails()[0]!.detail as { url: string };
  const answer = await fetch(url);
  expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining(`<SubscriptionArn>${TopicArn}:`)]);
  await engine.call('sns', 'Publish', { TopicArn, Message: 'm', Subject: 's' });
  expect(
    emails()
      .map(({ subject, detail }) => [subject, detail?.message])
      .slice(1),
  ).toEqual([[Endpoint, 'm']]);
});

describe('topics', () => {
  it('are made once, and refused with other attributes or tags', async () => {
    const first = await topic('t', { DisplayName: 'T' });
    expect(await topic('t')).toBe(first);
    await expect(topic('t', { DisplayName: 'U' })).rejects.toThrow(
      'Invalid parameter: Attributes Reason: Topic already exists with different attributes',
    );
    const Tags = [{ Key: 'a', Value: 'b' }];
    await expect(engine.call('sns', 'CreateTopic', { Name: 't', Tags })).rejects.toThrow(
      'Invalid parameter: Tags Reason: Topic already exists with different tags',
    );
  });

  it('have the attributes and the policy that Terraform reads', async () => {
    const TopicArn = await topic('t', { DisplayName: 'T' });
    await subscribe(TopicArn, await queue('q'));
    const { Attributes } = await engine.call('sns', 'GetTopicAttributes', { TopicArn });
    const { Policy, EffectiveDeliveryPolicy, ...rest } = Attributes!;
    expect(JSON.parse(Policy!).Statement[0]).toMatchObject({ Effect: 'Allow', Resource: TopicArn });
    expect(JSON.parse(EffectiveDeliveryPolicy!).http.defaultHealthyRetryPolicy).toMatchObject({ numRetries: 3 });
    expect(rest).toEqual({
      Owner: '000000000000',
      TopicArn,
      DisplayName: 'T',
      SubscriptionsPending: '0',
      SubscriptionsConfirmed: '1',
      SubscriptionsDeleted: '0',
    });
  });

  it('have permissions added and removed', async () => {
    const TopicArn = await topic('t');
    const add = { TopicArn, Label: 'l', AWSAccountId: ['111122223333'], ActionName: ['Publish'] };
    await engine.call('sns', 'AddPermission', add);
    await expect(engine.call('sns', 'AddPermission', add)).rejects.toThrow(
      'Invalid parameter: Statement already exists',
    );
    const statements = async () =>
      JSON.parse((await engine.call('sns', 'GetTopicAttributes', { TopicArn })).Attributes!.Policy!).Statement;
    expect((await statements())[1]).toEqual({
      Sid: 'l',
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::111122223333:root' },
      Action: 'SNS:Publish',
      Resource: TopicArn,
    });
    await engine.call('sns', 'RemovePermission', { TopicArn, Label: 'l' });
    expect(await statements()).toHaveLength(1);
  });

  it('go with their subscriptions, and are gone twice as well as once', async () => {
    const TopicArn = await topic('t');
    await subscribe(TopicArn, await queue('q'));
    await engine.call('sns', 'DeleteTopic', { TopicArn });
    await engine.call('sns', 'DeleteTopic', { TopicArn });
    expect((await engine.call('sns', 'ListSubscriptions', {})).Subscriptions).toEqual([]);
    await topic('t');
    await engine.call('sns', 'Publish', { TopicArn, Message: 'm' });
    expect(await bodies('q')).toEqual([]);
  });

  it('are listed by the hundred', async () => {
    for (let i = 0; i < 101; i++) await topic(`t${i}`);
    const { Topics, NextToken } = await engine.call('sns', 'ListTopics', {});
    expect(Topics).toHaveLength(100);
    expect((await engine.call('sns', 'ListTopics', { NextToken })).Topics).toHaveLength(1);
  });

  it.each([
    ['CreateTopic', { Name: 'a b' }, 'Invalid parameter: Topic Name'],
    ['CreateTopic', { Name: 'a.fifo' }, 'Invalid parameter: Topic Name'],
    ['CreateTopic', { Name: 'a', Attributes: { FifoTopic: 'true' } }, 'Invalid parameter: Fifo Topic names must end'],
    [
      'CreateTopic',
      { Name: 'a', Attributes: { No: '1' } },
      'Invalid parameter: Attributes Reason: Unknown attribute No',
    ],
    ['GetTopicAttributes', { TopicArn: 'x' }, 'TopicArn Reason: An ARN must have at least 6 elements, not 1'],
    ['GetTopicAttributes', { TopicArn: `${ARN}no` }, 'Topic does not exist'],
    ['ListTagsForResource', { ResourceArn: `${ARN}no` }, 'Resource does not exist'],
    ['GetSubscriptionAttributes', { SubscriptionArn: `${ARN}no:1` }, 'Subscription does not exist'],
    ['Publish', { Message: 'm' }, 'Invalid parameter: TopicArn or TargetArn Reason: no value for required parameter'],
    ['Publish', { TopicArn: `${ARN}no`, Message: 'm' }, 'Topic does not exist'],
  ] as const)('%s refuses %j', async (operation, input, words) => {
    await expect(engine.call('sns', operation, input as never)).rejects.toThrow(words);
  });

  it.each([
    [{ Message: '' }, 'Invalid parameter: Empty message'],
    [{ Message: 'x'.repeat(262_145) }, 'Invalid parameter: Message too long'],
    [{ Message: 'm', Subject: 'a\nb' }, 'Invalid parameter: Subject'],
    [{ Message: 'm', Subject: 'x'.repeat(101) }, 'Invalid parameter: Subject'],
    [{ Message: 'm', MessageStructure: 'json' }, 'Message Structure - JSON message body failed to parse'],
    [{ Message: '{}', MessageStructure: 'json' }, 'Message Structure - No default entry in JSON message body'],
    [{ Message: 'm', MessageDeduplicationId: 'd' }, 'MessageDeduplicationId parameter that is not valid'],
    [
      { Message: 'm', MessageAttributes: { a: { DataType: 'String', StringValue: '' } } },
      "The message attribute 'a' must contain non-empty message attribute value for message attribute type 'String'.",
    ],
    [
      { Message: 'm', MessageAttributes: { a: { DataType: 'Text', StringValue: 'x' } } },
      'invalid message attribute type',
    ],
  ])('Publish refuses %j', async (given, words) => {
    const TopicArn = await topic();
    await expect(engine.call('sns', 'Publish', { TopicArn, ...given })).rejects.toThrow(words);
  });
});
