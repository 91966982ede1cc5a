/* Events finding their way by content. Log groups are the targets where it matters what arrives, and in which order. */
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { createEngine, type Engine, type Input } from '../../engine.ts';
import { matchesPattern, parsePattern } from '../../languages/event-pattern/index.ts';

const OWNER = 'us-east-1:000000000000';
const GROUP_ARN = `arn:aws:logs:${OWNER}:log-group:heard`;

const engines: Engine[] = [];
afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
});

async function start(): Promise<Engine> {
  const engine = await createEngine({ clock: 'virtual:2026-01-01T00:00:00Z' });
  engines.push(engine);
  await engine.call('logs', 'CreateLogGroup', { logGroupName: 'heard' });
  return engine;
}

type Entry = NonNullable<Input<'eventbridge', 'PutEvents'>['Entries']>[number];
type Target = NonNullable<Input<'eventbridge', 'PutTargets'>['Targets']>[number];
type Rule = Partial<Input<'eventbridge', 'PutRule'>> & { target?: Partial<Target> };

const order: Entry = { Source: 'shop', DetailType: 'Order', Detail: '{"paid":true}' };

/** A rule of a name, and its one target. */
async function rule(engine: Engine, Name: string, pattern: unknown, { target, ...settings }: Rule = {}) {
  await engine.call('eventbridge', 'PutRule', { Name, EventPattern: JSON.stringify(pattern), ...settings });
  const { EventBusName } = settings;
  const Targets = [{ Id: 'one', Arn: GROUP_ARN, Input: JSON.stringify(Name), ...target }];
  await engine.call('eventbridge', 'PutTargets', { Rule: Name, EventBusName, Targets });
}

function put(engine: Engine, ...Entries: Entry[]) {
  return engine.call('eventbridge', 'PutEvents', { Entries });
}

/** What has arrived, in order. */
async function heard(engine: Engine): Promise<string[]> {
  await engine.settle();
  const { events } = await engine.call('logs', 'FilterLogEvents', { logGroupName: 'heard' });
  return events!.map(({ message }) => message!);
}

function deliveries(engine: Engine): string[] {
  const notes = engine.journal.list().filter(({ kind }) => kind === 'delivery');
  return notes.map(({ subject, outcome }) => `${subject.split(':').at(-1)} ${outcome}`);
}

const whole = { target: { Input: undefined } };

