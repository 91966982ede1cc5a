/* What AWS's translator does not tell: what is hostile, other regions, and types of services that are not there. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readDocument, TemplateError } from '../template/index.ts';
import type { JsonObject } from '../template/value.ts';
import { expandSam } from './index.ts';

const INPUTS = { parameters: {}, region: 'eu-central-1', partition: 'aws' };
const FUNCTION = { Handler: 'h.h', Runtime: 'nodejs22.x', InlineCode: 'x' };
const aFunction = (properties: object = {}) => ({
  Type: 'AWS::Serverless::Function',
  Properties: { ...FUNCTION, ...properties },
});
const expand = (Resources: object, more: object = {}, inputs: object = {}) =>
  expandSam({ Resources, ...more } as JsonObject, { ...INPUTS, ...inputs });

test('values of parameters count before their defaults; a partition stands in ARNs', () => {
  const parameters = { Alias: { Type: 'String', Default: 'never' } };
  const properties = { AutoPublishAlias: { Ref: 'Alias' }, Tracing: 'Active' };
  const inputs = { parameters: { Alias: 'live' }, partition: 'aws-cn' };
  const { Resources } = expand({ One: aFunction(properties) }, { Parameters: parameters }, inputs);
  expect(Resources).toHaveProperty('OneAliaslive');
  const arn = 'arn:aws-cn:iam::aws:policy';
  expect(Resources).toHaveProperty('OneRole.Properties.ManagedPolicyArns', [
    `${arn}/service-role/AWSLambdaBasicExecutionRole`,
    `${arn}/AWSXrayWriteOnlyAccess`,
  ]);
});

test('types of services that are not there are refused by their names', () => {
  const words = 'Resource with id [One] is invalid. Carillon does not expand AWS::Serverless::GraphQLApi';
  expect(() => expand({ One: { Type: 'AWS::Serverless::GraphQLApi' } })).toThrow(words);
  const api = { Type: 'AWS::Serverless::Api', Properties: { StageName: 'a', Auth: {} } };
  expect(() => expand({ One: api })).toThrow('Carillon does not expand the property Auth of an API.');
});

test('names of any kind are names', () => {
  const template = '{"Resources":{"__proto__":{"Type":"AWS::SNS::Topic"},"constructor":{"Type":"AWS::SQS::Queue"}}}';
  const { Resources } = expandSam(readDocument(template), INPUTS);
  expect(Object.entries(Resources as object)).toEqual([
    ['__proto__', { Type: 'AWS::SNS::Topic' }],
    ['constructor', { Type: 'AWS::SQS::Queue' }],
  ]);
});

test('globals do not make a template grow without bound', () => {
  const variables = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`V${index}`, 'x']));
  const Globals = { Function: { Environment: { Variables: variables } } };
  const own = { Environment: { Variables: { A: 'b' } } };
  const functions = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`F${index}`, aFunction(own)]));
  expect(() => expand(functions(100), { Globals })).toThrow('Template format error: more than 200000 values.');
  const words = 'Template format error: Number of resources, 501, is greater than maximum allowed, 500';
  expect(() => expand(functions(501))).toThrow(words);
});

const kinds = ['Api', 'Application', 'Connector', 'Function', 'HttpApi', 'LayerVersion', 'SimpleTable', 'StateMachine'];
const names = [
  ...['Handler', 'Runtime', 'CodeUri', 'InlineCode', 'Events', 'Policies', 'Role', 'Tags', 'AutoPublishAlias', 'Type'],
  ...[
    'Properties',
    'EventInvokeConfig',
    'DestinationConfig',
    'OnFailure',
    'Source',
    'Destination',
    'Permissions',
    'Id',
  ],
  ...['Definition', 'DefinitionUri', 'PrimaryKey', 'Layers', 'Ref', 'Fn::If', 'Fn::Sub', 'Fn::GetAtt', 'ContentUri'],
];
const words = [
  'SQS',
  'SNS',
  'Schedule',
  'Api',
  'HttpApi',
  'S3',
  'Kinesis',
  'One',
  'Write',
  's3://b/k',
  'One.Alias',
  '*',
];

test('whatever a template holds, it is expanded, or refused as CloudFormation refuses', () => {
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.constantFrom(...words),
      fc.integer(),
      fc.boolean(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 4 }),
    ),
  }));
  const resource = fc.record({
    Type: fc.constantFrom(...kinds.map((kind) => `AWS::Serverless::${kind}`)),
    Properties: fc.tuple(fc.constantFrom({}, FUNCTION), value).map(([base, more]) => {
      return typeof more === 'object' && !Array.isArray(more) ? { ...base, ...more } : more;
    }),
  });
  const resources = fc.dictionary(fc.constantFrom('One', 'Two', 'Three'), resource);
  fc.assert(
    fc.property(resources, fc.option(value, { nil: undefined }), (Resources, Globals) => {
      try {
        expand(Resources, Globals === undefined ? {} : { Globals });
      } catch (error) {
        if (!(error instanceof TemplateError)) throw error;
      }
    }),
    { numRuns: 1500, seed: 5 },
  );
});
