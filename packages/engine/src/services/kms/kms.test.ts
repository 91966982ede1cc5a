import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestEngine, type TestEngine } from '../../testing.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await createTestEngine({
    account: '111122223333',
    region: 'eu-central-1',
    clock: 'virtual:2026-01-01T00:00:00Z',
  });
});
beforeEach(() => engine.reset());
afterAll(() => engine.close());

const create = async (more: object = {}) => (await engine.call('kms', 'CreateKey', more)).KeyMetadata!;
const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (data: Uint8Array | undefined) => new TextDecoder().decode(data);

test('a key is described by its id, its ARN and an alias (API_DescribeKey.html)', async () => {
  const { KeyId, Arn, ...rest } = await create({ Description: 'd', Tags: [{ TagKey: 'a', TagValue: 'b' }] });
  expect(rest).toMatchObject({
    ...{
      AWSAccountId: '111122223333',
      Enabled: true,
      Description: 'd',
      KeyUsage: 'ENCRYPT_DECRYPT',
      KeyState: 'Enabled',
    },
    ...{ Origin: 'AWS_KMS', KeyManager: 'CUSTOMER', KeySpec: 'SYMMETRIC_DEFAULT', MultiRegion: false },
  });
  expect(Arn).toBe(`arn:aws:kms:eu-central-1:111122223333:key/${KeyId}`);
  await engine.call('kms', 'CreateAlias', { AliasName: 'alias/bell', TargetKeyId: KeyId });
  for (const name of [KeyId, Arn, 'alias/bell', 'arn:aws:kms:eu-central-1:111122223333:alias/bell']) {
    expect((await engine.call('kms', 'DescribeKey', { KeyId: name })).KeyMetadata).toEqual({ KeyId, Arn, ...rest });
  }
  const { Tags } = await engine.call('kms', 'ListResourceTags', { KeyId });
  expect(Tags).toEqual([{ TagKey: 'a', TagValue: 'b' }]);
  await expect(engine.call('kms', 'DescribeKey', { KeyId: 'alias/none' })).rejects.toMatchObject({
    code: 'NotFoundException',
    message: 'Alias arn:aws:kms:eu-central-1:111122223333:alias/none is not found.',
  });
  await expect(engine.call('kms', 'DescribeKey', { KeyId: 'none' })).rejects.toMatchObject({
    message: "Key 'arn:aws:kms:eu-central-1:111122223333:key/none' does not exist",
  });
});

test('aliases move from key to key, and go with theirs (kms-alias.html)', async () => {
  const [one, two] = [await create(), await create()];
  await engine.call('kms', 'CreateAlias', { AliasName: 'alias/bell', TargetKeyId: one.KeyId });
  await expect(
    engine.call('kms', 'CreateAlias', { AliasName: 'alias/bell', TargetKeyId: two.KeyId }),
  ).rejects.toMatchObject({ code: 'AlreadyExistsException' });
  await engine.call('kms', 'UpdateAlias', { AliasName: 'alias/bell', TargetKeyId: two.KeyId });
  const ofTwo = await engine.call('kms', 'ListAliases', { KeyId: two.KeyId });
  expect(ofTwo.Aliases).toMatchObject([{ AliasName: 'alias/bell', TargetKeyId: two.KeyId }]);
  const scheduledAt = engine.clock.now();
  const { DeletionDate } = await engine.call('kms', 'ScheduleKeyDeletion', {
    KeyId: two.KeyId,
    PendingWindowInDays: 7,
  });
  expect(DeletionDate).toEqual(new Date(scheduledAt + 7 * 24 * 3_600_000));
  await engine.clock.advance('7 days');
  await expect(engine.call('kms', 'DescribeKey', { KeyId: 'alias/bell' })).rejects.toMatchObject({
    code: 'NotFoundException',
  });
  expect((await engine.call('kms', 'ListKeys', {})).Keys).toEqual([{ KeyId: one.KeyId, KeyArn: one.Arn }]);
  await expect(engine.call('kms', 'CreateAlias', { AliasName: 'bell', TargetKeyId: one.KeyId })).rejects.toMatchObject({
    code: 'ValidationException',
  });
  await expect(
    engine.call('kms', 'CreateAlias', { AliasName: 'alias/aws/bell', TargetKeyId: one.KeyId }),
  ).rejects.toMatchObject({ code: 'NotAuthorizedException' });
});

