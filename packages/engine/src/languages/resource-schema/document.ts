/*
 * A schema as CloudFormation's registry writes it: what DescribeType gives, and what tools read identifiers from.
 * https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html
 */
import type { PropertySchemas, PropertyType, ResourceSchema } from './schema.ts';

/** The schema's text, JSON. */
export function schemaDocument(typeName: string, schema: ResourceSchema): string {
  const pointers = (names: readonly string[]) => names.map((name) => `/properties/${name.replaceAll('.', '/')}`);
  const own = Object.keys(schema.properties);
  const readOnly = schema.attributes.filter((name) => !own.includes(name));
  const attributes = readOnly.filter((name) => !name.includes('.')).map((name) => [name, { type: 'string' }]);
  const replacing = own.filter((name) => schema.properties[name]!.replaces === 'yes');
  const maybe = own.filter((name) => schema.properties[name]!.replaces === 'maybe');
  return JSON.stringify({
    typeName,
    description: `Resource Type definition for ${typeName}`,
    definitions: mapped(schema.definitions, structureOf),
    ...structureOf(schema.properties),
    properties: { ...mapped(schema.properties, ({ is }) => typeOf(is)), ...Object.fromEntries(attributes) },
    primaryIdentifier: pointers(schema.primaryIdentifier),
    readOnlyProperties: pointers(readOnly),
    createOnlyProperties: pointers(replacing),
    conditionalCreateOnlyProperties: pointers(maybe),
    tagging: schema.tags
      ? { taggable: true, tagOnCreate: true, tagUpdatable: true, tagProperty: `/properties/${schema.tags.property}` }
      : { taggable: false },
  });
}

function structureOf(properties: PropertySchemas): object {
  const required = Object.keys(properties).filter((name) => properties[name]!.required);
  return {
    type: 'object',
    additionalProperties: false,
    properties: mapped(properties, ({ is }) => typeOf(is)),
    ...(required.length > 0 && { required }),
  };
}

function typeOf(type: PropertyType): object {
  switch (type.type) {
    case 'array':
      return { type: 'array', items: typeOf(type.element) };
    case 'map':
      return { type: 'object', patternProperties: { '.*': typeOf(type.element) } };
    case 'ref':
      return { $ref: `#/definitions/${type.name}` };
    case 'union':
      return { oneOf: type.types.map(typeOf) };
    case 'tag':
      return { type: 'object', properties: { Key: { type: 'string' }, Value: { type: 'string' } } };
    case 'json':
      return { type: 'object' };
    case 'date-time':
      return { type: 'string', format: 'date-time' };
    default:
      return 'enum' in type ? { type: type.type, enum: type.enum } : { type: type.type };
  }
}

function mapped<T, R>(items: Readonly<Record<string, T>>, each: (item: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(items).map(([name, item]) => [name, each(item)]));
}
