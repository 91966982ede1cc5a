import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import {
  type Attributes,
  creationOrder,
  type JsonObject,
  KNOWN_AFTER_APPLY,
  parseTemplate,
  planStack,
  readDocument,
  resolveParameters,
  type StackInputs,
} from './index.ts';

const INPUTS: Omit<StackInputs, 'parameters'> = {
  accountId: '123456789012',
  region: 'eu-west-1',
  partition: 'aws',
  urlSuffix: 'amazonaws.com',
  stackId: 'arn:aws:cloudformation:eu-west-1:123456789012:stack/demo/1',
  stackName: 'demo',
  notificationArns: [],
  availabilityZones: (region) => ['a', 'b', 'c'].map((zone) => region + zone),
  importValue: (name) => (name === 'shared-vpc' ? 'vpc-1' : undefined),
};

const attributes: Attributes = (id, attribute) => (attribute === undefined ? `${id}-ref` : `${id}.${attribute}`);

function plan(text: string, given: Record<string, string> = {}, ssm: Record<string, string> = {}) {
  const template = parseTemplate(text);
  const parameters = resolveParameters(template, new Map(Object.entries(given)), (name) => ssm[name]);
  return planStack(template, { ...INPUTS, parameters });
}

/** What a value comes to as a property of a resource, beside parameters, mappings and the like. */
function resolved(value: string, beside = '', given: Record<string, string> = {}): unknown {
  const text = `${beside}\nResources:\n  Other: { Type: 'X::Y::Z' }\n  Made:\n    Type: X::Y::Z\n    Properties:\n      Value: ${value}\n`;
  return plan(text, given).resolveResource('Made', attributes).properties.Value;
}

const inside = (yaml: string) => readDocument(`Value: ${yaml}`).Value;

describe('a template is read as CloudFormation reads it (template-formats.html)', () => {
  it.each([
    ['2012-10-17', '2012-10-17'],
    ['yes', 'yes'],
    ['on', 'on'],
    ['true', true],
    ['False', false],
    ['12', 12],
    ['1.5', 1.5],
    ['1.0', '1.0'],
    ['010', 8],
    ['012345670123', 1402433619],
    ['098765432109', '098765432109'],
    ['123456789012345678901234', '123456789012345678901234'],
    ['0x10', 16],
    ['1e5', '1e5'],
    ['12:30:45', '12:30:45'],
    ["'12'", '12'],
    ['!!str 12', '12'],
    ['""', ''],
    ['!!int 12', 12],
    ['!!bool true', true],
    ['!!float 1.5', 1.5],
    ['! 12', '12'],
    ['>-\n  folded\n  text', 'folded text'],
    ['|\n  kept\n  lines', 'kept\nlines\n'],
  ])('%s', (yaml, value) => {
    expect(inside(yaml)).toBe(value);
  });

  it('numbers of JSON keep what JavaScript would lose', () => {
    const read = readDocument('{"a": 1.0, "b": 12345678901234567890, "c": 1.5, "d": 1e3, "e": [1.0], "f": "1.0 ,"}');
    expect(read).toEqual({ a: '1.0', b: '12345678901234567890', c: 1.5, d: 1000, e: ['1.0'], f: '1.0 ,' });
  });

  it('short forms nest and come to long forms', () => {
    expect(inside('!Join [",", [!Ref A, !GetAtt B.C.D, !Sub "${E}"]]')).toEqual({
      'Fn::Join': [',', [{ Ref: 'A' }, { 'Fn::GetAtt': ['B', 'C.D'] }, { 'Fn::Sub': '${E}' }]],
    });
    expect(inside('!If [A, !Base64 1, {Key: !Not [!Condition B]}]')).toEqual({
      'Fn::If': ['A', { 'Fn::Base64': '1' }, { Key: { 'Fn::Not': [{ Condition: 'B' }] } }],
    });
  });

  it('aliases are refused', () => {
    expect(() => readDocument('a: &x 1\nb: *x')).toThrow(
      'Template error: YAML aliases are not allowed in CloudFormation templates',
    );
  });

  it('nulls are refused where they stand', () => {
    const words = "[/Mappings/RegionMap/ap-northeast-3/SRXAMI] 'null' values are not allowed in templates";
    expect(() => readDocument('Mappings: { RegionMap: { ap-northeast-3: { SRXAMI: } } }')).toThrow(words);
    expect(() => readDocument('{"Mappings":{"RegionMap":{"ap-northeast-3":{"SRXAMI":null}}}}')).toThrow(words);
  });

  it.each([
    ['', 'Template format error: unsupported structure.'],
    ['file.yml', 'Template format error: unsupported structure.'],
    ['[]', 'Template format error: unsupported structure.'],
    ['a: b: c', 'Template format error: YAML not well-formed. (line 1, column 4)'],
    ['a: 1\nb: "', 'Template format error: YAML not well-formed. (line 2, column 5)'],
    ['a: !!binary aGk=', 'Template format error: YAML not well-formed. (line 1, column 4)'],
    ['? [a]\n: 1', 'Template format error: YAML not well-formed. (line 1, column 3)'],
    ['a: !Unknown 1', 'Template format error: YAML not well-formed. (line 1, column 4)'],
    ['{"a": 1,\n "b": }, {', 'Template format error: JSON not well-formed. (line 2, column 8)'],
    ['a: 1\n---\nb: 2', 'Template format error: YAML not well-formed. (line 2, column 1)'],
  ])('%j is refused', (text, words) => {
    expect(() => readDocument(text)).toThrow(words);
  });

  it('a member may be named __proto__', () => {
    for (const text of ['{"Value":{"__proto__":{"a":1}}}', 'Value: {__proto__: {a: 1}}']) {
      const value = readDocument(text).Value as JsonObject;
      expect(Object.keys(value)).toEqual(['__proto__']);
      expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    }
  });
});

