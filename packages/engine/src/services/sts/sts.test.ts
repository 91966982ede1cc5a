import { GetUserCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  AssumeRoleCommand,
  type Credentials,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts';
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

describe('a caller with credentials that were given out', () => {
  test('is the session of a role, until it has expired', async () => {
    const { Credentials } = await assume({
      ...{ RoleArn: 'arn:aws:iam::111122223333:role/app/Ring', DurationSeconds: 900 },
    });
    const session = client(STSClient, keysOf(Credentials));
    expect(await session.send(new GetCallerIdentityCommand({}))).toMatchObject({
      UserId: expect.stringMatching(/^AROA[A-Z0-9]{17}:me$/),
      Account: '111122223333',
      Arn: 'arn:aws:sts::111122223333:assumed-role/Ring/me',
    });
    await engine.clock.advance('15 minutes');
    await expect(session.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      ...{ name: 'ExpiredToken', message: 'The security token included in the request is expired' },
      $metadata: { httpStatusCode: 403 },
    });
  });

  test('is an IAM user, by his key', async () => {
    const { User } = await engine.call('iam', 'CreateUser', { UserName: 'alice', Path: '/ring/' });
    const { AccessKey } = await engine.call('iam', 'CreateAccessKey', { UserName: 'alice' });
    const keys = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
    const alice = client(STSClient, keys);
    const identity = { UserId: User?.UserId, Account: '000000000000', Arn: User?.Arn };
    expect(await alice.send(new GetCallerIdentityCommand({}))).toMatchObject(identity);
    const own = await client(IAMClient, keys).send(new GetUserCommand({}));
    expect(own.User?.UserName).toBe('alice');
    const { Credentials } = await alice.send(new GetSessionTokenCommand({}));
    const session = client(STSClient, keysOf(Credentials));
    expect(await session.send(new GetCallerIdentityCommand({}))).toMatchObject(identity);
    await expect(session.send(new GetSessionTokenCommand({}))).rejects.toMatchObject({
      ...{ name: 'AccessDenied', message: 'Cannot call GetSessionToken with session credentials' },
    });
  });

  test('chains roles for an hour at most (id_roles.html)', async () => {
    const role = { RoleArn: ROLE_ARN, RoleSessionName: 'me' };
    const { Credentials } = await assume();
    const chained = client(STSClient, keysOf(Credentials));
    await chained.send(new AssumeRoleCommand({ ...role, DurationSeconds: 3600 }));
    await expect(chained.send(new AssumeRoleCommand({ ...role, DurationSeconds: 3601 }))).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    });
  });

  test('is the root user of its account with credentials of AWS itself', async () => {
    for (const accessKeyId of ['AKIAY34FZKBOKMUTVV7A', 'ASIAY34FZKBOKMUTVV7A']) {
      const foreign = client(STSClient, { accessKeyId, secretAccessKey: 'secret', sessionToken: 'AQoD' });
      expect(await foreign.send(new GetCallerIdentityCommand({}))).toMatchObject({
        ...{ UserId: '609629065308', Account: '609629065308', Arn: 'arn:aws:iam::609629065308:root' },
      });
    }
  });
});

interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

function keysOf(credentials: Credentials | undefined): Keys {
  const { AccessKeyId, SecretAccessKey, SessionToken } = credentials!;
  return { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
}

function client<C>(
  Client: new (options: { endpoint: string; region: string; credentials: Keys }) => C,
  credentials: Keys,
): C {
  return new Client({ endpoint: engine.endpoint, region: 'us-east-1', credentials });
}
