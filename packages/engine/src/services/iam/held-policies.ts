/*
 * What a role or user may do: the policies that it holds, and a role's trust policy.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html
 */

import type { HeldPolicies, Identity, NamedDocument, ResourcePolicy } from '../../kernel/access.ts';
import type { Arn } from '../../kernel/arn.ts';
import type { TableReader } from '../../kernel/state/table.ts';
import { accessKeys } from './access-keys.ts';
import { type Entity, GROUP, keyOf, ROLE, type Role, USER } from './entities.ts';
import { lookUpPolicy, type ManagedPolicy } from './policies.ts';

/** Of a role or user by its ARN; undefined when there is none. */
export function policiesHeldBy(rows: TableReader, arn: Arn): HeldPolicies | undefined {
  const role = roleOf(rows, arn);
  if (role) return { ...held(rows, [role]), trustPolicy: role.trustPolicy };
  const name = nameOf(arn, 'user');
  const user = name === undefined ? undefined : rows(USER.table).get(keyOf(name));
  if (!user) return undefined;
  return held(rows, [user, ...user.groupNames.flatMap((group) => rows(GROUP.table).get(keyOf(group)) ?? [])]);
}

/** Who a user's access key stands for. */
export function identityOf(rows: TableReader, accessKeyId: string): Identity | undefined {
  const key = rows(accessKeys).get(accessKeyId);
  const user = key && rows(USER.table).get(keyOf(key.userName));
  return user && { arn: user.arn, roleArn: null };
}

/** A role's trust policy: who may assume it. */
export function trustPolicyOf(rows: TableReader, arn: Arn): ResourcePolicy | undefined {
  const role = roleOf(rows, arn);
  return role && { record: role, document: () => role.trustPolicy };
}

/** The first is the identity itself, the others the groups that it is in. */
function held(rows: TableReader, entities: readonly Entity[]): HeldPolicies {
  const attached = entities.flatMap(({ attachedPolicyArns }) =>
    attachedPolicyArns.flatMap((arn) => lookUpPolicy({ rows }, arn) ?? []),
  );
  const boundaryArn = entities[0]!.boundaryArn;
  const boundary = boundaryArn === null ? undefined : lookUpPolicy({ rows }, boundaryArn);
  const own = [...attached, ...(boundary ? [boundary] : [])].filter(({ arn }) => !isAwsManaged(arn));
  return {
    records: [...entities, ...own],
    documents: () => [
      ...entities.flatMap(({ inlinePolicies }) =>
        Object.entries(inlinePolicies).map(([name, document]) => ({ name, document })),
      ),
      ...attached.map(documentOf),
    ],
    boundary: () => boundary && documentOf(boundary),
  };
}

function documentOf({ arn, versions, defaultVersionId }: ManagedPolicy): NamedDocument {
  return { name: arn, document: versions.find(({ id }) => id === defaultVersionId)?.document ?? null };
}

function roleOf(rows: TableReader, arn: Arn): Role | undefined {
  const name = nameOf(arn, 'role');
  return name === undefined ? undefined : rows(ROLE.table).get(keyOf(name));
}

/** The name of an entity of a kind, without its path. */
function nameOf({ service, resource }: Arn, kind: 'role' | 'user'): string | undefined {
  const [, of, name] = /^(role|user)\/(?:.*\/)?([^/]+)$/.exec(resource) ?? [];
  return service === 'iam' && of === kind ? name : undefined;
}

/** Those never change, and are made anew whenever they are asked for. */
function isAwsManaged(arn: string): boolean {
  return arn.includes(':iam::aws:');
}
