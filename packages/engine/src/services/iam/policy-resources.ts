/*
 * Resource types of policies: inline ones of several entities, managed ones, and inline ones of one entity.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html
 */
import { partitionOf } from '../../kernel/arn.ts';
import { isoMillis } from '../../kernel/clock.ts';
import { everyPage, textOf, unlessGone } from '../../kernel/resource-types.ts';
import type { Properties, ResourceType } from '../../kernel/service.ts';
import { type Call, documentOf, GROUPS, type Holder, ROLES, USERS } from './holders.ts';

/** The properties that name who gets a policy. */
const HOLDERS: readonly (readonly [property: string, holder: Holder])[] = [
  ['Groups', GROUPS],
  ['Roles', ROLES],
  ['Users', USERS],
];

type Each = (holder: Holder, name: string) => Promise<unknown>;

/** Does something for each entity that some properties name. */
async function forHolders(properties: Properties, each: Each): Promise<void> {
  for (const [property, holder] of HOLDERS) for (const name of properties[property] ?? []) await each(holder, name);
}

/** Does something for each entity that `before` names and `after` does not. */
async function forDropped(before: Properties, after: Properties, each: Each): Promise<void> {
  for (const [property, holder] of HOLDERS)
    for (const name of before[property] ?? []) if (!after[property]?.includes(name)) await each(holder, name);
}

/** Has no name but the id that it is given: others may have policies of the same name. */
export const policy: ResourceType = {
  properties: ['Groups', 'PolicyDocument', 'PolicyName', 'Roles', 'Users'],
  name: { property: 'Id', most: 128 },
  async create({ call }, properties) {
    await putInline(call, properties);
    return properties.Id;
  },
  async update({ call }, { properties: before }, properties) {
    await putInline(call, properties);
    const { PolicyName } = before;
    const after = PolicyName === properties.PolicyName ? properties : {};
    await forDropped(before, after, (holder, name) => unlessGone(holder.drop(call, name, PolicyName)));
  },
  async delete({ call }, { properties }) {
    const { PolicyName } = properties;
    await forHolders(properties, (holder, name) => unlessGone(holder.drop(call, name, PolicyName)));
  },
  async read(_ctx, { physicalId: Id, properties }) {
    return properties.PolicyName === undefined ? undefined : { ...properties, Id };
  },
};

async function putInline(call: Call, properties: Properties): Promise<void> {
  const { PolicyName, PolicyDocument } = properties;
  await forHolders(properties, (holder, name) => holder.put(call, name, PolicyName, textOf(PolicyDocument)));
}

/** Versions of a managed policy that may stand beside the one to come. */
const MOST_OTHER_VERSIONS = 4;

