/*
 * Roles: identities that are assumed. Who may do so, the trust policy says.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html
 */
import type {
  AttachRolePolicyRequest,
  CreateRoleRequest,
  CreateRoleResponse,
  DeleteRolePermissionsBoundaryRequest,
  DeleteRolePolicyRequest,
  DeleteRoleRequest,
  DetachRolePolicyRequest,
  GetRolePolicyRequest,
  GetRolePolicyResponse,
  GetRoleRequest,
  GetRoleResponse,
  ListAttachedRolePoliciesRequest,
  ListAttachedRolePoliciesResponse,
  ListRolePoliciesRequest,
  ListRolePoliciesResponse,
  ListRolesRequest,
  ListRolesResponse,
  ListRoleTagsRequest,
  ListRoleTagsResponse,
  PutRolePermissionsBoundaryRequest,
  PutRolePolicyRequest,
  TagRoleRequest,
  UntagRoleRequest,
  UpdateAssumeRolePolicyRequest,
  UpdateRoleDescriptionRequest,
  UpdateRoleDescriptionResponse,
  UpdateRoleRequest,
} from '@aws-sdk/client-iam';
import type { Context } from '../../kernel/service.ts';
import { attachPolicy, checkBoundary, detachPolicy, listAttachedPolicies, setBoundary } from './attachments.ts';
import { checkDocument, sizeOf } from './documents.ts';
import {
  all,
  boundaryMember,
  change,
  create,
  find,
  listUnder,
  ROLE,
  type Role,
  remove,
  roleSummaryOf,
  save,
} from './entities.ts';
import { checkQuota, deleteConflict } from './errors.ts';
import { deleteInlinePolicy, getInlinePolicy, listInlinePolicies, putInlinePolicy } from './inline-policies.ts';
import { profilesOf } from './instance-profiles.ts';
import { listTags, tagsMember, withoutTags, withTags } from './tags.ts';

const DEFAULT_SESSION_S = 3_600;
/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const LONGEST_TRUST_POLICY = 2_048;

export function createRole(ctx: Context, input: CreateRoleRequest): CreateRoleResponse {
  checkTrustPolicy(input.AssumeRolePolicyDocument!);
  const boundaryArn = input.PermissionsBoundary ?? null;
  if (boundaryArn !== null) checkBoundary(ctx, boundaryArn);
  const role: Role = {
    ...create(ctx, ROLE, { name: input.RoleName!, path: input.Path, tags: input.Tags }),
    boundaryArn,
    trustPolicy: input.AssumeRolePolicyDocument!,
    description: input.Description ?? null,
    maxSessionSeconds: input.MaxSessionDuration ?? DEFAULT_SESSION_S,
  };
  save(ctx, ROLE, role);
  return { Role: { ...roleSummaryOf(role), ...boundaryMember(role), ...tagsMember(role.tags) } };
}

export function getRole(ctx: Context, { RoleName: name }: GetRoleRequest): GetRoleResponse {
  return { Role: detailsOf(find(ctx, ROLE, name!)) };
}

export function listRoles(ctx: Context, input: ListRolesRequest): ListRolesResponse {
  const [roles, end] = listUnder(all(ctx, ROLE), input);
  return { Roles: roles.map(roleSummaryOf), ...end };
}

export function updateRole(ctx: Context, input: UpdateRoleRequest): Record<string, never> {
  change(ctx, ROLE, input.RoleName!, ({ description, maxSessionSeconds }) => ({
    description: input.Description ?? description,
    maxSessionSeconds: input.MaxSessionDuration ?? maxSessionSeconds,
  }));
  return {};
}

export function updateRoleDescription(
  ctx: Context,
  input: UpdateRoleDescriptionRequest,
): UpdateRoleDescriptionResponse {
  change(ctx, ROLE, input.RoleName!, () => ({ description: input.Description! }));
  return { Role: detailsOf(find(ctx, ROLE, input.RoleName!)) };
}

export function updateAssumeRolePolicy(ctx: Context, input: UpdateAssumeRolePolicyRequest): void {
  checkTrustPolicy(input.PolicyDocument!);
  change(ctx, ROLE, input.RoleName!, () => ({ trustPolicy: input.PolicyDocument! }));
}

export function deleteRole(ctx: Context, { RoleName: name }: DeleteRoleRequest): void {
  const role = find(ctx, ROLE, name!);
  if (profilesOf(ctx, role.name).length > 0) {
    throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
  }
  remove(ctx, ROLE, role);
}

export function putRolePolicy(ctx: Context, input: PutRolePolicyRequest): void {
  putInlinePolicy(ctx, ROLE, input.RoleName!, input.PolicyName!, input.PolicyDocument!);
}

export function getRolePolicy(ctx: Context, input: GetRolePolicyRequest): GetRolePolicyResponse {
  return { RoleName: input.RoleName, ...getInlinePolicy(ctx, ROLE, input.RoleName!, input.PolicyName!) };
}

export function deleteRolePolicy(ctx: Context, input: DeleteRolePolicyRequest): void {
  deleteInlinePolicy(ctx, ROLE, input.RoleName!, input.PolicyName!);
}

export function listRolePolicies(ctx: Context, input: ListRolePoliciesRequest): ListRolePoliciesResponse {
  return listInlinePolicies(ctx, ROLE, input.RoleName!, input);
}

export function attachRolePolicy(ctx: Context, input: AttachRolePolicyRequest): void {
  attachPolicy(ctx, ROLE, input.RoleName!, input.PolicyArn!);
}

export function detachRolePolicy(ctx: Context, input: DetachRolePolicyRequest): void {
  detachPolicy(ctx, ROLE, input.RoleName!, input.PolicyArn!);
}

export function listAttachedRolePolicies(
  ctx: Context,
  input: ListAttachedRolePoliciesRequest,
): ListAttachedRolePoliciesResponse {
  return listAttachedPolicies(ctx, ROLE, input.RoleName!, input);
}

export function putRolePermissionsBoundary(ctx: Context, input: PutRolePermissionsBoundaryRequest): void {
  setBoundary(ctx, ROLE, input.RoleName!, input.PermissionsBoundary!);
}

export function deleteRolePermissionsBoundary(ctx: Context, input: DeleteRolePermissionsBoundaryRequest): void {
  setBoundary(ctx, ROLE, input.RoleName!, null);
}

export function tagRole(ctx: Context, input: TagRoleRequest): void {
  change(ctx, ROLE, input.RoleName!, ({ tags }) => ({ tags: withTags(tags, input.Tags, 'TagsPerRole') }));
}

export function untagRole(ctx: Context, input: UntagRoleRequest): void {
  change(ctx, ROLE, input.RoleName!, ({ tags }) => ({ tags: withoutTags(tags, input.TagKeys!) }));
}

export function listRoleTags(ctx: Context, input: ListRoleTagsRequest): ListRoleTagsResponse {
  return listTags(find(ctx, ROLE, input.RoleName!).tags, input);
}

/** A role as GetRole shows it. When it was last used is not kept. */
function detailsOf(role: Role) {
  return { ...roleSummaryOf(role), ...boundaryMember(role), ...tagsMember(role.tags), RoleLastUsed: {} };
}

function checkTrustPolicy(document: string): void {
  checkDocument(document, 'trust');
  checkQuota('ACLSizePerRole', LONGEST_TRUST_POLICY, sizeOf(document));
}
