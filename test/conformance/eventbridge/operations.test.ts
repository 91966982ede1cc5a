/*
 * The operations on rules, targets, buses and tags through the SDK for JavaScript, over the wire.
 * Sources: EventBridge API Reference (API_*.html).
 */
import {
  DeleteRuleCommand,
  DescribeEventBusCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EnableRuleCommand,
  EventBridgeClient,
  type EventBridgeServiceException,
  ListEventBusesCommand,
  ListRuleNamesByTargetCommand,
  ListRulesCommand,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  type PutRuleCommandInput,
  PutTargetsCommand,
  RemoveTargetsCommand,
  TagResourceCommand,
  type Target,
  UntagResourceCommand,
} from '@aws-sdk/client-eventbridge';
import { createEngine, type Engine } from '@carillon/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ACCOUNT = '123456789012';
const OWNER = `eu-central-1:${ACCOUNT}`;
const RULE_ARN = `arn:aws:events:${OWNER}:rule/ring`;
const BUS_ARN = `arn:aws:events:${OWNER}:event-bus/default`;
const TARGET_ARN = `arn:aws:lambda:${OWNER}:function:bell`;
const ScheduleExpression = 'rate(5 minutes)';

let engine: Engine;
let client: EventBridgeClient;
beforeEach(async () => {
  engine = await createEngine({ clock: 'virtual:2026-03-01T09:00:00Z' });
  const credentials = { accessKeyId: ACCOUNT, secretAccessKey: 'any' };
  client = new EventBridgeClient({ endpoint: engine.endpoint, region: 'eu-central-1', credentials, maxAttempts: 1 });
});
afterEach(async () => {
  client.destroy();
  await engine.close();
});

function put(settings: Partial<PutRuleCommandInput> = {}) {
  return client.send(new PutRuleCommand({ Name: 'ring', ScheduleExpression, ...settings }));
}

function putTargets(...Targets: Target[]) {
  return client.send(new PutTargetsCommand({ Rule: 'ring', Targets }));
}

async function described(EventBusName?: string) {
  const { $metadata, ...rule } = await client.send(new DescribeRuleCommand({ Name: 'ring', EventBusName }));
  return rule;
}

async function refusal(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'not refused',
    (error: EventBridgeServiceException) => `${error.$metadata.httpStatusCode} ${error.name}: ${error.message}`,
  );
}

const NO_RULE = '400 ResourceNotFoundException: Rule ring does not exist on EventBus default.';
const NO_BUS = '400 ResourceNotFoundException: Event bus towers does not exist.';

