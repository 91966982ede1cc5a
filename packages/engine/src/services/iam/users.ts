/*
 * Users: identities of people and programs, with long-lived access keys.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users.html
 */
import type {
  AttachUserPolicyRequest,
  CreateUserRequest,
  CreateUserResponse,
  DeleteUserPermissionsBoundaryRequest,
  DeleteUserPolicyRequest,
  DeleteUserRequest,
  DetachUserPolicyRequest,
  GetUserPolicyRequest,
  GetUserPolicyResponse,
  GetUserRequest,
  GetUserResponse,
  ListAttachedUserPoliciesRequest,
  ListAttachedUserPoliciesResponse,
  ListUserPoliciesRequest,
  ListUserPoliciesResponse,
  ListUsersRequest,
  ListUsersResponse,
  ListUserTagsRequest,
  ListUserTagsResponse,
  PutUserPermissionsBoundaryRequest,
  PutUserPolicyRequest,
  TagUserRequest,
  UntagUserRequest,
  UpdateUserRequest,
} from '@aws-sdk/client-iam';
import type { Context } from '../../kernel/service.ts';
import { keysOf, renameKeysOwner, userNameOrCaller } from './access-keys.ts';
import { attachPolicy, checkBoundary, detachPolicy, listAttachedPolicies, setBoundary } from './attachments.ts';
import {
  all,
  boundaryMember,
  change,
  commonMembers,
  create,
  find,
  listUnder,
  remove,
  renamed,
  save,
  USER,
  type User,
} from './entities.ts';
import { deleteConflict } from './errors.ts';
import { deleteInlinePolicy, getInlinePolicy, listInlinePolicies, putInlinePolicy } from './inline-policies.ts';
import { listTags, tagsMember, withoutTags, withTags } from './tags.ts';

export function createUser(ctx: Context, input: CreateUserRequest): CreateUserResponse {
  const boundaryArn = input.PermissionsBoundary ?? null;
  if (boundaryArn !== null) checkBoundary(ctx, boundaryArn);
  const user: User = {
    ...create(ctx, USER, { name: input.UserName!, path: input.Path, tags: input.Tags }),
    boundaryArn,
    groupNames: [],
  };
  save(ctx, USER, user);
  return { User: detailsOf(user) };
}

export function getUser(ctx: Context, input: GetUserRequest): GetUserResponse {
  return { User: detailsOf(find(ctx, USER, userNameOrCaller(ctx, input.UserName))) };
}

export function listUsers(ctx: Context, input: ListUsersRequest): ListUsersResponse {
  const [users, end] = listUnder(all(ctx, USER), input);
  return { Users: users.map(summaryOf), ...end };
}

/** A new name or path is a new ARN; the id, the policies, groups and access keys stay. */
export function updateUser(ctx: Context, input: UpdateUserRequest): void {
  const user = find(ctx, USER, input.UserName!);
  const changed = renamed(ctx, USER, user, { name: input.NewUserName, path: input.NewPath });
  if (changed.name !== user.name) renameKeysOwner(ctx, user.name, changed.name);
}

export function deleteUser(ctx: Context, { UserName: name }: DeleteUserRequest): void {
  const user = find(ctx, USER, name!);
  if (user.groupNames.length > 0) throw deleteConflict('Cannot delete entity, must remove users from group first.');
  if (keysOf(ctx, user.name).length > 0) throw deleteConflict('Cannot delete entity, must delete access keys first.');
  remove(ctx, USER, user);
}

export function putUserPolicy(ctx: Context, input: PutUserPolicyRequest): void {
  putInlinePolicy(ctx, USER, input.UserName!, input.PolicyName!, input.PolicyDocument!);
}

export function getUserPolicy(ctx: Context, input: GetUserPolicyRequest): GetUserPolicyResponse {
  return { UserName: input.UserName, ...getInlinePolicy(ctx, USER, input.UserName!, input.PolicyName!) };
}

export function deleteUserPolicy(ctx: Context, input: DeleteUserPolicyRequest): void {
  deleteInlinePolicy(ctx, USER, input.UserName!, input.PolicyName!);
}

export function listUserPolicies(ctx: Context, input: ListUserPoliciesRequest): ListUserPoliciesResponse {
  return listInlinePolicies(ctx, USER, input.UserName!, input);
}

export function attachUserPolicy(ctx: Context, input: AttachUserPolicyRequest): void {
  attachPolicy(ctx, USER, input.UserName!, input.PolicyArn!);
}

export function detachUserPolicy(ctx: Context, input: DetachUserPolicyRequest): void {
  detachPolicy(ctx, USER, input.UserName!, input.PolicyArn!);
}

export function listAttachedUserPolicies(
  ctx: Context,
  input: ListAttachedUserPoliciesRequest,
): ListAttachedUserPoliciesResponse {
  return listAttachedPolicies(ctx, USER, input.UserName!, input);
}

export function putUserPermissionsBoundary(ctx: Context, input: PutUserPermissionsBoundaryRequest): void {
  setBoundary(ctx, USER, input.UserName!, input.PermissionsBoundary!);
}

export function deleteUserPermissionsBoundary(ctx: Context, input: DeleteUserPermissionsBoundaryRequest): void {
  setBoundary(ctx, USER, input.UserName!, null);
}

export function tagUser(ctx: Context, input: TagUserRequest): void {
  change(ctx, USER, input.UserName!, ({ tags }) => ({ tags: withTags(tags, input.Tags, 'TagsPerUser') }));
}

export function untagUser(ctx: Context, input: UntagUserRequest): void {
  change(ctx, USER, input.UserName!, ({ tags }) => ({ tags: withoutTags(tags, input.TagKeys!) }));
}

export function listUserTags(ctx: Context, input: ListUserTagsRequest): ListUserTagsResponse {
  return listTags(find(ctx, USER, input.UserName!).tags, input);
}

/** A user as lists show it: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListUsers.html */
export function summaryOf(user: User) {
  return { UserName: user.name, UserId: user.id, ...commonMembers(user) };
}

function detailsOf(user: User) {
  return { ...summaryOf(user), ...boundaryMember(user), ...tagsMember(user.tags) };
}
