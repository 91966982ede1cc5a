/*
 * AWS::IAM::InstanceProfile: a role for machines, as a record.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-instanceprofile.html
 */
import { everyPage, unlessGone } from '../../kernel/resource-types.ts';
import type { ResourceType } from '../../kernel/service.ts';

export const instanceProfile: ResourceType = {
  properties: ['InstanceProfileName', 'Path', 'Roles'],
  name: { property: 'InstanceProfileName', most: 128 },
  async find({ call }, { InstanceProfileName }) {
    return (await unlessGone(call('iam', 'GetInstanceProfile', { InstanceProfileName }))) && InstanceProfileName;
  },
  async create({ call }, { InstanceProfileName, Path, Roles }) {
    await call('iam', 'CreateInstanceProfile', { InstanceProfileName, Path });
    for (const RoleName of Roles) await call('iam', 'AddRoleToInstanceProfile', { InstanceProfileName, RoleName });
    return InstanceProfileName;
  },
  /** It takes one role at a time: the old one goes first. */
  async update({ call }, { physicalId: InstanceProfileName, properties: before }, { Roles }) {
    for (const RoleName of before.Roles)
      if (!Roles.includes(RoleName))
        await unlessGone(call('iam', 'RemoveRoleFromInstanceProfile', { InstanceProfileName, RoleName }));
    for (const RoleName of Roles)
      if (!before.Roles.includes(RoleName))
        await call('iam', 'AddRoleToInstanceProfile', { InstanceProfileName, RoleName });
  },
  async delete({ call }, { physicalId: InstanceProfileName, properties }) {
    for (const RoleName of properties.Roles ?? [])
      await unlessGone(call('iam', 'RemoveRoleFromInstanceProfile', { InstanceProfileName, RoleName }));
    await unlessGone(call('iam', 'DeleteInstanceProfile', { InstanceProfileName }));
  },
  async read({ call }, { physicalId: InstanceProfileName }) {
    const found = await unlessGone(call('iam', 'GetInstanceProfile', { InstanceProfileName }));
    if (!found) return undefined;
    const { Arn, Path, Roles = [] } = found.InstanceProfile!;
    return { InstanceProfileName, Arn, Path, Roles: Roles.map(({ RoleName }) => RoleName!) };
  },
  async list({ call }) {
    const profiles = await everyPage(
      (Marker) => call('iam', 'ListInstanceProfiles', { Marker }),
      ({ InstanceProfiles }) => InstanceProfiles,
    );
    return profiles.map(({ InstanceProfileName }) => ({ InstanceProfileName: InstanceProfileName! }));
  },
};
