import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createEngine, type Engine } from '../../engine.ts';
import { validatePolicy } from '../../languages/iam-policy/index.ts';
import { AWS_MANAGED } from './aws-managed.ts';

const ARN = 'arn:aws:iam::000000000000:policy/app/Logs';
const BASIC = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';
const documentOf = (action: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: action, Resource: '*' }] });

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ clock: 'virtual:2026-01-01T00:00:00Z', log: () => undefined });
});
beforeEach(async () => {
  await engine.reset();
  await engine.call('iam', 'CreatePolicy', {
    ...{ PolicyName: 'Logs', Path: '/app/', Description: 'writes', PolicyDocument: documentOf('logs:*') },
    Tags: [{ Key: 'a', Value: 'b' }],
  });
});
afterAll(() => engine.close());

const addVersion = (action: string, SetAsDefault = false) =>
  engine.call('iam', 'CreatePolicyVersion', { PolicyArn: ARN, PolicyDocument: documentOf(action), SetAsDefault });

describe('a managed policy', () => {
  test('is read back as it was made (API_GetPolicy.html, API_GetPolicyVersion.html)', async () => {
    expect((await engine.call('iam', 'GetPolicy', { PolicyArn: ARN })).Policy).toEqual({
      PolicyName: 'Logs',
      PolicyId: expect.stringMatching(/^ANPA[A-Z2-7]{17}$/),
      Arn: ARN,
      Path: '/app/',
      DefaultVersionId: 'v1',
      AttachmentCount: 0,
      PermissionsBoundaryUsageCount: 0,
      IsAttachable: true,
      Description: 'writes',
      CreateDate: expect.any(Date),
      UpdateDate: expect.any(Date),
      Tags: [{ Key: 'a', Value: 'b' }],
    });
    const version = await engine.call('iam', 'GetPolicyVersion', { PolicyArn: ARN, VersionId: 'v1' });
    expect(version.PolicyVersion).toMatchObject({ VersionId: 'v1', IsDefaultVersion: true });
    expect(decodeURIComponent(version.PolicyVersion!.Document!)).toBe(documentOf('logs:*'));
  });

  test('has no second of its name, under whatever path', async () => {
    const again = engine.call('iam', 'CreatePolicy', { PolicyName: 'LOGS', PolicyDocument: documentOf('logs:*') });
    await expect(again).rejects.toMatchObject({
      code: 'EntityAlreadyExists',
      message: 'A policy called LOGS already exists. Duplicate names are not allowed.',
    });
  });

  test('that does not exist is not found', async () => {
    const other = 'arn:aws:iam::000000000000:policy/Logs';
    await expect(engine.call('iam', 'GetPolicy', { PolicyArn: other })).rejects.toMatchObject({
      ...{ code: 'NoSuchEntity', status: 404, message: `Policy ${other} was not found.` },
    });
    await expect(engine.call('iam', 'GetPolicyVersion', { PolicyArn: ARN, VersionId: 'v9' })).rejects.toMatchObject({
      ...{ code: 'NoSuchEntity', message: `Policy ${ARN} version v9 does not exist or is not attachable.` },
    });
  });

  test('has its documents checked and measured', async () => {
    const put = (PolicyDocument: string) => engine.call('iam', 'CreatePolicy', { PolicyName: 'P', PolicyDocument });
    await expect(put(documentOf('logs:*').replace('2012', '2013'))).rejects.toMatchObject({
      ...{ code: 'MalformedPolicyDocument', message: 'Syntax errors in policy.' },
    });
    await expect(put(documentOf('logs:*').replace('2012-10-17', '2008-10-17'))).rejects.toMatchObject({
      ...{ code: 'MalformedPolicyDocument', message: 'Policy document must be version 2012-10-17 or greater.' },
    });
    await expect(put(documentOf(`logs:${'a'.repeat(6_144)}`))).rejects.toMatchObject({
      ...{ code: 'LimitExceeded', status: 409, message: 'Cannot exceed quota for PolicySize: 6144' },
    });
  });

  test('has up to five versions, whose numbers are never used again (access_policies_managed-versioning.html)', async () => {
    await addVersion('logs:Put*');
    const { PolicyVersion } = await addVersion('logs:Get*', true);
    expect(PolicyVersion).toEqual({ VersionId: 'v3', IsDefaultVersion: true, CreateDate: expect.any(Date) });
    await addVersion('logs:a');
    await addVersion('logs:b');
    await expect(addVersion('logs:c')).rejects.toMatchObject({
      code: 'LimitExceeded',
      message:
        'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
    });
    await engine.call('iam', 'DeletePolicyVersion', { PolicyArn: ARN, VersionId: 'v5' });
    await addVersion('logs:c');
    const { Versions } = await engine.call('iam', 'ListPolicyVersions', { PolicyArn: ARN });
    expect(Versions?.map(({ VersionId }) => VersionId)).toEqual(['v6', 'v4', 'v3', 'v2', 'v1']);
    expect(Versions?.every(({ Document }) => Document === undefined)).toBe(true);
  });

  test('keeps its default version', async () => {
    await addVersion('logs:Put*');
    await expect(engine.call('iam', 'DeletePolicyVersion', { PolicyArn: ARN, VersionId: 'v1' })).rejects.toMatchObject({
      code: 'DeleteConflict',
      message: 'Cannot delete the default version of a policy.',
    });
    await engine.call('iam', 'SetDefaultPolicyVersion', { PolicyArn: ARN, VersionId: 'v2' });
    expect((await engine.call('iam', 'GetPolicy', { PolicyArn: ARN })).Policy?.DefaultVersionId).toBe('v2');
    await engine.call('iam', 'DeletePolicyVersion', { PolicyArn: ARN, VersionId: 'v1' });
  });

  test('is deleted when nobody has it and one version is left', async () => {
    const refusal = () => engine.call('iam', 'DeletePolicy', { PolicyArn: ARN }).catch((error: Error) => error.message);
    await engine.call('iam', 'CreateUser', { UserName: 'alice' });
    await engine.call('iam', 'AttachUserPolicy', { UserName: 'alice', PolicyArn: ARN });
    await addVersion('logs:Put*');
    expect(await refusal()).toBe('Cannot delete a policy attached to entities.');
    await engine.call('iam', 'DetachUserPolicy', { UserName: 'alice', PolicyArn: ARN });
    expect(await refusal()).toBe(
      "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
    );
    await engine.call('iam', 'DeletePolicyVersion', { PolicyArn: ARN, VersionId: 'v2' });
    await engine.call('iam', 'DeletePolicy', { PolicyArn: ARN });
    expect(await refusal()).toBe(`Policy ${ARN} was not found.`);
  });

  test('tells who has it (API_ListEntitiesForPolicy.html)', async () => {
    const trust = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' };
    await engine.call('iam', 'CreateRole', {
      ...{ RoleName: 'Ring', PermissionsBoundary: ARN },
      AssumeRolePolicyDocument: JSON.stringify({ Statement: [trust] }),
    });
    await engine.call('iam', 'CreateUser', { UserName: 'alice' });
    await engine.call('iam', 'CreateGroup', { GroupName: 'ringers' });
    await engine.call('iam', 'AttachUserPolicy', { UserName: 'alice', PolicyArn: ARN });
    await engine.call('iam', 'AttachGroupPolicy', { GroupName: 'ringers', PolicyArn: ARN });
    const first = await engine.call('iam', 'ListEntitiesForPolicy', { PolicyArn: ARN, MaxItems: 2 });
    const second = await engine.call('iam', 'ListEntitiesForPolicy', { PolicyArn: ARN, Marker: first.Marker });
    expect(first).toMatchObject({ PolicyGroups: [{ GroupName: 'ringers' }], PolicyRoles: [{ RoleName: 'Ring' }] });
    expect(second).toMatchObject({ PolicyUsers: [{ UserName: 'alice' }], PolicyRoles: [], IsTruncated: false });
    const only = async (filter: object) => {
      const { PolicyGroups, PolicyUsers, PolicyRoles } = await engine.call('iam', 'ListEntitiesForPolicy', {
        ...{ PolicyArn: ARN, ...filter },
      });
      return [PolicyGroups?.length, PolicyUsers?.length, PolicyRoles?.length];
    };
    expect(await only({ EntityFilter: 'User' })).toEqual([0, 1, 0]);
    expect(await only({ PolicyUsageFilter: 'PermissionsBoundary' })).toEqual([0, 0, 1]);
    expect(await only({ PolicyUsageFilter: 'PermissionsPolicy' })).toEqual([1, 1, 0]);
    const { Policy } = await engine.call('iam', 'GetPolicy', { PolicyArn: ARN });
    expect(Policy).toMatchObject({ AttachmentCount: 2, PermissionsBoundaryUsageCount: 1 });
    const attached = await engine.call('iam', 'ListPolicies', { OnlyAttached: true });
    expect(attached.Policies?.map(({ Arn }) => Arn)).toEqual([ARN]);
  });

  test('carries tags', async () => {
    await engine.call('iam', 'TagPolicy', { PolicyArn: ARN, Tags: [{ Key: 'c', Value: 'd' }] });
    await engine.call('iam', 'UntagPolicy', { PolicyArn: ARN, TagKeys: ['A'] });
    expect((await engine.call('iam', 'ListPolicyTags', { PolicyArn: ARN })).Tags).toEqual([{ Key: 'c', Value: 'd' }]);
  });
});

