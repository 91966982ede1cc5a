/* `carillon explain`: how an event stands to the rules of a bus, or to a pattern. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventBridge } from '@aws-sdk/client-eventbridge';
import { SQS } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, test } from 'vitest';
import { optionsFor } from '../conformance/clients.ts';
import { carillon, emptyDirectory } from './carillon.ts';

const START = ['start', '--memory', '--json', '--port', '0', '--clock', 'virtual:2026-01-01T00:00:00Z'];
const ENTRY = JSON.stringify({ Source: 'shop', DetailType: 'Order', Detail: '{"paid":true,"amount":42}' });
const OWNER = 'eu-central-1:000000000000';

async function explain(args: readonly string[], { env = {}, cwd = emptyDirectory(), input = '' } = {}) {
  const command = carillon(['explain', ...args], { cwd, env: { AWS_REGION: 'eu-central-1', ...env } });
  if (input) command.type(input);
  const [stdout, { code, stderr }] = await Promise.all([command.rest(), command.ended]);
  return { stdout, code, stderr };
}

describe('the rules of a bus', () => {
  let env: Record<string, string>;
  let events: EventBridge;

  beforeEach(async () => {
    const endpoint = String((await carillon(START).event('ready')).endpoint);
    env = { AWS_ENDPOINT_URL: endpoint };
    events = new EventBridge(optionsFor({ endpoint }));
    const put = (Name: string, pattern: object, State?: 'DISABLED') =>
      events.putRule({ Name, EventPattern: JSON.stringify(pattern), State });
    await put('paid', { source: ['shop'], detail: { paid: [true] } });
    await put('big', { source: ['shop'], detail: { amount: [{ numeric: ['>', 100] }] } });
    await put('typo', { source: ['shop'], detail: { amuont: [{ exists: true }] } });
    await put('caps', { 'Detail-Type': ['Order'], source: ['Shop'] });
    await put('text', { detail: { amount: ['42'] } });
    await put('asleep', { source: ['shop'] }, 'DISABLED');
    await events.putRule({ Name: 'tick', ScheduleExpression: 'rate(1 minute)' });
    await new SQS(optionsFor({ endpoint })).createQueue({ QueueName: 'till' });
    const InputTransformer = { InputPathsMap: { a: '$.detail.amount' }, InputTemplate: '{"amount": <a>}' };
    const Targets = [
      { Id: 'till', Arn: `arn:aws:sqs:${OWNER}:till`, InputTransformer },
      { Id: 'gone', Arn: `arn:aws:lambda:${OWNER}:function:gone`, Input: '1' },
    ];
    await events.putTargets({ Rule: 'paid', Targets });
  });

  test('are told in order: those that match with what their targets get, the others by how near they are', async () => {
    const { stdout, code } = await explain([ENTRY], { env });
    expect(code).toBe(0);
    expect(stdout).toBe(`Added to the event, as a bus does: version, id, account, time, region, resources.

✓ paid  matches
  ✓ detail.paid  [true]    is true
  ✓ source       ["shop"]  is "shop"
  → till  arn:aws:sqs:${OWNER}:till
    {"amount": 42}
  → gone  arn:aws:lambda:${OWNER}:function:gone  which is not there
    1

✓ asleep  matches, but the rule is disabled: aws events enable-rule --name asleep
  It has no targets, so nobody gets the event: aws events put-targets.

✗ text  0 of 1 field met, 90 % near
  ✗ detail.amount  ["42"]  is 42: a number, which is not what is asked for

✗ big  1 of 2 fields met, 82 % near
  ✗ detail.amount  [{"numeric":[">",100]}]  is 42
  ✓ source         ["shop"]                 is "shop"

✗ typo  1 of 2 fields met, 69 % near
  ✗ detail.amuont  [{"exists":true}]  is missing; the event has detail.amount
  ✓ source         ["shop"]           is "shop"

✗ caps  0 of 2 fields met, 57 % near
  ✗ Detail-Type  ["Order"]  is missing; the event has detail-type
  ✗ source       ["Shop"]   is "shop": only upper and lower case differ

✗ tick  has no pattern: it rings by rate(1 minute) alone

2 of 7 rules of the event bus default match.
`);
  });

  test('are told one by one, of any bus, and as JSON', async () => {
    const one = await explain([ENTRY, '--rule', 'big', '--json'], { env });
    expect(one.code).toBe(1);
    expect(JSON.parse(one.stdout)).toMatchObject({
      event: { source: 'shop', time: '2026-01-01T00:00:00Z', region: 'eu-central-1', detail: { amount: 42 } },
      matches: false,
      rules: [
        { rule: 'big', matches: false, alternatives: [{ fields: [{ path: 'detail.amount', reason: 'value' }, {}] }] },
      ],
    });
    const endpoint = env.AWS_ENDPOINT_URL!;
    expect((await explain([ENTRY, '--rule', 'paid', '--endpoint', endpoint])).stdout).toContain('It matches.');
    await events.createEventBus({ Name: 'shop' });
    const other = await explain([ENTRY, '--bus', 'shop', '--port', new URL(endpoint).port]);
    expect(other).toMatchObject({ code: 1, stdout: expect.stringContaining('The event bus shop has no rules.') });
  });

  test('are asked for by names that are there', async () => {
    expect(await explain([ENTRY, '--rule', 'bug'], { env })).toEqual({
      ...{ code: 2, stdout: '' },
      stderr: 'carillon: The event bus default has no rule bug. It has asleep, big, caps, paid, text, tick, typo.\n',
    });
    expect(await explain([ENTRY, '--bus', 'bus'], { env })).toEqual({
      ...{ code: 2, stdout: '' },
      stderr: 'carillon: The engine refuses: Event bus bus does not exist. (ResourceNotFoundException)\n',
    });
  });
});

test('a pattern needs no engine, and an event no file', async () => {
  const cwd = emptyDirectory();
  writeFileSync(join(cwd, 'pattern.json'), '{"source":["shop"]}');
  writeFileSync(join(cwd, 'event.json'), '{"source":"shop"}');
  expect((await explain(['event.json', '--pattern', 'pattern.json'], { cwd })).code).toBe(0);
  expect((await explain(['-', '--pattern', 'pattern.json'], { cwd, input: '{"source":"other"}' })).code).toBe(1);
  const inline = await explain(['{"detail":{}}', '--pattern', '{"source":["shop"]}'], { cwd });
  expect(inline.stdout).toContain('PutEvents takes no event without detail-type and source.');
});

test.each<[string[], string]>([
  [[], 'carillon: Which event?'],
  [['a', 'b'], 'carillon: One event at a time'],
  [['nothing.json', '--pattern', '{"a":[1]}'], 'carillon: There is no file nothing.json.'],
  [['{"source":', '--pattern', '{"a":[1]}'], 'carillon: The event is not JSON'],
  [['[1, 2]', '--pattern', '{"a":[1]}'], 'carillon: The event is not a JSON object.'],
  [['{"Detail":"[]"}', '--pattern', '{"a":[1]}'], "carillon: The entry's Detail is not a JSON object"],
  [['{}', '--pattern', '{"a":1}'], 'carillon: AWS refuses this pattern.'],
  [['{}', '--pattern', '{"a":[1]}', '--bus', 'b'], 'carillon: --pattern stands for the rules of a bus'],
  [['{}', '--endpoint', 'http://127.0.0.1:1'], 'carillon: No Carillon is up at http://127.0.0.1:1.'],
])('%j is told what is wrong with it', async (args, words) => {
  const { code, stderr, stdout } = await explain(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(words);
});
