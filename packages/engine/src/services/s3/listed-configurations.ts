/*
 * Configurations of which a bucket has several, each with an id: analytics, inventory, metrics, Intelligent-Tiering. They
 * are kept and told, and do nothing.
 *
 * Amazon S3 API Reference, PutBucketAnalyticsConfiguration and its neighbours; "Error responses".
 */
import { AwsError } from '../../kernel/errors.ts';
import type { Context, Handler } from '../../kernel/service.ts';
import { type BucketInput, findBucket } from './bucket.ts';
import { keepConfiguration } from './configurations.ts';
import { invalidArgument, malformedXml } from './errors.ts';

const MOST = 1_000;
const PAGE = 100;

type Kind = 'Analytics' | 'Inventory' | 'Metrics' | 'IntelligentTiering';
type Kept = Readonly<Record<string, { readonly Id: string }>>;

interface Input extends BucketInput {
  readonly Id?: string;
  readonly ContinuationToken?: string;
}

const keptBy = (ctx: Context, input: Input, kind: Kind) => {
  const bucket = findBucket(ctx, input);
  return { bucket, kept: (bucket.configurations[kind] ?? {}) as Kept };
};

export function gotOne(kind: Kind): Handler {
  return (ctx, input: Input) => ({ [`${kind}Configuration`]: one(ctx, input, kind) });
}

function one(ctx: Context, input: Input, kind: Kind): unknown {
  const found = keptBy(ctx, input, kind).kept[input.Id!];
  if (found) return found;
  throw new AwsError('NoSuchConfiguration', 'The specified configuration does not exist.', { status: 404 });
}

export function putOne(kind: Kind): Handler {
  return (ctx, input: Input) => {
    const { bucket, kept } = keptBy(ctx, input, kind);
    const value = (input as unknown as Kept)[`${kind}Configuration`];
    if (!value) throw malformedXml();
    if (value.Id !== input.Id)
      throw invalidArgument('The id in the request does not match the id in the configuration', 'id', input.Id);
    const all = { ...kept, [value.Id]: value };
    if (Object.keys(all).length > MOST) {
      throw new AwsError(
        'TooManyConfigurations',
        'You are attempting to create a new configuration but have already reached the 1,000-configuration limit.',
      );
    }
    keepConfiguration(ctx, input.Bucket!, bucket, kind, all);
  };
}

export function deletedOne(kind: Kind): Handler {
  return (ctx, input: Input) => {
    one(ctx, input, kind);
    const { bucket, kept } = keptBy(ctx, input, kind);
    const { [input.Id!]: _, ...others } = kept;
    keepConfiguration(ctx, input.Bucket!, bucket, kind, others);
  };
}

export function listedAll(kind: Kind): Handler {
  return (ctx, input: Input) => {
    const token = input.ContinuationToken ?? '';
    const ids = Object.keys(keptBy(ctx, input, kind).kept).sort();
    const following = ids.filter((id) => id > Buffer.from(token, 'base64').toString());
    const page = following.slice(0, PAGE);
    const isTruncated = following.length > PAGE;
    return {
      IsTruncated: isTruncated,
      ...(token && { ContinuationToken: token }),
      ...(isTruncated && { NextContinuationToken: Buffer.from(page.at(-1)!).toString('base64') }),
      [`${kind}ConfigurationList`]: page.map((id) => keptBy(ctx, input, kind).kept[id]),
    };
  };
}
