/* The APIs that a template implies by events of type Api and HttpApi that name none. */
import { isObject, type Value } from '../template/value.ts';
import type { Expansion, SamResource } from './expansion.ts';
import type { Globals } from './globals.ts';

export const REST_API_ID = 'ServerlessRestApi';
export const HTTP_API_ID = 'ServerlessHttpApi';

interface Implied {
  readonly id: string;
  readonly type: string;
  readonly event: string;
  readonly named: string;
  readonly properties: { readonly [name: string]: Value };
}

const IMPLIED: readonly Implied[] = [
  {
    id: REST_API_ID,
    type: 'AWS::Serverless::Api',
    event: 'Api',
    named: 'RestApiId',
    properties: { StageName: 'Prod' },
  },
  { id: HTTP_API_ID, type: 'AWS::Serverless::HttpApi', event: 'HttpApi', named: 'ApiId', properties: {} },
];

/** The template's resources, and the APIs that they imply. */
export function impliedApis(expansion: Expansion, globals: Globals): SamResource[] {
  const given = [...expansion.given.values()];
  const apis = IMPLIED.flatMap((implied): SamResource[] => {
    const { id, type, properties } = implied;
    const callers = given.filter((resource) => implies(resource, implied));
    if (callers.length === 0 || expansion.given.has(id)) return [];
    const attributes = conditionOf(expansion, id, callers);
    return [{ id, type, attributes, properties: { ...globals.get(type), ...properties } }];
  });
  return [...given, ...apis];
}

function implies({ type, properties }: SamResource, { event, named }: Implied): boolean {
  if (type !== 'AWS::Serverless::Function' && type !== 'AWS::Serverless::StateMachine') return false;
  const events = isObject(properties) && isObject(properties.Events) ? Object.values(properties.Events) : [];
  return events.some((one) => {
    if (!isObject(one) || one.Type !== event) return false;
    return !isObject(one.Properties) || one.Properties[named] === undefined;
  });
}

/** An API that is implied is made where any of what implies it is. */
function conditionOf(expansion: Expansion, id: string, callers: readonly SamResource[]): { Condition?: string } {
  const conditions = callers.map(({ attributes }) => attributes.Condition);
  if (!conditions.every((condition) => typeof condition === 'string')) return {};
  const distinct = [...new Set(conditions)].sort();
  if (distinct.length === 1) return { Condition: distinct[0]! };
  const name = `${id}Condition`;
  expansion.conditions.set(name, { 'Fn::Or': distinct.map((condition) => ({ Condition: condition })) });
  return { Condition: name };
}
