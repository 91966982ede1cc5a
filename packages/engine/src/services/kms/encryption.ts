/*
 * Encrypting and decrypting: AES-256-GCM with material that follows from the engine's own secret and the key's id, and
 * with the encryption context as what is authenticated beside. A ciphertext tells which key it is of.
 * https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html
 */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import type {
  DecryptRequest,
  DecryptResponse,
  EncryptRequest,
  EncryptResponse,
  GenerateDataKeyRequest,
  GenerateDataKeyResponse,
  GenerateDataKeyWithoutPlaintextRequest,
  GenerateDataKeyWithoutPlaintextResponse,
  GenerateRandomRequest,
  GenerateRandomResponse,
  ReEncryptRequest,
  ReEncryptResponse,
} from '@aws-sdk/client-kms';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { invalid, invalidState } from './errors.ts';
import { type Found, find, SYMMETRIC } from './key.ts';

const CIPHER = 'aes-256-gcm';
const MARK = Buffer.from('0102020078', 'hex');
const IV_BYTES = 12;
const TAG_BYTES = 16;

type EncryptionContext = Readonly<Record<string, string>> | undefined;

export function encrypt(ctx: Context, input: EncryptRequest): EncryptResponse {
  const found = usable(ctx, input.KeyId!);
  checkNotDry(input);
  const CiphertextBlob = seal(ctx, found, input.Plaintext!, input.EncryptionContext);
  return { CiphertextBlob, KeyId: found.arn, EncryptionAlgorithm: SYMMETRIC };
}

export function decrypt(ctx: Context, input: DecryptRequest): DecryptResponse {
  const { found, plaintext } = open(ctx, input.CiphertextBlob, input.KeyId, input.EncryptionContext);
  checkNotDry(input);
  return { KeyId: found.arn, Plaintext: plaintext, EncryptionAlgorithm: SYMMETRIC };
}

export function reEncrypt(ctx: Context, input: ReEncryptRequest): ReEncryptResponse {
  const source = open(ctx, input.CiphertextBlob, input.SourceKeyId, input.SourceEncryptionContext);
  const destination = usable(ctx, input.DestinationKeyId!);
  checkNotDry(input);
  return {
    CiphertextBlob: seal(ctx, destination, source.plaintext, input.DestinationEncryptionContext),
    SourceKeyId: source.found.arn,
    KeyId: destination.arn,
    SourceEncryptionAlgorithm: SYMMETRIC,
    DestinationEncryptionAlgorithm: SYMMETRIC,
  };
}

export function generateDataKey(ctx: Context, input: GenerateDataKeyRequest): GenerateDataKeyResponse {
  const found = usable(ctx, input.KeyId!);
  checkNotDry(input);
  const Plaintext = randomBytes(ctx, dataKeyBytes(input));
  const CiphertextBlob = seal(ctx, found, Plaintext, input.EncryptionContext);
  return { CiphertextBlob, Plaintext, KeyId: found.arn };
}

export function generateDataKeyWithoutPlaintext(
  ctx: Context,
  input: GenerateDataKeyWithoutPlaintextRequest,
): GenerateDataKeyWithoutPlaintextResponse {
  const { CiphertextBlob, KeyId } = generateDataKey(ctx, input);
  return { CiphertextBlob, KeyId };
}

export function generateRandom(ctx: Context, input: GenerateRandomRequest): GenerateRandomResponse {
  if (input.NumberOfBytes === undefined) throw invalid('NumberOfBytes is required.');
  return { Plaintext: randomBytes(ctx, input.NumberOfBytes) };
}

function dataKeyBytes({ KeySpec: spec, NumberOfBytes: bytes }: GenerateDataKeyRequest): number {
  if ((spec === undefined) === (bytes === undefined)) {
    throw invalid('Please specify either number of bytes or key spec, and not both.');
  }
  return bytes ?? (spec === 'AES_128' ? 16 : 32);
}

function checkNotDry({ DryRun: dry }: { DryRun?: boolean | undefined }): void {
  if (!dry) return;
  throw new AwsError('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.');
}

/** A key that encrypts and decrypts. Throws AWS's error for one that is disabled or about to go. */
function usable(ctx: Context, text: string): Found {
  const found = find(ctx, text);
  const { state } = found.key;
  if (state === 'Disabled') throw new AwsError('DisabledException', `${found.arn} is disabled.`);
  if (state === 'PendingDeletion') throw invalidState(found.arn, state);
  return found;
}

/** Bytes that nobody can guess, and that are the same in runs of the same seed. */
function randomBytes(ctx: Context, bytes: number): Buffer {
  const seed = ctx.host.secretFor(`random bytes ${ctx.ids.uuid()}`);
  return createHash('shake256', { outputLength: bytes }).update(seed).digest();
}

function materialOf(ctx: Context, { arn }: Found): Buffer {
  return createHash('sha256')
    .update(ctx.host.secretFor(`KMS key ${arn}`))
    .digest();
}

/** `mark, length of the id, id, iv, tag, ciphertext`. */
function seal(ctx: Context, found: Found, plaintext: Uint8Array, context: EncryptionContext): Uint8Array {
  const iv = randomBytes(ctx, IV_BYTES);
  const cipher = createCipheriv(CIPHER, materialOf(ctx, found), iv).setAAD(authenticated(context));
  const text = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  const id = Buffer.from(found.id);
  return Buffer.concat([MARK, Buffer.from([id.length]), id, iv, cipher.getAuthTag(), text]);
}

function open(ctx: Context, blob: Uint8Array | undefined, keyId: string | undefined, context: EncryptionContext) {
  const bytes = Buffer.from(blob ?? []);
  const start = MARK.length + 1 + (bytes[MARK.length] ?? 0);
  const body = start + IV_BYTES + TAG_BYTES;
  if (!bytes.subarray(0, MARK.length).equals(MARK) || bytes.length < body) throw invalidCiphertext();
  const found = usable(ctx, bytes.subarray(MARK.length + 1, start).toString());
  if (keyId !== undefined && usable(ctx, keyId).id !== found.id) {
    throw new AwsError(
      'IncorrectKeyException',
      'The key ID in the request does not identify a CMK that can perform this operation.',
    );
  }
  const decipher = createDecipheriv(CIPHER, materialOf(ctx, found), bytes.subarray(start, start + IV_BYTES));
  decipher.setAAD(authenticated(context)).setAuthTag(bytes.subarray(start + IV_BYTES, body));
  try {
    return { found, plaintext: Buffer.concat([decipher.update(bytes.subarray(body)), decipher.final()]) };
  } catch {
    throw invalidCiphertext();
  }
}

/** The same whatever the order of its members. */
function authenticated(context: EncryptionContext = {}): Buffer {
  return Buffer.from(JSON.stringify(Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** AWS gives it no message. */
function invalidCiphertext(): AwsError {
  return new AwsError('InvalidCiphertextException', '');
}
