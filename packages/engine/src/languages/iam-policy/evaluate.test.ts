// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${…} is a variable of the policy language here.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Evaluation, evaluatePolicies, type Principal, parsePolicy, type Request } from './index.ts';

const ALICE: Principal = { type: 'AWS', id: 'arn:aws:iam::111122223333:user/alice' };
const SESSION: Principal = {
  type: 'AWS',
  id: 'arn:aws:sts::111122223333:assumed-role/ring/session',
  roleArn: 'arn:aws:iam::111122223333:role/ring',
};
const EVENTS: Principal = { type: 'Service', id: 'events.amazonaws.com' };

function evaluate(statements: unknown, request: Partial<Request> = {}, version = '2012-10-17'): Evaluation {
  const policy = parsePolicy(JSON.stringify({ Version: version, Statement: statements }));
  return evaluatePolicies([{ name: 'p', policy }], {
    ...{ principal: ALICE, action: 's3:GetObject', resource: 'arn:aws:s3:::bucket/key', context: {} },
    ...request,
  });
}

/** Whether a statement applies to a request. */
function applies(statement: object, request: Partial<Request> = {}, version?: string): boolean {
  const whole = { Effect: 'Allow', Action: '*', Resource: '*', ...statement };
  return evaluate(whole, request, version).decision === 'allowed';
}

/** Whether a condition is met by a context. */
function met(operator: string, wanted: unknown, given?: string | string[]): boolean {
  return applies(
    { Condition: { [operator]: { 'a:Key': wanted } } },
    { context: given === undefined ? {} : { 'A:key': given } },
  );
}