describe('a rule', () => {
  it('is put, described and listed', async () => {
    const RoleArn = `arn:aws:iam::${ACCOUNT}:role/ring`;
    expect((await put({ Description: 'rings', RoleArn })).RuleArn).toBe(RULE_ARN);
    const rule = {
      Name: 'ring',
      Arn: RULE_ARN,
      State: 'ENABLED',
      Description: 'rings',
      ScheduleExpression,
      RoleArn,
      EventBusName: 'default',
    };
    expect(await described()).toEqual({ ...rule, CreatedBy: ACCOUNT });
    expect((await client.send(new ListRulesCommand())).Rules).toEqual([rule]);
  });

  it('is replaced as a whole when it is put again, save for its tags', async () => {
    await put({ Description: 'rings', State: 'DISABLED', Tags: [{ Key: 'a', Value: '1' }] });
    await put({ ScheduleExpression: 'rate(1 hour)', Tags: [{ Key: 'b', Value: '2' }] });
    const rule = await described();
    expect(rule).toMatchObject({ ScheduleExpression: 'rate(1 hour)', State: 'ENABLED' });
    expect(rule).not.toHaveProperty('Description');
    const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceARN: RULE_ARN }));
    expect(Tags).toEqual([{ Key: 'a', Value: '1' }]);
  });

  it.each(['default', BUS_ARN])('is on the bus %s', async (EventBusName) => {
    await put({ EventBusName });
    expect(await described(EventBusName)).toMatchObject({ Arn: RULE_ARN, EventBusName: 'default' });
    expect((await client.send(new ListRulesCommand({ EventBusName }))).Rules).toHaveLength(1);
  });

  it('is enabled and disabled', async () => {
    await put();
    await client.send(new DisableRuleCommand({ Name: 'ring' }));
    expect((await described()).State).toBe('DISABLED');
    await client.send(new EnableRuleCommand({ Name: 'ring' }));
    expect((await described()).State).toBe('ENABLED');
  });

  it('is deleted once it has no targets, as often as one likes', async () => {
    await put({ Tags: [{ Key: 'a', Value: '1' }] });
    await putTargets({ Id: 'a', Arn: TARGET_ARN });
    const remove = (Force?: boolean) => client.send(new DeleteRuleCommand({ Name: 'ring', Force }));
    const words = "400 ValidationException: Rule can't be deleted since it has targets.";
    expect(await refusal(remove())).toBe(words);
    expect(await refusal(remove(true))).toBe(words);
    await client.send(new RemoveTargetsCommand({ Rule: 'ring', Ids: ['a'] }));
    await remove();
    await remove();
    expect(await refusal(described())).toBe(NO_RULE);
    await put();
    expect((await client.send(new ListTagsForResourceCommand({ ResourceARN: RULE_ARN }))).Tags).toEqual([]);
  });

  it.each<[Partial<PutRuleCommandInput>, unknown]>([
    [
      { ScheduleExpression: undefined },
      '400 ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified.',
    ],
    [
      { ScheduleExpression: '' },
      '400 ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified.',
    ],
    ...[
      'rate(10 minute)',
      'rate(1 minutes)',
      'rate(30 seconds)',
      'cron(* * * * * *)',
      'every day',
      'at(2026-01-01T00:00:00)',
    ].map((expression): [object, string] => [
      { ScheduleExpression: expression },
      '400 ValidationException: Parameter ScheduleExpression is not valid.',
    ]),
    [{ EventBusName: 'towers' }, NO_BUS],
    [{ EventBusName: BUS_ARN.replace('eu-central-1', 'us-east-1') }, expect.stringMatching(/^400 ResourceNotFound/)],
    [
      { Name: RULE_ARN },
      `400 ValidationException: 1 validation error detected: Value '${RULE_ARN}' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+`,
    ],
    [
      { Name: 'a'.repeat(65) },
      expect.stringMatching(
        /at 'name' failed to satisfy constraint: Member must have length less than or equal to 64$/,
      ),
    ],
    [
      { EventPattern: '{"source":"a"}' },
      expect.stringMatching(
        /^400 InvalidEventPatternException: Event pattern is not valid. Reason: "source" must be an object or an array/,
      ),
    ],
  ])('is refused with %j', async (settings, expected) => {
    expect(await refusal(put(settings))).toEqual(expected);
    expect((await client.send(new ListRulesCommand())).Rules).toEqual([]);
  });

  it('that is not there is named', async () => {
    const calls = [
      new DescribeRuleCommand({ Name: 'ring' }),
      new EnableRuleCommand({ Name: 'ring' }),
      new DisableRuleCommand({ Name: 'ring' }),
      new PutTargetsCommand({ Rule: 'ring', Targets: [{ Id: 'a', Arn: TARGET_ARN }] }),
      new RemoveTargetsCommand({ Rule: 'ring', Ids: ['a'] }),
      new ListTargetsByRuleCommand({ Rule: 'ring' }),
      new ListTagsForResourceCommand({ ResourceARN: RULE_ARN }),
    ];
    for (const call of calls) expect(await refusal(client.send(call as DescribeRuleCommand))).toBe(NO_RULE);
    const elsewhere = new DeleteRuleCommand({ Name: 'ring', EventBusName: 'towers' });
    expect(await refusal(client.send(elsewhere))).toBe(NO_BUS);
  });

  it('belongs to its account and region', async () => {
    await put();
    for (const [region, accessKeyId] of [
      ['us-east-1', ACCOUNT],
      ['eu-central-1', '210987654321'],
    ] as const) {
      const credentials = { accessKeyId, secretAccessKey: 'any' };
      const other = new EventBridgeClient({ endpoint: engine.endpoint, region, credentials, maxAttempts: 1 });
      expect((await other.send(new ListRulesCommand())).Rules).toEqual([]);
      other.destroy();
    }
  });
});

