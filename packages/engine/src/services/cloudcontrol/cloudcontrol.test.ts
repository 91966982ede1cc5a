import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestEngine, type TestEngine } from '../../testing.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await createTestEngine({ account: '111122223333', region: 'eu-central-1' });
});
beforeEach(() => engine.reset());
afterAll(() => engine.close());

const QUEUE = 'AWS::SQS::Queue';
const urlOf = (name: string) => `${engine.endpoint}/111122223333/${name}`;

async function done(answer: Promise<{ ProgressEvent?: { RequestToken?: string | undefined } | undefined }>) {
  const { RequestToken } = (await answer).ProgressEvent!;
  await engine.settle();
  return (await engine.call('cloudcontrol', 'GetResourceRequestStatus', { RequestToken })).ProgressEvent!;
}

const create = (TypeName: string, state: object, more: object = {}) =>
  engine.call('cloudcontrol', 'CreateResource', { TypeName, DesiredState: JSON.stringify(state), ...more });
const update = (TypeName: string, Identifier: string, patch: unknown) =>
  engine.call('cloudcontrol', 'UpdateResource', { TypeName, Identifier, PatchDocument: JSON.stringify(patch) });
const remove = (TypeName: string, Identifier: string) =>
  engine.call('cloudcontrol', 'DeleteResource', { TypeName, Identifier });
async function get(TypeName: string, Identifier: string) {
  const { ResourceDescription } = await engine.call('cloudcontrol', 'GetResource', { TypeName, Identifier });
  return JSON.parse(ResourceDescription!.Properties!);
}

test('a resource is made, read, changed, listed and deleted (resource-operations.html)', async () => {
  const { ProgressEvent } = await create(QUEUE, { QueueName: 'jobs', DelaySeconds: '5' });
  expect(ProgressEvent).toMatchObject({ TypeName: QUEUE, Operation: 'CREATE', OperationStatus: 'IN_PROGRESS' });
  const made = await done(Promise.resolve({ ProgressEvent }));
  expect(made).toMatchObject({ OperationStatus: 'SUCCESS', Identifier: urlOf('jobs') });
  expect(JSON.parse(made.ResourceModel!)).toMatchObject({ QueueName: 'jobs', DelaySeconds: 5 });
  expect(await get(QUEUE, urlOf('jobs'))).toMatchObject({
    ...{ QueueName: 'jobs', DelaySeconds: 5, Arn: 'arn:aws:sqs:eu-central-1:111122223333:jobs' },
  });
  const patch = [
    { op: 'test', path: '/DelaySeconds', value: 5 },
    { op: 'replace', path: '/DelaySeconds', value: 7 },
    { op: 'add', path: '/Tags', value: [{ Key: 'k', Value: 'v' }] },
  ];
  expect(await done(update(QUEUE, urlOf('jobs'), patch))).toMatchObject({
    ...{ OperationStatus: 'SUCCESS', Operation: 'UPDATE', Identifier: urlOf('jobs') },
  });
  expect(await get(QUEUE, urlOf('jobs'))).toMatchObject({ DelaySeconds: 7, Tags: [{ Key: 'k', Value: 'v' }] });
  const { ResourceDescriptions } = await engine.call('cloudcontrol', 'ListResources', { TypeName: QUEUE });
  expect(ResourceDescriptions).toEqual([
    { Identifier: urlOf('jobs'), Properties: JSON.stringify({ QueueUrl: urlOf('jobs') }) },
  ]);
  expect(await done(remove(QUEUE, urlOf('jobs')))).toMatchObject({ OperationStatus: 'SUCCESS', Operation: 'DELETE' });
  await expect(get(QUEUE, urlOf('jobs'))).rejects.toMatchObject({
    code: 'ResourceNotFoundException',
    message: `Resource of type '${QUEUE}' with identifier '${urlOf('jobs')}' was not found.`,
  });
});

test('an identifier of several parts, and a name that nobody gave', async () => {
  const trust = { Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }] };
  const role = await done(create('AWS::IAM::Role', { AssumeRolePolicyDocument: trust }));
  expect(role.Identifier).toMatch(/^Role-[A-Z0-9]{12}$/);
  const statement = { Effect: 'Allow', Action: 'sqs:*', Resource: '*' };
  const document = { Version: '2012-10-17', Statement: [statement] };
  const policy = { RoleName: role.Identifier, PolicyName: 'p', PolicyDocument: document };
  const made = await done(create('AWS::IAM::RolePolicy', policy));
  expect(made).toMatchObject({ OperationStatus: 'SUCCESS', Identifier: `p|${role.Identifier}` });
  const patch = [{ op: 'replace', path: '/PolicyDocument/Statement/0/Action', value: 'sns:*' }];
  await done(update('AWS::IAM::RolePolicy', made.Identifier!, patch));
  expect((await get('AWS::IAM::RolePolicy', made.Identifier!)).PolicyDocument.Statement).toEqual([
    { ...statement, Action: 'sns:*' },
  ]);
});

