/*
 * AWS::Serverless::StateMachine: a state machine with its role, versions, alias, and what starts it.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-statemachine.html
 */
import { isList, isObject, type JsonObject, type Value } from '../template/value.ts';
import { SamFault } from './error.ts';
import { expandStateMachineEvents } from './events/index.ts';
import { type Expansion, inherited, kept, type SamResource } from './expansion.ts';
import { readPolicies } from './policies.ts';
import { checkProperties, properties } from './properties.ts';
import { addRole, taggingOf } from './role.ts';
import { s3Location } from './s3-location.ts';
import { canonical, compact, getAtt, isFunction, ref, sorted } from './values.ts';

const PROPERTIES = properties(
  'AutoPublishAlias Definition:map DefinitionSubstitutions:map DefinitionUri:~string|map DeploymentPreference',
  'Events:~map Logging:map Name:string PermissionsBoundary:string Policies:~string|list|map PropagateTags:~boolean',
  'Role:string RolePath Tags:map Tracing:map Type:string UseAliasAsEventTarget:~boolean',
);

export function expandStateMachine(expansion: Expansion, resource: SamResource): void {
  const { id, type } = resource;
  const values = checkProperties(id, type, resource.properties, PROPERTIES);
  const tagging = taggingOf(values.Tags, values.PropagateTags, 'stateMachine:createdBy');
  const attributes = inherited(resource);
  checkRole(id, values);
  const made = {
    ...definitionOf(id, values),
    LoggingConfiguration: values.Logging,
    RoleArn: values.Role ?? getAtt(`${id}Role`, 'Arn'),
    StateMachineName: values.Name,
    StateMachineType: values.Type,
    Tags: tagging.own,
    TracingConfiguration: values.Tracing,
  };
  expansion.add(id, 'AWS::StepFunctions::StateMachine', made, kept(resource));
  const alias = addAlias(expansion, id, values, attributes);
  if (!values.Role) {
    addRole(expansion, {
      id: `${id}Role`,
      service: 'states.amazonaws.com',
      policies: [...readPolicies(expansion, id, `${id}Role`, values.Policies), ...tracing(expansion, values)],
      listsNone: true,
      path: values.RolePath,
      permissionsBoundary: values.PermissionsBoundary,
      tags: tagging.own,
      attributes,
    });
  }
  const started = alias !== undefined && values.UseAliasAsEventTarget === true ? alias : id;
  const target = {
    id,
    resource,
    attributes,
    arn: ref(started),
    invokePath: started,
    tags: tagging.propagated,
    permissionsBoundary: values.PermissionsBoundary,
    policies: [],
  };
  expandStateMachineEvents(expansion, target, values.Events);
}

function checkRole(id: string, { Role, Policies }: JsonObject): void {
  if (!Role || !Policies) return;
  const words = "Specify either 'Role' or 'Policies' (but not both at the same time) or neither of them";
  throw SamFault.ofResource(id, words);
}

const tracing = (expansion: Expansion, { Tracing }: JsonObject) =>
  isObject(Tracing) && Tracing.Enabled === true
    ? [{ managed: expansion.managedPolicyArn('AWSXrayWriteOnlyAccess') }]
    : [];

function definitionOf(id: string, { Definition, DefinitionUri, DefinitionSubstitutions }: JsonObject): JsonObject {
  const given = isObject(DefinitionSubstitutions) ? DefinitionSubstitutions : undefined;
  if (isObject(Definition) && (DefinitionUri === undefined || Object.keys(Definition).length > 0)) {
    const { text, substitutions } = definitionText(Definition);
    const all = { ...given, ...substitutions };
    return compact({
      DefinitionString: { 'Fn::Join': ['\n', text.split('\n')] },
      DefinitionSubstitutions: Object.keys(all).length > 0 ? all : undefined,
    });
  }
  if (DefinitionUri === undefined) {
    throw SamFault.ofResource(id, "Either 'Definition' or 'DefinitionUri' property must be specified.");
  }
  const { Bucket, Key, Version } = s3Location(id, 'DefinitionUri', DefinitionUri);
  const location = compact({ Bucket, Key, Version });
  return compact({ DefinitionS3Location: location, DefinitionSubstitutions: given });
}

/** A definition's text; functions in it are substitutions of the state machine's, which CloudFormation resolves. */
function definitionText(definition: JsonObject): { text: string; substitutions: JsonObject } {
  const found = new Map<string, Value>();
  const replaced = (value: Value): Value => {
    if (isFunction(value)) {
      const name = `definition_substitution_${found.size + 1}`;
      found.set(name, value);
      return `\${${name}}`;
    }
    if (isList(value)) return value.map(replaced);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, replaced(part)]));
  };
  const text = canonical(replaced(sorted(definition)), 4);
  return { text, substitutions: Object.fromEntries(found) };
}

/** Adds a version and the alias that points to it. Returns the alias's logical id. */
function addAlias(expansion: Expansion, id: string, values: JsonObject, attributes: JsonObject): string | undefined {
  const name = values.AutoPublishAlias === undefined ? undefined : expansion.resolve(values.AutoPublishAlias);
  if (name === undefined) return undefined;
  if (typeof name !== 'string') {
    throw SamFault.ofResource(id, "'AutoPublishAlias' must be a string or a Ref to a template parameter");
  }
  const version = expansion.add(
    `${id}Version`,
    'AWS::StepFunctions::StateMachineVersion',
    { StateMachineArn: ref(id), StateMachineRevisionId: getAtt(id, 'StateMachineRevisionId') },
    { DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain', ...attributes },
  );
  const preference = isObject(values.DeploymentPreference) ? values.DeploymentPreference : { Type: 'ALL_AT_ONCE' };
  const deployed = { ...preference, StateMachineVersionArn: ref(version) };
  const alias = { Name: name, DeploymentPreference: deployed };
  return expansion.add(`${id}Alias${name}`, 'AWS::StepFunctions::StateMachineAlias', alias, attributes);
}
