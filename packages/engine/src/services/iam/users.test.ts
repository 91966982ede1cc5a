import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createEngine, type Engine } from '../../engine.ts';
import { accountOf } from '../../kernel/access-keys.ts';

const DOCUMENT = JSON.stringify({ Statement: { Effect: 'Allow', Action: 'sqs:*', Resource: '*' } });
const ALICE = { UserName: 'alice' };
const RINGERS = { GroupName: 'ringers' };

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ clock: 'virtual', account: '111122223333' });
});
beforeEach(async () => {
  await engine.reset();
  await engine.call('iam', 'CreateUser', { ...ALICE, Path: '/ring/', Tags: [{ Key: 'a', Value: 'b' }] });
  await engine.call('iam', 'CreateGroup', RINGERS);
});
afterAll(() => engine.close());

test('a user is read back as it was made (API_GetUser.html)', async () => {
  expect((await engine.call('iam', 'GetUser', ALICE)).User).toEqual({
    Path: '/ring/',
    UserName: 'alice',
    UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
    Arn: 'arn:aws:iam::111122223333:user/ring/alice',
    CreateDate: expect.any(Date),
    Tags: [{ Key: 'a', Value: 'b' }],
  });
  await expect(engine.call('iam', 'GetUser', { UserName: 'bob' })).rejects.toMatchObject({
    ...{ code: 'NoSuchEntity', message: 'The user with name bob cannot be found.' },
  });
  await expect(engine.call('iam', 'GetUser', {})).rejects.toMatchObject({
    ...{ code: 'ValidationError', message: 'Must specify userName when calling with non-User credentials' },
  });
});

test('a user has two access keys at most, which carry the account', async () => {
  const { AccessKey } = await engine.call('iam', 'CreateAccessKey', ALICE);
  expect(accountOf(AccessKey!.AccessKeyId!)).toBe('111122223333');
  expect(AccessKey).toMatchObject({ ...ALICE, Status: 'Active' });
  await engine.call('iam', 'CreateAccessKey', ALICE);
  await expect(engine.call('iam', 'CreateAccessKey', ALICE)).rejects.toMatchObject({
    ...{ code: 'LimitExceeded', message: 'Cannot exceed quota for AccessKeysPerUser: 2' },
  });
  const { AccessKeyId } = AccessKey!;
  await engine.call('iam', 'UpdateAccessKey', { ...ALICE, AccessKeyId, Status: 'Inactive' });
  const { AccessKeyMetadata } = await engine.call('iam', 'ListAccessKeys', ALICE);
  expect(AccessKeyMetadata?.find((key) => key.AccessKeyId === AccessKeyId)?.Status).toBe('Inactive');
  expect(await engine.call('iam', 'GetAccessKeyLastUsed', { AccessKeyId })).toMatchObject(ALICE);
  await engine.call('iam', 'DeleteAccessKey', { ...ALICE, AccessKeyId });
  await expect(engine.call('iam', 'DeleteAccessKey', { ...ALICE, AccessKeyId })).rejects.toMatchObject({
    ...{ code: 'NoSuchEntity', message: `The Access Key with id ${AccessKeyId} cannot be found.` },
  });
});

test('users join groups and leave them', async () => {
  await engine.call('iam', 'AddUserToGroup', { ...RINGERS, ...ALICE });
  await engine.call('iam', 'AddUserToGroup', { ...RINGERS, ...ALICE });
  expect((await engine.call('iam', 'GetGroup', RINGERS)).Users?.map(({ UserName }) => UserName)).toEqual(['alice']);
  expect((await engine.call('iam', 'ListGroupsForUser', ALICE)).Groups).toMatchObject([
    { ...RINGERS, Arn: 'arn:aws:iam::111122223333:group/ringers' },
  ]);
  for (const operation of [
    () => engine.call('iam', 'DeleteGroup', RINGERS),
    () => engine.call('iam', 'DeleteUser', ALICE),
  ]) {
    await expect(operation()).rejects.toMatchObject({
      ...{ code: 'DeleteConflict', message: 'Cannot delete entity, must remove users from group first.' },
    });
  }
  await engine.call('iam', 'RemoveUserFromGroup', { ...RINGERS, ...ALICE });
  await engine.call('iam', 'DeleteGroup', RINGERS);
  expect((await engine.call('iam', 'ListGroups', {})).Groups).toEqual([]);
});

test('users and groups have inline policies, within their own quotas', async () => {
  await engine.call('iam', 'PutUserPolicy', { ...ALICE, PolicyName: 'p', PolicyDocument: DOCUMENT });
  await engine.call('iam', 'PutGroupPolicy', { ...RINGERS, PolicyName: 'p', PolicyDocument: DOCUMENT });
  const got = await engine.call('iam', 'GetUserPolicy', { ...ALICE, PolicyName: 'p' });
  expect(decodeURIComponent(got.PolicyDocument!)).toBe(DOCUMENT);
  expect((await engine.call('iam', 'ListGroupPolicies', RINGERS)).PolicyNames).toEqual(['p']);
  const long = DOCUMENT.replace('sqs:*', `sqs:${'a'.repeat(2_048)}`);
  await expect(
    engine.call('iam', 'PutUserPolicy', { ...ALICE, PolicyName: 'q', PolicyDocument: long }),
  ).rejects.toMatchObject({ message: 'Maximum policy size of 2048 bytes exceeded for user alice' });
  await expect(engine.call('iam', 'DeleteUser', ALICE)).rejects.toMatchObject({
    ...{ code: 'DeleteConflict', message: 'Cannot delete entity, must delete policies first.' },
  });
  await engine.call('iam', 'DeleteUserPolicy', { ...ALICE, PolicyName: 'p' });
  await engine.call('iam', 'CreateAccessKey', ALICE);
  await expect(engine.call('iam', 'DeleteUser', ALICE)).rejects.toMatchObject({
    message: 'Cannot delete entity, must delete access keys first.',
  });
});
