/*
 * Resource policies of functions: who may invoke them. A change to a policy is a change of the function's revision.
 *
 * The statement that AddPermission makes: Lambda API Reference, AddPermission; Developer Guide, "Viewing resource-based
 * IAM policies in Lambda".
 */
import type {
  AddPermissionRequest,
  AddPermissionResponse,
  GetPolicyRequest,
  GetPolicyResponse,
  RemovePermissionRequest,
} from '@aws-sdk/client-lambda';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';
import {
  checkRevision,
  conflict,
  type FunctionRecord,
  findFunction,
  functionArn,
  functions,
  invalidParameter,
  LATEST,
  notFound,
} from './function.ts';

interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal: string | Readonly<Record<string, string>>;
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Statements in the order in which they were added, by function name. */
const policies = table<readonly Statement[]>('lambda.policies');

/** The largest policy, in bytes (Developer Guide, "Lambda quotas"). */
const LARGEST_POLICY = 20_480;

export function addPermission(ctx: Context, input: AddPermissionRequest): AddPermissionResponse {
  const { name, qualifier, record } = findFunction(ctx, input.FunctionName!, input.Qualifier);
  if (qualifier === LATEST) throw invalidParameter('We currently do not support adding policies for $LATEST.');
  checkPolicyRevision(input.RevisionId, record);
  const statements = ctx.rows(policies).get(name) ?? [];
  if (statements.some(({ Sid }) => Sid === input.StatementId)) {
    const advice = 'Please provide a new statement id, or remove the existing statement.';
    throw conflict(`The statement id (${input.StatementId}) provided already exists. ${advice}`);
  }
  const statement = statementOf(input, functionArn(ctx.scope, name));
  put(ctx, name, record, [...statements, statement]);
  return { Statement: JSON.stringify(statement) };
}

export function removePermission(ctx: Context, input: RemovePermissionRequest): void {
  const { name, record } = findFunction(ctx, input.FunctionName!, input.Qualifier);
  const statements = ctx.rows(policies).get(name);
  if (!statements) throw notFound('No policy is associated with the given resource.');
  const kept = statements.filter(({ Sid }) => Sid !== input.StatementId);
  if (kept.length === statements.length) {
    throw notFound(`Statement ${input.StatementId} is not found in resource policy.`);
  }
  checkPolicyRevision(input.RevisionId, record);
  put(ctx, name, record, kept);
}

export function getPolicy(ctx: Context, input: GetPolicyRequest): GetPolicyResponse {
  const { name, record } = findFunction(ctx, input.FunctionName!, input.Qualifier);
  const statements = ctx.rows(policies).get(name);
  if (!statements) throw notFound('The resource you requested does not exist.');
  return { Policy: documentOf(statements), RevisionId: record.configuration.RevisionId };
}

export function removePolicy(ctx: Context, name: string): void {
  ctx.rows(policies).delete(name);
}

function put(ctx: Context, name: string, record: FunctionRecord, statements: readonly Statement[]): void {
  const size = Buffer.byteLength(documentOf(statements));
  if (size > LARGEST_POLICY) {
    const message = `The final policy size (${size}) is bigger than the limit (${LARGEST_POLICY}).`;
    throw new AwsError('PolicyLengthExceededException', message, { members: { Type: 'User' } });
  }
  if (statements.length > 0) ctx.rows(policies).put(name, statements);
  else removePolicy(ctx, name);
  const configuration = { ...record.configuration, RevisionId: ctx.ids.uuid() };
  ctx.rows(functions).put(name, { ...record, configuration });
}

function documentOf(statements: readonly Statement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: statements });
}

function checkPolicyRevision(expected: string | undefined, record: FunctionRecord): void {
  checkRevision(expected, record.configuration.RevisionId, 'GetPolicy');
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

/** A service has a dot in its name: `events.amazonaws.com`, `apigateway.amazonaws.com.cn`, `alexa-appkit.amazon.com`. */
function principalOf(principal: string): Statement['Principal'] {
  if (principal === '*') return '*';
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:aws:iam::${principal}:root` };
  if (/^arn:aws[\w-]*:(iam|sts)::\d{12}:/.test(principal)) return { AWS: principal };
  if (/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(principal)) return { Service: principal };
  throw invalidParameter('The provided principal was invalid. Please check the principal and try again.');
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
    ...(input.InvokedViaFunctionUrl !== undefined && {
      Bool: { 'lambda:InvokedViaFunctionUrl': String(input.InvokedViaFunctionUrl) },
    }),
    ...(input.SourceArn && { ArnLike: { 'AWS:SourceArn': input.SourceArn } }),
  };
}
