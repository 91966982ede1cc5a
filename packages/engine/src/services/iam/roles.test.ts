import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createEngine, type Engine } from '../../engine.ts';

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const LOGS = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'logs:*', Resource: "arn:aws:logs:*:*:log-group:it's(*)!" }],
});
const BASIC = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';

let engine: Engine;
const warnings: string[] = [];
beforeAll(async () => {
  engine = await createEngine({ clock: 'virtual:2026-01-01T00:00:00.500Z', log: (line) => warnings.push(line) });
});
beforeEach(() => engine.reset());
afterAll(() => engine.close());

const createRole = (RoleName: string, more: object = {}) =>
  engine.call('iam', 'CreateRole', { RoleName, AssumeRolePolicyDocument: TRUST, ...more });

describe('a role', () => {
  test('is read back as it was made (API_CreateRole.html, API_GetRole.html)', async () => {
    const { Role } = await createRole('Ring', {
      ...{ Path: '/app/', Description: 'rings', MaxSessionDuration: 7200, Tags: [{ Key: 'team', Value: 'bells' }] },
    });
    expect(Role).toEqual({
      Path: '/app/',
      RoleName: 'Ring',
      RoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}$/),
      Arn: 'arn:aws:iam::000000000000:role/app/Ring',
      CreateDate: new Date('2026-01-01T00:00:00Z'),
      AssumeRolePolicyDocument: encodeURIComponent(TRUST),
      Description: 'rings',
      MaxSessionDuration: 7200,
      Tags: [{ Key: 'team', Value: 'bells' }],
    });
    expect((await engine.call('iam', 'GetRole', { RoleName: 'Ring' })).Role).toEqual({ ...Role, RoleLastUsed: {} });
  });

  test('has no second of its name, in whatever case (reference_identifiers.html)', async () => {
    await createRole('Ring');
    await expect(createRole('ring')).rejects.toMatchObject({
      ...{ code: 'EntityAlreadyExists', status: 409, message: 'Role with name ring already exists.' },
    });
  });

  test('that does not exist is not found', async () => {
    for (const operation of ['GetRole', 'DeleteRole', 'ListRolePolicies', 'ListAttachedRolePolicies'] as const) {
      await expect(engine.call('iam', operation, { RoleName: 'gone' })).rejects.toMatchObject({
        ...{ code: 'NoSuchEntity', status: 404, message: 'The role with name gone cannot be found.' },
      });
    }
  });

  test('is of an account, not of a region', async () => {
    await createRole('Ring');
    expect((await engine.call('iam', 'ListRoles', {}, { region: 'eu-central-1' })).Roles).toHaveLength(1);
    expect((await engine.call('iam', 'ListRoles', {}, { account: '111122223333' })).Roles).toHaveLength(0);
    const there = { account: '111122223333', region: 'cn-north-1' };
    const { Role } = await engine.call('iam', 'CreateRole', { RoleName: 'R', AssumeRolePolicyDocument: TRUST }, there);
    expect(Role?.Arn).toBe('arn:aws-cn:iam::111122223333:role/R');
  });

  test('has its trust policy checked', async () => {
    await expect(createRole('Ring', { AssumeRolePolicyDocument: LOGS })).rejects.toMatchObject({
      ...{ code: 'MalformedPolicyDocument', status: 400, message: 'Has prohibited field Resource' },
    });
    await createRole('Ring');
    const PolicyDocument = TRUST.replace('lambda', 'events');
    await engine.call('iam', 'UpdateAssumeRolePolicy', { RoleName: 'Ring', PolicyDocument });
    const { Role } = await engine.call('iam', 'GetRole', { RoleName: 'Ring' });
    expect(Role?.AssumeRolePolicyDocument).toBe(encodeURIComponent(PolicyDocument));
    const long = TRUST.replace('"lambda.amazonaws.com"', JSON.stringify(Array(99).fill('lambda.amazonaws.com')));
    await expect(
      engine.call('iam', 'UpdateAssumeRolePolicy', { RoleName: 'Ring', PolicyDocument: long }),
    ).rejects.toMatchObject({ code: 'LimitExceeded', message: 'Cannot exceed quota for ACLSizePerRole: 2048' });
  });

  test('changes its description and session duration', async () => {
    await createRole('Ring', { Description: 'old' });
    await engine.call('iam', 'UpdateRole', { RoleName: 'Ring', MaxSessionDuration: 43_200 });
    const { Role } = await engine.call('iam', 'UpdateRoleDescription', { RoleName: 'Ring', Description: 'new' });
    expect(Role).toMatchObject({ Description: 'new', MaxSessionDuration: 43_200 });
  });

  test('is listed by path, in pages', async () => {
    for (const name of ['d', 'B', 'a', 'C']) await createRole(name, { Path: '/x/' });
    await createRole('other');
    const names: string[] = [];
    let Marker: string | undefined;
    do {
      const page = await engine.call('iam', 'ListRoles', { PathPrefix: '/x/', MaxItems: 3, Marker });
      names.push(...page.Roles!.map(({ RoleName }) => RoleName!));
      Marker = page.Marker;
      expect(page.IsTruncated).toBe(Marker !== undefined);
    } while (Marker);
    expect(names).toEqual(['a', 'B', 'C', 'd']);
    await expect(engine.call('iam', 'ListRoles', { Marker: '!' })).rejects.toMatchObject({ code: 'ValidationError' });
  });

  test('carries tags whose keys differ by more than case', async () => {
    await createRole('Ring');
    const tag = (...Tags: { Key: string; Value: string }[]) =>
      engine.call('iam', 'TagRole', { RoleName: 'Ring', Tags });
    await tag({ Key: 'a', Value: '1' }, { Key: 'b', Value: '2' });
    await tag({ Key: 'A', Value: '3' });
    await engine.call('iam', 'UntagRole', { RoleName: 'Ring', TagKeys: ['b'] });
    expect((await engine.call('iam', 'ListRoleTags', { RoleName: 'Ring' })).Tags).toEqual([{ Key: 'A', Value: '3' }]);
    await expect(tag({ Key: 'c', Value: '' }, { Key: 'C', Value: '' })).rejects.toMatchObject({
      code: 'InvalidInput',
      message: 'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    });
    const many = Array.from({ length: 50 }, (_, n) => ({ Key: `k${n}`, Value: '' }));
    await expect(tag(...many)).rejects.toMatchObject({ code: 'LimitExceeded' });
  });
});

