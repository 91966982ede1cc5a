import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createEngine, type Engine } from '../../engine.ts';
import { accountOf } from '../../kernel/access-keys.ts';
import { EngineClock } from '../../kernel/clock.ts';
import { createDispatcher } from '../../kernel/dispatcher.ts';
import { createIds } from '../../kernel/ids.ts';
import { Journal } from '../../kernel/journal.ts';
import { createResources } from '../../kernel/resources.ts';
import type { Caller, Host, Input, OperationName, Output } from '../../kernel/service.ts';
import { createMemoryBackend } from '../../kernel/state/memory.ts';
import { Store } from '../../kernel/state/store.ts';
import { iam } from '../iam/index.ts';
import { sts } from './index.ts';

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
    const { as, clock } = parts();
    const { Credentials } = await as({})('sts', 'AssumeRole', {
      ...{ RoleArn: 'arn:aws:iam::111122223333:role/app/Ring', RoleSessionName: 'me', DurationSeconds: 900 },
    });
    const caller = callerOf(Credentials!);
    expect(await as(caller)('sts', 'GetCallerIdentity', {})).toEqual({
      UserId: expect.stringMatching(/^AROA[A-Z0-9]{17}:me$/),
      Account: '111122223333',
      Arn: 'arn:aws:sts::111122223333:assumed-role/Ring/me',
    });
    await clock.advance('15 minutes');
    await expect(as(caller)('sts', 'GetCallerIdentity', {})).rejects.toMatchObject({
      ...{ code: 'ExpiredToken', status: 403, message: 'The security token included in the request is expired' },
    });
  });

  test('is an IAM user, by his key', async () => {
    const { as } = parts();
    const { User } = await as({})('iam', 'CreateUser', { UserName: 'alice', Path: '/ring/' });
    const { AccessKey } = await as({})('iam', 'CreateAccessKey', { UserName: 'alice' });
    const alice = as({ accessKeyId: AccessKey!.AccessKeyId! });
    const identity = { UserId: User?.UserId, Account: '000000000000', Arn: User?.Arn };
    expect(await alice('sts', 'GetCallerIdentity', {})).toEqual(identity);
    expect((await alice('iam', 'GetUser', {})).User?.UserName).toBe('alice');
    const { Credentials } = await alice('sts', 'GetSessionToken', {});
    expect(await as(callerOf(Credentials!))('sts', 'GetCallerIdentity', {})).toEqual(identity);
    await expect(as(callerOf(Credentials!))('sts', 'GetSessionToken', {})).rejects.toMatchObject({
      ...{ code: 'AccessDenied', message: 'Cannot call GetSessionToken with session credentials' },
    });
  });

  test('chains roles for an hour at most (id_roles.html)', async () => {
    const { as } = parts();
    const role = { RoleArn: ROLE_ARN, RoleSessionName: 'me' };
    const { Credentials } = await as({})('sts', 'AssumeRole', role);
    const chained = as(callerOf(Credentials!));
    await chained('sts', 'AssumeRole', { ...role, DurationSeconds: 3600 });
    await expect(chained('sts', 'AssumeRole', { ...role, DurationSeconds: 3601 })).rejects.toMatchObject({
      message: 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
    });
  });

  test('is the root user of its account with credentials of AWS itself', async () => {
    const { as } = parts();
    for (const accessKeyId of ['AKIAY34FZKBOKMUTVV7A', 'ASIAY34FZKBOKMUTVV7A']) {
      expect(await as({ accessKeyId, sessionToken: 'AQoD' })('sts', 'GetCallerIdentity', {})).toEqual({
        ...{ UserId: '609629065308', Account: '609629065308', Arn: 'arn:aws:iam::609629065308:root' },
      });
    }
  });
});

function callerOf(credentials: { AccessKeyId: string | undefined; SessionToken: string | undefined }): Caller {
  return { accessKeyId: credentials.AccessKeyId!, sessionToken: credentials.SessionToken! };
}

/** IAM and STS behind a dispatcher, called as the gateway calls it: by whoever signed. */
function parts() {
  const clock = new EngineClock({ speed: 0, start: 0 });
  const [ids, journal] = [createIds(0), new Journal(clock)];
  const store = new Store({ backend: createMemoryBackend(), hold: (what) => clock.hold(what) });
  const host = {
    clock,
    ids,
    endpoint: '',
    warn: () => undefined,
    secretFor: (name: string) => name,
  } as unknown as Host;
  const dispatcher = createDispatcher({
    ...{ services: [iam, sts], host, clock, ids, journal, store, agenda: [], use: createResources(host).use },
    validate: () => undefined,
    onFault: (error) => {
      throw error;
    },
  });
  const as =
    (caller: Caller) =>
    async <S extends 'iam' | 'sts', O extends OperationName<S>>(service: S, operation: O, input: Input<S, O>) => {
      const account = (caller.accessKeyId && accountOf(caller.accessKeyId)) || '000000000000';
      const scope = { account, region: 'us-east-1' };
      return (await dispatcher.call({ service, operation, input, scope, caller, requestId: '' })) as Output<S, O>;
    };
  return { as, clock };
}
