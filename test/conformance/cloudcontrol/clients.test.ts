/* Cloud Control through real clients: with the waiter that the CDK's hotswap uses, boto3's, and the AWS CLI. */
import {
  CloudControlClient,
  CreateResourceCommand,
  GetResourceCommand,
  ResourceNotFoundException,
  UpdateResourceCommand,
  waitUntilResourceRequestSuccess,
} from '@aws-sdk/client-cloudcontrol';
import { createEngine, type Engine } from '@carillon/engine';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { aws, boto3, optionsFor, testWithPython } from '../clients.ts';

let engine: Engine;
beforeEach(async () => {
  engine = await createEngine();
});
afterEach(() => engine.close());

it('changes a resource for the SDK for JavaScript', async () => {
  const client = new CloudControlClient(optionsFor(engine));
  const settled = async (answer: { ProgressEvent?: { RequestToken?: string | undefined } | undefined }) =>
    waitUntilResourceRequestSuccess(
      { client, maxWaitTime: 60, minDelay: 0.05, maxDelay: 0.05 },
      { RequestToken: answer.ProgressEvent?.RequestToken },
    );
  const TypeName = 'AWS::SSM::Parameter';
  const DesiredState = JSON.stringify({ Name: '/bell', Type: 'String', Value: 'ding' });
  await settled(await client.send(new CreateResourceCommand({ TypeName, DesiredState })));
  const PatchDocument = JSON.stringify([{ op: 'replace', path: '/Value', value: 'dong' }]);
  await settled(await client.send(new UpdateResourceCommand({ TypeName, Identifier: '/bell', PatchDocument })));
  const { ResourceDescription } = await client.send(new GetResourceCommand({ TypeName, Identifier: '/bell' }));
  expect(JSON.parse(ResourceDescription!.Properties!)).toMatchObject({ Name: '/bell', Value: 'dong' });
  await expect(client.send(new GetResourceCommand({ TypeName, Identifier: '/none' }))).rejects.toBeInstanceOf(
    ResourceNotFoundException,
  );
  client.destroy();
});

testWithPython('answers boto3 and the AWS CLI', async () => {
  const printed = await boto3(
    engine,
    `
import boto3, json
cloudcontrol = boto3.client('cloudcontrol')
state = json.dumps({'RepositoryName': 'app'})
event = cloudcontrol.create_resource(TypeName='AWS::ECR::Repository', DesiredState=state)['ProgressEvent']
waiter = cloudcontrol.get_waiter('resource_request_success')
waiter.config.delay = 0.05
waiter.wait(RequestToken=event['RequestToken'])
print(cloudcontrol.list_resources(TypeName='AWS::ECR::Repository')['ResourceDescriptions'][0]['Identifier'])
`,
  );
  expect(printed.trim()).toBe('app');
  const resource = ['--type-name', 'AWS::ECR::Repository', '--identifier', 'app'];
  const read = await aws(engine, 'cloudcontrol', 'get-resource', ...resource, '--output', 'json');
  expect(JSON.parse(JSON.parse(read).ResourceDescription.Properties)).toMatchObject({ RepositoryName: 'app' });
});
