/*
 * The operations on functions.
 *
 * Words and limits: Lambda API Reference, CreateFunction and its neighbours; Developer Guide, "Lambda quotas".
 */
import type {
  CreateFunctionRequest,
  DeleteFunctionRequest,
  Environment,
  FunctionCode,
  FunctionConfiguration,
  GetFunctionConfigurationRequest,
  GetFunctionRequest,
  GetFunctionResponse,
  ListFunctionsRequest,
  ListFunctionsResponse,
  UpdateFunctionCodeRequest,
  UpdateFunctionConfigurationRequest,
} from '@aws-sdk/client-lambda';
import { isoMillis } from '../../kernel/clock.ts';
import { notImplemented, validationError } from '../../kernel/errors.ts';
import { page } from '../../kernel/paging.ts';
import type { Context, WaitingContext } from '../../kernel/service.ts';
import { archiveName, type CodePackage, keepCode } from './code.ts';
import {
  checkRevision,
  configurationOf,
  conflict,
  type FunctionRecord,
  findFunction,
  functions,
  invalidParameter,
  parseFunctionName,
} from './function.ts';
import { removePolicy } from './permissions.ts';
import { fleet, retireSandboxes } from './sandboxes.ts';

/** What AWS takes when a request says nothing (API Reference, CreateFunction). */
const DEFAULTS = { Timeout: 3, MemorySize: 128, EphemeralStorage: { Size: 512 }, PackageType: 'Zip' } as const;
const LIMITS = { timeoutSeconds: 900, environmentBytes: 4_096, page: 50, largestPage: 10_000 };

export async function createFunction(
  ctx: WaitingContext,
  input: CreateFunctionRequest,
): Promise<FunctionConfiguration> {
  const { name } = parseFunctionName(input.FunctionName!);
  if (input.PackageType === 'Image') throw notImplemented('lambda', 'CreateFunction with PackageType Image');
  if (!input.Runtime || !input.Handler) {
    throw invalidParameter(
      'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
    );
  }
  checkConfiguration(input);
  const absent = (tx: Context) => {
    if (tx.rows(functions).has(name)) throw conflict(`Function already exist: ${name}`);
  };
  await ctx.transact(absent);
  void ctx.use(fleet).warmUp(input.Runtime);
  const kept = await keepCode(ctx.host, zipOf(input.Code!));
  return ctx.transact((tx) => {
    absent(tx);
    const record: FunctionRecord = {
      configuration: {
        Runtime: input.Runtime!,
        Role: input.Role!,
        Handler: input.Handler!,
        Description: input.Description ?? '',
        Timeout: input.Timeout ?? DEFAULTS.Timeout,
        MemorySize: input.MemorySize ?? DEFAULTS.MemorySize,
        ...codeConfiguration(tx, kept),
        ...(input.VpcConfig && { VpcConfig: { ...input.VpcConfig, VpcId: '' } }),
        ...(input.DeadLetterConfig && { DeadLetterConfig: input.DeadLetterConfig }),
        ...(input.Environment && { Environment: input.Environment }),
        ...(input.KMSKeyArn && { KMSKeyArn: input.KMSKeyArn }),
        TracingConfig: { Mode: input.TracingConfig?.Mode ?? 'PassThrough' },
        PackageType: DEFAULTS.PackageType,
        Architectures: input.Architectures ?? ['x86_64'],
        EphemeralStorage: input.EphemeralStorage ?? DEFAULTS.EphemeralStorage,
        SnapStart: { ApplyOn: input.SnapStart?.ApplyOn ?? 'None', OptimizationStatus: 'Off' },
        LoggingConfig: loggingOf(name, input.LoggingConfig),
        State: 'Active',
        LastUpdateStatus: 'Successful',
      },
      code: kept.code,
      ...(input.Tags && { tags: input.Tags }),
    };
    tx.rows(functions).put(name, record);
    return configurationOf(tx.scope, name, record);
  });
}