test('keys of AWS itself are there, and are not to be changed', async () => {
  const { KeyMetadata } = await engine.call('kms', 'DescribeKey', { KeyId: 'alias/aws/s3' });
  expect(KeyMetadata).toMatchObject({ KeyManager: 'AWS', KeyState: 'Enabled' });
  const { Aliases } = await engine.call('kms', 'ListAliases', { KeyId: KeyMetadata!.KeyId });
  expect(Aliases).toMatchObject([{ AliasName: 'alias/aws/s3' }]);
  await expect(engine.call('kms', 'DisableKey', { KeyId: KeyMetadata!.KeyId })).rejects.toMatchObject({
    code: 'AccessDeniedException',
  });
});

describe('encrypting', () => {
  test('comes back with the same context alone, and by another key when it is encrypted anew (API_Encrypt.html)', async () => {
    const [one, two] = [await create(), await create()];
    const EncryptionContext = { a: '1', b: '2' };
    const { CiphertextBlob } = await engine.call('kms', 'Encrypt', {
      ...{ KeyId: one.KeyId, Plaintext: bytes('ding'), EncryptionContext },
    });
    expect(textOf(CiphertextBlob)).not.toContain('ding');
    const opened = await engine.call('kms', 'Decrypt', { CiphertextBlob, EncryptionContext: { b: '2', a: '1' } });
    expect([textOf(opened.Plaintext), opened.KeyId]).toEqual(['ding', one.Arn]);
    await expect(engine.call('kms', 'Decrypt', { CiphertextBlob })).rejects.toMatchObject({
      code: 'InvalidCiphertextException',
    });
    await expect(
      engine.call('kms', 'Decrypt', { CiphertextBlob, EncryptionContext, KeyId: two.KeyId }),
    ).rejects.toMatchObject({ code: 'IncorrectKeyException' });
    const moved = await engine.call('kms', 'ReEncrypt', {
      ...{ CiphertextBlob, SourceEncryptionContext: EncryptionContext, DestinationKeyId: two.KeyId },
    });
    expect(moved).toMatchObject({ SourceKeyId: one.Arn, KeyId: two.Arn });
    const again = await engine.call('kms', 'Decrypt', { CiphertextBlob: moved.CiphertextBlob });
    expect(textOf(again.Plaintext)).toBe('ding');
  });

  test.each([[new Uint8Array([1])], [bytes('x'.repeat(100))], [new Uint8Array([1, 2, 2, 0, 120, 255])]])(
    'what is no ciphertext is refused: %j',
    async (CiphertextBlob) => {
      await expect(engine.call('kms', 'Decrypt', { CiphertextBlob })).rejects.toMatchObject({
        code: 'InvalidCiphertextException',
      });
    },
  );

  test('data keys are of the length asked for (API_GenerateDataKey.html)', async () => {
    const { KeyId } = await create();
    const { Plaintext, CiphertextBlob } = await engine.call('kms', 'GenerateDataKey', { KeyId, KeySpec: 'AES_256' });
    expect(Plaintext).toHaveLength(32);
    expect((await engine.call('kms', 'Decrypt', { CiphertextBlob })).Plaintext).toEqual(Plaintext);
    const hidden = await engine.call('kms', 'GenerateDataKeyWithoutPlaintext', { KeyId, NumberOfBytes: 5 });
    expect((await engine.call('kms', 'Decrypt', { CiphertextBlob: hidden.CiphertextBlob })).Plaintext).toHaveLength(5);
    await expect(engine.call('kms', 'GenerateDataKey', { KeyId })).rejects.toMatchObject({
      code: 'ValidationException',
    });
    const [a, b] = [
      await engine.call('kms', 'GenerateRandom', { NumberOfBytes: 16 }),
      await engine.call('kms', 'GenerateRandom', { NumberOfBytes: 16 }),
    ];
    expect(a.Plaintext).not.toEqual(b.Plaintext);
  });

  test('a key that is disabled or about to go does not encrypt (key-state.html)', async () => {
    const { KeyId, Arn } = await create();
    const encrypt = () => engine.call('kms', 'Encrypt', { KeyId, Plaintext: bytes('x') });
    await engine.call('kms', 'DisableKey', { KeyId });
    await expect(encrypt()).rejects.toMatchObject({ code: 'DisabledException', message: `${Arn} is disabled.` });
    await engine.call('kms', 'EnableKey', { KeyId });
    await engine.call('kms', 'ScheduleKeyDeletion', { KeyId });
    await expect(encrypt()).rejects.toMatchObject({
      code: 'KMSInvalidStateException',
      message: `${Arn} is pending deletion.`,
    });
    await engine.call('kms', 'CancelKeyDeletion', { KeyId });
    await expect(encrypt()).rejects.toMatchObject({ code: 'DisabledException' });
    await engine.clock.advance('31 days');
    expect((await engine.call('kms', 'DescribeKey', { KeyId })).KeyMetadata?.KeyState).toBe('Disabled');
  });
});

