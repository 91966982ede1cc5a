/*
 * Events, event buses and their policies through the SDK for JavaScript, over the wire.
 * Sources: EventBridge API Reference (API_*.html).
 */
import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeEventBusCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  type EventBridgeServiceException,
  ListConnectionsCommand,
  ListEventBusesCommand,
  ListRulesCommand,
  ListTagsForResourceCommand,
  PutEventsCommand,
  type PutEventsRequestEntry,
  PutPermissionCommand,
  type PutPermissionRequest,
  PutRuleCommand,
  PutTargetsCommand,
  RemovePermissionCommand,
  TestEventPatternCommand,
  UpdateEventBusCommand,
} from '@aws-sdk/client-eventbridge';
import { SQS } from '@aws-sdk/client-sqs';
import { createEngine, type Engine } from '@carillon/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { zip } from '../../zip.ts';
import { optionsFor } from '../clients.ts';

const OWNER = 'eu-central-1:000000000000';
const BUS_ARN = `arn:aws:events:${OWNER}:event-bus/shop`;
const EventPattern = '{"source": ["shop"]}';
const entry: PutEventsRequestEntry = { Source: 'shop', DetailType: 'Order', Detail: '{"paid": true}' };

let engine: Engine;
let client: EventBridgeClient;
beforeEach(async () => {
  engine = await createEngine({ clock: 'virtual:2026-03-01T09:00:00Z' });
  client = new EventBridgeClient({ ...optionsFor(engine), maxAttempts: 1 });
});
afterEach(async () => {
  client.destroy();
  await engine.close();
});

async function refusal(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'not refused',
    (error: EventBridgeServiceException) => `${error.$metadata.httpStatusCode} ${error.name}: ${error.message}`,
  );
}

function makeBus(Name = 'shop') {
  return client.send(new CreateEventBusCommand({ Name }));
}

async function described(Name?: string) {
  const { $metadata, ...bus } = await client.send(new DescribeEventBusCommand({ Name }));
  return bus;
}

