/* Rules and targets through both SDKs for JavaScript: what is put is read back, and what is wrong is named alike. */
import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { createEngine, type Engine } from '@carillon/engine';
import EventBridge from 'aws-sdk/clients/eventbridge.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { optionsFor } from '../clients.ts';

let engine: Engine;

beforeAll(async () => {
  engine = await createEngine({ clock: 'virtual:2026-03-01T09:00:00Z' });
});
afterAll(() => engine.close());

const rule = { Name: 'often', ScheduleExpression: 'rate(5 minutes)', Description: 'Often enough' };
const target = {
  Id: 'one',
  Arn: 'arn:aws:lambda:eu-central-1:000000000000:function:rung',
  Input: '{ "type": "warmer" }',
};

/** The calls of a rule's life, by what either version of the SDK makes of them. */
const sdks = {
  'version 2': () => {
    const events = new EventBridge({ ...optionsFor(engine), maxRetries: 0 });
    return {
      putRule: (input: typeof rule) => events.putRule(input).promise(),
      putTargets: () => events.putTargets({ Rule: rule.Name, Targets: [target] }).promise(),
      describeRule: () => events.describeRule({ Name: rule.Name }).promise(),
      listTargets: () => events.listTargetsByRule({ Rule: rule.Name }).promise(),
      removeTargets: () => events.removeTargets({ Rule: rule.Name, Ids: [target.Id] }).promise(),
      deleteRule: () => events.deleteRule({ Name: rule.Name }).promise(),
      codeOf: (error: unknown) => (error as { code: string }).code,
    };
  },
  'version 3': () => {
    const events = new EventBridgeClient({ ...optionsFor(engine), maxAttempts: 1 });
    return {
      putRule: (input: typeof rule) => events.send(new PutRuleCommand(input)),
      putTargets: () => events.send(new PutTargetsCommand({ Rule: rule.Name, Targets: [target] })),
      describeRule: () => events.send(new DescribeRuleCommand({ Name: rule.Name })),
      listTargets: () => events.send(new ListTargetsByRuleCommand({ Rule: rule.Name })),
      removeTargets: () => events.send(new RemoveTargetsCommand({ Rule: rule.Name, Ids: [target.Id] })),
      deleteRule: () => events.send(new DeleteRuleCommand({ Name: rule.Name })),
      codeOf: (error: unknown) => (error as Error).name,
    };
  },
};

test.each(['version 2', 'version 3'] as const)('the life of a rule, by %s of the SDK', async (version) => {
  const sdk = sdks[version]();
  const refusal = (call: Promise<unknown>) => call.then(() => 'none', sdk.codeOf);

  expect(await refusal(sdk.describeRule())).toBe('ResourceNotFoundException');
  expect(await refusal(sdk.putRule({ ...rule, ScheduleExpression: 'rate(1 minutes)' }))).toBe('ValidationException');

  const { RuleArn } = await sdk.putRule(rule);
  expect(RuleArn).toBe('arn:aws:events:eu-central-1:000000000000:rule/often');
  expect(await sdk.describeRule()).toMatchObject({ ...rule, Arn: RuleArn, State: 'ENABLED', EventBusName: 'default' });

  expect(await sdk.putTargets()).toMatchObject({ FailedEntryCount: 0, FailedEntries: [] });
  expect((await sdk.listTargets()).Targets).toEqual([target]);
  expect(await refusal(sdk.deleteRule())).toBe('ValidationException');

  await sdk.removeTargets();
  expect((await sdk.listTargets()).Targets).toEqual([]);
  await sdk.deleteRule();
  expect(await refusal(sdk.describeRule())).toBe('ResourceNotFoundException');
});
