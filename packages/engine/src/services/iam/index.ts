/*
 * AWS Identity and Access Management: roles, policies, users and groups, stored and read back as AWS does. What the
 * policies say is not enforced here: permissions are judged where calls are dispatched.
 */
import { defineService } from '../../kernel/service.ts';
import { access } from './access.ts';
import * as accessKeys from './access-keys.ts';
import * as attachments from './attachments.ts';
import * as groups from './groups.ts';
import { identityOf, policiesHeldBy } from './held-policies.ts';
import * as instanceProfiles from './instance-profiles.ts';
import * as policies from './policies.ts';
import { resources } from './resources.ts';
import * as roles from './roles.ts';
import * as users from './users.ts';

export const iam = defineService({
  name: 'iam',
  arnName: 'iam',
  resources,
  credentials: accessKeys.credentialsOf,
  identityOf,
  policiesHeldBy,
  access,
  operations: {
    CreateRole: roles.createRole,
    GetRole: roles.getRole,
    ListRoles: roles.listRoles,
    UpdateRole: roles.updateRole,
    UpdateRoleDescription: roles.updateRoleDescription,
    UpdateAssumeRolePolicy: roles.updateAssumeRolePolicy,
    DeleteRole: roles.deleteRole,
    PutRolePolicy: roles.putRolePolicy,
    GetRolePolicy: roles.getRolePolicy,
    DeleteRolePolicy: roles.deleteRolePolicy,
    ListRolePolicies: roles.listRolePolicies,
    AttachRolePolicy: roles.attachRolePolicy,
    DetachRolePolicy: roles.detachRolePolicy,
    ListAttachedRolePolicies: roles.listAttachedRolePolicies,
    PutRolePermissionsBoundary: roles.putRolePermissionsBoundary,
    DeleteRolePermissionsBoundary: roles.deleteRolePermissionsBoundary,
    TagRole: roles.tagRole,
    UntagRole: roles.untagRole,
    ListRoleTags: roles.listRoleTags,

    CreatePolicy: policies.createPolicy,
    GetPolicy: policies.getPolicy,
    ListPolicies: policies.listPolicies,
    DeletePolicy: policies.deletePolicy,
    CreatePolicyVersion: policies.createPolicyVersion,
    GetPolicyVersion: policies.getPolicyVersion,
    ListPolicyVersions: policies.listPolicyVersions,
    DeletePolicyVersion: policies.deletePolicyVersion,
    SetDefaultPolicyVersion: policies.setDefaultPolicyVersion,
    TagPolicy: policies.tagPolicy,
    UntagPolicy: policies.untagPolicy,
    ListPolicyTags: policies.listPolicyTags,

    ListEntitiesForPolicy: attachments.listEntitiesForPolicy,

    CreateInstanceProfile: instanceProfiles.createInstanceProfile,
    GetInstanceProfile: instanceProfiles.getInstanceProfile,
    ListInstanceProfiles: instanceProfiles.listInstanceProfiles,
    ListInstanceProfilesForRole: instanceProfiles.listInstanceProfilesForRole,
    DeleteInstanceProfile: instanceProfiles.deleteInstanceProfile,
    AddRoleToInstanceProfile: instanceProfiles.addRoleToInstanceProfile,
    RemoveRoleFromInstanceProfile: instanceProfiles.removeRoleFromInstanceProfile,
    TagInstanceProfile: instanceProfiles.tagInstanceProfile,
    UntagInstanceProfile: instanceProfiles.untagInstanceProfile,
    ListInstanceProfileTags: instanceProfiles.listInstanceProfileTags,

    CreateUser: users.createUser,
    GetUser: users.getUser,
    ListUsers: users.listUsers,
    UpdateUser: users.updateUser,
    DeleteUser: users.deleteUser,
    PutUserPolicy: users.putUserPolicy,
    GetUserPolicy: users.getUserPolicy,
    DeleteUserPolicy: users.deleteUserPolicy,
    ListUserPolicies: users.listUserPolicies,
    AttachUserPolicy: users.attachUserPolicy,
    DetachUserPolicy: users.detachUserPolicy,
    ListAttachedUserPolicies: users.listAttachedUserPolicies,
    PutUserPermissionsBoundary: users.putUserPermissionsBoundary,
    DeleteUserPermissionsBoundary: users.deleteUserPermissionsBoundary,
    TagUser: users.tagUser,
    UntagUser: users.untagUser,
    ListUserTags: users.listUserTags,

    CreateAccessKey: accessKeys.createAccessKey,
    ListAccessKeys: accessKeys.listAccessKeys,
    UpdateAccessKey: accessKeys.updateAccessKey,
    DeleteAccessKey: accessKeys.deleteAccessKey,
    GetAccessKeyLastUsed: accessKeys.getAccessKeyLastUsed,

    CreateGroup: groups.createGroup,
    GetGroup: groups.getGroup,
    ListGroups: groups.listGroups,
    ListGroupsForUser: groups.listGroupsForUser,
    UpdateGroup: groups.updateGroup,
    DeleteGroup: groups.deleteGroup,
    AddUserToGroup: groups.addUserToGroup,
    RemoveUserFromGroup: groups.removeUserFromGroup,
    PutGroupPolicy: groups.putGroupPolicy,
    GetGroupPolicy: groups.getGroupPolicy,
    DeleteGroupPolicy: groups.deleteGroupPolicy,
    ListGroupPolicies: groups.listGroupPolicies,
    AttachGroupPolicy: groups.attachGroupPolicy,
    DetachGroupPolicy: groups.detachGroupPolicy,
    ListAttachedGroupPolicies: groups.listAttachedGroupPolicies,
  },
});