describe('an event', () => {
  it('comes to a queue by what it holds', async () => {
    const sqs = new SQS(optionsFor(engine));
    const { QueueUrl } = await sqs.createQueue({ QueueName: 'orders' });
    await makeBus();
    const rule = { EventBusName: 'shop', EventPattern: '{"detail":{"paid":[true]}}' };
    await client.send(new PutRuleCommand({ Name: 'paid', ...rule }));
    const Targets = [{ Id: 'queue', Arn: `arn:aws:sqs:${OWNER}:orders` }];
    await client.send(new PutTargetsCommand({ Rule: 'paid', EventBusName: 'shop', Targets }));
    const Entries = [
      { ...entry, EventBusName: 'shop' },
      { ...entry, EventBusName: BUS_ARN, Detail: '{"paid": false}' },
      entry,
      { ...entry, EventBusName: 'shop', Detail: 'paid' },
    ];
    const result = await client.send(new PutEventsCommand({ Entries }));
    expect(result.FailedEntryCount).toBe(1);
    expect(result.Entries![3]).toEqual({ ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' });
    const { Messages } = await sqs.receiveMessage({ QueueUrl, MaxNumberOfMessages: 10 });
    expect(Messages!.map(({ Body }) => Body)).toEqual([
      `{"version":"0","id":"${result.Entries![0]!.EventId}","detail-type":"Order","source":"shop",` +
        `"account":"000000000000","time":"2026-03-01T09:00:00Z","region":"eu-central-1","resources":[],` +
        `"detail":{"paid": true}}`,
    ]);
    sqs.destroy();
  });

  it('comes to a function by what it holds', async () => {
    const code = 'exports.handler = async (event) => console.log("paid", event.detail.paid, event.source);';
    const scope = { region: 'eu-central-1' };
    const { FunctionArn } = await engine.call(
      'lambda',
      'CreateFunction',
      {
        FunctionName: 'till',
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: 'arn:aws:iam::000000000000:role/till',
        Code: { ZipFile: await zip({ 'index.js': code }) },
      },
      scope,
    );
    await client.send(new PutRuleCommand({ Name: 'paid', EventPattern: '{"detail":{"paid":[true]}}' }));
    await client.send(new PutTargetsCommand({ Rule: 'paid', Targets: [{ Id: 'till', Arn: FunctionArn }] }));
    await client.send(new PutEventsCommand({ Entries: [entry, { ...entry, Detail: '{"paid": false}' }] }));
    await engine.settle();
    const said = { logGroupName: '/aws/lambda/till', filterPattern: 'paid' };
    const { events } = await engine.call('logs', 'FilterLogEvents', said, scope);
    expect(events!.map(({ message }) => message!.trim().split('\t').at(-1))).toEqual(['paid true shop']);
  });

  it.each([0, 11])('does not come %i at once', async (length) => {
    const Entries = Array.from({ length }, () => entry);
    expect(await refusal(client.send(new PutEventsCommand({ Entries })))).toMatch('400 ValidationException');
  });

  it('does not go by a connection yet', async () => {
    const connection = new ListConnectionsCommand();
    expect(await refusal(client.send(connection))).toMatch(
      '400 NotImplementedException: Carillon does not support eventbridge:ListConnections yet.',
    );
  });
});

describe('a rule with a pattern', () => {
  it('is read back, with a schedule too where it has one', async () => {
    const ScheduleExpression = 'rate(5 minutes)';
    await client.send(new PutRuleCommand({ Name: 'both', EventPattern, ScheduleExpression }));
    const { $metadata, ...rule } = await client.send(new DescribeRuleCommand({ Name: 'both' }));
    expect(rule).toMatchObject({ EventPattern, ScheduleExpression });
    expect((await client.send(new ListRulesCommand())).Rules).toMatchObject([{ EventPattern, ScheduleExpression }]);
  });

  it('names its bus in its ARN, and has no schedule there', async () => {
    await makeBus();
    const rule = { Name: 'orders', EventBusName: BUS_ARN, EventPattern };
    const { RuleArn } = await client.send(new PutRuleCommand(rule));
    expect(RuleArn).toBe(`arn:aws:events:${OWNER}:rule/shop/orders`);
    expect((await client.send(new ListRulesCommand({ EventBusName: 'shop' }))).Rules).toHaveLength(1);
    expect((await client.send(new ListRulesCommand())).Rules).toEqual([]);
    const scheduled = new PutRuleCommand({ ...rule, ScheduleExpression: 'rate(5 minutes)' });
    expect(await refusal(client.send(scheduled))).toBe(
      '400 ValidationException: ScheduleExpression is supported only on the default event bus.',
    );
  });
});

describe('TestEventPattern', () => {
  const event = { id: '1', account: '1', source: 'shop', time: '', region: '', resources: [], 'detail-type': 'Order' };
  const test = (pattern: string, text: unknown) =>
    client.send(new TestEventPatternCommand({ EventPattern: pattern, Event: JSON.stringify(text) }));

  it('tells whether an event matches', async () => {
    expect((await test(EventPattern, event)).Result).toBe(true);
    expect((await test('{"source":["other"]}', event)).Result).toBe(false);
  });

  it('refuses what is no pattern, and no event', async () => {
    const { source: _, ...sourceless } = event;
    expect(await refusal(test('{"source":[]}', event))).toMatch(
      '400 InvalidEventPatternException: Event pattern is not valid. Reason: ',
    );
    expect(await refusal(test(EventPattern, sourceless))).toMatch('400 ValidationException: Parameter Event');
    expect(await refusal(test(EventPattern, [event]))).toMatch('400 ValidationException: Parameter Event');
  });
});

describe('an event bus', () => {
  it('is made, described, updated, listed and deleted', async () => {
    const settings = { Description: 'Orders', DeadLetterConfig: { Arn: `arn:aws:sqs:${OWNER}:lost` } };
    const Tags = [{ Key: 'team', Value: 'shop' }];
    const made = await client.send(new CreateEventBusCommand({ Name: 'shop', ...settings, Tags }));
    expect(made).toMatchObject({ EventBusArn: BUS_ARN, ...settings });
    const times = { CreationTime: new Date(engine.clock.now()), LastModifiedTime: new Date(engine.clock.now()) };
    expect(await described(BUS_ARN)).toEqual({ Name: 'shop', Arn: BUS_ARN, ...settings, ...times });
    const update = new UpdateEventBusCommand({ Name: 'shop', Description: '' });
    expect(await client.send(update)).toMatchObject({ Arn: BUS_ARN, Name: 'shop' });
    expect(await described('shop')).toEqual({
      Name: 'shop',
      Arn: BUS_ARN,
      DeadLetterConfig: settings.DeadLetterConfig,
      ...times,
    });
    expect((await client.send(new ListTagsForResourceCommand({ ResourceARN: BUS_ARN }))).Tags).toEqual(Tags);
    await client.send(new DeleteEventBusCommand({ Name: 'shop' }));
    await client.send(new DeleteEventBusCommand({ Name: 'shop' }));
    expect(await refusal(described('shop'))).toBe('400 ResourceNotFoundException: Event bus shop does not exist.');
    await makeBus();
    expect((await client.send(new ListTagsForResourceCommand({ ResourceARN: BUS_ARN }))).Tags).toEqual([]);
  });

  it('is listed with the default one, in order and page by page', async () => {
    for (const name of ['alpha', 'shop', 'delta']) await makeBus(name);
    await client.send(new UpdateEventBusCommand({ Name: 'default', Description: 'Ours' }));
    const first = await client.send(new ListEventBusesCommand({ Limit: 2 }));
    expect(first.EventBuses!.map(({ Name }) => Name)).toEqual(['alpha', 'default']);
    const rest = await client.send(new ListEventBusesCommand({ NextToken: first.NextToken }));
    expect(rest.EventBuses!.map(({ Name }) => Name)).toEqual(['delta', 'shop']);
    expect(rest.NextToken).toBeUndefined();
    const some = await client.send(new ListEventBusesCommand({ NamePrefix: 'de' }));
    expect(some.EventBuses!.map(({ Name }) => Name)).toEqual(['default', 'delta']);
  });

  it.each([
    [{ Name: 'shop' }, '400 ResourceAlreadyExistsException: Event bus shop already exists.'],
    [{ Name: 'default' }, '400 ResourceAlreadyExistsException: Event bus default already exists.'],
    [{ Name: 'a/b' }, "400 ValidationException: Event bus name must not contain '/'."],
    [
      { Name: 'aws.partner/a/b', EventSourceName: 'aws.partner/a/b' },
      '400 ResourceNotFoundException: Event source aws.partner/a/b does not exist.',
    ],
  ])('is not made of %j', async (input, expected) => {
    await makeBus();
    expect(await refusal(client.send(new CreateEventBusCommand(input)))).toBe(expected);
  });

  it('is not deleted while it has rules, and the default one never', async () => {
    await makeBus();
    const rule = { Name: 'orders', EventBusName: 'shop' };
    await client.send(new PutRuleCommand({ ...rule, EventPattern }));
    const remove = (Name: string) => refusal(client.send(new DeleteEventBusCommand({ Name })));
    expect(await remove('shop')).toBe("400 ValidationException: EventBus can't be deleted since it has rules.");
    await client.send(new DeleteRuleCommand(rule));
    expect(await remove('shop')).toBe('not refused');
    expect(await remove('default')).toBe('400 ValidationException: Cannot delete event bus default.');
  });
});

describe("an event bus's policy", () => {
  const permission = { Action: 'events:PutEvents', Principal: '210987654321', StatementId: 'friend' };
  const statement = {
    Sid: 'friend',
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::210987654321:root' },
    Action: 'events:PutEvents',
    Resource: `arn:aws:events:${OWNER}:event-bus/default`,
  };
  const put = (input: PutPermissionRequest) => client.send(new PutPermissionCommand(input));
  const policy = async () => (await described()).Policy;

  it('grows and shrinks by statements', async () => {
    await put(permission);
    expect(await policy()).toBe(JSON.stringify({ Version: '2012-10-17', Statement: [statement] }));
    const Condition = { Type: 'StringEquals', Key: 'aws:PrincipalOrgID', Value: 'o-1234567890' };
    await put({ ...permission, StatementId: 'all', Principal: '*', Condition });
    await put({ ...permission, Principal: '123456789012' });
    expect(JSON.parse((await policy())!).Statement).toEqual([
      {
        ...statement,
        Sid: 'all',
        Principal: '*',
        Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1234567890' } },
      },
      { ...statement, Principal: { AWS: 'arn:aws:iam::123456789012:root' } },
    ]);
    await client.send(new RemovePermissionCommand({ StatementId: 'all' }));
    await client.send(new RemovePermissionCommand({ StatementId: 'friend' }));
    expect(await policy()).toBeUndefined();
  });

  it('is put as a whole', async () => {
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    await put({ Policy });
    expect(await policy()).toBe(Policy);
    await client.send(new RemovePermissionCommand({ RemoveAllPermissions: true }));
    expect(await policy()).toBeUndefined();
  });

  it('is refused where it makes no sense', async () => {
    const remove = (StatementId: string) => refusal(client.send(new RemovePermissionCommand({ StatementId })));
    expect(await remove('friend')).toBe('400 ResourceNotFoundException: EventBus does not have a policy.');
    await put(permission);
    expect(await remove('other')).toBe('400 ResourceNotFoundException: Statement with the provided id does not exist.');
    expect(await refusal(put({ Policy: '{' }))).toMatch('400 ValidationException');
    expect(await refusal(put({ Policy: '{}' }))).toMatch('400 ValidationException');
    expect(await refusal(put({ ...permission, Policy: '{}' }))).toMatch('400 ValidationException');
    expect(await refusal(put({ Action: 'events:PutEvents' }))).toMatch('400 ValidationException');
    const Policy = JSON.stringify({ Statement: [{ Effect: 'Allow', Sid: 'x'.repeat(10_240) }] });
    expect(await refusal(put({ Policy }))).toMatch('400 PolicyLengthExceededException');
  });
});
