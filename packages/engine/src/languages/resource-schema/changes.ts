/* What differs between the properties that a resource has and those that it is to get, and what that takes. */
import { isDeepStrictEqual } from 'node:util';
import type { PropertySchemas, PropertyType, ResourceSchema } from './schema.ts';

export interface Change {
  /** The property, a top-level one. */
  readonly name: string;
  /** Whether it needs a new resource: surely, perhaps, or not. */
  readonly replaces: 'yes' | 'maybe' | 'no';
  /** Undefined where it is new. */
  readonly before: unknown;
  /** Undefined where it goes. */
  readonly after: unknown;
}

type Json = Readonly<Record<string, unknown>>;

/** The top-level properties that differ. */
export function changesOf(
  schema: Pick<ResourceSchema, 'properties' | 'definitions'>,
  before: Json,
  after: Json,
): Change[] {
  return differing(before, after).map((name) => {
    const property = Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined;
    const within = property ? replacedWithin(schema.definitions, property.is, before[name], after[name]) : 'no';
    return { name, replaces: property?.replaces ?? within, before: before[name], after: after[name] };
  });
}

function differing(before: Json, after: Json): string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => !isDeepStrictEqual(before[name], after[name]));
}

/** A structure's member may be what replaces. */
function replacedWithin(
  definitions: Readonly<Record<string, PropertySchemas>>,
  type: PropertyType,
  before: unknown,
  after: unknown,
): Change['replaces'] {
  if (type.type !== 'ref' || !isObject(before) || !isObject(after)) return 'no';
  const members = definitions[type.name]!;
  const kinds = differing(before, after).map((name) => {
    const member = members[name];
    return member ? (member.replaces ?? replacedWithin(definitions, member.is, before[name], after[name])) : 'no';
  });
  return kinds.includes('yes') ? 'yes' : kinds.includes('maybe') ? 'maybe' : 'no';
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
