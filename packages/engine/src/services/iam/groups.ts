/*
 * Groups: policies for many users at once. A user keeps the names of its groups.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html
 */
import type {
  AddUserToGroupRequest,
  AttachGroupPolicyRequest,
  CreateGroupRequest,
  CreateGroupResponse,
  DeleteGroupPolicyRequest,
  DeleteGroupRequest,
  DetachGroupPolicyRequest,
  GetGroupPolicyRequest,
  GetGroupPolicyResponse,
  GetGroupRequest,
  GetGroupResponse,
  ListAttachedGroupPoliciesRequest,
  ListAttachedGroupPoliciesResponse,
  ListGroupPoliciesRequest,
  ListGroupPoliciesResponse,
  ListGroupsForUserRequest,
  ListGroupsForUserResponse,
  ListGroupsRequest,
  ListGroupsResponse,
  PutGroupPolicyRequest,
  RemoveUserFromGroupRequest,
  UpdateGroupRequest,
} from '@aws-sdk/client-iam';
import type { Context } from '../../kernel/service.ts';
import { attachPolicy, detachPolicy, listAttachedPolicies } from './attachments.ts';
import {
  all,
  change,
  commonMembers,
  create,
  find,
  GROUP,
  type Group,
  listUnder,
  remove,
  renamed,
  save,
  USER,
  type User,
} from './entities.ts';
import { checkQuota, deleteConflict } from './errors.ts';
import { deleteInlinePolicy, getInlinePolicy, listInlinePolicies, putInlinePolicy } from './inline-policies.ts';
import { summaryOf as userSummaryOf } from './users.ts';

const MOST_OF_USER = 10;

export function createGroup(ctx: Context, input: CreateGroupRequest): CreateGroupResponse {
  const group = create(ctx, GROUP, { name: input.GroupName!, path: input.Path });
  save(ctx, GROUP, group);
  return { Group: summaryOf(group) };
}

export function getGroup(ctx: Context, input: GetGroupRequest): GetGroupResponse {
  const group = find(ctx, GROUP, input.GroupName!);
  const [users, end] = listUnder(membersOf(ctx, group), input);
  return { Group: summaryOf(group), Users: users.map(userSummaryOf), ...end };
}

export function listGroups(ctx: Context, input: ListGroupsRequest): ListGroupsResponse {
  const [groups, end] = listUnder(all(ctx, GROUP), input);
  return { Groups: groups.map(summaryOf), ...end };
}

export function listGroupsForUser(ctx: Context, input: ListGroupsForUserRequest): ListGroupsForUserResponse {
  const { groupNames } = find(ctx, USER, input.UserName!);
  const [groups, end] = listUnder(
    groupNames.map((name) => find(ctx, GROUP, name)),
    input,
  );
  return { Groups: groups.map(summaryOf), ...end };
}

/** A new name or path is a new ARN; the id, the policies and members stay. */
export function updateGroup(ctx: Context, input: UpdateGroupRequest): void {
  const group = find(ctx, GROUP, input.GroupName!);
  const members = membersOf(ctx, group);
  const changed = renamed(ctx, GROUP, group, { name: input.NewGroupName, path: input.NewPath });
  for (const user of members) {
    const groupNames = user.groupNames.map((name) => (name === group.name ? changed.name : name));
    save(ctx, USER, { ...user, groupNames });
  }
}

export function deleteGroup(ctx: Context, input: DeleteGroupRequest): void {
  const group = find(ctx, GROUP, input.GroupName!);
  if (membersOf(ctx, group).length > 0) {
    throw deleteConflict('Cannot delete entity, must remove users from group first.');
  }
  remove(ctx, GROUP, group);
}

export function addUserToGroup(ctx: Context, input: AddUserToGroupRequest): void {
  const group = find(ctx, GROUP, input.GroupName!);
  change(ctx, USER, input.UserName!, (user) => {
    const groupNames = [...new Set([...user.groupNames, group.name])];
    checkQuota('GroupsPerUser', MOST_OF_USER, groupNames.length);
    return { groupNames };
  });
}

export function removeUserFromGroup(ctx: Context, input: RemoveUserFromGroupRequest): void {
  const group = find(ctx, GROUP, input.GroupName!);
  change(ctx, USER, input.UserName!, ({ groupNames }) => ({
    groupNames: groupNames.filter((name) => name !== group.name),
  }));
}

export function putGroupPolicy(ctx: Context, input: PutGroupPolicyRequest): void {
  putInlinePolicy(ctx, GROUP, input.GroupName!, input.PolicyName!, input.PolicyDocument!);
}

export function getGroupPolicy(ctx: Context, input: GetGroupPolicyRequest): GetGroupPolicyResponse {
  return { GroupName: input.GroupName, ...getInlinePolicy(ctx, GROUP, input.GroupName!, input.PolicyName!) };
}

export function deleteGroupPolicy(ctx: Context, input: DeleteGroupPolicyRequest): void {
  deleteInlinePolicy(ctx, GROUP, input.GroupName!, input.PolicyName!);
}

export function listGroupPolicies(ctx: Context, input: ListGroupPoliciesRequest): ListGroupPoliciesResponse {
  return listInlinePolicies(ctx, GROUP, input.GroupName!, input);
}

export function attachGroupPolicy(ctx: Context, input: AttachGroupPolicyRequest): void {
  attachPolicy(ctx, GROUP, input.GroupName!, input.PolicyArn!);
}

export function detachGroupPolicy(ctx: Context, input: DetachGroupPolicyRequest): void {
  detachPolicy(ctx, GROUP, input.GroupName!, input.PolicyArn!);
}

export function listAttachedGroupPolicies(
  ctx: Context,
  input: ListAttachedGroupPoliciesRequest,
): ListAttachedGroupPoliciesResponse {
  return listAttachedPolicies(ctx, GROUP, input.GroupName!, input);
}

function membersOf(ctx: Context, group: Group): User[] {
  return all(ctx, USER).filter(({ groupNames }) => groupNames.includes(group.name));
}

function summaryOf(group: Group) {
  return { GroupName: group.name, GroupId: group.id, ...commonMembers(group) };
}
