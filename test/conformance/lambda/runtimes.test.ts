/* What a function finds around it, over the wire: its role, and the runtimes that a strict engine refuses. */
import { CreateFunctionCommand, LambdaClient, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { createEngine, type Engine } from '@carillon/engine';
import { createTestEngine } from '@carillon/engine/testing';
import { expect, test } from 'vitest';
import { zip } from '../../zip.ts';
import { optionsFor } from '../clients.ts';

const Role = 'arn:aws:iam::000000000000:role/path/ringer';

test("a function's credentials are those of its role (API_GetCallerIdentity)", async () => {
  await using engine = await createTestEngine({ auth: { keys: { '000000000000': 'any' } } });
  const ring = await engine.createFunction('ring', 'exports.handler = async () => process.env', { Role });
  const env = (await ring.invoke()) as Record<string, string>;
  const credentials = {
    accessKeyId: env.AWS_ACCESS_KEY_ID!,
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY!,
    sessionToken: env.AWS_SESSION_TOKEN!,
  };
  const whoIs = (given: typeof credentials) =>
    new STSClient({ ...optionsFor(engine), credentials: given, maxAttempts: 1 }).send(new GetCallerIdentityCommand({}));
  expect(credentials.accessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
  expect(await whoIs(credentials)).toMatchObject({
    Account: '000000000000',
    Arn: 'arn:aws:sts::000000000000:assumed-role/ringer/ring',
    UserId: expect.stringMatching(/^AROA[A-Z0-9]{17}:ring$/),
  });
  await expect(whoIs({ ...credentials, secretAccessKey: 'guessed' })).rejects.toThrow(/signature/);
});

const create = async (engine: Engine, FunctionName: string, Runtime: string) =>
  new LambdaClient(optionsFor(engine)).send(
    new CreateFunctionCommand({
      ...{ FunctionName, Runtime: Runtime as 'nodejs22.x', Handler: 'index.handler', Role },
      Code: { ZipFile: await zip({ 'index.js': 'exports.handler = (e, c, done) => done(null, process.version)' }) },
    }),
  );

test('retired runtimes are taken, or refused in the words of AWS (Lambda Developer Guide, "Lambda runtimes")', async () => {
  await using lenient = await createEngine();
  expect((await create(lenient, 'old', 'nodejs12.x')).Runtime).toBe('nodejs12.x');
  await using strict = await createEngine({ strict: true });
  const words =
    'The runtime parameter of nodejs12.x is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.';
  await expect(create(strict, 'old', 'nodejs12.x')).rejects.toMatchObject({
    name: 'InvalidParameterValueException',
    message: words,
  });
  await create(strict, 'new', 'nodejs24.x');
  const update = new UpdateFunctionConfigurationCommand({ FunctionName: 'new', Runtime: 'nodejs12.x' });
  await expect(new LambdaClient(optionsFor(strict)).send(update)).rejects.toMatchObject({ message: words });
});

test("a strict engine in another year knows that year's runtimes", async () => {
  await using engine = await createEngine({ strict: true, clock: 'virtual:2022-01-01T00:00:00Z' });
  expect((await create(engine, 'old', 'nodejs12.x')).Runtime).toBe('nodejs12.x');
  await expect(create(engine, 'older', 'nodejs10.x')).rejects.toThrow(/nodejs10\.x is no longer supported/);
});
