/* AWS::IAM::Role. https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html */
import { everyPage, tagChanges, textOf, unlessGone } from '../../kernel/resource-types.ts';
import type { ResourceType } from '../../kernel/service.ts';
import { documentOf, POLICIES, putPolicies, ROLES, readPolicies } from './holders.ts';

export const role: ResourceType = {
  properties: [
    ...['AssumeRolePolicyDocument', 'Description', 'MaxSessionDuration', 'Path', 'PermissionsBoundary', 'RoleName'],
    ...['Tags', ...POLICIES],
  ],
  name: { property: 'RoleName', most: 64 },
  async find({ call }, { RoleName }) {
    return (await unlessGone(call('iam', 'GetRole', { RoleName }))) && RoleName;
  },
  async create({ call }, properties) {
    const { AssumeRolePolicyDocument, Policies, ManagedPolicyArns, ...request } = properties;
    const document = textOf(AssumeRolePolicyDocument);
    const RoleName: string = request.RoleName;
    await call('iam', 'CreateRole', { ...request, RoleName, AssumeRolePolicyDocument: document });
    await putPolicies(call, ROLES, RoleName, {}, properties);
    return RoleName;
  },
  async update({ call }, { physicalId: RoleName, properties: before }, properties) {
    const { AssumeRolePolicyDocument, Description = '', MaxSessionDuration = 3600, PermissionsBoundary } = properties;
    const PolicyDocument = textOf(AssumeRolePolicyDocument);
    if (PolicyDocument !== textOf(before.AssumeRolePolicyDocument)) {
      await call('iam', 'UpdateAssumeRolePolicy', { RoleName, PolicyDocument });
    }
    await call('iam', 'UpdateRole', { RoleName, Description, MaxSessionDuration });
    if (PermissionsBoundary) await call('iam', 'PutRolePermissionsBoundary', { RoleName, PermissionsBoundary });
    else if (before.PermissionsBoundary) await call('iam', 'DeleteRolePermissionsBoundary', { RoleName });
    await putPolicies(call, ROLES, RoleName, before, properties);
    const { put, removed } = tagChanges(before.Tags, properties.Tags);
    if (removed) await call('iam', 'UntagRole', { RoleName, TagKeys: removed });
    if (put) await call('iam', 'TagRole', { RoleName, Tags: put });
  },
  /** The policies that the template gave it go first; others keep it from going, as on AWS. */
  async delete({ call }, { physicalId: RoleName, properties }) {
    if (!(await unlessGone(call('iam', 'GetRole', { RoleName })))) return;
    await putPolicies(call, ROLES, RoleName, properties, {});
    await unlessGone(call('iam', 'DeleteRole', { RoleName }));
  },
  async read({ call }, { physicalId: RoleName }) {
    const found = await unlessGone(call('iam', 'GetRole', { RoleName }));
    if (!found) return undefined;
    const { Arn, RoleId, Path, Description, MaxSessionDuration, AssumeRolePolicyDocument, Tags } = found.Role!;
    const boundary = found.Role!.PermissionsBoundary?.PermissionsBoundaryArn;
    return {
      ...{ RoleName, Arn, RoleId, Path, MaxSessionDuration },
      AssumeRolePolicyDocument: documentOf(AssumeRolePolicyDocument),
      ...(Description && { Description }),
      ...(boundary && { PermissionsBoundary: boundary }),
      ...(await readPolicies(call, ROLES, RoleName)),
      ...(Tags?.length && { Tags }),
    };
  },
  async list({ call }) {
    const roles = await everyPage(
      (Marker) => call('iam', 'ListRoles', { Marker }),
      ({ Roles }) => Roles,
    );
    return roles.map(({ RoleName }) => ({ RoleName: RoleName! }));
  },
};
