/* AWS::Serverless::HttpApi: an HTTP API of API Gateway with a stage that deploys by itself. */
import { isObject, type JsonObject, type Value } from '../template/value.ts';
import { apiBody, checkLeftOut } from './api-body.ts';
import { type Expansion, inherited, kept, type SamResource } from './expansion.ts';
import { checkProperties, properties } from './properties.ts';
import { s3Location } from './s3-location.ts';
import { compact, isFunction, ref } from './values.ts';

const LEFT_OUT = ['Domain', 'PropagateTags'];

const PROPERTIES = properties(
  'AccessLogSettings:map Auth:map CorsConfiguration:~map|string|boolean DefaultRouteSettings:map DefinitionBody:map',
  'DefinitionUri:~string|map Description:string DisableExecuteApiEndpoint:~boolean FailOnWarnings:~boolean Name',
  'RouteSettings:map StageName:~string StageVariables:map Tags:map',
  LEFT_OUT.join(' '),
);

const EMPTY = { info: { version: '1.0', title: ref('AWS::StackName') }, paths: {}, openapi: '3.0.1' };
const CREATOR = 'httpapi:createdBy';

export function expandHttpApi(expansion: Expansion, resource: SamResource): void {
  const { id, type } = resource;
  const values = checkProperties(id, type, resource.properties, PROPERTIES);
  const hasAuth = isObject(values.Auth) && Object.keys(values.Auth).length > 0;
  checkLeftOut(id, values, hasAuth ? ['Auth', ...LEFT_OUT] : LEFT_OUT);
  const own = isObject(values.Tags) ? values.Tags : {};
  const signed = values.DefinitionUri === undefined && values.DefinitionBody === undefined;
  const tags: JsonObject = signed ? { ...own, [CREATOR]: 'SAM' } : own;
  const api = {
    ...definitionOf(expansion, id, values, tags),
    Description: values.Description,
    DisableExecuteApiEndpoint: values.DisableExecuteApiEndpoint,
    FailOnWarnings: values.FailOnWarnings,
    Name: values.Name,
  };
  expansion.add(id, 'AWS::ApiGatewayV2::Api', api, kept(resource));
  const stage = {
    AccessLogSettings: values.AccessLogSettings,
    ApiId: ref(id),
    AutoDeploy: true,
    DefaultRouteSettings: values.DefaultRouteSettings,
    RouteSettings: values.RouteSettings,
    StageName: values.StageName ?? '$default',
    StageVariables: values.StageVariables,
    Tags: Object.keys(tags).length > 0 ? tags : undefined,
  };
  expansion.add(stageIdOf(id, values.StageName), 'AWS::ApiGatewayV2::Stage', stage, inherited(resource));
}

function stageIdOf(id: string, name: Value | undefined): string {
  if (name === undefined) return `${id}ApiGatewayDefaultStage`;
  return isFunction(name) ? `${id}Stage` : `${id}${String(name).replace(/[^A-Za-z0-9]/g, '')}Stage`;
}

function definitionOf(expansion: Expansion, id: string, values: JsonObject, tags: JsonObject): JsonObject {
  const { DefinitionBody, DefinitionUri, CorsConfiguration } = values;
  if (DefinitionUri !== undefined) {
    const { Bucket, Key, Version } = s3Location(id, 'DefinitionUri', DefinitionUri);
    return { BodyS3Location: compact({ Bucket, Key, Version }) };
  }
  const body = apiBody(expansion, id, isObject(DefinitionBody) ? DefinitionBody : EMPTY);
  const names = Object.entries(tags).map(([name, value]) => ({ name, 'x-amazon-apigateway-tag-value': value }));
  return {
    Body: compact({
      ...body,
      tags: names.length > 0 ? names : undefined,
      'x-amazon-apigateway-cors': CorsConfiguration === undefined ? undefined : corsOf(CorsConfiguration),
    }),
  };
}

/** `true` and a text are short for origins; members begin in lower case. */
function corsOf(given: Value): Value {
  if (given === true) return { allowOrigins: ['*'] };
  if (typeof given === 'string') return { allowOrigins: [given] };
  if (!isObject(given) || isFunction(given)) return given;
  const lower = (name: string) => name[0]!.toLowerCase() + name.slice(1);
  return Object.fromEntries(
    Object.entries(given as JsonObject).map(([name, value]): [string, Value] => [lower(name), value]),
  );
}