describe('a decision (reference_policies_evaluation-logic.html)', () => {
  test('is an implicit deny when nothing is said', () => {
    expect(evaluatePolicies([], { principal: ALICE, action: 's3:GetObject', resource: '*', context: {} })).toEqual({
      decision: 'implicitDeny',
      nearMisses: [],
    });
  });

  test('names the statement that allows', () => {
    const statements = [
      { Sid: 'Write', Effect: 'Allow', Action: 's3:Put*', Resource: '*' },
      { Sid: 'Read', Effect: 'Allow', Action: 's3:Get*', Resource: 'arn:aws:s3:::bucket/*' },
    ];
    expect(evaluate(statements)).toEqual({
      decision: 'allowed',
      matched: { policy: 'p', statement: 1, sid: 'Read' },
      nearMisses: [],
    });
  });

  test('an explicit deny wins, wherever it stands', () => {
    const allow = { Effect: 'Allow', Action: '*', Resource: '*' };
    const deny = { Effect: 'Deny', Action: 's3:*', Resource: '*' };
    for (const statements of [
      [allow, deny],
      [deny, allow],
    ]) {
      const { decision, matched } = evaluate(statements);
      expect(decision).toBe('explicitDeny');
      expect(matched?.statement).toBe(statements.indexOf(deny));
    }
  });

  test('tells what came near, and what kept it', () => {
    const unmet = { operator: 'StringEquals', key: 'aws:SourceAccount', values: ['1'] };
    const statements = [
      { Effect: 'Allow', Action: 's3:PutObject', Resource: '*' },
      { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::other/*' },
      { Effect: 'Allow', Action: 's3:Get*', Resource: '*', Condition: { StringEquals: { 'aws:SourceAccount': '1' } } },
    ];
    expect(evaluate(statements)).toEqual({
      decision: 'implicitDeny',
      nearMisses: [
        { policy: 'p', statement: 1, element: 'Resource' },
        { policy: 'p', statement: 2, element: 'Condition', condition: unmet },
      ],
    });
  });
});

describe('elements', () => {
  test('actions match without regard to case, with wildcards (reference_policies_elements_action.html)', () => {
    expect(applies({ Action: 'S3:getobject' })).toBe(true);
    expect(applies({ Action: ['s3:Put*', 's3:G?tOb*'] })).toBe(true);
    expect(applies({ Action: 's3:Get' })).toBe(false);
    expect(applies({ Action: 'sns:*' })).toBe(false);
  });

  test('NotAction and NotResource are all but what they list', () => {
    expect(applies({ Action: undefined, NotAction: ['iam:*', 'sns:*'] })).toBe(true);
    expect(applies({ Action: undefined, NotAction: ['iam:*', 's3:*'] })).toBe(false);
    expect(applies({ Resource: undefined, NotResource: 'arn:aws:s3:::bucket/*' })).toBe(false);
    expect(applies({ Resource: undefined, NotResource: 'arn:aws:s3:::other/*' })).toBe(true);
  });

  test('resources match with regard to case', () => {
    expect(applies({ Resource: 'arn:aws:s3:::bucket/k?y' })).toBe(true);
    expect(applies({ Resource: 'arn:aws:s3:::Bucket/*' })).toBe(false);
  });

  test.each<[unknown, Principal, boolean]>([
    ['*', EVENTS, true],
    [{ AWS: '*' }, SESSION, true],
    [{ AWS: '111122223333' }, ALICE, true],
    [{ AWS: 'arn:aws:iam::111122223333:root' }, SESSION, true],
    [{ AWS: '999999999999' }, ALICE, false],
    [{ AWS: ALICE.id }, ALICE, true],
    [{ AWS: SESSION.roleArn }, SESSION, true],
    [{ AWS: SESSION.id }, SESSION, true],
    [{ AWS: 'arn:aws:iam::111122223333:role/*' }, SESSION, false],
    [{ Service: ['sns.amazonaws.com', 'events.amazonaws.com'] }, EVENTS, true],
    [{ Service: 'sns.amazonaws.com' }, EVENTS, false],
    [{ AWS: EVENTS.id }, EVENTS, false],
  ])('the principal %j and %j (reference_policies_elements_principal.html)', (Principal, principal, named) => {
    expect(applies({ Principal }, { principal })).toBe(named);
    expect(applies({ NotPrincipal: Principal }, { principal })).toBe(!named);
  });
});

describe('variables (reference_policies_variables.html)', () => {
  const context = { 'aws:username': 'alice', 'aws:PrincipalTag/team': 'a*', 'aws:TagKeys': ['x', 'y'] };
  const bucket = (path: string) => ({ Resource: `arn:aws:s3:::bucket/${path}` });

  test('take a value of the request', () => {
    const resource = 'arn:aws:s3:::bucket/alice/key';
    expect(applies(bucket('${aws:username}/*'), { resource, context })).toBe(true);
    expect(applies(bucket('${AWS:UserName}/*'), { resource, context })).toBe(true);
    expect(applies(bucket('${aws:username}'), { resource, context })).toBe(false);
  });

  test('bring in no wildcards', () => {
    expect(applies(bucket('${aws:PrincipalTag/team}'), { resource: 'arn:aws:s3:::bucket/a*', context })).toBe(true);
    expect(applies(bucket('${aws:PrincipalTag/team}'), { resource: 'arn:aws:s3:::bucket/abc', context })).toBe(false);
    expect(applies(bucket('${*}'), { resource: 'arn:aws:s3:::bucket/*' })).toBe(true);
    expect(applies(bucket('${*}'), { resource: 'arn:aws:s3:::bucket/a' })).toBe(false);
    expect(applies(bucket('${$}${?}'), { resource: 'arn:aws:s3:::bucket/$?' })).toBe(true);
  });

  test('without a value apply to nothing, unless they have a default', () => {
    expect(applies(bucket('${aws:userid}'), { resource: 'arn:aws:s3:::bucket/', context })).toBe(false);
    expect(applies({ Resource: undefined, NotResource: '${aws:userid}' }, { context })).toBe(false);
    expect(applies(bucket("${aws:userid, 'home'}"), { resource: 'arn:aws:s3:::bucket/home', context })).toBe(true);
    expect(applies(bucket('${aws:TagKeys}'), { resource: 'arn:aws:s3:::bucket/x', context })).toBe(false);
  });

  test('are plain text in the older version', () => {
    const resource = 'arn:aws:s3:::bucket/${aws:username}';
    expect(applies(bucket('${aws:username}'), { resource, context }, '2008-10-17')).toBe(true);
    expect(applies(bucket('${aws:username}'), { resource, context })).toBe(false);
  });

  test('stand in conditions of text and ARNs', () => {
    const conditions = {
      StringLike: { 's3:prefix': 'home/${aws:username}/*' },
      StringEquals: { 'a:b': '${aws:username}' },
    };
    expect(
      applies({ Condition: conditions }, { context: { ...context, 's3:prefix': 'home/alice/x', 'a:b': 'alice' } }),
    ).toBe(true);
    expect(
      applies({ Condition: conditions }, { context: { ...context, 's3:prefix': 'home/bob/x', 'a:b': 'alice' } }),
    ).toBe(false);
  });
});

describe('conditions (reference_policies_elements_condition_operators.html)', () => {
  const ARN = 'arn:aws:sns:us-east-1:111122223333:topic';

  test.each<[string, unknown, string, boolean]>([
    ['StringEquals', 'a', 'a', true],
    ['StringEquals', ['a', 'b'], 'b', true],
    ['StringEquals', 'a*', 'ab', false],
    ['StringEqualsIgnoreCase', 'aB', 'Ab', true],
    ['StringLike', 'a*', 'ab', true],
    ['StringLike', 'A*', 'ab', false],
    ['NumericEquals', 10, '10.0', true],
    ['NumericEquals', 'ten', 'ten', false],
    ['NumericLessThan', '10', '9', true],
    ['NumericLessThan', '10', '10', false],
    ['NumericLessThanEquals', '10', '10', true],
    ['NumericGreaterThan', '10', '11', true],
    ['NumericGreaterThan', '10', '10', false],
    ['NumericGreaterThanEquals', '10', '10', true],
    ['DateEquals', '2020-01-01T00:00:00Z', '1577836800', true],
    ['DateEquals', '2020-01-01', '2020-01-01T01:00:00+01:00', true],
    ['DateLessThan', '2020-02-29T12:00Z', '2020-02-29T11:59:59.9Z', true],
    ['DateLessThanEquals', '2020', '2020-01-01T00:00:00Z', true],
    ['DateGreaterThan', '2020-01', '2019-12-31T23:59:59Z', false],
    ['DateGreaterThanEquals', '2000-03-01T00:00:00Z', '951868800', true],
    ['DateEquals', '2020-13-01', '2020-13-01', false],
    ['Bool', true, 'TRUE', true],
    ['Bool', 'false', 'true', false],
    ['BinaryEquals', 'QmluYXJ5VmFsdWVJbkJhc2U2NA==', 'QmluYXJ5VmFsdWVJbkJhc2U2NA==', true],
    ['BinaryEquals', 'QUJD', 'QUJE', false],
    ['IpAddress', '203.0.113.0/24', '203.0.113.255', true],
    ['IpAddress', '203.0.113.0/24', '203.0.114.0', false],
    ['IpAddress', '203.0.113.7', '203.0.113.7', true],
    ['IpAddress', '2001:DB8:1234:5678::/64', '2001:db8:1234:5678::1', true],
    ['IpAddress', '2001:DB8:1234:5678::/64', '2001:db8:1234:5679::1', false],
    ['IpAddress', '0.0.0.0/0', 'not an address', false],
    ['IpAddress', '1.2.3.4/33', '1.2.3.4', false],
    ['ArnEquals', ARN, ARN, true],
    ['ArnEquals', 'arn:aws:sns:*:111122223333:t?pic', ARN, true],
    ['ArnLike', 'arn:aws:*:111122223333:topic', ARN, false],
    [
      'ArnLike',
      'arn:aws:someservice:*:111122223333:finance/*',
      'arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt',
      false,
    ],
    [
      'StringLike',
      'arn:aws:someservice:*:111122223333:finance/*',
      'arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt',
      true,
    ],
    ['ArnLike', 'arn:aws:events:*:*:rule/*', 'arn:aws:events:us-east-1:1:rule/a:b', true],
    ['ArnLike', '*', 'no arn', false],
  ])('%s %j against %s: %s', (operator, wanted, given, expected) => {
    expect(met(operator, wanted, given)).toBe(expected);
  });

  test.each([
    ['StringNotEquals', 'a', 'a', 'b'],
    ['StringNotEqualsIgnoreCase', 'a', 'A', 'b'],
    ['StringNotLike', 'a*', 'ab', 'ba'],
    ['NumericNotEquals', '1', '1.0', '2'],
    ['DateNotEquals', '2020-01-01', '1577836800', '2020-01-02'],
    ['NotIpAddress', '10.0.0.0/8', '10.1.2.3', '11.0.0.0'],
    ['ArnNotEquals', ARN, ARN, `${ARN}s`],
    ['ArnNotLike', `${ARN}*`, ARN, ARN.slice(0, -1)],
  ])('%s is met by what differs, and by a key that is missing', (operator, wanted, same, other) => {
    expect(met(operator, wanted, same)).toBe(false);
    expect(met(operator, wanted, other)).toBe(true);
    expect(met(operator, wanted)).toBe(true);
    expect(met(operator, [wanted, other], other)).toBe(false);
  });

  test('a missing key meets nothing else, unless the operator says IfExists', () => {
    for (const operator of ['StringEquals', 'NumericLessThan', 'DateEquals', 'Bool', 'IpAddress', 'ArnLike']) {
      expect(met(operator, '*')).toBe(false);
      expect(met(`${operator}IfExists`, '*')).toBe(true);
    }
    expect(met('StringEqualsIfExists', 'a', 'b')).toBe(false);
  });

  test('Null tells whether a key is there', () => {
    expect(met('Null', 'true')).toBe(true);
    expect(met('Null', true, 'x')).toBe(false);
    expect(met('Null', 'false', 'x')).toBe(true);
    expect(met('Null', 'false')).toBe(false);
  });

  test('sets (reference_policies_condition-single-vs-multi-valued-context-keys.html)', () => {
    expect(met('ForAllValues:StringEquals', ['a', 'b'], ['a', 'b', 'a'])).toBe(true);
    expect(met('ForAllValues:StringEquals', ['a', 'b'], ['a', 'c'])).toBe(false);
    expect(met('ForAllValues:StringEquals', 'a')).toBe(true);
    expect(met('ForAnyValue:StringLike', ['a*'], ['b', 'ab'])).toBe(true);
    expect(met('ForAnyValue:StringLike', ['a*'], ['b', 'c'])).toBe(false);
    expect(met('ForAnyValue:StringEquals', 'a')).toBe(false);
    expect(met('ForAnyValue:StringNotEquals', 'a')).toBe(false);
    expect(met('ForAllValues:StringNotEquals', ['a'], ['b', 'a'])).toBe(false);
    expect(met('ForAnyValue:StringNotEquals', ['a'], ['b', 'a'])).toBe(true);
  });

  test('all operators and keys must be met', () => {
    const Condition = { StringEquals: { 'a:a': '1', 'a:b': '2' }, Bool: { 'a:c': true } };
    expect(applies({ Condition }, { context: { 'a:a': '1', 'a:b': '2', 'a:c': 'true' } })).toBe(true);
    for (const missing of ['a:a', 'a:b', 'a:c']) {
      expect(applies({ Condition }, { context: { 'a:a': '1', 'a:b': '2', 'a:c': 'true', [missing]: 'x' } })).toBe(
        false,
      );
    }
  });
});

describe('wildcards', () => {
  test('match as a regular expression does', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', ':', '$', '.', '\n'), { maxLength: 12 })
      .map((parts) => parts.join(''));
    const pattern = fc
      .array(fc.constantFrom('a', 'b', ':', '*', '?', '.'), { maxLength: 8 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(pattern, text, (wanted, given) => {
        const source = wanted.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
        expect(met('StringLike', wanted, given)).toBe(new RegExp(`^${source}$`, 's').test(given));
      }),
      { numRuns: 5_000 },
    );
  });

  test('a value always matches itself through a variable', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const resource = `arn:aws:s3:::${value}!`;
        const statement = { Resource: 'arn:aws:s3:::${a:b}!' };
        expect(applies(statement, { resource, context: { 'a:b': value } })).toBe(true);
        expect(applies(statement, { resource: `${resource}!`, context: { 'a:b': value } })).toBe(false);
      }),
    );
  });

  test('a hostile pattern costs no more than the product of the lengths', () => {
    expect(met('StringLike', `${'*a'.repeat(1_000)}b`, 'a'.repeat(2_048))).toBe(false);
    expect(met('StringLike', `${'*?'.repeat(1_000)}*`, 'a'.repeat(2_048))).toBe(true);
    expect(applies({ Resource: `\${${' '.repeat(60_000)}}` })).toBe(false);
    expect(applies({ Resource: '${'.repeat(60_000) })).toBe(false);
  });
});
