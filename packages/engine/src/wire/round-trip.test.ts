import { Readable } from 'node:stream';
/*
 * Every operation of every service at hand, there and back: the SDK's own client sends any input, the handler
 * gets the same; the handler answers any output, the client sees the same. So are errors.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineClock } from '../kernel/clock.ts';
import { AwsError } from '../kernel/errors.ts';
import { createIds } from '../kernel/ids.ts';
import { type Call, defineService, type ServiceName } from '../kernel/service.ts';
import { type Arbitraries, valuesOf } from './arbitrary.ts';
import { createGateway } from './gateway.ts';
import { loadModel, type Operation, type ServiceModel, type Shape } from './model.ts';

/** How many inputs and outputs of each operation are tried. */
const RUNS = 8;

const NAME = fc.string({ unit: fc.constantFrom(...'abcdefgh0123'), minLength: 3, maxLength: 20 });

interface Subject {
  readonly service: string;
  readonly client: string;
  readonly className: string;
  readonly settings?: object;
  readonly arbitraries: Arbitraries;
}

const subjects: readonly Subject[] = [
  {
    service: 'eventbridge',
    client: '@aws-sdk/client-eventbridge',
    className: 'EventBridgeClient',
    arbitraries: { body: 'tree', omit: /^EndpointId$/ },
  },
  {
    service: 'logs',
    client: '@aws-sdk/client-cloudwatch-logs',
    className: 'CloudWatchLogsClient',
    arbitraries: { body: 'tree' },
  },
  { service: 'lambda', client: '@aws-sdk/client-lambda', className: 'LambdaClient', arbitraries: { body: 'tree' } },
  { service: 'iam', client: '@aws-sdk/client-iam', className: 'IAMClient', arbitraries: { body: 'form' } },
  { service: 'sts', client: '@aws-sdk/client-sts', className: 'STSClient', arbitraries: { body: 'form' } },
  {
    service: 'sqs',
    client: '@aws-sdk/client-sqs',
    className: 'SQSClient',
    settings: { md5: false },
    arbitraries: { body: 'tree' },
  },
  {
    service: 'cloudwatch',
    client: '@aws-sdk/client-cloudwatch',
    className: 'CloudWatchClient',
    arbitraries: { body: 'tree' },
  },
  {
    service: 's3',
    client: '@aws-sdk/client-s3',
    className: 'S3Client',
    settings: { forcePathStyle: true },
    arbitraries: {
      body: 'xml',
      fixed: { Bucket: NAME },
      omit: /^(Checksum|SSECustomer|CopySourceSSE|ContentMD5|ContentLength|Expires)/,
    },
  },
];

// biome-ignore lint/suspicious/noExplicitAny: clients of all services, driven alike.
type AnyClient = any;

const offer = (service: string) => defineService({ name: service as ServiceName, arnName: service, operations: {} });

/** An input whose streams have been read. */
async function whole(input: unknown): Promise<unknown> {
  const entries = Object.entries(input as object).map(async ([name, value]) =>
    value instanceof Readable ? [name, Buffer.concat(await value.toArray())] : [name, value],
  );
  return Object.fromEntries(await Promise.all(entries));
}

let seen: Call | undefined;
let answer: () => unknown = () => ({});
const gateway = createGateway({
  services: new Map(subjects.map(({ service }) => [service as ServiceName, offer(service)])),
  call: async (call) => {
    seen = { ...call, input: await whole(call.input) };
    return answer();
  },
  clock: new EngineClock({ virtual: false }),
  ids: createIds('round trips'),
  onFault: (error) => console.error(error),
});
let endpoint: string;

beforeAll(async () => {
  endpoint = `http://127.0.0.1:${(await gateway.listen({ port: 0, host: '127.0.0.1' })).port}`;
});

afterAll(() => gateway.close());

