/*
 * The values of a template: JSON, with functions in their long form (`{"Ref": …}`, `{"Fn::Join": …}`). Names come from
 * whoever wrote the template: `__proto__` is a name like any other.
 */
export type Value = string | number | boolean | null | readonly Value[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Value;
}

export const isList = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);

export const isObject = (value: Value | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The own member of that name. */
export function member(object: JsonObject, name: string): Value | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}

/** Sets an own member, whatever its name. */
export function setMember(object: Record<string, Value>, name: string, value: Value): void {
  if (name !== '__proto__') object[name] = value;
  else Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
}

/** A scalar as the text that CloudFormation takes it for; undefined for lists and objects. */
export function textOf(value: Value | undefined): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}

/** The name and the argument of a function: an object's only member, named `Ref`, `Condition` or `Fn::…`. */
export function functionIn(value: Value | undefined): { name: string; argument: Value } | undefined {
  if (!isObject(value)) return undefined;
  let only: string | undefined;
  for (const name in value) {
    if (only !== undefined) return undefined;
    only = name;
  }
  if (only === undefined || !(only === 'Ref' || only === 'Condition' || only.startsWith('Fn::'))) return undefined;
  return { name: only, argument: value[only]! };
}
