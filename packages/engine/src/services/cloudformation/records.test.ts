/* Resource types through stacks: made, changed, read and removed with nothing left behind. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestEngine, type TestEngine } from '../../testing.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await createTestEngine({ account: '111122223333', region: 'eu-central-1' });
});
beforeEach(() => engine.reset());
afterAll(() => engine.close());

async function deploy(resources: object, outputs: Record<string, unknown> = {}) {
  const Outputs = Object.fromEntries(Object.entries(outputs).map(([name, Value]) => [name, { Value }]));
  const TemplateBody = JSON.stringify({ Resources: resources, Outputs });
  const known = await engine.call('cloudformation', 'ListStacks', { StackStatusFilter: ['CREATE_COMPLETE'] });
  const operation = known.StackSummaries!.length > 0 ? 'UpdateStack' : 'CreateStack';
  const Capabilities = ['CAPABILITY_NAMED_IAM' as const];
  await engine.call('cloudformation', operation, { StackName: 'bells', TemplateBody, Capabilities });
  await engine.settle();
  const { Stacks } = await engine.call('cloudformation', 'DescribeStacks', { StackName: 'bells' });
  const { StackEvents } = await engine.call('cloudformation', 'DescribeStackEvents', { StackName: 'bells' });
  const failure = StackEvents!.findLast(({ ResourceStatus }) => ResourceStatus!.endsWith('_FAILED'));
  expect(failure?.ResourceStatusReason).toBeUndefined();
  expect(Stacks![0]!.StackStatus).toBe(operation === 'CreateStack' ? 'CREATE_COMPLETE' : 'UPDATE_COMPLETE');
  return Object.fromEntries(
    (Stacks![0]!.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey!, OutputValue!]),
  );
}

async function removeStack() {
  await engine.call('cloudformation', 'DeleteStack', { StackName: 'bells' });
  await engine.settle();
  expect((await engine.call('cloudformation', 'ListStacks', {})).StackSummaries![0]!.StackStatus).toBe(
    'DELETE_COMPLETE',
  );
}

const document = (Action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});
const trust = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};
const role = (more: object = {}) => ({
  Type: 'AWS::IAM::Role',
  Properties: { AssumeRolePolicyDocument: trust, ...more },
});
const ref = (Ref: string) => ({ Ref });
const get = (id: string, name: string) => ({ 'Fn::GetAtt': [id, name] });

test('a policy is put into each of its roles, users and groups, and follows them (aws-resource-iam-policy.html)', async () => {
  const holders = {
    One: role({ RoleName: 'one' }),
    Two: role({ RoleName: 'two' }),
    User: { Type: 'AWS::IAM::User', Properties: { UserName: 'alice' } },
    Group: { Type: 'AWS::IAM::Group', Properties: { GroupName: 'ringers' } },
  };
  const policy = (properties: object) => ({ Type: 'AWS::IAM::Policy', Properties: properties });
  const first = { PolicyName: 'p', PolicyDocument: document('sqs:*'), Roles: [ref('One')], Users: [ref('User')] };
  const { Id, Ref } = await deploy({ ...holders, P: policy(first) }, { Id: get('P', 'Id'), Ref: ref('P') });
  expect(Ref).toMatch(/^bells-P-[A-Z0-9]{12}$/);
  expect(Id).toBe(Ref);
  const namesOf = async (RoleName: string) => (await engine.call('iam', 'ListRolePolicies', { RoleName })).PolicyNames;
  expect([await namesOf('one'), await namesOf('two')]).toEqual([['p'], []]);
  await deploy({ ...holders, P: policy({ ...first, PolicyName: 'q', Roles: [ref('Two')], Groups: [ref('Group')] }) });
  expect([await namesOf('one'), await namesOf('two')]).toEqual([[], ['q']]);
  expect((await engine.call('iam', 'ListUserPolicies', { UserName: 'alice' })).PolicyNames).toEqual(['q']);
  expect((await engine.call('iam', 'ListGroupPolicies', { GroupName: 'ringers' })).PolicyNames).toEqual(['q']);
  await removeStack();
  expect((await engine.call('iam', 'ListRoles', {})).Roles).toEqual([]);
});

test('a managed policy has a version for each change, and five at most (aws-resource-iam-managedpolicy.html)', async () => {
  const template = (n: number) => ({
    R: role({ RoleName: 'one' }),
    M: {
      Type: 'AWS::IAM::ManagedPolicy',
      Properties: {
        Path: '/app/',
        Description: 'd',
        PolicyDocument: document(`sqs:A${n}`),
        Roles: n < 6 ? [ref('R')] : [],
      },
    },
  });
  const { Arn } = await deploy(template(0), { Arn: ref('M') });
  expect(Arn).toMatch(/^arn:aws:iam::111122223333:policy\/app\/bells-M-[A-Z0-9]{12}$/);
  for (let n = 1; n < 6; n++) {
    await engine
      .call('iam', 'CreatePolicyVersion', {
        ...{ PolicyArn: Arn, PolicyDocument: JSON.stringify(document(`sqs:A${n}`)), SetAsDefault: true },
      })
      .catch(() => undefined);
  }
  await deploy(template(6));
  const { Versions } = await engine.call('iam', 'ListPolicyVersions', { PolicyArn: Arn });
  expect(Versions!.map(({ VersionId, IsDefaultVersion }) => [VersionId, IsDefaultVersion])).toEqual([
    ...[
      ['v6', true],
      ['v5', false],
      ['v4', false],
      ['v3', false],
      ['v2', false],
    ],
  ]);
  expect((await engine.call('iam', 'ListAttachedRolePolicies', { RoleName: 'one' })).AttachedPolicies).toEqual([]);
  await removeStack();
  await expect(engine.call('iam', 'GetPolicy', { PolicyArn: Arn })).rejects.toMatchObject({ code: 'NoSuchEntity' });
});

test('users, their groups, keys and policies of one entity', async () => {
  const template = {
    G: { Type: 'AWS::IAM::Group', Properties: { Policies: [{ PolicyName: 'g', PolicyDocument: document('sns:*') }] } },
    U: { Type: 'AWS::IAM::User', Properties: { Path: '/a/', Groups: [ref('G')], Tags: [{ Key: 'k', Value: 'v' }] } },
    V: { Type: 'AWS::IAM::User', Properties: { UserName: 'victor' } },
    Added: { Type: 'AWS::IAM::UserToGroupAddition', Properties: { GroupName: ref('G'), Users: [ref('V')] } },
    Key: { Type: 'AWS::IAM::AccessKey', Properties: { UserName: ref('U') } },
    R: role(),
    RolePolicy: {
      Type: 'AWS::IAM::RolePolicy',
      Properties: { RoleName: ref('R'), PolicyName: 'own', PolicyDocument: document('sqs:*') },
    },
    UserPolicy: {
      Type: 'AWS::IAM::UserPolicy',
      Properties: { UserName: ref('V'), PolicyName: 'own', PolicyDocument: document('sqs:*') },
    },
    GroupPolicy: {
      Type: 'AWS::IAM::GroupPolicy',
      Properties: { GroupName: ref('G'), PolicyName: 'own', PolicyDocument: document('sqs:*') },
    },
    Profile: { Type: 'AWS::IAM::InstanceProfile', Properties: { Roles: [ref('R')] } },
  };
  const outputs = {
    ...{ User: ref('U'), UserArn: get('U', 'Arn'), Group: ref('G'), Key: ref('Key'), Role: ref('R') },
    ...{ Secret: get('Key', 'SecretAccessKey'), RolePolicy: ref('RolePolicy'), Profile: get('Profile', 'Arn') },
  };
  const made = await deploy(template, outputs);
  expect(made.UserArn).toBe(`arn:aws:iam::111122223333:user/a/${made.User}`);
  expect(made.RolePolicy).toBe(`own|${made.Role}`);
  expect(made.Profile).toMatch(/^arn:aws:iam::111122223333:instance-profile\/bells-Profile-/);
  const { AccessKeyMetadata } = await engine.call('iam', 'ListAccessKeys', { UserName: made.User });
  expect(AccessKeyMetadata).toMatchObject([{ AccessKeyId: made.Key, Status: 'Active' }]);
  expect(made.Secret).toMatch(/^[A-Za-z0-9+/]{40}$/);
  const { Users } = await engine.call('iam', 'GetGroup', { GroupName: made.Group });
  expect(Users!.map(({ UserName }) => UserName).sort()).toEqual([made.User, 'victor']);
  const { PolicyNames } = await engine.call('iam', 'ListGroupPolicies', { GroupName: made.Group });
  expect(PolicyNames).toEqual(['g', 'own']);

  const moved = { ...template, U: { ...template.U, Properties: { Path: '/b/' } } };
  const after = await deploy(
    { ...moved, Key: { ...template.Key, Properties: { UserName: ref('U'), Status: 'Inactive' } } },
    outputs,
  );
  expect(after).toMatchObject({ User: made.User, UserArn: `arn:aws:iam::111122223333:user/b/${made.User}` });
  expect((await engine.call('iam', 'ListGroupsForUser', { UserName: made.User })).Groups).toEqual([]);
  const keys = await engine.call('iam', 'ListAccessKeys', { UserName: made.User });
  expect(keys.AccessKeyMetadata).toMatchObject([{ AccessKeyId: made.Key, Status: 'Inactive' }]);
  await removeStack();
  for (const [operation, list] of [
    ['ListUsers', 'Users'],
    ['ListGroups', 'Groups'],
    ['ListRoles', 'Roles'],
  ] as const) {
    expect(await engine.call('iam', operation, {})).toMatchObject({ [list]: [] });
  }
});

test('a user and a group keep what they have under another name (API_UpdateUser.html)', async () => {
  await engine.call('iam', 'CreateUser', { UserName: 'alice' });
  await engine.call('iam', 'CreateUser', { UserName: 'bob' });
  await engine.call('iam', 'CreateGroup', { GroupName: 'ringers' });
  await engine.call('iam', 'AddUserToGroup', { GroupName: 'ringers', UserName: 'alice' });
  const { AccessKey } = await engine.call('iam', 'CreateAccessKey', { UserName: 'alice' });
  await expect(engine.call('iam', 'UpdateUser', { UserName: 'alice', NewUserName: 'BOB' })).rejects.toMatchObject({
    ...{ code: 'EntityAlreadyExists', message: 'User with name BOB already exists.' },
  });
  await engine.call('iam', 'UpdateUser', { UserName: 'alice', NewUserName: 'Anna', NewPath: '/x/' });
  await engine.call('iam', 'UpdateGroup', { GroupName: 'ringers', NewGroupName: 'bells' });
  const { Group, Users } = await engine.call('iam', 'GetGroup', { GroupName: 'bells' });
  expect(Group?.Arn).toBe('arn:aws:iam::111122223333:group/bells');
  expect(Users).toMatchObject([{ UserName: 'Anna', Arn: 'arn:aws:iam::111122223333:user/x/Anna' }]);
  const { AccessKeyMetadata } = await engine.call('iam', 'ListAccessKeys', { UserName: 'Anna' });
  expect(AccessKeyMetadata).toMatchObject([{ AccessKeyId: AccessKey?.AccessKeyId, UserName: 'Anna' }]);
});

test('repositories and parameters, changed in place (AWS_ECR.html, AWS_SSM.html)', async () => {
  const rules = [
    {
      rulePriority: 1,
      selection: { tagStatus: 'any', countType: 'imageCountMoreThan', countNumber: 3 },
      action: { type: 'expire' },
    },
  ];
  const repository = (more: object) => ({
    Type: 'AWS::ECR::Repository',
    Properties: { RepositoryName: 'app/images', ...more },
  });
  const parameter = (more: object) => ({
    Type: 'AWS::SSM::Parameter',
    Properties: { Type: 'String', Value: '21', ...more },
  });
  const pull = { Statement: [{ Effect: 'Allow', Principal: '*', Action: 'ecr:BatchGetImage' }] };
  const outputs = {
    ...{ Name: ref('E'), Uri: get('E', 'RepositoryUri'), Arn: get('E', 'Arn') },
    ...{ Parameter: ref('P'), Value: get('P', 'Value') },
  };
  const made = await deploy(
    {
      E: repository({
        ...{ ImageScanningConfiguration: { ScanOnPush: 'true' }, RepositoryPolicyText: pull },
        LifecyclePolicy: { LifecyclePolicyText: JSON.stringify({ rules }) },
      }),
      P: parameter({ Tags: { a: 'b' } }),
    },
    outputs,
  );
  expect(made).toMatchObject({
    ...{ Name: 'app/images', Arn: 'arn:aws:ecr:eu-central-1:111122223333:repository/app/images' },
    ...{ Uri: '111122223333.dkr.ecr.eu-central-1.amazonaws.com/app/images', Value: '21' },
  });
  const repositoryName = 'app/images';
  expect(await engine.call('ecr', 'GetLifecyclePolicy', { repositoryName })).toMatchObject({
    lifecyclePolicyText: JSON.stringify({ rules }),
  });
  const after = await deploy(
    { E: repository({ ImageTagMutability: 'IMMUTABLE' }), P: parameter({ Value: '22', Tags: { a: 'c' } }) },
    outputs,
  );
  expect(after).toEqual({ ...made, Value: '22' });
  const { repositories } = await engine.call('ecr', 'DescribeRepositories', {});
  expect(repositories).toMatchObject([
    { imageTagMutability: 'IMMUTABLE', imageScanningConfiguration: { scanOnPush: false } },
  ]);
  await expect(engine.call('ecr', 'GetRepositoryPolicy', { repositoryName })).rejects.toMatchObject({
    code: 'RepositoryPolicyNotFoundException',
  });
  const resource = { ResourceType: 'Parameter', ResourceId: made.Parameter } as const;
  expect((await engine.call('ssm', 'ListTagsForResource', resource)).TagList).toContainEqual({ Key: 'a', Value: 'c' });
  await removeStack();
  expect((await engine.call('ecr', 'DescribeRepositories', {})).repositories).toEqual([]);
  expect((await engine.call('ssm', 'DescribeParameters', {})).Parameters).toEqual([]);
});
