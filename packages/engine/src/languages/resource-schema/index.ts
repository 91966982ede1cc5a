/* AWS's schemas of the resource types that Carillon has, and what follows from them. */
import type { ResourceSchema } from './schema.ts';
import schemas from './schemas.generated.json' with { type: 'json' };

export { type Change, changesOf } from './changes.ts';
export { type Conformed, conform, unsupportedProperties } from './conform.ts';
export { schemaDocument } from './document.ts';
export type { PropertySchema, PropertySchemas, PropertyType, ResourceSchema } from './schema.ts';

/** AWS's schema of a resource type; undefined for one that Carillon does not have. */
export function schemaOf(type: string): ResourceSchema | undefined {
  return Object.hasOwn(schemas, type) ? (schemas as unknown as Record<string, ResourceSchema>)[type] : undefined;
}
