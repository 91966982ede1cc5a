/*
 * AWS::Serverless::Connector: the permissions that one resource needs to read from or write to another.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/managing-permissions-connectors.html
 */
import { isList, isObject, type JsonObject, type Value } from '../template/value.ts';
import { SamFault } from './error.ts';
import { type Expansion, kept, type SamResource } from './expansion.ts';
import facts from './facts.generated.json' with { type: 'json' };
import { checkProperties, properties } from './properties.ts';
import { compact, getAtt, listOf, ref, resourceNamed, sub } from './values.ts';

const PROPERTIES = properties('Source!:~map Destination!:~map|list Permissions!:~list');

interface Profile {
  /** By what it is allowed: a policy of a role, of a queue, of a topic, or a permission of a function. */
  readonly means: string;
  /** Whether the policy is one of the source's role. */
  readonly ofSource?: boolean;
  readonly dependedBy?: string;
  /** For `Read` and `Write`, with `%{Source.Arn}` where the ARN goes. */
  readonly access: { readonly [category: string]: JsonObject };
}

const PROFILES = new Map<string, Profile>(Object.entries(facts.connectors as unknown as Record<string, Profile>));

/** One end of a connector: its types, and what is known of it. */
interface End {
  readonly givenType: string;
  readonly type: string;
  readonly facts: { readonly [name: string]: Value | undefined };
}

/** The connectors that stand within a resource. */
export function embeddedConnectors(id: string, { Connectors }: JsonObject): SamResource[] {
  if (!isObject(Connectors)) return [];
  return Object.entries(Connectors).map(([name, connector]) => {
    const { Properties, ...attributes } = isObject(connector) ? connector : {};
    const source = isObject(Properties) && isObject(Properties.SourceReference) ? Properties.SourceReference : {};
    const given = Object.entries(isObject(Properties) ? Properties : {}).filter(([key]) => key !== 'SourceReference');
    const Source = { Id: id, ...source };
    return {
      id: id + name,
      type: 'AWS::Serverless::Connector',
      attributes,
      properties: { Source, ...Object.fromEntries(given) },
    };
  });
}

export function expandConnector(expansion: Expansion, resource: SamResource): void {
  const { id, type } = resource;
  const values = checkProperties(id, type, resource.properties, PROPERTIES);
  const source = endOf(expansion, id, values.Source!);
  const destinations = listOf(values.Destination);
  const wanted = listOf(values.Permissions).map(String);
  for (const [index, given] of destinations.entries()) {
    const destination = endOf(expansion, id, given);
    const suffix = isList(values.Destination) ? `Destination${index}` : '';
    connect(expansion, resource, { source, destination, wanted, suffix });
  }
}

interface Connection {
  readonly source: End;
  readonly destination: End;
  readonly wanted: readonly string[];
  readonly suffix: string;
}

function connect(expansion: Expansion, resource: SamResource, connection: Connection): void {
  const { source, destination, wanted } = connection;
  const profile = PROFILES.get(`${source.type} ${destination.type}`);
  if (!profile) {
    const words = `Unable to create connector from ${source.type} to ${destination.type}; it's not supported or the template is invalid.`;
    throw SamFault.ofResource(resource.id, words);
  }
  const categories = Object.keys(profile.access);
  if (!wanted.every((category) => categories.includes(category)) || wanted.length === 0) {
    throw SamFault.ofResource(
      resource.id,
      `Unsupported 'Permissions' provided for connector from ${source.type} to ${destination.type}; valid values are: ${categories.join(', ')}.`,
    );
  }
  const access = Object.entries(profile.access)
    .filter(([category]) => wanted.includes(category))
    .map(([category, permission]): [string, JsonObject] => [category, fillIn(permission, connection) as JsonObject]);
  MEANS[profile.means]!(expansion, { resource, connection, profile, access });
}

interface Grant {
  readonly resource: SamResource;
  readonly connection: Connection;
  readonly profile: Profile;
  readonly access: readonly [string, JsonObject][];
}

const MEANS: Readonly<Record<string, (expansion: Expansion, grant: Grant) => void>> = {
  AWS_IAM_ROLE_MANAGED_POLICY: (expansion, grant) => {
    const { source, destination } = grant.connection;
    const role = grant.profile.ofSource ? source : destination;
    const properties = { PolicyDocument: documentOf(grant), Roles: [known(grant, role, 'RoleName')] };
    add(expansion, grant, 'Policy', 'AWS::IAM::ManagedPolicy', properties);
  },
  AWS_SQS_QUEUE_POLICY: (expansion, grant) => {
    const queues = [known(grant, grant.connection.destination, 'QueueUrl')];
    const properties = { PolicyDocument: documentOf(grant), Queues: queues };
    add(expansion, grant, 'QueuePolicy', 'AWS::SQS::QueuePolicy', properties);
  },
  AWS_SNS_TOPIC_POLICY: (expansion, grant) => {
    const topics = [known(grant, grant.connection.destination, 'Arn')];
    const properties = { PolicyDocument: documentOf(grant), Topics: topics };
    add(expansion, grant, 'TopicPolicy', 'AWS::SNS::TopicPolicy', properties);
  },
  AWS_LAMBDA_PERMISSION: (expansion, grant) => {
    const function_ = known(grant, grant.connection.destination, 'Arn');
    for (const [category, permission] of grant.access) {
      const properties = { ...permission, FunctionName: function_ };
      add(expansion, grant, `${category}LambdaPermission`, 'AWS::Lambda::Permission', properties);
    }
  },
};

