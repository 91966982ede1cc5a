import { describe, expect, it } from 'vitest';
import {
  expandLanguageExtensions,
  type JsonObject,
  parseTemplate,
  planStack,
  readTemplate,
  resolveParameters,
  type StackInputs,
} from './index.ts';

const SURROUNDINGS: Omit<StackInputs, 'parameters'> = {
  accountId: '123456789012',
  region: 'us-east-1',
  partition: 'aws',
  urlSuffix: 'amazonaws.com',
  stackId: 'arn:aws:cloudformation:us-east-1:123456789012:stack/demo/1',
  stackName: 'demo',
  notificationArns: [],
  availabilityZones: () => ['us-east-1a'],
  importValue: () => undefined,
};

function expand(body: string, given: Record<string, string> = {}) {
  const template = parseTemplate(`Transform: AWS::LanguageExtensions\n${body}`);
  const parameters = resolveParameters(template, new Map(Object.entries(given)));
  const inputs = { ...SURROUNDINGS, parameters };
  const document = expandLanguageExtensions(template, inputs);
  return { document, plan: () => planStack(readTemplate(document, { extended: true }), inputs) };
}

describe('Fn::ForEach (intrinsic-function-reference-foreach.html)', () => {
  it('replicates a resource', () => {
    const { document } = expand(`
Parameters: { Names: { Type: CommaDelimitedList, Default: "Success, Failure" } }
Resources:
  Fn::ForEach::Topics:
    - TopicName
    - !Ref Names
    - SnsTopic\${TopicName}:
        Type: AWS::SNS::Topic
        Properties:
          TopicName: !Join [".", [!Ref TopicName, fifo]]
          DisplayName: !Sub "topic-\${TopicName}"
          FifoTopic: true
`);
    expect(document.Transform).toBeUndefined();
    expect(document.Resources).toEqual(
      Object.fromEntries(
        ['Success', 'Failure'].map((name) => [
          `SnsTopic${name}`,
          {
            Type: 'AWS::SNS::Topic',
            Properties: {
              TopicName: { 'Fn::Join': ['.', [name, 'fifo']] },
              DisplayName: `topic-${name}`,
              FifoTopic: true,
            },
          },
        ]),
      ),
    );
  });

  it('nests, reaches outputs and conditions, and names resources by what it puts in', () => {
    const { document, plan } = expand(`
Conditions:
  Fn::ForEach::Conditions:
    - Which
    - [A, B]
    - Is\${Which}: !Equals [!Ref Which, A]
Resources:
  Fn::ForEach::Buckets:
    - Name
    - [A, B]
    - Bucket\${Name}: { Type: AWS::S3::Bucket, Condition: "Is\${Name}" }
  Other: { Type: AWS::S3::Bucket }
Outputs:
  Fn::ForEach::Outer:
    - Name
    - [A]
    - Fn::ForEach::Inner:
        - Property
        - [Arn, DomainName]
        - Bucket\${Name}\${Property}:
            Value: !GetAtt [!Sub "Bucket\${Name}", !Ref Property]
`);
    expect(document.Outputs).toEqual({
      BucketAArn: { Value: { 'Fn::GetAtt': ['BucketA', 'Arn'] } },
      BucketADomainName: { Value: { 'Fn::GetAtt': ['BucketA', 'DomainName'] } },
    });
    expect([...plan().resources.keys()]).toEqual(['BucketA', 'Other']);
  });

  it('works on properties, and &{…} leaves out what no name may have', () => {
    const { document } = expand(`
Resources:
  Fn::ForEach::Instances:
    - Address
    - [10.0.0.1]
    - Host&{Address}:
        Type: X::Y::Z
        Properties:
          Address: \${Address}
          Fn::ForEach::Sizes: [Size, [Small, Large], { "Is\${Size}": true }]
`);
    expect(document.Resources).toEqual({
      Host10001: { Type: 'X::Y::Z', Properties: { Address: '10.0.0.1', IsSmall: true, IsLarge: true } },
    });
  });

  it('leaves nothing of mappings to what works on the template next', () => {
    const { document } = expand(`
Mappings: { CodeUri: { A: { Uri: s3://b/a }, B: { Uri: s3://b/b } } }
Resources:
  Fn::ForEach::None: [Name, [], { "None\${Name}": { Type: X::Y::Z } }]
  Fn::ForEach::Functions:
    - Name
    - [A, B]
    - Function\${Name}: { Type: X::Y::Z, Properties: { CodeUri: !FindInMap [CodeUri, !Ref Name, Uri] } }
`);
    expect(document.Resources).toEqual({
      FunctionA: { Type: 'X::Y::Z', Properties: { CodeUri: 's3://b/a' } },
      FunctionB: { Type: 'X::Y::Z', Properties: { CodeUri: 's3://b/b' } },
    });
    expect(() => expand('Resources: { R: { Type: X::Y::Z, Properties: { V: !FindInMap [A, B, C] } } }')).toThrow(
      'Unable to get mapping for A::B::C',
    );
  });

  it.each([
    ['[Name, [A]]', 'Fn::ForEach layout is incorrect'],
    ['[Name, text, { R: { Type: X::Y::Z } }]', 'collection of Fn::ForEach::Loop must be a list of strings'],
    ['[Name, [A, B], { R: { Type: X::Y::Z } }]', 'duplicate key R'],
  ])('%s is refused', (loop, words) => {
    expect(() => expand(`Resources: { "Fn::ForEach::Loop": ${loop} }`)).toThrow(words);
    expect(() => expand(`Resources: { "Fn::ForEach::Loop": ${loop} }`)).toThrow(
      'Transform AWS::LanguageExtensions failed with: ',
    );
  });
});

