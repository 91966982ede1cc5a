/*
 * Functions through the SDK for JavaScript, over the wire: what AWS answers, member by member, and what it refuses.
 * Sources: Lambda API Reference (API_*.html) and the Developer Guide; where they are silent, what others met on AWS.
 */
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  GetAccountSettingsCommand,
  GetFunctionCodeSigningConfigCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  InvokeCommand,
  LambdaClient,
  type LambdaServiceException,
  ListFunctionsCommand,
  ListTagsCommand,
  ListVersionsByFunctionCommand,
  PutFunctionConcurrencyCommand,
  RemovePermissionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { createEngine, type Engine } from '@carillon/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { zip } from '../../zip.ts';

const REGION = 'eu-central-1';
const ACCOUNT = '123456789012';
const ARN = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:bell`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/service-role/bell`;
const ZipFile = await zip({ 'index.js': 'exports.handler = async (event) => event' });

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
  const basic = {
    FunctionName: 'bell',
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role: ROLE,
    Code: { ZipFile },
  };
  return client.send(new CreateFunctionCommand({ ...basic, ...settings } as CreateFunctionCommandInput));
}

/** Status, code and words of what AWS refuses. */
async function refusal(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'not refused',
    (error: LambdaServiceException) => `${error.$metadata.httpStatusCode} ${error.name}: ${error.message}`,
  );
}

const FunctionName = 'bell';