describe('functions', () => {
  it.each([
    ['!Ref AWS::Region', 'eu-west-1'],
    ['!Ref Other', 'Other-ref'],
    ['!GetAtt Other.Arn', 'Other.Arn'],
    ['!GetAtt [Other, Endpoint.Address]', 'Other.Endpoint.Address'],
    ['{a: !Ref AWS::NoValue, b: 1}', { b: 1 }],
    ['[!Ref AWS::NoValue, 1]', [1]],
    ['!Base64 AWS CloudFormation', 'QVdTIENsb3VkRm9ybWF0aW9u'],
    ['!Join [":", [a, b, c]]', 'a:b:c'],
    ['!Join ["", ["arn:", !Ref "AWS::Partition", ":s3:::", 1, true]]', 'arn:aws:s3:::1true'],
    ['!Select [1, [apples, grapes, oranges]]', 'grapes'],
    ['!Select ["0", !GetAZs ""]', 'eu-west-1a'],
    ['!Select [1, !Split ["|", "a|b|c"]]', 'b'],
    ['!Split ["|", "a||c|"]', ['a', '', 'c', '']],
    ['!GetAZs us-east-1', ['us-east-1a', 'us-east-1b', 'us-east-1c']],
    ['!ImportValue shared-vpc', 'vpc-1'],
    ['!ImportValue {"Fn::Sub": "shared-${V}"}', 'vpc-1', 'Parameters: {V: {Type: String, Default: vpc}}'],
    ['!Sub "${AWS::Region}-${Other}-${Other.Arn}-${!Literal}"', 'eu-west-1-Other-ref-Other.Arn-${Literal}'],
    ['!Sub ["www.${Domain}", {Domain: !Ref Other}]', 'www.Other-ref'],
    ['!FindInMap [M, !Ref AWS::Region, AMI]', 'ami-1', 'Mappings: {M: {eu-west-1: {AMI: ami-1}}}'],
    ['!If [Yes, a, b]', 'a', 'Conditions: {Yes: !Equals [1, "1"]}'],
    ['!If [No, a, !Ref AWS::NoValue]', undefined, 'Conditions: {No: !Not [!Equals [1, "1"]]}'],
    ['!Cidr [192.168.0.0/24, 6, 5]', [0, 32, 64, 96, 128, 160].map((byte) => `192.168.0.${byte}/27`)],
    ['!Cidr ["2001:db8::/56", 2, 64]', ['2001:db8::/64', '2001:db8:0:1::/64']],
    ['{Condition: text}', { Condition: 'text' }],
  ])('%s', (value, expected, beside = '') => {
    expect(resolved(value, beside)).toEqual(expected);
  });

  it.each([
    [
      '!Ref Nothing',
      'Template format error: Unresolved resource dependencies [Nothing] in the Resources block of the template',
    ],
    ['!GetAtt Nothing.Arn', 'Template error: instance of Fn::GetAtt references undefined resource Nothing'],
    ['!Sub "${Nothing.Arn}"', 'Template error: instance of Fn::Sub references invalid resource attribute Nothing.Arn'],
    ['!Select [3, [a]]', 'Template error: Fn::Select  cannot select nonexistent value at index 3'],
    ['!FindInMap [A, B, C]', "Template error: Mapping named 'A' is not present in the 'Mappings' section of template."],
    ['!ImportValue nothing', 'No export named nothing found.'],
    ['!If [Nothing, a, b]', 'Template error: unresolved condition dependency Nothing in Fn::If'],
    ['!GetAtt Other', 'Template error: every Fn::GetAtt object requires two non-empty parameters'],
    ['{"Fn::Magic": 1}', 'Template error: Encountered unsupported function: Fn::Magic Supported functions are: ['],
    ['!Length [1]', 'Template error: Encountered unsupported function: Fn::Length'],
    ['!Join [a]', 'Template error: every Fn::Join object requires two parameters'],
    ['!Sub [a]', "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments."],
    ['!Sub "${a b}"', 'Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters'],
  ])('%s is refused', (value, words) => {
    expect(() => resolved(value)).toThrow(words);
  });

  it('what is not known before it is made shows as such', () => {
    const { resolveResource } = plan(
      '{"Resources":{"A":{"Type":"X::Y::Z"},"B":{"Type":"X::Y::Z","Properties":{"J":{"Fn::Join":["-",["a",{"Ref":"A"}]]},"S":{"Fn::Select":[0,{"Fn::Split":["/",{"Ref":"A"}]}]}}}}}',
    );
    const { properties } = resolveResource('B', () => KNOWN_AFTER_APPLY);
    expect(properties).toEqual({ J: `a-${KNOWN_AFTER_APPLY}`, S: KNOWN_AFTER_APPLY });
  });
});

