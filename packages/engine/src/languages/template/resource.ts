/*
 * The Resources section: what each resource is declared to be.
 * AWS: AWSCloudFormation/latest/UserGuide/resources-section-structure.html, and
 * AWSCloudFormation/latest/TemplateReference/aws-product-attribute-reference.html
 */
import { TemplateError } from './error.ts';
import { functionIn, isList, isObject, type JsonObject, member, type Value } from './value.ts';

export interface Resource {
  readonly type: string;
  readonly properties: JsonObject;
  readonly metadata?: JsonObject;
  readonly condition?: string;
  readonly dependsOn: readonly string[];
  /** A policy's name; with AWS::LanguageExtensions a function that comes to one. */
  readonly deletionPolicy?: Value;
  readonly updateReplacePolicy?: Value;
  readonly creationPolicy?: JsonObject;
  readonly updatePolicy?: JsonObject;
}

const RESOURCE_MEMBERS = new Set([
  ...['Type', 'Properties', 'Metadata', 'DependsOn', 'Condition', 'DeletionPolicy', 'UpdateReplacePolicy'],
  ...['CreationPolicy', 'UpdatePolicy', 'Description', 'Version'],
]);

/** Whether transforms have yet to work on the template, and whether AWS::LanguageExtensions has. */
export interface Processing {
  readonly unprocessed: boolean;
  readonly extended: boolean;
}

/** Reads a member of the section. */
export function readResource(name: string, resource: Value, processing: Processing): Resource {
  const wrong = (words: string) => new TemplateError(`Template format error: [/Resources/${name}] ${words}`);
  if (!isObject(resource)) throw wrong('Any Resources member must be an object.');
  const unknown = Object.keys(resource).find((key) => !RESOURCE_MEMBERS.has(key));
  if (unknown !== undefined && !processing.unprocessed) {
    throw new TemplateError(`Invalid template resource property '${unknown}'`);
  }
  const type = member(resource, 'Type');
  if (type === undefined) throw wrong('Every Resources object must contain a Type member.');
  if (typeof type !== 'string') throw wrong('Every Type member must be a string.');
  const { Properties: properties = {}, Condition: condition } = resource;
  if (!isObject(properties)) throw wrong('Every Properties member must be an object.');
  if (condition !== undefined && typeof condition !== 'string') {
    throw new TemplateError('Template format error: Every Condition member must be a string.');
  }
  return {
    type,
    properties,
    dependsOn: readDependsOn(resource.DependsOn),
    ...(condition !== undefined && { condition }),
    ...readObject(resource, 'Metadata', 'metadata', wrong),
    ...readObject(resource, 'CreationPolicy', 'creationPolicy', wrong),
    ...readObject(resource, 'UpdatePolicy', 'updatePolicy', wrong),
    ...readPolicy(resource, 'DeletionPolicy', 'deletionPolicy', processing),
    ...readPolicy(resource, 'UpdateReplacePolicy', 'updateReplacePolicy', processing),
  };
}

function readObject<K extends 'metadata' | 'creationPolicy' | 'updatePolicy'>(
  resource: JsonObject,
  name: string,
  key: K,
  wrong: (words: string) => TemplateError,
): { [P in K]?: JsonObject } {
  const value = member(resource, name);
  if (value === undefined) return {};
  if (!isObject(value)) throw wrong(`Every ${name} member must be an object.`);
  return { [key]: value } as { [P in K]?: JsonObject };
}

function readPolicy<K extends 'deletionPolicy' | 'updateReplacePolicy'>(
  resource: JsonObject,
  name: string,
  key: K,
  { unprocessed, extended }: Processing,
): { [P in K]?: Value } {
  const value = member(resource, name);
  if (value === undefined) return {};
  if (typeof value === 'string') checkPolicy(name, value);
  else if (!(unprocessed || extended) || !functionIn(value)) {
    throw new TemplateError(`Template format error: Every ${name} member must be a string.`);
  }
  return { [key]: value } as { [P in K]?: Value };
}

const POLICIES: Readonly<Record<string, readonly string[]>> = {
  DeletionPolicy: ['Delete', 'Retain', 'RetainExceptOnCreate', 'Snapshot'],
  UpdateReplacePolicy: ['Delete', 'Retain', 'Snapshot'],
};

/** Throws TemplateError unless a DeletionPolicy or an UpdateReplacePolicy is one of AWS's. */
export function checkPolicy(name: string, value: string): void {
  if (POLICIES[name]!.includes(value)) return;
  throw new TemplateError(`Template format error: Unrecognized ${name} ${value}`);
}

function readDependsOn(value: Value | undefined): readonly string[] {
  if (value === undefined) return [];
  const names = isList(value) ? value : [value];
  if (names.some((name) => typeof name !== 'string')) {
    throw new TemplateError('Template format error: Every DependsOn value must be a string.');
  }
  return names as readonly string[];
}
