/* The OpenAPI definition of an API, with the routes of the events that call for them. */
import { isObject, type JsonObject, type Value } from '../template/value.ts';
import { SamFault } from './error.ts';
import type { Expansion } from './expansion.ts';
import { HTTP_API_ID, REST_API_ID } from './implied-apis.ts';
import { choice, NO_VALUE } from './values.ts';

/** The definition with the API's routes in it. */
export function apiBody(expansion: Expansion, id: string, definition: JsonObject): JsonObject {
  const paths = new Map<string, Value>(Object.entries(isObject(definition.paths) ? definition.paths : {}));
  const conditions = new Map<string, Set<Value | undefined>>();
  for (const { path, method, operation, condition } of expansion.routes.get(id) ?? []) {
    const present = paths.get(path);
    paths.set(path, { ...(isObject(present) ? present : {}), [method]: where(condition, operation) });
    conditions.set(path, (conditions.get(path) ?? new Set()).add(condition));
  }
  if (id === REST_API_ID || id === HTTP_API_ID) {
    for (const [path, of] of conditions) {
      const [condition] = of;
      if (of.size === 1) paths.set(path, where(condition, paths.get(path)!));
    }
  }
  return { ...definition, paths: Object.fromEntries(paths) };
}

/** A value that is there where a condition holds. */
export const where = (condition: Value | undefined, value: Value): Value =>
  typeof condition === 'string' ? choice(condition, value, NO_VALUE) : value;

/** Throws SamFault for a property of an API that is not expanded. */
export function checkLeftOut(id: string, values: JsonObject, names: readonly string[]): void {
  const name = names.find((property) => values[property] !== undefined);
  if (name !== undefined) throw SamFault.ofResource(id, `Carillon does not expand the property ${name} of an API.`);
}
