/*
 * Managed policies: documents of their own with up to five versions, one of which is the default.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html
 */
import { createHash } from 'node:crypto';
import type {
  CreatePolicyRequest,
  CreatePolicyResponse,
  CreatePolicyVersionRequest,
  CreatePolicyVersionResponse,
  DeletePolicyRequest,
  DeletePolicyVersionRequest,
  GetPolicyRequest,
  GetPolicyResponse,
  GetPolicyVersionRequest,
  GetPolicyVersionResponse,
  ListPoliciesRequest,
  ListPoliciesResponse,
  ListPolicyTagsRequest,
  ListPolicyTagsResponse,
  ListPolicyVersionsRequest,
  ListPolicyVersionsResponse,
  Policy,
  PolicyVersion,
  SetDefaultPolicyVersionRequest,
  TagPolicyRequest,
  UntagPolicyRequest,
} from '@aws-sdk/client-iam';
import { parseArn, partitionOf } from '../../kernel/arn.ts';
import { dateOf, parseMoment } from '../../kernel/clock.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import type { TableReader } from '../../kernel/state/table.ts';
import { table } from '../../kernel/state/table.ts';
import { AWS_MANAGED } from './aws-managed.ts';
import { checkDocument, encodeDocument, sizeOf } from './documents.ts';
import { commonMembers, iamArn, keyOf, type Uses, usesOf, wholeSecond } from './entities.ts';
import { checkQuota, deleteConflict, entityAlreadyExists, limitExceeded, noSuchEntity } from './errors.ts';
import { page } from './paging.ts';
import { listTags, type Tag, tagsMember, withoutTags, withTags } from './tags.ts';

export interface ManagedPolicy {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly description: string | null;
  /** Epoch milliseconds, as all dates here. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly tags: readonly Tag[];
  readonly defaultVersionId: string;
  /** The number of the newest version ever made. */
  readonly lastVersion: number;
  readonly versions: readonly Version[];
}

interface Version {
  /** `v1`, `v2`, ... */
  readonly id: string;
  readonly createdAt: number;
  /** Null for a policy of AWS's that is known by name alone. */
  readonly document: string | null;
}

const policies = table<ManagedPolicy>('iam.policies', { scope: 'account' });

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const MOST_OF_ACCOUNT = 1_500;
const MOST_VERSIONS = 5;
const LONGEST_DOCUMENT = 6_144;