export const managedPolicy: ResourceType = {
  properties: ['Description', 'Groups', 'ManagedPolicyName', 'Path', 'PolicyDocument', 'Roles', 'Users'],
  name: { property: 'ManagedPolicyName', most: 128 },
  async find({ call, scope }, { ManagedPolicyName, Path = '/' }) {
    const PolicyArn = `arn:${partitionOf(scope.region)}:iam::${scope.account}:policy${Path}${ManagedPolicyName}`;
    return (await unlessGone(call('iam', 'GetPolicy', { PolicyArn }))) && PolicyArn;
  },
  async create({ call }, properties) {
    const { ManagedPolicyName: PolicyName, Path, Description, PolicyDocument } = properties;
    const request = { PolicyName, Path, Description, PolicyDocument: textOf(PolicyDocument) };
    const PolicyArn = (await call('iam', 'CreatePolicy', request)).Policy!.Arn!;
    await forHolders(properties, (holder, name) => holder.attach(call, name, PolicyArn));
    return PolicyArn;
  },
  async update({ call }, { physicalId: PolicyArn, properties: before }, properties) {
    const PolicyDocument = textOf(properties.PolicyDocument);
    if (PolicyDocument !== textOf(before.PolicyDocument)) {
      await dropVersions(call, PolicyArn, MOST_OTHER_VERSIONS);
      await call('iam', 'CreatePolicyVersion', { PolicyArn, PolicyDocument, SetAsDefault: true });
    }
    await forHolders(properties, (holder, name) => holder.attach(call, name, PolicyArn));
    await forDropped(before, properties, (holder, name) => unlessGone(holder.detach(call, name, PolicyArn)));
  },
  async delete({ call }, { physicalId: PolicyArn, properties }) {
    if (!(await unlessGone(call('iam', 'GetPolicy', { PolicyArn })))) return;
    await forHolders(properties, (holder, name) => unlessGone(holder.detach(call, name, PolicyArn)));
    await dropVersions(call, PolicyArn, 1);
    await unlessGone(call('iam', 'DeletePolicy', { PolicyArn }));
  },
  async read({ call }, { physicalId: PolicyArn }) {
    const found = await unlessGone(call('iam', 'GetPolicy', { PolicyArn }));
    if (!found) return undefined;
    const {
      PolicyName,
      Path,
      Description,
      DefaultVersionId: VersionId,
      CreateDate,
      UpdateDate,
      ...rest
    } = found.Policy!;
    const { PolicyVersion } = await call('iam', 'GetPolicyVersion', { PolicyArn, VersionId });
    const { PolicyGroups, PolicyRoles, PolicyUsers } = await call('iam', 'ListEntitiesForPolicy', {
      ...{ PolicyArn, PolicyUsageFilter: 'PermissionsPolicy' },
    });
    return {
      ...{ PolicyArn, ManagedPolicyName: PolicyName, Path, DefaultVersionId: VersionId, PolicyId: rest.PolicyId },
      ...(Description && { Description }),
      PolicyDocument: documentOf(PolicyVersion!.Document),
      ...(PolicyGroups?.length && { Groups: PolicyGroups.map(({ GroupName }) => GroupName!) }),
      ...(PolicyRoles?.length && { Roles: PolicyRoles.map(({ RoleName }) => RoleName!) }),
      ...(PolicyUsers?.length && { Users: PolicyUsers.map(({ UserName }) => UserName!) }),
      ...{ AttachmentCount: rest.AttachmentCount, IsAttachable: rest.IsAttachable },
      PermissionsBoundaryUsageCount: rest.PermissionsBoundaryUsageCount,
      ...{ CreateDate: isoMillis(CreateDate!.getTime()), UpdateDate: isoMillis(UpdateDate!.getTime()) },
    };
  },
  async list({ call }) {
    const policies = await everyPage(
      (Marker) => call('iam', 'ListPolicies', { Scope: 'Local', Marker }),
      ({ Policies }) => Policies,
    );
    return policies.map(({ Arn }) => ({ PolicyArn: Arn! }));
  },
};

/** Drops the oldest versions that are not the default one, so that `most` stay. */
async function dropVersions(call: Call, PolicyArn: string, most: number): Promise<void> {
  const versions = await everyPage(
    (Marker) => call('iam', 'ListPolicyVersions', { PolicyArn, Marker }),
    ({ Versions }) => Versions,
  );
  const newestFirst = versions.filter(({ IsDefaultVersion }) => !IsDefaultVersion);
  for (const { VersionId } of newestFirst.slice(most - 1))
    await call('iam', 'DeletePolicyVersion', { PolicyArn, VersionId });
}

/** An inline policy of one entity: `Ref` gives the policy's name and the entity's. */
function inlinePolicyOf(holder: Holder, owner: string): ResourceType {
  const idOf = (properties: Properties) => `${properties.PolicyName}|${properties[owner]}`;
  const partsOf = (physicalId: string) => {
    const [policyName = '', name = ''] = physicalId.split('|');
    return { policyName, name };
  };
  const read = async (call: Call, physicalId: string) => {
    const { policyName, name } = partsOf(physicalId);
    const text = await unlessGone(holder.document(call, name, policyName));
    return text === undefined ? undefined : { PolicyName: policyName, [owner]: name, PolicyDocument: documentOf(text) };
  };
  const put = (call: Call, properties: Properties) =>
    holder.put(call, properties[owner], properties.PolicyName, textOf(properties.PolicyDocument ?? {}));
  return {
    properties: ['PolicyDocument', 'PolicyName', owner],
    find: async ({ call }, properties) => (await read(call, idOf(properties))) && idOf(properties),
    async create({ call }, properties) {
      await put(call, properties);
      return idOf(properties);
    },
    async update({ call }, _resource, properties) {
      await put(call, properties);
    },
    async delete({ call }, { physicalId }) {
      const { policyName, name } = partsOf(physicalId);
      await unlessGone(holder.drop(call, name, policyName));
    },
    read: ({ call }, { physicalId }) => read(call, physicalId),
    physicalId: idOf,
  };
}

export const rolePolicy = inlinePolicyOf(ROLES, 'RoleName');
export const userPolicy = inlinePolicyOf(USERS, 'UserName');
export const groupPolicy = inlinePolicyOf(GROUPS, 'GroupName');
