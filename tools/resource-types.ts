/*
 * Takes what AWS says of the resource types that Carillon has from `@aws-cdk/aws-service-spec`: properties, what
 * replaces and identifies a resource, what can be read of it. Run by hand when a type is added or the package moves on
 * (`node --conditions=source tools/resource-types.ts`); what it writes is committed.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import type { Property, PropertyType as SpecType, TypeDefinition } from '@aws-cdk/service-spec-types';
import type {
  PropertySchema,
  PropertySchemas,
  PropertyType,
  ResourceSchema,
} from '../packages/engine/src/languages/resource-schema/index.ts';
import { services } from '../packages/engine/src/services.ts';

export const file = fileURLToPath(
  new URL('../packages/engine/src/languages/resource-schema/schemas.generated.json', import.meta.url),
);

/** The file's text: a type a line, so that a change of one reads as one. */
export function resourceSchemas(): string {
  const names = services.flatMap(({ resources = {} }) => Object.keys(resources)).sort();
  const lines = names.map((name) => `  ${JSON.stringify(name)}: ${JSON.stringify(schemaOf(name))}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}

const spec = loadAwsServiceSpecSync();

/** The names of all that AWS has. */
export function awsTypes(): string[] {
  return spec.all('resource').map(({ cloudFormationType }) => cloudFormationType);
}

function schemaOf(name: string): ResourceSchema {
  const [resource] = spec.lookup('resource', 'cloudFormationType', 'equals', name);
  if (!resource) throw new Error(`AWS has no resource type ${name}.`);
  const definitions: Record<string, PropertySchemas> = {};
  const { primaryIdentifier = [], attributes, tagInformation, additionalReplacementProperties = [] } = resource;
  const properties = propertiesOf(resource.properties, definitions);
  for (const [property] of additionalReplacementProperties.filter((path) => path.length === 1)) {
    if (properties[property!]) properties[property!] = { ...properties[property!]!, replaces: 'yes' };
  }
  const variant = tagInformation?.variant === 'map' ? 'map' : 'standard';
  return {
    primaryIdentifier,
    ...(tagInformation && { tags: { property: tagInformation.tagPropertyName, variant } }),
    attributes: Object.keys(attributes).sort(),
    properties,
    definitions: Object.fromEntries(Object.entries(definitions).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

function propertiesOf(
  properties: Readonly<Record<string, Property>>,
  definitions: Record<string, PropertySchemas>,
): Record<string, PropertySchema> {
  const names = Object.keys(properties).sort();
  return Object.fromEntries(
    names.map((name) => {
      const { type, required, causesReplacement } = properties[name]!;
      const replaces = causesReplacement === 'yes' || causesReplacement === 'maybe' ? causesReplacement : undefined;
      return [name, { is: typeOf(type, definitions), ...(required && { required }), ...(replaces && { replaces }) }];
    }),
  );
}

function typeOf(type: SpecType, definitions: Record<string, PropertySchemas>): PropertyType {
  switch (type.type) {
    case 'array':
    case 'map':
      return { type: type.type, element: typeOf(type.element, definitions) };
    case 'union':
      return { type: 'union', types: type.types.map((member) => typeOf(member, definitions)) };
    case 'ref':
      return { type: 'ref', name: define(spec.get('typeDefinition', type.reference), definitions) };
    case 'string':
    case 'integer':
      return { type: type.type, ...(type.allowedValues && { enum: type.allowedValues }) };
    default:
      return { type: type.type };
  }
}

/** Takes in a structure, once, and gives its name. */
function define({ name, properties }: TypeDefinition, definitions: Record<string, PropertySchemas>): string {
  if (!definitions[name]) {
    definitions[name] = {};
    definitions[name] = propertiesOf(properties, definitions);
  }
  return name;
}

if (import.meta.main) writeFileSync(file, resourceSchemas());
