/* Parameter Store through real clients: the SDKs for JavaScript, boto3 and the AWS CLI. */
import { GetParameterCommand, ParameterNotFound, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createEngine, type Engine } from '@carillon/engine';
import SSM from 'aws-sdk/clients/ssm.js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { aws, boto3, optionsFor, testWithPython } from '../clients.ts';

let engine: Engine;
beforeEach(async () => {
  engine = await createEngine();
});
afterEach(() => engine.close());

it('answers the SDK for JavaScript, version 3, and the missing as it knows it', async () => {
  const client = new SSMClient(optionsFor(engine));
  await client.send(new PutParameterCommand({ Name: '/cdk-bootstrap/hnb659fds/version', Type: 'String', Value: '21' }));
  const { Parameter } = await client.send(new GetParameterCommand({ Name: '/cdk-bootstrap/hnb659fds/version' }));
  expect(Parameter).toMatchObject({ Value: '21', Version: 1, LastModifiedDate: expect.any(Date) });
  await expect(client.send(new GetParameterCommand({ Name: 'nothing' }))).rejects.toBeInstanceOf(ParameterNotFound);
  client.destroy();
});

it('answers the SDK for JavaScript, version 2', async () => {
  const client = new SSM(optionsFor(engine));
  await client.putParameter({ Name: 'p', Type: 'StringList', Value: 'a,b' }).promise();
  const { Parameters } = await client.getParameters({ Names: ['p'] }).promise();
  expect(Parameters).toMatchObject([{ Name: 'p', Value: 'a,b' }]);
  await expect(client.getParameter({ Name: 'nothing' }).promise()).rejects.toMatchObject({ code: 'ParameterNotFound' });
});

testWithPython('answers boto3, its pages and its errors', async () => {
  const printed = await boto3(
    engine,
    `
import boto3
ssm = boto3.client('ssm')
for n in range(12):
    ssm.put_parameter(Name=f'/a/{n:02}', Type='SecureString', Value=str(n), Tags=[{'Key': 'k', 'Value': 'v'}])
pages = ssm.get_paginator('get_parameters_by_path').paginate(Path='/a', WithDecryption=True)
print(','.join(p['Value'] for page in pages for p in page['Parameters']))
print(len(ssm.describe_parameters()['Parameters']))
try:
    ssm.get_parameter(Name='nothing')
except ssm.exceptions.ParameterNotFound as error:
    print(error.response['Error']['Code'])
`,
  );
  expect(printed.trimEnd().split('\n')).toEqual(['0,1,2,3,4,5,6,7,8,9,10,11', '12', 'ParameterNotFound']);
});

testWithPython('answers the AWS CLI', async () => {
  await aws(engine, 'ssm', 'put-parameter', '--name', '/x', '--type', 'SecureString', '--value', 'secret');
  const value = ['--query', 'Parameter.Value', '--output', 'text'];
  const read = await aws(engine, 'ssm', 'get-parameter', '--name', '/x', '--with-decryption', ...value);
  expect(read.trim()).toBe('secret');
});
