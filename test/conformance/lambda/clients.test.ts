/* Layers, event invoke configurations and URLs through boto3, the AWS CLI and version 2 of the SDK for JavaScript. */
import { createEngine, type Engine } from '@carillon/engine';
import AWS from 'aws-sdk';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { zip } from '../../zip.ts';
import { aws, boto3, optionsFor, testWithPython } from '../clients.ts';

const ARN = 'arn:aws:lambda:eu-central-1:000000000000:function:bell';

let engine: Engine;
beforeEach(async () => {
  engine = await createEngine({ clock: 'virtual:2026-03-01T09:00:00Z', log: () => {} });
  const lambda = new AWS.Lambda(optionsFor(engine));
  const code = 'exports.handler = async (event, context) => context.functionVersion';
  await lambda
    .createFunction({
      FunctionName: 'bell',
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/bell',
      Code: { ZipFile: await zip({ 'index.js': code }) },
      Publish: true,
    })
    .promise();
});
afterEach(() => engine.close());

it('version 2 of the SDK for JavaScript: an alias, its events and its URL', async () => {
  const lambda = new AWS.Lambda(optionsFor(engine));
  const bell = { FunctionName: 'bell', Qualifier: 'live' };
  await lambda.createAlias({ FunctionName: 'bell', Name: 'live', FunctionVersion: '1' }).promise();
  const config = await lambda.putFunctionEventInvokeConfig({ ...bell, MaximumRetryAttempts: 0 }).promise();
  expect(config).toMatchObject({
    LastModified: new Date('2026-03-01T09:00:00Z'),
    FunctionArn: `${ARN}:live`,
    MaximumRetryAttempts: 0,
    DestinationConfig: { OnSuccess: {}, OnFailure: {} },
  });
  const { FunctionUrl } = await lambda.createFunctionUrlConfig({ ...bell, AuthType: 'NONE' }).promise();
  expect(await (await fetch(FunctionUrl)).text()).toBe('1');
  const { Payload, ExecutedVersion } = await lambda.invoke({ FunctionName: `${ARN}:live` }).promise();
  expect([Payload, ExecutedVersion]).toEqual(['"1"', '1']);
  await lambda.deleteAlias({ FunctionName: 'bell', Name: 'live' }).promise();
  expect((await fetch(FunctionUrl)).status).toBe(404);
  await lambda.createAlias({ FunctionName: 'bell', Name: 'live', FunctionVersion: '1' }).promise();
  await expect(lambda.getFunctionEventInvokeConfig(bell).promise()).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
  });
});

it('code and layers come from S3, in the version that is named', async () => {
  const lambda = new AWS.Lambda(optionsFor(engine));
  const s3 = new AWS.S3({ ...optionsFor(engine), s3ForcePathStyle: true });
  const Bucket = 'code';
  await s3.createBucket({ Bucket }).promise();
  await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }).promise();
  const put = async (files: Record<string, string>, Key: string) =>
    (await s3.putObject({ Bucket, Key, Body: Buffer.from(await zip(files)) }).promise()).VersionId!;
  const first = await put({ 'index.js': 'exports.handler = async () => [1, require("tone")]' }, 'bell.zip');
  await put({ 'index.js': 'exports.handler = async () => [2, require("tone")]' }, 'bell.zip');
  await put({ 'nodejs/node_modules/tone.js': 'module.exports = "c"' }, 'tones.zip');
  const { LayerVersionArn } = await lambda
    .publishLayerVersion({ LayerName: 'tones', Content: { S3Bucket: Bucket, S3Key: 'tones.zip' } })
    .promise();
  const Code = { S3Bucket: Bucket, S3Key: 'bell.zip' };
  const made = { FunctionName: 'chime', Runtime: 'nodejs22.x', Handler: 'index.handler', Layers: [LayerVersionArn!] };
  await lambda.createFunction({ ...made, Role: 'arn:aws:iam::000000000000:role/bell', Code }).promise();
  const invoke = async () => (await lambda.invoke({ FunctionName: 'chime' }).promise()).Payload;
  expect(await invoke()).toBe('[2,"c"]');
  await lambda.updateFunctionCode({ FunctionName: 'chime', ...Code, S3ObjectVersion: first }).promise();
  expect(await invoke()).toBe('[1,"c"]');
  const missing = lambda.updateFunctionCode({ FunctionName: 'chime', S3Bucket: Bucket, S3Key: 'none' }).promise();
  await expect(missing).rejects.toMatchObject({
    code: 'InvalidParameterValueException',
    message:
      'Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.',
  });
});

testWithPython('boto3: a layer, events and a URL', async () => {
  const script = `
import boto3, io, zipfile
client = boto3.client('lambda')
archive = io.BytesIO()
with zipfile.ZipFile(archive, 'w') as files:
    files.writestr('nodejs/node_modules/tone.js', 'module.exports = 1')
layer = client.publish_layer_version(LayerName='tones', Content={'ZipFile': archive.getvalue()})
changed = client.update_function_configuration(FunctionName='bell', Layers=[layer['LayerVersionArn']])
print([one['Arn'] for one in changed['Layers']])
config = client.put_function_event_invoke_config(FunctionName='${ARN}', MaximumEventAgeInSeconds=60)
print(config['FunctionArn'], config['LastModified'].isoformat()[:4])
print([page['FunctionEventInvokeConfigs'][0]['MaximumEventAgeInSeconds']
    for page in client.get_paginator('list_function_event_invoke_configs').paginate(FunctionName='bell')])
print(client.create_function_url_config(FunctionName='bell', AuthType='AWS_IAM')['AuthType'])
try:
    client.put_provisioned_concurrency_config(FunctionName='bell', Qualifier='1', ProvisionedConcurrentExecutions=1)
except client.exceptions.ClientError as error:
    print(error.response['Error']['Code'])
`;
  expect((await boto3(engine, script)).trim().split('\n')).toEqual([
    "['arn:aws:lambda:eu-central-1:000000000000:layer:tones:1']",
    `${ARN}:$LATEST 2026`,
    '[60]',
    'AWS_IAM',
    'NotImplementedException',
  ]);
});

testWithPython('the AWS CLI: versions, and what is set of them', async () => {
  const cli = async (...args: string[]) => JSON.parse(await aws(engine, 'lambda', ...args));
  expect((await cli('list-versions-by-function', '--function-name', ARN)).Versions).toHaveLength(2);
  expect(await cli('get-runtime-management-config', '--function-name', 'bell')).toEqual({
    UpdateRuntimeOn: 'Auto',
    FunctionArn: `${ARN}:$LATEST`,
  });
  const recursion = ['put-function-recursion-config', '--function-name', 'bell', '--recursive-loop', 'Allow'];
  expect(await cli(...recursion)).toEqual({ RecursiveLoop: 'Allow' });
  expect(await cli('get-function-recursion-config', '--function-name', 'bell')).toEqual({ RecursiveLoop: 'Allow' });
});
