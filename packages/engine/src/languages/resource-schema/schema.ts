/*
 * What AWS says of a resource type: its properties and their types, which of them replace a resource when they change,
 * what identifies one, and what can be read of it. `tools/resource-types.ts` takes it from `@aws-cdk/aws-service-spec`.
 */

/** The type of a property's value. */
export type PropertyType =
  | { readonly type: 'string' | 'integer' | 'number'; readonly enum?: readonly (string | number)[] }
  | { readonly type: 'boolean' | 'json' | 'date-time' | 'null' | 'tag' }
  | { readonly type: 'array' | 'map'; readonly element: PropertyType }
  /** A structure among the type's definitions. */
  | { readonly type: 'ref'; readonly name: string }
  | { readonly type: 'union'; readonly types: readonly PropertyType[] };

export interface PropertySchema {
  readonly is: PropertyType;
  readonly required?: boolean;
  /** Whether a change of it needs a new resource. */
  readonly replaces?: 'yes' | 'maybe';
}

export type PropertySchemas = Readonly<Record<string, PropertySchema>>;

export interface ResourceSchema {
  /** The properties and attributes that name a resource to Cloud Control. */
  readonly primaryIdentifier: readonly string[];
  /** The property that holds tags, and whether as a list of `{Key, Value}` or as a map. */
  readonly tags?: { readonly property: string; readonly variant: 'standard' | 'map' };
  /** What Fn::GetAtt gives; dots lead into structures. */
  readonly attributes: readonly string[];
  readonly properties: PropertySchemas;
  readonly definitions: Readonly<Record<string, PropertySchemas>>;
}