export function getFunction(ctx: Context, input: GetFunctionRequest): GetFunctionResponse {
  const { name, record } = findFunction(ctx, input.FunctionName!, input.Qualifier);
  return {
    Configuration: configurationOf(ctx.scope, name, record),
    Code: { RepositoryType: 'S3', Location: `${ctx.host.endpoint}/_carillon/lambda/${archiveName(record.code)}` },
    ...(record.tags && { Tags: record.tags }),
  };
}

export function getFunctionConfiguration(ctx: Context, input: GetFunctionConfigurationRequest): FunctionConfiguration {
  const { name, record } = findFunction(ctx, input.FunctionName!, input.Qualifier);
  return configurationOf(ctx.scope, name, record);
}

export function listFunctions(ctx: Context, input: ListFunctionsRequest): ListFunctionsResponse {
  const list = (after: string | undefined, limit: number) =>
    ctx.rows(functions).list({ ...(after && { after }), limit });
  const { items, nextToken } = page(list, {
    token: input.Marker,
    limit: input.MaxItems ?? LIMITS.page,
    most: LIMITS.largestPage,
    invalid: () => invalidParameter('The marker is not valid.'),
  });
  return {
    Functions: items.map(([name, record]) => configurationOf(ctx.scope, name, record)),
    ...(nextToken && { NextMarker: nextToken }),
  };
}

export async function updateFunctionCode(
  ctx: WaitingContext,
  input: UpdateFunctionCodeRequest,
): Promise<FunctionConfiguration> {
  const check = (tx: Context) => {
    const found = findFunction(tx, input.FunctionName!);
    checkRevision(input.RevisionId, found.record.configuration.RevisionId);
    return found;
  };
  await ctx.transact(check);
  const kept = await keepCode(ctx.host, zipOf(input));
  return ctx.transact((tx) => {
    const { name, record } = check(tx);
    const Architectures = input.Architectures ?? record.configuration.Architectures;
    const configuration = {
      ...record.configuration,
      ...codeConfiguration(tx, kept),
      ...(Architectures && { Architectures }),
    };
    const changed: FunctionRecord = { ...record, configuration, code: kept.code };
    return input.DryRun ? configurationOf(tx.scope, name, changed) : replace(tx, name, changed);
  });
}

export function updateFunctionConfiguration(
  ctx: Context,
  input: UpdateFunctionConfigurationRequest,
): FunctionConfiguration {
  const { name, record } = findFunction(ctx, input.FunctionName!);
  checkRevision(input.RevisionId, record.configuration.RevisionId);
  checkConfiguration(input);
  const {
    FunctionName: _name,
    RevisionId: _revision,
    VpcConfig,
    SnapStart,
    LoggingConfig,
    Layers: _layers,
    ...rest
  } = input;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return replace(ctx, name, {
    ...record,
    configuration: {
      ...record.configuration,
      ...given,
      ...(VpcConfig && { VpcConfig: { ...VpcConfig, VpcId: '' } }),
      ...(SnapStart && { SnapStart: { ApplyOn: SnapStart.ApplyOn, OptimizationStatus: 'Off' } }),
      ...(LoggingConfig && {
        LoggingConfig: loggingOf(name, { ...record.configuration.LoggingConfig, ...LoggingConfig }),
      }),
      ...revision(ctx),
    },
  });
}

export function deleteFunction(ctx: Context, input: DeleteFunctionRequest): void {
  const { name, record } = findFunction(ctx, input.FunctionName!, input.Qualifier);
  ctx.rows(functions).delete(name);
  removePolicy(ctx, name);
  retireSandboxes(ctx, name, record);
}

function replace(ctx: Context, name: string, record: FunctionRecord): FunctionConfiguration {
  retireSandboxes(ctx, name, ctx.rows(functions).get(name)!);
  ctx.rows(functions).put(name, record);
  return configurationOf(ctx.scope, name, record);
}

