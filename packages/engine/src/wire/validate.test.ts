import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { dateOf } from '../kernel/clock.ts';
import { type Constraint, loadModel, metadata, model } from './model.ts';
import { validate, validateCall } from './validate.ts';

beforeAll(async () => {
  await Promise.all(Object.keys(metadata).map(loadModel));
});

/** `code: message` of what an input violates, or nothing. */
function verdict(service: string, operation: string, input: unknown): string | undefined {
  try {
    validate(model(service)!, operation, input);
    return undefined;
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code}: ${message}`;
  }
}

const NULL = 'failed to satisfy constraint: Member must not be null';

it.each<[string, string, string, unknown, string]>([
  [
    'a pattern (aws/aws-sdk-js-v3#2240)',
    'eventbridge',
    'PutTargets',
    { Rule: 'arn:aws:events:eu-west-1:1:rule/Test', Targets: [{ Id: 'i', Arn: 'a' }] },
    "ValidationException: 1 validation error detected: Value 'arn:aws:events:eu-west-1:1:rule/Test' at 'rule' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+",
  ],
  [
    'a missing member in a list (amazon-archives/cloudwatch-logs-centralize-logs#5)',
    'logs',
    'PutLogEvents',
    { logGroupName: 'g', logStreamName: 's', logEvents: [{ message: 'm' }] },
    `InvalidParameterException: 1 validation error detected: Value null at 'logEvents.1.member.timestamp' ${NULL}`,
  ],
  [
    'the length of a list (brefphp/bref#412)',
    'logs',
    'FilterLogEvents',
    { logGroupName: 'g', logStreamNames: [] },
    "InvalidParameterException: 1 validation error detected: Value '[]' at 'logStreamNames' failed to satisfy constraint: Member must have length greater than or equal to 1",
  ],
  [
    'a range (hashicorp/terraform#12601)',
    'lambda',
    'UpdateFunctionConfiguration',
    { FunctionName: 'f', Timeout: 0 },
    "ValidationException: 1 validation error detected: Value '0' at 'timeout' failed to satisfy constraint: Member must have value greater than or equal to 1",
  ],
  [
    'a member of a list of structures (SWO-GS/auto-tag#90)',
    'iam',
    'TagRole',
    { RoleName: 'r', Tags: [{ Key: 'k', Value: 'a, b' }] },
    "ValidationError: 1 validation error detected: Value 'a, b' at 'tags.1.member.value' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*",
  ],
  [
    'simple values in a list (zalando-incubator/kube-ingress-aws-controller#248)',
    'eventbridge',
    'UntagResource',
    { ResourceARN: 'arn:aws:events:us-east-1:1:rule/r', TagKeys: ['a', ''] },
    "ValidationException: 1 validation error detected: Value '[a, ]' at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1]",
  ],
  [
    'map keys',
    'lambda',
    'UpdateFunctionConfiguration',
    { FunctionName: 'f', Environment: { Variables: { '1': 'x' } } },
    "ValidationException: 1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]",
  ],
  [
    'an enum',
    'logs',
    'DescribeLogStreams',
    { orderBy: 'Name' },
    "InvalidParameterException: 1 validation error detected: Value 'Name' at 'orderBy' failed to satisfy constraint: Member must satisfy enum value set: [LogStreamName, LastEventTime]",
  ],
  [
    'a sensitive value, without it',
    'iam',
    'ChangePassword',
    { OldPassword: 'old', NewPassword: 'п' },
    "ValidationError: 1 validation error detected: Value at 'newPassword' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+",
  ],
  [
    'all at once',
    'eventbridge',
    'PutTargets',
    { Rule: 'r', Targets: [{}, { Id: 'i', Arn: 'a' }] },
    `ValidationException: 2 validation errors detected: Value null at 'targets.1.member.id' ${NULL}; Value null at 'targets.1.member.arn' ${NULL}`,
  ],
])('tells of %s', (_, service, operation, input, expected) => {
  expect(verdict(service, operation, input)).toBe(expected);
});

it.each<[string, string, string, unknown]>([
  ['a structure', 'eventbridge', 'PutTargets', { Rule: 'r', Targets: ['x'] }],
  ['a list', 'eventbridge', 'PutTargets', { Rule: 'r', Targets: {} }],
  ['a map', 'lambda', 'TagResource', { Resource: 'r', Tags: [] }],
  ['a String', 'eventbridge', 'PutRule', { Name: 5 }],
  ['an Integer', 'lambda', 'UpdateFunctionConfiguration', { FunctionName: 'f', Timeout: 1.5 }],
  ['a Boolean', 'lambda', 'UpdateFunctionCode', { FunctionName: 'f', Publish: 'true' }],
  ['a Timestamp', 'eventbridge', 'PutEvents', { Entries: [{ Time: '2026-01-01' }] }],
  ['a Blob', 'lambda', 'Invoke', { FunctionName: 'f', Payload: {} }],
])('tells what is not %s', (wanted, service, operation, input) => {
  expect(verdict(service, operation, input)).toMatch(
    new RegExp(`^SerializationException: .* can not be converted to ${wanted}$`),
  );
});

it('takes what satisfies everything', () => {
  const entry = { Source: 's', DetailType: 't', Detail: '{}', Time: dateOf(0), Resources: ['r'] };
  expect(verdict('eventbridge', 'PutEvents', { Entries: [entry] })).toBeUndefined();
  expect(
    verdict('cloudwatch', 'PutMetricData', { Namespace: 'n', MetricData: [{ MetricName: 'm', Value: 0.5 }] }),
  ).toBeUndefined();
  expect(verdict('sts', 'GetCallerIdentity', {})).toBeUndefined();
});

it('quotes no more of a value than fits, and tells of no more violations than fit', () => {
  expect(verdict('eventbridge', 'PutRule', { Name: 'x'.repeat(1e6) })!.length).toBeLessThan(2_000);
  const Targets = Array.from({ length: 1_000 }, () => ({}));
  expect(verdict('eventbridge', 'PutTargets', { Rule: 'r', Targets })).toContain('100 validation errors detected');
});

it('has an expression for every pattern of every model, and none that a long value holds up', () => {
  const repeated = [' ', 'a', '-', '0', '/', 'a ', '-a', '\t', 'a/', 'arn:aws:events::0:/'];
  const patterns = Object.keys(metadata).flatMap((service) => {
    const { constraints } = JSON.parse(readFileSync(`${import.meta.dirname}/models/${service}.generated.json`, 'utf8'));
    return constraints.filter((constraint: Constraint) => constraint.pattern !== undefined);
  });
  expect(patterns.length).toBeGreaterThan(100);
  for (const { pattern, regexp } of patterns) {
    const expression = new RegExp(`^(?:${regexp ?? pattern})$`, 'u');
    expect(() => repeated.map((text) => expression.test(`${text.repeat(20_000)}\u0000\n`))).not.toThrow();
  }
});

it('loads a model when it has to', async () => {
  await expect(async () => validateCall('eventbridge', 'PutRule', {})).rejects.toMatchObject({
    code: 'ValidationException',
  });
  await expect(async () => validateCall('nonesuch', 'X', {})).rejects.toThrow(RangeError);
});
