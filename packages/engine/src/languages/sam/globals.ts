/*
 * The Globals section: properties that all resources of a kind have. Maps are merged, lists are put one after the
 * other, and of anything else the resource's own counts.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html
 */
import { isList, isObject, type JsonObject, type Value } from '../template/value.ts';
import { SamFault } from './error.ts';
import { isFunction } from './values.ts';

/** What may be global, in the order in which SAM tells it. */
const SUPPORTED: Readonly<Record<string, string>> = {
  Api:
    'Auth Name DefinitionUri CacheClusterEnabled CacheClusterSize MergeDefinitions Variables EndpointConfiguration ' +
    'MethodSettings BinaryMediaTypes MinimumCompressionSize Cors GatewayResponses AccessLogSetting CanarySetting ' +
    'TracingEnabled OpenApiVersion Domain AlwaysDeploy PropagateTags SecurityPolicy EndpointAccessMode',
  CapacityProvider:
    'VpcConfig OperatorRole Tags InstanceRequirements ScalingConfig KmsKeyArn PropagateTags ' +
    'LoggingConfig ManagedResourceTags',
  Function:
    'Handler Runtime CodeUri DeadLetterQueue Description MemorySize Timeout VpcConfig Environment Tags PropagateTags ' +
    'Tracing KmsKeyArn AutoPublishAlias AutoPublishAliasAllProperties Layers DeploymentPreference RolePath ' +
    'PermissionsBoundary ReservedConcurrentExecutions ProvisionedConcurrencyConfig AssumeRolePolicyDocument ' +
    'EventInvokeConfig FileSystemConfigs CodeSigningConfigArn Architectures SnapStart EphemeralStorage ' +
    'FunctionUrlConfig RuntimeManagementConfig LoggingConfig RecursiveLoop SourceKMSKeyArn TenancyConfig DurableConfig ' +
    'CapacityProviderConfig FunctionScalingConfig PublishToLatestPublished VersionDeletionPolicy',
  HttpApi:
    'Auth AccessLogSettings StageVariables Tags CorsConfiguration DefaultRouteSettings Domain ' +
    'RouteSettings FailOnWarnings PropagateTags',
  LayerVersion: 'PublishLambdaVersion',
  MicrovmImage:
    'BuildRoleArn BaseImageArn BaseImageVersion Logging EgressNetworkConnectors ' +
    'CpuConfigurations Resources AdditionalOsCapabilities Hooks EnvironmentVariables Tags PropagateTags',
  NetworkConnector: 'OperatorRole Tags PropagateTags',
  SimpleTable: 'SSESpecification',
  StateMachine: 'PropagateTags',
  WebSocketApi:
    'AccessLogSettings ApiKeySelectionExpression DefaultRouteSettings ' +
    'DisableExecuteApiEndpoint DisableSchemaValidation Domain FailOnWarnings IpAddressType PropagateTags RouteSelectionExpression RouteSettings StageVariables Tags',
};

/** Lists of which the resource's own counts alone. */
const OWN_ALONE = new Set(['Architectures']);

export type Globals = ReadonlyMap<string, JsonObject>;

/** The Globals of a template, by the resource types that they are of. */
export function readGlobals(section: Value | undefined): Globals {
  if (section === undefined || section === null) return new Map();
  if (!isObject(section)) throw fault('It must be a non-empty dictionary');
  return new Map(Object.entries(section).map(([kind, values]) => [`AWS::Serverless::${kind}`, readKind(kind, values)]));
}

function readKind(kind: string, values: Value): JsonObject {
  const supported = Object.hasOwn(SUPPORTED, kind) ? SUPPORTED[kind]!.split(' ') : undefined;
  if (!supported) throw fault(`'${kind}' is not supported. ${oneOf(Object.keys(SUPPORTED))}`);
  if (!isObject(values)) throw fault('Value of ${section} must be a dictionary');
  const unknown = Object.keys(values).find((name) => !supported.includes(name));
  if (unknown !== undefined) throw fault(`'${unknown}' is not a supported property of '${kind}'. ${oneOf(supported)}`);
  return values;
}

const fault = (words: string) => new SamFault(`'Globals' section is invalid. ${words}`);
const oneOf = (names: readonly string[]) =>
  `Must be one of the following values - [${names.map((name) => `'${name}'`).join(', ')}]`;

/** A resource's properties with the globals in them. `ignored` is its IgnoreGlobals: `*`, or names. */
export function withGlobals(
  own: Value | undefined,
  globals: JsonObject | undefined,
  ignored: Value | undefined,
): Value {
  const properties = own ?? {};
  if (!globals || ignored === '*' || !isObject(properties)) return properties;
  const left = isList(ignored) ? ignored : [];
  return mergeMaps(Object.fromEntries(Object.entries(globals).filter(([name]) => !left.includes(name))), properties);
}

function mergeMaps(globals: JsonObject, own: JsonObject): JsonObject {
  const merged = Object.entries(own).map(([name, value]): [string, Value] => {
    const global = Object.hasOwn(globals, name) ? globals[name]! : undefined;
    return [name, global === undefined || OWN_ALONE.has(name) ? value : merge(global, value)];
  });
  return { ...globals, ...Object.fromEntries(merged) };
}

function merge(global: Value, own: Value): Value {
  if (isList(global) && isList(own)) return [...global, ...own];
  const maps = isObject(global) && isObject(own) && !isFunction(global) && !isFunction(own);
  return maps ? mergeMaps(global, own) : own;
}