describe('the policies of a role', () => {
  const put = (PolicyName: string, PolicyDocument = LOGS) =>
    engine.call('iam', 'PutRolePolicy', { RoleName: 'Ring', PolicyName, PolicyDocument });
  const attach = (PolicyArn: string) => engine.call('iam', 'AttachRolePolicy', { RoleName: 'Ring', PolicyArn });

  test('inline: put, read back percent-encoded by RFC 3986, listed, deleted (API_GetRolePolicy.html)', async () => {
    await createRole('Ring');
    await put('b');
    await put('a');
    const role = { RoleName: 'Ring' };
    const got = await engine.call('iam', 'GetRolePolicy', { ...role, PolicyName: 'a' });
    expect(got).toMatchObject({ ...role, PolicyName: 'a' });
    expect(got.PolicyDocument).toMatch(/^[A-Za-z0-9%._~-]+$/);
    expect(decodeURIComponent(got.PolicyDocument!)).toBe(LOGS);
    expect(await engine.call('iam', 'ListRolePolicies', role)).toEqual({ PolicyNames: ['a', 'b'], IsTruncated: false });
    await engine.call('iam', 'DeleteRolePolicy', { ...role, PolicyName: 'a' });
    for (const operation of ['GetRolePolicy', 'DeleteRolePolicy'] as const) {
      await expect(engine.call('iam', operation, { ...role, PolicyName: 'a' })).rejects.toMatchObject({
        ...{ code: 'NoSuchEntity', message: 'The role policy with name a cannot be found.' },
      });
    }
  });

  test('inline: a name of an object of JavaScript is a name like any other', async () => {
    await createRole('Ring');
    for (const name of ['constructor', '__proto__', 'toString']) {
      await expect(engine.call('iam', 'GetRolePolicy', { RoleName: 'Ring', PolicyName: name })).rejects.toMatchObject({
        code: 'NoSuchEntity',
      });
      await put(name);
    }
    const { PolicyNames } = await engine.call('iam', 'ListRolePolicies', { RoleName: 'Ring' });
    expect(PolicyNames).toEqual(['__proto__', 'constructor', 'toString']);
  });

  test('inline: 10,240 characters together, white space not counted (reference_iam-quotas.html)', async () => {
    await createRole('Ring');
    const long = (characters: number) => LOGS.replace('logs:*', `logs:${'a'.repeat(characters)}`);
    await put('a', long(9_000).replace(':[', `:${' '.repeat(9_000)}[`));
    await expect(put('b', long(1_100))).rejects.toMatchObject({
      code: 'LimitExceeded',
      message: 'Maximum policy size of 10240 bytes exceeded for role Ring',
    });
    await put('a');
    await put('b', long(1_100));
  });

  test('attached: an AWS managed policy by name', async () => {
    await createRole('Ring');
    await attach(BASIC);
    await attach(BASIC);
    expect(await engine.call('iam', 'ListAttachedRolePolicies', { RoleName: 'Ring' })).toEqual({
      AttachedPolicies: [{ PolicyName: 'AWSLambdaBasicExecutionRole', PolicyArn: BASIC }],
      IsTruncated: false,
    });
    const under = await engine.call('iam', 'ListAttachedRolePolicies', { RoleName: 'Ring', PathPrefix: '/other/' });
    expect(under.AttachedPolicies).toEqual([]);
    await engine.call('iam', 'DetachRolePolicy', { RoleName: 'Ring', PolicyArn: BASIC });
    await expect(engine.call('iam', 'DetachRolePolicy', { RoleName: 'Ring', PolicyArn: BASIC })).rejects.toMatchObject({
      ...{ code: 'NoSuchEntity', message: `Policy ${BASIC} was not found.` },
    });
  });

  test('attached: a policy of the account must exist; one of AWS is taken by its name, with a warning', async () => {
    await createRole('Ring');
    const missing = 'arn:aws:iam::000000000000:policy/missing';
    await expect(attach(missing)).rejects.toMatchObject({
      ...{ code: 'NoSuchEntity', message: `Policy ${missing} does not exist or is not attachable.` },
    });
    await attach('arn:aws:iam::aws:policy/AmazonKinesisFullAccess');
    expect(warnings.join()).toContain('arn:aws:iam::aws:policy/AmazonKinesisFullAccess');
  });

  test('attached: ten at most', async () => {
    await createRole('Ring');
    for (let n = 0; n < 10; n++) await attach(`arn:aws:iam::aws:policy/P${n}`);
    await expect(attach(BASIC)).rejects.toMatchObject({
      ...{ code: 'LimitExceeded', message: 'Cannot exceed quota for PoliciesPerRole: 10' },
    });
  });

  test('keep it from being deleted', async () => {
    await createRole('Ring');
    await put('inline');
    await attach(BASIC);
    await engine.call('iam', 'CreateInstanceProfile', { InstanceProfileName: 'P' });
    const pair = { InstanceProfileName: 'P', RoleName: 'Ring' };
    await engine.call('iam', 'AddRoleToInstanceProfile', pair);
    const refusal = () => engine.call('iam', 'DeleteRole', { RoleName: 'Ring' }).catch((error: Error) => error.message);
    expect(await refusal()).toBe('Cannot delete entity, must remove roles from instance profile first.');
    await engine.call('iam', 'RemoveRoleFromInstanceProfile', pair);
    expect(await refusal()).toBe('Cannot delete entity, must detach all policies first.');
    await engine.call('iam', 'DetachRolePolicy', { RoleName: 'Ring', PolicyArn: BASIC });
    expect(await refusal()).toBe('Cannot delete entity, must delete policies first.');
    await engine.call('iam', 'DeleteRolePolicy', { RoleName: 'Ring', PolicyName: 'inline' });
    await engine.call('iam', 'DeleteRole', { RoleName: 'Ring' });
    expect((await engine.call('iam', 'ListRoles', {})).Roles).toEqual([]);
  });

  test('bound it', async () => {
    const missing = 'arn:aws:iam::000000000000:policy/missing';
    await expect(createRole('Ring', { PermissionsBoundary: missing })).rejects.toMatchObject({
      ...{ code: 'NoSuchEntity', message: `Scope ARN: ${missing} does not exist or is not attachable.` },
    });
    const { Role } = await createRole('Ring', { PermissionsBoundary: BASIC });
    const boundary = { PermissionsBoundaryType: 'PermissionsBoundaryPolicy', PermissionsBoundaryArn: BASIC };
    expect(Role?.PermissionsBoundary).toEqual(boundary);
    await engine.call('iam', 'DeleteRolePermissionsBoundary', { RoleName: 'Ring' });
    expect((await engine.call('iam', 'GetRole', { RoleName: 'Ring' })).Role?.PermissionsBoundary).toBeUndefined();
    await engine.call('iam', 'PutRolePermissionsBoundary', { RoleName: 'Ring', PermissionsBoundary: BASIC });
    expect((await engine.call('iam', 'GetRole', { RoleName: 'Ring' })).Role?.PermissionsBoundary).toEqual(boundary);
  });
});

