/*
 * What a client may set of a function: checked, completed with AWS's defaults, and merged into what is set already.
 *
 * Words and limits: Lambda API Reference, CreateFunction and UpdateFunctionConfiguration; Developer Guide, "Lambda
 * quotas" and "Using Lambda environment variables".
 */
import type { CreateFunctionRequest, UpdateFunctionConfigurationRequest } from '@aws-sdk/client-lambda';
import { notImplemented, validationError } from '../../kernel/errors.ts';
import { type Configuration, invalidParameter } from './function.ts';

type Settings = Omit<UpdateFunctionConfigurationRequest, 'FunctionName' | 'RevisionId' | 'Layers'>;
type Settled = Omit<Configuration, 'RevisionId'>;

/** What AWS takes when CreateFunction says nothing. */
const DEFAULTS = {
  Description: '',
  Timeout: 3,
  MemorySize: 128,
  TracingConfig: { Mode: 'PassThrough' },
  EphemeralStorage: { Size: 512 },
} as const;

/** The API's model has wider ranges, for functions on instances of their own. */
const LIMITS = { timeoutSeconds: 900, memoryMb: 10_240, ephemeralStorageMb: 10_240, environmentBytes: 4_096 };

/** What would change how a function runs, and can't be had yet: refused, since to leave it out would be a lie. */
const UNSUPPORTED = [
  'CapacityProviderConfig',
  'CodeSigningConfigArn',
  'DurableConfig',
  'FileSystemConfigs',
  'ImageConfig',
  'PublishTo',
  'TenancyConfig',
] as const;

/** Throws AWS's error for settings that Lambda does not take, and Carillon's for those that it can't honour. */
export function checkSettings(
  operation: string,
  input: Settings & Omit<Partial<CreateFunctionRequest>, 'Layers'>,
): void {
  for (const name of UNSUPPORTED) if (isSet(input[name])) throw notImplemented('lambda', `${operation} with ${name}`);
  checkRange('timeout', input.Timeout, LIMITS.timeoutSeconds);
  checkRange('memorySize', input.MemorySize, LIMITS.memoryMb);
  checkRange('ephemeralStorage.size', input.EphemeralStorage?.Size, LIMITS.ephemeralStorageMb);
  if (input.Runtime !== undefined) checkRuntime(input.Runtime);
  if (input.Environment?.Variables) checkEnvironment(input.Environment.Variables);
}

/** What is set of a function once a request's settings are merged into those that it has. */
export function settle(name: string, input: Settings, before?: Configuration): Settled {
  const { VpcConfig, SnapStart, LoggingConfig, ...rest } = input;
  const merged = { ...DEFAULTS, ...before, ...withoutUndefined(rest) } as Settled;
  const { DeadLetterConfig, Environment, KMSKeyArn, ...settled } = merged;
  return {
    ...settled,
    ...(VpcConfig && { VpcConfig: vpcOf(VpcConfig) }),
    SnapStart: SnapStart
      ? { ApplyOn: SnapStart.ApplyOn, OptimizationStatus: 'Off' }
      : (before?.SnapStart ?? NO_SNAPSHOT),
    LoggingConfig: loggingOf(name, LoggingConfig, before?.LoggingConfig),
    ...(DeadLetterConfig?.TargetArn && { DeadLetterConfig }),
    ...(Object.keys(Environment?.Variables ?? {}).length > 0 && { Environment }),
    ...(KMSKeyArn && { KMSKeyArn }),
  } as Settled;
}

const NO_SNAPSHOT = { ApplyOn: 'None', OptimizationStatus: 'Off' } as const;

/** There are no networks here: a VPC's id is not known. */
function vpcOf(given: NonNullable<Settings['VpcConfig']>): Configuration['VpcConfig'] {
  return { SubnetIds: [], SecurityGroupIds: [], Ipv6AllowedForDualStack: false, ...withoutUndefined(given), VpcId: '' };
}

type Logging = NonNullable<Settings['LoggingConfig']>;

