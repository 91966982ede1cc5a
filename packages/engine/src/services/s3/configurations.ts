/*
 * Configurations of buckets: each is put, got and deleted as a whole, as the API has it. What a bucket lacks is an error
 * of its own, or a default.
 *
 * Amazon S3 API Reference, the operations' pages; "Error responses".
 */
import type {
  GetBucketPolicyStatusOutput,
  GetBucketVersioningOutput,
  PutBucketPolicyRequest,
  PutBucketReplicationRequest,
  PutBucketTaggingRequest,
  PutBucketVersioningRequest,
} from '@aws-sdk/client-s3';
import { dateOf, parseMoment } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context, Handler } from '../../kernel/service.ts';
import { type Bucket, type BucketInput, buckets, findBucket } from './bucket.ts';
import { invalidRequest, malformedXml } from './errors.ts';
import { checkTags } from './tags.ts';

const MOST_TAGS = 50;
const LARGEST_POLICY = 20_480;

/** A configuration's error where there is none, or what holds then. */
interface Kind {
  /** The name that it is kept by. */
  readonly name: string;
  /** The member of the operations that holds it; absent where its own members are the answer. */
  readonly member?: string;
  readonly missing?: readonly [code: string, message: string];
  readonly byDefault?: object;
}

const KINDS = {
  accelerate: { name: 'Accelerate', byDefault: {} },
  abac: { name: 'Abac', member: 'AbacStatus', byDefault: { Status: 'Disabled' } },
  cors: { name: 'Cors', missing: ['NoSuchCORSConfiguration', 'The CORS configuration does not exist'] },
  encryption: {
    name: 'Encryption',
    member: 'ServerSideEncryptionConfiguration',
    byDefault: {
      Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false }],
    },
  },
  lifecycle: {
    name: 'Lifecycle',
    missing: ['NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist'],
  },
  logging: { name: 'Logging', byDefault: {} },
  objectLock: {
    name: 'ObjectLock',
    member: 'ObjectLockConfiguration',
    missing: ['ObjectLockConfigurationNotFoundError', 'Object Lock configuration does not exist for this bucket'],
  },
  ownershipControls: {
    name: 'OwnershipControls',
    member: 'OwnershipControls',
    missing: ['OwnershipControlsNotFoundError', 'The bucket ownership controls were not found'],
  },
  policy: { name: 'Policy', member: 'Policy', missing: ['NoSuchBucketPolicy', 'The bucket policy does not exist'] },
  publicAccessBlock: {
    name: 'PublicAccessBlock',
    member: 'PublicAccessBlockConfiguration',
    missing: ['NoSuchPublicAccessBlockConfiguration', 'The public access block configuration was not found'],
  },
  replication: {
    name: 'Replication',
    member: 'ReplicationConfiguration',
    missing: ['ReplicationConfigurationNotFoundError', 'The replication configuration was not found'],
  },
  requestPayment: { name: 'RequestPayment', byDefault: { Payer: 'BucketOwner' } },
  tagging: { name: 'Tagging', missing: ['NoSuchTagSet', 'The TagSet does not exist'] },
  website: {
    name: 'Website',
    missing: ['NoSuchWebsiteConfiguration', 'The specified bucket does not have a website configuration'],
  },
} as const satisfies Record<string, Kind>;

/** What GET answers. */
export function got(kind: keyof typeof KINDS): Handler {
  const { name, member, missing, byDefault }: Kind = KINDS[kind];
  return (ctx, input: BucketInput) => {
    const kept = findBucket(ctx, input).configurations[name] ?? byDefault;
    if (kept === undefined) {
      const members = { BucketName: input.Bucket! };
      throw new AwsError(missing![0], missing![1], { status: 404, members });
    }
    const value = revived(kept);
    return member === undefined ? value : { [member]: value };
  };
}

/** Keeps what PUT says; `from` is the member of the request that holds it. */
export function put(kind: keyof typeof KINDS, from: string): Handler {
  const { name }: Kind = KINDS[kind];
  return (ctx, input: BucketInput & Record<string, unknown>) => {
    const bucket = findBucket(ctx, input);
    const value = input[from];
    if (value === undefined) throw malformedXml();
    keepConfiguration(ctx, input.Bucket!, bucket, name, value);
  };
}