describe('what the transform adds beside (transform-aws-languageextensions.html)', () => {
  const properties = (value: string, beside = '', given: Record<string, string> = {}) =>
    expand(`${beside}\nResources: { R: { Type: X::Y::Z, Properties: { V: ${value} } }, A: { Type: X::Y::Z } }`, given)
      .plan()
      .resolveResource('R', (id, attribute) => (attribute === undefined ? id : `${id}.${attribute}`)).properties.V;

  it.each<[string, unknown, string?]>([
    ['!Length [1, 2, 3]', 3],
    ['!Length { Ref: L }', 2, 'Parameters: { L: { Type: CommaDelimitedList, Default: "a,b" } }'],
    ['!ToJsonString { a: 1, b: [!Ref A, !Ref AWS::NoValue], c: !GetAtt A.Arn }', '{"a":1,"b":["A"],"c":"A.Arn"}'],
    ['!FindInMap [M, a, x, { DefaultValue: 7 }]', 7, 'Mappings: { M: { a: { b: 1 } } }'],
    ['!FindInMap [Missing, a, x, { DefaultValue: !Ref A }]', 'A'],
    ['!FindInMap [M, !Select [0, [a]], !Sub "${AWS::Region}"]', 1, 'Mappings: { M: { a: { us-east-1: 1 } } }'],
  ])('%s', (value, expected, beside) => {
    expect(properties(value, beside)).toEqual(expected);
  });

  it('a DeletionPolicy may follow from a parameter', () => {
    const body = `
Parameters: { Policy: { Type: String } }
Resources: { R: { Type: X::Y::Z, DeletionPolicy: !Ref Policy } }`;
    expect(expand(body, { Policy: 'Retain' }).plan().resources.get('R')?.deletionPolicy).toBe('Retain');
    expect(() => expand(body, { Policy: 'Never' }).plan()).toThrow('Unrecognized DeletionPolicy Never');
  });

  it('without it a DeletionPolicy is a text', () => {
    expect(() => parseTemplate('Resources: { R: { Type: X::Y::Z, DeletionPolicy: !Ref AWS::Region } }')).toThrow(
      'Template format error: Every DeletionPolicy member must be a string.',
    );
  });

  it('members may be named __proto__', () => {
    const { document } = expand('Resources: { R: { Type: X::Y::Z, Properties: { __proto__: { a: 1 } } } }');
    const { R } = document.Resources as JsonObject;
    expect(JSON.stringify((R as JsonObject).Properties)).toBe('{"__proto__":{"a":1}}');
  });
});
