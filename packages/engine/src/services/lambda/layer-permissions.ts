/*
 * Who may use a layer version: its policy. AWS keeps one account's layers from another's functions by it.
 * Words: Lambda API Reference, AddLayerVersionPermission and its neighbours.
 */
import type {
  AddLayerVersionPermissionRequest,
  AddLayerVersionPermissionResponse,
  GetLayerVersionPolicyRequest,
  GetLayerVersionPolicyResponse,
  RemoveLayerVersionPermissionRequest,
} from '@aws-sdk/client-lambda';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { checkRevision, conflict, notFound, versionKey } from './function.ts';
import { findVersion, layerVersionArn } from './layers.ts';

interface LayerPolicy {
  readonly statements: readonly { readonly Sid: string }[];
  readonly revisionId: string;
}

/** By layer and number. */
const layerPolicies = table<LayerPolicy>('lambda.layer-policies');

export function addLayerVersionPermission(
  ctx: Context,
  input: AddLayerVersionPermissionRequest,
): AddLayerVersionPermissionResponse {
  const { scope, record } = findVersion(ctx, input.LayerName!, input.VersionNumber!);
  const key = versionKey(record.name, record.version);
  const policy = ctx.rows(layerPolicies).get(key);
  checkRevision(input.RevisionId, policy?.revisionId ?? '', 'GetLayerPolicy');
  if (policy?.statements.some(({ Sid }) => Sid === input.StatementId)) {
    const advice = 'Please provide a new statement id, or remove the existing statement.';
    throw conflict(`The statement id (${input.StatementId}) provided already exists. ${advice}`);
  }
  const statement = {
    Sid: input.StatementId!,
    Effect: 'Allow',
    Principal: principalOf(input.Principal!),
    Action: input.Action!,
    Resource: layerVersionArn(scope, record),
    ...(input.OrganizationId && { Condition: { StringEquals: { 'aws:PrincipalOrgID': input.OrganizationId } } }),
  };
  const revisionId = ctx.ids.uuid();
  ctx.rows(layerPolicies).put(key, { statements: [...(policy?.statements ?? []), statement], revisionId });
  return { Statement: JSON.stringify(statement), RevisionId: revisionId };
}

export function getLayerVersionPolicy(
  ctx: Context,
  input: GetLayerVersionPolicyRequest,
): GetLayerVersionPolicyResponse {
  const { policy } = find(ctx, input.LayerName!, input.VersionNumber!);
  const Policy = JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: policy.statements });
  return { Policy, RevisionId: policy.revisionId };
}

export function removeLayerVersionPermission(ctx: Context, input: RemoveLayerVersionPermissionRequest): void {
  const { key, policy } = find(ctx, input.LayerName!, input.VersionNumber!);
  const statements = policy.statements.filter(({ Sid }) => Sid !== input.StatementId);
  if (statements.length === policy.statements.length) {
    throw notFound(`Statement ${input.StatementId} is not found in resource policy.`);
  }
  checkRevision(input.RevisionId, policy.revisionId, 'GetLayerPolicy');
  if (statements.length > 0) ctx.rows(layerPolicies).put(key, { statements, revisionId: ctx.ids.uuid() });
  else ctx.rows(layerPolicies).delete(key);
}

function find(ctx: Context, layer: string, version: number): { key: string; policy: LayerPolicy } {
  const { record } = findVersion(ctx, layer, version);
  const key = versionKey(record.name, record.version);
  const policy = ctx.rows(layerPolicies).get(key);
  if (!policy) throw notFound('No policy is associated with the given resource.');
  return { key, policy };
}

function principalOf(principal: string): unknown {
  if (principal === '*') return '*';
  return { AWS: /^\d{12}$/.test(principal) ? `arn:aws:iam::${principal}:root` : principal };
}
