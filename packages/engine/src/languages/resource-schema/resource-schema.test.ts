import { expect, test } from 'vitest';
import { changesOf, conform, schemaDocument, schemaOf, unsupportedProperties } from './index.ts';

const queue = schemaOf('AWS::SQS::Queue')!;
const lambda = schemaOf('AWS::Lambda::Function')!;

test('what templates give as text becomes what AWS says it is', () => {
  const given = { QueueName: 5, DelaySeconds: '60', FifoQueue: 'true', RedrivePolicy: '{"maxReceiveCount": 3}' };
  expect(conform(queue, given)).toEqual({
    properties: { QueueName: '5', DelaySeconds: 60, FifoQueue: true, RedrivePolicy: { maxReceiveCount: 3 } },
    problems: [],
  });
  const environment = { Variables: { PORT: 80, DEBUG: true } };
  expect(conform(lambda, { Code: {}, Role: 'r', Environment: environment }).properties.Environment).toEqual({
    Variables: { PORT: '80', DEBUG: 'true' },
  });
});

test('what does not fit is told as AWS tells it', () => {
  expect(conform(lambda, { Timeout: 'soon', Code: 'x', Nonsense: 1 }).problems).toEqual([
    '#: required key [Role] not found',
    '#/Timeout: expected type: Integer, found: String',
    '#/Code: expected type: JSONObject, found: String',
    '#: extraneous key [Nonsense] is not permitted',
  ]);
});

test('a property that AWS has and the type lacks is named, within structures too', () => {
  const given = { Code: { ImageUri: 'x', ZipFile: 'y' }, ImageConfig: {}, Nonsense: 1 };
  expect(unsupportedProperties(lambda, ['Code.ZipFile', 'Role'], given)).toEqual(['Code.ImageUri', 'ImageConfig']);
});

test('changes say what they take', () => {
  expect(changesOf(queue, { QueueName: 'a', DelaySeconds: 1 }, { QueueName: 'b', Tags: [] })).toEqual([
    { name: 'QueueName', replaces: 'yes', before: 'a', after: 'b' },
    { name: 'DelaySeconds', replaces: 'no', before: 1, after: undefined },
    { name: 'Tags', replaces: 'no', before: undefined, after: [] },
  ]);
});

test('a schema is written as the registry writes it', () => {
  const document = JSON.parse(schemaDocument('AWS::SQS::Queue', queue));
  expect(document).toMatchObject({
    typeName: 'AWS::SQS::Queue',
    primaryIdentifier: ['/properties/QueueUrl'],
    readOnlyProperties: ['/properties/Arn', '/properties/QueueUrl'],
    createOnlyProperties: ['/properties/FifoQueue', '/properties/QueueName'],
  });
});
