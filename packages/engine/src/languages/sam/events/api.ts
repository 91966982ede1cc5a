/* Api and HttpApi: routes of APIs of API Gateway, of the template's own or of the one that is implied. */
import { isObject, type Value } from '../../template/value.ts';
import { where } from '../api-body.ts';
import type { Expansion } from '../expansion.ts';
import { HTTP_API_ID, REST_API_ID } from '../implied-apis.ts';
import { properties } from '../properties.ts';
import { isFunction, ref, resourceNamed, sub } from '../values.ts';
import { addStartingRole } from './rule.ts';
import { addPermission, type EventSource, type EventType, faultOf } from './source.ts';

const REST = 'Path! Method! RestApiId TimeoutInMillis';
const ANY = 'x-amazon-apigateway-any-method';

/** What SAM has for routes beyond what is expanded. */
const LEFT_OUT = ['Auth', 'RequestModel', 'RequestParameters', 'ResponseTransferMode', 'RouteSettings'];

export const API: EventType = {
  properties: properties(REST, LEFT_OUT.join(' ')),
  expand(expansion, event) {
    const { api, method, path } = restRoute(expansion, event);
    const { partition } = expansion.inputs;
    const lambda = `arn:${partition}:apigateway:\${AWS::Region}:lambda:path/2015-03-31/functions`;
    const uri = invocations(event, lambda);
    addRoute(expansion, event, api, {
      path,
      method,
      operation: {
        'x-amazon-apigateway-integration': {
          httpMethod: 'POST',
          type: 'aws_proxy',
          uri,
        },
        responses: {},
      },
    });
    const stage = stageOf(expansion, api);
    const arn = `arn:${partition}:execute-api:\${AWS::Region}:\${AWS::AccountId}:\${__ApiId__}/\${__Stage__}`;
    addPermission(expansion, event, {
      principal: 'apigateway.amazonaws.com',
      sourceArn: sub(`${arn}/${methodPattern(method)}${pathPattern(path)}`, { __ApiId__: ref(api), __Stage__: '*' }),
      suffix: stage,
    });
  },
};

/** Where API Gateway invokes the function, where that is made. */
const invocations = ({ target }: EventSource, lambda: string): Value =>
  where(target.attributes.Condition, sub(`${lambda}/\${${target.invokePath}}/invocations`));

const START_EXECUTION = 'arn:${AWS::Partition}:apigateway:${AWS::Region}:states:action/StartExecution';

export const STARTING_API: EventType = {
  properties: properties('Path! Method! RestApiId Auth UnescapeMappingTemplate'),
  expand(expansion, event) {
    const { api, method, path } = restRoute(expansion, event);
    const escaped = "$util.escapeJavaScript($input.json('$'))";
    const input = event.values.UnescapeMappingTemplate === true ? `${escaped}.replaceAll("\\\\'","'")` : escaped;
    const template = `{"input": "${input}", "stateMachineArn": "\${${event.target.invokePath}}"}`;
    const operation = {
      'x-amazon-apigateway-integration': {
        type: 'aws',
        httpMethod: 'POST',
        uri: sub(START_EXECUTION),
        credentials: addStartingRole(expansion, event, 'apigateway.amazonaws.com'),
        requestTemplates: { 'application/json': sub(template) },
        responses: { 200: { statusCode: '200' }, 400: { statusCode: '400' } },
      },
      responses: { 200: { description: 'OK' }, 400: { description: 'Bad Request' } },
    };
    addRoute(expansion, event, api, { path, method, operation });
  },
};

