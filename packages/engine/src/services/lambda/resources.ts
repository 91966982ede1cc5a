/*
 * Resource types of Lambda.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_Lambda.html
 */
import type { CreateFunctionRequest } from '@aws-sdk/client-lambda';
import { ZipFile } from 'yazl';
import { dateOf, parseMoment } from '../../kernel/clock.ts';
import { everyPage, pick, tagChanges, tagList, tagMap, unlessGone } from '../../kernel/resource-types.ts';
import type { Properties, ResourceContext, ResourceType } from '../../kernel/service.ts';
import { eventSourceMapping } from './event-source-resource.ts';
import { eventInvokeConfig, url } from './invoking-resources.ts';
import { layerVersion, layerVersionPermission } from './layer-resources.ts';
import { alias, version } from './version-resources.ts';

type Call = ResourceContext['call'];

/** What UpdateFunctionConfiguration sets, and what it goes back to when its property is taken away. */
const SETTINGS: Readonly<Record<string, unknown>> = {
  DeadLetterConfig: { TargetArn: '' },
  Description: '',
  Environment: { Variables: {} },
  EphemeralStorage: { Size: 512 },
  Handler: undefined,
  Layers: [],
  LoggingConfig: { LogFormat: 'Text' },
  MemorySize: 128,
  Role: undefined,
  Runtime: undefined,
  SnapStart: { ApplyOn: 'None' },
  Timeout: 3,
  TracingConfig: { Mode: 'PassThrough' },
  VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
};
const SETTING_NAMES = Object.keys(SETTINGS);
const VPC = ['Ipv6AllowedForDualStack', 'SecurityGroupIds', 'SubnetIds'] as const;

