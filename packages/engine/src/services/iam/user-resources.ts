/*
 * Resource types of users: themselves, their groups, their access keys.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-user.html
 */

import { secretOf } from '../../kernel/access-keys.ts';
import { everyPage, tagChanges, unlessGone } from '../../kernel/resource-types.ts';
import type { ResourceType } from '../../kernel/service.ts';
import { type Call, GROUPS, POLICIES, putPolicies, readPolicies, USERS } from './holders.ts';

export const user: ResourceType = {
  properties: ['Groups', 'Path', 'PermissionsBoundary', 'Tags', 'UserName', ...POLICIES],
  name: { property: 'UserName', most: 64 },
  async find({ call }, { UserName }) {
    return (await unlessGone(call('iam', 'GetUser', { UserName }))) && UserName;
  },
  async create({ call }, properties) {
    const { UserName, Path, PermissionsBoundary, Tags, Groups } = properties;
    await call('iam', 'CreateUser', { UserName, Path, PermissionsBoundary, Tags });
    await putPolicies(call, USERS, UserName, {}, properties);
    await putGroups(call, UserName, [], Groups);
    return UserName;
  },
  async update({ call }, { physicalId: UserName, properties: before }, properties) {
    const { Path = '/', PermissionsBoundary } = properties;
    if (Path !== (before.Path ?? '/')) await call('iam', 'UpdateUser', { UserName, NewPath: Path });
    if (PermissionsBoundary) await call('iam', 'PutUserPermissionsBoundary', { UserName, PermissionsBoundary });
    else if (before.PermissionsBoundary) await call('iam', 'DeleteUserPermissionsBoundary', { UserName });
    await putPolicies(call, USERS, UserName, before, properties);
    await putGroups(call, UserName, before.Groups, properties.Groups);
    const { put, removed } = tagChanges(before.Tags, properties.Tags);
    if (removed) await call('iam', 'UntagUser', { UserName, TagKeys: removed });
    if (put) await call('iam', 'TagUser', { UserName, Tags: put });
  },
  async delete({ call }, { physicalId: UserName, properties }) {
    if (!(await unlessGone(call('iam', 'GetUser', { UserName })))) return;
    await putGroups(call, UserName, properties.Groups, []);
    await putPolicies(call, USERS, UserName, properties, {});
    await unlessGone(call('iam', 'DeleteUser', { UserName }));
  },
  async read({ call }, { physicalId: UserName }) {
    const found = await unlessGone(call('iam', 'GetUser', { UserName }));
    if (!found) return undefined;
    const { Arn, Path, Tags, PermissionsBoundary } = found.User!;
    const groups = await everyPage(
      (Marker) => call('iam', 'ListGroupsForUser', { UserName, Marker }),
      ({ Groups }) => Groups,
    );
    const boundary = PermissionsBoundary?.PermissionsBoundaryArn;
    return {
      ...{ UserName, Arn, Path },
      ...(boundary && { PermissionsBoundary: boundary }),
      ...(groups.length > 0 && { Groups: groups.map(({ GroupName }) => GroupName!) }),
      ...(await readPolicies(call, USERS, UserName)),
      ...(Tags?.length && { Tags }),
    };
  },
  async list({ call }) {
    const users = await everyPage(
      (Marker) => call('iam', 'ListUsers', { Marker }),
      ({ Users }) => Users,
    );
    return users.map(({ UserName }) => ({ UserName: UserName! }));
  },
};

async function putGroups(
  call: Call,
  UserName: string,
  before: readonly string[] = [],
  after: readonly string[] = [],
): Promise<void> {
  for (const GroupName of before)
    if (!after.includes(GroupName)) await unlessGone(call('iam', 'RemoveUserFromGroup', { GroupName, UserName }));
  for (const GroupName of after) await call('iam', 'AddUserToGroup', { GroupName, UserName });
}