test('rotation tells when it is next (rotate-keys.html)', async () => {
  const { KeyId } = await create();
  expect(await engine.call('kms', 'GetKeyRotationStatus', { KeyId })).toMatchObject({ KeyRotationEnabled: false });
  await engine.clock.advance('50 days');
  const enabledAt = engine.clock.now();
  await engine.call('kms', 'EnableKeyRotation', { KeyId, RotationPeriodInDays: 90 });
  await engine.clock.advance('100 days');
  expect(await engine.call('kms', 'GetKeyRotationStatus', { KeyId })).toMatchObject({
    ...{ KeyRotationEnabled: true, RotationPeriodInDays: 90 },
    NextRotationDate: new Date(enabledAt + 180 * 24 * 3_600_000),
  });
});

test.each([
  [{ KeySpec: 'RSA_2048' }, 'UnsupportedOperationException'],
  [{ KeyUsage: 'SIGN_VERIFY' }, 'ValidationException'],
  [{ Policy: '{}' }, 'MalformedPolicyDocumentException'],
  [{ Tags: [{ TagKey: 'aws:x', TagValue: '' }] }, 'TagException'],
])('%j is refused', async (more, code) => {
  await expect(create(more)).rejects.toMatchObject({ code });
});

test('keys and aliases of a stack (AWS_KMS.html)', async () => {
  const deploy = async (operation: 'CreateStack' | 'UpdateStack', properties: object) => {
    const Key = { Type: 'AWS::KMS::Key', Properties: properties };
    const Alias = { Type: 'AWS::KMS::Alias', Properties: { AliasName: 'alias/bell', TargetKeyId: { Ref: 'Key' } } };
    const Outputs = { Id: { Value: { Ref: 'Key' } }, Arn: { Value: { 'Fn::GetAtt': ['Key', 'Arn'] } } };
    const TemplateBody = JSON.stringify({ Resources: { Key, Alias }, Outputs });
    await engine.call('cloudformation', operation, { StackName: 'bells', TemplateBody });
    await engine.settle();
    const { Stacks } = await engine.call('cloudformation', 'DescribeStacks', { StackName: 'bells' });
    expect(Stacks![0]!.StackStatus).toMatch(/^(CREATE|UPDATE)_COMPLETE$/);
    return (await engine.call('kms', 'DescribeKey', { KeyId: 'alias/bell' })).KeyMetadata!;
  };
  const made = await deploy('CreateStack', { Description: 'd', EnableKeyRotation: true, Enabled: 'false' });
  expect(made).toMatchObject({ Description: 'd', KeyState: 'Disabled' });
  const after = await deploy('UpdateStack', { Description: 'e' });
  expect(after).toMatchObject({ KeyId: made.KeyId, Description: 'e', KeyState: 'Enabled' });
  const { KeyId } = after;
  expect(await engine.call('kms', 'GetKeyRotationStatus', { KeyId })).toMatchObject({ KeyRotationEnabled: false });
  await engine.call('cloudformation', 'DeleteStack', { StackName: 'bells' });
  await engine.settle();
  expect((await engine.call('kms', 'DescribeKey', { KeyId })).KeyMetadata?.KeyState).toBe('PendingDeletion');
});