describe('policies of AWS', () => {
  test.each(Object.entries(AWS_MANAGED))('%s is a valid policy', (_, { statements }) => {
    const document = JSON.stringify({ Version: '2012-10-17', Statement: statements });
    expect(validatePolicy(document, 'managed').statements).toHaveLength(statements.length);
  });

  test('are read with their documents (aws-managed-policy/latest/reference/AWSLambdaBasicExecutionRole.html)', async () => {
    const { Policy } = await engine.call('iam', 'GetPolicy', { PolicyArn: BASIC });
    expect(Policy).toMatchObject({
      ...{ PolicyName: 'AWSLambdaBasicExecutionRole', Path: '/service-role/', DefaultVersionId: 'v1', Arn: BASIC },
      CreateDate: new Date('2015-04-09T15:03:43Z'),
    });
    const { PolicyVersion } = await engine.call('iam', 'GetPolicyVersion', { PolicyArn: BASIC, VersionId: 'v1' });
    expect(JSON.parse(decodeURIComponent(PolicyVersion!.Document!))).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          ...{ Effect: 'Allow', Resource: '*' },
          Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
        },
      ],
    });
  });

  test('are listed beside the own ones', async () => {
    const count = async (Scope: 'All' | 'AWS' | 'Local') =>
      (await engine.call('iam', 'ListPolicies', { Scope })).Policies?.length;
    expect(await count('Local')).toBe(1);
    expect(await count('AWS')).toBe(Object.keys(AWS_MANAGED).length);
    expect(await count('All')).toBe(Object.keys(AWS_MANAGED).length + 1);
  });

  test('cannot be changed', async () => {
    await expect(engine.call('iam', 'DeletePolicy', { PolicyArn: BASIC })).rejects.toMatchObject({
      ...{ code: 'AccessDenied', status: 403 },
    });
  });

  test('of an unknown name have no document to read', async () => {
    const PolicyArn = 'arn:aws:iam::aws:policy/AmazonKinesisFullAccess';
    expect((await engine.call('iam', 'GetPolicy', { PolicyArn })).Policy?.PolicyName).toBe('AmazonKinesisFullAccess');
    await expect(engine.call('iam', 'GetPolicyVersion', { PolicyArn, VersionId: 'v1' })).rejects.toMatchObject({
      code: 'NoSuchEntity',
    });
  });
});
