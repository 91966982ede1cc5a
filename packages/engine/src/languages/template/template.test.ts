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
    ['', ''],
  ])('%s', (yaml, value) => {
    if (yaml === '') expect(inside('""')).toBe('');
    else expect(inside(yaml)).toBe(value);
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