describe('resources', () => {
  it('come in the order of what they wait for', () => {
    const { resources } = plan(`
Resources:
  C: { Type: X::Y::Z, DependsOn: B }
  B: { Type: X::Y::Z, Properties: { V: !Sub "\${A}" } }
  A: { Type: X::Y::Z }
  D: { Type: X::Y::Z, DependsOn: [A, C] }
`);
    expect(creationOrder(resources)).toEqual(['A', 'B', 'C', 'D']);
    expect([...resources.get('D')!.dependsOn]).toEqual(['A', 'C']);
  });

  it('do not wait for each other in a circle', () => {
    const text = `
Resources:
  A: { Type: X::Y::Z, DependsOn: C }
  B: { Type: X::Y::Z, DependsOn: A }
  C: { Type: X::Y::Z, DependsOn: B }
  D: { Type: X::Y::Z, DependsOn: C }
`;
    expect(() => plan(text)).toThrow('Circular dependency between resources: [A, C, B]');
  });

  it('are there when their condition holds, and only branches that hold refer to others', () => {
    const text = (value: string) => `
Parameters: { Stage: { Type: String } }
Conditions: { Prod: !Equals [!Ref Stage, prod] }
Resources:
  Extra: { Type: X::Y::Z, Condition: Prod }
  Main: { Type: X::Y::Z, DependsOn: Extra, Properties: { V: ${value} } }
`;
    expect([...plan(text('!If [Prod, !Ref Extra, none]'), { Stage: 'dev' }).resources.keys()]).toEqual(['Main']);
    expect(() => plan(text('!Ref Extra'), { Stage: 'dev' })).toThrow(
      'Template format error: Unresolved resource dependencies [Extra] in the Resources block of the template',
    );
  });
});

