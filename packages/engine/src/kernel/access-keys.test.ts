import fc from 'fast-check';
import { expect, test } from 'vitest';
import { accountOf, createCredentials } from './access-keys.ts';
import { createIds } from './ids.ts';
import { createKeyring, seededRoot } from './keyring.ts';

test('the account of a key of AWS (medium.com/@TalBeerySec/a-short-note-on-aws-key-id-f88cc4317489)', () => {
  expect(accountOf('ASIAY34FZKBOKMUTVV7A')).toBe('609629065308');
});

test('a key of 12 digits is the account', () => {
  expect(accountOf('123456789012')).toBe('123456789012');
});

test.each(['test', '', 'AKIAIOSFODNN7EXAMPLE', 'AROAY34FZKBOKMUTVV7A', 'ASIAY34FZKBOKMUTVV7', 'AKIA7777777777777777'])(
  'the key %s is of no account',
  (key) => {
    expect(accountOf(key)).toBeUndefined();
  },
);

test('a key that is made carries its account', () => {
  const ids = createIds('seed');
  const { secretFor } = createKeyring({ root: seededRoot('seed'), keys: {}, issued: () => undefined });
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_999_999 }), fc.constantFrom('AKIA', 'ASIA'), (number, prefix) => {
      const account = String(number).padStart(12, '0');
      const { accessKeyId, secretAccessKey } = createCredentials(prefix, account, { ids, secretFor });
      expect(accessKeyId).toMatch(new RegExp(`^${prefix}[A-Z2-7]{16}$`));
      expect(secretAccessKey).toMatch(/^[A-Za-z0-9+/]{40}$/);
      expect(accountOf(accessKeyId)).toBe(account);
    }),
  );
});

test('what acts in a role signs with credentials that tell who it is, and that nobody else can make', () => {
  const keyring = createKeyring({ root: seededRoot('seed'), keys: {}, issued: () => undefined });
  const actor = { roleArn: 'arn:aws:iam::123456789012:role/ringer', sourceArn: 'arn:aws:lambda:…:function:ring' };
  const { accessKeyId, secretAccessKey, sessionToken } = keyring.credentialsOf('123456789012', actor);
  expect(accountOf(accessKeyId)).toBe('123456789012');
  expect(keyring.credentialsOf('123456789012', actor)).toEqual({ accessKeyId, secretAccessKey, sessionToken });
  expect(keyring.actorOf(accessKeyId, sessionToken)).toEqual(actor);
  expect(keyring.secretOf(accessKeyId, sessionToken)).toBe(secretAccessKey);
  const other = createKeyring({ root: seededRoot('other'), keys: {}, issued: () => undefined });
  const [mark, account, , seal] = sessionToken.split('.');
  const forged = Buffer.from(JSON.stringify({ ...actor, roleArn: 'arn:aws:iam::123456789012:role/root' })).toString(
    'base64url',
  );
  for (const token of [undefined, 'any', 'carillon.', 'carillon.1.e30.', [mark, account, forged, seal].join('.')]) {
    expect(keyring.actorOf(accessKeyId, token)).toBeUndefined();
    expect(keyring.secretOf(accessKeyId, token)).toBeUndefined();
  }
  expect(other.actorOf(accessKeyId, sessionToken)).toBeUndefined();
  expect(keyring.actorOf('ASIAQAAAAAAAAAAAAAAA', sessionToken)).toBeUndefined();
});