describe('a function', () => {
  it('is created with the defaults of AWS', async () => {
    const { $metadata, ...created } = await create();
    expect($metadata.httpStatusCode).toBe(201);
    expect(created).toEqual({
      FunctionName: 'bell',
      FunctionArn: ARN,
      Runtime: 'nodejs22.x',
      Role: ROLE,
      Handler: 'index.handler',
      CodeSize: ZipFile.length,
      Description: '',
      Timeout: 3,
      MemorySize: 128,
      LastModified: '2026-03-01T09:00:00.000+0000',
      CodeSha256: expect.stringMatching(/^[A-Za-z0-9+/]{43}=$/),
      Version: '$LATEST',
      TracingConfig: { Mode: 'PassThrough' },
      RevisionId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      State: 'Active',
      LastUpdateStatus: 'Successful',
      PackageType: 'Zip',
      Architectures: ['x86_64'],
      EphemeralStorage: { Size: 512 },
      SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
      LoggingConfig: { LogFormat: 'Text', LogGroup: '/aws/lambda/bell' },
    });
    const { $metadata: _, ...read } = await client.send(new GetFunctionConfigurationCommand({ FunctionName }));
    expect(read).toEqual(created);
  });

  it('is read back with its settings, code, tags and concurrency', async () => {
    const settings = {
      Description: 'rings',
      Timeout: 900,
      MemorySize: 10_240,
      EphemeralStorage: { Size: 10_240 },
      Architectures: ['arm64'],
      Environment: { Variables: { HOUR: '12', Half_2: '' } },
      KMSKeyArn: `arn:aws:kms:${REGION}:${ACCOUNT}:key/1`,
      DeadLetterConfig: { TargetArn: `arn:aws:sqs:${REGION}:${ACCOUNT}:letters` },
      TracingConfig: { Mode: 'Active' },
      SnapStart: { ApplyOn: 'PublishedVersions' },
      LoggingConfig: { LogFormat: 'JSON', SystemLogLevel: 'WARN' },
      VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'] },
      Tags: { team: 'towers' },
    } as const;
    await create(settings as never);
    await client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 7 }));
    const { Configuration, Code, Tags, Concurrency } = await client.send(new GetFunctionCommand({ FunctionName }));
    const { Tags: _, ...configured } = settings;
    expect(Configuration).toMatchObject({
      ...configured,
      SnapStart: { ApplyOn: 'PublishedVersions', OptimizationStatus: 'Off' },
      LoggingConfig: {
        ApplicationLogLevel: 'INFO',
        LogFormat: 'JSON',
        LogGroup: '/aws/lambda/bell',
        SystemLogLevel: 'WARN',
      },
      VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'], VpcId: '', Ipv6AllowedForDualStack: false },
    });
    expect(Tags).toEqual({ team: 'towers' });
    expect(Concurrency).toEqual({ ReservedConcurrentExecutions: 7 });
    expect(Code?.RepositoryType).toBe('S3');
    const fetched = Buffer.from(await (await fetch(Code!.Location!)).arrayBuffer());
    expect(fetched.equals(ZipFile)).toBe(true);
  });

  it('has no tags and no concurrency where none are set', async () => {
    await create({ Tags: {} });
    const read = await client.send(new GetFunctionCommand({ FunctionName }));
    expect(Object.keys(read).sort()).toEqual(['$metadata', 'Code', 'Configuration']);
  });

  it.each([
    'bell',
    `${ACCOUNT}:function:bell`,
    `${ACCOUNT}:bell`,
    'function:bell',
    ARN,
    'bell:$LATEST',
    `${ARN}:$LATEST`,
  ])('is meant by %s', async (name) => {
    await create();
    const { FunctionArn } = await client.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
    expect(FunctionArn).toBe(name.endsWith('$LATEST') ? `${ARN}:$LATEST` : ARN);
  });

  it.each([
    ['nothing', undefined, `404 ResourceNotFoundException: Function not found: ${ARN.replace('bell', 'nothing')}`],
    ['bell', '7', `404 ResourceNotFoundException: Function not found: ${ARN}:7`],
    ['bell:live', undefined, `404 ResourceNotFoundException: Function not found: ${ARN}:live`],
    [
      'bell:live',
      'dead',
      '400 InvalidParameterValueException: The derived qualifier from the function name does not match the specified qualifier.',
    ],
    [
      ARN.replace(REGION, 'us-east-1'),
      undefined,
      `404 ResourceNotFoundException: Functions from 'us-east-1' are not reachable in this region ('${REGION}')`,
    ],
    [ARN.replace(ACCOUNT, '210987654321'), undefined, expect.stringMatching(/^403 AccessDeniedException: User: /)],
  ])('is not to be found as %s, %s', async (name, Qualifier, expected) => {
    await create();
    const input = { FunctionName: name, Qualifier };
    expect(await refusal(client.send(new GetFunctionCommand(input)))).toEqual(expected);
    expect(await refusal(client.send(new InvokeCommand(input)))).toEqual(expected);
  });

  it('is created once', async () => {
    await create();
    expect(await refusal(create())).toBe('409 ResourceConflictException: Function already exist: bell');
    const together = await Promise.all(Array.from({ length: 5 }, () => refusal(create({ FunctionName: 'other' }))));
    expect(together.filter((outcome) => outcome === 'not refused')).toHaveLength(1);
  });

  it('is deleted as a whole', async () => {
    await create();
    const deleted = (Qualifier?: string) => client.send(new DeleteFunctionCommand({ FunctionName, Qualifier }));
    expect(await refusal(deleted('$LATEST'))).toBe(
      '400 InvalidParameterValueException: $LATEST version cannot be deleted without deleting the function.',
    );
    // A version that is not there: measured on AWS in floci-io/floci#2824.
    expect((await deleted('99')).$metadata.httpStatusCode).toBe(204);
    await client.send(new GetFunctionCommand({ FunctionName }));
    expect((await deleted()).$metadata.httpStatusCode).toBe(204);
    expect(await refusal(deleted())).toBe(`404 ResourceNotFoundException: Function not found: ${ARN}`);
    expect(await refusal(client.send(new GetPolicyCommand({ FunctionName })))).toMatch('Function not found');
  });
});

