/*
 * What AWS's policies would refuse, with the SDK's clients: reported once and let pass, or refused, or not asked for.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import {
  EventBridgeClient,
  PutEventsCommand,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  LambdaClient,
  RemovePermissionCommand,
} from '@aws-sdk/client-lambda';
import { CreateTopicCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { PermissionMode } from '@carillon/engine';
import { createTestEngine, type TestEngine } from '@carillon/engine/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { zip } from './zip.ts';

const ACCOUNT = '000000000000';
const EVENT = { Source: 'tower', DetailType: 'ring', Detail: '{}' };
const QUEUE_ARN = `arn:aws:sqs:us-east-1:${ACCOUNT}:jobs`;
const RULE_ARN = `arn:aws:events:us-east-1:${ACCOUNT}:rule/rings`;

interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

const ROOT: Keys = { accessKeyId: 'test', secretAccessKey: 'test' };
const statement = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });
const trusting = (Principal: object) => statement({ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' });

async function open(permissions?: PermissionMode) {
  const said: string[] = [];
  const engine = await createTestEngine({ ...(permissions && { permissions }), log: (line) => said.push(line) });
  onTestFinished(() => engine.close());
  const client = (credentials: Keys) => ({ ...{ endpoint: engine.endpoint, region: 'us-east-1', credentials } });
  const clients = (credentials = ROOT) => ({
    cloudformation: new CloudFormationClient(client(credentials)),
    events: new EventBridgeClient(client(credentials)),
    iam: new IAMClient(client(credentials)),
    lambda: new LambdaClient(client(credentials)),
    sns: new SNSClient(client(credentials)),
    sqs: new SQSClient(client(credentials)),
    sts: new STSClient(client(credentials)),
  });
  return { engine, said, clients, ...clients() };
}

type Opened = Awaited<ReturnType<typeof open>>;

/** A rule for all events of the tower whose target is a queue. */
async function ruleToQueue({ events, sqs }: Opened, deadLetterArn?: string): Promise<string> {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
  await events.send(new PutRuleCommand({ Name: 'rings', EventPattern: '{"source":["tower"]}' }));
  const target = { Id: '1', Arn: QUEUE_ARN, ...(deadLetterArn && { DeadLetterConfig: { Arn: deadLetterArn } }) };
  await events.send(new PutTargetsCommand({ Rule: 'rings', Targets: [target] }));
  return QueueUrl!;
}

async function ring({ events, engine }: { events: EventBridgeClient; engine: TestEngine }): Promise<void> {
  await events.send(new PutEventsCommand({ Entries: [EVENT] }));
  await engine.settle();
}

async function messagesOf({ sqs }: Pick<Opened, 'sqs'>, QueueUrl: string) {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
  );
  return Messages;
}

