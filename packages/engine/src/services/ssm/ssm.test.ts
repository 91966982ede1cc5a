import type { PutParameterCommandInput } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createEngine, type Engine } from '../../engine.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ clock: 'virtual:2026-01-01T00:00:00Z' });
});
beforeEach(() => engine.reset());
afterAll(() => engine.close());

const put = (Name: string, more: Partial<PutParameterCommandInput> = {}) =>
  engine.call('ssm', 'PutParameter', { Name, Value: 'one', Type: 'String', ...more });
const get = (Name: string, WithDecryption = false) => engine.call('ssm', 'GetParameter', { Name, WithDecryption });
const namesOf = (found: readonly { Name?: string | undefined }[] = []) => found.map(({ Name }) => Name);

test('a parameter is read by its name and its ARN (API_GetParameter.html)', async () => {
  expect(await put('/app/url')).toEqual({ Version: 1, Tier: 'Standard' });
  const ARN = 'arn:aws:ssm:us-east-1:000000000000:parameter/app/url';
  const shown = {
    ...{ Name: '/app/url', Type: 'String', Value: 'one', Version: 1, ARN, DataType: 'text' },
    LastModifiedDate: new Date('2026-01-01T00:00:00Z'),
  };
  expect(await get('/app/url')).toEqual({ Parameter: shown });
  expect(await get(ARN)).toEqual({ Parameter: shown });
  await put('flat');
  expect((await get('arn:aws:ssm:us-east-1:000000000000:parameter/flat')).Parameter?.Name).toBe('flat');
});

test('a version is read by its number and its label, and a label moves (sysman-paramstore-labels.html)', async () => {
  await put('/app/url');
  await put('/app/url', { Value: 'two', Type: undefined, Overwrite: true });
  const Labels = ['prod', '1st', 'AwsThing', 'blue'];
  expect(await engine.call('ssm', 'LabelParameterVersion', { Name: '/app/url', ParameterVersion: 1, Labels })).toEqual({
    InvalidLabels: ['1st', 'AwsThing'],
    ParameterVersion: 1,
  });
  expect((await get('/app/url:1')).Parameter).toMatchObject({ Value: 'one', Selector: ':1', Version: 1 });
  expect((await get('/app/url:prod')).Parameter).toMatchObject({ Value: 'one', Selector: ':prod' });
  await engine.call('ssm', 'LabelParameterVersion', { Name: '/app/url', Labels: ['prod'] });
  expect((await get('/app/url:prod')).Parameter).toMatchObject({ Value: 'two', Version: 2 });
  const { Parameters } = await engine.call('ssm', 'GetParameterHistory', { Name: '/app/url' });
  expect(Parameters?.map(({ Version, Labels, Value }) => [Version, Labels, Value])).toEqual([
    [1, ['blue'], 'one'],
    [2, ['prod'], 'two'],
  ]);
  const unlabel = { Name: '/app/url', ParameterVersion: 2, Labels: ['prod', 'blue'] };
  expect(await engine.call('ssm', 'UnlabelParameterVersion', unlabel)).toEqual({
    ...{ RemovedLabels: ['prod'], InvalidLabels: ['blue'] },
  });
  await expect(get('/app/url:3')).rejects.toMatchObject({
    code: 'ParameterVersionNotFound',
    message: 'Systems Manager could not find version 3 of /app/url. Verify the version and try again.',
  });
});

test('of more than 100 versions the oldest goes, unless it has a label (API_PutParameter.html)', async () => {
  for (let version = 1; version <= 101; version++) await put('p', { Overwrite: true });
  const first = await engine.call('ssm', 'GetParameterHistory', { Name: 'p' });
  const second = await engine.call('ssm', 'GetParameterHistory', { Name: 'p', NextToken: first.NextToken });
  expect([...first.Parameters!, ...second.Parameters!].map(({ Version }) => Version)).toEqual(
    Array.from({ length: 100 }, (_, index) => index + 2),
  );
  await engine.call('ssm', 'LabelParameterVersion', { Name: 'p', ParameterVersion: 2, Labels: ['keep'] });
  await expect(put('p', { Overwrite: true })).rejects.toMatchObject({ code: 'ParameterMaxVersionLimitExceeded' });
  await engine.call('ssm', 'DeleteParameter', { Name: 'p' });
  expect(await put('p')).toMatchObject({ Version: 1 });
  expect((await engine.call('ssm', 'GetParameterHistory', { Name: 'p' })).Parameters).toHaveLength(1);
});

