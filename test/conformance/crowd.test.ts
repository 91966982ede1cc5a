/* A hundred clients at once, each with connections of its own, doing everything: nobody is refused, or meets another's. */
import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetPolicyCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  ListTagsCommand,
  TagResourceCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { createEngine, type Engine } from '@carillon/engine';
import { expect, it } from 'vitest';
import { zip } from '../zip.ts';
import { optionsFor } from './clients.ts';

const CLIENTS = 100;
/** Functions that all clients invoke. */
const SHARED = ['bell-0', 'bell-1', 'bell-2'];

const definition = {
  Runtime: 'nodejs24.x',
  Handler: 'index.handler',
  Role: 'arn:aws:iam::000000000000:role/bell',
  Code: { ZipFile: await zip({ 'index.js': 'exports.handler = async (event) => event' }) },
} as const;

/** What one client does, and reads back. */
async function visit(engine: Engine, index: number): Promise<void> {
  const lambda = new LambdaClient({ ...optionsFor(engine), maxAttempts: 1 });
  const events = new EventBridgeClient({ ...optionsFor(engine), maxAttempts: 1 });
  const name = `own-${index}`;
  try {
    const created = await lambda.send(new CreateFunctionCommand({ ...definition, FunctionName: name }));
    const FunctionArn = created.FunctionArn!;
    const rule = { Name: name, ScheduleExpression: `rate(${index + 2} minutes)` };
    const { RuleArn } = await events.send(new PutRuleCommand(rule));
    const target = { Id: name, Arn: FunctionArn, Input: `{ "client": ${index} }` };
    await Promise.all([
      events.send(new PutTargetsCommand({ Rule: name, Targets: [target] })),
      lambda.send(new TagResourceCommand({ Resource: FunctionArn, Tags: { client: `${index}` } })),
      lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName: name, Timeout: index + 1 })),
      lambda.send(
        new AddPermissionCommand({
          FunctionName: name,
          StatementId: name,
          Action: 'lambda:InvokeFunction',
          Principal: 'events.amazonaws.com',
          SourceArn: RuleArn!,
        }),
      ),
    ]);
    const FunctionName = SHARED[index % SHARED.length]!;
    const Payload = Buffer.from(`{"client":${index}}`);
    const [described, targets, tags, policy, sent] = await Promise.all([
      events.send(new DescribeRuleCommand({ Name: name })),
      events.send(new ListTargetsByRuleCommand({ Rule: name })),
      lambda.send(new ListTagsCommand({ Resource: FunctionArn })),
      lambda.send(new GetPolicyCommand({ FunctionName: name })),
      lambda.send(new InvokeCommand({ FunctionName, Payload, InvocationType: 'Event' })),
      events.send(new ListRulesCommand()),
      lambda.send(new ListFunctionsCommand()),
    ]);
    expect(described).toMatchObject(rule);
    expect(targets.Targets).toEqual([target]);
    expect(tags.Tags).toEqual({ client: `${index}` });
    expect(JSON.parse(policy.Policy!).Statement).toMatchObject([{ Sid: name, Resource: FunctionArn }]);
    expect(sent.StatusCode).toBe(202);
    if (index % 4 === 0) {
      const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload }));
      expect(answer.Payload?.transformToString()).toBe(`{"client":${index}}`);
    }
    await events.send(new RemoveTargetsCommand({ Rule: name, Ids: [name] }));
    await events.send(new DeleteRuleCommand({ Name: name }));
    await lambda.send(new DeleteFunctionCommand({ FunctionName: name }));
  } finally {
    lambda.destroy();
    events.destroy();
  }
}

it('is served', async () => {
  const engine = await createEngine({ log: () => {} });
  const lambda = new LambdaClient(optionsFor(engine));
  try {
    for (const FunctionName of SHARED) await lambda.send(new CreateFunctionCommand({ ...definition, FunctionName }));
    await Promise.all(Array.from({ length: CLIENTS }, (_, index) => visit(engine, index)));
    await engine.settle();
    const { Functions } = await lambda.send(new ListFunctionsCommand());
    expect(Functions?.map(({ FunctionName }) => FunctionName)).toEqual(SHARED);
    const invocations = engine.journal.list().filter(({ kind }) => kind === 'invocation');
    expect(invocations.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 1.25 * CLIENTS }, () => 'ok'));
  } finally {
    lambda.destroy();
    await engine.close();
  }
});