describe("a rule whose queue's policy does not let it in", () => {
  test('by default reaches it, and is reported once with the statement that is missing', async () => {
    const opened = await open();
    const url = await ruleToQueue(opened);
    await ring(opened);
    await ring(opened);
    expect(await messagesOf(opened, url)).toHaveLength(2);
    expect(opened.said).toHaveLength(1);
    expect(opened.said[0]).toContain(`AWS would refuse this: ${RULE_ARN} may not sqs:SendMessage on ${QUEUE_ARN}. `);
    const missing = JSON.parse(/Missing in the policy of \S+: (\{.*\})$/.exec(opened.said[0]!)![1]!);
    expect(missing).toEqual({
      ...{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' } },
      ...{ Action: 'sqs:SendMessage', Resource: QUEUE_ARN },
      Condition: { ArnEquals: { 'aws:SourceArn': RULE_ARN } },
    });
    expect(opened.engine.journal.list().filter(({ kind }) => kind === 'permission')).toMatchObject([
      { subject: RULE_ARN, outcome: 'missing' },
    ]);

    await opened.sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { Policy: statement(missing) } }));
    const before = opened.said.length;
    await ring(opened);
    expect(opened.said).toHaveLength(before);
  });

  test('is refused where permissions are enforced, until the statement is there', async () => {
    const opened = await open('enforce');
    const { QueueUrl: dead } = await opened.sqs.send(
      new CreateQueueCommand({
        QueueName: 'dead',
        Attributes: {
          Policy: statement({
            ...{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' } },
            ...{ Action: 'sqs:SendMessage', Resource: '*' },
          }),
        },
      }),
    );
    const url = await ruleToQueue(opened, `arn:aws:sqs:us-east-1:${ACCOUNT}:dead`);
    await ring(opened);
    expect(await messagesOf(opened, url)).toHaveLength(0);
    const [letter] = await messagesOf(opened, dead!);
    expect(letter!.MessageAttributes).toMatchObject({ RETRY_ATTEMPTS: { StringValue: '0' } });

    const Policy = statement({
      ...{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:*', Resource: QUEUE_ARN },
      Condition: { ArnLike: { 'aws:SourceArn': `arn:aws:events:*:${ACCOUNT}:rule/r*` } },
    });
    await opened.sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { Policy } }));
    await ring(opened);
    expect(await messagesOf(opened, url)).toHaveLength(1);
    expect(opened.said).toEqual([]);
  });

  test('is not asked about where permissions are off', async () => {
    const opened = await open('off');
    const url = await ruleToQueue(opened);
    await ring(opened);
    expect(await messagesOf(opened, url)).toHaveLength(1);
    expect(opened.said).toEqual([]);
  });
});

describe('a role', () => {
  async function assumed(opened: Opened, policy: string, sessionPolicy?: string) {
    const { iam } = opened;
    await iam.send(new CreateRoleCommand({ RoleName: 'worker', AssumeRolePolicyDocument: trusting({ AWS: ACCOUNT }) }));
    await iam.send(new PutRolePolicyCommand({ RoleName: 'worker', PolicyName: 'p', PolicyDocument: policy }));
    const { Credentials } = await opened.sts.send(
      new AssumeRoleCommand({
        ...{ RoleArn: `arn:aws:iam::${ACCOUNT}:role/worker`, RoleSessionName: 'me' },
        ...(sessionPolicy && { Policy: sessionPolicy }),
      }),
    );
    return opened.clients({
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    });
  }

  const SENDS = statement({ Effect: 'Allow', Action: 'sqs:SendMessage', Resource: QUEUE_ARN });

  test('does what its policies allow, and is refused the rest in the words of AWS', async () => {
    const opened = await open('enforce');
    const { QueueUrl } = await opened.sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
    const { sqs } = await assumed(opened, SENDS);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
    await expect(sqs.send(new ReceiveMessageCommand({ QueueUrl }))).rejects.toThrow(
      `User: arn:aws:sts::${ACCOUNT}:assumed-role/worker/me is not authorized to perform: sqs:receivemessage on resource: ${QUEUE_ARN} because no identity-based policy allows the sqs:receivemessage action`,
    );
  });

  test('by default does it all, and each lack is reported once', async () => {
    const opened = await open();
    const { QueueUrl } = await opened.sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
    const { sqs } = await assumed(opened, SENDS);
    for (let n = 0; n < 2; n++) await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    expect(opened.said).toHaveLength(1);
    expect(opened.said[0]).toContain(
      `Missing in a policy of arn:aws:iam::${ACCOUNT}:role/worker: {"Effect":"Allow","Action":"sqs:ReceiveMessage","Resource":"${QUEUE_ARN}"}`,
    );
  });

  test("is allowed what the resource's own policy allows it, and nothing that one denies", async () => {
    const opened = await open('enforce');
    const { QueueUrl } = await opened.sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
    const { sqs } = await assumed(opened, SENDS);
    const worker = { AWS: `arn:aws:iam::${ACCOUNT}:role/worker` };
    const Policy = statement(
      { Effect: 'Allow', Principal: worker, Action: 'sqs:ReceiveMessage', Resource: QUEUE_ARN },
      { Effect: 'Deny', Principal: '*', Action: 'sqs:SendMessage', Resource: QUEUE_ARN },
    );
    await opened.sqs.send(new SetQueueAttributesCommand({ QueueUrl: QueueUrl!, Attributes: { Policy } }));
    await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
    await expect(sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'no' }))).rejects.toThrow(
      /sqs:sendmessage on resource: \S+ with an explicit deny in a resource-based policy$/,
    );
  });

  test('is limited by the policy of its session', async () => {
    const opened = await open('enforce');
    const { QueueUrl } = await opened.sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
    const all = statement({ Effect: 'Allow', Action: 'sqs:*', Resource: '*' });
    const { sqs } = await assumed(opened, all, SENDS);
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
    await expect(sqs.send(new ReceiveMessageCommand({ QueueUrl }))).rejects.toThrow(
      'because no session policy allows the sqs:receivemessage action',
    );
  });

  // https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.iam.permissions.html
  test("is not let in by a topic's own first policy", async () => {
    const opened = await open('enforce');
    const { TopicArn } = await opened.sns.send(new CreateTopicCommand({ Name: 'done' }));
    const { sns } = await assumed(opened, SENDS);
    await expect(sns.send(new PublishCommand({ TopicArn, Message: 'hello' }))).rejects.toMatchObject({
      name: 'AuthorizationErrorException',
      message: `User: arn:aws:sts::${ACCOUNT}:assumed-role/worker/me is not authorized to perform: SNS:Publish on resource: ${TopicArn} because no identity-based policy allows the SNS:Publish action`,
    });
  });

  test('is taken on by a function or rule only if it trusts the service', async () => {
    const opened = await open('enforce');
    const { lambda, iam, events } = opened;
    await iam.send(new CreateRoleCommand({ RoleName: 'wrong', AssumeRolePolicyDocument: trusting({ AWS: ACCOUNT }) }));
    const Role = `arn:aws:iam::${ACCOUNT}:role/wrong`;
    const code = { Code: { ZipFile: await zip({ 'index.js': 'exports.handler = () => {}' }) } };
    const made = { FunctionName: 'f', Runtime: 'nodejs24.x', Handler: 'index.handler', ...code } as const;
    await expect(lambda.send(new CreateFunctionCommand({ ...made, Role }))).rejects.toThrow(
      'The role defined for the function cannot be assumed by Lambda.',
    );
    const rule = { Name: 'r', ScheduleExpression: 'rate(1 minute)', RoleArn: Role };
    await expect(events.send(new PutRuleCommand(rule))).rejects.toThrow(
      `Provided role '${Role}' cannot be assumed by principal 'events.amazonaws.com'.`,
    );
  });
});

