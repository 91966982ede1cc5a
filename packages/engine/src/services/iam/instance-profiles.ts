/*
 * Instance profiles: containers for one role, by which EC2 hands it to an instance.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html
 */
import type {
  AddRoleToInstanceProfileRequest,
  CreateInstanceProfileRequest,
  CreateInstanceProfileResponse,
  DeleteInstanceProfileRequest,
  GetInstanceProfileRequest,
  GetInstanceProfileResponse,
  InstanceProfile as InstanceProfileOutput,
  ListInstanceProfilesForRoleRequest,
  ListInstanceProfilesForRoleResponse,
  ListInstanceProfilesRequest,
  ListInstanceProfilesResponse,
  ListInstanceProfileTagsRequest,
  ListInstanceProfileTagsResponse,
  RemoveRoleFromInstanceProfileRequest,
  TagInstanceProfileRequest,
  UntagInstanceProfileRequest,
} from '@aws-sdk/client-iam';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { commonMembers, find, iamArn, keyOf, ROLE, roleSummaryOf, wholeSecond } from './entities.ts';
import { checkQuota, deleteConflict, entityAlreadyExists, noSuchEntity } from './errors.ts';
import { page } from './paging.ts';
import { listTags, type Tag, tagsMember, withoutTags, withTags } from './tags.ts';

interface InstanceProfile {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly roleName: string | null;
  readonly tags: readonly Tag[];
}

const profiles = table<InstanceProfile>('iam.instanceProfiles', { scope: 'account' });

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MOST_OF_ACCOUNT = 1_000;

export function createInstanceProfile(
  ctx: Context,
  input: CreateInstanceProfileRequest,
): CreateInstanceProfileResponse {
  const { InstanceProfileName: name, Path: path = '/', Tags: tags } = input;
  const rows = ctx.rows(profiles);
  if (rows.has(keyOf(name!))) throw entityAlreadyExists(`Instance Profile ${name} already exists.`);
  checkQuota('InstanceProfilesPerAccount', MOST_OF_ACCOUNT, rows.size + 1);
  const profile: InstanceProfile = {
    ...{ name: name!, path, id: `AIPA${ctx.ids.upper(17)}`, arn: iamArn(ctx.scope, `instance-profile${path}${name}`) },
    ...{ createdAt: wholeSecond(ctx.now), roleName: null },
    tags: withTags([], tags, 'TagsPerInstanceProfile'),
  };
  save(ctx, profile);
  return { InstanceProfile: outputOf(ctx, profile) };
}

export function getInstanceProfile(ctx: Context, input: GetInstanceProfileRequest): GetInstanceProfileResponse {
  return { InstanceProfile: outputOf(ctx, findProfile(ctx, input.InstanceProfileName!)) };
}

export function listInstanceProfiles(ctx: Context, input: ListInstanceProfilesRequest): ListInstanceProfilesResponse {
  const under = allProfiles(ctx).filter(({ path }) => path.startsWith(input.PathPrefix ?? '/'));
  return listOf(ctx, under, input);
}

export function listInstanceProfilesForRole(
  ctx: Context,
  input: ListInstanceProfilesForRoleRequest,
): ListInstanceProfilesForRoleResponse {
  return listOf(ctx, profilesOf(ctx, find(ctx, ROLE, input.RoleName!).name), input);
}

export function deleteInstanceProfile(ctx: Context, input: DeleteInstanceProfileRequest): void {
  const profile = findProfile(ctx, input.InstanceProfileName!);
  if (profile.roleName !== null) {
    throw deleteConflict('Cannot delete entity, must remove roles from instance profile first.');
  }
  ctx.rows(profiles).delete(keyOf(profile.name));
}

export function addRoleToInstanceProfile(ctx: Context, input: AddRoleToInstanceProfileRequest): void {
  const profile = findProfile(ctx, input.InstanceProfileName!);
  const role = find(ctx, ROLE, input.RoleName!);
  checkQuota('InstanceSessionsPerInstanceProfile', 1, profile.roleName === null ? 1 : 2);
  save(ctx, { ...profile, roleName: role.name });
}

export function removeRoleFromInstanceProfile(ctx: Context, input: RemoveRoleFromInstanceProfileRequest): void {
  const profile = findProfile(ctx, input.InstanceProfileName!);
  if (profile.roleName === null || keyOf(profile.roleName) !== keyOf(input.RoleName!)) {
    throw noSuchEntity(`The role with name ${input.RoleName} cannot be found.`);
  }
  save(ctx, { ...profile, roleName: null });
}

export function tagInstanceProfile(ctx: Context, input: TagInstanceProfileRequest): void {
  const profile = findProfile(ctx, input.InstanceProfileName!);
  save(ctx, { ...profile, tags: withTags(profile.tags, input.Tags, 'TagsPerInstanceProfile') });
}

export function untagInstanceProfile(ctx: Context, input: UntagInstanceProfileRequest): void {
  const profile = findProfile(ctx, input.InstanceProfileName!);
  save(ctx, { ...profile, tags: withoutTags(profile.tags, input.TagKeys!) });
}

export function listInstanceProfileTags(
  ctx: Context,
  input: ListInstanceProfileTagsRequest,
): ListInstanceProfileTagsResponse {
  return listTags(findProfile(ctx, input.InstanceProfileName!).tags, input);
}

/** The profiles that hold a role. */
export function profilesOf(ctx: Context, roleName: string): InstanceProfile[] {
  return allProfiles(ctx).filter((profile) => profile.roleName === roleName);
}

function allProfiles(ctx: Context): InstanceProfile[] {
  return ctx
    .rows(profiles)
    .list()
    .map(([, profile]) => profile);
}

function findProfile(ctx: Context, name: string): InstanceProfile {
  const profile = ctx.rows(profiles).get(keyOf(name));
  if (!profile) throw noSuchEntity(`Instance Profile ${name} cannot be found.`);
  return profile;
}

function save(ctx: Context, profile: InstanceProfile): void {
  ctx.rows(profiles).put(keyOf(profile.name), profile);
}

function listOf(ctx: Context, wanted: InstanceProfile[], input: ListInstanceProfilesRequest) {
  const [given, end] = page(wanted, ({ name }) => keyOf(name), input);
  return { InstanceProfiles: given.map((profile) => outputOf(ctx, profile)), ...end };
}

function outputOf(ctx: Context, profile: InstanceProfile): InstanceProfileOutput {
  return {
    InstanceProfileName: profile.name,
    InstanceProfileId: profile.id,
    ...commonMembers(profile),
    Roles: profile.roleName === null ? [] : [roleSummaryOf(find(ctx, ROLE, profile.roleName))],
    ...tagsMember(profile.tags),
  };
}
