/* KMS through real clients: bytes go and come as they are. */
import { DecryptCommand, EncryptCommand, KMSClient, NotFoundException } from '@aws-sdk/client-kms';
import { createEngine, type Engine } from '@carillon/engine';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { aws, boto3, optionsFor, testWithPython } from '../clients.ts';

let engine: Engine;
beforeEach(async () => {
  engine = await createEngine();
});
afterEach(() => engine.close());

it('encrypts and decrypts for the SDK for JavaScript', async () => {
  const client = new KMSClient(optionsFor(engine));
  const Plaintext = new Uint8Array([0, 1, 254, 255]);
  const { CiphertextBlob } = await client.send(new EncryptCommand({ KeyId: 'alias/aws/s3', Plaintext }));
  expect((await client.send(new DecryptCommand({ CiphertextBlob }))).Plaintext).toEqual(Plaintext);
  await expect(client.send(new EncryptCommand({ KeyId: 'alias/none', Plaintext }))).rejects.toBeInstanceOf(
    NotFoundException,
  );
  client.destroy();
});

testWithPython('answers boto3 and the AWS CLI', async () => {
  const printed = await boto3(
    engine,
    `
import boto3
kms = boto3.client('kms')
key = kms.create_key(Description='d')['KeyMetadata']
kms.create_alias(AliasName='alias/bell', TargetKeyId=key['KeyId'])
sealed = kms.encrypt(KeyId='alias/bell', Plaintext=b'ding', EncryptionContext={'a': 'b'})['CiphertextBlob']
print(kms.decrypt(CiphertextBlob=sealed, EncryptionContext={'a': 'b'})['Plaintext'])
print(len(kms.generate_data_key(KeyId=key['Arn'], KeySpec='AES_128')['Plaintext']))
print([a['AliasName'] for page in kms.get_paginator('list_aliases').paginate() for a in page['Aliases'] if a['TargetKeyId'] == key['KeyId']])
try:
    kms.decrypt(CiphertextBlob=sealed)
except kms.exceptions.InvalidCiphertextException as error:
    print(error.response['Error']['Code'])
`,
  );
  expect(printed.trimEnd().split('\n')).toEqual(["b'ding'", '16', "['alias/bell']", 'InvalidCiphertextException']);
  const description = ['--query', 'KeyMetadata.Description', '--output', 'text'];
  expect((await aws(engine, 'kms', 'describe-key', '--key-id', 'alias/bell', ...description)).trim()).toBe('d');
});