function loggingOf(name: string, given: Logging = {}, before: Logging = {}): Logging {
  const { LogFormat = 'Text', LogGroup = `/aws/lambda/${name}`, ...levels } = { ...before, ...withoutUndefined(given) };
  if (LogFormat === 'JSON') {
    return { LogFormat, ApplicationLogLevel: 'INFO', SystemLogLevel: 'INFO', ...levels, LogGroup };
  }
  if (given.ApplicationLogLevel || given.SystemLogLevel) {
    throw invalidParameter('ApplicationLogLevel and SystemLogLevel can only be set when LogFormat is JSON.');
  }
  return { LogFormat, LogGroup };
}

function withoutUndefined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as Partial<T>;
}

function isSet(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function checkRange(path: string, value: number | undefined, most: number): void {
  if (value === undefined || value <= most) return;
  const constraint = `Member must have value less than or equal to ${most}`;
  throw validationError([`Value '${value}' at '${path}' failed to satisfy constraint: ${constraint}`]);
}

/** All that AWS ever had, the retired ones too: Carillon runs them. */
const RUNTIMES = [
  ...['nodejs26.x', 'nodejs24.x', 'nodejs22.x', 'nodejs20.x', 'nodejs18.x', 'nodejs16.x', 'nodejs14.x', 'nodejs12.x'],
  ...['nodejs10.x', 'nodejs8.10', 'nodejs6.10', 'nodejs4.3-edge', 'nodejs4.3', 'nodejs'],
  ...['python3.15', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python3.9', 'python3.8'],
  ...['python3.7', 'python3.6', 'python2.7', 'provided.al2023', 'provided.al2', 'provided'],
  ...['java25', 'java21', 'java17.al2023', 'java17', 'java11.al2023', 'java11', 'java8.al2023', 'java8.al2', 'java8'],
  ...['dotnet10', 'dotnet8', 'dotnet6', 'dotnetcore3.1', 'dotnetcore2.1', 'dotnetcore2.0', 'dotnetcore1.0', 'go1.x'],
  ...['ruby4.0', 'ruby3.4', 'ruby3.3', 'ruby3.2', 'ruby2.7', 'ruby2.5'],
];

function checkRuntime(runtime: string): void {
  if (RUNTIMES.includes(runtime)) return;
  const constraint = `Member must satisfy enum value set: [${RUNTIMES.join(', ')}] or be a valid ARN`;
  throw invalidParameter(`Value ${runtime} at 'runtime' failed to satisfy constraint: ${constraint}`);
}

/** The names that Lambda keeps for itself (Developer Guide, "Defined runtime environment variables"). */
const RESERVED = new Set([
  ...['AWS_DEFAULT_REGION', 'AWS_REGION', 'AWS_EXECUTION_ENV', 'AWS_LAMBDA_FUNCTION_NAME'],
  ...['AWS_LAMBDA_FUNCTION_MEMORY_SIZE', 'AWS_LAMBDA_FUNCTION_VERSION', 'AWS_LAMBDA_INITIALIZATION_TYPE'],
  ...['AWS_LAMBDA_LOG_GROUP_NAME', 'AWS_LAMBDA_LOG_STREAM_NAME', 'AWS_ACCESS_KEY', 'AWS_ACCESS_KEY_ID'],
  ...['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_LAMBDA_RUNTIME_API', 'LAMBDA_TASK_ROOT', 'LAMBDA_RUNTIME_DIR'],
]);

function checkEnvironment(variables: Readonly<Record<string, string>>): void {
  const failed =
    'Lambda was unable to configure your environment variables because the environment variables you have provided';
  const reserved = Object.keys(variables).filter((name) => RESERVED.has(name));
  if (reserved.length > 0) {
    const reason = 'contains reserved keys that are currently not supported for modification';
    throw invalidParameter(`${failed} ${reason}. Reserved keys used in this request: ${reserved.join(', ')}`);
  }
  const measured = JSON.stringify(variables);
  if (Buffer.byteLength(measured) > LIMITS.environmentBytes) {
    throw invalidParameter(`${failed} exceeded the 4KB limit. String measured: ${measured}`);
  }
}
