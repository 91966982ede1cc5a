/*
 * Resource policies of functions: who may invoke them.
 *
 * The statement that AddPermission makes: Lambda API Reference, AddPermission; Developer Guide, "Resource-based policies".
 */
import type {
  AddPermissionRequest,
  AddPermissionResponse,
  GetPolicyRequest,
  GetPolicyResponse,
  RemovePermissionRequest,
} from '@aws-sdk/client-lambda';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import { checkRevision, conflict, findFunction, functionArn, LATEST, notFound } from './function.ts';

interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal: string | Readonly<Record<string, string>>;
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

interface Policy {
  readonly statements: readonly Statement[];
  readonly revisionId: string;
}

/** By function name. */
const policies = table<Policy>('lambda.policies');

export function addPermission(ctx: Context, input: AddPermissionRequest): AddPermissionResponse {
  const { name, qualifier } = findFunction(ctx, input.FunctionName!, input.Qualifier);
  const policy = ctx.rows(policies).get(name);
  checkPolicyRevision(input.RevisionId, policy);
  if (policy?.statements.some(({ Sid }) => Sid === input.StatementId)) {
    const advice = 'Please provide a new statement id, or remove the existing statement.';
    throw conflict(`The statement id (${input.StatementId}) provided already exists. ${advice}`);
  }
  const suffix = qualifier === LATEST ? '' : `:${qualifier}`;
  const statement = statementOf(input, functionArn(ctx.scope, name) + suffix);
  ctx.rows(policies).put(name, {
    statements: [...(policy?.statements ?? []), statement],
    revisionId: ctx.ids.uuid(),
  });
  return { Statement: JSON.stringify(statement) };
}

export function removePermission(ctx: Context, input: RemovePermissionRequest): void {
  const { name } = findFunction(ctx, input.FunctionName!, input.Qualifier);
  const policy = ctx.rows(policies).get(name);
  const kept = policy?.statements.filter(({ Sid }) => Sid !== input.StatementId);
  if (!kept || kept.length === policy?.statements.length) {
    throw notFound(`Statement ${input.StatementId} is not found in resource policy.`);
  }
  checkPolicyRevision(input.RevisionId, policy);
  if (kept.length > 0) ctx.rows(policies).put(name, { statements: kept, revisionId: ctx.ids.uuid() });
  else ctx.rows(policies).delete(name);
}

export function getPolicy(ctx: Context, input: GetPolicyRequest): GetPolicyResponse {
  const { name } = findFunction(ctx, input.FunctionName!, input.Qualifier);
  const policy = ctx.rows(policies).get(name);
  if (!policy) throw notFound('The resource you requested does not exist.');
  const document = { Version: '2012-10-17', Id: 'default', Statement: policy.statements };
  return { Policy: JSON.stringify(document), RevisionId: policy.revisionId };
}

export function removePolicy(ctx: Context, name: string): void {
  ctx.rows(policies).delete(name);
}

function checkPolicyRevision(expected: string | undefined, policy: Policy | undefined): void {
  if (policy) checkRevision(expected, policy.revisionId);
}

function statementOf(input: AddPermissionRequest, resource: string): Statement {
  const condition = conditionOf(input);
  return {
    Sid: input.StatementId!,
    Effect: 'Allow',
    Principal: principalOf(input.Principal!),
    Action: input.Action!,
    Resource: resource,
    ...(Object.keys(condition).length > 0 && { Condition: condition }),
  };
}

function principalOf(principal: string): Statement['Principal'] {
  if (principal === '*') return '*';
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:aws:iam::${principal}:root` };
  if (principal.startsWith('arn:')) return { AWS: principal };
  return { Service: principal };
}

function conditionOf(input: AddPermissionRequest): Record<string, Record<string, string>> {
  const equal: Record<string, string> = {
    ...(input.SourceAccount && { 'AWS:SourceAccount': input.SourceAccount }),
    ...(input.FunctionUrlAuthType && { 'lambda:FunctionUrlAuthType': input.FunctionUrlAuthType }),
    ...(input.PrincipalOrgID && { 'aws:PrincipalOrgID': input.PrincipalOrgID }),
    ...(input.EventSourceToken && { 'lambda:EventSourceToken': input.EventSourceToken }),
  };
  return {
    ...(Object.keys(equal).length > 0 && { StringEquals: equal }),
    ...(input.SourceArn && { ArnLike: { 'AWS:SourceArn': input.SourceArn } }),
  };
}