function clientOf(module: AnyClient, { className, settings }: Subject): AnyClient {
  return new module[className]({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: '123456789012', secretAccessKey: 'secret' },
    disableHostPrefix: true,
    maxAttempts: 1,
    ...settings,
  });
}

/** Whether a shape streams events, which the gateway does not do yet. */
const streamsEvents = (shape: Shape) =>
  shape.members.some(({ shape, traits }) => shape.kind === 'union' && traits.streaming);

/** The others stream events, or are signed for services of their own (`s3express`, `s3-object-lambda`). */
const isTried = ({ name, input, output }: Operation) =>
  !streamsEvents(input) && !streamsEvents(output) && !['ListDirectoryBuckets', 'WriteGetObjectResponse'].includes(name);

/** What HTTP itself says to a client of a body, whether the output says it or not. */
const ofHttp = ({ output }: Operation, { ContentLength, ContentType }: AnyClient) =>
  output.members.some(({ name }) => name === 'ContentLength') ? { ContentLength, ContentType } : {};

/** Bytes as Buffers, whatever held them, and without what is undefined. */
async function plain(value: AnyClient): Promise<unknown> {
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (typeof value?.transformToByteArray === 'function') return Buffer.from(await value.transformToByteArray());
  if (Array.isArray(value)) return Promise.all(value.map(plain));
  if (typeof value !== 'object' || value === null || 'getTime' in value) return value;
  const entries = await Promise.all(
    Object.entries(value).map(async ([key, item]) => [key, await plain(item)] as const),
  );
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

describe.each(subjects)('$service', (subject) => {
  let model: ServiceModel;
  let module: AnyClient;
  let client: AnyClient;

  beforeAll(async () => {
    model = await loadModel(subject.service);
    module = await import(/* @vite-ignore */ subject.client);
    client = clientOf(module, subject);
  });

  afterAll(() => client.destroy());

  it('carries the input and output of every operation', async () => {
    const failures: string[] = [];
    for (const operation of model.operations.values()) {
      if (!isTried(operation)) continue;
      try {
        await tryOperation(operation);
      } catch (error) {
        failures.push(
          `${operation.name}: ${(error as Error).message}\n${(error as Error & { cause?: Error }).cause?.message}`,
        );
      }
    }
    expect(failures).toEqual([]);
  });

  async function tryOperation(operation: Operation): Promise<void> {
    const Command = module[`${operation.name}Command`];
    const pairs = fc.tuple(
      valuesOf(operation.input, subject.arbitraries),
      valuesOf(operation.output, subject.arbitraries),
    );
    await fc.assert(
      fc.asyncProperty(pairs, async ([input, output]) => {
        answer = () => output;
        const { $metadata, ...result } = await client.send(new Command(input));
        expect(seen).toMatchObject({ service: subject.service, operation: operation.name });
        expect(await plain(seen!.input)).toMatchObject((await plain(input)) as object);
        expect(await plain(result)).toEqual(await plain({ ...ofHttp(operation, result), ...output }));
        expect($metadata.requestId).toBe(seen!.requestId);
      }),
      { numRuns: RUNS, seed: 1, endOnFailure: true },
    );
  }

  it('carries every error', async () => {
    const operation = [...model.operations.values()].find(isTried)!;
    const Command = module[`${operation.name}Command`];
    const [input] = fc.sample(valuesOf(operation.input, subject.arbitraries), { numRuns: 1, seed: 1 });
    for (const shape of new Set(model.errors.values())) {
      answer = () => {
        throw new AwsError(shape.name, 'What went wrong & why <here>.');
      };
      const error = await client.send(new Command(input)).catch((error: unknown) => error);
      expect(error).toMatchObject({ message: 'What went wrong & why <here>.' });
      expect([shape.name, shape.traits.awsQueryError?.[0]]).toContain(error.name);
      if (shape.traits.httpError) expect(error.$metadata.httpStatusCode).toBe(shape.traits.httpError);
      expect(error.$metadata.requestId).toBe(seen!.requestId);
    }
  });
});
