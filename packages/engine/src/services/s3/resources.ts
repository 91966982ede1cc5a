/*
 * Resource types of S3.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_S3.html
 */
import { unlessGone } from '../../kernel/resource-types.ts';
import type { Properties, ResourceContext, ResourceType } from '../../kernel/service.ts';
import { configurationsOf, SEVERAL, type Setting, SINGLE } from './templates.ts';

const FIRST_REGION = 'us-east-1';

const bucket: ResourceType = {
  properties: ['BucketName', 'ObjectLockEnabled', ...Object.keys(SINGLE), ...Object.keys(SEVERAL)],
  name: { property: 'BucketName', most: 63, lowerCase: true },
  async find({ call, scope }, { BucketName: Bucket }) {
    const { Buckets = [] } = await call('s3', 'ListBuckets', { Prefix: Bucket, BucketRegion: scope.region });
    return Buckets.some(({ Name }) => Name === Bucket) ? Bucket : undefined;
  },
  async create(ctx, properties) {
    const { call, scope } = ctx;
    const { BucketName: Bucket, ObjectLockEnabled, OwnershipControls } = properties;
    await call('s3', 'CreateBucket', {
      Bucket,
      ...(ObjectLockEnabled && { ObjectLockEnabledForBucket: true }),
      ...(OwnershipControls && { ObjectOwnership: OwnershipControls.Rules?.[0]?.ObjectOwnership }),
      ...(scope.region !== FIRST_REGION && {
        CreateBucketConfiguration: { LocationConstraint: scope.region as never },
      }),
    });
    try {
      await configure(ctx, Bucket, {}, properties);
    } catch (error) {
      await call('s3', 'DeleteBucket', { Bucket });
      throw error;
    }
    return Bucket;
  },
  async update(ctx, { physicalId, properties: before }, properties) {
    await configure(ctx, physicalId, before, properties);
  },
  async delete({ call }, { physicalId: Bucket }) {
    await unlessGone(call('s3', 'DeleteBucket', { Bucket }));
  },
  async read(ctx, { physicalId: Bucket, properties }) {
    const head = await unlessGone(ctx.call('s3', 'HeadBucket', { Bucket }));
    if (!head) return undefined;
    const held: Record<string, unknown> = {};
    for (const [name, { read }] of Object.entries(SINGLE)) {
      const value = read && (await unlessGone(readSetting(ctx, Bucket, read)));
      if (value !== undefined) held[name] = value;
    }
    const region = head.BucketRegion!;
    return {
      ...properties,
      ...held,
      BucketName: Bucket,
      Arn: `arn:aws:s3:::${Bucket}`,
      DomainName: `${Bucket}.s3.amazonaws.com`,
      DualStackDomainName: `${Bucket}.s3.dualstack.${region}.amazonaws.com`,
      RegionalDomainName: `${Bucket}.s3.${region}.amazonaws.com`,
      WebsiteURL: `http://${Bucket}.${websiteHost(region)}`,
    };
  },
  async list({ call }) {
    const { Buckets = [] } = await call('s3', 'ListBuckets', {});
    return Buckets.map(({ Name }) => ({ BucketName: Name }));
  },
};

/** https://docs.aws.amazon.com/general/latest/gr/s3.html#s3_website_region_endpoints */
function websiteHost(region: string): string {
  const isOld = /^(us-(east|west|gov-west)-1|us-west-2|ap-(northeast|southeast)-1|ap-southeast-2|eu-west-1|sa-east-1)$/;
  return `s3-website${isOld.test(region) ? '-' : '.'}${region}.amazonaws.com`;
}

async function readSetting({ call }: ResourceContext, Bucket: string, read: NonNullable<Setting['read']>) {
  const answer = (await call('s3', read.operation as 'GetBucketTagging', { Bucket })) as Properties;
  return read.from(answer);
}

/** Puts what is new or changed, and deletes what is no longer there. */
async function configure(ctx: ResourceContext, Bucket: string, before: Properties, after: Properties): Promise<void> {
  for (const [name, setting] of Object.entries(SINGLE)) {
    if (same(before[name], after[name])) continue;
    if (after[name] !== undefined) await put(ctx, setting, Bucket, setting.write(after[name], Bucket));
    else if (setting.without) await put(ctx, setting, Bucket, setting.without);
    else if (setting.delete) await ask(ctx, setting.delete, { Bucket });
  }
  for (const [name, { kind, write }] of Object.entries(SEVERAL)) {
    const [was, is] = [configurationsOf(before[name]), configurationsOf(after[name])];
    for (const [Id, value] of is) {
      const request = { Bucket, Id, [`${kind}Configuration`]: write(value) };
      if (!same(was.get(Id), value)) await ask(ctx, `PutBucket${kind}Configuration`, request);
    }
    for (const Id of was.keys()) {
      if (!is.has(Id)) await unlessGone(ask(ctx, `DeleteBucket${kind}Configuration`, { Bucket, Id }));
    }
  }
}

async function put(ctx: ResourceContext, { put, member }: Setting, Bucket: string, value: unknown): Promise<void> {
  await ask(ctx, put, { Bucket, [member]: value });
}

/** Operations of settings are named by a table, whose entries are not told apart by types. */
async function ask({ call }: ResourceContext, operation: string, input: object): Promise<void> {
  await call('s3', operation as 'PutBucketTagging', input as never);
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

const policyText = (document: unknown) => (typeof document === 'string' ? document : JSON.stringify(document));

const bucketPolicy: ResourceType = {
  properties: ['Bucket', 'PolicyDocument'],
  async find({ call }, { Bucket }) {
    return (await unlessGone(call('s3', 'GetBucketPolicy', { Bucket }))) ? Bucket : undefined;
  },
  async create({ call }, { Bucket, PolicyDocument }) {
    await call('s3', 'PutBucketPolicy', { Bucket, Policy: policyText(PolicyDocument) });
    return Bucket;
  },
  async update({ call }, { physicalId: Bucket }, { PolicyDocument }) {
    await call('s3', 'PutBucketPolicy', { Bucket, Policy: policyText(PolicyDocument) });
  },
  async delete({ call }, { physicalId: Bucket }) {
    await unlessGone(call('s3', 'DeleteBucketPolicy', { Bucket }));
  },
  async read({ call }, { physicalId: Bucket }) {
    const held = await unlessGone(call('s3', 'GetBucketPolicy', { Bucket }));
    return held && { Bucket, PolicyDocument: JSON.parse(held.Policy!) };
  },
};

export const resources = { 'AWS::S3::Bucket': bucket, 'AWS::S3::BucketPolicy': bucketPolicy };
