/*
 * Invoke through the SDK for JavaScript, over the wire.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateFunctionCommand,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
  type LambdaServiceException,
} from '@aws-sdk/client-lambda';
import { createEngine, type Engine } from '@carillon/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { zip } from '../../zip.ts';

const CODE = `
exports.handler = async (event, context) => {
  console.log('got', JSON.stringify(event));
  if (event.fail) throw new TypeError(event.fail);
  if (event.exit) process.exit(3);
  if (event.large) return 'x'.repeat(event.large);
  if (event.nothing) return undefined;
  return { event, requestId: context.awsRequestId, arn: context.invokedFunctionArn, client: context.clientContext };
};`;
const ARN = 'arn:aws:lambda:eu-central-1:000000000000:function:bell';

let engine: Engine;
let client: LambdaClient;
let logs: CloudWatchLogsClient;
beforeAll(async () => {
  engine = await createEngine({ log: () => {} });
  const credentials = { accessKeyId: '000000000000', secretAccessKey: 'any' };
  const options = { endpoint: engine.endpoint, region: 'eu-central-1', credentials, maxAttempts: 1 };
  client = new LambdaClient(options);
  logs = new CloudWatchLogsClient(options);
  await client.send(
    new CreateFunctionCommand({
      FunctionName: 'bell',
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/bell',
      Code: { ZipFile: await zip({ 'index.js': CODE }) },
      MemorySize: 512,
      Timeout: 30,
    }),
  );
});
afterAll(async () => {
  client.destroy();
  logs.destroy();
  await engine.close();
});

async function invoke(payload?: string | Uint8Array, more: Partial<InvokeCommandInput> = {}) {
  const Payload = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const input = { FunctionName: 'bell', ...(Payload && { Payload }), ...more };
  const answer = await client.send(new InvokeCommand(input));
  const text = answer.Payload?.transformToString() ?? '';
  return { ...answer, text, json: text === '' ? undefined : JSON.parse(text) };
}

async function refusal(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'not refused',
    (error: LambdaServiceException) => `${error.$metadata.httpStatusCode} ${error.name}: ${error.message}`,
  );
}

describe('a synchronous invocation', () => {
  it('answers with what the function returned, under the request id of the call', async () => {
    const answer = await invoke('{"a":1}');
    expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: '$LATEST' });
    expect(answer.json).toEqual({ event: { a: 1 }, requestId: answer.$metadata.requestId, arn: ARN });
    for (const absent of ['FunctionError', 'LogResult']) expect(answer).not.toHaveProperty(absent);
  });

  it('without a payload gives the function an empty event', async () => {
    expect((await invoke()).json.event).toEqual({});
    expect((await invoke('')).json.event).toEqual({});
  });

  it('tells the function by which ARN it was invoked', async () => {
    expect((await invoke('{}', { Qualifier: '$LATEST' })).json.arn).toBe(`${ARN}:$LATEST`);
    expect((await invoke('{}', { FunctionName: ARN })).json.arn).toBe(ARN);
  });

  it('of a function that returns nothing answers null', async () => {
    expect((await invoke('{"nothing":true}')).text).toBe('null');
  });

  it('of a function that throws answers 200, with the error', async () => {
    const answer = await invoke('{"fail":"no"}');
    expect(answer).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
    expect(answer.json).toEqual({ errorType: 'TypeError', errorMessage: 'no', trace: expect.any(Array) });
  });

  it('of a function that ends its process answers with Runtime.ExitError', async () => {
    const answer = await invoke('{"exit":true}');
    expect(answer.FunctionError).toBe('Unhandled');
    expect(answer.json).toEqual({
      errorType: 'Runtime.ExitError',
      errorMessage: `RequestId: ${answer.$metadata.requestId} Error: Runtime exited with error: exit status 3`,
    });
  });

  it('shows the last 4 KB of its log where it is asked to', async () => {
    const { LogResult, $metadata } = await invoke('{"tail":1}', { LogType: 'Tail' });
    const log = Buffer.from(LogResult!, 'base64').toString();
    expect(log).toMatch(`START RequestId: ${$metadata.requestId} Version: $LATEST`);
    expect(log).toMatch('got {"tail":1}');
    expect(log).toMatch(/REPORT RequestId: .*Billed Duration: \d+ ms/);
    const long = await invoke(JSON.stringify({ text: 'y'.repeat(9_000) }), { LogType: 'Tail' });
    expect(Buffer.from(long.LogResult!, 'base64')).toHaveLength(4_096);
  });

  it('hands over the client context', async () => {
    const custom = { custom: { a: 'b' } };
    const ClientContext = Buffer.from(JSON.stringify(custom)).toString('base64');
    expect((await invoke('{}', { ClientContext })).json.client).toEqual(custom);
  });

  it('takes a payload of 6 MB, and no more', async () => {
    const largest = `"${'x'.repeat(6_291_456 - 2)}"`;
    const answer = await invoke(largest);
    // The function answers with more than it got.
    expect(answer.json).toMatchObject({ errorType: 'Function.ResponseSizeTooLarge' });
    expect(await refusal(invoke(`${largest} `))).toBe(
      '413 RequestEntityTooLargeException: Request must be smaller than 6291456 bytes for the InvokeFunction operation',
    );
  });
});

describe('an asynchronous invocation', () => {
  it('is accepted with nothing to say, and run under the request id of the call', async () => {
    const answer = await invoke('{"sent":1}', { InvocationType: 'Event', LogType: 'Tail' });
    expect(answer).toMatchObject({ StatusCode: 202, text: '' });
    expect(answer).not.toHaveProperty('LogResult');
    await engine.clock.settle();
    const filterPattern = `"START RequestId: ${answer.$metadata.requestId}"`;
    const found = await logs.send(new FilterLogEventsCommand({ logGroupName: '/aws/lambda/bell', filterPattern }));
    expect(found.events).toHaveLength(1);
  });

  it('takes a payload of 1 MB, and no more', async () => {
    const largest = `"${'x'.repeat(1_048_576 - 2)}"`;
    expect((await invoke(largest, { InvocationType: 'Event' })).StatusCode).toBe(202);
    expect(await refusal(invoke(`${largest} `, { InvocationType: 'Event' }))).toBe(
      '413 RequestTooLargeException: 1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)',
    );
    await engine.clock.settle();
  });
});

it('a dry run runs nothing', async () => {
  const before = engine.journal.list().filter(({ kind }) => kind === 'invocation').length;
  expect(await invoke('{}', { InvocationType: 'DryRun' })).toMatchObject({ StatusCode: 204, text: '' });
  expect(await refusal(invoke('{}', { InvocationType: 'DryRun', FunctionName: 'none' }))).toMatch('404 Resource');
  expect(engine.journal.list().filter(({ kind }) => kind === 'invocation')).toHaveLength(before);
});

describe('what Invoke refuses', () => {
  const context = '400 InvalidRequestContentException: Client context must be a valid Base64-encoded JSON object.';
  // The words of both are those that boto/boto3#2153 met.
  it.each<[string, Partial<InvokeCommandInput>, unknown]>([
    [
      'nothing like JSON',
      {},
      expect.stringMatching(/^400 InvalidRequestContentException: Could not parse request body/),
    ],
    ['{"a":', {}, expect.stringMatching(/^400 InvalidRequestContentException: Could not parse request body/)],
    ['{"a":', { InvocationType: 'Event' }, expect.stringMatching(/^400 InvalidRequestContentException/)],
    ['{}', { ClientContext: 'string' }, context],
    ['{}', { ClientContext: Buffer.from('"text"').toString('base64') }, context],
    ['{}', { InvocationType: 'Soon' as never }, expect.stringMatching(/^400 ValidationException: .*'invocationType'/)],
  ])('%s, %j', async (payload, more, expected) => {
    expect(await refusal(invoke(payload, more))).toEqual(expected);
  });
});
