/*
 * What a function is: its record, and its name and ARN in all the forms that a client may use.
 */
import type { FunctionConfiguration } from '@aws-sdk/client-lambda';
import { formatArn, parseArn } from '../../kernel/arn.ts';
import { AwsError } from '../../kernel/errors.ts';
import type { Context, Scope } from '../../kernel/service.ts';
import { table } from '../../kernel/state/table.ts';

/** What is kept of a function: its configuration as AWS shows it, less what follows from its name. */
export interface FunctionRecord {
  readonly configuration: Omit<FunctionConfiguration, 'FunctionName' | 'FunctionArn' | 'Version'> & {
    readonly Runtime: string;
    readonly Handler: string;
    readonly Timeout: number;
    readonly MemorySize: number;
    readonly RevisionId: string;
  };
  /** The SHA-256 of the deployment package in hexadecimal: the name of its directory. */
  readonly code: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** By name. */
export const functions = table<FunctionRecord>('lambda.functions');

export const LATEST = '$LATEST';

/** A function that a request means. */
export interface FunctionReference {
  readonly name: string;
  readonly qualifier: string;
}

/** Takes apart `name`, `name:qualifier`, `account:function:name[:qualifier]` and ARNs of either. */
export function parseFunctionName(text: string, qualifier?: string): FunctionReference {
  const resource = parseArn(text)?.resource ?? text;
  const [, name = text, inName] = /^(?:(?:\d{12}:)?function:)?([\w-]+)(?::(\$LATEST|[\w-]+))?$/.exec(resource) ?? [];
  if (qualifier && inName && qualifier !== inName) {
    throw invalidParameter('The derived qualifier from the function name does not match the specified qualifier.');
  }
  return { name, qualifier: qualifier ?? inName ?? LATEST };
}

export function functionArn(scope: Scope, name: string): string {
  return formatArn('lambda', scope, `function:${name}`);
}

/** The function that a request means, or AWS's error. */
export function findFunction(
  ctx: Context,
  text: string,
  qualifier?: string,
): FunctionReference & { record: FunctionRecord } {
  const reference = parseFunctionName(text, qualifier);
  const record = ctx.rows(functions).get(reference.name);
  if (!record || reference.qualifier !== LATEST) {
    const suffix = qualifier || reference.qualifier !== LATEST ? `:${reference.qualifier}` : '';
    throw notFound(`Function not found: ${functionArn(ctx.scope, reference.name)}${suffix}`);
  }
  return { ...reference, record };
}

/** A function's configuration as AWS shows it. */
export function configurationOf(scope: Scope, name: string, record: FunctionRecord): FunctionConfiguration {
  return { FunctionName: name, FunctionArn: functionArn(scope, name), ...record.configuration, Version: LATEST };
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

/** Refuses an update that was made for another revision than the present one. */
export function checkRevision(expected: string | undefined, present: string): void {
  if (expected === undefined || expected === present) return;
  throw new AwsError(
    'PreconditionFailedException',
    'The RevisionId provided does not match the latest RevisionId. Call the GetFunction/GetAlias API to retrieve the latest RevisionId',
    { status: 412, members: { Type: 'User' } },
  );
}
