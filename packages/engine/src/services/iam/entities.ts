/*
 * What roles, users and groups have in common: a name that no other of its kind has in any case, a path, a unique
 * id, inline policies, attached policies, a permissions boundary and tags.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
import type { AttachedPermissionsBoundary } from '@aws-sdk/client-iam';
import { partitionOf, type Scope } from '../../kernel/arn.ts';
import { dateOf } from '../../kernel/clock.ts';
import type { Context } from '../../kernel/service.ts';
import { type Table, table } from '../../kernel/state/table.ts';
import { encodeDocument } from './documents.ts';
import { checkQuota, deleteConflict, entityAlreadyExists, noSuchEntity } from './errors.ts';
import { type PageEnd, type PageRequest, page } from './paging.ts';
import { type Tag, withTags } from './tags.ts';

export interface Entity {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  /** Epoch milliseconds of a whole second. */
  readonly createdAt: number;
  /** Documents by name. */
  readonly inlinePolicies: Readonly<Record<string, string>>;
  readonly attachedPolicyArns: readonly string[];
  readonly boundaryArn: string | null;
  readonly tags: readonly Tag[];
}

export interface Role extends Entity {
  readonly trustPolicy: string;
  readonly description: string | null;
  readonly maxSessionSeconds: number;
}

export interface User extends Entity {
  readonly groupNames: readonly string[];
}

export type Group = Entity;