describe('lists of rules', () => {
  it('come in pages of 100 at most, by prefix where one is given', async () => {
    const names = Array.from({ length: 105 }, (_, index) => `ring-${String(index).padStart(3, '0')}`);
    for (const Name of names) await put({ Name });
    await put({ Name: 'sing' });
    const first = await client.send(new ListRulesCommand({ NamePrefix: 'ring-' }));
    expect(first.Rules?.map(({ Name }) => Name)).toEqual(names.slice(0, 100));
    const second = await client.send(
      new ListRulesCommand({ NamePrefix: 'ring-', NextToken: first.NextToken, Limit: 3 }),
    );
    expect(second.Rules?.map(({ Name }) => Name)).toEqual(names.slice(100, 103));
    const third = await client.send(new ListRulesCommand({ NamePrefix: 'ring-', NextToken: second.NextToken }));
    expect(third.Rules?.map(({ Name }) => Name)).toEqual(names.slice(103));
    expect(third).not.toHaveProperty('NextToken');
    expect(await refusal(client.send(new ListRulesCommand({ NextToken: 'other' })))).toMatch('400 ValidationException');
    expect(await refusal(client.send(new ListRulesCommand({ Limit: 101 })))).toMatch("'101' at 'limit'");
  });

  it('tell which rules reach a target', async () => {
    for (const Name of ['a', 'b', 'c']) {
      await put({ Name });
      const Arn = Name === 'b' ? `${TARGET_ARN}-other` : TARGET_ARN;
      await client.send(new PutTargetsCommand({ Rule: Name, Targets: [{ Id: 'x', Arn }] }));
    }
    const first = await client.send(new ListRuleNamesByTargetCommand({ TargetArn: TARGET_ARN, Limit: 1 }));
    expect(first.RuleNames).toEqual(['a']);
    const { NextToken } = first;
    const second = await client.send(new ListRuleNamesByTargetCommand({ TargetArn: TARGET_ARN, NextToken }));
    expect(second.RuleNames).toEqual(['c']);
    expect(second).not.toHaveProperty('NextToken');
  });
});

describe('targets', () => {
  const listed = async (more = {}) => {
    const { $metadata, ...list } = await client.send(new ListTargetsByRuleCommand({ Rule: 'ring', ...more }));
    return list;
  };

  it('are read back as they were put', async () => {
    await put();
    const targets: Target[] = [
      { Id: 'a', Arn: TARGET_ARN, Input: '{ "type":  "warmer" }' },
      {
        Id: 'b',
        Arn: TARGET_ARN,
        InputTransformer: { InputPathsMap: { when: '$.time' }, InputTemplate: '"<when>"' },
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
        DeadLetterConfig: { Arn: `arn:aws:sqs:${OWNER}:letters` },
      },
      { Id: 'c', Arn: `arn:aws:states:${OWNER}:stateMachine:s`, RoleArn: `arn:aws:iam::${ACCOUNT}:role/s` },
    ];
    expect(await putTargets(...targets)).toMatchObject({ FailedEntryCount: 0, FailedEntries: [] });
    expect(await listed()).toEqual({ Targets: targets });
    const first = await listed({ Limit: 2 });
    expect(first.Targets).toEqual(targets.slice(0, 2));
    expect(await listed({ NextToken: first.NextToken })).toEqual({ Targets: targets.slice(2) });
  });

  it('are replaced by their ids, the last of one id in a request too', async () => {
    await put();
    await putTargets({ Id: 'a', Arn: TARGET_ARN, Input: '1' }, { Id: 'b', Arn: TARGET_ARN });
    await putTargets({ Id: 'a', Arn: TARGET_ARN, Input: '2' }, { Id: 'a', Arn: TARGET_ARN, Input: '3' });
    expect((await listed()).Targets).toEqual([
      { Id: 'a', Arn: TARGET_ARN, Input: '3' },
      { Id: 'b', Arn: TARGET_ARN },
    ]);
  });

  it('are removed by their ids, those that are not there too', async () => {
    await put();
    await putTargets({ Id: 'a', Arn: TARGET_ARN }, { Id: 'b', Arn: TARGET_ARN });
    const removed = await client.send(new RemoveTargetsCommand({ Rule: 'ring', Ids: ['a', 'none'] }));
    expect(removed).toMatchObject({ FailedEntryCount: 0, FailedEntries: [] });
    expect((await listed()).Targets).toEqual([{ Id: 'b', Arn: TARGET_ARN }]);
  });

  it('are five at most, and all or none are put', async () => {
    await put();
    const targets = Array.from({ length: 6 }, (_, index) => ({ Id: `${index}`, Arn: TARGET_ARN }));
    expect(await refusal(putTargets(...targets))).toBe(
      '400 LimitExceededException: The requested resource exceeds the maximum number allowed.',
    );
    expect((await listed()).Targets).toEqual([]);
    await putTargets(...targets.slice(0, 5));
    expect((await listed()).Targets).toHaveLength(5);
  });

  it.each<[Partial<Target>, unknown]>([
    [
      { Arn: 'bell' },
      '400 ValidationException: Parameter bell is not valid. Reason: Provided Arn is not in correct format.',
    ],
    [
      { Id: 'a b' },
      expect.stringMatching(/^400 ValidationException: .* at 'targets\.1\.member\.id' failed to satisfy/),
    ],
    [{ Input: '{type: warmer}' }, expect.stringMatching(/^400 ValidationException: /)],
    [{ Input: '{}', InputPath: '$' }, expect.stringMatching(/^400 ValidationException: Only one of Input, InputPath/)],
    [
      { InputTransformer: { InputTemplate: '"<none>"' } },
      expect.stringMatching(/^400 ValidationException: .*placeholder none/),
    ],
    [{ RetryPolicy: { MaximumRetryAttempts: 186 } }, expect.stringMatching(/^400 ValidationException: .*'186'/)],
  ])('are refused with %j', async (settings, expected) => {
    await put();
    const call = putTargets({ Id: 'good', Arn: TARGET_ARN }, { Id: 'a', Arn: TARGET_ARN, ...settings });
    const answer = (await refusal(call)).replace('targets.2.member', 'targets.1.member');
    expect(answer).toEqual(expected);
    expect((await listed()).Targets).toEqual([]);
  });
});

