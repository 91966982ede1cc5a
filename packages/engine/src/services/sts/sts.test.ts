import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createEngine, type Engine } from '../../engine.ts';
import { accountOf } from '../../kernel/access-keys.ts';

const ROLE_ARN = 'arn:aws:iam::000000000000:role/app/Ring';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ clock: 'virtual:2026-01-01T00:00:00Z' });
});
beforeEach(() => engine.reset());
afterAll(() => engine.close());

const assume = (more: object = {}) =>
  engine.call('sts', 'AssumeRole', { RoleArn: ROLE_ARN, RoleSessionName: 'me', ...more });

const createRole = () =>
  engine.call('iam', 'CreateRole', {
    ...{ RoleName: 'Ring', Path: '/app/' },
    AssumeRolePolicyDocument: JSON.stringify({
      Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
    }),
  });

test('a caller with credentials of no account is the root user of the default one (API_GetCallerIdentity.html)', async () => {
  expect(await engine.call('sts', 'GetCallerIdentity', {})).toEqual({
    UserId: '000000000000',
    Account: '000000000000',
    Arn: 'arn:aws:iam::000000000000:root',
  });
});

describe('AssumeRole (API_AssumeRole.html)', () => {
  test('answers credentials of the role', async () => {
    const { Role } = await createRole();
    expect(await assume({ DurationSeconds: 900, SourceIdentity: 'alice' })).toEqual({
      Credentials: {
        AccessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
        SecretAccessKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
        SessionToken: expect.stringMatching(/^[A-Za-z0-9+/]{100,}=*$/),
        Expiration: new Date('2026-01-01T00:15:00Z'),
      },
      AssumedRoleUser: {
        AssumedRoleId: `${Role?.RoleId}:me`,
        Arn: 'arn:aws:sts::000000000000:assumed-role/Ring/me',
      },
      SourceIdentity: 'alice',
    });
  });

  test('takes a role that does not exist, as the CDK needs it, always with the same id', async () => {
    const [first, second] = [await assume(), await assume()];
    expect(first.AssumedRoleUser).toEqual(second.AssumedRoleUser);
    expect(first.AssumedRoleUser?.AssumedRoleId).toMatch(/^AROA[A-Z0-9]{17}:me$/);
  });

  test('gives a key of the role’s account', async () => {
    const { Credentials, AssumedRoleUser } = await assume({ RoleArn: 'arn:aws:iam::111122223333:role/Other' });
    expect(accountOf(Credentials!.AccessKeyId!)).toBe('111122223333');
    expect(AssumedRoleUser?.Arn).toBe('arn:aws:sts::111122223333:assumed-role/Other/me');
    const { AccessKeyId } = Credentials!;
    expect(await engine.call('sts', 'GetAccessKeyInfo', { AccessKeyId })).toEqual({ Account: '111122223333' });
  });

  test('is bounded by what the role allows', async () => {
    await createRole();
    await expect(assume({ DurationSeconds: 3601 })).rejects.toMatchObject({
      code: 'ValidationError',
      message: 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    });
    await engine.call('iam', 'UpdateRole', { RoleName: 'Ring', MaxSessionDuration: 7200 });
    const { Credentials } = await assume({ DurationSeconds: 7200 });
    expect(Credentials?.Expiration).toEqual(new Date('2026-01-01T02:00:00Z'));
  });

  test.each([
    ['arn:aws:iam::000000000000:user/alice', 'Request ARN is invalid'],
    ['arn:aws:iam::aws:role/AWSRole', 'Request ARN is invalid'],
    ['no-arn-but-long-enough', 'no-arn-but-long-enough is invalid'],
  ])('refuses the ARN %s', async (RoleArn, message) => {
    await expect(assume({ RoleArn })).rejects.toMatchObject({ code: 'ValidationError', message });
  });

  test('refuses a session policy that is none', async () => {
    await expect(assume({ Policy: '{}' })).rejects.toMatchObject({ code: 'MalformedPolicyDocument' });
  });
});

test('GetSessionToken answers credentials of the caller, for 12 hours (API_GetSessionToken.html)', async () => {
  const { Credentials } = await engine.call('sts', 'GetSessionToken', {});
  expect(accountOf(Credentials!.AccessKeyId!)).toBe('000000000000');
  expect(Credentials?.Expiration).toEqual(new Date('2026-01-01T12:00:00Z'));
});