function documentOf({ access }: Grant): JsonObject {
  return { Version: '2012-10-17', Statement: access.flatMap(([, { Statement }]) => listOf(Statement)) };
}

function add(expansion: Expansion, grant: Grant, kind: string, type: string, properties: JsonObject): void {
  const { resource, connection, profile } = grant;
  const ends = {
    Source: { Type: connection.source.givenType },
    Destination: { Type: connection.destination.givenType },
  };
  const Metadata = { 'aws:sam:connectors': { [resource.id]: ends } };
  const id = `${resource.id}${kind}${connection.suffix}`;
  expansion.add(id, type, properties, { ...kept(resource), Metadata });
  if (profile.dependedBy === 'DESTINATION_EVENT_SOURCE_MAPPING') mappingsWait(expansion, grant, id);
}

/** What maps the source to the function waits until the function may read it. */
function mappingsWait(expansion: Expansion, { connection }: Grant, policy: string): void {
  const arn = JSON.stringify(connection.source.facts.Arn);
  for (const [id, resource] of expansion.resources) {
    if (resource.Type !== 'AWS::Lambda::EventSourceMapping' || !isObject(resource.Properties)) continue;
    const { FunctionName, EventSourceArn } = resource.Properties;
    if (resourceNamed(FunctionName) !== resourceNamed(connection.destination.facts.Arn)) continue;
    if (JSON.stringify(EventSourceArn) !== arn) continue;
    expansion.change(id, (given) => given, { DependsOn: [...listOf(resource.DependsOn), policy] });
  }
}

function known({ resource }: Grant, end: End, name: string): Value {
  const value = end.facts[name];
  if (value !== undefined) return value;
  throw SamFault.ofResource(
    resource.id,
    `Unable to get ${name} for resource of type ${end.type}; provide it in the connector.`,
  );
}

/** What stands for a type of SAM, and how the ARN is had of those whose `Ref` it is. */
const EXPANDS_TO: Readonly<Record<string, string>> = {
  'AWS::Serverless::Function': 'AWS::Lambda::Function',
  'AWS::Serverless::StateMachine': 'AWS::StepFunctions::StateMachine',
  'AWS::Serverless::SimpleTable': 'AWS::DynamoDB::Table',
  'AWS::Serverless::Api': 'AWS::ApiGateway::RestApi',
  'AWS::Serverless::HttpApi': 'AWS::ApiGatewayV2::Api',
};
const ARN_BY_REF = new Set(['AWS::SNS::Topic', 'AWS::StepFunctions::StateMachine']);
const ROLE_PROPERTY: Readonly<Record<string, string>> = {
  'AWS::Lambda::Function': 'Role',
  'AWS::StepFunctions::StateMachine': 'RoleArn',
  'AWS::AppSync::DataSource': 'ServiceRoleArn',
};

function endOf(expansion: Expansion, connectorId: string, given: Value): End {
  const end = isObject(given) ? given : {};
  if (end.Id === undefined) {
    const givenType = String(end.Type ?? '');
    if (givenType === '') throw SamFault.ofResource(connectorId, "'Type' is missing or not a string.");
    return { givenType, type: EXPANDS_TO[givenType] ?? givenType, facts: end };
  }
  const id = String(end.Id);
  const resource = expansion.given.get(id);
  if (!resource) throw SamFault.ofResource(connectorId, `Unable to find resource with logical ID '${id}'.`);
  const type = EXPANDS_TO[resource.type] ?? resource.type;
  return { givenType: resource.type, type, facts: factsOf(expansion, id, type, end.Qualifier) };
}

function factsOf(expansion: Expansion, id: string, type: string, qualifier: Value | undefined): End['facts'] {
  const own = expansion.resources.get(id)?.Properties;
  const role = isObject(own) ? own[ROLE_PROPERTY[type] ?? ''] : undefined;
  const roleId = resourceNamed(role);
  return compact({
    Arn: ARN_BY_REF.has(type) ? ref(id) : getAtt(id, 'Arn'),
    RoleName: roleId === undefined ? undefined : ref(roleId),
    QueueUrl: type === 'AWS::SQS::Queue' ? ref(id) : undefined,
    Name: type === 'AWS::StepFunctions::StateMachine' ? getAtt(id, 'Name') : undefined,
    ResourceId: ref(id),
    Qualifier: qualifier ?? '*',
  });
}

const PLACEHOLDER = /%\{(Source|Destination)\.(\w+)\}/g;

/** A permission with what is known of both ends where `%{Source.Arn}` and its like stand. */
function fillIn(value: Value, connection: Connection): Value {
  if (isList(value)) return value.map((part) => fillIn(part, connection));
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, fillIn(part, connection)]));
  }
  return typeof value === 'string' ? fillInText(value, connection) : value;
}

function fillInText(text: string, { source, destination }: Connection): Value {
  const factOf = (end: string, name: string) => (end === 'Source' ? source : destination).facts[name] ?? '';
  const places = [...text.matchAll(PLACEHOLDER)];
  if (places[0]?.[0] === text) return factOf(places[0][1]!, places[0][2]!);
  const variables = places.map(([, end, name]) => [end! + name!, factOf(end!, name!)]);
  if (variables.length > 0) return sub(text.replace(PLACEHOLDER, '${$1$2}'), Object.fromEntries(variables));
  return text.includes('${') ? sub(text) : text;
}