export const group: ResourceType = {
  properties: ['GroupName', 'Path', ...POLICIES],
  name: { property: 'GroupName', most: 128 },
  async find({ call }, { GroupName }) {
    return (await unlessGone(call('iam', 'GetGroup', { GroupName }))) && GroupName;
  },
  async create({ call }, properties) {
    const { GroupName, Path } = properties;
    await call('iam', 'CreateGroup', { GroupName, Path });
    await putPolicies(call, GROUPS, GroupName, {}, properties);
    return GroupName;
  },
  async update({ call }, { physicalId: GroupName, properties: before }, properties) {
    const { Path = '/' } = properties;
    if (Path !== (before.Path ?? '/')) await call('iam', 'UpdateGroup', { GroupName, NewPath: Path });
    await putPolicies(call, GROUPS, GroupName, before, properties);
  },
  async delete({ call }, { physicalId: GroupName, properties }) {
    if (!(await unlessGone(call('iam', 'GetGroup', { GroupName })))) return;
    await putPolicies(call, GROUPS, GroupName, properties, {});
    await unlessGone(call('iam', 'DeleteGroup', { GroupName }));
  },
  async read({ call }, { physicalId: GroupName }) {
    const found = await unlessGone(call('iam', 'GetGroup', { GroupName }));
    if (!found) return undefined;
    const { Arn, Path } = found.Group!;
    return { GroupName, Arn, Path, ...(await readPolicies(call, GROUPS, GroupName)) };
  },
  async list({ call }) {
    const groups = await everyPage(
      (Marker) => call('iam', 'ListGroups', { Marker }),
      ({ Groups }) => Groups,
    );
    return groups.map(({ GroupName }) => ({ GroupName: GroupName! }));
  },
};

/** Users put into a group: has no name but the id that it is given. */
export const userToGroupAddition: ResourceType = {
  properties: ['GroupName', 'Users'],
  name: { property: 'Id', most: 128 },
  async create({ call }, { Id, GroupName, Users }) {
    for (const UserName of Users) await call('iam', 'AddUserToGroup', { GroupName, UserName });
    return Id;
  },
  async update({ call }, { properties: before }, { GroupName, Users }) {
    for (const UserName of before.Users)
      if (GroupName !== before.GroupName || !Users.includes(UserName))
        await unlessGone(call('iam', 'RemoveUserFromGroup', { GroupName: before.GroupName, UserName }));
    for (const UserName of Users) await call('iam', 'AddUserToGroup', { GroupName, UserName });
  },
  async delete({ call }, { properties: { GroupName, Users } }) {
    for (const UserName of Users) await unlessGone(call('iam', 'RemoveUserFromGroup', { GroupName, UserName }));
  },
  async read(_ctx, { physicalId: Id, properties: { GroupName, Users } }) {
    return GroupName === undefined ? undefined : { Id, GroupName, Users };
  },
};

/** The secret is told once by IAM, and follows from the key's id. */
export const accessKey: ResourceType = {
  properties: ['Serial', 'Status', 'UserName'],
  async create({ call }, { UserName, Status }) {
    const { AccessKeyId } = (await call('iam', 'CreateAccessKey', { UserName })).AccessKey!;
    if (Status !== undefined) await call('iam', 'UpdateAccessKey', { UserName, AccessKeyId, Status });
    return AccessKeyId!;
  },
  async update({ call }, { physicalId: AccessKeyId }, { UserName, Status = 'Active' }) {
    await call('iam', 'UpdateAccessKey', { UserName, AccessKeyId, Status });
  },
  async delete({ call }, { physicalId: AccessKeyId, properties: { UserName } }) {
    await unlessGone(call('iam', 'DeleteAccessKey', { UserName, AccessKeyId }));
  },
  async read({ call, host }, { physicalId: Id, properties: { Serial } }) {
    const used = await unlessGone(call('iam', 'GetAccessKeyLastUsed', { AccessKeyId: Id }));
    if (!used) return undefined;
    const UserName = used.UserName!;
    const { AccessKeyMetadata = [] } = await call('iam', 'ListAccessKeys', { UserName });
    const key = AccessKeyMetadata.find(({ AccessKeyId }) => AccessKeyId === Id);
    const SecretAccessKey = secretOf(Id, host);
    return key && { Id, UserName, Status: key.Status, SecretAccessKey, ...(Serial !== undefined && { Serial }) };
  },
};