describe('what CreateFunction refuses', () => {
  const invalid = (path: string, value: unknown, constraint: string) =>
    `400 ValidationException: 1 validation error detected: Value '${value}' at '${path}' failed to satisfy constraint: ${constraint}`;
  const most = (value: number) => `Member must have value less than or equal to ${value}`;
  const environment = (text: string) =>
    `400 InvalidParameterValueException: Lambda was unable to configure your environment variables because the environment variables you have provided ${text}`;

  it.each<[Partial<CreateFunctionCommandInput>, unknown]>([
    [{ Timeout: 901 }, invalid('timeout', 901, most(900))],
    [{ Timeout: 0 }, invalid('timeout', 0, 'Member must have value greater than or equal to 1')],
    [{ MemorySize: 10_241 }, invalid('memorySize', 10_241, most(10_240))],
    [{ MemorySize: 127 }, invalid('memorySize', 127, 'Member must have value greater than or equal to 128')],
    [{ EphemeralStorage: { Size: 10_241 } }, invalid('ephemeralStorage.size', 10_241, most(10_240))],
    [
      { FunctionName: 'a'.repeat(65) },
      invalid('functionName', 'a'.repeat(65), 'Member must have length less than or equal to 64'),
    ],
    [{ FunctionName: 'a b' }, expect.stringMatching(/^400 ValidationException: .* at 'functionName' failed/)],
    [{ Role: 'bell' }, expect.stringMatching(/^400 ValidationException: .* at 'role' failed/)],
    [
      { Runtime: 'nodejs0.8' as never },
      expect.stringMatching(
        /^400 InvalidParameterValueException: Value nodejs0\.8 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: \[.*nodejs22\.x.*\] or be a valid ARN$/,
      ),
    ],
    [
      { Runtime: undefined },
      '400 InvalidParameterValueException: Runtime and Handler are mandatory parameters for functions created with deployment packages.',
    ],
    [{ Code: {} }, '400 InvalidParameterValueException: Please provide a source for function code.'],
    [
      { Code: { ZipFile: Buffer.from('no zip') } },
      '400 InvalidParameterValueException: Could not unzip uploaded file. Please check your file, then try to upload again.',
    ],
    [
      { Environment: { Variables: { AWS_REGION: 'x', LAMBDA_TASK_ROOT: 'y', OWN: 'z' } } },
      environment(
        'contains reserved keys that are currently not supported for modification. Reserved keys used in this request: AWS_REGION, LAMBDA_TASK_ROOT',
      ),
    ],
    [
      { Environment: { Variables: { LONG: 'é'.repeat(2_043) } } },
      environment(`exceeded the 4KB limit. String measured: {"LONG":"${'é'.repeat(2_043)}"}`),
    ],
    [
      { Environment: { Variables: { '1st': 'secret' } } },
      "400 ValidationException: 1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]",
    ],
    [
      { LoggingConfig: { LogFormat: 'Text', SystemLogLevel: 'WARN' } },
      expect.stringMatching(/^400 InvalidParameterValueException: .*LogFormat is JSON/),
    ],
    [
      { Layers: [`arn:aws:lambda:${REGION}:${ACCOUNT}:layer:a:1`] },
      `400 InvalidParameterValueException: Layer version arn:aws:lambda:${REGION}:${ACCOUNT}:layer:a:1 does not exist.`,
    ],
    [{ PackageType: 'Image' }, expect.stringMatching(/^400 NotImplementedException/)],
    [
      { Code: { S3Bucket: 'bucket', S3Key: 'key' } },
      expect.stringMatching(
        /^400 InvalidParameterValueException: Error occurred while GetObject. S3 Error Code: NoSuchBucket/,
      ),
    ],
  ])('%j', async (settings, expected) => {
    expect(await refusal(create(settings))).toEqual(expected);
    expect((await client.send(new ListFunctionsCommand())).Functions).toEqual([]);
  });

  it('takes an environment of 4,096 bytes, and lists that are empty', async () => {
    const Variables = { LONG: 'é'.repeat(2_042) };
    await create({ Environment: { Variables }, Layers: [], FileSystemConfigs: [], Publish: false });
    expect((await client.send(new GetFunctionConfigurationCommand({ FunctionName }))).Environment).toEqual({
      Variables,
    });
  });
});