const lambdaFunction: ResourceType = {
  properties: [
    ...['Architectures', 'Code.S3Bucket', 'Code.S3Key', 'Code.S3ObjectVersion', 'Code.ZipFile', 'FunctionName'],
    ...['KmsKeyArn', 'PackageType', 'RecursiveLoop', 'ReservedConcurrentExecutions', 'RuntimeManagementConfig', 'Tags'],
    ...SETTING_NAMES,
  ],
  name: { property: 'FunctionName', most: 64 },
  async find({ call }, { FunctionName }) {
    return (await unlessGone(call('lambda', 'GetFunctionConfiguration', { FunctionName }))) && FunctionName;
  },
  async create({ call }, properties) {
    const { FunctionName, Tags, KmsKeyArn, Architectures, PackageType } = properties;
    const request = {
      ...pick(properties, SETTING_NAMES),
      ...{ FunctionName, Architectures, PackageType, KMSKeyArn: KmsKeyArn, Tags: tagMap(Tags) },
      Code: await codeOf(properties),
    };
    await call('lambda', 'CreateFunction', request as CreateFunctionRequest);
    await putExtras(call, FunctionName, {}, properties);
    return FunctionName;
  },
  async update({ call, scope }, { physicalId: FunctionName, properties: before }, properties) {
    const renamed = properties.Code.ZipFile && inlineFile(properties) !== inlineFile(before);
    if (renamed || differ(before, properties, ['Code', 'Architectures'])) {
      const { Architectures = ['x86_64'] } = properties;
      await call('lambda', 'UpdateFunctionCode', { FunctionName, Architectures, ...(await codeOf(properties)) });
    }
    if (differ(before, properties, [...SETTING_NAMES, 'KmsKeyArn'])) {
      const dropped = SETTING_NAMES.filter((name) => before[name] !== undefined && properties[name] === undefined);
      const defaults = Object.fromEntries(dropped.map((name) => [name, SETTINGS[name]]));
      const KMSKeyArn = properties.KmsKeyArn ?? (before.KmsKeyArn && '');
      const request = { FunctionName, KMSKeyArn, ...defaults, ...pick(properties, SETTING_NAMES) };
      const LoggingConfig = loggingOf(FunctionName, before, properties);
      await call('lambda', 'UpdateFunctionConfiguration', { ...request, ...(LoggingConfig && { LoggingConfig }) });
    }
    await putExtras(call, FunctionName, before, properties);
    const { put, removed } = tagChanges(before.Tags, properties.Tags);
    const Resource = `arn:aws:lambda:${scope.region}:${scope.account}:function:${FunctionName}`;
    if (removed) await call('lambda', 'UntagResource', { Resource, TagKeys: removed });
    if (put) await call('lambda', 'TagResource', { Resource, Tags: tagMap(put) });
  },
  async delete({ call }, { physicalId: FunctionName }) {
    await unlessGone(call('lambda', 'DeleteFunction', { FunctionName }));
  },
  async read({ call }, { physicalId: FunctionName }) {
    const found = await unlessGone(call('lambda', 'GetFunction', { FunctionName }));
    if (!found) return undefined;
    const { Configuration: configuration, Concurrency, Tags } = found;
    const { FunctionArn, KMSKeyArn, SnapStart, Layers, Environment } = configuration!;
    const tags = tagList(Tags);
    const { RecursiveLoop } = await call('lambda', 'GetFunctionRecursionConfig', { FunctionName });
    const management = await call('lambda', 'GetRuntimeManagementConfig', { FunctionName });
    const subnets = configuration!.VpcConfig?.SubnetIds?.length;
    return {
      ...pick(configuration!, [
        ...([
          'Architectures',
          'DeadLetterConfig',
          'Description',
          'EphemeralStorage',
          'FunctionName',
          'Handler',
        ] as const),
        ...(['LoggingConfig', 'MemorySize', 'PackageType', 'Role', 'Runtime', 'Timeout', 'TracingConfig'] as const),
      ]),
      Arn: FunctionArn,
      ...(Environment?.Variables && { Environment: { Variables: Environment.Variables } }),
      ...(KMSKeyArn && { KmsKeyArn: KMSKeyArn }),
      ...(Layers?.length && { Layers: Layers.map(({ Arn }) => Arn!) }),
      ...(SnapStart && { SnapStart: pick(SnapStart, ['ApplyOn']), SnapStartResponse: SnapStart }),
      ...(subnets && { VpcConfig: pick(configuration!.VpcConfig!, [...VPC]) }),
      ...{ RecursiveLoop, RuntimeManagementConfig: pick(management, ['RuntimeVersionArn', 'UpdateRuntimeOn']) },
      ...pick(Concurrency ?? {}, ['ReservedConcurrentExecutions']),
      ...(tags && { Tags: tags }),
    };
  },
  async list({ call }) {
    const functions = await everyPage(
      (Marker) => call('lambda', 'ListFunctions', { Marker }),
      ({ Functions }) => Functions,
    );
    return functions.map(({ FunctionName }) => ({ FunctionName: FunctionName! }));
  },
};

/** Logging that goes back to the function's own group, where the template no longer names one. */
function loggingOf(name: string, { LoggingConfig: before }: Properties, { LoggingConfig: after }: Properties) {
  if (!before?.LogGroup || after?.LogGroup) return undefined;
  return { LogFormat: 'Text' as const, ...after, LogGroup: `/aws/lambda/${name}` };
}

const differ = (before: Properties, after: Properties, names: readonly string[]) =>
  JSON.stringify(pick(before, names)) !== JSON.stringify(pick(after, names));

/** What has operations of its own. */
async function putExtras(call: Call, FunctionName: string, before: Properties, after: Properties): Promise<void> {
  const { ReservedConcurrentExecutions, RecursiveLoop = 'Terminate', RuntimeManagementConfig } = after;
  if (ReservedConcurrentExecutions !== before.ReservedConcurrentExecutions) {
    if (ReservedConcurrentExecutions === undefined) await call('lambda', 'DeleteFunctionConcurrency', { FunctionName });
    else await call('lambda', 'PutFunctionConcurrency', { FunctionName, ReservedConcurrentExecutions });
  }
  if (RecursiveLoop !== (before.RecursiveLoop ?? 'Terminate')) {
    await call('lambda', 'PutFunctionRecursionConfig', { FunctionName, RecursiveLoop });
  }
  if (differ(before, after, ['RuntimeManagementConfig'])) {
    const { UpdateRuntimeOn = 'Auto', RuntimeVersionArn } = RuntimeManagementConfig ?? {};
    await call('lambda', 'PutRuntimeManagementConfig', { FunctionName, UpdateRuntimeOn, RuntimeVersionArn });
  }
}