describe('tags', () => {
  it.each([RULE_ARN, BUS_ARN])('are put, replaced, listed and removed on %s', async (ResourceARN) => {
    await put();
    const tags = async () => (await client.send(new ListTagsForResourceCommand({ ResourceARN }))).Tags;
    expect(await tags()).toEqual([]);
    const tag = (Key: string, Value: string) => ({ Key, Value });
    await client.send(new TagResourceCommand({ ResourceARN, Tags: [tag('a', '1'), tag('b', '2')] }));
    await client.send(new TagResourceCommand({ ResourceARN, Tags: [tag('b', '3')] }));
    expect(await tags()).toEqual([tag('a', '1'), tag('b', '3')]);
    await client.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['a', 'none'] }));
    expect(await tags()).toEqual([tag('b', '3')]);
    await client.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['b'] }));
    expect(await tags()).toEqual([]);
    const many = Array.from({ length: 51 }, (_, index) => tag(`${index}`, ''));
    expect(await refusal(client.send(new TagResourceCommand({ ResourceARN, Tags: many })))).toMatch('400 Validation');
  });

  it('are on rules and buses that are there', async () => {
    const tagged = (ResourceARN: string) => refusal(client.send(new ListTagsForResourceCommand({ ResourceARN })));
    expect(await tagged(RULE_ARN)).toBe(NO_RULE);
    expect(await tagged(BUS_ARN.replace('default', 'towers'))).toMatch('400 ResourceNotFoundException');
    expect(await tagged(TARGET_ARN)).toMatch('400 ValidationException');
    await put();
    expect(await tagged(RULE_ARN.replace('eu-central-1', 'us-east-1'))).toMatch('400 ResourceNotFoundException');
  });
});

describe('the default bus', () => {
  it.each([undefined, 'default', BUS_ARN])('is described as %s', async (Name) => {
    const { $metadata, ...bus } = await client.send(new DescribeEventBusCommand({ Name }));
    expect(bus).toEqual({ Name: 'default', Arn: BUS_ARN });
  });

  it('is the only one at first', async () => {
    const names = async (NamePrefix?: string) => {
      const { EventBuses } = await client.send(new ListEventBusesCommand({ NamePrefix }));
      return EventBuses?.map(({ Name }) => Name);
    };
    expect(await names()).toEqual(['default']);
    expect(await names('def')).toEqual(['default']);
    expect(await names('tow')).toEqual([]);
    expect(await refusal(client.send(new DescribeEventBusCommand({ Name: 'towers' })))).toBe(NO_BUS);
  });
});
