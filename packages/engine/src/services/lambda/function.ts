/*
 * What a function is: its record, those of its versions and aliases, and its name and ARN in all the forms that a
 * client may use.
 */
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { formatArn, type Scope } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context } from '../../kernel/service.ts';
import { type Table, table } from '../../kernel/state/table.ts';

/** A function's configuration as AWS shows it, less what follows from its name. */
export type Configuration = Omit<FunctionConfiguration, 'FunctionName' | 'FunctionArn' | 'Version'> & {
  readonly Runtime: string;
  readonly Handler: string;
  readonly Timeout: number;
  readonly MemorySize: number;
  readonly RevisionId: string;
};

/** What is kept of a function. */
export interface FunctionRecord {
  readonly configuration: Configuration;
  /** The SHA-256 of the deployment package in hexadecimal: the name that it is kept under. */
  readonly code: string;
  /** What its files have. */
  readonly unzippedBytes: number;
  /** The packages of its layers, in the order of the configuration. */
  readonly layers?: readonly { readonly code: string; readonly unzippedBytes: number }[];
  /** Changes with code and configuration alone: sandboxes of an equal one are interchangeable. */
  readonly generation: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Of a published version: the generation that it was made of. */
  readonly source?: string;
  /** Of a published version: its number. */
  readonly version?: string;
  /** Of the unpublished version: how many versions were published of it, those that are gone too. */
  readonly published?: number;
}

/** What is kept of an alias. */
export interface AliasRecord {
  readonly FunctionVersion: string;
  readonly Description: string;
  /** The part of its invocations that another version gets, by its number. */
  readonly weights?: Readonly<Record<string, number>>;
  readonly RevisionId: string;
}

/** Unpublished versions, by their function's name. */
export const functions = table<FunctionRecord>('lambda.functions');

/** By function and number; so written that they are in order. */
export const versions = table<FunctionRecord>('lambda.versions');

/** By function and name. */
export const aliases = table<AliasRecord>('lambda.aliases');

export const LATEST = '$LATEST';

/** The key of what belongs to a function, a version or an alias. */
export function keyOf(name: string, qualifier = LATEST): string {
  return `${name}:${qualifier}`;
}

/** The key of a version: numbers of all lengths in order. */
export function versionKey(name: string, version: string | number): string {
  return keyOf(name, String(version).padStart(VERSION_DIGITS, '0'));
}

const VERSION_DIGITS = 15;

/** Removes whatever belongs to a function, of a table whose keys are made by `keyOf`. */
export function removeAllOf(ctx: Context, table: Table<unknown>, name: string): void {
  for (const [key] of ctx.rows(table).list({ prefix: keyOf(name, '') })) ctx.rows(table).delete(key);
}

/** A function that a request means. */
export interface FunctionReference {
  readonly name: string;
  /** `$LATEST`, a version or an alias; undefined when the request names none. */
  readonly qualifier: string | undefined;
}

/** `name`, `account:function:name` and ARNs, each with a qualifier or without. */
const NAME =
  /^(?:arn:aws[a-zA-Z-]*:lambda:)?(?:([a-z]{2,4}(?:-[a-z]+)+-\d):)?(?:(\d{12}):)?(?:function:)?([\w.-]+)(?::(\$LATEST|[\w-]+))?$/;

/** Takes a function's name apart. Throws AWS's error when it names another region, another account, or nothing. */
export function parseFunctionName(scope: Scope, text: string, qualifier?: string): FunctionReference {
  const [, region, account, name, inName] = NAME.exec(text) ?? [];
  if (name === undefined) throw invalidParameter(`${text} is not a valid function name or ARN.`);
  if (region !== undefined && region !== scope.region) {
    throw notFound(`Functions from '${region}' are not reachable in this region ('${scope.region}')`);
  }
  if (account !== undefined && account !== scope.account) throw otherAccount(scope, text);
  if (qualifier && inName && qualifier !== inName) {
    throw invalidParameter('The derived qualifier from the function name does not match the specified qualifier.');
  }
  return { name, qualifier: qualifier || inName };
}

