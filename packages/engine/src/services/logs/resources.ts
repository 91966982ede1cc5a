/*
 * Resource types of CloudWatch Logs.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Logs.html
 */
import { AwsError } from '../../kernel/errors.ts';
import { everyPage, tagChanges, tagList, tagMap, unlessGone } from '../../kernel/resource-types.ts';
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
    if ((properties.LogGroupClass ?? 'STANDARD') !== (before.LogGroupClass ?? 'STANDARD')) {
      throw new AwsError('InvalidParameterException', 'The class of a log group cannot be changed.');
    }
    if (retentionInDays !== before.RetentionInDays) {
      if (retentionInDays === undefined) await call('logs', 'DeleteRetentionPolicy', { logGroupName });
      else await call('logs', 'PutRetentionPolicy', { logGroupName, retentionInDays });
    }
    if (properties.KmsKeyId !== before.KmsKeyId) {
      const { KmsKeyId: kmsKeyId } = properties;
      if (kmsKeyId === undefined) await call('logs', 'DisassociateKmsKey', { logGroupName });
      else await call('logs', 'AssociateKmsKey', { logGroupName, kmsKeyId });
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
    const groups = await everyPage(
      (nextToken) => call('logs', 'DescribeLogGroups', { nextToken }),
      ({ logGroups }) => logGroups,
    );
    return groups.map(({ logGroupName }) => ({ LogGroupName: logGroupName! }));
  },
};

async function describe(call: Call, logGroupName: string) {
  const { logGroups = [] } = await call('logs', 'DescribeLogGroups', { logGroupNamePrefix: logGroupName, limit: 1 });
  return logGroups.find((group) => group.logGroupName === logGroupName);
}

/** A stream's name is its own in its group, so `Ref` gives it bare. */
const logStream: ResourceType = {
  properties: ['LogGroupName', 'LogStreamName'],
  name: { property: 'LogStreamName', most: 512 },
  physicalId: ({ LogStreamName }) => LogStreamName,
  async find({ call }, { LogGroupName, LogStreamName }) {
    return (await hasStream(call, LogGroupName, LogStreamName)) ? LogStreamName : undefined;
  },
  async create({ call }, { LogGroupName: logGroupName, LogStreamName: logStreamName }) {
    await call('logs', 'CreateLogStream', { logGroupName, logStreamName });
    return logStreamName;
  },
  async delete({ call }, { physicalId: logStreamName, properties: { LogGroupName: logGroupName } }) {
    await unlessGone(call('logs', 'DeleteLogStream', { logGroupName, logStreamName }));
  },
  async read({ call }, { physicalId: LogStreamName, properties: { LogGroupName } }) {
    return (await hasStream(call, LogGroupName, LogStreamName)) ? { LogGroupName, LogStreamName } : undefined;
  },
};

async function hasStream(call: Call, logGroupName: string, logStreamNamePrefix: string): Promise<boolean> {
  const request = { logGroupName, logStreamNamePrefix, limit: 1 };
  const found = await unlessGone(call('logs', 'DescribeLogStreams', request));
  return found?.logStreams?.[0]?.logStreamName === logStreamNamePrefix;
}

const resourcePolicy: ResourceType = {
  properties: ['PolicyDocument', 'PolicyName'],
  async find({ call }, { PolicyName }) {
    return (await policyOf(call, PolicyName))?.policyName;
  },
  async create({ call }, { PolicyName: policyName, PolicyDocument }) {
    await call('logs', 'PutResourcePolicy', { policyName, policyDocument: JSON.stringify(PolicyDocument) });
    return policyName;
  },
  async update({ call }, { physicalId: policyName }, { PolicyDocument }) {
    await call('logs', 'PutResourcePolicy', { policyName, policyDocument: JSON.stringify(PolicyDocument) });
  },
  async delete({ call }, { physicalId: policyName }) {
    await unlessGone(call('logs', 'DeleteResourcePolicy', { policyName }));
  },
  async read({ call }, { physicalId }) {
    const policy = await policyOf(call, physicalId);
    return policy && { PolicyName: policy.policyName, PolicyDocument: JSON.parse(policy.policyDocument!) };
  },
  async list({ call }) {
    return (await policies(call)).map(({ policyName }) => ({ PolicyName: policyName! }));
  },
};

const policies = (call: Call) =>
  everyPage(
    (nextToken) => call('logs', 'DescribeResourcePolicies', { nextToken }),
    ({ resourcePolicies }) => resourcePolicies,
  );

async function policyOf(call: Call, name: string) {
  return (await policies(call)).find(({ policyName }) => policyName === name);
}

export const resources = {
  'AWS::Logs::LogGroup': logGroup,
  'AWS::Logs::LogStream': logStream,
  'AWS::Logs::ResourcePolicy': resourcePolicy,
};
