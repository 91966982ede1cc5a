/*
 * Function URLs: set by the SDK for JavaScript and asked for by fetch and by node:http.
 * Lambda Developer Guide, "Invoking Lambda function URLs" and "Cross-origin resource sharing (CORS)".
 */
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  CreateAliasCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  type CreateFunctionUrlConfigCommandInput,
  DeleteFunctionCommand,
  DeleteFunctionUrlConfigCommand,
  GetFunctionUrlConfigCommand,
  LambdaClient,
  type LambdaServiceException,
  ListFunctionUrlConfigsCommand,
  PutFunctionConcurrencyCommand,
  UpdateFunctionUrlConfigCommand,
} from '@aws-sdk/client-lambda';
import { createEngine, type Engine } from '@carillon/engine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { zip } from '../../zip.ts';

const REGION = 'eu-central-1';
const ACCOUNT = '123456789012';
const FunctionName = 'bell';
const ARN = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:bell`;
const ECHO = 'exports.handler = async (event) => event';

let engine: Engine;
let client: LambdaClient;
beforeEach(async () => {
  engine = await createEngine({ clock: 'virtual:2026-03-01T09:00:00Z', log: () => {} });
  const credentials = { accessKeyId: ACCOUNT, secretAccessKey: 'any' };
  client = new LambdaClient({ endpoint: engine.endpoint, region: REGION, credentials, maxAttempts: 1 });
});
afterEach(async () => {
  client.destroy();
  await engine.close();
});

async function create(code = ECHO): Promise<void> {
  await client.send(
    new CreateFunctionCommand({
      FunctionName,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: `arn:aws:iam::${ACCOUNT}:role/bell`,
      Code: { ZipFile: await zip({ 'index.js': code }) },
      Publish: true,
    }),
  );
}

async function createUrl(more: Partial<CreateFunctionUrlConfigCommandInput> = {}): Promise<string> {
  const made = await client.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE', ...more }));
  return made.FunctionUrl!;
}

async function refusal(call: Promise<unknown>): Promise<string> {
  const { name, message } = await call.then(
    () => expect.fail('was not refused'),
    (error: LambdaServiceException) => error,
  );
  return `${name}: ${message}`;
}

const idOf = (url: string) => url.split('/').at(-2)!;

describe('the settings of a URL', () => {
  it('are made, changed, shown, listed and deleted', async () => {
    await create();
    await client.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));
    const made = await client.send(new CreateFunctionUrlConfigCommand({ FunctionName, AuthType: 'NONE' }));
    const shown = {
      FunctionUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/_carillon\/lambda\/urls\/[0-9a-z]{32}\/$/),
      FunctionArn: ARN,
      AuthType: 'NONE',
      CreationTime: '2026-03-01T09:00:00.000Z',
      InvokeMode: 'BUFFERED',
    };
    expect(made).toMatchObject(shown);
    expect(made).not.toHaveProperty('LastModifiedTime');
    expect(await refusal(createUrl())).toBe(
      `ResourceConflictException: Failed to create function url config for [functionArn = ${ARN}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
    );
    await createUrl({ Qualifier: 'live', AuthType: 'AWS_IAM' });
    const Cors = { AllowOrigins: ['*'], MaxAge: 60 };
    await client.send(new UpdateFunctionUrlConfigCommand({ FunctionName, Cors }));
    await client.send(new UpdateFunctionUrlConfigCommand({ FunctionName, InvokeMode: 'RESPONSE_STREAM' }));
    expect(await client.send(new GetFunctionUrlConfigCommand({ FunctionName }))).toMatchObject({
      ...shown,
      InvokeMode: 'RESPONSE_STREAM',
      Cors,
      LastModifiedTime: '2026-03-01T09:00:00.000Z',
    });
    const { FunctionUrlConfigs } = await client.send(new ListFunctionUrlConfigsCommand({ FunctionName }));
    expect(FunctionUrlConfigs!.map(({ FunctionArn }) => FunctionArn)).toEqual([ARN, `${ARN}:live`]);
    await client.send(new DeleteFunctionUrlConfigCommand({ FunctionName }));
    expect(await refusal(client.send(new GetFunctionUrlConfigCommand({ FunctionName })))).toBe(
      'ResourceNotFoundException: The resource you requested does not exist.',
    );
    expect((await fetch(made.FunctionUrl!)).status).toBe(404);
  });

  it('are refused for what is not there, and go with their function', async () => {
    expect(await refusal(createUrl())).toBe('ResourceNotFoundException: Function does not exist');
    await create();
    expect(await refusal(createUrl({ Qualifier: '1' }))).toMatch(/^ValidationException/);
    const url = await createUrl();
    await client.send(new DeleteFunctionCommand({ FunctionName }));
    expect((await fetch(url)).status).toBe(404);
    await create();
    expect((await fetch(url)).status).toBe(404);
  });
});