describe('parameters', () => {
  const declared = (declaration: string) =>
    `Parameters: {P: ${declaration}}\nResources: {R: {Type: X::Y::Z, Properties: {V: !Ref P}}}`;
  const value = (declaration: string, given?: string, ssm?: Record<string, string>) =>
    plan(declared(declaration), given === undefined ? {} : { P: given }, ssm).resolveResource('R', attributes)
      .properties.V;

  it.each([
    ['{Type: String, Default: a}', undefined, 'a'],
    ['{Type: Number, Default: 1}', undefined, '1'],
    ['{Type: CommaDelimitedList}', 'a, b ,c', ['a', 'b', 'c']],
    ['{Type: CommaDelimitedList, Default: ""}', undefined, ['']],
    ['{Type: List<Number>}', '1,2', ['1', '2']],
    ['{Type: "List<AWS::EC2::Subnet::Id>"}', 'subnet-1,subnet-2', ['subnet-1', 'subnet-2']],
    ['{Type: "AWS::SSM::Parameter::Value<String>", Default: /x}', undefined, 'stored,twice'],
    ['{Type: "AWS::SSM::Parameter::Value<List<String>>", Default: /x}', undefined, ['stored', 'twice']],
    ['{Type: String, AllowedPattern: "(?=.*[a-z])[a-z\\\\d]+"}', 'a1', 'a1'],
  ])('%s', (declaration, given, expected) => {
    expect(value(declaration, given, { '/x': 'stored,twice' })).toEqual(expected);
  });

  it.each([
    ['{Type: String}', undefined, 'Parameters: [P] must have values'],
    ['{Type: Strings}', 'a', 'Template format error: Unrecognized parameter type: Strings'],
    ['{Type: "List<String>"}', 'a', 'Template format error: Unrecognized parameter type: List<String>'],
    ['{Default: a}', 'a', 'Template format error: Every Parameters object must contain a Type member.'],
    ['{Type: String, Wrong: 1}', 'a', "Invalid template parameter property 'Wrong'"],
    ['{Type: String, AllowedValues: [a, b]}', 'c', "Parameter 'P' must be one of AllowedValues"],
    ['{Type: String, AllowedValues: a}', 'a', 'Template format error: Every AllowedValues member must be a list.'],
    ['{Type: String, MinLength: 2}', 'c', "Parameter 'P' must contain at least 2 characters"],
    ['{Type: String, MaxLength: "2"}', 'abc', "Parameter 'P' must contain at most 2 characters"],
    ['{Type: Number}', 'abc', "Parameter 'P' must be a number"],
    ['{Type: Number, MaxValue: 5}', '6', "Parameter 'P' must be a number not greater than 5"],
    ['{Type: String, AllowedPattern: "[a-z]+"}', 'a1', "Parameter 'P' must match pattern [a-z]+"],
    [
      '{Type: String, MinLength: 2, ConstraintDescription: be long}',
      'a',
      'Parameter P failed to satisfy constraint: be long',
    ],
    [
      '{Type: "AWS::SSM::Parameter::Value<String>"}',
      '/y',
      'Unable to fetch parameters [/y] from parameter store for this account.',
    ],
    [
      '{Type: String, AllowedPattern: "(a+)+"}',
      `${'a'.repeat(40)}b`,
      'Template format error: AllowedPattern (a+)+ takes too long to match.',
    ],
  ])('%s refuses %s', (declaration, given, words) => {
    expect(() => value(declaration, given)).toThrow(words);
  });

  it('that the template does not have are refused', () => {
    expect(() => plan('Resources: {R: {Type: X::Y::Z}}', { A: '1', B: '2' })).toThrow(
      'Parameters: [A, B] do not exist in the template',
    );
  });
});