/** A kind of entity, and what AWS allows of it. */
export interface Kind<T extends Entity> {
  readonly table: Table<T>;
  /** As it stands in ARNs and messages: `role`. */
  readonly noun: string;
  /** As it stands in names of quotas and in front of messages: `Role`. */
  readonly title: string;
  readonly idPrefix: string;
  readonly mostOfAccount: number;
  /** Of all its inline policies together, in characters. */
  readonly mostInline: number;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const ROLE: Kind<Role> = {
  table: table('iam.roles', { scope: 'account' }),
  ...{ noun: 'role', title: 'Role', idPrefix: 'AROA', mostOfAccount: 1_000, mostInline: 10_240 },
};

export const USER: Kind<User> = {
  table: table('iam.users', { scope: 'account' }),
  ...{ noun: 'user', title: 'User', idPrefix: 'AIDA', mostOfAccount: 5_000, mostInline: 2_048 },
};

export const GROUP: Kind<Group> = {
  table: table('iam.groups', { scope: 'account' }),
  ...{ noun: 'group', title: 'Group', idPrefix: 'AGPA', mostOfAccount: 300, mostInline: 5_120 },
};

/** The entity of a name, in any case. */
export function find<T extends Entity>(ctx: Context, kind: Kind<T>, name: string): T {
  const entity = ctx.rows(kind.table).get(keyOf(name));
  if (!entity) throw noSuchEntity(`The ${kind.noun} with name ${name} cannot be found.`);
  return entity;
}

export function save<T extends Entity>(ctx: Context, kind: Kind<T>, entity: T): void {
  ctx.rows(kind.table).put(keyOf(entity.name), entity);
}

/** Changes some of an entity's members. */
export function change<T extends Entity>(
  ctx: Context,
  kind: Kind<T>,
  name: string,
  changes: (entity: T) => Partial<T> | Partial<Entity>,
) {
  const entity = find(ctx, kind, name);
  save(ctx, kind, { ...entity, ...changes(entity) });
}

export interface NewEntity {
  readonly name: string;
  readonly path: string | undefined;
  readonly tags?: readonly { Key: string | undefined; Value: string | undefined }[] | undefined;
}

/** A new entity's common members, once its name is free. */
export function create<T extends Entity>(ctx: Context, kind: Kind<T>, { name, path = '/', tags }: NewEntity): Entity {
  const rows = ctx.rows(kind.table);
  if (rows.has(keyOf(name))) throw entityAlreadyExists(`${kind.title} with name ${name} already exists.`);
  checkQuota(`${kind.title}sPerAccount`, kind.mostOfAccount, rows.size + 1);
  return {
    ...{ name, path, id: kind.idPrefix + ctx.ids.upper(17), arn: iamArn(ctx.scope, `${kind.noun}${path}${name}`) },
    createdAt: wholeSecond(ctx.now),
    ...{ inlinePolicies: {}, attachedPolicyArns: [], boundaryArn: null },
    tags: withTags([], tags, `TagsPer${kind.title}`),
  };
}

/** Gives an entity another name or path, and the ARN that follows; AWS's error where the name is another's. */
export function renamed<T extends Entity>(
  ctx: Context,
  kind: Kind<T>,
  entity: T,
  { name = entity.name, path = entity.path }: { name: string | undefined; path: string | undefined },
): T {
  const rows = ctx.rows(kind.table);
  const key = keyOf(name);
  if (key !== keyOf(entity.name) && rows.has(key)) {
    throw entityAlreadyExists(`${kind.title} with name ${name} already exists.`);
  }
  const changed = { ...entity, name, path, arn: iamArn(ctx.scope, `${kind.noun}${path}${name}`) };
  rows.delete(keyOf(entity.name));
  rows.put(key, changed);
  return changed;
}

export function all<T extends Entity>(ctx: Context, kind: Kind<T>): T[] {
  return ctx
    .rows(kind.table)
    .list()
    .map(([, entity]) => entity);
}

/** A page of the entities under a path. */
export function listUnder<T extends Entity>(
  entities: readonly T[],
  request: PageRequest & { PathPrefix?: string | undefined },
): [T[], PageEnd] {
  const under = entities.filter(({ path }) => path.startsWith(request.PathPrefix ?? '/'));
  return page(under, ({ name }) => keyOf(name), request);
}

/** Deletes an entity that has no policies left. */
export function remove<T extends Entity>(ctx: Context, kind: Kind<T>, entity: T): void {
  if (entity.attachedPolicyArns.length > 0) {
    throw deleteConflict('Cannot delete entity, must detach all policies first.');
  }
  if (Object.keys(entity.inlinePolicies).length > 0) {
    throw deleteConflict('Cannot delete entity, must delete policies first.');
  }
  ctx.rows(kind.table).delete(keyOf(entity.name));
}

/** How often each policy is used, by ARN. */
export type Uses = ReadonlyMap<string, { readonly attached: number; readonly boundary: number }>;

export function usesOf(ctx: Context): Uses {
  const uses = new Map<string, { attached: number; boundary: number }>();
  const count = (arn: string, use: 'attached' | 'boundary') => {
    const before = uses.get(arn) ?? { attached: 0, boundary: 0 };
    uses.set(arn, { ...before, [use]: before[use] + 1 });
  };
  for (const { attachedPolicyArns, boundaryArn } of [...all(ctx, ROLE), ...all(ctx, USER), ...all(ctx, GROUP)]) {
    for (const arn of attachedPolicyArns) count(arn, 'attached');
    if (boundaryArn !== null) count(boundaryArn, 'boundary');
  }
  return uses;
}

/** The permissions boundary of an answer. */
export function boundaryMember({ boundaryArn }: Entity): { PermissionsBoundary?: AttachedPermissionsBoundary } {
  if (boundaryArn === null) return {};
  return {
    PermissionsBoundary: {
      PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
      PermissionsBoundaryArn: boundaryArn,
    },
  };
}

/** What the answers about any entity have in common. */
export function commonMembers({ path, arn, createdAt }: Pick<Entity, 'path' | 'arn' | 'createdAt'>) {
  return { Path: path, Arn: arn, CreateDate: dateOf(createdAt) };
}

/** A role as lists show it: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html */
export function roleSummaryOf(role: Role) {
  return {
    RoleName: role.name,
    RoleId: role.id,
    ...commonMembers(role),
    AssumeRolePolicyDocument: encodeDocument(role.trustPolicy),
    ...(role.description !== null && { Description: role.description }),
    MaxSessionDuration: role.maxSessionSeconds,
  };
}

/** Names are kept in the case that they were given in, and differ by more than case. */
export function keyOf(name: string): string {
  return name.toLowerCase();
}

/** ARNs of IAM have no region. */
export function iamArn({ region, account }: Scope, resource: string): string {
  return `arn:${partitionOf(region)}:iam::${account}:${resource}`;
}

/** IAM tells dates to the second. */
export function wholeSecond(ms: number): number {
  return ms - (ms % 1_000);
}
