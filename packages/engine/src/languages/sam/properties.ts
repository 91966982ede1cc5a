/*
 * Which properties a resource or an event of SAM has, and how their values are checked. A list of them is written as
 *
 *   'Topic!:string FilterPolicy Events:~map'
 *
 * for a text that has to be there, anything at all, and a map whose fault is told in SAM's other words.
 */
import { isList, isObject, type JsonObject, type Value } from '../template/value.ts';
import { SamFault } from './error.ts';
import { isFunction } from './values.ts';

interface Property {
  readonly required: boolean;
  readonly types: readonly string[];
  /** Whether its fault is told by what it should be. */
  readonly told: boolean;
}

export type Properties = ReadonlyMap<string, Property>;

export function properties(...lines: readonly string[]): Properties {
  return new Map(lines.flatMap((line) => line.split(' ')).map(readProperty));
}

function readProperty(text: string): [string, Property] {
  const [, name, required, told, types] = /^(\w+)(!?)(?::(~?)(.+))?$/.exec(text)!;
  return [name!, { required: required === '!', types: types?.split('|') ?? [], told: told !== '~' }];
}

const IS_OF: Readonly<Record<string, (value: Value) => boolean>> = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  map: isObject,
  list: isList,
};

/** The properties of a resource or an event, checked. `type` is what it is called in the words of a fault. */
export function checkProperties(id: string, type: string, given: Value | undefined, known: Properties): JsonObject {
  if (given !== undefined && given !== null && !isObject(given)) {
    throw SamFault.ofResource(id, "Attribute 'Properties' should be a map.");
  }
  const values = given ?? {};
  for (const [name, value] of Object.entries(values)) {
    const property = known.get(name);
    if (!property) throw SamFault.ofResource(id, `property ${name} not defined for resource of type ${type}`);
    checkType(id, name, value, property);
  }
  for (const [name, { required }] of known) {
    if (required && !Object.hasOwn(values, name)) {
      throw SamFault.ofResource(id, `Missing required property '${name}'.`);
    }
  }
  return values;
}

function checkType(id: string, name: string, value: Value, { types, told }: Property): void {
  if (types.length === 0 || isFunction(value) || types.some((type) => IS_OF[type]!(value))) return;
  throw SamFault.ofResource(
    id,
    told ? `Property '${name}' should be a ${types[0]}.` : `Type of property '${name}' is invalid.`,
  );
}
