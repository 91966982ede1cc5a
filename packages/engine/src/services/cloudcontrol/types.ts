/*
 * Resource types as Cloud Control sees them: by their schema's identifiers, with their properties as JSON.
 * https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/resource-identifier.html
 */
import { AwsError } from '../../kernel/errors.ts';
import type { Host, KnownType, Properties, ResourceInstance } from '../../kernel/service.ts';
import { conform, unsupportedProperties } from '../../languages/resource-schema/index.ts';

/** The type of a name. Throws AWS's error. */
export function typeOf(host: Host, name: string): KnownType {
  const type = host.resourceType(name);
  if (type) return type;
  throw new AwsError(
    'TypeNotFoundException',
    `The type '${name}' cannot be found: Carillon has no such resource type.`,
  );
}

/** The resource that an identifier names: its parts, joined by `|`, are its type's identifying properties. */
export function instanceOf({ name, schema, type }: KnownType, identifier: string): ResourceInstance {
  const names = schema.primaryIdentifier;
  const parts = names.length === 1 ? [identifier] : identifier.split('|');
  if (parts.length !== names.length) {
    throw invalid(
      `Identifier ${identifier} is not valid for identifier [${names.map((each) => `/properties/${each}`).join(', ')}] of ${name}`,
    );
  }
  const properties = Object.fromEntries(names.map((each, index) => [each, parts[index]!]));
  return { physicalId: type.physicalId?.(properties) ?? identifier, properties };
}

/** The identifier of a resource, from all that can be read of it. */
export function identifierOf({ schema }: KnownType, read: Properties, physicalId: string): string {
  const parts = schema.primaryIdentifier.map((name) => read[name]);
  return parts.includes(undefined) ? physicalId : parts.join('|');
}

/** Properties brought to the types of the schema. Throws AWS's error for those that do not fit or that Carillon lacks. */
export function checkProperties({ name, schema, type }: KnownType, given: Properties): Properties {
  const { properties, problems } = conform(schema, given);
  if (problems.length > 0) throw invalid(`Model validation failed (${problems.join(', ')})`);
  const lacking = unsupportedProperties(schema, type.properties, properties);
  if (lacking.length > 0) throw invalid(`Carillon does not support ${lacking.join(', ')} of ${name}`);
  return properties;
}

/** JSON that a client gives as text: an object. */
export function readProperties(text: string, what: string): Properties {
  const value = readJson(text, what);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`${what} is not a JSON object`);
  return value;
}

export function readJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(`${what} is not valid JSON`);
  }
}

export function invalid(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

export function notFound(type: string, identifier: string): AwsError {
  return new AwsError(
    'ResourceNotFoundException',
    `Resource of type '${type}' with identifier '${identifier}' was not found.`,
  );
}
