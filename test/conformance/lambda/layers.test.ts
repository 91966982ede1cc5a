/*
 * Layers through the SDK for JavaScript, and in functions. Sources: Lambda API Reference, PublishLayerVersion and its
 * neighbours; Developer Guide, "Managing Lambda dependencies with layers" and "Packaging your layer content".
 */
import {
  AddLayerVersionPermissionCommand,
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  DeleteLayerVersionCommand,
  GetAccountSettingsCommand,
  GetFunctionCommand,
  GetLayerVersionByArnCommand,
  GetLayerVersionCommand,
  GetLayerVersionPolicyCommand,
  InvokeCommand,
  LambdaClient,
  type LambdaServiceException,
  ListLayersCommand,
  ListLayerVersionsCommand,
  PublishLayerVersionCommand,
  type PublishLayerVersionCommandInput,
  PublishVersionCommand,
  RemoveLayerVersionPermissionCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { createEngine, type Engine } from '@carillon/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { zip } from '../../zip.ts';
import { aws, testWithPython } from '../clients.ts';

const REGION = 'eu-central-1';
const ACCOUNT = '000000000000';
const ARN = `arn:aws:lambda:${REGION}:${ACCOUNT}:layer:bells`;

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

async function publish(files: Record<string, string>, more: Partial<PublishLayerVersionCommandInput> = {}) {
  const Content = { ZipFile: await zip(files) };
  return client.send(new PublishLayerVersionCommand({ LayerName: 'bells', Content, ...more }));
}

async function create(code: string, Layers: string[], settings: Partial<CreateFunctionCommandInput> = {}) {
  const file = settings.Runtime?.startsWith('python') ? 'index.py' : 'index.js';
  const basic: CreateFunctionCommandInput = {
    FunctionName: 'bell',
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role: `arn:aws:iam::${ACCOUNT}:role/bell`,
    Code: { ZipFile: await zip({ [file]: code }) },
    Layers,
  };
  return client.send(new CreateFunctionCommand({ ...basic, ...settings }));
}

async function invoke(FunctionName = 'bell') {
  const { Payload } = await client.send(new InvokeCommand({ FunctionName }));
  return JSON.parse(Buffer.from(Payload!).toString());
}

async function refusal(call: Promise<unknown>): Promise<string> {
  const { name, message } = await call.then(
    () => expect.fail('was not refused'),
    (error: LambdaServiceException) => error,
  );
  return `${name}: ${message}`;
}

describe('a layer version', () => {
  it('is published, shown, fetched, listed and deleted', async () => {
    const first = await publish(
      { 'nodejs/node_modules/tone.js': 'module.exports = 1' },
      { Description: 'tones', CompatibleRuntimes: ['nodejs22.x'], LicenseInfo: 'MIT' },
    );
    expect(first).toMatchObject({
      LayerArn: ARN,
      LayerVersionArn: `${ARN}:1`,
      Version: 1,
      Description: 'tones',
      CreatedDate: '2026-03-01T09:00:00.000+0000',
      CompatibleRuntimes: ['nodejs22.x'],
      LicenseInfo: 'MIT',
    });
    expect((await fetch(first.Content!.Location!)).headers.get('content-length')).toBe(String(first.Content!.CodeSize));
    const { $metadata, ...shown } = first;
    const named = { LayerName: 'bells', VersionNumber: 1 };
    expect(await client.send(new GetLayerVersionCommand(named))).toMatchObject(shown);
    expect(await client.send(new GetLayerVersionByArnCommand({ Arn: `${ARN}:1` }))).toMatchObject(shown);
    const second = { CompatibleRuntimes: ['python3.13' as const], CompatibleArchitectures: ['arm64' as const] };
    await publish({ 'python/tone.py': 'TONE = 1' }, { LayerName: ARN, ...second });
    await publish({ 'bin/chime': '' }, { LayerName: 'chimes' });
    const versions = await client.send(new ListLayerVersionsCommand({ LayerName: 'bells' }));
    expect(versions.LayerVersions!.map(({ Version }) => Version)).toEqual([2, 1]);
    const paged = await client.send(new ListLayerVersionsCommand({ LayerName: 'bells', MaxItems: 1 }));
    const next = new ListLayerVersionsCommand({ LayerName: 'bells', Marker: paged.NextMarker! });
    expect((await client.send(next)).LayerVersions!.map(({ Version }) => Version)).toEqual([1]);
    const all = await client.send(new ListLayersCommand());
    expect(
      all.Layers!.map(({ LayerName, LatestMatchingVersion }) => [LayerName, LatestMatchingVersion!.Version]),
    ).toEqual([
      ['bells', 2],
      ['chimes', 1],
    ]);
    const some = await client.send(new ListLayersCommand({ CompatibleRuntime: 'nodejs22.x' }));
    expect(some.Layers!.map(({ LatestMatchingVersion }) => LatestMatchingVersion!.LayerVersionArn)).toEqual([
      `${ARN}:1`,
    ]);
    await client.send(new DeleteLayerVersionCommand(named));
    await client.send(new DeleteLayerVersionCommand(named));
    expect(await refusal(client.send(new GetLayerVersionCommand(named)))).toBe(
      'ResourceNotFoundException: The resource you requested does not exist.',
    );
    expect((await publish({ a: '' })).Version).toBe(3);
  });

  it('has a policy', async () => {
    await publish({ a: '' });
    const named = { LayerName: 'bells', VersionNumber: 1 };
    const Action = 'lambda:GetLayerVersion';
    const policy = () => client.send(new GetLayerVersionPolicyCommand(named));
    expect(await refusal(policy())).toMatch(/^ResourceNotFoundException: No policy is associated/);
    const add = (StatementId: string, more = {}) =>
      client.send(new AddLayerVersionPermissionCommand({ ...named, StatementId, Action, Principal: '*', ...more }));
    const added = await add('all', { OrganizationId: 'o-a1b2c3d4e5' });
    expect(JSON.parse(added.Statement!)).toEqual({
      Sid: 'all',
      Effect: 'Allow',
      Principal: '*',
      Action,
      Resource: `${ARN}:1`,
      Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } },
    });
    expect(await refusal(add('all'))).toMatch(/^ResourceConflictException: The statement id \(all\)/);
    expect(await refusal(add('one', { RevisionId: 'other' }))).toMatch(/^PreconditionFailedException/);
    await add('one', { Principal: '123456789012', RevisionId: added.RevisionId });
    expect(JSON.parse((await policy()).Policy!).Statement[1].Principal).toEqual({
      AWS: 'arn:aws:iam::123456789012:root',
    });
    const remove = (StatementId: string) =>
      client.send(new RemoveLayerVersionPermissionCommand({ ...named, StatementId }));
    await remove('all');
    expect(await refusal(remove('all'))).toMatch(/^ResourceNotFoundException: Statement all is not found/);
    await remove('one');
    expect(await refusal(policy())).toMatch(/^ResourceNotFoundException/);
  });
});