test('a SecureString is read in the clear on request alone (API_GetParameter.html)', async () => {
  await put('/secret', { Type: 'SecureString', Value: 'open sesame' });
  const { Value } = (await get('/secret')).Parameter!;
  expect(Value).toMatch(/^AQICAH[A-Za-z0-9+/]+=*$/);
  expect((await get('/secret')).Parameter?.Value).toBe(Value);
  expect((await get('/secret', true)).Parameter?.Value).toBe('open sesame');
  const { Parameters } = await engine.call('ssm', 'DescribeParameters', {});
  expect(Parameters).toMatchObject([{ KeyId: 'alias/aws/ssm', Type: 'SecureString' }]);
});

describe('what cannot be put is refused in the words of AWS', () => {
  test.each<[string, Partial<PutParameterCommandInput>, string, RegExp]>([
    ['aws-thing', {}, 'AccessDeniedException', /^No access to reserved parameter name: aws-thing\.$/],
    ['/aws/service/x', {}, 'AccessDeniedException', /^No access to reserved parameter name: \/aws\/service\/x\.$/],
    ['SSMthing', {}, 'ValidationException', /can't be prefixed with "ssm" \(case-insensitive\)/],
    ['/a//b', {}, 'ValidationException', /mix of letters, numbers and the following 3 symbols/],
    ['/a b', {}, 'ValidationException', /mix of letters, numbers and the following 3 symbols/],
    ['/a/', {}, 'ValidationException', /mix of letters, numbers and the following 3 symbols/],
    ['a/b', {}, 'ValidationException', /^Parameter name must be a fully qualified name\.$/],
    ['/x'.repeat(16), {}, 'HierarchyLevelLimitExceededException', /maximum of 15 levels/],
    ['p', { Type: undefined }, 'ValidationException', /^A parameter type is required when you create a parameter\.$/],
    ['p', { Value: '' }, 'ValidationException', /length greater than or equal to 1/],
    ['p', { Value: '{{ssm:other}}' }, 'ValidationException', /can't nest another parameter/],
    ['p', { Value: 'x'.repeat(4097) }, 'ValidationException', /maximum parameter value of 4096 characters/],
    ['p', { Value: 'x'.repeat(8193), Tier: 'Advanced' }, 'ValidationException', /of 8192 characters/],
    ['p', { KeyId: 'alias/x' }, 'ValidationException', /^KeyId is required for SecureString type parameter only\.$/],
    ['p', { DataType: 'Text' }, 'ValidationException', /^The following data type is not supported: Text/],
    ['p', { AllowedPattern: '[0-9]+' }, 'ParameterPatternMismatchException', /allowedPattern: \[0-9\]\+$/],
    ['p', { AllowedPattern: '[' }, 'InvalidAllowedPatternException', /regular expression/],
    ['p', { AllowedPattern: '(a+)+$', Value: `${'a'.repeat(40)}!` }, 'InvalidAllowedPatternException', /regular/],
    ['p', { Policies: 'no' }, 'InvalidPolicyTypeException', /not JSON/],
    ['p', { Policies: '[{"Type":"X"}]' }, 'InvalidPolicyTypeException', /X isn't supported/],
    ['p', { Policies: '[{"Type":"Expiration","Version":"1.0"}]' }, 'InvalidPolicyAttributeException', /Timestamp/],
    [
      'p',
      { Policies: '[{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"soon"}}]' },
      ...(['InvalidPolicyAttributeException', /soon is not a moment/] as const),
    ],
    ['p', { Overwrite: true, Tags: [{ Key: 'a', Value: 'b' }] }, 'ValidationException', /tags and overwrite can't/],
  ])('%s %j', async (name, more, code, message) => {
    await expect(put(name, more)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('one that is there already', async () => {
    await put('p');
    await expect(put('p')).rejects.toMatchObject({
      code: 'ParameterAlreadyExists',
      message:
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    });
  });
});

test('what is not there has no message; what AWS publishes, a clear one', async () => {
  await expect(get('nothing')).rejects.toMatchObject({ code: 'ParameterNotFound', message: '' });
  await expect(get('/aws/service/ami-amazon-linux-latest/x')).rejects.toMatchObject({
    code: 'ParameterNotFound',
    message: expect.stringContaining('Carillon has none of the parameters that AWS publishes'),
  });
  await put('there');
  const Names = ['there', 'nothing', 'there:9', '/aws/service/x'];
  const answer = await engine.call('ssm', 'GetParameters', { Names });
  expect(namesOf(answer.Parameters)).toEqual(['there']);
  expect(answer.InvalidParameters).toEqual(['nothing', 'there:9', '/aws/service/x']);
  expect(await engine.call('ssm', 'DeleteParameters', { Names: ['there', 'nothing'] })).toEqual({
    ...{ DeletedParameters: ['there'], InvalidParameters: ['nothing'] },
  });
});

test('a standard parameter becomes an advanced one, and never the other way (parameter-store-advanced-parameters.html)', async () => {
  expect(await put('p', { Tier: 'Intelligent-Tiering' })).toMatchObject({ Tier: 'Standard' });
  const large = { Value: 'x'.repeat(5000), Tier: 'Intelligent-Tiering', Overwrite: true } as const;
  expect(await put('p', large)).toMatchObject({ Tier: 'Advanced' });
  expect(await put('p', { Overwrite: true })).toMatchObject({ Tier: 'Advanced' });
  await expect(put('p', { Overwrite: true, Tier: 'Standard' })).rejects.toMatchObject({
    message: expect.stringContaining("You can't downgrade a parameter"),
  });
});

test('a parameter that expires is deleted at its moment (parameter-store-policies.html)', async () => {
  const policy = { Type: 'Expiration', Version: '1.0', Attributes: { Timestamp: '2026-01-02T00:00:00.000Z' } };
  await put('p', { Tier: 'Advanced', Policies: JSON.stringify([policy]) });
  const { Parameters } = await engine.call('ssm', 'DescribeParameters', {});
  expect(Parameters?.[0]?.Policies).toEqual([
    { PolicyText: JSON.stringify(policy), PolicyType: 'Expiration', PolicyStatus: 'Pending' },
  ]);
  await put('kept', { Tier: 'Advanced', Policies: JSON.stringify([policy]) });
  await put('kept', { Policies: '[{}]', Overwrite: true });
  await engine.clock.advance('23 hours');
  expect((await get('p')).Parameter?.Value).toBe('one');
  await engine.clock.advance('1 hour');
  await expect(get('p')).rejects.toMatchObject({ code: 'ParameterNotFound' });
  expect((await get('kept')).Parameter?.Value).toBe('one');
});

describe('GetParametersByPath (API_GetParametersByPath.html)', () => {
  const byPath = (Path: string, more: object = {}) => engine.call('ssm', 'GetParametersByPath', { Path, ...more });

  test('gives what lies directly below, or anywhere below, a page at a time', async () => {
    for (const name of ['/a/1', '/a/2', '/a/b/3', '/ab/4', 'flat']) await put(name);
    expect(namesOf((await byPath('/a')).Parameters)).toEqual(['/a/1', '/a/2']);
    expect(namesOf((await byPath('/a/', { Recursive: true })).Parameters)).toEqual(['/a/1', '/a/2', '/a/b/3']);
    expect(namesOf((await byPath('/')).Parameters)).toEqual(['flat']);
    const first = await byPath('/', { Recursive: true, MaxResults: 3 });
    const second = await byPath('/', { Recursive: true, MaxResults: 3, NextToken: first.NextToken });
    expect([...namesOf(first.Parameters), ...namesOf(second.Parameters)]).toEqual([
      ...['/a/1', '/a/2', '/a/b/3', '/ab/4', 'flat'],
    ]);
    expect(second.NextToken).toBeUndefined();
    await expect(byPath('/', { NextToken: 'made up' })).rejects.toMatchObject({ code: 'InvalidNextToken' });
  });

  test('gives the version of a label, and what filters let pass', async () => {
    await put('/a/1');
    await put('/a/2', { Type: 'StringList', Value: 'x,y' });
    await engine.call('ssm', 'LabelParameterVersion', { Name: '/a/1', Labels: ['prod'] });
    await put('/a/1', { Value: 'two', Overwrite: true });
    const label = { ParameterFilters: [{ Key: 'Label', Option: 'Equals', Values: ['prod'] }] };
    expect((await byPath('/a', label)).Parameters).toMatchObject([{ Name: '/a/1', Value: 'one', Version: 1 }]);
    const type = { ParameterFilters: [{ Key: 'Type', Values: ['StringList'] }] };
    expect(namesOf((await byPath('/a', type)).Parameters)).toEqual(['/a/2']);
    await expect(byPath('/a', { ParameterFilters: [{ Key: 'Name', Values: ['x'] }] })).rejects.toMatchObject({
      code: 'InvalidFilterKey',
      message: 'The following filter key is not valid: Name. Valid filter keys include: [Type, KeyId, Label].',
    });
  });

  test.each(['a', '/a//b', '/aws/x', '/a b'])('refuses the path %s', async (path) => {
    await expect(byPath(path)).rejects.toMatchObject({
      code: 'ValidationException',
      message: expect.stringMatching(/^The parameter doesn't meet the parameter name requirements\./),
    });
  });
});

test.each<[object, string[]]>([
  [{ Key: 'Name', Values: ['/a/1'] }, ['/a/1']],
  [{ Key: 'Name', Option: 'BeginsWith', Values: ['/a', 'f'] }, ['/a/1', '/a/b/2', 'flat']],
  [{ Key: 'Name', Option: 'Contains', Values: ['lat'] }, ['flat']],
  [{ Key: 'Path', Values: ['/a'] }, ['/a/1']],
  [{ Key: 'Path', Option: 'Recursive', Values: ['/a'] }, ['/a/1', '/a/b/2']],
  [{ Key: 'Type', Values: ['SecureString'] }, ['/a/b/2']],
  [{ Key: 'KeyId', Option: 'BeginsWith', Values: ['alias/'] }, ['/a/b/2']],
  [{ Key: 'Tier', Values: ['Standard'] }, ['/a/1', '/a/b/2', 'flat']],
  [{ Key: 'DataType', Values: ['text'] }, ['/a/1', '/a/b/2', 'flat']],
  [{ Key: 'tag:team', Values: ['blue', 'red'] }, ['flat']],
  [{ Key: 'tag:team' }, ['flat']],
])('DescribeParameters by %j (API_ParameterStringFilter.html)', async (filter, expected) => {
  await put('/a/1');
  await put('/a/b/2', { Type: 'SecureString' });
  await put('flat', { Tags: [{ Key: 'team', Value: 'red' }] });
  const answer = await engine.call('ssm', 'DescribeParameters', { ParameterFilters: [filter as never] });
  expect(namesOf(answer.Parameters)).toEqual(expected);
});

test.each<[object, string, string]>([
  [{ Key: 'Label', Values: ['x'] }, 'InvalidFilterKey', 'The following filter key is not valid: Label. '],
  [
    { Key: 'Type', Option: 'Contains', Values: ['x'] },
    'InvalidFilterOption',
    'The following filter option is not valid',
  ],
  [{ Key: 'Type' }, 'InvalidFilterValue', 'The following filter values are missing: null for filter key Type'],
  [{ Key: 'Tier', Values: ['Best'] }, 'InvalidFilterValue', 'The following filter value is not valid: Best.'],
])('DescribeParameters refuses %j', async (filter, code, message) => {
  await expect(engine.call('ssm', 'DescribeParameters', { ParameterFilters: [filter as never] })).rejects.toMatchObject(
    { code, message: expect.stringContaining(message) },
  );
});

test('tags are put, replaced, listed and removed (API_AddTagsToResource.html)', async () => {
  await put('p', { Tags: [{ Key: 'a', Value: '1' }] });
  const resource = { ResourceType: 'Parameter', ResourceId: 'p' } as const;
  const Tags = [
    { Key: 'a', Value: '2' },
    { Key: 'b', Value: '3' },
  ];
  await engine.call('ssm', 'AddTagsToResource', { ...resource, Tags });
  await engine.call('ssm', 'RemoveTagsFromResource', { ...resource, TagKeys: ['b'] });
  expect(await engine.call('ssm', 'ListTagsForResource', resource)).toEqual({ TagList: [{ Key: 'a', Value: '2' }] });
  await expect(engine.call('ssm', 'ListTagsForResource', { ...resource, ResourceId: 'q' })).rejects.toMatchObject({
    code: 'InvalidResourceId',
  });
});
