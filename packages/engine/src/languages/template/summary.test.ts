import { expect, it } from 'vitest';
import { parseTemplate, summarizeTemplate } from './index.ts';

const summary = (text: string) =>
  summarizeTemplate(parseTemplate(text), (type) => (type === 'AWS::S3::Bucket' ? ['BucketName'] : undefined));

it('sums up a template (API_GetTemplateSummary.html)', () => {
  expect(
    summary(`
AWSTemplateFormatVersion: 2010-09-09
Description: Two buckets
Metadata: { Kept: { A: 1 } }
Parameters:
  Secret: { Type: String, NoEcho: true, Description: Tell nobody }
  Size: { Type: Number, Default: 5, AllowedValues: [5, 10] }
Resources:
  One: { Type: AWS::S3::Bucket }
  Two: { Type: AWS::S3::Bucket }
  Queue: { Type: AWS::SQS::Queue }
`),
  ).toEqual({
    Version: '2010-09-09',
    Description: 'Two buckets',
    Metadata: '{"Kept":{"A":1}}',
    Parameters: [
      {
        ParameterKey: 'Secret',
        ParameterType: 'String',
        NoEcho: true,
        Description: 'Tell nobody',
        ParameterConstraints: {},
      },
      {
        ParameterKey: 'Size',
        ParameterType: 'Number',
        NoEcho: false,
        DefaultValue: '5',
        ParameterConstraints: { AllowedValues: ['5', '10'] },
      },
    ],
    Capabilities: [],
    ResourceTypes: ['AWS::S3::Bucket', 'AWS::SQS::Queue'],
    DeclaredTransforms: [],
    ResourceIdentifierSummaries: [
      { ResourceType: 'AWS::S3::Bucket', LogicalResourceIds: ['One', 'Two'], ResourceIdentifiers: ['BucketName'] },
    ],
  });
});

it.each([
  ['{ Type: AWS::SQS::Queue }', []],
  ['{ Type: AWS::IAM::Role }', ['CAPABILITY_IAM']],
  ['{ Type: AWS::IAM::Policy, Properties: { PolicyName: p } }', ['CAPABILITY_IAM']],
  ['{ Type: AWS::IAM::Role, Properties: { RoleName: r } }', ['CAPABILITY_NAMED_IAM']],
])('%s needs %j (control-access-with-iam.html)', (resource, capabilities) => {
  expect(summary(`Resources: { R: ${resource} }`).Capabilities).toEqual(capabilities);
});

it('macros need CAPABILITY_AUTO_EXPAND', () => {
  const { Capabilities, DeclaredTransforms } = summary(`
Transform: AWS::Serverless-2016-10-31
Globals: { Function: { Timeout: 3 } }
Resources: { F: { Type: AWS::Serverless::Function, Properties: { Handler: a.b } } }`);
  expect(Capabilities).toEqual(['CAPABILITY_AUTO_EXPAND']);
  expect(DeclaredTransforms).toEqual(['AWS::Serverless-2016-10-31']);
});
