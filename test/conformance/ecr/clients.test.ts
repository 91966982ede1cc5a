/* ECR through real clients: repositories are kept, images are told to be none. */
import {
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  RepositoryNotFoundException,
} from '@aws-sdk/client-ecr';
import { createEngine, type Engine } from '@carillon/engine';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { aws, boto3, optionsFor, testWithPython } from '../clients.ts';

let engine: Engine;
beforeEach(async () => {
  engine = await createEngine();
});
afterEach(() => engine.close());

it('tells the SDK for JavaScript what is not there as it knows it', async () => {
  const client = new ECRClient(optionsFor(engine));
  const missing = client.send(new DescribeRepositoriesCommand({ repositoryNames: ['none'] }));
  await expect(missing).rejects.toBeInstanceOf(RepositoryNotFoundException);
  await expect(missing).rejects.toThrow(
    "The repository with name 'none' does not exist in the registry with id '000000000000'",
  );
  await engine.call('ecr', 'CreateRepository', { repositoryName: 'app' }, { region: 'eu-central-1' });
  const imageIds = [{ imageTag: 'latest' }];
  await expect(client.send(new DescribeImagesCommand({ repositoryName: 'app', imageIds }))).rejects.toMatchObject({
    name: 'ImageNotFoundException',
    message:
      "The image with imageId {imageDigest:'null', imageTag:'latest'} does not exist within the repository with name 'app' in the registry with id '000000000000'",
  });
  client.destroy();
});

testWithPython('answers boto3 with all of a repository, its policies and tags, in pages', async () => {
  const printed = await boto3(
    engine,
    `
import boto3, json
ecr = boto3.client('ecr')
for n in range(5):
    made = ecr.create_repository(repositoryName=f'app/{n}', tags=[{'Key': 'k', 'Value': 'v'}])['repository']
print(made['repositoryUri'], made['imageTagMutability'], made['encryptionConfiguration'])
pages = ecr.get_paginator('describe_repositories').paginate(PaginationConfig={'PageSize': 2})
print(','.join(r['repositoryName'] for page in pages for r in page['repositories']))
print(ecr.list_tags_for_resource(resourceArn=made['repositoryArn'])['tags'])
def code(call, **args):
    try:
        call(**args)
    except ecr.exceptions.ClientError as error:
        return error.response['Error']['Code']
name = dict(repositoryName='app/0')
print(code(ecr.create_repository, **name))
print(code(ecr.get_lifecycle_policy, **name))
print(code(ecr.put_lifecycle_policy, lifecyclePolicyText=json.dumps({'rules': [{'rulePriority': 0, 'selection': {}, 'action': {}}] * 2}), **name))
print(code(ecr.put_lifecycle_policy, lifecyclePolicyText='x' * 100, **name))
print(code(ecr.get_repository_policy, **name))
print(code(ecr.set_repository_policy, policyText='{}', **name))
print(code(ecr.create_repository, repositoryName='UPPER'))
print(code(ecr.describe_repositories, nextToken='made up'))
print(code(ecr.get_authorization_token))
print(ecr.delete_repository(force=True, **name)['repository']['repositoryName'])
`,
  );
  expect(printed.trimEnd().split('\n')).toEqual([
    "000000000000.dkr.ecr.eu-central-1.amazonaws.com/app/4 MUTABLE {'encryptionType': 'AES256'}",
    'app/0,app/1,app/2,app/3,app/4',
    "[{'Key': 'k', 'Value': 'v'}]",
    'RepositoryAlreadyExistsException',
    'LifecyclePolicyNotFoundException',
    'InvalidParameterException',
    'InvalidParameterException',
    'RepositoryPolicyNotFoundException',
    'InvalidParameterException',
    'InvalidParameterException',
    'InvalidParameterException',
    'NotImplementedException',
    'app/0',
  ]);
});

testWithPython('answers the AWS CLI', async () => {
  await aws(engine, 'ecr', 'create-repository', '--repository-name', 'app');
  const uri = ['--query', 'repositories[].repositoryUri', '--output', 'text'];
  const printed = await aws(engine, 'ecr', 'describe-repositories', ...uri);
  expect(printed.trim()).toBe('000000000000.dkr.ecr.eu-central-1.amazonaws.com/app');
});
