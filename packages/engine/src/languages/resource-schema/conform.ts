/*
 * Properties brought to the types that AWS's schema says: templates give `"60"` for 60, `true` for `"true"`, and
 * documents as text. What does not fit is told in the words of AWS's schema validator.
 */
import type { PropertySchemas, PropertyType, ResourceSchema } from './schema.ts';

export interface Conformed {
  readonly properties: Readonly<Record<string, unknown>>;
  /** What is wrong: `#/Timeout: expected type: Integer, found: String`. */
  readonly problems: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

/** Properties as their types are. What is in `unknown` is left as it is. */
export function conform(
  schema: ResourceSchema,
  properties: Json,
  isUnknown: (value: unknown) => boolean = () => false,
) {
  const problems: string[] = [];
  const visit = (value: unknown, type: PropertyType, path: string): unknown => {
    if (isUnknown(value)) return value;
    switch (type.type) {
      case 'array':
        if (!Array.isArray(value)) return wrong(path, 'JSONArray', value);
        return value.map((item, index) => visit(item, type.element, `${path}/${index}`));
      case 'map':
        if (!isObject(value)) return wrong(path, 'JSONObject', value);
        return mapped(value, (item, name) => visit(item, type.element, `${path}/${name}`));
      case 'ref':
        if (!isObject(value)) return wrong(path, 'JSONObject', value);
        return structure(value, schema.definitions[type.name]!, path);
      case 'tag':
        if (!isObject(value)) return wrong(path, 'JSONObject', value);
        return mapped(value, (item, name) => visit(item, { type: 'string' }, `${path}/${name}`));
      case 'union': {
        const fitting = type.types.find((member) => fits(value, member)) ?? type.types[0]!;
        return visit(value, fitting, path);
      }
      case 'json':
        return typeof value === 'string' ? parsed(value) : value;
      default:
        return scalar(value, type.type, path);
    }
  };
  const structure = (value: Json, properties: PropertySchemas, path: string): Json => {
    for (const name in properties) {
      if (properties[name]!.required && value[name] === undefined)
        problems.push(`${path}: required key [${name}] not found`);
    }
    return mapped(value, (item, name) => {
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (property) return visit(item, property.is, `${path}/${name}`);
      problems.push(`${path}: extraneous key [${name}] is not permitted`);
      return item;
    });
  };
  const wrong = (path: string, expected: string, value: unknown): unknown => {
    problems.push(`${path}: expected type: ${expected}, found: ${kindOf(value)}`);
    return value;
  };
  const scalar = (value: unknown, type: string, path: string): unknown => {
    const found = asScalar(value, type);
    return found === undefined ? wrong(path, EXPECTED[type]!, value) : found;
  };
  return { properties: structure(properties, schema.properties, '#'), problems } satisfies Conformed;
}

const EXPECTED: Readonly<Record<string, string>> = {
  ...{
    string: 'String',
    integer: 'Integer',
    number: 'Number',
    boolean: 'Boolean',
    'date-time': 'String',
    null: 'Null',
  },
};

function asScalar(value: unknown, type: string): unknown {
  const text = typeof value === 'object' ? undefined : String(value);
  if (text === undefined) return undefined;
  if (type === 'boolean') return /^(true|false)$/i.test(text) ? text.toLowerCase() === 'true' : undefined;
  if (type === 'integer') return /^[+-]?\d+(\.0+)?$/.test(text.trim()) ? Number(text) : undefined;
  if (type === 'number') return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : undefined;
  return text;
}

/** Whether a value is of a type without being changed much: what a union decides by. */
function fits(value: unknown, type: PropertyType): boolean {
  if (type.type === 'array') return Array.isArray(value);
  if (type.type === 'map' || type.type === 'ref' || type.type === 'tag') return isObject(value);
  if (type.type === 'json') return typeof value === 'object' || (typeof value === 'string' && parsed(value) !== value);
  if (type.type === 'union') return type.types.some((member) => fits(value, member));
  if (type.type === 'string') return typeof value === 'string' && parsed(value) === value;
  return asScalar(value, type.type) !== undefined;
}

/** A document that is given as text. */
function parsed(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'Null';
  if (Array.isArray(value)) return 'JSONArray';
  if (typeof value === 'number') return Number.isInteger(value) ? 'Integer' : 'BigDecimal';
  return { string: 'String', boolean: 'Boolean' }[typeof value as string] ?? 'JSONObject';
}

/**
 * The dotted names of properties that AWS has and that `supported` does not take; a path in it takes all that lies
 * below. What AWS does not have either is not told here.
 */
export function unsupportedProperties(
  schema: ResourceSchema,
  supported: readonly string[],
  properties: Json,
): string[] {
  const found = new Set<string>();
  const visit = (value: unknown, type: PropertyType, path: string): void => {
    if (Array.isArray(value) && type.type === 'array') for (const item of value) visit(item, type.element, path);
    else if (type.type === 'union') visit(value, type.types.find((member) => fits(value, member)) ?? type, path);
    else if (type.type === 'ref' && isObject(value)) structure(value, schema.definitions[type.name]!, `${path}.`);
  };
  const structure = (value: Json, properties: PropertySchemas, prefix: string): void => {
    for (const name in value) {
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
      const path = prefix + name;
      if (!property || supported.includes(path)) continue;
      if (supported.some((other) => other.startsWith(`${path}.`))) visit(value[name], property.is, path);
      else found.add(path);
    }
  };
  structure(properties, schema.properties, '');
  return [...found];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mapped(value: Json, each: (item: unknown, name: string) => unknown): Json {
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, each(item, name)]));
}
