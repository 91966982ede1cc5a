/*
 * Resource types of KMS.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_KMS.html
 */
import type { KeySpec, KeyUsageType } from '@aws-sdk/client-kms';
import { AwsError } from '../../kernel/errors.ts';
import { type ResourceTag, tagChanges, unlessGone } from '../../kernel/resource-types.ts';
import type { Properties, ResourceContext, ResourceType } from '../../kernel/service.ts';

type Call = ResourceContext['call'];

const textOf = (document: unknown) => (typeof document === 'string' ? document : JSON.stringify(document));
const tagsOf = (tags: readonly ResourceTag[]) => tags.map(({ Key, Value }) => ({ TagKey: Key, TagValue: Value }));

const key: ResourceType = {
  properties: [
    ...[
      'BypassPolicyLockoutSafetyCheck',
      'Description',
      'EnableKeyRotation',
      'Enabled',
      'KeyPolicy',
      'KeySpec',
      'KeyUsage',
    ],
    ...['MultiRegion', 'Origin', 'PendingWindowInDays', 'RotationPeriodInDays', 'Tags'],
  ],
  async create({ call }, properties) {
    const { Description, KeyPolicy, MultiRegion, Origin, Tags = [] } = properties;
    const { KeyMetadata } = await call('kms', 'CreateKey', {
      ...{ Description, MultiRegion, Origin, Tags: tagsOf(Tags) },
      KeySpec: properties.KeySpec as KeySpec | undefined,
      KeyUsage: properties.KeyUsage as KeyUsageType | undefined,
      ...(KeyPolicy && { Policy: textOf(KeyPolicy) }),
    });
    await configure(call, KeyMetadata!.KeyId!, {}, properties);
    return KeyMetadata!.KeyId!;
  },
  async update({ call }, { physicalId: KeyId, properties: before }, properties) {
    const { Description = '', KeyPolicy } = properties;
    for (const name of ['KeySpec', 'KeyUsage', 'MultiRegion', 'Origin']) {
      if (before[name] !== undefined && properties[name] !== undefined && before[name] !== properties[name]) {
        throw new AwsError('NotUpdatable', `${name} of a key cannot be changed.`);
      }
    }
    await call('kms', 'UpdateKeyDescription', { KeyId, Description });
    if (KeyPolicy) await call('kms', 'PutKeyPolicy', { KeyId, Policy: textOf(KeyPolicy) });
    await configure(call, KeyId, before, properties);
    const { put, removed } = tagChanges(before.Tags, properties.Tags);
    if (removed) await call('kms', 'UntagResource', { KeyId, TagKeys: removed });
    if (put) await call('kms', 'TagResource', { KeyId, Tags: tagsOf(put) });
  },
  /** It goes after its window; until then it cannot be used. */
  async delete({ call }, { physicalId: KeyId, properties }) {
    const found = await unlessGone(call('kms', 'DescribeKey', { KeyId }));
    if (!found || found.KeyMetadata!.KeyState === 'PendingDeletion') return;
    await call('kms', 'ScheduleKeyDeletion', { KeyId, PendingWindowInDays: properties.PendingWindowInDays });
  },
  async read({ call }, { physicalId: KeyId }) {
    const found = await unlessGone(call('kms', 'DescribeKey', { KeyId }));
    if (!found || found.KeyMetadata!.KeyState === 'PendingDeletion') return undefined;
    const { Arn, Description, Enabled, KeySpec, KeyUsage, MultiRegion, Origin } = found.KeyMetadata!;
    const { Policy } = await call('kms', 'GetKeyPolicy', { KeyId });
    const rotation = await call('kms', 'GetKeyRotationStatus', { KeyId });
    const { Tags = [] } = await call('kms', 'ListResourceTags', { KeyId });
    return {
      ...{ KeyId, Arn, Description, Enabled, KeySpec, KeyUsage, MultiRegion, Origin },
      ...{ KeyPolicy: JSON.parse(Policy!), EnableKeyRotation: rotation.KeyRotationEnabled },
      ...(rotation.RotationPeriodInDays && { RotationPeriodInDays: rotation.RotationPeriodInDays }),
      ...(Tags.length > 0 && { Tags: Tags.map(({ TagKey, TagValue }) => ({ Key: TagKey!, Value: TagValue! })) }),
    };
  },
  async list({ call }) {
    const ids: { KeyId: string }[] = [];
    let Marker: string | undefined;
    do {
      const page = await call('kms', 'ListKeys', { Marker, Limit: 1000 });
      ids.push(...(page.Keys ?? []).map(({ KeyId }) => ({ KeyId: KeyId! })));
      Marker = page.NextMarker;
    } while (Marker);
    return ids;
  },
};

/** A key that is disabled cannot be told to rotate: it is switched on first and off last. */
async function configure(call: Call, KeyId: string, before: Properties, after: Properties): Promise<void> {
  const { Enabled = true, EnableKeyRotation = false, RotationPeriodInDays } = after;
  if (before.Enabled === false) await call('kms', 'EnableKey', { KeyId });
  if (EnableKeyRotation) await call('kms', 'EnableKeyRotation', { KeyId, RotationPeriodInDays });
  else if (before.EnableKeyRotation) await call('kms', 'DisableKeyRotation', { KeyId });
  if (!Enabled) await call('kms', 'DisableKey', { KeyId });
}

const alias: ResourceType = {
  properties: ['AliasName', 'TargetKeyId'],
  async find({ call }, { AliasName }) {
    return (await targetOf(call, AliasName)) && AliasName;
  },
  async create({ call }, { AliasName, TargetKeyId }) {
    await call('kms', 'CreateAlias', { AliasName, TargetKeyId });
    return AliasName;
  },
  async update({ call }, { physicalId: AliasName }, { TargetKeyId }) {
    await call('kms', 'UpdateAlias', { AliasName, TargetKeyId });
  },
  async delete({ call }, { physicalId: AliasName }) {
    await unlessGone(call('kms', 'DeleteAlias', { AliasName }));
  },
  async read({ call }, { physicalId: AliasName }) {
    const TargetKeyId = await targetOf(call, AliasName);
    return TargetKeyId === undefined ? undefined : { AliasName, TargetKeyId };
  },
  async list({ call }) {
    const names: { AliasName: string }[] = [];
    let Marker: string | undefined;
    do {
      const page = await call('kms', 'ListAliases', { Marker, Limit: 100 });
      names.push(...(page.Aliases ?? []).map(({ AliasName }) => ({ AliasName: AliasName! })));
      Marker = page.NextMarker;
    } while (Marker);
    return names;
  },
};

async function targetOf(call: Call, AliasName: string): Promise<string | undefined> {
  return (await unlessGone(call('kms', 'DescribeKey', { KeyId: AliasName })))?.KeyMetadata?.KeyId;
}

export const resources = { 'AWS::KMS::Alias': alias, 'AWS::KMS::Key': key };