export function functionArn(scope: Scope, name: string, qualifier?: string): string {
  return formatArn('lambda', scope, `function:${name}${qualifier ? `:${qualifier}` : ''}`);
}

/** What a request means: a function, one of its versions, or what an alias points to. */
export interface FoundFunction extends FunctionReference {
  readonly record: FunctionRecord;
  /** Where the request named one. */
  readonly alias?: AliasRecord;
}

/** The function that a request means, or AWS's error. */
export function findFunction(ctx: Context, text: string, qualifier?: string): FoundFunction {
  const reference = parseFunctionName(ctx.scope, text, qualifier);
  const found = lookUp(ctx, reference);
  if (!found) throw functionNotFound(ctx.scope, reference);
  return found;
}

/** What a name and a qualifier lead to, if anything. */
export function lookUp(ctx: Context, reference: FunctionReference): FoundFunction | undefined {
  const { name, qualifier } = reference;
  const alias = isAlias(qualifier) ? ctx.rows(aliases).get(keyOf(name, qualifier)) : undefined;
  const record = versionOf(ctx, name, alias ? alias.FunctionVersion : (qualifier ?? LATEST));
  return record && { ...reference, record, ...(alias && { alias }) };
}

/** One version of a function, by its number or `$LATEST`. */
export function versionOf(ctx: Context, name: string, version: string): FunctionRecord | undefined {
  return version === LATEST ? ctx.rows(functions).get(name) : ctx.rows(versions).get(versionKey(name, version));
}

/** Whether a qualifier can only be an alias's name. */
export function isAlias(qualifier: string | undefined): boolean {
  return qualifier !== undefined && qualifier !== LATEST && !/^\d+$/.test(qualifier);
}

export function functionNotFound(scope: Scope, { name, qualifier }: FunctionReference): AwsError {
  return notFound(`Function not found: ${functionArn(scope, name, qualifier)}`);
}

/** The function that a request changes: versions and aliases can't be. */
export function findUnpublished(ctx: Context, text: string): FoundFunction {
  const { qualifier } = parseFunctionName(ctx.scope, text);
  if ((qualifier ?? LATEST) !== LATEST) {
    const advice = 'Please set the version to $LATEST or do not set a version in your request.';
    throw invalidParameter(`Current operation does not support versions other than $LATEST. ${advice}`);
  }
  return findFunction(ctx, text);
}

/** A function's configuration as AWS shows it; the ARN has a qualifier where the request had one. */
export function configurationOf(
  scope: Scope,
  { name, qualifier, record }: Pick<FoundFunction, 'name' | 'record'> & Partial<FunctionReference>,
): FunctionConfiguration {
  const FunctionArn = functionArn(scope, name, qualifier);
  return { FunctionName: name, FunctionArn, ...record.configuration, Version: record.version ?? LATEST };
}

export function notFound(message: string): AwsError {
  return new AwsError('ResourceNotFoundException', message, { status: 404, members: { Type: 'User' } });
}

export function conflict(message: string): AwsError {
  return new AwsError('ResourceConflictException', message, { status: 409, members: { Type: 'User' } });
}

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterValueException', message, { members: { Type: 'User' } });
}

/** What AWS says to another account that no policy of the function lets in. */
function otherAccount({ account }: Scope, resource: string): AwsError {
  const user = `arn:aws:iam::${account}:root`;
  const reason = 'because no resource-based policy allows it. Carillon does not reach functions of other accounts.';
  return new AwsError('AccessDeniedException', `User: ${user} is not authorized to use ${resource} ${reason}`, {
    status: 403,
  });
}

/** Refuses a change that was made for another revision than the present one; `source` names who tells the present one. */
export function checkRevision(expected: string | undefined, present: string, source = 'GetFunction/GetAlias'): void {
  if (expected === undefined || expected === present) return;
  const advice = `Call the ${source} API to retrieve the latest Revision Id`;
  throw new AwsError(
    'PreconditionFailedException',
    `The Revision Id provided does not match the latest Revision Id. ${advice}`,
    { status: 412, members: { Type: 'User' } },
  );
}