export function createPolicy(ctx: Context, input: CreatePolicyRequest): CreatePolicyResponse {
  const { PolicyName: name, Path: path = '/', Description: description = null } = input;
  const rows = ctx.rows(policies);
  checkVersion(input.PolicyDocument!);
  if (rows.has(keyOf(name!))) {
    throw entityAlreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`);
  }
  checkQuota('PoliciesPerAccount', MOST_OF_ACCOUNT, rows.size + 1);
  const createdAt = wholeSecond(ctx.now);
  const policy: ManagedPolicy = {
    ...{ name: name!, path, description, createdAt, updatedAt: createdAt },
    id: `ANPA${ctx.ids.upper(17)}`,
    arn: iamArn(ctx.scope, `policy${path}${name}`),
    tags: withTags([], input.Tags, 'TagsPerPolicy'),
    ...{ defaultVersionId: 'v1', lastVersion: 1 },
    versions: [{ id: 'v1', createdAt, document: input.PolicyDocument! }],
  };
  save(ctx, policy);
  return { Policy: { ...withoutDescription(summaryOf(policy, new Map())), ...tagsMember(policy.tags) } };
}

export function getPolicy(ctx: Context, { PolicyArn: arn }: GetPolicyRequest): GetPolicyResponse {
  const policy = findPolicy(ctx, arn!);
  return { Policy: { ...summaryOf(policy, usesOf(ctx)), Tags: [...policy.tags] } };
}

export function listPolicies(ctx: Context, input: ListPoliciesRequest): ListPoliciesResponse {
  const {
    Scope: scope = 'All',
    PathPrefix: prefix = '/',
    PolicyUsageFilter: usage,
    OnlyAttached: onlyAttached,
  } = input;
  const own =
    scope === 'AWS'
      ? []
      : ctx
          .rows(policies)
          .list()
          .map(([, policy]) => policy);
  const awss = scope === 'Local' ? [] : awsManagedPolicies(partitionOf(ctx.scope.region));
  const uses = usesOf(ctx);
  const isListed = ({ arn, path }: ManagedPolicy) => {
    const { attached = 0, boundary = 0 } = uses.get(arn) ?? {};
    const used = usage === 'PermissionsBoundary' ? boundary > 0 : usage === undefined || attached > 0;
    return path.startsWith(prefix) && used && (!onlyAttached || attached > 0);
  };
  const [listed, end] = page([...own, ...awss].filter(isListed), ({ arn }) => policyKey(arn), input);
  return { Policies: listed.map((policy) => withoutDescription(summaryOf(policy, uses))), ...end };
}

export function deletePolicy(ctx: Context, { PolicyArn: arn }: DeletePolicyRequest): void {
  const policy = findOwn(ctx, arn!, 'DeletePolicy');
  if (usesOf(ctx).has(policy.arn)) throw deleteConflict('Cannot delete a policy attached to entities.');
  if (policy.versions.length > 1) {
    throw deleteConflict(
      "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
    );
  }
  ctx.rows(policies).delete(keyOf(policy.name));
}

export function createPolicyVersion(ctx: Context, input: CreatePolicyVersionRequest): CreatePolicyVersionResponse {
  const policy = findOwn(ctx, input.PolicyArn!, 'CreatePolicyVersion');
  checkVersion(input.PolicyDocument!);
  if (policy.versions.length >= MOST_VERSIONS) {
    throw limitExceeded(
      `A managed policy can have up to ${MOST_VERSIONS} versions. Before you create a new version, you must delete an existing version.`,
    );
  }
  const lastVersion = policy.lastVersion + 1;
  const now = wholeSecond(ctx.now);
  const version = { id: `v${lastVersion}`, createdAt: now, document: input.PolicyDocument! };
  const changed: ManagedPolicy = {
    ...policy,
    lastVersion,
    versions: [...policy.versions, version],
    ...(input.SetAsDefault && { defaultVersionId: version.id, updatedAt: now }),
  };
  save(ctx, changed);
  return { PolicyVersion: versionMembers(changed, version) };
}

export function getPolicyVersion(ctx: Context, input: GetPolicyVersionRequest): GetPolicyVersionResponse {
  const policy = findPolicy(ctx, input.PolicyArn!);
  const version = findVersion(policy, input.VersionId!);
  if (version.document === null) {
    throw noSuchEntity(`Carillon knows the policy ${policy.arn} by its name alone, and not what it says.`);
  }
  return { PolicyVersion: { ...versionMembers(policy, version), Document: encodeDocument(version.document) } };
}

export function listPolicyVersions(ctx: Context, input: ListPolicyVersionsRequest): ListPolicyVersionsResponse {
  const policy = findPolicy(ctx, input.PolicyArn!);
  const [versions, end] = page(policy.versions, newestFirst, input);
  return { Versions: versions.map((version) => versionMembers(policy, version)), ...end };
}

export function deletePolicyVersion(ctx: Context, input: DeletePolicyVersionRequest): void {
  const policy = findOwn(ctx, input.PolicyArn!, 'DeletePolicyVersion');
  const version = findVersion(policy, input.VersionId!);
  if (version.id === policy.defaultVersionId) {
    throw deleteConflict('Cannot delete the default version of a policy.');
  }
  save(ctx, { ...policy, versions: policy.versions.filter(({ id }) => id !== version.id) });
}

export function setDefaultPolicyVersion(ctx: Context, input: SetDefaultPolicyVersionRequest): void {
  const policy = findOwn(ctx, input.PolicyArn!, 'SetDefaultPolicyVersion');
  const { id } = findVersion(policy, input.VersionId!);
  save(ctx, { ...policy, defaultVersionId: id, updatedAt: wholeSecond(ctx.now) });
}

export function tagPolicy(ctx: Context, input: TagPolicyRequest): void {
  const policy = findOwn(ctx, input.PolicyArn!, 'TagPolicy');
  save(ctx, { ...policy, tags: withTags(policy.tags, input.Tags, 'TagsPerPolicy') });
}

export function untagPolicy(ctx: Context, input: UntagPolicyRequest): void {
  const policy = findOwn(ctx, input.PolicyArn!, 'UntagPolicy');
  save(ctx, { ...policy, tags: withoutTags(policy.tags, input.TagKeys!) });
}

export function listPolicyTags(ctx: Context, input: ListPolicyTagsRequest): ListPolicyTagsResponse {
  return listTags(findPolicy(ctx, input.PolicyArn!).tags, input);
}

/** A managed policy by its ARN, the account's own or AWS's; undefined when there is none. */
export function lookUpPolicy(from: { rows: TableReader }, arn: string): ManagedPolicy | undefined {
  const own = from.rows(policies).get(keyOf(nameOf(arn)));
  return own?.arn === arn ? own : awsManagedPolicy(arn);
}

/** A policy of AWS's by its ARN: without its document where only the name is known. Undefined for no ARN of AWS's. */
function awsManagedPolicy(policyArn: string): ManagedPolicy | undefined {
  const arn = parseArn(policyArn);
  const pathAndName =
    arn?.service === 'iam' && arn.account === 'aws' ? /^policy(\/.+)$/.exec(arn.resource)?.[1] : undefined;
  return pathAndName === undefined ? undefined : recordOf(policyArn, pathAndName);
}

/** The policies of AWS's whose documents are known. */
function awsManagedPolicies(partition: string): ManagedPolicy[] {
  return Object.keys(AWS_MANAGED).map((pathAndName) =>
    recordOf(`arn:${partition}:iam::aws:policy${pathAndName}`, pathAndName),
  );
}

function recordOf(arn: string, pathAndName: string): ManagedPolicy {
  const listed = Object.hasOwn(AWS_MANAGED, pathAndName) ? AWS_MANAGED[pathAndName] : undefined;
  const slash = pathAndName.lastIndexOf('/');
  const date = parseMoment(listed?.date ?? '2015-02-06T18:40:00Z');
  const versionId = `v${listed?.version ?? 1}`;
  const document = listed && JSON.stringify({ Version: '2012-10-17', Statement: listed.statements }, null, 4);
  return {
    ...{ arn, path: pathAndName.slice(0, slash + 1), name: pathAndName.slice(slash + 1), id: idOf(arn) },
    ...{ description: listed?.description ?? null, createdAt: date, updatedAt: date, tags: [] },
    ...{ defaultVersionId: versionId, lastVersion: listed?.version ?? 1 },
    versions: [{ id: versionId, createdAt: date, document: document ?? null }],
  };
}

/** AWS's own ids say nothing; these are always the same too. */
function idOf(arn: string): string {
  return `ANPA${createHash('sha256').update(arn).digest('hex').slice(0, 17).toUpperCase()}`;
}

/** What orders policies in lists: the name, and whose it is. */
export function policyKey(arn: string): string {
  return `${keyOf(nameOf(arn))} ${parseArn(arn)?.account}`;
}

/** The last part of a policy's ARN. */
export function nameOf(policyArn: string): string {
  return policyArn.slice(policyArn.lastIndexOf('/') + 1);
}

function findPolicy(ctx: Context, arn: string): ManagedPolicy {
  const policy = lookUpPolicy(ctx, arn);
  if (!policy) throw noSuchEntity(`Policy ${arn} was not found.`);
  return policy;
}

/** A policy that the account may change. */
function findOwn(ctx: Context, arn: string, operation: string): ManagedPolicy {
  const policy = findPolicy(ctx, arn);
  if (parseArn(arn)?.account !== 'aws') return policy;
  const root = iamArn(ctx.scope, 'root');
  const message = `User: ${root} is not authorized to perform: iam:${operation} on resource: policy ${arn}`;
  throw new AwsError('AccessDenied', message, { status: 403 });
}

function findVersion(policy: ManagedPolicy, versionId: string): Version {
  const version = policy.versions.find(({ id }) => id === versionId);
  if (!version) throw noSuchEntity(`Policy ${policy.arn} version ${versionId} does not exist or is not attachable.`);
  return version;
}

function save(ctx: Context, policy: ManagedPolicy): void {
  ctx.rows(policies).put(keyOf(policy.name), policy);
}

function checkVersion(document: string): void {
  checkDocument(document, 'managed');
  checkQuota('PolicySize', LONGEST_DOCUMENT, sizeOf(document));
}

function newestFirst({ id }: Version): string {
  return String(Number.MAX_SAFE_INTEGER - Number(id.slice(1)));
}

function summaryOf(policy: ManagedPolicy, uses: Uses): Policy {
  const { attached = 0, boundary = 0 } = uses.get(policy.arn) ?? {};
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    ...commonMembers(policy),
    DefaultVersionId: policy.defaultVersionId,
    AttachmentCount: attached,
    PermissionsBoundaryUsageCount: boundary,
    IsAttachable: true,
    ...(policy.description !== null && { Description: policy.description }),
    UpdateDate: dateOf(policy.updatedAt),
  };
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_Policy.html: lists and new policies come without it. */
function withoutDescription({ Description, ...policy }: Policy): Policy {
  return policy;
}

function versionMembers(policy: ManagedPolicy, { id, createdAt }: Version): PolicyVersion {
  return { VersionId: id, IsDefaultVersion: id === policy.defaultVersionId, CreateDate: dateOf(createdAt) };
}
