import { describe, expect, test } from 'vitest';
import { type PolicyKind, validatePolicy } from './index.ts';

const ALLOW = { Effect: 'Allow', Action: 's3:ListBucket', Resource: 'arn:aws:s3:::example_bucket' };
const TRUST = { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' };

function policy(...statements: unknown[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

function refusal(text: string, kind: PolicyKind): string {
  try {
    validatePolicy(text, kind);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
}

describe('a policy of an identity', () => {
  test.each<[string, string]>([
    ['one statement', policy(ALLOW)],
    ['a statement that is not in a list', JSON.stringify({ Version: '2012-10-17', Statement: ALLOW })],
    ['no version, as old public templates have it', JSON.stringify({ Statement: [ALLOW] })],
    [
      'the version last (reference_policies_grammar.html: blocks in any order)',
      `{"Statement":[${JSON.stringify(ALLOW)}],"Version":"2012-10-17"}`,
    ],
    ['an id', JSON.stringify({ Version: '2012-10-17', Id: 'x', Statement: [ALLOW] })],
    ['an empty Sid', policy({ ...ALLOW, Sid: '' }, { ...ALLOW, Sid: '' })],
    ['NotAction and NotResource', policy({ Effect: 'Deny', NotAction: 'iam:*', NotResource: '*' })],
    ['wildcards in all parts of an ARN', policy({ ...ALLOW, Resource: 'arn:*:s3:*:*:a?b' })],
    ['an ARN cut short by a wildcard', policy({ ...ALLOW, Resource: 'arn:aws:logs:*' })],
    [
      'a condition of numbers and booleans',
      policy({
        ...ALLOW,
        Condition: { NumericLessThan: { 's3:max-keys': 10 }, Bool: { 'aws:SecureTransport': [true, 'true'] } },
      }),
    ],
    [
      'all forms of an operator',
      policy({
        ...ALLOW,
        Condition: {
          'ForAnyValue:StringNotLikeIfExists': { 'aws:TagKeys': ['a*'] },
          Null: { 'aws:TokenIssueTime': true },
        },
      }),
    ],
  ])('may have %s', (_, text) => {
    expect(refusal(text, 'inline')).toBe('accepted');
  });

  // Words as users report them: github.com/boto/boto3/issues/180, aws-samples/aws-health-aware/issues/1,
  // garnaat/kappa/issues/111, Wolox/carthage_cache/issues/22, kubernetes/kops/issues/4951, dan-v/awslambdaproxy/pull/3,
  // hashicorp/terraform/issues/13449, felipefrizzo/terraform-aws-transfer-server/issues/6.
  test.each<[string, string, string]>([
    ['what is no JSON', 'file.json', 'Syntax errors in policy.'],
    ['null', 'null', 'Syntax errors in policy.'],
    ['no statement', '{"Version":"2012-10-17"}', 'Syntax errors in policy.'],
    ['an empty list of statements', policy(), 'Syntax errors in policy.'],
    [
      'a version that does not exist',
      JSON.stringify({ Version: '2012-10-18', Statement: [ALLOW] }),
      'Syntax errors in policy.',
    ],
    ['an unknown field', policy({ ...ALLOW, Comment: 'x' }), 'Syntax errors in policy.'],
    ['an effect in lower case', policy({ ...ALLOW, Effect: 'allow' }), 'Syntax errors in policy.'],
    ['no effect', policy({ ...ALLOW, Effect: undefined }), 'Syntax errors in policy.'],
    ['Action and NotAction', policy({ ...ALLOW, NotAction: 's3:*' }), 'Syntax errors in policy.'],
    ['a null resource', policy({ ...ALLOW, Resource: null }), 'Syntax errors in policy.'],
    [
      'a key twice (reference_policies_grammar.html)',
      policy(ALLOW).replace('"Effect"', '"Effect":"Deny","Effect"'),
      'Syntax errors in policy.',
    ],
    [
      'a key twice, once in escapes',
      policy(ALLOW).replace('"Effect"', '"\\u0045ffect":"Deny","Effect"'),
      'Syntax errors in policy.',
    ],
    [
      'an operator that does not exist',
      policy({ ...ALLOW, Condition: { StringIs: { 'aws:username': 'a' } } }),
      'Syntax errors in policy.',
    ],
    [
      'Null with IfExists',
      policy({ ...ALLOW, Condition: { NullIfExists: { 'aws:username': 'true' } } }),
      'Syntax errors in policy.',
    ],
    ['white space in front', ` ${policy(ALLOW)}`, 'The policy failed legacy parsing'],
    ['a principal', policy({ ...ALLOW, Principal: '*' }), 'Policy document should not specify a principal.'],
    ['no action', policy({ ...ALLOW, Action: undefined }), 'Policy statement must contain actions.'],
    ['no resource', policy({ ...ALLOW, Resource: [] }), 'Policy statement must contain resources.'],
    [
      'two statements of one Sid',
      policy({ ...ALLOW, Sid: 'a' }, { ...ALLOW, Sid: 'a' }),
      'Statement IDs (SID) in a single policy must be unique.',
    ],
    [
      'a Sid with a dash',
      policy({ ...ALLOW, Sid: 'a-b' }),
      'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
    ],
    [
      'an action of no service',
      policy({ ...ALLOW, Action: 'ListBucket' }),
      'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
    ],
    [
      'a condition key of no service',
      policy({ ...ALLOW, Condition: { Bool: { x: true } } }),
      'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
    ],
    [
      'an action of two colons',
      policy({ ...ALLOW, Action: 's3:a:b' }),
      'Actions/Condition can contain only one colon.',
    ],
    ['a service with a wildcard', policy({ ...ALLOW, Action: 's3*:Get' }), 'Vendor s3* is not valid'],
    ['a resource that is no ARN', policy({ ...ALLOW, Resource: '/*' }), 'Resource /* must be in ARN format or "*".'],
    [
      'a partition that does not exist',
      policy({ ...ALLOW, Resource: 'arn:s3:::b' }),
      'Partition "s3" is not valid for resource "arn:s3:::b".',
    ],
  ])('is refused for %s', (_, text, words) => {
    expect(refusal(text, 'inline')).toBe(words);
  });

  test('must be of the newer version as a managed policy (github.com/Meteor-Community-Packages/Meteor-CollectionFS/issues/630)', () => {
    expect(refusal(JSON.stringify({ Statement: [ALLOW] }), 'managed')).toBe(
      'Policy document must be version 2012-10-17 or greater.',
    );
    expect(refusal(policy(ALLOW), 'managed')).toBe('accepted');
  });
});

describe('a trust policy', () => {
  test.each<[string, unknown]>([
    ['a service', { Service: ['lambda.amazonaws.com', 'events.amazonaws.com'] }],
    ['an account', { AWS: '123456789012' }],
    ['a root user', { AWS: 'arn:aws:iam::123456789012:root' }],
    ['a role with a path', { AWS: 'arn:aws:iam::123456789012:role/a/b' }],
    ['a session', { AWS: 'arn:aws:sts::123456789012:assumed-role/role/session' }],
    ['everyone', { AWS: '*' }],
    ['a unique id', { AWS: 'AROADBQP57FF2AEXAMPLE' }],
    ['an OIDC provider', { Federated: 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com' }],
    ['a web identity provider', { Federated: 'cognito-identity.amazonaws.com' }],
  ])('may name %s', (_, Principal) => {
    expect(refusal(policy({ ...TRUST, Principal }), 'trust')).toBe('accepted');
    expect(refusal(JSON.stringify({ Statement: [{ ...TRUST, Principal }] }), 'trust')).toBe('accepted');
  });

  // Words as users report them: github.com/kubernetes-sigs/external-dns/issues/3085, opstrace/opstrace/issues/88,
  // aws/aws-cdk/issues/5732.
  test.each<[string, string, string]>([
    ['what is no JSON', 'trust.json', 'This policy contains invalid Json'],
    ['a resource', policy({ ...TRUST, Resource: '*' }), 'Has prohibited field Resource'],
    [
      'NotPrincipal',
      policy({ ...TRUST, Principal: undefined, NotPrincipal: { AWS: '*' } }),
      'Has prohibited field NotPrincipal',
    ],
    ['no principal', policy({ ...TRUST, Principal: undefined }), 'Missing required field Principal'],
    ['no action', policy({ ...TRUST, Action: undefined }), 'Missing required field Action'],
    ['no effect', policy({ ...TRUST, Effect: undefined }), 'Missing required field Effect'],
    ['no statement', '{}', 'Missing required field Statement'],
    ['an unknown field', policy({ ...TRUST, Comment: 'x' }), 'Unknown field Comment'],
    [
      'a bare star',
      policy({ ...TRUST, Principal: '*' }),
      'AssumeRolepolicy contained an invalid principal: "STAR":"*".',
    ],
    [
      'part of a name',
      policy({ ...TRUST, Principal: { AWS: 'arn:aws:iam::*:root' } }),
      'Invalid principal in policy: "AWS":"arn:aws:iam::*:root"',
    ],
    [
      'a service that is no name',
      policy({ ...TRUST, Principal: { Service: 'lambda' } }),
      'Invalid principal in policy: "SERVICE":"lambda"',
    ],
    [
      'actions of others',
      policy({ ...TRUST, Action: ['sts:AssumeRole', 's3:Get*'] }),
      'AssumeRole policy may only specify STS AssumeRole actions.',
    ],
  ])('is refused for %s', (_, text, words) => {
    expect(refusal(text, 'trust')).toBe(words);
  });
});

test('a policy of a resource must name a principal, and may do without a resource', () => {
  const statement = { Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage' };
  expect(refusal(policy(statement), 'resource')).toBe('accepted');
  expect(
    refusal(policy({ ...statement, Sid: 'with spaces', Resource: 'arn:aws:sqs:us-east-1:123456789012:q' }), 'resource'),
  ).toBe('accepted');
  expect(refusal(policy({ ...statement, Principal: undefined }), 'resource')).toBe('Missing required field Principal');
});

test('hostile documents are refused at once', () => {
  const hostile = [
    '['.repeat(131_072),
    '{"a":'.repeat(20_000),
    `{"Version":"${' '.repeat(131_000)}"}`,
    `"${'\\"'.repeat(65_000)}"`,
    policy({ ...TRUST, Principal: { Federated: `a${'.a'.repeat(60_000)} ` } }),
    `${policy(ALLOW)}${' '.repeat(131_072)}`,
  ];
  for (const text of hostile) expect(refusal(text, 'trust')).not.toBe('accepted');
});
