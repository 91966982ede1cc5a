import { expect, it } from 'vitest';
import { dynamicReferences, putDynamicReferences } from './index.ts';

/** The examples of AWS's pages dynamic-references-ssm.html, -ssm-secure-strings.html and -secretsmanager.html. */
it.each([
  ['{{resolve:ssm:S3AccessControl:2}}', { service: 'ssm', name: 'S3AccessControl', version: '2' }],
  ['{{resolve:ssm:/a/b}}', { service: 'ssm', name: '/a/b' }],
  ['{{resolve:ssm-secure:IAMUserPassword:10}}', { service: 'ssm-secure', name: 'IAMUserPassword', version: '10' }],
  ['{{resolve:secretsmanager:MySecret}}', { service: 'secretsmanager', secretId: 'MySecret' }],
  ['{{resolve:secretsmanager:MySecret::::}}', { service: 'secretsmanager', secretId: 'MySecret' }],
  [
    '{{resolve:secretsmanager:MySecret:SecretString:password:AWSPREVIOUS}}',
    { service: 'secretsmanager', secretId: 'MySecret', jsonKey: 'password', versionStage: 'AWSPREVIOUS' },
  ],
  [
    '{{resolve:secretsmanager:arn:aws:secretsmanager:us-west-2:123456789012:secret:MySecret-a1b2c3:SecretString:password}}',
    {
      service: 'secretsmanager',
      secretId: 'arn:aws:secretsmanager:us-west-2:123456789012:secret:MySecret-a1b2c3',
      jsonKey: 'password',
    },
  ],
])('%s', (text, reference) => {
  expect(dynamicReferences({ Nested: [`before ${text} after ${text}`] })).toEqual([{ text, ...reference }]);
});

it('are replaced wherever they stand in a text', () => {
  const values = new Map([['{{resolve:ssm:a}}', '$1 and $&']]);
  const value = { a: ['x{{resolve:ssm:a}}y', '{{resolve:ssm:b}}', 1, true], __proto__: { b: '{{resolve:ssm:a}}' } };
  expect(putDynamicReferences(value, values).a).toEqual(['x$1 and $&y', '{{resolve:ssm:b}}', 1, true]);
});

it('of services that there are not are left as they are', () => {
  expect(dynamicReferences('{{resolve:other:a}} {{resolve:}} {{}}')).toEqual([]);
});

it.each(['{{resolve:ssm:}}', '{{resolve:ssm:a:latest}}', '{{resolve:secretsmanager:a:SecretBinary}}'])(
  '%s is refused',
  (text) => {
    expect(() => dynamicReferences(text)).toThrow('Incorrect format is used in the following');
  },
);

it('there are at most 60', () => {
  const texts = Array.from({ length: 61 }, (_, index) => `{{resolve:ssm:p${index}}}`);
  expect(dynamicReferences(texts.slice(0, 60))).toHaveLength(60);
  expect(() => dynamicReferences(texts)).toThrow('more than 60 dynamic references');
});
