/*
 * Versions, aliases, and what is set for each of them, through the SDK for JavaScript, boto3 and the AWS CLI.
 * Sources: Lambda API Reference; Developer Guide, "Manage Lambda function versions" and "Create an alias".
 */
import {
  AddPermissionCommand,
  CreateAliasCommand,
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  DeleteFunctionEventInvokeConfigCommand,
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  GetFunctionEventInvokeConfigCommand,
  GetPolicyCommand,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  LambdaClient,
  type LambdaServiceException,
  ListAliasesCommand,
  ListFunctionEventInvokeConfigsCommand,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  PutFunctionEventInvokeConfigCommand,
  RemovePermissionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  UpdateFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda';
import { createEngine, type Engine } from '@carillon/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { zip } from '../../zip.ts';
import { aws, boto3, testWithPython } from '../clients.ts';

const REGION = 'eu-central-1';
const ACCOUNT = '000000000000';
const FunctionName = 'bell';
const ARN = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:bell`;
const CODE = `exports.handler = async (event, context) => ({
  tone: process.env.TONE,
  version: process.env.AWS_LAMBDA_FUNCTION_VERSION,
  contextVersion: context.functionVersion,
  stream: context.logStreamName.replace(/^.*\\[/, '['),
  arn: context.invokedFunctionArn,
})`;
const ZipFile = await zip({ 'index.js': CODE });

let engine: Engine;
let client: LambdaClient;
beforeEach(async () => {
  engine = await createEngine({ clock: 'virtual:2026-03-01T09:00:00Z', log: () => {} });
  const credentials = { accessKeyId: ACCOUNT, secretAccessKey: 'any' };
  client = new LambdaClient({ endpoint: engine.endpoint, region: REGION, credentials, maxAttempts: 1 });
});
afterEach(async () => {
  client.destroy();
  await engine.close();
});

function create(settings: Partial<CreateFunctionCommandInput> = {}) {
  return client.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: `arn:aws:iam::${ACCOUNT}:role/bell`,
      Code: { ZipFile },
      Environment: { Variables: { TONE: 'c' } },
      ...settings,
    }),
  );
}

const publish = (more = {}) => client.send(new PublishVersionCommand({ FunctionName, ...more }));
const tune = (TONE: string) =>
  client.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables: { TONE } } }));

async function invoke(FunctionName: string, Qualifier?: string) {
  const { Payload, ExecutedVersion } = await client.send(new InvokeCommand({ FunctionName, Qualifier }));
  return { ...JSON.parse(Buffer.from(Payload!).toString()), ExecutedVersion };
}

async function refusal(call: Promise<unknown>): Promise<string> {
  const { name, message } = await call.then(
    () => expect.fail('was not refused'),
    (error: LambdaServiceException) => error,
  );
  return `${name}: ${message}`;
}

describe('a version', () => {
  it('keeps code and configuration as they were, in processes of its own', async () => {
    const created = await create({ Publish: true });
    expect(created).toMatchObject({ Version: '1', FunctionArn: ARN });
    await tune('d');
    expect(await publish({ Description: 'in d' })).toMatchObject({
      Version: '2',
      FunctionArn: `${ARN}:2`,
      Description: 'in d',
      State: 'Active',
    });
    await tune('e');
    const shown = { contextVersion: '1', stream: expect.stringMatching(/^\[1\][0-9a-f]{32}$/), arn: `${ARN}:1` };
    expect(await invoke(FunctionName, '1')).toEqual({ tone: 'c', version: '1', ...shown, ExecutedVersion: '1' });
    expect(await invoke(`${FunctionName}:2`)).toMatchObject({ tone: 'd', version: '2', ExecutedVersion: '2' });
    expect(await invoke(`${ACCOUNT}:function:bell:2`)).toMatchObject({ tone: 'd' });
    expect(await invoke(`${ARN}:1`)).toMatchObject({ tone: 'c' });
    expect(await invoke(FunctionName)).toMatchObject({ tone: 'e', version: '$LATEST', arn: ARN });
    expect(await client.send(new GetFunctionConfigurationCommand({ FunctionName, Qualifier: '1' }))).toMatchObject({
      FunctionArn: `${ARN}:1`,
      Version: '1',
      Environment: { Variables: { TONE: 'c' } },
    });
  });

  it('is made where something changed alone, of the code and revision that were meant', async () => {
    const { CodeSha256 } = await create();
    expect(await publish({ CodeSha256 })).toMatchObject({ Version: '1' });
    expect(await publish({ Description: 'once more' })).toMatchObject({ Version: '1', Description: '' });
    const same = await client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile, Publish: true }));
    expect(same).toMatchObject({ Version: '1', FunctionArn: `${ARN}:1` });
    expect(await refusal(publish({ CodeSha256: 'other' }))).toMatch(
      /^InvalidParameterValueException: CodeSHA256 \(other\) is different from current CodeSHA256 in \$LATEST/,
    );
    expect(await refusal(publish({ RevisionId: 'other' }))).toMatch(/^PreconditionFailedException: /);
    const other = await zip({ 'index.js': `${CODE};` });
    const changed = new UpdateFunctionCodeCommand({ FunctionName, ZipFile: other, Publish: true });
    expect(await client.send(changed)).toMatchObject({ Version: '2' });
  });

  it('is listed after the unpublished one, in pages, in order', async () => {
    await create({ Publish: true });
    for (let n = 2; n <= 11; n++) {
      await tune(String(n));
      await publish();
    }
    const first = await client.send(new ListVersionsByFunctionCommand({ FunctionName, MaxItems: 4 }));
    expect(first.Versions!.map(({ Version }) => Version)).toEqual(['$LATEST', '1', '2', '3']);
    expect(first.Versions!.map(({ FunctionArn }) => FunctionArn).slice(0, 2)).toEqual([`${ARN}:$LATEST`, `${ARN}:1`]);
    const rest = await client.send(new ListVersionsByFunctionCommand({ FunctionName, Marker: first.NextMarker! }));
    expect(rest.Versions!.map(({ Version }) => Version)).toEqual(['4', '5', '6', '7', '8', '9', '10', '11']);
    await create({ FunctionName: 'chime' });
    const pages = [];
    let Marker: string | undefined;
    do {
      const page = await client.send(new ListFunctionsCommand({ FunctionVersion: 'ALL', MaxItems: 5, Marker }));
      pages.push(page.Functions!.map(({ FunctionArn }) => FunctionArn!.replace(/^.*:function:/, '')));
      Marker = page.NextMarker;
    } while (Marker);
    const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => `bell:${from + n}`);
    expect(pages).toEqual([['bell:$LATEST', ...numbers(1, 4)], numbers(5, 9), ['bell:10', 'bell:11', 'chime:$LATEST']]);
    expect((await client.send(new ListFunctionsCommand())).Functions).toHaveLength(2);
  });

  it('is deleted where no alias needs it, and its number is not given again', async () => {
    await create({ Publish: true });
    await client.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));
    const remove = (Qualifier: string) => client.send(new DeleteFunctionCommand({ FunctionName, Qualifier }));
    expect(await refusal(remove('1'))).toBe(
      'ResourceConflictException: Unable to delete version because the following aliases reference it: [live]',
    );
    expect(await refusal(remove('live'))).toBe(
      'InvalidParameterValueException: Deletion of aliases is not currently supported.',
    );
    await client.send(new DeleteAliasCommand({ FunctionName, Name: 'live' }));
    await remove('1');
    expect(await refusal(invoke(FunctionName, '1'))).toBe(`ResourceNotFoundException: Function not found: ${ARN}:1`);
    expect(await publish()).toMatchObject({ Version: '2' });
    await client.send(new DeleteFunctionCommand({ FunctionName }));
    await create();
    expect(await publish()).toMatchObject({ Version: '1' });
  });
});

describe('an alias', () => {
  it('points to a version, and is shown, changed, listed and deleted', async () => {
    await create({ Publish: true });
    const alias = { AliasArn: `${ARN}:live`, Name: 'live', FunctionVersion: '1', Description: '' };
    const made = await client.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));
    expect(made).toMatchObject({ ...alias, RevisionId: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(made).not.toHaveProperty('RoutingConfig');
    expect(await invoke(FunctionName, 'live')).toMatchObject({ arn: `${ARN}:live`, ExecutedVersion: '1' });
    expect(await client.send(new GetFunctionCommand({ FunctionName: `${ARN}:live` }))).toMatchObject({
      Configuration: { FunctionArn: `${ARN}:live`, Version: '1' },
    });
    await tune('d');
    await publish();
    const update = (more: object) => client.send(new UpdateAliasCommand({ FunctionName, Name: 'live', ...more }));
    expect(await refusal(update({ FunctionVersion: '2', RevisionId: 'other' }))).toMatch(/^PreconditionFailedExc/);
    const moved = await update({ FunctionVersion: '2', RevisionId: made.RevisionId });
    expect(moved).toMatchObject({ ...alias, FunctionVersion: '2' });
    expect(moved.RevisionId).not.toBe(made.RevisionId);
    expect(await invoke(FunctionName, 'live')).toMatchObject({ tone: 'd', ExecutedVersion: '2' });
    await client.send(new CreateAliasCommand({ FunctionName, Name: 'beta', FunctionVersion: '$LATEST' }));
    const list = async (more = {}) =>
      (await client.send(new ListAliasesCommand({ FunctionName, ...more }))).Aliases!.map(({ Name }) => Name);
    expect(await list()).toEqual(['beta', 'live']);
    expect(await list({ FunctionVersion: '2' })).toEqual(['live']);
    await client.send(new DeleteAliasCommand({ FunctionName, Name: 'live' }));
    await client.send(new DeleteAliasCommand({ FunctionName, Name: 'live' }));
    expect(await list()).toEqual(['beta']);
  });

  it('shares its invocations out between two versions', async () => {
    await create({ Publish: true });
    await tune('d');
    await publish();
    const RoutingConfig = { AdditionalVersionWeights: { 2: 0.25 } };
    const made = await client.send(
      new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1', RoutingConfig }),
    );
    expect(made.RoutingConfig).toEqual(RoutingConfig);
    const ran = [];
    for (let n = 0; n < 200; n++) ran.push((await invoke(FunctionName, 'live')).ExecutedVersion);
    expect(ran.filter((version) => version === '2').length).toBeGreaterThan(25);
    expect(ran.filter((version) => version === '2').length).toBeLessThan(80);
    const all = await client.send(
      new UpdateAliasCommand({ FunctionName, Name: 'live', RoutingConfig: { AdditionalVersionWeights: {} } }),
    );
    expect(all).not.toHaveProperty('RoutingConfig');
    expect(all.FunctionVersion).toBe('1');
  });

  it.each<[object, string]>([
    [{ FunctionVersion: '9' }, `ResourceNotFoundException: Function not found: ${ARN}:9`],
    [{ Name: 'live' }, `ResourceConflictException: Alias already exists: ${ARN}:live`],
    [
      { FunctionVersion: '$LATEST', RoutingConfig: { AdditionalVersionWeights: { 1: 0.5 } } },
      'InvalidParameterValueException: $LATEST is not supported for an alias pointing to more than 1 version',
    ],
    [
      { RoutingConfig: { AdditionalVersionWeights: { 1: 0.5 } } },
      'InvalidParameterValueException: Invalid function version 1. Function version 1 is already included in routing configuration.',
    ],
    [
      { RoutingConfig: { AdditionalVersionWeights: { 1: 0.5, 2: 0.1 } } },
      'InvalidParameterValueException: Number of items in AdditionalVersionWeights cannot be greater than 1',
    ],
    [{ Name: '12' }, 'ValidationException: 1 validation error detected: Value'],
    [{ RoutingConfig: { AdditionalVersionWeights: { 2: 1.5 } } }, 'ValidationException: 1 validation error detected'],
  ])('is refused with %j', async (wrong, expected) => {
    await create({ Publish: true });
    await client.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));
    const basic = { FunctionName, Name: 'new', FunctionVersion: '1' };
    const words = await refusal(client.send(new CreateAliasCommand({ ...basic, ...wrong })));
    expect(words.slice(0, expected.length)).toBe(expected);
  });

  it('that is not there is named', async () => {
    await create();
    const named = { FunctionName, Name: 'none' };
    expect(await refusal(client.send(new GetAliasCommand(named)))).toBe(
      `ResourceNotFoundException: Cannot find alias arn: ${ARN}:none`,
    );
    expect(await refusal(client.send(new UpdateAliasCommand(named)))).toBe(
      `ResourceNotFoundException: Alias not found: ${ARN}:none`,
    );
  });

  it('has a policy of its own', async () => {
    await create({ Publish: true });
    await client.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));
    const permission = { StatementId: 'a', Action: 'lambda:InvokeFunction', Principal: 'events.amazonaws.com' };
    const before = await client.send(new GetAliasCommand({ FunctionName, Name: 'live' }));
    const { RevisionId } = before;
    await client.send(new AddPermissionCommand({ FunctionName, Qualifier: 'live', RevisionId, ...permission }));
    const { Policy, RevisionId: after } = await client.send(new GetPolicyCommand({ FunctionName, Qualifier: 'live' }));
    expect(JSON.parse(Policy!).Statement[0].Resource).toBe(`${ARN}:live`);
    expect((await client.send(new GetAliasCommand({ FunctionName, Name: 'live' }))).RevisionId).toBe(after);
    expect(after).not.toBe(RevisionId);
    expect(await refusal(client.send(new GetPolicyCommand({ FunctionName })))).toMatch(/^ResourceNotFoundExc/);
    await client.send(new AddPermissionCommand({ FunctionName, Qualifier: '1', ...permission }));
    await client.send(new RemovePermissionCommand({ FunctionName, Qualifier: 'live', StatementId: 'a' }));
    expect((await client.send(new GetPolicyCommand({ FunctionName, Qualifier: '1' }))).Policy).toMatch(`${ARN}:1`);
  });
});

describe('an event invoke configuration', () => {
  const QUEUE = { Destination: `arn:aws:sqs:${REGION}:${ACCOUNT}:queue` };
  const put = (more: object) => client.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, ...more }));

  it('is put, merged, shown, listed and deleted, by qualifier', async () => {
    await create({ Publish: true });
    const made = await put({ MaximumRetryAttempts: 0, DestinationConfig: { OnFailure: QUEUE } });
    const expected = {
      LastModified: new Date('2026-03-01T09:00:00Z'),
      FunctionArn: `${ARN}:$LATEST`,
      MaximumRetryAttempts: 0,
      DestinationConfig: { OnSuccess: {}, OnFailure: QUEUE },
    };
    expect(made).toMatchObject(expected);
    expect(made).not.toHaveProperty('MaximumEventAgeInSeconds');
    const merged = await client.send(
      new UpdateFunctionEventInvokeConfigCommand({
        FunctionName,
        MaximumEventAgeInSeconds: 60,
        DestinationConfig: { OnSuccess: QUEUE },
      }),
    );
    const both = { OnSuccess: QUEUE, OnFailure: QUEUE };
    expect(merged).toMatchObject({ ...expected, MaximumEventAgeInSeconds: 60, DestinationConfig: both });
    await put({ Qualifier: '1', MaximumRetryAttempts: 1 });
    const { FunctionEventInvokeConfigs } = await client.send(
      new ListFunctionEventInvokeConfigsCommand({ FunctionName }),
    );
    expect(FunctionEventInvokeConfigs!.map(({ FunctionArn }) => FunctionArn)).toEqual([`${ARN}:$LATEST`, `${ARN}:1`]);
    await client.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName }));
    expect(await refusal(client.send(new GetFunctionEventInvokeConfigCommand({ FunctionName })))).toBe(
      `ResourceNotFoundException: The function ${ARN}:$LATEST doesn't have an EventInvokeConfig`,
    );
    expect(await client.send(new GetFunctionEventInvokeConfigCommand({ FunctionName, Qualifier: '1' }))).toMatchObject({
      MaximumRetryAttempts: 1,
    });
  });

  it.each<[object, string]>([
    [{}, 'InvalidParameterValueException: You must specify at least one of error handling or destination setting.'],
    [{ MaximumRetryAttempts: 3 }, 'ValidationException: 1 validation error detected'],
    [{ MaximumEventAgeInSeconds: 59 }, 'ValidationException: 1 validation error detected'],
    [{ Qualifier: 'none', MaximumRetryAttempts: 1 }, `ResourceNotFoundException: Function not found: ${ARN}:none`],
    [
      { DestinationConfig: { OnSuccess: { Destination: ARN } } },
      "InvalidParameterValueException: You can't specify the function as a destination for itself.",
    ],
    [
      { DestinationConfig: { OnSuccess: { Destination: `arn:aws:iam::${ACCOUNT}:role/a` } } },
      'InvalidParameterValueException: The destination ARN',
    ],
  ])('is refused with %j', async (wrong, expected) => {
    await create();
    expect((await refusal(put(wrong))).slice(0, expected.length)).toBe(expected);
  });
});