export function deleted(kind: keyof typeof KINDS): Handler {
  const { name }: Kind = KINDS[kind];
  return (ctx, input: BucketInput) => {
    keepConfiguration(ctx, input.Bucket!, findBucket(ctx, input), name, undefined);
  };
}

export function keepConfiguration(ctx: Context, name: string, bucket: Bucket, of: string, value: unknown): void {
  const { [of]: _, ...others } = bucket.configurations;
  // Records are JSON: moments are kept as text.
  const kept = value === undefined ? {} : { [of]: JSON.parse(JSON.stringify(value)) };
  ctx.rows(buckets).put(name, { ...bucket, configurations: { ...others, ...kept } });
}

/** With moments for the texts of members that are dates. */
function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => [
    name,
    name === 'Date' && typeof item === 'string' ? dateOf(parseMoment(item)) : revived(item),
  ]);
  return Object.fromEntries(entries);
}

export function putBucketPolicy(ctx: Context, input: PutBucketPolicyRequest): void {
  const bucket = findBucket(ctx, input);
  const text = input.Policy!;
  const malformed = (message: string) => new AwsError('MalformedPolicy', message);
  if (Buffer.byteLength(text) > LARGEST_POLICY) throw malformed('Policy exceeds the maximum allowed document size.');
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw malformed("Policies must be valid JSON and the first byte must be '{'");
  }
  if (typeof document !== 'object' || document === null || !('Statement' in document)) {
    throw malformed('Missing required field Statement');
  }
  keepConfiguration(ctx, input.Bucket!, bucket, KINDS.policy.name, text);
}

export function getBucketPolicyStatus(ctx: Context, input: BucketInput): GetBucketPolicyStatusOutput {
  const { Policy } = got('policy')(ctx, input) as { Policy: string };
  const { Statement } = JSON.parse(Policy) as { Statement: unknown };
  const statements = [Statement].flat() as { Effect?: string; Principal?: unknown; Condition?: unknown }[];
  const isEverybody = (principal: unknown) =>
    principal === '*' || [(principal as { AWS?: unknown } | undefined)?.AWS].flat().includes('*');
  const isPublic = statements.some(
    ({ Effect, Principal, Condition }) => Effect === 'Allow' && isEverybody(Principal) && Condition === undefined,
  );
  return { PolicyStatus: { IsPublic: isPublic } };
}

/** Only what has versions can be replicated. */
export function putBucketReplication(ctx: Context, input: PutBucketReplicationRequest): void {
  const bucket = findBucket(ctx, input);
  if (bucket.versioning !== 'Enabled') {
    const message = "Versioning must be 'Enabled' on the bucket to apply a replication configuration";
    throw invalidRequest(message);
  }
  put('replication', 'ReplicationConfiguration')(ctx, input);
}

export function putBucketTagging(ctx: Context, input: PutBucketTaggingRequest): void {
  const bucket = findBucket(ctx, input);
  const { TagSet = [] } = input.Tagging!;
  checkTags(TagSet, MOST_TAGS);
  keepConfiguration(ctx, input.Bucket!, bucket, KINDS.tagging.name, TagSet.length > 0 ? { TagSet } : undefined);
}

export function getBucketVersioning(ctx: Context, input: BucketInput): GetBucketVersioningOutput {
  const { versioning } = findBucket(ctx, input);
  return versioning ? { Status: versioning } : {};
}

export function putBucketVersioning(ctx: Context, input: PutBucketVersioningRequest): void {
  const bucket = findBucket(ctx, input);
  const { Status } = input.VersioningConfiguration!;
  if (Status === undefined) throw malformedXml();
  if (Status === 'Suspended' && bucket.configurations.ObjectLock) {
    const message =
      'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.';
    throw new AwsError('InvalidBucketState', message, { status: 409 });
  }
  ctx.rows(buckets).put(input.Bucket!, { ...bucket, versioning: Status });
}