function codeConfiguration(ctx: Context, { sha256, size }: CodePackage) {
  return { CodeSha256: sha256, CodeSize: size, ...revision(ctx) };
}

/** What changes with every change; Lambda writes its moments so: `2026-11-21T08:00:00.000+0000`. */
function revision(ctx: Context) {
  return { RevisionId: ctx.ids.uuid(), LastModified: isoMillis(ctx.now).replace('Z', '+0000') };
}

function zipOf(code: FunctionCode): Uint8Array {
  if (code.ZipFile) return code.ZipFile;
  if (code.ImageUri) throw notImplemented('lambda', 'functions from container images (ImageUri)');
  if (code.S3Bucket) throw notImplemented('lambda', 'function code from S3 (S3Bucket): give it as ZipFile');
  throw invalidParameter('Please provide a source for function code.');
}

function loggingOf(
  name: string,
  given: FunctionConfiguration['LoggingConfig'],
): FunctionConfiguration['LoggingConfig'] {
  const format = given?.LogFormat ?? 'Text';
  const json = format === 'JSON';
  return {
    LogFormat: format,
    ...(json && {
      ApplicationLogLevel: given?.ApplicationLogLevel ?? 'INFO',
      SystemLogLevel: given?.SystemLogLevel ?? 'INFO',
    }),
    LogGroup: given?.LogGroup ?? `/aws/lambda/${name}`,
  };
}

function checkConfiguration(input: Pick<CreateFunctionRequest, 'Timeout' | 'Environment' | 'Layers'>): void {
  const { Timeout, Environment, Layers } = input;
  if (Layers?.length) throw notImplemented('lambda', 'Layers');
  if (Timeout !== undefined && Timeout > LIMITS.timeoutSeconds) {
    const constraint = `Member must have value less than or equal to ${LIMITS.timeoutSeconds}`;
    throw validationError([`Value '${Timeout}' at 'timeout' failed to satisfy constraint: ${constraint}`]);
  }
  if (Environment) checkEnvironment(Environment);
}

/** Developer Guide, "Using Lambda environment variables", defined runtime environment variables: the reserved ones. */
const RESERVED = new Set([
  ...[
    '_HANDLER',
    '_X_AMZN_TRACE_ID',
    'AWS_DEFAULT_REGION',
    'AWS_REGION',
    'AWS_EXECUTION_ENV',
    'AWS_LAMBDA_FUNCTION_NAME',
  ],
  ...['AWS_LAMBDA_FUNCTION_MEMORY_SIZE', 'AWS_LAMBDA_FUNCTION_VERSION', 'AWS_LAMBDA_INITIALIZATION_TYPE'],
  ...['AWS_LAMBDA_LOG_GROUP_NAME', 'AWS_LAMBDA_LOG_STREAM_NAME', 'AWS_ACCESS_KEY', 'AWS_ACCESS_KEY_ID'],
  ...['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_LAMBDA_RUNTIME_API', 'LAMBDA_TASK_ROOT', 'LAMBDA_RUNTIME_DIR'],
]);

function checkEnvironment({ Variables = {} }: Environment): void {
  const failed =
    'Lambda was unable to configure your environment variables because the environment variables you have provided';
  const reserved = Object.keys(Variables).filter((name) => RESERVED.has(name));
  if (reserved.length > 0) {
    throw invalidParameter(
      `${failed} contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`,
    );
  }
  const invalid = Object.keys(Variables).find((name) => !/^[a-zA-Z]\w+$/.test(name));
  if (invalid !== undefined) {
    throw validationError([
      `Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]`,
    ]);
  }
  const measured = JSON.stringify(Variables);
  if (Buffer.byteLength(measured) > LIMITS.environmentBytes) {
    throw invalidParameter(`${failed} exceeded the 4KB limit. String measured: ${measured}`);
  }
}
