/* Where callers have to sign: AWS's own SDK signs, with secrets right and wrong. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient, UpdateAccessKeyCommand } from '@aws-sdk/client-iam';
import { CreateFunctionCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { createEngine, type Engine, type EngineOptions } from '@carillon/engine';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { zip } from './zip.ts';

const KEYS = { AKIAFIRSTBELL: 'correct horse battery staple' };
const OWN = { accessKeyId: 'AKIAFIRSTBELL', secretAccessKey: KEYS.AKIAFIRSTBELL };

interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ auth: { keys: KEYS } });
});
afterAll(() => engine.close());

const client = (credentials: Credentials, { endpoint } = engine) => ({
  ...{ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 },
});
const events = (credentials: Credentials) => new EventBridgeClient(client(credentials));
const sts = (credentials: Credentials, at = engine) => new STSClient(client(credentials, at));
const whoIs = (credentials: Credentials, at = engine) => sts(credentials, at).send(new GetCallerIdentityCommand({}));

describe("the user's own keys", () => {
  test('are let in', async () => {
    expect((await events(OWN).send(new ListRulesCommand({}))).Rules).toEqual([]);
  });

  test.each([
    ['a wrong secret', { ...OWN, secretAccessKey: 'wrong' }, 'InvalidSignatureException', 'SignatureDoesNotMatch'],
    ['an unknown key', { ...OWN, accessKeyId: 'AKIANOBODY' }, 'UnrecognizedClientException', 'InvalidClientTokenId'],
    [
      'an account for a key',
      { ...OWN, accessKeyId: '000000000000' },
      'UnrecognizedClientException',
      'InvalidClientTokenId',
    ],
    [
      'a name of every object',
      { ...OWN, accessKeyId: 'constructor' },
      'UnrecognizedClientException',
      'InvalidClientTokenId',
    ],
  ])('%s is refused', async (_, credentials, ofJson, ofQuery) => {
    await expect(events(credentials).send(new ListRulesCommand({}))).rejects.toMatchObject({ name: ofJson });
    await expect(whoIs(credentials)).rejects.toMatchObject({ name: ofQuery });
  });

  test('an unsigned request is refused', async () => {
    const body = new URLSearchParams({ Action: 'GetCallerIdentity', Version: '2011-06-15' });
    const answer = await fetch(engine.endpoint, { method: 'POST', body });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain('MissingAuthenticationToken');
  });
});

describe("Carillon's own pages", () => {
  test('tell their health to everyone', async () => {
    expect((await fetch(`${engine.endpoint}/_carillon/health`)).status).toBe(200);
  });

  test.each(['reset', 'clock'])('let nobody unsigned at %s', async (page) => {
    const answer = await fetch(`${engine.endpoint}/_carillon/${page}`, { method: 'POST', body: '{"advance":"1 day"}' });
    expect(answer.status).toBe(403);
    expect(await answer.json()).toMatchObject({ error: { code: 'MissingAuthenticationTokenException' } });
  });
});

test.each(['journal', 'trace?id=1'])('nobody unsigned reads %s', async (page) => {
  expect((await fetch(`${engine.endpoint}/_carillon/${page}`)).status).toBe(403);
});

describe('credentials that the engine hands out', () => {
  test('of a session are let in with its token alone', async () => {
    const RoleArn = 'arn:aws:iam::000000000000:role/ringer';
    const { Credentials: issued } = await sts(OWN).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'me' }));
    const session = { accessKeyId: issued!.AccessKeyId!, secretAccessKey: issued!.SecretAccessKey! };
    const sessionToken = issued!.SessionToken!;
    expect((await whoIs({ ...session, sessionToken })).Arn).toBe('arn:aws:sts::000000000000:assumed-role/ringer/me');
    await expect(whoIs(session)).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
    await expect(whoIs({ ...session, sessionToken: 'another' })).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
    });
  });

  test('of a user are let in while active', async () => {
    const iam = new IAMClient(client(OWN));
    await iam.send(new CreateUserCommand({ UserName: 'quasimodo' }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'quasimodo' }));
    const { AccessKeyId, SecretAccessKey } = AccessKey!;
    const credentials = { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey! };
    expect((await whoIs(credentials)).Arn).toBe('arn:aws:iam::000000000000:user/quasimodo');
    await iam.send(new UpdateAccessKeyCommand({ UserName: 'quasimodo', AccessKeyId, Status: 'Inactive' }));
    await expect(whoIs(credentials)).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });

  test('of a function call home', async () => {
    const credentials = await functionsCredentials(engine);
    expect((await whoIs(credentials)).Account).toBe('000000000000');
    const logs = new CloudWatchLogsClient(client(credentials));
    expect((await logs.send(new DescribeLogGroupsCommand({}))).logGroups).toHaveLength(1);
    await expect(whoIs({ ...credentials, sessionToken: '' })).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });

  test('outlive a restart', async () => {
    const data = mkdtempSync(join(tmpdir(), 'carillon-auth-'));
    try {
      const options: EngineOptions = { auth: { keys: KEYS }, data };
      const first = await createEngine(options);
      const RoleArn = 'arn:aws:iam::000000000000:role/ringer';
      const { Credentials: issued } = await sts(OWN, first).send(
        new AssumeRoleCommand({ RoleArn, RoleSessionName: 'me' }),
      );
      const ofFunction = await functionsCredentials(first);
      await first.close();
      const second = await createEngine(options);
      const session = { accessKeyId: issued!.AccessKeyId!, secretAccessKey: issued!.SecretAccessKey! };
      await whoIs({ ...session, sessionToken: issued!.SessionToken! }, second);
      await whoIs(ofFunction, second);
      await second.close();
    } finally {
      rmSync(data, { recursive: true });
    }
  });

  test("are nobody else's: another engine's are refused", async () => {
    const other = await createEngine({ auth: { keys: KEYS }, clock: 'virtual' });
    const credentials = await functionsCredentials(other);
    await whoIs(credentials, other);
    await expect(whoIs(credentials)).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
    await other.close();
  });
});

test('an address that other machines reach is not listened on without keys', async () => {
  await expect(createEngine({ host: '0.0.0.0' })).rejects.toThrow(/Other machines reach 0\.0\.0\.0.*--auth FILE/);
});

test('where time stands still, a signature of any time is let in', async () => {
  const still = await createEngine({ auth: { keys: KEYS }, clock: 'virtual:2001-01-01T00:00:00Z' });
  expect((await whoIs(OWN, still)).Account).toBe('000000000000');
  await still.close();
});

test("where time was moved, a signature of the machine's time is let in", async () => {
  const moved = await createEngine({ auth: { keys: KEYS } });
  await moved.clock.advance('1 day');
  expect((await whoIs(OWN, moved)).Account).toBe('000000000000');
  await moved.close();
});

/** What a function finds in its environment. */
async function functionsCredentials(at: Engine): Promise<Credentials> {
  const lambda = new LambdaClient(client(OWN, at));
  const code = `exports.handler = async () => ({
    accessKeyId: process.env.AWS_ACCESS_KEY_ID,
    secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
    sessionToken: process.env.AWS_SESSION_TOKEN,
  });`;
  await lambda.send(
    new CreateFunctionCommand({
      ...{ FunctionName: 'who', Runtime: 'nodejs24.x', Handler: 'index.handler' },
      Role: 'arn:aws:iam::000000000000:role/who',
      Code: { ZipFile: await zip({ 'index.js': code }) },
    }),
  );
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: 'who' }));
  return JSON.parse(Buffer.from(Payload!).toString());
}
