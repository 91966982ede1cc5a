/*
 * AWS::Serverless::Api: a REST API of API Gateway with a deployment and a stage. The deployment's logical id follows
 * from the definition, so that another definition is deployed anew.
 */
import { isObject, type JsonObject, type Value } from '../template/value.ts';
import { apiBody, checkLeftOut } from './api-body.ts';
import { type Expansion, inherited, kept, type SamResource } from './expansion.ts';
import { checkProperties, properties } from './properties.ts';
import { s3Location } from './s3-location.ts';
import { compact, hashOf, isFunction, listOf, ref, tagList } from './values.ts';

const LEFT_OUT = [
  ...[
    'Auth',
    'Cors',
    'Domain',
    'EndpointAccessMode',
    'GatewayResponses',
    'MergeDefinitions',
    'Models',
    'OpenApiVersion',
  ],
  ...['PropagateTags', 'SecurityPolicy'],
];

const PROPERTIES = properties(
  'StageName!:~string Name:~string AccessLogSetting AlwaysDeploy ApiKeySourceType BinaryMediaTypes CacheClusterEnabled',
  'CacheClusterSize CanarySetting DefinitionBody DefinitionUri Description DisableExecuteApiEndpoint',
  'EndpointConfiguration FailOnWarnings MethodSettings MinimumCompressionSize Mode Policy Tags TracingEnabled Variables',
  LEFT_OUT.join(' '),
);

const EMPTY = { info: { version: '1.0', title: ref('AWS::StackName') }, paths: {}, swagger: '2.0' };

export function expandApi(expansion: Expansion, resource: SamResource): void {
  const { id, type } = resource;
  const values = checkProperties(id, type, resource.properties, PROPERTIES);
  checkLeftOut(id, values, LEFT_OUT);
  const attributes = inherited(resource);
  const definition = definitionOf(expansion, id, values);
  const endpoint = endpointOf(values.EndpointConfiguration);
  const api = {
    ...definition,
    ...endpoint,
    ApiKeySourceType: values.ApiKeySourceType,
    BinaryMediaTypes: values.BinaryMediaTypes,
    Description: values.Description,
    DisableExecuteApiEndpoint: values.DisableExecuteApiEndpoint,
    FailOnWarnings: values.FailOnWarnings,
    MinimumCompressionSize: values.MinimumCompressionSize,
    Mode: values.Mode,
    Name: values.Name,
    Policy: values.Policy,
  };
  expansion.add(id, 'AWS::ApiGateway::RestApi', api, kept(resource));
  const hash = hashOf(definition, 40);
  const deployment = expansion.add(
    `${id}Deployment${hash.slice(0, 10)}`,
    'AWS::ApiGateway::Deployment',
    { Description: `RestApi deployment id: ${hash}`, RestApiId: ref(id), StageName: 'Stage' },
    attributes,
  );
  addStage(expansion, id, values, { deployment, attributes });
}

function definitionOf(expansion: Expansion, id: string, values: JsonObject): JsonObject {
  const { DefinitionBody, DefinitionUri, BinaryMediaTypes } = values;
  if (DefinitionUri !== undefined) {
    const { Bucket, Key, Version } = s3Location(id, 'DefinitionUri', DefinitionUri);
    return { BodyS3Location: compact({ Bucket, Key, Version }) };
  }
  const body = apiBody(expansion, id, isObject(DefinitionBody) ? DefinitionBody : EMPTY);
  const types = listOf(BinaryMediaTypes).map((type) => String(type).replaceAll('~1', '/'));
  return { Body: types.length > 0 ? { ...body, 'x-amazon-apigateway-binary-media-types': types } : body };
}

function endpointOf(given: Value | undefined): JsonObject {
  if (given === undefined) return {};
  const { Type, VPCEndpointIds }: JsonObject = isObject(given) && !isFunction(given) ? given : { Type: given };
  const EndpointConfiguration = compact({ Types: [Type!], VpcEndpointIds: VPCEndpointIds });
  return { EndpointConfiguration, Parameters: { endpointConfigurationTypes: Type! } };
}

interface Deployed {
  readonly deployment: string;
  readonly attributes: JsonObject;
}

function addStage(expansion: Expansion, id: string, values: JsonObject, { deployment, attributes }: Deployed): void {
  const name = isFunction(values.StageName) ? '' : String(values.StageName).replace(/[^A-Za-z0-9]/g, '');
  const stage = {
    AccessLogSetting: values.AccessLogSetting,
    CacheClusterEnabled: values.CacheClusterEnabled,
    CacheClusterSize: values.CacheClusterSize,
    CanarySetting: values.CanarySetting,
    DeploymentId: ref(deployment),
    MethodSettings: values.MethodSettings,
    RestApiId: ref(id),
    StageName: values.StageName,
    Tags: isObject(values.Tags) ? tagList(values.Tags) : undefined,
    TracingEnabled: values.TracingEnabled,
    Variables: values.Variables,
  };
  expansion.add(`${id}${name}Stage`, 'AWS::ApiGateway::Stage', stage, attributes);
}
