/*
 * Resource types of ECR.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ECR.html
 */
import type { CreateRepositoryRequest, Repository } from '@aws-sdk/client-ecr';
import { everyPage, tagChanges, textOf, unlessGone } from '../../kernel/resource-types.ts';
import type { Properties, ResourceContext, ResourceType } from '../../kernel/service.ts';

type Call = ResourceContext['call'];

const exclusionsOf = ({ ImageTagMutabilityExclusionFilters: filters }: Properties) =>
  filters?.map((filter: Properties) => ({
    filterType: filter.ImageTagMutabilityExclusionFilterType,
    filter: filter.ImageTagMutabilityExclusionFilterValue,
  }));

function requestOf(properties: Properties): CreateRepositoryRequest {
  const { EncryptionConfiguration: encryption } = properties;
  return {
    repositoryName: properties.RepositoryName,
    imageTagMutability: properties.ImageTagMutability,
    imageTagMutabilityExclusionFilters: exclusionsOf(properties),
    imageScanningConfiguration: { scanOnPush: properties.ImageScanningConfiguration?.ScanOnPush ?? false },
    ...(encryption && {
      encryptionConfiguration: { encryptionType: encryption.EncryptionType, kmsKey: encryption.KmsKey },
    }),
    tags: properties.Tags,
  };
}

const repository: ResourceType = {
  properties: [
    ...['EmptyOnDelete', 'EncryptionConfiguration', 'ImageScanningConfiguration', 'ImageTagMutability'],
    ...['ImageTagMutabilityExclusionFilters', 'LifecyclePolicy', 'RepositoryName', 'RepositoryPolicyText', 'Tags'],
  ],
  name: { property: 'RepositoryName', most: 256, lowerCase: true },
  async find({ call }, { RepositoryName }) {
    const found = unlessGone(call('ecr', 'DescribeRepositories', { repositoryNames: [RepositoryName] }));
    return (await found)?.repositories?.[0]?.repositoryName;
  },
  async create({ call }, properties) {
    await call('ecr', 'CreateRepository', requestOf(properties));
    await putPolicies(call, properties.RepositoryName, {}, properties);
    return properties.RepositoryName;
  },
  async update({ call }, { physicalId: repositoryName, properties: before }, properties) {
    const { imageScanningConfiguration, imageTagMutability = 'MUTABLE', ...request } = requestOf(properties);
    const imageTagMutabilityExclusionFilters = request.imageTagMutabilityExclusionFilters;
    const mutability = { imageTagMutability, imageTagMutabilityExclusionFilters };
    await call('ecr', 'PutImageScanningConfiguration', { repositoryName, imageScanningConfiguration });
    await call('ecr', 'PutImageTagMutability', { repositoryName, ...mutability });
    await putPolicies(call, repositoryName, before, properties);
    const { put, removed } = tagChanges(before.Tags, properties.Tags);
    if (!put && !removed) return;
    const resourceArn = (await describe(call, repositoryName))!.repositoryArn;
    if (removed) await call('ecr', 'UntagResource', { resourceArn, tagKeys: removed });
    if (put) await call('ecr', 'TagResource', { resourceArn, tags: put });
  },
  async delete({ call }, { physicalId: repositoryName, properties }) {
    const force = properties.EmptyOnDelete ?? false;
    await unlessGone(call('ecr', 'DeleteRepository', { repositoryName, force }));
  },
  async read({ call }, { physicalId: repositoryName }) {
    const found = await describe(call, repositoryName);
    if (!found) return undefined;
    const policy = await unlessGone(call('ecr', 'GetRepositoryPolicy', { repositoryName }));
    const lifecycle = await unlessGone(call('ecr', 'GetLifecyclePolicy', { repositoryName }));
    const { tags } = await call('ecr', 'ListTagsForResource', { resourceArn: found.repositoryArn });
    const { encryptionType: EncryptionType, kmsKey: KmsKey } = found.encryptionConfiguration!;
    const filters = found.imageTagMutabilityExclusionFilters?.map(({ filterType, filter }) => ({
      ImageTagMutabilityExclusionFilterType: filterType,
      ImageTagMutabilityExclusionFilterValue: filter,
    }));
    return {
      ...{ RepositoryName: repositoryName, Arn: found.repositoryArn, RepositoryUri: found.repositoryUri },
      ImageTagMutability: found.imageTagMutability,
      ...(filters && { ImageTagMutabilityExclusionFilters: filters }),
      ImageScanningConfiguration: { ScanOnPush: found.imageScanningConfiguration?.scanOnPush },
      EncryptionConfiguration: { EncryptionType, ...(KmsKey && { KmsKey }) },
      ...(policy && { RepositoryPolicyText: JSON.parse(policy.policyText!) }),
      ...(lifecycle && { LifecyclePolicy: { LifecyclePolicyText: lifecycle.lifecyclePolicyText } }),
      ...(tags?.length && { Tags: tags }),
    };
  },
  async list({ call }) {
    const repositories = await everyPage(
      (nextToken) => call('ecr', 'DescribeRepositories', { nextToken, maxResults: 1000 }),
      (page) => page.repositories,
    );
    return repositories.map(({ repositoryName }) => ({ RepositoryName: repositoryName! }));
  },
};

async function describe(call: Call, repositoryName: string): Promise<Repository | undefined> {
  const found = await unlessGone(call('ecr', 'DescribeRepositories', { repositoryNames: [repositoryName] }));
  return found?.repositories?.[0];
}

async function putPolicies(call: Call, repositoryName: string, before: Properties, after: Properties): Promise<void> {
  const { RepositoryPolicyText: policy, LifecyclePolicy: lifecycle } = after;
  if (policy) await call('ecr', 'SetRepositoryPolicy', { repositoryName, policyText: textOf(policy) });
  else if (before.RepositoryPolicyText) await unlessGone(call('ecr', 'DeleteRepositoryPolicy', { repositoryName }));
  const lifecyclePolicyText = lifecycle?.LifecyclePolicyText;
  if (lifecyclePolicyText) await call('ecr', 'PutLifecyclePolicy', { repositoryName, lifecyclePolicyText });
  else if (before.LifecyclePolicy) await unlessGone(call('ecr', 'DeleteLifecyclePolicy', { repositoryName }));
}

export const resources = { 'AWS::ECR::Repository': repository };
