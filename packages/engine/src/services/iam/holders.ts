/* What resource types do to whatever holds policies: the same calls, on a role, a user or a group. */
import type { AttachedPolicy } from '@aws-sdk/client-iam';
import { everyPage, type ListPage, textOf, unlessGone } from '../../kernel/resource-types.ts';
import type { Properties, ResourceContext } from '../../kernel/service.ts';

export type Call = ResourceContext['call'];

/** A kind of entity that holds policies, by its name. */
export interface Holder {
  put(call: Call, name: string, PolicyName: string, PolicyDocument: string): Promise<unknown>;
  drop(call: Call, name: string, PolicyName: string): Promise<unknown>;
  attach(call: Call, name: string, PolicyArn: string): Promise<unknown>;
  detach(call: Call, name: string, PolicyArn: string): Promise<unknown>;
  /** Its inline policies' names; every page. */
  inline(call: Call, name: string): Promise<string[]>;
  document(call: Call, name: string, PolicyName: string): Promise<string | undefined>;
  /** ARNs of its managed policies; every page. */
  attached(call: Call, name: string): Promise<string[]>;
}

export const ROLES: Holder = {
  put: (call, RoleName, PolicyName, PolicyDocument) =>
    call('iam', 'PutRolePolicy', { RoleName, PolicyName, PolicyDocument }),
  drop: (call, RoleName, PolicyName) => call('iam', 'DeleteRolePolicy', { RoleName, PolicyName }),
  attach: (call, RoleName, PolicyArn) => call('iam', 'AttachRolePolicy', { RoleName, PolicyArn }),
  detach: (call, RoleName, PolicyArn) => call('iam', 'DetachRolePolicy', { RoleName, PolicyArn }),
  inline: (call, RoleName) => namesOf((Marker) => call('iam', 'ListRolePolicies', { RoleName, Marker })),
  document: async (call, RoleName, PolicyName) =>
    (await call('iam', 'GetRolePolicy', { RoleName, PolicyName })).PolicyDocument,
  attached: (call, RoleName) => arnsOf((Marker) => call('iam', 'ListAttachedRolePolicies', { RoleName, Marker })),
};

export const USERS: Holder = {
  put: (call, UserName, PolicyName, PolicyDocument) =>
    call('iam', 'PutUserPolicy', { UserName, PolicyName, PolicyDocument }),
  drop: (call, UserName, PolicyName) => call('iam', 'DeleteUserPolicy', { UserName, PolicyName }),
  attach: (call, UserName, PolicyArn) => call('iam', 'AttachUserPolicy', { UserName, PolicyArn }),
  detach: (call, UserName, PolicyArn) => call('iam', 'DetachUserPolicy', { UserName, PolicyArn }),
  inline: (call, UserName) => namesOf((Marker) => call('iam', 'ListUserPolicies', { UserName, Marker })),
  document: async (call, UserName, PolicyName) =>
    (await call('iam', 'GetUserPolicy', { UserName, PolicyName })).PolicyDocument,
  attached: (call, UserName) => arnsOf((Marker) => call('iam', 'ListAttachedUserPolicies', { UserName, Marker })),
};

export const GROUPS: Holder = {
  put: (call, GroupName, PolicyName, PolicyDocument) =>
    call('iam', 'PutGroupPolicy', { GroupName, PolicyName, PolicyDocument }),
  drop: (call, GroupName, PolicyName) => call('iam', 'DeleteGroupPolicy', { GroupName, PolicyName }),
  attach: (call, GroupName, PolicyArn) => call('iam', 'AttachGroupPolicy', { GroupName, PolicyArn }),
  detach: (call, GroupName, PolicyArn) => call('iam', 'DetachGroupPolicy', { GroupName, PolicyArn }),
  inline: (call, GroupName) => namesOf((Marker) => call('iam', 'ListGroupPolicies', { GroupName, Marker })),
  document: async (call, GroupName, PolicyName) =>
    (await call('iam', 'GetGroupPolicy', { GroupName, PolicyName })).PolicyDocument,
  attached: (call, GroupName) => arnsOf((Marker) => call('iam', 'ListAttachedGroupPolicies', { GroupName, Marker })),
};

const namesOf = (ask: (marker: string | undefined) => Promise<ListPage & { PolicyNames: string[] | undefined }>) =>
  everyPage(ask, ({ PolicyNames }) => PolicyNames);

const arnsOf = async (
  ask: (marker: string | undefined) => Promise<ListPage & { AttachedPolicies?: AttachedPolicy[] | undefined }>,
) => (await everyPage(ask, ({ AttachedPolicies }) => AttachedPolicies)).map(({ PolicyArn }) => PolicyArn!);

/** A document as an answer of IAM carries it, read. */
export const documentOf = (text: string | undefined) => JSON.parse(decodeURIComponent(text ?? '%7B%7D'));

/** The properties of an entity that say which policies it has. */
export const POLICIES = ['ManagedPolicyArns', 'Policies'];

/** Brings an entity's inline and managed policies from those of some properties to those of others. */
export async function putPolicies(
  call: Call,
  holder: Holder,
  name: string,
  before: Properties,
  after: Properties,
): Promise<void> {
  const [arns, policies] = [after.ManagedPolicyArns ?? [], after.Policies ?? []];
  for (const arn of before.ManagedPolicyArns ?? [])
    if (!arns.includes(arn)) await unlessGone(holder.detach(call, name, arn));
  for (const arn of arns) await holder.attach(call, name, arn);
  for (const { PolicyName } of before.Policies ?? [])
    if (!policies.some((policy: Properties) => policy.PolicyName === PolicyName))
      await unlessGone(holder.drop(call, name, PolicyName));
  for (const { PolicyName, PolicyDocument } of policies)
    await holder.put(call, name, PolicyName, textOf(PolicyDocument));
}

/** An entity's policies, as its properties tell them. */
export async function readPolicies(call: Call, holder: Holder, name: string): Promise<Properties> {
  const arns = await holder.attached(call, name);
  const policies: Properties[] = [];
  for (const PolicyName of await holder.inline(call, name)) {
    policies.push({ PolicyName, PolicyDocument: documentOf(await holder.document(call, name, PolicyName)) });
  }
  return {
    ...(arns.length > 0 && { ManagedPolicyArns: arns }),
    ...(policies.length > 0 && { Policies: policies }),
  };
}