describe('an update', () => {
  const update = (settings: object) =>
    client.send(new UpdateFunctionConfigurationCommand({ FunctionName, ...settings }));

  it('of the configuration changes what it names, and clears what it names empty', async () => {
    const before = await create({
      Description: 'rings',
      Environment: { Variables: { HOUR: '1' } },
      DeadLetterConfig: { TargetArn: `arn:aws:sqs:${REGION}:${ACCOUNT}:letters` },
      KMSKeyArn: `arn:aws:kms:${REGION}:${ACCOUNT}:key/1`,
      VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'] },
      LoggingConfig: { LogFormat: 'JSON', LogGroup: 'bells' },
    });
    await engine.clock.advance('1 minute');
    const { $metadata: _, ...timed } = await update({ Timeout: 60 });
    const { $metadata: __, ...unchanged } = before;
    expect(timed).toEqual({
      ...unchanged,
      Timeout: 60,
      RevisionId: timed.RevisionId,
      LastModified: '2026-03-01T09:01:00.000+0000',
    });
    expect(timed.RevisionId).not.toBe(before.RevisionId);
    const cleared = await update({
      Description: '',
      Environment: { Variables: {} },
      DeadLetterConfig: { TargetArn: '' },
      KMSKeyArn: '',
      VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
      LoggingConfig: { LogFormat: 'Text' },
    });
    expect(cleared).toMatchObject({
      Description: '',
      Timeout: 60,
      VpcConfig: { SubnetIds: [], SecurityGroupIds: [], VpcId: '' },
      LoggingConfig: { LogFormat: 'Text', LogGroup: 'bells' },
    });
    for (const name of ['Environment', 'DeadLetterConfig', 'KMSKeyArn']) expect(cleared).not.toHaveProperty(name);
  });

  it('is refused for another revision', async () => {
    const { RevisionId } = await create();
    await update({ Timeout: 4 });
    const stale =
      '412 PreconditionFailedException: The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id';
    expect(await refusal(update({ Timeout: 5, RevisionId }))).toBe(stale);
    expect(await refusal(client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile, RevisionId })))).toBe(
      stale,
    );
    expect((await client.send(new GetFunctionConfigurationCommand({ FunctionName }))).Timeout).toBe(4);
  });

  it('is refused for versions and for what is out of range', async () => {
    await create();
    const version = client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'bell:7', Timeout: 5 }));
    expect(await refusal(version)).toMatch(
      '400 InvalidParameterValueException: Current operation does not support versions other than $LATEST.',
    );
    expect(await refusal(update({ Timeout: 901 }))).toMatch("Value '901' at 'timeout'");
    expect(await refusal(update({ Environment: { Variables: { AWS_REGION: 'x' } } }))).toMatch('reserved keys');
  });

  it('of the code shows another hash; a dry run changes nothing', async () => {
    const before = await create();
    const other = await zip({ 'index.js': 'exports.handler = async () => "other"' });
    const code = { FunctionName, ZipFile: other, Architectures: ['arm64' as const] };
    const dry = await client.send(new UpdateFunctionCodeCommand({ ...code, DryRun: true }));
    expect(dry.CodeSha256).not.toBe(before.CodeSha256);
    const still = await client.send(new GetFunctionConfigurationCommand({ FunctionName }));
    expect(still).toMatchObject({ CodeSha256: before.CodeSha256, RevisionId: before.RevisionId });
    const updated = await client.send(new UpdateFunctionCodeCommand(code));
    expect(updated).toMatchObject({ CodeSha256: dry.CodeSha256, CodeSize: other.length, Architectures: ['arm64'] });
    const { Payload } = await client.send(new InvokeCommand({ FunctionName }));
    expect(Payload?.transformToString()).toBe('"other"');
  });

  it('that changes nothing but a policy or tags leaves sandboxes warm', async () => {
    await create();
    await client.send(new InvokeCommand({ FunctionName }));
    await client.send(new TagResourceCommand({ Resource: ARN, Tags: { a: 'b' } }));
    const permission = { StatementId: 's', Action: 'lambda:InvokeFunction', Principal: 'events.amazonaws.com' };
    await client.send(new AddPermissionCommand({ FunctionName, ...permission }));
    const { LogResult } = await client.send(new InvokeCommand({ FunctionName, LogType: 'Tail' }));
    expect(Buffer.from(LogResult!, 'base64').toString()).not.toMatch('Init Duration');
  });
});

describe('lists', () => {
  it('come in pages of 50 at most, without states', async () => {
    const names = Array.from({ length: 53 }, (_, index) => `bell-${String(index).padStart(2, '0')}`);
    await Promise.all(names.map((name) => create({ FunctionName: name })));
    const first = await client.send(new ListFunctionsCommand({ MaxItems: 10_000 }));
    expect(first.Functions?.map((found) => found.FunctionName)).toEqual(names.slice(0, 50));
    const second = await client.send(new ListFunctionsCommand({ Marker: first.NextMarker }));
    expect(second.Functions?.map((found) => found.FunctionName)).toEqual(names.slice(50));
    expect(second).not.toHaveProperty('NextMarker');
    expect(first.Functions?.[0]).not.toHaveProperty('State');
    expect(first.Functions?.[0]).not.toHaveProperty('LastUpdateStatus');
    expect(first.Functions?.[0]?.FunctionArn).toBe(ARN.replace('bell', 'bell-00'));
    expect((await client.send(new ListFunctionsCommand({ MaxItems: 7 }))).Functions).toHaveLength(7);
    expect(await refusal(client.send(new ListFunctionsCommand({ Marker: 'other' })))).toMatch('400 InvalidParameter');
  });

  it('of versions have the unpublished one', async () => {
    await create();
    const { Versions, NextMarker } = await client.send(new ListVersionsByFunctionCommand({ FunctionName }));
    expect(Versions).toMatchObject([{ FunctionName, FunctionArn: `${ARN}:$LATEST`, Version: '$LATEST' }]);
    expect(NextMarker).toBeUndefined();
    const all = await client.send(new ListFunctionsCommand({ FunctionVersion: 'ALL' }));
    expect(all.Functions).toEqual(Versions);
  });
});

