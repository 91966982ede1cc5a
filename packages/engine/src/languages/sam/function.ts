/*
 * AWS::Serverless::Function: a function with its role, versions, alias, URL, destinations, and what rings it.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
 */
import { isObject, type JsonObject, type Value } from '../template/value.ts';
import { addAlias } from './alias.ts';
import { addDeployment } from './deployment-preference.ts';
import { addEventInvokeConfig } from './destinations.ts';
import { SamFault } from './error.ts';
import { expandFunctionEvents } from './events/index.ts';
import type { Target } from './events/source.ts';
import { type Expansion, inherited, kept, type SamResource } from './expansion.ts';
import type { FunctionDraft } from './function-draft.ts';
import { addFunctionUrl } from './function-url.ts';
import { type Policy, readPolicies } from './policies.ts';
import { checkProperties, properties } from './properties.ts';
import { addRole, type Tagging, taggingOf } from './role.ts';
import { codeOf, s3Location } from './s3-location.ts';
import { branches, choice, compact, getAtt, isNoValue, ref } from './values.ts';

const PROPERTIES = properties(
  'Architectures AssumeRolePolicyDocument:map AutoPublishAlias:~string AutoPublishAliasAllProperties:~boolean',
  'AutoPublishCodeSha256:~string CapacityProviderConfig:map CodeSigningConfigArn CodeUri DeadLetterQueue:map',
  'DeploymentPreference:map Description DurableConfig:map Environment:~map EphemeralStorage EventInvokeConfig:map',
  'Events:~map FileSystemConfigs FunctionName:~string FunctionScalingConfig:map FunctionUrlConfig:map Handler',
  'ImageConfig ImageUri InlineCode KmsKeyArn Layers:~list LoggingConfig MemorySize PackageType',
  'PermissionsBoundary:string Policies:~string|list|map PropagateTags:~boolean ProvisionedConcurrencyConfig',
  'PublishToLatestPublished RecursiveLoop ReservedConcurrentExecutions Role:string RolePath Runtime',
  'RuntimeManagementConfig SnapStart:map SourceKMSKeyArn Tags:map TenancyConfig Timeout Tracing:~string',
  'VersionDeletionPolicy VersionDescription VpcConfig',
);

/** Properties that a function has under the same name. */
const SAME = [
  ...['Architectures', 'CodeSigningConfigArn', 'DurableConfig', 'Environment', 'EphemeralStorage', 'FileSystemConfigs'],
  ...['FunctionName', 'FunctionScalingConfig', 'Handler', 'ImageConfig', 'KmsKeyArn', 'Layers', 'LoggingConfig'],
  ...['MemorySize', 'PackageType', 'PublishToLatestPublished', 'RecursiveLoop', 'ReservedConcurrentExecutions'],
  ...['Runtime', 'RuntimeManagementConfig', 'SnapStart', 'TenancyConfig', 'Timeout', 'VpcConfig'],
];

export function expandFunction(expansion: Expansion, resource: SamResource): void {
  const { id, type } = resource;
  const values = resolved(expansion, checkProperties(id, type, resource.properties, PROPERTIES));
  const tagging = taggingOf(checkedTags(id, values.Tags), values.PropagateTags, 'lambda:createdBy');
  const attributes = inherited(resource);
  const roleId = `${id}Role`;
  const made = lambdaProperties(id, values, tagging, roleValue(values.Role, roleId));
  const plain = { resource, id, values, attributes, tagging, made };
  expansion.add(id, 'AWS::Lambda::Function', made, kept(resource));
  const draft = { ...plain, ...addAlias(expansion, plain) };
  addDeployment(expansion, draft);
  addFunctionUrl(expansion, draft);
  const destinations = addEventInvokeConfig(expansion, draft);
  const target: Target = {
    id,
    resource,
    attributes,
    arn: draft.alias === undefined ? getAtt(id, 'Arn') : ref(draft.alias),
    name: ref(draft.alias ?? id),
    invokePath: draft.alias ?? `${id}.Arn`,
    tags: tagging.propagated,
    policies: [],
  };
  expandFunctionEvents(expansion, target, values.Events);
  addFunctionRole(expansion, draft, { destinations, events: target.policies });
}

/** With the values of parameters where SAM has to know them: where code is, and between which roles to choose. */
function resolved(expansion: Expansion, values: JsonObject): JsonObject {
  const { CodeUri, Role } = values;
  return {
    ...values,
    ...(CodeUri !== undefined && { CodeUri: expansion.resolve(CodeUri) }),
    ...(branches(Role) && { Role: expansion.resolve(Role!) }),
  };
}

function checkedTags(id: string, tags: Value | undefined): Value | undefined {
  if (!isObject(tags) || !Object.hasOwn(tags, 'lambda:createdBy')) return tags;
  const words =
    'is a reserved Tag key name and cannot be set on your resource. Please change the tag key in the input.';
  throw SamFault.ofResource(id, `lambda:createdBy ${words}`);
}

function lambdaProperties(id: string, values: JsonObject, { own }: Tagging, role: Value): JsonObject {
  const deadLetter = values.DeadLetterQueue;
  return compact({
    ...Object.fromEntries(SAME.map((name) => [name, values[name]])),
    Code: codeFor(id, values),
    Description: values.Description ?? (values.AutoPublishCodeSha256 as string | undefined),
    Role: role,
    Tags: own,
    TracingConfig: values.Tracing === undefined ? undefined : { Mode: values.Tracing },
    DeadLetterConfig: deadLetter === undefined ? undefined : deadLetterConfig(id, deadLetter),
  });
}

