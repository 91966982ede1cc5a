import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { coverage, page } from './coverage.ts';

test('the page of coverage is up to date: else run `npm run coverage`', async () => {
  expect(readFileSync(page, 'utf8')).toBe(await coverage());
});

test('tells what is there from what is not', async () => {
  const text = await coverage([
    { name: 'sts', arnName: 'sts', operations: { GetCallerIdentity: () => ({}), AssumeRole: () => ({}) } },
  ]);
  expect(text).toMatch(/\| \[STS\]\(#sts\) \| 2 \| \d+ \|/);
  expect(text).toContain('| GetCallerIdentity | supported |');
  expect(text).toContain('| AssumeRoot | not yet |');
});

test('tells the resource types, and the properties that they lack', async () => {
  const text = await coverage();
  expect(text).toMatch(/\| AWS::Lambda::Function \| supported \| .*Code\.ImageUri, /);
  expect(text).toContain('| AWS::Events::Connection | not yet |  |');
  expect(text).toContain('| AWS::CloudFormation::WaitCondition | supported |  |');
});

test('an operation that AWS does not have is a fault', async () => {
  const definition = { name: 'sts', arnName: 'sts', operations: { GetCallerIdentities: () => ({}) } } as const;
  await expect(coverage([definition])).rejects.toThrow('STS has no operation GetCallerIdentities');
});