describe('tags', () => {
  it('are put, replaced, listed and removed', async () => {
    await create({ Tags: { a: '1', b: '2' } });
    await client.send(new TagResourceCommand({ Resource: ARN, Tags: { b: '3', c: '' } }));
    const tags = async () => (await client.send(new ListTagsCommand({ Resource: ARN }))).Tags;
    expect(await tags()).toEqual({ a: '1', b: '3', c: '' });
    await client.send(new UntagResourceCommand({ Resource: ARN, TagKeys: ['a', 'c', 'none'] }));
    expect(await tags()).toEqual({ b: '3' });
    await client.send(new UntagResourceCommand({ Resource: ARN, TagKeys: ['b'] }));
    expect(await tags()).toEqual({});
  });

  it('are on functions as a whole, 50 at most', async () => {
    await create();
    const tagged = (Resource: string, count: number) => {
      const Tags = Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));
      return refusal(client.send(new TagResourceCommand({ Resource, Tags })));
    };
    expect(await tagged(ARN, 51)).toMatch('400 InvalidParameterValueException');
    expect(await tagged(`${ARN}:$LATEST`, 1)).toMatch('Tags on function aliases and versions are not supported.');
    expect(await tagged(ARN.replace('bell', 'none'), 1)).toMatch('404 ResourceNotFoundException');
    expect(await tagged(ARN, 50)).toBe('not refused');
  });
});