describe('a request', () => {
  it('becomes an event of format 2.0', async () => {
    await create();
    const url = await createUrl();
    const id = idOf(url);
    const answer = await fetch(`${url}a%20b/c?one=1&two=2&two=3&none=`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: 'a=1; b=2', 'x-tone': 'c', 'user-agent': 'bell' },
      body: '{"tone":"é"}',
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json');
    const event = await answer.json();
    expect(event).toEqual({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/a b/c',
      rawQueryString: 'one=1&two=2&two=3&none=',
      cookies: ['a=1', 'b=2'],
      headers: expect.objectContaining({
        'content-type': 'application/json',
        'x-tone': 'c',
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-proto': 'https',
      }),
      queryStringParameters: { one: '1', two: '2,3', none: '' },
      requestContext: {
        accountId: 'anonymous',
        apiId: id,
        authentication: null,
        domainName: `${id}.lambda-url.${REGION}.on.aws`,
        domainPrefix: id,
        http: { method: 'POST', path: '/a b/c', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'bell' },
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        routeKey: '$default',
        stage: '$default',
        time: '01/Mar/2026:09:00:00 +0000',
        timeEpoch: Date.parse('2026-03-01T09:00:00Z'),
      },
      body: '{"tone":"é"}',
      isBase64Encoded: false,
    });
  });

  it.each<[string, RequestInit, object]>([
    ['a form', { method: 'POST', body: new URLSearchParams('a=b') }, { body: 'YT1i', isBase64Encoded: true }],
    ['bytes', { method: 'PUT', body: Buffer.from([0, 255]) }, { body: 'AP8=', isBase64Encoded: true }],
    ['text', { method: 'POST', body: 'plain' }, { body: 'plain', isBase64Encoded: false }],
  ])('that carries %s is told so', async (_, init, expected) => {
    await create();
    expect(await (await fetch(await createUrl(), init)).json()).toMatchObject(expected);
  });

  it('without a body or parameters has none', async () => {
    await create();
    const event = (await (await fetch((await createUrl()).slice(0, -1))).json()) as object;
    expect(event).toMatchObject({ rawPath: '/', rawQueryString: '', isBase64Encoded: false });
    for (const absent of ['body', 'cookies', 'queryStringParameters']) expect(event).not.toHaveProperty(absent);
  });

  it("is answered on AWS's kind of host too", async () => {
    await create();
    const url = new URL(await createUrl());
    const headers = { host: `${idOf(url.href)}.lambda-url.${REGION}.on.aws` };
    const raw = await new Promise<string>((resolve, reject) => {
      request({ port: url.port, host: '127.0.0.1', path: '/chime?n=1', headers }, (response) => resolve(text(response)))
        .on('error', reject)
        .end();
    });
    expect(JSON.parse(raw)).toMatchObject({ rawPath: '/chime', headers });
  });

  it('has to be signed where the URL says so', async () => {
    await create();
    const url = await createUrl({ AuthType: 'AWS_IAM' });
    const refused = await fetch(url);
    expect([refused.status, await refused.text()]).toEqual([403, '{"Message":"Forbidden"}']);
    const scope = `${ACCOUNT}/20260301/${REGION}/lambda/aws4_request`;
    const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
    expect(await (await fetch(url, { headers: { authorization } })).json()).toMatchObject({
      requestContext: { accountId: ACCOUNT, authorizer: { iam: { accessKey: ACCOUNT, accountId: ACCOUNT } } },
    });
  });
});