describe('a response that is streamed', () => {
  async function stream(code: string) {
    await create({ Code: { ZipFile: await zip({ 'index.js': code }) } });
    const sent = new InvokeWithResponseStreamCommand({ FunctionName, LogType: 'Tail' });
    const { EventStream, ...head } = await client.send(sent);
    const events = [];
    for await (const event of EventStream!) events.push(event);
    return { head, events };
  }

  it('comes as a chunk and an end', async () => {
    const { head, events } = await stream(`exports.handler = awslambda.streamifyResponse(async (event, stream) => {
      stream.write('ding ');
      stream.end('dong');
    })`);
    expect(head).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(Buffer.from(events[0]!.PayloadChunk!.Payload!).toString()).toBe('ding dong');
    expect(Buffer.from(events[1]!.InvokeComplete!.LogResult!, 'base64').toString()).toMatch('REPORT RequestId');
    expect(events).toHaveLength(2);
  });

  it('that fails ends with the error', async () => {
    const { events } = await stream('exports.handler = async () => { throw new Error("no") }');
    const [{ InvokeComplete }] = events as [(typeof events)[0]];
    expect(InvokeComplete!.ErrorCode).toBe('Unhandled');
    expect(JSON.parse(InvokeComplete!.ErrorDetails!)).toMatchObject({ errorType: 'Error', errorMessage: 'no' });
  });
});

testWithPython('boto3 and the AWS CLI see versions and aliases as the SDK does', async () => {
  await create({ Publish: true });
  const script = `
import boto3, json
client = boto3.client('lambda')
client.create_alias(FunctionName='bell', Name='live', FunctionVersion='1')
answer = client.invoke(FunctionName='${ARN}:live', LogType='Tail')
print(answer['ExecutedVersion'], json.load(answer['Payload'])['arn'])
print(client.invoke_async(FunctionName='bell', InvokeArgs=b'{}')['Status'])
stream = client.invoke_with_response_stream(FunctionName='bell', Qualifier='live')['EventStream']
print([list(event) for event in stream])
client.get_waiter('published_version_active').wait(FunctionName='bell', Qualifier='1')
`;
  expect(await boto3(engine, script)).toBe(`1 ${ARN}:live\n202\n[['PayloadChunk'], ['InvokeComplete']]\n`);
  const listed = JSON.parse(await aws(engine, 'lambda', 'list-aliases', '--function-name', 'bell'));
  expect(listed.Aliases).toMatchObject([{ AliasArn: `${ARN}:live`, FunctionVersion: '1' }]);
});
