/*
 * Resource types of CloudWatch Logs.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Logs.html
 */
import { tagChanges, tagList, tagMap, unlessGone } from '../../kernel/resource-types.ts';
import type { ResourceContext, ResourceType } from '../../kernel/service.ts';

type Call = ResourceContext['call'];

const logGroup: ResourceType = {
  properties: ['DeletionProtectionEnabled', 'KmsKeyId', 'LogGroupClass', 'LogGroupName', 'RetentionInDays', 'Tags'],
  name: { property: 'LogGroupName', most: 512 },
  async find({ call }, { LogGroupName }) {
    return (await describe(call, LogGroupName)) && LogGroupName;
  },
  async create({ call }, properties) {
    const { LogGroupName: logGroupName, KmsKeyId: kmsKeyId, LogGroupClass: logGroupClass, Tags } = properties;
    const { RetentionInDays: retentionInDays, DeletionProtectionEnabled: deletionProtectionEnabled } = properties;
    const tags = tagMap(Tags);
    const request = { logGroupName, kmsKeyId, logGroupClass, deletionProtectionEnabled, tags };
    await call('logs', 'CreateLogGroup', request);
    if (retentionInDays !== undefined) await call('logs', 'PutRetentionPolicy', { logGroupName, retentionInDays });
    return logGroupName;
  },
  async update({ call, scope }, { physicalId: logGroupName, properties: before }, properties) {
    const { RetentionInDays: retentionInDays, DeletionProtectionEnabled = false, Tags } = properties;
    if (retentionInDays !== before.RetentionInDays) {
      if (retentionInDays === undefined) await call('logs', 'DeleteRetentionPolicy', { logGroupName });
      else await call('logs', 'PutRetentionPolicy', { logGroupName, retentionInDays });
    }
    if (DeletionProtectionEnabled !== (before.DeletionProtectionEnabled ?? false)) {
      const request = { logGroupIdentifier: logGroupName, deletionProtectionEnabled: DeletionProtectionEnabled };
      await call('logs', 'PutLogGroupDeletionProtection', request);
    }
    const { put, removed } = tagChanges(before.Tags, Tags);
    const resourceArn = `arn:aws:logs:${scope.region}:${scope.account}:log-group:${logGroupName}`;
    if (removed) await call('logs', 'UntagResource', { resourceArn, tagKeys: removed });
    if (put) await call('logs', 'TagResource', { resourceArn, tags: tagMap(put) });
  },
  async delete({ call }, { physicalId: logGroupName }) {
    await unlessGone(call('logs', 'DeleteLogGroup', { logGroupName }));
  },
  async read({ call }, { physicalId }) {
    const group = await describe(call, physicalId);
    if (!group) return undefined;
    const { tags } = await call('logs', 'ListTagsForResource', { resourceArn: group.logGroupArn });
    const Tags = tagList(tags);
    return {
      LogGroupName: physicalId,
      Arn: group.arn,
      LogGroupClass: group.logGroupClass ?? 'STANDARD',
      DeletionProtectionEnabled: group.deletionProtectionEnabled ?? false,
      ...(group.retentionInDays && { RetentionInDays: group.retentionInDays }),
      ...(group.kmsKeyId && { KmsKeyId: group.kmsKeyId }),
      ...(Tags && { Tags }),
    };
  },
  async list({ call }) {
    const names: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await call('logs', 'DescribeLogGroups', { nextToken });
      names.push(...(page.logGroups ?? []).map(({ logGroupName }) => logGroupName!));
      nextToken = page.nextToken;
    } while (nextToken);
    return names.map((LogGroupName) => ({ LogGroupName }));
  },
};

async function describe(call: Call, logGroupName: string) {
  const { logGroups = [] } = await call('logs', 'DescribeLogGroups', { logGroupNamePrefix: logGroupName, limit: 1 });
  return logGroups.find((group) => group.logGroupName === logGroupName);
}

export const resources = { 'AWS::Logs::LogGroup': logGroup };
