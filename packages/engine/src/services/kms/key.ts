/*
 * What a key is: its record, and how requests name one. Keys of AWS itself (`alias/aws/s3`) are there for every
 * service: their ids follow from the account, the region and the alias.
 * https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html
 */
import { createHash } from 'node:crypto';
import type { KeyMetadata, KeyState, KeyUsageType } from '@aws-sdk/client-kms';
import { formatArn, parseArn, type Scope } from '../../kernel/arn.ts';
import { dateOf } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { notFound } from './errors.ts';

/** The one specification of keys that Carillon has. */
export const SYMMETRIC = 'SYMMETRIC_DEFAULT';

/** What is kept of a key. Moments are epoch milliseconds. */
export interface Key {
  readonly createdAt: number;
  readonly description: string;
  readonly usage: KeyUsageType;
  readonly state: Extract<KeyState, 'Enabled' | 'Disabled' | 'PendingDeletion'>;
  readonly deletesAt?: number;
  readonly policy: string;
  /** While it is rotated: how often, and since when that is counted. */
  readonly rotation?: { readonly days: number; readonly since: number };
  readonly multiRegion: boolean;
  readonly tags: Readonly<Record<string, string>>;
  /** AWS's own. */
  readonly managed?: true;
}

/** By id. */
export const keys = table<Key>('kms.keys');

/** An alias of a key. */
export interface Alias {
  readonly keyId: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** By name, with `alias/` before it. */
export const aliases = table<Alias>('kms.aliases', { index: ({ keyId }, name) => `${keyId} ${name}` });

/** Services that have a key of their own in every account. */
export const MANAGED = [
  'dynamodb',
  'ebs',
  'ecr',
  'events',
  'kinesis',
  'lambda',
  'rds',
  's3',
  'secretsmanager',
  'sns',
  'sqs',
  'ssm',
].map((service) => `alias/aws/${service}`);

export interface Found {
  readonly id: string;
  readonly arn: string;
  readonly key: Key;
}

/** The key that a request names by its id, its ARN, an alias or an alias's ARN. Throws AWS's error. */
export function find(ctx: Context, text: string): Found {
  const resource = text.startsWith('arn:') ? resourceOf(ctx.scope, text) : text;
  if (resource.startsWith('alias/')) return findAliased(ctx, resource);
  const id = text.startsWith('arn:') ? resource.replace(/^key\//, '') : text;
  const key = ctx.rows(keys).get(id) ?? managedKeys(ctx.scope).get(id);
  if (!key) throw notFound(`Key '${arnOf(ctx.scope, id)}' does not exist`);
  return { id, arn: arnOf(ctx.scope, id), key };
}

function findAliased(ctx: Context, name: string): Found {
  const id = MANAGED.includes(name) ? managedId(ctx.scope, name) : ctx.rows(aliases).get(name)?.keyId;
  if (id === undefined) throw notFound(`Alias ${aliasArn(ctx.scope, name)} is not found.`);
  return find(ctx, id);
}

/** A key by its id or ARN: aliases are no keys to operations that change one. Throws AWS's error. */
export function findOwn(ctx: Context, text: string): Found {
  if (/(^|:)alias\//.test(text)) {
    throw new AwsError('InvalidArnException', `${text} is not a key: this operation takes the id or ARN of a key.`);
  }
  const found = find(ctx, text);
  if (!found.key.managed) return found;
  throw new AwsError('AccessDeniedException', `${found.arn} is an AWS managed key, which nobody but AWS may change.`);
}

function resourceOf(scope: Scope, text: string): string {
  const arn = parseArn(text);
  if (arn?.service !== 'kms' || !/^(key|alias)\/./.test(arn.resource)) {
    throw new AwsError('InvalidArnException', `Invalid arn ${text}`);
  }
  if (arn.region !== scope.region) throw new AwsError('InvalidArnException', `Invalid arn ${arn.region}`);
  if (arn.account === scope.account) return arn.resource;
  throw notFound(`Key '${text}' does not exist`);
}

export function managedId({ account, region }: Scope, alias: string): string {
  const hex = createHash('sha256').update(`${account} ${region} ${alias}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** AWS's keys of an account and region, by id. */
export function managedKeys(scope: Scope): Map<string, Key> {
  return new Map(
    MANAGED.map((alias) => {
      const service = alias.slice('alias/aws/'.length);
      const description = `Default key that protects my ${service} data when no other key is defined`;
      const policy = defaultPolicy(scope);
      return [
        managedId(scope, alias),
        {
          ...{ createdAt: 0, description, usage: 'ENCRYPT_DECRYPT', state: 'Enabled', policy },
          ...{ rotation: { days: 365, since: 0 }, multiRegion: false, tags: {}, managed: true },
        },
      ];
    }),
  );
}

/** What a key's policy says when nobody gave one: the account's own policies decide. */
export function defaultPolicy({ account }: Scope): string {
  const statement = {
    ...{ Sid: 'Enable IAM User Permissions', Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${account}:root` } },
    ...{ Action: 'kms:*', Resource: '*' },
  };
  return JSON.stringify({ Version: '2012-10-17', Id: 'key-default-1', Statement: [statement] });
}

export function arnOf(scope: Scope, id: string): string {
  return formatArn('kms', scope, `key/${id}`);
}

export function aliasArn(scope: Scope, name: string): string {
  return formatArn('kms', scope, name);
}

/** A key as AWS shows it. */
export function metadataOf(scope: Scope, { id, arn, key }: Found): KeyMetadata {
  const { createdAt, description, usage, state, deletesAt, multiRegion } = key;
  return {
    AWSAccountId: scope.account,
    ...{ KeyId: id, Arn: arn, CreationDate: dateOf(createdAt), Enabled: state === 'Enabled' },
    ...{ Description: description, KeyUsage: usage, KeyState: state },
    ...(deletesAt !== undefined && { DeletionDate: dateOf(deletesAt) }),
    ...{ Origin: 'AWS_KMS', KeyManager: key.managed ? 'AWS' : 'CUSTOMER' },
    ...{ CustomerMasterKeySpec: SYMMETRIC, KeySpec: SYMMETRIC, EncryptionAlgorithms: [SYMMETRIC] },
    MultiRegion: multiRegion,
    ...(multiRegion && {
      MultiRegionConfiguration: {
        ...{ MultiRegionKeyType: 'PRIMARY', PrimaryKey: { Arn: arn, Region: scope.region }, ReplicaKeys: [] },
      },
    }),
  };
}