test('what goes wrong in the handler is told by the request', async () => {
  await done(create(QUEUE, { QueueName: 'jobs' }));
  expect(await done(create(QUEUE, { QueueName: 'jobs' }))).toMatchObject({
    ...{ OperationStatus: 'FAILED', ErrorCode: 'AlreadyExists' },
    StatusMessage: expect.stringMatching(/^Resource of type 'AWS::SQS::Queue' with identifier .* already exists\.$/),
  });
  expect(await done(create(QUEUE, { DelaySeconds: 901 }))).toMatchObject({
    ...{ OperationStatus: 'FAILED', ErrorCode: 'InvalidRequest' },
    StatusMessage: 'Invalid value for the parameter DelaySeconds.',
  });
  expect(await done(remove(QUEUE, urlOf('none')))).toMatchObject({ OperationStatus: 'FAILED', ErrorCode: 'NotFound' });
  const failed = await engine.call('cloudcontrol', 'ListResourceRequests', {
    ...{ ResourceRequestStatusFilter: { OperationStatuses: ['FAILED'], Operations: ['CREATE'] }, MaxResults: 1 },
  });
  expect(failed.ResourceRequestStatusSummaries).toMatchObject([{ Operation: 'CREATE', OperationStatus: 'FAILED' }]);
  const rest = await engine.call('cloudcontrol', 'ListResourceRequests', { NextToken: failed.NextToken });
  expect(rest.ResourceRequestStatusSummaries!.length).toBeGreaterThan(0);
});

describe('what cannot be is refused at once', () => {
  beforeEach(() => done(create(QUEUE, { QueueName: 'jobs' })));

  test.each<[string, () => Promise<unknown>, string, RegExp]>([
    ['a type', () => create('AWS::EC2::VPC', {}), 'TypeNotFoundException', /^The type 'AWS::EC2::VPC' cannot be found/],
    [
      'no JSON',
      () => engine.call('cloudcontrol', 'CreateResource', { TypeName: QUEUE, DesiredState: '{' }),
      'ValidationException',
      /not valid JSON/,
    ],
    ['a list', () => create(QUEUE, []), 'ValidationException', /not a JSON object/],
    [
      'a property',
      () => create(QUEUE, { Color: 'red' }),
      'ValidationException',
      /^Model validation failed \(#: extraneous key \[Color\] is not permitted\)$/,
    ],
    [
      'a missing one',
      () => create('AWS::SSM::Parameter', { Value: '1' }),
      'ValidationException',
      /required key \[Type\] not found/,
    ],
    [
      'a name',
      () => update(QUEUE, urlOf('jobs'), [{ op: 'replace', path: '/QueueName', value: 'x' }]),
      'ValidationException',
      /createOnlyProperties \[\/properties\/QueueName\] cannot be updated/,
    ],
    [
      'an attribute',
      () => update(QUEUE, urlOf('jobs'), [{ op: 'replace', path: '/Arn', value: 'x' }]),
      'ValidationException',
      /readOnlyProperties \[\/properties\/Arn\] cannot be updated/,
    ],
    [
      'a patch',
      () => update(QUEUE, urlOf('jobs'), [{ op: 'replace', path: '/Nothing', value: 'x' }]),
      'ValidationException',
      /^Invalid patch document: there is nothing at \/Nothing$/,
    ],
    ['what is gone', () => update(QUEUE, urlOf('none'), []), 'ResourceNotFoundException', /was not found/],
    ['an identifier', () => remove('AWS::IAM::RolePolicy', 'p'), 'ValidationException', /is not valid for identifier/],
    [
      'an update',
      () => update('AWS::Lambda::Permission', 'f|p', []),
      'UnsupportedActionException',
      /does not support UPDATE/,
    ],
    [
      'a list of those',
      () => engine.call('cloudcontrol', 'ListResources', { TypeName: 'AWS::IAM::Policy' }),
      'UnsupportedActionException',
      /does not support LIST/,
    ],
    [
      'a request',
      () => engine.call('cloudcontrol', 'GetResourceRequestStatus', { RequestToken: 'none' }),
      'RequestTokenNotFoundException',
      /none does not exist/,
    ],
  ])('%s', async (_what, call, code, message) => {
    await expect(call()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

test('a client’s token stands for one request (CreateResource, ClientToken)', async () => {
  const first = await create(QUEUE, { QueueName: 'jobs' }, { ClientToken: 'once' });
  await engine.settle();
  const again = await create(QUEUE, { QueueName: 'jobs' }, { ClientToken: 'once' });
  expect(again.ProgressEvent).toMatchObject({
    ...{ RequestToken: first.ProgressEvent!.RequestToken, OperationStatus: 'SUCCESS' },
  });
  await expect(create(QUEUE, { QueueName: 'other' }, { ClientToken: 'once' })).rejects.toMatchObject({
    code: 'ClientTokenConflictException',
  });
  await engine.clock.advance('7 days');
  const { ProgressEvent } = await create(QUEUE, { QueueName: 'other' }, { ClientToken: 'once' });
  expect(await done(Promise.resolve({ ProgressEvent }))).toMatchObject({ OperationStatus: 'SUCCESS' });
});