describe('sections (template-anatomy.html)', () => {
  const many = (count: number, value: unknown) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`N${index}`, value]));
  const resource = { Type: 'X::Y::Z' };

  it.each<[object, string]>([
    [{}, 'Template format error: At least one Resources member must be defined.'],
    [{ Resources: {} }, 'Template format error: At least one Resources member must be defined.'],
    [{ Resources: [] }, 'Template resources must be a map'],
    [{ Parameters: [], Resources: { R: resource } }, 'Template parameters must be a map'],
    [{ Resources: { R: resource }, Wrong: 1, Worse: 2 }, 'Invalid template property or properties [Wrong, Worse]'],
    [{ Resources: { R: 1 } }, 'Template format error: [/Resources/R] Any Resources member must be an object.'],
    [
      { Resources: { R: {} } },
      'Template format error: [/Resources/R] Every Resources object must contain a Type member.',
    ],
    [
      { Resources: { R: { Type: { Ref: 'P' } } } },
      'Template format error: [/Resources/R] Every Type member must be a string.',
    ],
    [{ Resources: { R: { ...resource, Wrong: 1 } } }, "Invalid template resource property 'Wrong'"],
    [{ Resources: { 'my-r': resource } }, 'Template format error: Resource name my-r is non alphanumeric.'],
    [
      { Resources: { R: { ...resource, DependsOn: [1] } } },
      'Template format error: Every DependsOn value must be a string.',
    ],
    [
      { Resources: { R: { ...resource, DependsOn: 'No' } } },
      'Template format error: Unresolved resource dependencies [No] in the Resources block of the template',
    ],
    [
      { Resources: { R: { ...resource, Condition: ['C'] } } },
      'Template format error: Every Condition member must be a string.',
    ],
    [
      { Resources: { R: { ...resource, Condition: 'C' } } },
      'Template format error: Unresolved condition dependency C in the Resources block of the template',
    ],
    [{ Resources: { R: { ...resource, DeletionPolicy: 'Never' } } }, 'Unrecognized DeletionPolicy Never'],
    [
      { Resources: many(501, resource) },
      'Template format error: Number of resources, 501, is greater than maximum allowed, 500',
    ],
    [
      { Parameters: many(201, { Type: 'String' }), Resources: { R: resource } },
      'Template format error: Number of parameters, 201, is greater than maximum allowed, 200',
    ],
    [
      { Outputs: many(201, { Value: 'a' }), Resources: { R: resource } },
      'Template format error: Number of outputs, 201, is greater than maximum allowed, 200',
    ],
    [
      { Outputs: { O: {} }, Resources: { R: resource } },
      'Template format error: Every Outputs member must contain a Value object',
    ],
    [
      { Outputs: { O: { Value: ['a'] } }, Resources: { R: resource } },
      'Template format error: The Value field of every Outputs member must evaluate to a String and not a List.',
    ],
    [
      { Outputs: { O: { Value: { Ref: 'No' } } }, Resources: { R: resource } },
      'Template format error: Unresolved resource dependencies [No] in the Outputs block of the template',
    ],
    [
      { Outputs: { O: { Value: 'a', Export: {} } }, Resources: { R: resource } },
      'Template format error: Output O is malformed. The Name field of every Export member must be specified and consist only of alphanumeric characters, colons, or hyphens.',
    ],
    [
      { Mappings: { M: { a: 'b' } }, Resources: { R: resource } },
      'Template format error: Every Mappings member a must be a map',
    ],
    [
      { Mappings: { M: { a: { b: { c: 1 } } } }, Resources: { R: resource } },
      'Template format error: Every Mappings attribute must be a String or a List.',
    ],
    [
      { Conditions: { C: true }, Resources: { R: resource } },
      'Template format error: Conditions can only be boolean operations on parameters and other conditions',
    ],
    [
      { Conditions: { C: { 'Fn::Equals': ['a'] } }, Resources: { R: resource } },
      'Template error: every Fn::Equals object requires a list of 2 string parameters.',
    ],
    [
      { Conditions: { C: { 'Fn::Equals': [{ Ref: 'R' }, 'a'] } }, Resources: { R: resource } },
      'Template format error: Unresolved dependencies [R]. Cannot reference resources in the Conditions block of the template',
    ],
    [
      { Conditions: { C: { 'Fn::Equals': [{ 'Fn::ImportValue': 'a' }, 'a'] } }, Resources: { R: resource } },
      'Template error: Cannot use Fn::ImportValue in Conditions.',
    ],
    [
      { Conditions: { C: { 'Fn::Contains': [['a'], 'a'] } }, Resources: { R: resource } },
      'Conditions can only be boolean operations',
    ],
    [{ Description: 'd'.repeat(1025), Resources: { R: resource } }, 'Description'],
    [{ AWSTemplateFormatVersion: '2011-01-01', Resources: { R: resource } }, 'AWSTemplateFormatVersion'],
    [
      { Resources: { R: { ...resource, Properties: { V: { 'Fn::ImportValue': { Ref: 'R' } } } } } },
      'Template error: the attribute in Fn::ImportValue must not depend on any resources, imported values, or Fn::GetAZs',
    ],
  ])('%j is refused', (document, words) => {
    expect(() => parseTemplate(JSON.stringify(document))).toThrow(words);
  });

  it('outputs come with their export names, those alone whose condition holds', () => {
    const { resolveOutputs } = plan(`
Conditions: { Yes: !Equals [a, a], No: !Not [!Condition Yes] }
Resources: { R: { Type: X::Y::Z } }
Outputs:
  One: { Value: !GetAtt R.Arn, Description: The ARN, Export: { Name: !Sub "\${AWS::StackName}:arn" } }
  Two: { Value: 2, Condition: Yes }
  Three: { Value: 3, Condition: No }
`);
    expect(resolveOutputs(attributes)).toEqual([
      { key: 'One', value: 'R.Arn', description: 'The ARN', exportName: 'demo:arn' },
      { key: 'Two', value: '2' },
    ]);
  });

  it('an export is named by letters, digits, colons and hyphens', () => {
    const { resolveOutputs } = plan(
      'Resources: { R: { Type: X::Y::Z } }\nOutputs: { O: { Value: a, Export: { Name: !Sub "${AWS::StackName}_x" } } }',
    );
    expect(() => resolveOutputs(attributes)).toThrow('Template format error: Output O is malformed.');
  });
});