/** The role that is given, or the one that is made, or either as a condition has it. */
function roleValue(given: Value | undefined, roleId: string): Value {
  const own = getAtt(roleId, 'Arn');
  if (given === undefined) return own;
  const either = branches(given);
  if (!either) return given;
  const [condition, yes, no] = either;
  return choice(condition, isNoValue(yes) ? own : yes, isNoValue(no) ? own : no);
}

function codeFor(id: string, values: JsonObject): JsonObject {
  const kind = values.PackageType ?? 'Zip';
  if (kind !== 'Zip' && kind !== 'Image') throw SamFault.ofResource(id, `invalid 'PackageType' : ${kind}`);
  const code = kind === 'Image' ? imageOf(id, values) : zipOf(id, values);
  return compact({ ...code, SourceKMSKeyArn: values.SourceKMSKeyArn });
}

function imageOf(id: string, values: JsonObject): JsonObject {
  if (['Runtime', 'Handler', 'Layers'].some((name) => values[name])) {
    const words = 'Runtime, Handler, Layers cannot be present when PackageType is of type `Image`';
    throw SamFault.ofResource(id, words);
  }
  if (!values.ImageUri) throw SamFault.ofResource(id, "'ImageUri' must be set.");
  return { ImageUri: values.ImageUri };
}

function zipOf(id: string, values: JsonObject): JsonObject {
  const { InlineCode, CodeUri } = values;
  if (InlineCode === undefined && CodeUri === undefined) {
    throw SamFault.ofResource(id, "Only one of 'InlineCode' or 'CodeUri' can be set.");
  }
  if (!values.Runtime || !values.Handler) {
    throw SamFault.ofResource(id, 'Runtime and Handler needs to be present when PackageType is of type `Zip`');
  }
  return InlineCode === undefined ? codeOf(s3Location(id, 'CodeUri', CodeUri!)) : { ZipFile: InlineCode };
}

const DEAD_LETTER_ACTIONS: Readonly<Record<string, string>> = { SQS: 'sqs:SendMessage', SNS: 'sns:Publish' };

function deadLetterConfig(id: string, given: Value): JsonObject {
  const { Type, TargetArn } = given as JsonObject;
  if (!Type || !TargetArn) {
    throw SamFault.ofResource(id, "'DeadLetterQueue' requires Type and TargetArn properties to be specified.");
  }
  if (DEAD_LETTER_ACTIONS[String(Type)] === undefined) {
    throw SamFault.ofResource(id, "'DeadLetterQueue' requires Type of ['SQS', 'SNS']");
  }
  return { TargetArn };
}

interface MorePolicies {
  readonly destinations: readonly Policy[];
  readonly events: readonly Policy[];
}

function addFunctionRole(expansion: Expansion, draft: FunctionDraft, more: MorePolicies): void {
  const { id, values, attributes, tagging } = draft;
  const roleId = `${id}Role`;
  const condition = roleCondition(expansion, draft);
  if (condition === 'never') return;
  const aws = ['service-role/AWSLambdaBasicExecutionRole'];
  if (values.Tracing && values.Tracing !== 'Disabled') aws.push('AWSXrayWriteOnlyAccess');
  if (values.VpcConfig) aws.push('service-role/AWSLambdaVPCAccessExecutionRole');
  const own = [
    ...aws.map((path) => ({ managed: expansion.managedPolicyArn(path) })),
    ...deadLetterPolicy(values.DeadLetterQueue),
    ...more.destinations,
    ...readPolicies(expansion, id, roleId, values.Policies),
  ];
  addRole(expansion, {
    id: roleId,
    service: 'lambda.amazonaws.com',
    assumeRolePolicy: values.AssumeRolePolicyDocument,
    policies: withEvents(own, more.events),
    path: values.RolePath,
    permissionsBoundary: values.PermissionsBoundary,
    tags: tagging.own,
    attributes: { ...attributes, ...condition },
  });
}

/** Policies, and those of events that allow what no other does. */
function withEvents(own: readonly Policy[], ofEvents: readonly Policy[]): Policy[] {
  const told = new Set(own.map(allowedBy));
  const more = ofEvents.filter((policy) => {
    const isNew = !told.has(allowedBy(policy));
    told.add(allowedBy(policy));
    return isNew;
  });
  return [...own, ...more];
}

const allowedBy = (policy: Policy): string =>
  JSON.stringify('managed' in policy ? policy.managed : policy.inline.PolicyDocument);

/** Where its role is made: always (undefined), never, or under a condition. */
function roleCondition(expansion: Expansion, { values, attributes }: FunctionDraft): JsonObject | 'never' | undefined {
  const given = values.Role;
  if (given === undefined) return undefined;
  const [condition, yes, no] = branches(given) ?? [];
  if (condition === undefined || (!isNoValue(yes) && !isNoValue(no))) return 'never';
  if (isNoValue(yes) && isNoValue(no)) return undefined;
  return { ...attributes, Condition: isNoValue(yes) ? condition : expansion.negation(condition) };
}

function deadLetterPolicy(given: Value | undefined): Policy[] {
  if (!isObject(given)) return [];
  const statement = {
    Action: DEAD_LETTER_ACTIONS[String(given.Type)]!,
    Resource: given.TargetArn!,
    Effect: 'Allow',
  };
  const document = { Version: '2012-10-17', Statement: [statement] };
  return [{ inline: { PolicyName: 'DeadLetterQueuePolicy', PolicyDocument: document } }];
}