export const HTTP_API: EventType = {
  properties: properties(
    'Path Method ApiId:string TimeoutInMillis PayloadFormatVersion:string Auth:map RouteSettings:map',
  ),
  expand(expansion, event) {
    checkLeftOut(event);
    const { Path, Method, ApiId, TimeoutInMillis, PayloadFormatVersion } = event.values;
    const api = apiOf(expansion, event, {
      property: 'ApiId',
      given: ApiId,
      type: 'AWS::Serverless::HttpApi',
      implied: HTTP_API_ID,
    });
    const path = Path === undefined ? '$default' : String(Path);
    const method = Method === undefined ? ANY : methodName(Method);
    const lambda = 'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions';
    const integration = {
      httpMethod: 'POST',
      type: 'aws_proxy',
      uri: invocations(event, lambda),
      payloadFormatVersion: PayloadFormatVersion ?? '2.0',
      ...(TimeoutInMillis !== undefined && { timeoutInMillis: TimeoutInMillis }),
    };
    const parameters = [...path.matchAll(/\{([^}+]+)\+?\}/g)].map(([, name]) => ({
      required: true,
      name: name!,
      in: 'path',
    }));
    const operation = {
      'x-amazon-apigateway-integration': integration,
      ...(path === '$default' && { isDefaultRoute: true }),
      responses: {},
      ...(parameters.length > 0 && { parameters }),
    };
    addRoute(expansion, event, api, { path, method, operation });
    if (path !== '$default' && hasDefault(event)) return;
    const arn = 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${__ApiId__}/${__Stage__}';
    const route = path === '$default' ? '/*' : `/${methodPattern(method)}${pathPattern(path)}`;
    const sourceArn = sub(arn + route, { __ApiId__: ref(api), __Stage__: '*' });
    addPermission(expansion, event, { principal: 'apigateway.amazonaws.com', sourceArn });
  },
};

/** Whether an event beside this one sends all of the same API to the function, which then may be invoked already. */
function hasDefault({ target, values }: EventSource): boolean {
  const { properties } = target.resource;
  const events = isObject(properties) && isObject(properties.Events) ? Object.values(properties.Events) : [];
  return events.some((event) => {
    if (!isObject(event) || event.Type !== 'HttpApi') return false;
    const { Path, ApiId } = isObject(event.Properties) ? event.Properties : {};
    return Path === undefined && JSON.stringify(ApiId) === JSON.stringify(values.ApiId);
  });
}

function restRoute(expansion: Expansion, event: EventSource) {
  checkLeftOut(event);
  const { RestApiId, Path, Method } = event.values;
  const type = 'AWS::Serverless::Api';
  const api = apiOf(expansion, event, { property: 'RestApiId', given: RestApiId, type, implied: REST_API_ID });
  return { api, method: methodName(Method!), path: String(Path) };
}

function checkLeftOut(event: EventSource): void {
  const name = LEFT_OUT.find((property) => event.values[property] !== undefined);
  if (name !== undefined) throw faultOf(event, `Carillon does not expand the property ${name} of this event.`);
}

interface ApiReference {
  readonly property: string;
  readonly given: Value | undefined;
  readonly type: string;
  readonly implied: string;
}

/** The logical id of an event's API. */
function apiOf(expansion: Expansion, event: EventSource, { property, given, type, implied }: ApiReference): string {
  if (given === undefined) return implied;
  const id = resourceNamed(given) ?? String(given);
  if (id === implied || expansion.given.get(id)?.type === type) return id;
  throw faultOf(event, `${property} must be a valid reference to an '${type}' resource in same template.`);
}

interface Route {
  readonly path: string;
  readonly method: string;
  readonly operation: Value;
}

function addRoute(expansion: Expansion, { target }: EventSource, api: string, route: Route): void {
  const condition = target.attributes.Condition;
  expansion.routes.set(api, [...(expansion.routes.get(api) ?? []), { ...route, condition }]);
}

const methodName = (method: Value): string => {
  const name = String(method).toLowerCase();
  return name === 'any' || name === '*' ? ANY : name;
};
const methodPattern = (method: string): string => (method === ANY ? '*' : method.toUpperCase());
const pathPattern = (path: string): string => path.replace(/\{[^}]+\}/g, '*');

/** The name of an API's stage, where it is known. */
function stageOf(expansion: Expansion, api: string): string {
  if (api === REST_API_ID) return 'Prod';
  const properties = expansion.given.get(api)?.properties as { readonly StageName?: Value } | undefined;
  const stage = properties?.StageName;
  return stage === undefined || isFunction(stage) ? 'Stage' : String(stage);
}