test('a user is allowed what its policies allow', async () => {
  const opened = await open('enforce');
  const { iam, events } = opened;
  await iam.send(new CreateUserCommand({ UserName: 'ann' }));
  const PolicyDocument = statement({
    ...{ Effect: 'Allow', Action: 'events:PutEvents', Resource: '*' },
    Condition: { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } },
  });
  await iam.send(new PutUserPolicyCommand({ UserName: 'ann', PolicyName: 'p', PolicyDocument }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
  const ann = opened.clients({ accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! });
  expect(await ann.events.send(new PutEventsCommand({ Entries: [EVENT] }))).toMatchObject({ FailedEntryCount: 0 });
  await expect(ann.events.send(new PutRuleCommand({ Name: 'r', EventPattern: '{"source":["a"]}' }))).rejects.toThrow(
    `User: arn:aws:iam::${ACCOUNT}:user/ann is not authorized to perform: events:PutRule on resource: arn:aws:events:us-east-1:${ACCOUNT}:rule/r because no identity-based policy allows the events:PutRule action`,
  );
  await events.send(
    new PutPermissionCommand({ StatementId: 's', Action: 'events:PutEvents', Principal: '111111111111' }),
  );
});

test('a rule rings a function once AddPermission lets it', async () => {
  const opened = await open('enforce');
  const { engine, events, lambda } = opened;
  const ringer = await engine.createFunction('ringer', 'exports.handler = async () => 1');
  await events.send(new PutRuleCommand({ Name: 'rings', EventPattern: '{"source":["tower"]}' }));
  await events.send(new PutTargetsCommand({ Rule: 'rings', Targets: [{ Id: '1', Arn: ringer.arn }] }));
  await ring(opened);
  engine.expectRings(ringer, 0);
  const permission = { StatementId: 's', Action: 'lambda:InvokeFunction', Principal: 'events.amazonaws.com' };
  await lambda.send(new AddPermissionCommand({ FunctionName: 'ringer', ...permission, SourceArn: RULE_ARN }));
  await ring(opened);
  engine.expectRings(ringer, 1);
});

describe("a function's URL that asks for no signature", () => {
  const FUNCTION_ARN = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:open`;
  const all = { FunctionName: 'open', Principal: '*' };

  async function openUrl(opened: Opened): Promise<string> {
    await opened.engine.createFunction('open', 'exports.handler = async () => 1');
    const url = { FunctionName: 'open', AuthType: 'NONE' } as const;
    return (await opened.lambda.send(new CreateFunctionUrlConfigCommand(url))).FunctionUrl!;
  }

  // https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
  test('is for all whom the function lets in by its policy, and for nobody without', async () => {
    const opened = await open('enforce');
    const url = await openUrl(opened);
    const byUrl = { StatementId: 'url', Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' } as const;
    const through = { StatementId: 'in', Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true } as const;
    const status = async () => (await fetch(url)).status;
    expect(await (await fetch(url)).text()).toBe('{"Message":"Forbidden"}');
    await opened.lambda.send(new AddPermissionCommand({ ...all, ...byUrl }));
    expect(await status()).toBe(403);
    await opened.lambda.send(new AddPermissionCommand({ ...all, ...through }));
    expect(await status()).toBe(200);
    await opened.lambda.send(new RemovePermissionCommand({ FunctionName: 'open', StatementId: 'url' }));
    expect(await status()).toBe(403);
    const wrong = { ...byUrl, FunctionUrlAuthType: 'AWS_IAM' } as const;
    await opened.lambda.send(new AddPermissionCommand({ ...all, ...wrong }));
    expect(await status()).toBe(403);
  });

  test('by default is for all, and what is missing is told once', async () => {
    const opened = await open();
    const url = await openUrl(opened);
    const before = opened.said.length;
    for (let n = 0; n < 2; n++) expect((await fetch(url)).status).toBe(200);
    const missing = opened.said
      .slice(before)
      .flatMap((line) => /Missing in the policy of .*?: (.*)$/m.exec(line)?.[1] ?? []);
    expect(missing.map((text) => JSON.parse(text))).toEqual(
      ['InvokeFunction', 'InvokeFunctionUrl'].map((name) => ({
        ...{ Effect: 'Allow', Principal: '*', Action: `lambda:${name}`, Resource: FUNCTION_ARN },
        Condition: {
          StringEquals: { 'lambda:InvokedViaFunctionUrl': 'true', 'lambda:FunctionUrlAuthType': 'NONE' },
        },
      })),
    );
  });
});

describe('a stack', () => {
  const ARN = `arn:aws:iam::${ACCOUNT}:role/deployer`;
  const TemplateBody = JSON.stringify({
    Resources: { Jobs: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'jobs' } } },
  });

  async function deployed({ clients, engine, iam }: Opened, policy: string) {
    const trust = trusting({ Service: 'cloudformation.amazonaws.com' });
    await iam.send(new CreateRoleCommand({ RoleName: 'deployer', AssumeRolePolicyDocument: trust }));
    await iam.send(new PutRolePolicyCommand({ RoleName: 'deployer', PolicyName: 'p', PolicyDocument: policy }));
    const { cloudformation } = clients();
    await cloudformation.send(new CreateStackCommand({ StackName: 's', TemplateBody, RoleARN: ARN }));
    await engine.clock.advance('1 hour');
    const { Stacks } = await cloudformation.send(new DescribeStacksCommand({ StackName: 's' }));
    const { StackEvents } = await cloudformation.send(new DescribeStackEventsCommand({ StackName: 's' }));
    const reasons = StackEvents!.map(({ ResourceStatusReason }) => ResourceStatusReason).join('\n');
    return { status: Stacks![0]!.StackStatus, reasons };
  }

  test('is made in its role, and what the role may not make fails in the words of AWS', async () => {
    const opened = await open('enforce');
    const { status, reasons } = await deployed(opened, statement({ Effect: 'Allow', Action: 'sns:*', Resource: '*' }));
    expect(status).toMatch(/^ROLLBACK_/);
    expect(reasons).toMatch(/assumed-role\/deployer\/\S+ is not authorized to perform: sqs:\w+/);
  });

  test('that its role may make is made', async () => {
    const opened = await open('enforce');
    const { status } = await deployed(opened, statement({ Effect: 'Allow', Action: 'sqs:*', Resource: '*' }));
    expect(status).toBe('CREATE_COMPLETE');
  });

  test('has a role that trusts CloudFormation, and callers who may call it', async () => {
    const opened = await open('enforce');
    const { iam, clients } = opened;
    await iam.send(
      new CreateRoleCommand({ RoleName: 'deployer', AssumeRolePolicyDocument: trusting({ AWS: ACCOUNT }) }),
    );
    const stack = { StackName: 's', TemplateBody, RoleARN: ARN };
    await expect(clients().cloudformation.send(new CreateStackCommand(stack))).rejects.toThrow(
      `Role ${ARN} is invalid or cannot be assumed`,
    );
    await iam.send(new CreateUserCommand({ UserName: 'ann' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
    const ann = clients({ accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! });
    await expect(ann.cloudformation.send(new DescribeStacksCommand({ StackName: 's' }))).rejects.toThrow(
      `User: arn:aws:iam::${ACCOUNT}:user/ann is not authorized to perform: cloudformation:DescribeStacks on resource: arn:aws:cloudformation:us-east-1:${ACCOUNT}:stack/s/* because no identity-based policy allows the cloudformation:DescribeStacks action`,
    );
  });
});

test('everybody may ask who he is, and is not asked for what that takes', async () => {
  const opened = await open('enforce');
  await opened.iam.send(new CreateUserCommand({ UserName: 'ann' }));
  const { AccessKey } = await opened.iam.send(new CreateAccessKeyCommand({ UserName: 'ann' }));
  const ann = opened.clients({ accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! });
  const { Arn } = await ann.sts.send(new GetCallerIdentityCommand({}));
  expect(Arn).toBe(`arn:aws:iam::${ACCOUNT}:user/ann`);
});

test('a function writes its log in its role, whoever invokes it', async () => {
  const opened = await open();
  const { engine, iam, said } = opened;
  const principal = { Service: 'lambda.amazonaws.com' };
  await iam.send(new CreateRoleCommand({ RoleName: 'mute', AssumeRolePolicyDocument: trusting(principal) }));
  const Role = `arn:aws:iam::${ACCOUNT}:role/mute`;
  const mute = await engine.createFunction('mute', 'exports.handler = async () => 1', { Role });
  for (let n = 0; n < 2; n++) await mute.invoke();
  expect(said.map((line) => /Missing in (.*)$/m.exec(line)?.[1])).toEqual(
    ['PutLogEvents', 'CreateLogGroup', 'CreateLogStream'].map(
      (action) =>
        `a policy of ${Role}: {"Effect":"Allow","Action":"logs:${action}","Resource":"arn:aws:logs:us-east-1:${ACCOUNT}:log-group:/aws/lambda/mute:*"}`,
    ),
  );
});

test('a role that does not exist is reported once, whatever is done with it', async () => {
  const { engine, said } = await open();
  const Role = `arn:aws:iam::${ACCOUNT}:role/nobody`;
  await engine.createFunction('a', 'exports.handler = async () => 1', { Role });
  await engine.createFunction('b', 'exports.handler = async () => 1', { Role });
  expect(said).toEqual([`There is no role ${Role}, so AWS would refuse what is done with it. Carillon lets it pass.`]);
});