describe('a function', () => {
  it('finds modules of its layers, a later one before an earlier one', async () => {
    const one = await publish({
      'nodejs/node_modules/tone/index.js': 'module.exports = "c"',
      'nodejs/node_modules/only/index.js': 'module.exports = "one"',
    });
    const two = await publish(
      { 'nodejs/node22/node_modules/tone/index.js': 'module.exports = "d"' },
      { LayerName: 'b' },
    );
    const layers = [one.LayerVersionArn!, two.LayerVersionArn!];
    const code = 'exports.handler = async () => [require("tone"), require("only")]';
    const created = await create(code, layers);
    expect(created.Layers).toEqual([
      { Arn: layers[0], CodeSize: one.Content!.CodeSize },
      { Arn: layers[1], CodeSize: two.Content!.CodeSize },
    ]);
    expect(await invoke()).toEqual(['d', 'one']);
    await client.send(new PublishVersionCommand({ FunctionName: 'bell' }));
    const update = (Layers: string[]) =>
      client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'bell', Layers }));
    await update(layers.toReversed());
    expect(await invoke()).toEqual(['c', 'one']);
    expect(await invoke('bell:1')).toEqual(['d', 'one']);
    expect(await update([])).not.toHaveProperty('Layers');
    expect(await invoke()).toMatchObject({ errorType: 'Error', errorMessage: expect.stringMatching("'tone'") });
    await client.send(new DeleteLayerVersionCommand({ LayerName: 'bells', VersionNumber: 1 }));
    expect(await invoke('bell:1')).toEqual(['d', 'one']);
    expect(await refusal(update([layers[0]!]))).toMatch(
      /^InvalidParameterValueException: Layer version .* does not exist/,
    );
    const { AccountUsage } = await client.send(new GetAccountSettingsCommand());
    const size = (await client.send(new GetFunctionCommand({ FunctionName: 'bell' }))).Configuration!.CodeSize!;
    expect(AccountUsage!.TotalCodeSize).toBe(2 * size + two.Content!.CodeSize!);
  });

  it('in Python finds modules of its layers', async () => {
    const { LayerVersionArn } = await publish({ 'python/tone.py': 'TONE = "c"' });
    await create('import tone\ndef handler(event, context):\n    return tone.TONE', [LayerVersionArn!], {
      Runtime: 'python3.13',
    });
    expect(await invoke()).toBe('c');
  });

  it.each<[string, () => Promise<string[]>, string]>([
    [
      'six layers',
      async () => Array.from({ length: 6 }, (_, n) => `arn:aws:lambda:${REGION}:${ACCOUNT}:layer:l${n}:1`),
      'InvalidParameterValueException: Cannot reference more than 5 layers.',
    ],
    [
      'two versions of one',
      async () => [(await publish({ a: '' })).LayerVersionArn!, (await publish({ b: '' })).LayerVersionArn!],
      'InvalidParameterValueException: Two different versions of the same layer are not allowed',
    ],
    [
      'one of another region',
      async () => [`arn:aws:lambda:us-east-1:${ACCOUNT}:layer:a:1`],
      'InvalidParameterValueException: Layers are not in the same region as the function.',
    ],
    [
      "one of AWS's own",
      async () => [`arn:aws:lambda:${REGION}:017000801446:layer:AWSLambdaPowertoolsPythonV3:1`],
      'AccessDeniedException: User: arn:aws:iam::000000000000:root is not authorized to perform: lambda:GetLayerVersion',
    ],
  ])('with %s is refused', async (_, layers, expected) => {
    const words = await refusal(create('', await layers()));
    expect(words.slice(0, expected.length)).toBe(expected);
  });
});

testWithPython('the AWS CLI publishes and lists layers', async () => {
  await publish({ a: '' });
  const listed = JSON.parse(await aws(engine, 'lambda', 'list-layers'));
  expect(listed.Layers[0]).toMatchObject({ LayerName: 'bells', LatestMatchingVersion: { Version: 1 } });
});
