/* Managed policies as they hang on roles, users and groups, or bound what a role or user may do. */
import type { AttachedPolicy, ListEntitiesForPolicyRequest, ListEntitiesForPolicyResponse } from '@aws-sdk/client-iam';
import type { Context } from '../../kernel/service.ts';
import { all, change, type Entity, find, GROUP, type Kind, keyOf, ROLE, USER } from './entities.ts';
import { checkQuota, noSuchEntity } from './errors.ts';
import { type PageRequest, page } from './paging.ts';
import { lookUpPolicy, nameOf, policyKey } from './policies.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MOST_ATTACHED = 10;

export function attachPolicy<T extends Entity>(ctx: Context, kind: Kind<T>, name: string, policyArn: string): void {
  change(ctx, kind, name, (entity) => {
    checkAttachable(ctx, policyArn, `Policy ${policyArn}`);
    const attachedPolicyArns = [...new Set([...entity.attachedPolicyArns, policyArn])];
    checkQuota(`PoliciesPer${kind.title}`, MOST_ATTACHED, attachedPolicyArns.length);
    return { attachedPolicyArns };
  });
}

export function detachPolicy<T extends Entity>(ctx: Context, kind: Kind<T>, name: string, policyArn: string): void {
  change(ctx, kind, name, ({ attachedPolicyArns }) => {
    if (!attachedPolicyArns.includes(policyArn)) throw noSuchEntity(`Policy ${policyArn} was not found.`);
    return { attachedPolicyArns: attachedPolicyArns.filter((arn) => arn !== policyArn) };
  });
}

export function listAttachedPolicies<T extends Entity>(
  ctx: Context,
  kind: Kind<T>,
  name: string,
  request: PageRequest & { PathPrefix?: string | undefined },
) {
  const { attachedPolicyArns } = find(ctx, kind, name);
  const under = attachedPolicyArns.filter((arn) => pathOf(arn).startsWith(request.PathPrefix ?? '/'));
  const [arns, end] = page(under, policyKey, request);
  const AttachedPolicies: AttachedPolicy[] = arns.map((arn) => ({ PolicyName: nameOf(arn), PolicyArn: arn }));
  return { AttachedPolicies, ...end };
}

/** Sets what bounds a role's or user's permissions; null takes it away. */
export function setBoundary<T extends Entity>(
  ctx: Context,
  kind: Kind<T>,
  name: string,
  policyArn: string | null,
): void {
  if (policyArn !== null) checkBoundary(ctx, policyArn);
  change(ctx, kind, name, () => ({ boundaryArn: policyArn }));
}

export function checkBoundary(ctx: Context, policyArn: string): void {
  checkAttachable(ctx, policyArn, `Scope ARN: ${policyArn}`);
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html */
export function listEntitiesForPolicy(
  ctx: Context,
  input: ListEntitiesForPolicyRequest,
): ListEntitiesForPolicyResponse {
  const { PolicyArn: arn, EntityFilter: filter, PathPrefix: prefix = '/', PolicyUsageFilter: usage } = input;
  if (!lookUpPolicy(ctx, arn!)) throw noSuchEntity(`Policy ${arn} was not found.`);
  const uses = ({ attachedPolicyArns, boundaryArn, path }: Entity) =>
    path.startsWith(prefix) &&
    ((usage !== 'PermissionsBoundary' && attachedPolicyArns.includes(arn!)) ||
      (usage !== 'PermissionsPolicy' && boundaryArn === arn));
  const users = [GROUP, USER, ROLE]
    .filter(({ title }) => filter === undefined || filter === title)
    .flatMap((kind) =>
      all<Entity>(ctx, kind)
        .filter(uses)
        .map((entity) => ({ kind: kind.noun, entity })),
    );
  const [given, end] = page(users, ({ kind, entity }) => `${kind}/${keyOf(entity.name)}`, input);
  const of = (noun: string) => given.filter(({ kind }) => kind === noun).map(({ entity }) => entity);
  return {
    PolicyGroups: of('group').map(({ name, id }) => ({ GroupName: name, GroupId: id })),
    PolicyUsers: of('user').map(({ name, id }) => ({ UserName: name, UserId: id })),
    PolicyRoles: of('role').map(({ name, id }) => ({ RoleName: name, RoleId: id })),
    ...end,
  };
}

function checkAttachable(ctx: Context, policyArn: string, what: string): void {
  const policy = lookUpPolicy(ctx, policyArn);
  if (!policy) throw noSuchEntity(`${what} does not exist or is not attachable.`);
  if (policy.versions.some(({ document }) => document === null)) {
    ctx.host.warn(
      `Carillon does not know what ${policyArn} says, and takes it to allow everything. AWS refuses a name that is misspelt.`,
    );
  }
}

/** `/service-role/` of `arn:aws:iam::aws:policy/service-role/AWSLambdaRole`. */
function pathOf(policyArn: string): string {
  return policyArn.slice(policyArn.indexOf('/'), policyArn.lastIndexOf('/') + 1);
}
