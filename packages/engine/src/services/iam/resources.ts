/*
 * Resource types of IAM.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_IAM.html
 */
import { tagChanges, unlessGone } from '../../kernel/resource-types.ts';
import type { Properties, ResourceContext, ResourceType } from '../../kernel/service.ts';

type Call = ResourceContext['call'];

const textOf = (document: unknown) => (typeof document === 'string' ? document : JSON.stringify(document));
const documentOf = (text: string | undefined) => JSON.parse(decodeURIComponent(text ?? '%7B%7D'));

const role: ResourceType = {
  properties: [
    ...['AssumeRolePolicyDocument', 'Description', 'ManagedPolicyArns', 'MaxSessionDuration', 'Path'],
    ...['PermissionsBoundary', 'Policies', 'RoleName', 'Tags'],
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
    await putPolicies(call, RoleName, {}, properties);
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
    await putPolicies(call, RoleName, before, properties);
    const { put, removed } = tagChanges(before.Tags, properties.Tags);
    if (removed) await call('iam', 'UntagRole', { RoleName, TagKeys: removed });
    if (put) await call('iam', 'TagRole', { RoleName, Tags: put });
  },
  /** The policies that the template gave it go first; others keep it from going, as on AWS. */
  async delete({ call }, { physicalId: RoleName, properties }) {
    if (!(await unlessGone(call('iam', 'GetRole', { RoleName })))) return;
    await putPolicies(call, RoleName, properties, {});
    await unlessGone(call('iam', 'DeleteRole', { RoleName }));
  },
  async read({ call }, { physicalId: RoleName }) {
    const found = await unlessGone(call('iam', 'GetRole', { RoleName }));
    if (!found) return undefined;
    const { Arn, RoleId, Path, Description, MaxSessionDuration, AssumeRolePolicyDocument, Tags } = found.Role!;
    const { AttachedPolicies = [] } = await call('iam', 'ListAttachedRolePolicies', { RoleName });
    const { PolicyNames = [] } = await call('iam', 'ListRolePolicies', { RoleName });
    const Policies = await Promise.all(
      PolicyNames.map(async (PolicyName) => {
        const { PolicyDocument } = await call('iam', 'GetRolePolicy', { RoleName, PolicyName });
        return { PolicyName, PolicyDocument: documentOf(PolicyDocument) };
      }),
    );
    const boundary = found.Role!.PermissionsBoundary?.PermissionsBoundaryArn;
    return {
      ...{ RoleName, Arn, RoleId, Path, MaxSessionDuration },
      AssumeRolePolicyDocument: documentOf(AssumeRolePolicyDocument),
      ...(Description && { Description }),
      ...(boundary && { PermissionsBoundary: boundary }),
      ...(AttachedPolicies.length > 0 && { ManagedPolicyArns: AttachedPolicies.map(({ PolicyArn }) => PolicyArn!) }),
      ...(Policies.length > 0 && { Policies }),
      ...(Tags?.length && { Tags }),
    };
  },
  async list({ call }) {
    const names: string[] = [];
    let Marker: string | undefined;
    do {
      const page = await call('iam', 'ListRoles', { Marker });
      names.push(...(page.Roles ?? []).map(({ RoleName }) => RoleName!));
      Marker = page.IsTruncated ? page.Marker : undefined;
    } while (Marker);
    return names.map((RoleName) => ({ RoleName }));
  },
};

/** Brings a role's inline and managed policies from those of some properties to those of others. */
async function putPolicies(call: Call, RoleName: string, before: Properties, after: Properties): Promise<void> {
  const [arns, policies] = [after.ManagedPolicyArns ?? [], after.Policies ?? []];
  for (const PolicyArn of before.ManagedPolicyArns ?? [])
    if (!arns.includes(PolicyArn)) await unlessGone(call('iam', 'DetachRolePolicy', { RoleName, PolicyArn }));
  for (const PolicyArn of arns) await call('iam', 'AttachRolePolicy', { RoleName, PolicyArn });
  for (const { PolicyName } of before.Policies ?? [])
    if (!policies.some((policy: Properties) => policy.PolicyName === PolicyName))
      await unlessGone(call('iam', 'DeleteRolePolicy', { RoleName, PolicyName }));
  for (const { PolicyName, PolicyDocument } of policies)
    await call('iam', 'PutRolePolicy', { RoleName, PolicyName, PolicyDocument: textOf(PolicyDocument) });
}

export const resources = { 'AWS::IAM::Role': role };