describe('a policy', () => {
  const add = (input: object) =>
    client.send(
      new AddPermissionCommand({
        FunctionName,
        StatementId: 'events',
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
        ...input,
      }),
    );
  const policy = async () => {
    const read = await client.send(new GetPolicyCommand({ FunctionName }));
    return { revision: read.RevisionId, document: JSON.parse(read.Policy!) };
  };

  it.each([
    [{}, { Principal: { Service: 'events.amazonaws.com' } }],
    [
      { SourceArn: 'arn:aws:events:eu-central-1:123456789012:rule/ring', SourceAccount: ACCOUNT },
      {
        Principal: { Service: 'events.amazonaws.com' },
        Condition: {
          StringEquals: { 'AWS:SourceAccount': ACCOUNT },
          ArnLike: { 'AWS:SourceArn': 'arn:aws:events:eu-central-1:123456789012:rule/ring' },
        },
      },
    ],
    [{ Principal: '210987654321' }, { Principal: { AWS: 'arn:aws:iam::210987654321:root' } }],
    [{ Principal: 'arn:aws:iam::210987654321:user/a' }, { Principal: { AWS: 'arn:aws:iam::210987654321:user/a' } }],
    [
      { Principal: '*', PrincipalOrgID: 'o-1234567890' },
      { Principal: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1234567890' } } },
    ],
    [
      { Principal: '*', Action: 'lambda:InvokeFunctionUrl', FunctionUrlAuthType: 'NONE' },
      { Principal: '*', Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'NONE' } } },
    ],
    [
      { Principal: 'alexa-appkit.amazon.com', EventSourceToken: 'amzn1.ask' },
      {
        Principal: { Service: 'alexa-appkit.amazon.com' },
        Condition: { StringEquals: { 'lambda:EventSourceToken': 'amzn1.ask' } },
      },
    ],
  ])('gets the statement that %j asks for', async (input, expected) => {
    await create();
    const { Statement } = await add(input);
    const action = 'Action' in input ? input.Action : 'lambda:InvokeFunction';
    const { Principal, ...rest } = expected;
    const statement = { Sid: 'events', Effect: 'Allow', Principal, Action: action, Resource: ARN, ...rest };
    expect(Statement).toBe(JSON.stringify(statement));
    expect((await policy()).document).toEqual({ Version: '2012-10-17', Id: 'default', Statement: [statement] });
  });

  it('is refused what AWS refuses', async () => {
    await create();
    expect(await refusal(client.send(new GetPolicyCommand({ FunctionName })))).toBe(
      '404 ResourceNotFoundException: The resource you requested does not exist.',
    );
    await add({});
    expect(await refusal(add({}))).toBe(
      '409 ResourceConflictException: The statement id (events) provided already exists. Please provide a new statement id, or remove the existing statement.',
    );
    // terraform-aws-modules/terraform-aws-lambda#36
    expect(await refusal(add({ StatementId: 'b', Qualifier: '$LATEST' }))).toBe(
      '400 InvalidParameterValueException: We currently do not support adding policies for $LATEST.',
    );
    expect(await refusal(add({ StatementId: 'b', Principal: 'nobody' }))).toBe(
      '400 InvalidParameterValueException: The provided principal was invalid. Please check the principal and try again.',
    );
    expect(await refusal(add({ StatementId: 'b', FunctionName: 'none' }))).toMatch('404 ResourceNotFoundException');
    expect(await refusal(add({ StatementId: 'b c' }))).toMatch('400 ValidationException: 1 validation error detected');
  });

  it('changes the revision, and only the one that it was read at', async () => {
    const { RevisionId } = await create();
    await add({ RevisionId });
    const { revision } = await policy();
    expect(revision).not.toBe(RevisionId);
    expect((await client.send(new GetFunctionConfigurationCommand({ FunctionName }))).RevisionId).toBe(revision);
    expect(await refusal(add({ StatementId: 'b', RevisionId }))).toBe(
      '412 PreconditionFailedException: The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the latest Revision Id',
    );
    const remove = (StatementId: string, at?: string) =>
      client.send(new RemovePermissionCommand({ FunctionName, StatementId, RevisionId: at }));
    expect(await refusal(remove('events', RevisionId))).toMatch('412 PreconditionFailedException');
    expect(await refusal(remove('none'))).toBe(
      '404 ResourceNotFoundException: Statement none is not found in resource policy.',
    );
    expect((await remove('events', revision)).$metadata.httpStatusCode).toBe(204);
    expect(await refusal(policy())).toMatch('404 ResourceNotFoundException');
  });

  it('has 20 KB at most', async () => {
    await create();
    const SourceArn = `arn:aws:s3:::${'b'.repeat(9_000)}`;
    await add({ StatementId: 'a', SourceArn });
    await add({ StatementId: 'b', SourceArn });
    expect(await refusal(add({ StatementId: 'c', SourceArn }))).toMatch(
      /^400 PolicyLengthExceededException: The final policy size \(\d+\) is bigger than the limit \(20480\)\.$/,
    );
    expect((await policy()).document.Statement).toHaveLength(2);
  });
});

describe('concurrency', () => {
  it('is reserved, read and freed', async () => {
    await create();
    const read = async () => {
      const { ReservedConcurrentExecutions } = await client.send(new GetFunctionConcurrencyCommand({ FunctionName }));
      return ReservedConcurrentExecutions;
    };
    const left = async () =>
      (await client.send(new GetAccountSettingsCommand())).AccountLimit?.UnreservedConcurrentExecutions;
    expect(await read()).toBeUndefined();
    const put = (count: number) =>
      client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: count }));
    expect((await put(900)).ReservedConcurrentExecutions).toBe(900);
    expect(await left()).toBe(100);
    expect(await refusal(put(901))).toBe(
      "400 InvalidParameterValueException: Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
    );
    expect(await read()).toBe(900);
    await client.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    expect(await read()).toBeUndefined();
    expect(await left()).toBe(1_000);
  });

  it('and code of the account are told', async () => {
    await create();
    const { AccountLimit, AccountUsage } = await client.send(new GetAccountSettingsCommand());
    expect(AccountLimit).toEqual({
      TotalCodeSize: 80_530_636_800,
      CodeSizeUnzipped: 262_144_000,
      CodeSizeZipped: 52_428_800,
      ConcurrentExecutions: 1_000,
      UnreservedConcurrentExecutions: 1_000,
    });
    expect(AccountUsage).toEqual({ TotalCodeSize: ZipFile.length, FunctionCount: 1 });
  });
});

it('code signing is what no function has', async () => {
  await create();
  const found = await client.send(new GetFunctionCodeSigningConfigCommand({ FunctionName }));
  expect(found).toMatchObject({ FunctionName });
  expect(found.CodeSigningConfigArn).toBeUndefined();
});