describe('an event', () => {
  it('goes to the rules that it matches, in order of their names, and to no other', async () => {
    const engine = await start();
    await rule(engine, 'paid', { detail: { paid: [true] } });
    await rule(engine, 'owed', { detail: { paid: [false] } });
    await rule(engine, 'all', { source: ['shop'] });
    await put(engine, order, { ...order, Detail: '{"paid":false}' }, { ...order, Source: 'other' });
    expect(await heard(engine)).toEqual(['"all"', '"paid"', '"all"', '"owed"', '"paid"']);
  });

  it.each([
    ...['[]', '1', '"a"', 'null', ' ', '{', '{"a":1', '{"a":01}', '{},', '{}{}', '{}} ', '{"a":1}}'],
    ...['{},"x":{}', '{},"detail":{}', '{}},"x":{', '{}},{"x":{}'],
  ])('has no detail like %j', async (Detail) => {
    const engine = await start();
    const refused = { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
    expect((await put(engine, { ...order, Detail })).Entries).toEqual([refused]);
    await rule(engine, 'odd', { $or: [{ x: [{ exists: true }] }, { source: ['shop'] }] });
    expect((await put(engine, { ...order, DetailType: 'é"', Detail })).Entries).toEqual([refused]);
    expect(await heard(engine)).toEqual([]);
  });

  it.each(['{}', ' {} ', '{"a":"é"}\n', '{"a":{"b":[1,{}]}}', '{"":{}}'])('has a detail like %j', async (Detail) => {
    const engine = await start();
    expect((await put(engine, { ...order, DetailType: 'é"', Detail })).FailedEntryCount).toBe(0);
    await rule(engine, 'all', { source: ['shop'] }, { target: { Input: undefined, InputPath: '$.detail' } });
    expect((await put(engine, { ...order, DetailType: 'é"', Detail })).FailedEntryCount).toBe(0);
    expect((await heard(engine)).map((text) => JSON.parse(text))).toEqual([JSON.parse(Detail)]);
  });

  it('is written with its members in order, its detail byte for byte', async () => {
    const engine = await start();
    await rule(engine, 'shop', { source: ['shop'] }, whole);
    const Detail = ' { "big":12345678901234567890, "a":1.0,"a" : "\\u00e9é" }\n';
    const Resources = ['arn:aws:s3:::goods'];
    const Time = new Date('2025-12-31T23:59:59.900Z');
    const { Entries } = await put(engine, { ...order, DetailType: 'An "Order"', Detail, Resources, Time }, order);
    const [first, second] = Entries!.map(({ EventId }) => EventId);
    expect(await heard(engine)).toEqual([
      `{"version":"0","id":"${first}","detail-type":"An \\"Order\\"","source":"shop","account":"000000000000",` +
        `"time":"2025-12-31T23:59:59Z","region":"us-east-1","resources":["arn:aws:s3:::goods"],"detail":${Detail}}`,
      `{"version":"0","id":"${second}","detail-type":"Order","source":"shop","account":"000000000000",` +
        `"time":"2026-01-01T00:00:00Z","region":"us-east-1","resources":[],"detail":{"paid":true}}`,
    ]);
  });

  it('gives a target what its InputTransformer makes of it', async () => {
    const engine = await start();
    const InputTransformer = {
      InputPathsMap: { paid: '$.detail.paid', from: '$.source' },
      InputTemplate: '{"is": <paid>, "by": "<from> through <aws.events.rule-name>"}',
    };
    await rule(engine, 'shop', { source: ['shop'] }, { target: { Input: undefined, InputTransformer } });
    await put(engine, order);
    expect(await heard(engine)).toEqual(['{"is": true, "by": "shop through shop"}']);
  });

  it('passes the rules by that are disabled, changed or gone', async () => {
    const engine = await start();
    await rule(engine, 'off', { source: ['shop'] }, { State: 'DISABLED' });
    await rule(engine, 'on', { source: ['shop'] });
    await put(engine, order);
    await engine.call('eventbridge', 'EnableRule', { Name: 'off' });
    await rule(engine, 'on', { source: ['other'] });
    await put(engine, order);
    await engine.call('eventbridge', 'RemoveTargets', { Rule: 'off', Ids: ['one'] });
    await engine.call('eventbridge', 'DeleteRule', { Name: 'off' });
    await put(engine, order);
    expect(await heard(engine)).toEqual(['"on"', '"off"']);
  });

  it('takes no notice of a change that was taken back', async () => {
    const engine = await start();
    await rule(engine, 'kept', { source: ['shop'] });
    const Tags = Array.from({ length: 51 }, (_, number) => ({ Key: `${number}`, Value: '' }));
    await expect(rule(engine, 'new', { source: ['shop'] }, { Tags })).rejects.toMatchObject({
      code: 'ValidationException',
    });
    await put(engine, order);
    expect(await heard(engine)).toEqual(['"kept"']);
  });

  it('comes to a FIFO queue in its message group', async () => {
    const engine = await start();
    const { QueueUrl } = await engine.call('sqs', 'CreateQueue', {
      QueueName: 'orders.fifo',
      Attributes: { FifoQueue: 'true', ContentBasedDeduplication: 'true' },
    });
    const Arn = 'arn:aws:sqs:us-east-1:000000000000:orders.fifo';
    const target = { Arn, SqsParameters: { MessageGroupId: 'shop' } };
    await rule(engine, 'orders', { source: ['shop'] }, { target });
    await put(engine, order);
    const received = { QueueUrl, MessageSystemAttributeNames: ['MessageGroupId' as const] };
    const { Messages } = await engine.call('sqs', 'ReceiveMessage', received);
    expect(Messages).toMatchObject([{ Body: '"orders"', Attributes: { MessageGroupId: 'shop' } }]);
  });

  it('comes to a rule that has a schedule too', async () => {
    const engine = await start();
    await rule(engine, 'both', { source: ['shop'] }, { ScheduleExpression: 'rate(5 minutes)' });
    await put(engine, order);
    await engine.clock.advance('10 minutes');
    expect(await heard(engine)).toEqual(['"both"', '"both"', '"both"']);
  });

  it('stays on its bus', async () => {
    const engine = await start();
    const { EventBusArn } = await engine.call('eventbridge', 'CreateEventBus', { Name: 'shop' });
    await rule(engine, 'default', { source: ['shop'] });
    await rule(engine, 'custom', { source: ['shop'] }, { EventBusName: EventBusArn! });
    await put(engine, { ...order, EventBusName: 'shop' }, { ...order, EventBusName: EventBusArn });
    expect(await heard(engine)).toEqual(['"custom"', '"custom"']);
  });

  it('for a bus that is not there is taken, and lost (github.com/aws/aws-cli/issues/9186)', async () => {
    const engine = await start();
    const result = await put(engine, { ...order, EventBusName: 'nowhere' });
    expect(result).toEqual({ FailedEntryCount: 0, Entries: [{ EventId: expect.any(String) }] });
  });

  it('for a bus of another account keeps the account that it came from', async () => {
    const engine = await start();
    const there = { account: '210987654321' };
    await engine.call('eventbridge', 'PutRule', { Name: 'all', EventPattern: '{"source":["shop"]}' }, there);
    await engine.call('eventbridge', 'PutTargets', { Rule: 'all', Targets: [{ Id: 'a', Arn: GROUP_ARN }] }, there);
    await put(engine, { ...order, EventBusName: 'arn:aws:events:us-east-1:210987654321:event-bus/default' });
    expect((await heard(engine)).map((message) => JSON.parse(message).account)).toEqual(['000000000000']);
  });
});

describe('from bus to bus', () => {
  const busArn = (name: string) => `arn:aws:events:${OWNER}:event-bus/${name}`;

  it('an event stays as it is, and does not go on to a third', async () => {
    const engine = await start();
    for (const Name of ['second', 'third']) await engine.call('eventbridge', 'CreateEventBus', { Name });
    await rule(engine, 'on', { source: ['shop'] }, { target: { Arn: busArn('second'), Input: undefined } });
    const onSecond = { EventBusName: 'second', ...whole };
    await rule(engine, 'a', { source: ['shop'] }, { ...onSecond, target: { Arn: busArn('third'), Input: undefined } });
    await rule(engine, 'b', { 'detail-type': ['Order'] }, onSecond);
    await rule(engine, 'c', { source: ['shop'] }, { EventBusName: 'third' });
    const { Entries } = await put(engine, order);
    const messages = (await heard(engine)).map((message) => JSON.parse(message));
    expect(messages).toMatchObject([{ id: Entries![0]!.EventId, source: 'shop', detail: { paid: true } }]);
    expect(deliveries(engine)).toEqual(['event-bus/second ok', 'event-bus/third ThirdEventBus', 'heard ok']);
  });

  it('what is no event is refused, and so is a bus that is not there', async () => {
    const engine = await start();
    await engine.call('eventbridge', 'CreateEventBus', { Name: 'second' });
    await rule(engine, 'a', { source: ['shop'] }, { target: { Arn: busArn('second'), Input: '{"source":1}' } });
    await rule(engine, 'b', { source: ['shop'] }, { target: { Arn: busArn('gone'), Input: undefined } });
    await put(engine, order);
    expect(deliveries(engine)).toEqual([
      'event-bus/second MalformedDetail',
      'event-bus/gone ResourceNotFoundException',
    ]);
  });
});

describe('PutEvents', () => {
  const required = (name: string) => ({
    ErrorCode: 'InvalidArgument',
    ErrorMessage: `Parameter ${name} is not valid. Reason: ${name} is a required argument.`,
  });
  const malformed = { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
  const reserved = { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized for the source.' };
  const deep = `{"a":${'['.repeat(1_000)}${']'.repeat(1_000)}}`;

  it('answers for each entry, in order, and takes those that are well', async () => {
    const engine = await start();
    await rule(engine, 'all', { source: ['shop'] });
    const { Source: _, ...sourceless } = order;
    const cases: [Entry, object][] = [
      [sourceless, required('Source')],
      [{ ...order, DetailType: '' }, required('DetailType')],
      [{ ...order, Detail: undefined }, required('Detail')],
      [order, { EventId: expect.any(String) }],
      [{ ...order, Detail: '[1]' }, malformed],
      [{ ...order, Detail: '{},"source":"evil","detail":{}' }, malformed],
      [{ ...order, Detail: deep }, malformed],
      [{ ...order, Source: 'aws.s3' }, reserved],
      [{ ...order, DetailType: 'x'.repeat(129) }, expect.objectContaining({ ErrorCode: 'InvalidArgument' })],
      [order, { EventId: expect.any(String) }],
    ];
    const result = await put(engine, ...cases.map(([entry]) => entry));
    expect(result).toEqual({ FailedEntryCount: 8, Entries: cases.map(([, answer]) => answer) });
    expect(await heard(engine)).toEqual(['"all"', '"all"']);
  });

  it('goes to no global endpoint yet', async () => {
    const engine = await start();
    const call = engine.call('eventbridge', 'PutEvents', { Entries: [order], EndpointId: 'abcde.veo' });
    await expect(call).rejects.toMatchObject({ code: 'NotImplementedException' });
  });

  it('takes 1 MB in all, counted as the User Guide does (eb-putevents.html#eb-putevent-size)', async () => {
    const engine = await start();
    const rest = order.Source!.length + order.DetailType!.length + '{"":"é"}'.length + 1 + 14 + 'arn'.length;
    const entry = (size: number): Entry => ({
      ...order,
      Detail: `{"${'x'.repeat(size - rest)}":"é"}`,
      Resources: ['arn'],
      Time: new Date(0),
    });
    const half = 1_048_576 / 2;
    expect(await put(engine, entry(half), entry(half))).toMatchObject({ FailedEntryCount: 0 });
    await expect(put(engine, entry(half), entry(half + 1))).rejects.toMatchObject({
      code: 'ValidationException',
      message: 'Total size of the entries in the request is over the limit.',
    });
  });
});

it('any set of rules, however it changes, takes the events that each would take by itself', async () => {
  const word = fc.constantFrom('a', 'b', 'c');
  const field = fc.oneof(
    fc.uniqueArray(word, { minLength: 1 }),
    word.map((prefix) => [{ prefix }]),
    fc.uniqueArray(word, { minLength: 1 }).map((words) => [{ 'anything-but': words }]),
    fc.boolean().map((exists) => [{ exists }]),
  );
  const pattern = fc.oneof(
    fc.record({ source: field }),
    fc.record({ source: field, detail: fc.record({ x: field }) }),
    fc.record({ detail: fc.record({ x: field, y: field }) }),
  );
  const change = fc.record({ rule: fc.nat(7), pattern: fc.option(pattern), disabled: fc.boolean() });
  const event = fc.record({ source: word, detail: fc.record({ x: word, y: word }, { requiredKeys: [] }) });
  const engine = await start();
  const scene = fc.array(fc.record({ changes: fc.array(change, { maxLength: 4 }), event }), { maxLength: 6 });
  let expected: string[] = [];
  await fc.assert(
    fc.asyncProperty(scene, async (steps) => {
      const rules = new Map<string, string>();
      await engine.reset();
      await engine.call('logs', 'CreateLogGroup', { logGroupName: 'heard' });
      expected = [];
      for (const step of steps) {
        for (const { rule: number, pattern, disabled } of step.changes) {
          const Name = `rule-${number}`;
          rules.delete(Name);
          if (pattern) await rule(engine, Name, pattern, { State: disabled ? 'DISABLED' : 'ENABLED' });
          if (pattern && !disabled) rules.set(Name, JSON.stringify(pattern));
          if (pattern) continue;
          const held = await engine.call('eventbridge', 'ListRules', { NamePrefix: Name });
          if (held.Rules!.length > 0) await engine.call('eventbridge', 'RemoveTargets', { Rule: Name, Ids: ['one'] });
          await engine.call('eventbridge', 'DeleteRule', { Name });
        }
        const { source, detail } = step.event;
        await put(engine, { Source: source, DetailType: 'any', Detail: JSON.stringify(detail) });
        const matching = [...rules].filter(([, text]) =>
          matchesPattern(parsePattern(text), JSON.stringify(step.event)),
        );
        expected.push(...matching.map(([name]) => JSON.stringify(name)).sort());
      }
      expect(await heard(engine)).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});
