/*
 * Resource policies of functions, versions and aliases: who may invoke them. A change to a policy is a change of the
 * revision of what it belongs to.
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
import type { ResourcePolicy } from '../../kernel/access.ts';
import type { Arn } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import type { TableReader } from '../../kernel/state/table.ts';
import { table } from '../../kernel/state/table.ts';
import {
  aliases,
  checkRevision,
  conflict,
  type FoundFunction,
  findFunction,
  functionArn,
  functions,
  invalidParameter,
  keyOf,
  LATEST,
  notFound,
  versionKey,
  versions,
} from './function.ts';

interface Statement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal: string | Readonly<Record<string, string>>;
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Statements in the order in which they were added, by `keyOf` what they are about. */
export const policies = table<readonly Statement[]>('lambda.policies');

/** The largest policy, in bytes (Developer Guide, "Lambda quotas"). */
const LARGEST_POLICY = 20_480;

export function addPermission(ctx: Context, input: AddPermissionRequest): AddPermissionResponse {
  const found = findFunction(ctx, input.FunctionName!, input.Qualifier);
  const { name, qualifier } = found;
  if (qualifier === LATEST) throw invalidParameter('We currently do not support adding policies for $LATEST.');
  checkPolicyRevision(input.RevisionId, found);
  const statements = ctx.rows(policies).get(keyOf(name, qualifier)) ?? [];
  if (statements.some(({ Sid }) => Sid === input.StatementId)) {
    const advice = 'Please provide a new statement id, or remove the existing statement.';
    throw conflict(`The statement id (${input.StatementId}) provided already exists. ${advice}`);
  }
  const statement = statementOf(input, functionArn(ctx.scope, name, qualifier));
  put(ctx, found, [...statements, statement]);
  return { Statement: JSON.stringify(statement) };
}

export function removePermission(ctx: Context, input: RemovePermissionRequest): void {
  const found = findFunction(ctx, input.FunctionName!, input.Qualifier);
  const statements = ctx.rows(policies).get(keyOf(found.name, found.qualifier));
  if (!statements) throw notFound('No policy is associated with the given resource.');
  const kept = statements.filter(({ Sid }) => Sid !== input.StatementId);
  if (kept.length === statements.length) {
    throw notFound(`Statement ${input.StatementId} is not found in resource policy.`);
  }
  checkPolicyRevision(input.RevisionId, found);
  put(ctx, found, kept);
}

export function getPolicy(ctx: Context, input: GetPolicyRequest): GetPolicyResponse {
  const found = findFunction(ctx, input.FunctionName!, input.Qualifier);
  const statements = ctx.rows(policies).get(keyOf(found.name, found.qualifier));
  if (!statements) throw notFound('The resource you requested does not exist.');
  return { Policy: documentOf(statements), RevisionId: revisionOf(found) };
}

/** What a function's policy says, or that of one of its versions or aliases, by the ARN. */
export function policyOf(rows: TableReader, { resource }: Arn): ResourcePolicy | undefined {
  const [, name = '', qualifier] = resource.split(':');
  const statements = rows(policies).get(keyOf(name, qualifier));
  const record = statements ?? rows(functions).get(name);
  return record && { record, document: () => statements && documentOf(statements) };
}

function put(ctx: Context, found: FoundFunction, statements: readonly Statement[]): void {
  const size = Buffer.byteLength(documentOf(statements));
  if (size > LARGEST_POLICY) {
    const message = `The final policy size (${size}) is bigger than the limit (${LARGEST_POLICY}).`;
    throw new AwsError('PolicyLengthExceededException', message, { members: { Type: 'User' } });
  }
  const key = keyOf(found.name, found.qualifier);
  if (statements.length > 0) ctx.rows(policies).put(key, statements);
  else ctx.rows(policies).delete(key);
  revise(ctx, found);
}

/** Gives what a policy belongs to another revision. */
function revise(ctx: Context, { name, qualifier, record, alias }: FoundFunction): void {
  const RevisionId = ctx.ids.uuid();
  if (alias) {
    ctx.rows(aliases).put(keyOf(name, qualifier), { ...alias, RevisionId });
    return;
  }
  const revised = { ...record, configuration: { ...record.configuration, RevisionId } };
  if (record.version) ctx.rows(versions).put(versionKey(name, record.version), revised);
  else ctx.rows(functions).put(name, revised);
}

function revisionOf({ record, alias }: FoundFunction): string {
  return alias?.RevisionId ?? record.configuration.RevisionId;
}

function documentOf(statements: readonly Statement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Id: 'default', Statement: statements });
}

function checkPolicyRevision(expected: string | undefined, found: FoundFunction): void {
  checkRevision(expected, revisionOf(found), 'GetPolicy');
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