describe('an answer', () => {
  it('has the status, headers, cookies and body that the function gave', async () => {
    await create(`exports.handler = async () => ({
      statusCode: 201,
      headers: { 'Content-Type': 'text/plain', 'X-N': 1, 'Content-Length': '999' },
      cookies: ['a=1; Secure', 'b=2'],
      body: Buffer.from('ding').toString('base64'),
      isBase64Encoded: true,
    })`);
    const answer = await fetch(await createUrl());
    expect(answer.status).toBe(201);
    expect(answer.headers.get('content-type')).toBe('text/plain');
    expect(answer.headers.get('x-n')).toBe('1');
    expect(answer.headers.getSetCookie()).toEqual(['a=1; Secure', 'b=2']);
    expect(await answer.text()).toBe('ding');
  });

  it.each([
    ['"ding"', 'ding'],
    ['{ tone: "c" }', '{"tone":"c"}'],
    ['[1]', '[1]'],
    ['undefined', 'null'],
  ])('of a function that returns %s is %s', async (returned, expected) => {
    await create(`exports.handler = async () => (${returned})`);
    const answer = await fetch(await createUrl());
    expect([answer.status, await answer.text()]).toEqual([200, expected]);
  });

  it.each([
    'throw new Error("no")',
    'return { statusCode: "many" }',
    'return { statusCode: 200, body: { a: 1 } }',
    'return { statusCode: 200, headers: { "a b": "c" } }',
    'return { statusCode: 200, headers: { a: "b\\r\\nc: d" } }',
    'return { statusCode: 99 }',
    'process.exit(1)',
  ])('of a function that does `%s` is a bad gateway', async (code) => {
    await create(`exports.handler = async () => { ${code} }`);
    const answer = await fetch(await createUrl());
    expect([answer.status, await answer.text()]).toEqual([502, 'Internal Server Error']);
  });

  it('of a function that may not run says so', async () => {
    await create();
    const url = await createUrl();
    await client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }));
    expect((await fetch(url)).status).toBe(429);
  });

  it('that is streamed comes whole, with the head that it set', async () => {
    await create(`exports.handler = awslambda.streamifyResponse(async (event, stream) => {
      const head = { statusCode: 202, headers: { 'x-tone': 'c' }, cookies: ['a=1'] };
      const body = awslambda.HttpResponseStream.from(stream, head);
      body.write('ding ');
      body.end('dong');
    })`);
    const answer = await fetch(await createUrl({ InvokeMode: 'RESPONSE_STREAM' }));
    expect(answer.status).toBe(202);
    expect(answer.headers.get('x-tone')).toBe('c');
    expect(answer.headers.getSetCookie()).toEqual(['a=1']);
    expect(await answer.text()).toBe('ding dong');
  });
});

describe('pages of other sites', () => {
  const Cors = {
    AllowOrigins: ['https://example.com'],
    AllowMethods: ['GET', 'PUT'],
    AllowHeaders: ['x-tone'],
    ExposeHeaders: ['x-n'],
    AllowCredentials: true,
    MaxAge: 60,
  };
  const headers = { origin: 'https://example.com' };

  it('are told what they may ask for, without a run of the function', async () => {
    await create('exports.handler = async () => { throw new Error("ran") }');
    const url = await createUrl({ Cors });
    const asked = { ...headers, 'access-control-request-method': 'PUT' };
    const answer = await fetch(url, { method: 'OPTIONS', headers: asked });
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'access-control-allow-origin': 'https://example.com',
      'access-control-allow-methods': 'GET,PUT',
      'access-control-allow-headers': 'x-tone',
      'access-control-allow-credentials': 'true',
      'access-control-max-age': '60',
    });
    const other = await fetch(url, { method: 'OPTIONS', headers: { ...asked, origin: 'https://evil.example' } });
    expect(other.headers.has('access-control-allow-origin')).toBe(false);
  });

  it('may read answers as the URL says, whatever the function says', async () => {
    await create(
      'exports.handler = async () => ({ statusCode: 200, headers: { "access-control-allow-origin": "x" } })',
    );
    const answer = await fetch(await createUrl({ Cors }), { headers });
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://example.com');
    expect(answer.headers.get('access-control-expose-headers')).toBe('x-n');
  });

  it('get what the function says where the URL says nothing', async () => {
    await create(
      'exports.handler = async () => ({ statusCode: 200, headers: { "access-control-allow-origin": "*" } })',
    );
    const answer = await fetch(await createUrl(), { headers });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
  });
});