describe('rules (rules-section-structure.html, intrinsic-function-reference-rules.html)', () => {
  const rule = (assert: string, condition = '!Equals [a, a]') => `
Parameters:
  Stage: { Type: String, Default: prod }
  Subnets: { Type: "List<AWS::EC2::Subnet::Id>", Default: "s-1,s-2" }
Rules:
  R: { RuleCondition: ${condition}, Assertions: [{ Assert: ${assert}, AssertDescription: Told so }] }
Resources: { A: { Type: X::Y::Z } }`;

  it.each([
    ['!Contains [[prod, test], !Ref Stage]', true],
    ['!Contains [[test], !Ref Stage]', false],
    ['!EachMemberEquals [[a, a], a]', true],
    ['!EachMemberEquals [[a, b], a]', false],
    ['!EachMemberIn [!Ref Subnets, !RefAll "AWS::EC2::Subnet::Id"]', true],
    ['!EachMemberIn [!Ref Subnets, [s-1]]', false],
    ['!And [!Equals [!Ref Stage, prod], !Not [!Equals [!Ref "AWS::Region", x]]]', true],
    ['!Or [!Equals [!Ref Stage, a], !Equals [!Ref Stage, b]]', false],
  ])('%s is %s', (assert, holds) => {
    if (holds) expect(plan(rule(assert)).resources.size).toBe(1);
    else expect(() => plan(rule(assert))).toThrow('Rule R failed: Told so');
    expect(plan(rule(assert, '!Equals [a, b]')).resources.size).toBe(1);
  });
});

it('the CDK bootstrap template is planned', () => {
  const path = '../../../../../node_modules/aws-cdk/lib/api/bootstrap/bootstrap-template.yaml';
  const bootstrap = plan(readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8'), {
    FileAssetsBucketKmsKeyId: 'AWS_MANAGED_KEY',
  });
  expect(bootstrap.resources.get('StagingBucket')?.type).toBe('AWS::S3::Bucket');
  expect(bootstrap.resources.has('FileAssetsBucketEncryptionKey')).toBe(false);
  const outputs = bootstrap.resolveOutputs(attributes);
  expect(outputs.map(({ key }) => key)).toContain('BootstrapVersion');
});