/** Inline code is of Node.js and Python; of other runtimes it is no archive, as Lambda says. */
async function codeOf({ Code, Runtime }: Properties): Promise<CreateFunctionRequest['Code'] & object> {
  if (typeof Code.ZipFile !== 'string') return Code;
  if (!/^(nodejs|python)/.test(Runtime ?? '')) return { ZipFile: Buffer.from(Code.ZipFile) };
  return { ZipFile: await zip(inlineFile({ Runtime }), Code.ZipFile) };
}

const inlineFile = ({ Runtime }: Properties) => (Runtime?.startsWith('python') ? 'index.py' : 'index.js');

/** Inline code, which is a file named `index`; the same code makes the same archive. */
async function zip(name: string, code: string): Promise<Uint8Array> {
  const archive = new ZipFile();
  archive.addBuffer(Buffer.from(code), name, { mtime: EARLIEST, mode: 0o100644 });
  archive.end();
  const parts: Buffer[] = [];
  for await (const part of archive.outputStream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** The first moment that a ZIP archive can tell. */
const EARLIEST = dateOf(parseMoment('1980-01-01T00:00:00Z'));

const permission: ResourceType = {
  properties: [
    ...['Action', 'EventSourceToken', 'FunctionName', 'FunctionUrlAuthType', 'InvokedViaFunctionUrl', 'Principal'],
    ...['PrincipalOrgID', 'SourceAccount', 'SourceArn'],
  ],
  name: { property: 'StatementId', most: 100 },
  physicalId: ({ Id }) => Id,
  async find({ call }, { FunctionName, StatementId }) {
    return (await statementOf(call, FunctionName, StatementId)) && StatementId;
  },
  async create({ call }, { StatementId, ...properties }) {
    await call('lambda', 'AddPermission', {
      ...(properties as { FunctionName: string; Action: string; Principal: string }),
      StatementId,
    });
    return StatementId;
  },
  async delete({ call }, { physicalId: StatementId, properties: { FunctionName } }) {
    await unlessGone(call('lambda', 'RemovePermission', { FunctionName, StatementId }));
  },
  async read({ call }, { physicalId: Id, properties }) {
    const statement = await statementOf(call, properties.FunctionName, Id);
    if (!statement) return undefined;
    const { Action, Principal, Condition = {} } = statement;
    const principal = Principal.Service ?? Principal.AWS ?? Principal;
    const SourceArn = Condition.ArnLike?.['AWS:SourceArn'];
    const equal = Condition.StringEquals ?? {};
    const told = {
      InvokedViaFunctionUrl: Condition.Bool && Condition.Bool['lambda:InvokedViaFunctionUrl'] === 'true',
      SourceAccount: equal['AWS:SourceAccount'],
      FunctionUrlAuthType: equal['lambda:FunctionUrlAuthType'],
      PrincipalOrgID: equal['aws:PrincipalOrgID'],
      EventSourceToken: equal['lambda:EventSourceToken'],
      SourceArn,
    };
    const { FunctionName } = properties;
    return {
      Id,
      FunctionName,
      Action,
      Principal: principal,
      ...pick(told, Object.keys(told) as (keyof typeof told)[]),
    };
  },
};

async function statementOf(call: Call, FunctionName: string, id: string): Promise<Properties | undefined> {
  const found = await unlessGone(call('lambda', 'GetPolicy', { FunctionName }));
  const statements: Properties[] = found ? JSON.parse(found.Policy!).Statement : [];
  return statements.find(({ Sid }) => Sid === id);
}

export const resources = {
  'AWS::Lambda::Alias': alias,
  'AWS::Lambda::EventInvokeConfig': eventInvokeConfig,
  'AWS::Lambda::EventSourceMapping': eventSourceMapping,
  'AWS::Lambda::Function': lambdaFunction,
  'AWS::Lambda::LayerVersion': layerVersion,
  'AWS::Lambda::LayerVersionPermission': layerVersionPermission,
  'AWS::Lambda::Permission': permission,
  'AWS::Lambda::Url': url,
  'AWS::Lambda::Version': version,
};