test('an instance profile holds one role', async () => {
  await createRole('Ring');
  await createRole('Other');
  const name = { InstanceProfileName: 'P' };
  const { InstanceProfile } = await engine.call('iam', 'CreateInstanceProfile', { ...name, Path: '/ec2/' });
  expect(InstanceProfile).toMatchObject({ Arn: 'arn:aws:iam::000000000000:instance-profile/ec2/P', Roles: [] });
  await engine.call('iam', 'AddRoleToInstanceProfile', { ...name, RoleName: 'ring' });
  await expect(engine.call('iam', 'AddRoleToInstanceProfile', { ...name, RoleName: 'Other' })).rejects.toMatchObject({
    ...{ code: 'LimitExceeded', message: 'Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1' },
  });
  const { InstanceProfiles } = await engine.call('iam', 'ListInstanceProfilesForRole', { RoleName: 'Ring' });
  expect(InstanceProfiles?.map(({ Roles }) => Roles?.[0]?.RoleName)).toEqual(['Ring']);
  await expect(engine.call('iam', 'DeleteInstanceProfile', name)).rejects.toMatchObject({ code: 'DeleteConflict' });
  await expect(engine.call('iam', 'CreateInstanceProfile', name)).rejects.toMatchObject({
    ...{ code: 'EntityAlreadyExists', message: 'Instance Profile P already exists.' },
  });
  await engine.call('iam', 'RemoveRoleFromInstanceProfile', { ...name, RoleName: 'Ring' });
  await engine.call('iam', 'DeleteInstanceProfile', name);
  await expect(engine.call('iam', 'GetInstanceProfile', name)).rejects.toMatchObject({
    ...{ code: 'NoSuchEntity', message: 'Instance Profile P cannot be found.' },
  });
});
