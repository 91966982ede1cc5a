/*
 * The variables that a function sees: Lambda's
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime), the user's,
 * and the endpoint that leads home. Nothing of the engine's own environment is passed on.
 */
import { dirname, join } from 'node:path';
import type { Credentials } from '../../../kernel/keyring.ts';
import type { FunctionSpec } from './spec.ts';

const SYSTEM_PATH = ['/usr/local/bin', '/usr/bin', '/bin'];
const SYSTEM_LIBRARIES = ['/lib64', '/usr/lib64'];

export interface Surroundings {
  /** Of a managed runtime. */
  interpreterPath?: string;
  /** Lambda's /var/runtime. */
  runtimeDirectory: string;
  logStream: string;
  /** What the sandbox signs with. */
  credentials: Credentials;
  temporaryDirectory: string;
  /** Directories of the modules that Lambda supplies. */
  supplied?: readonly string[];
}

/** Variables that an interpreter reads when it starts: a process that is up already cannot take them. */
const READ_AT_START =
  /^(NODE_OPTIONS|NODE_EXTRA_CA_CERTS|NODE_ICU_DATA|UV_.*|PYTHON.*|LD_.*|DYLD_.*|OPENSSL_.*|SSLKEYLOGFILE)$/;

/** Whether a function's variables demand a process of its own, started with them. */
export function needsOwnStart(spec: FunctionSpec): boolean {
  return Object.keys(spec.environment).some((name) => READ_AT_START.test(name));
}

/** What a process is started with before it is known which function it will run. */
export function startEnvironment(interpreterPath: string): Record<string, string> {
  return {
    PATH: [dirname(interpreterPath), ...SYSTEM_PATH].join(':'),
    LANG: 'C.UTF-8',
    TZ: ':UTC',
  };
}

/** The function's whole environment. */
export function functionEnvironment(spec: FunctionSpec, around: Surroundings): Record<string, string> {
  return { ...defaults(spec, around), ...spec.environment, ...reserved(spec, around) };
}

/** What a function's configuration may override. */
function defaults(spec: FunctionSpec, around: Surroundings): Record<string, string> {
  // A later layer covers an earlier one.
  const layers = spec.layers.toReversed();
  const interpreter = around.interpreterPath ? [dirname(around.interpreterPath)] : [];
  const libraries = [spec.codeDirectory, join(spec.codeDirectory, 'lib'), ...layers.map((layer) => join(layer, 'lib'))];
  return {
    PATH: [...interpreter, ...SYSTEM_PATH, ...layers.map((layer) => join(layer, 'bin'))].join(':'),
    LD_LIBRARY_PATH: [...SYSTEM_LIBRARIES, around.runtimeDirectory, ...libraries].join(':'),
    LANG: 'en_US.UTF-8',
    TZ: ':UTC',
    TMPDIR: around.temporaryDirectory,
    AWS_ENDPOINT_URL: spec.endpointUrl,
    AWS_DISABLE_HOST_PREFIX_INJECTION: 'true',
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
    AWS_XRAY_DAEMON_ADDRESS: '127.0.0.1:2000',
    ...modulePaths(spec, around),
  };
}

function modulePaths(spec: FunctionSpec, { runtimeDirectory, supplied = [] }: Surroundings): Record<string, string> {
  if (spec.runtime.startsWith('python')) return { PYTHONPATH: runtimeDirectory };
  if (!spec.runtime.startsWith('nodejs')) return {};
  return { NODE_PATH: [...nodeLayerPaths(spec), ...supplied, spec.codeDirectory].join(':') };
}

/** The directories in which Lambda looks for modules of layers. */
export function nodeLayerPaths(spec: FunctionSpec): string[] {
  const [, major] = /^nodejs(\d*)/.exec(spec.runtime) ?? [];
  return spec.layers
    .toReversed()
    .flatMap((layer) => [join(layer, 'nodejs', `node${major}`, 'node_modules'), join(layer, 'nodejs', 'node_modules')]);
}

/** The directories that Lambda puts on `sys.path` for layers. */
export function pythonLayerPaths(spec: FunctionSpec): string[] {
  return spec.layers
    .toReversed()
    .flatMap((layer) => [join(layer, 'python', 'lib', spec.runtime, 'site-packages'), join(layer, 'python')]);
}

/** What a function's configuration cannot set. */
function reserved(spec: FunctionSpec, around: Surroundings): Record<string, string> {
  const json = spec.logFormat === 'JSON';
  return {
    _HANDLER: spec.handler,
    AWS_REGION: spec.region,
    AWS_DEFAULT_REGION: spec.region,
    ...(around.interpreterPath && { AWS_EXECUTION_ENV: `AWS_Lambda_${spec.runtime}` }),
    AWS_LAMBDA_FUNCTION_NAME: spec.functionName,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: spec.functionVersion,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: spec.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: around.logStream,
    ...(json && { AWS_LAMBDA_LOG_FORMAT: 'JSON' }),
    ...(json && spec.applicationLogLevel && { AWS_LAMBDA_LOG_LEVEL: spec.applicationLogLevel }),
    AWS_ACCESS_KEY_ID: around.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: around.credentials.secretAccessKey,
    AWS_SESSION_TOKEN: around.credentials.sessionToken,
    LAMBDA_TASK_ROOT: spec.codeDirectory,
    LAMBDA_RUNTIME_DIR: around.runtimeDirectory,
  };
}
