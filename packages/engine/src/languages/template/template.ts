/*
 * A template read into its sections, each checked for AWS's structure. A template that transforms have yet to work on
 * is taken as it is: only what they leave has to be whole.
 *
 * AWS: "CloudFormation template sections", AWSCloudFormation/latest/UserGuide/template-anatomy.html
 */
import { Checker } from './check.ts';
import { readDocument } from './document.ts';
import { TemplateError } from './error.ts';
import {
  MAX_DESCRIPTION_BYTES,
  MAX_MAPPING_ATTRIBUTES,
  MAX_MAPPINGS,
  MAX_NAME_LENGTH,
  MAX_OUTPUTS,
  MAX_PARAMETERS,
  MAX_RESOURCES,
} from './limits.ts';
import { type Parameter, readParameter } from './parameters.ts';
import { functionIn, isList, isObject, type JsonObject, member, textOf, type Value } from './value.ts';

export interface Template {
  /** The template as it was given, functions in their long form. */
  readonly document: JsonObject;
  readonly description?: string;
  readonly metadata?: JsonObject;
  /** The macros of its Transform section, in their order, and those of Fn::Transform anywhere in it. */
  readonly transforms: readonly string[];
  /** Whether transforms have yet to work on it: then it can be summed up, not planned. */
  readonly unprocessed: boolean;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly mappings: JsonObject;
  readonly conditions: ReadonlyMap<string, Value>;
  readonly rules: ReadonlyMap<string, Rule>;
  readonly resources: ReadonlyMap<string, Resource>;
  readonly outputs: ReadonlyMap<string, Output>;
}

export interface Rule {
  readonly condition?: Value;
  readonly assertions: readonly { readonly assert: Value; readonly description?: string }[];
}

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

export interface Output {
  readonly value: Value;
  readonly description?: string;
  readonly exportName?: Value;
  readonly condition?: string;
}

/** What is known of a template from elsewhere. */
export interface TemplateOptions {
  /** Whether AWS::LanguageExtensions worked on it: its functions may then be called. */
  extended?: boolean;
}

/** Reads a template's text, JSON or YAML. Throws TemplateError, in AWS's words, for what CloudFormation would refuse. */
export function parseTemplate(text: string): Template {
  return readTemplate(readDocument(text));
}

const SECTIONS = new Set([
  ...['AWSTemplateFormatVersion', 'Conditions', 'Description', 'Hooks', 'Mappings', 'Metadata', 'Outputs'],
  ...['Parameters', 'Resources', 'Rules', 'Transform'],
]);

/** Reads a template that is a document already, as transforms leave one. */
export function readTemplate(document: JsonObject, { extended = false }: TemplateOptions = {}): Template {
  const transforms = transformsOf(document);
  const unprocessed = transforms.length > 0;
  const unknown = Object.keys(document).filter((name) => !SECTIONS.has(name));
  if (unknown.length > 0 && !unprocessed) {
    throw new TemplateError(`Invalid template property or properties [${unknown.join(', ')}]`);
  }
  checkVersion(document.AWSTemplateFormatVersion);
  const description = readDescription(document.Description);
  const section = <T>(name: string, rules: SectionRules, read: (name: string, value: Value) => T) =>
    readSection(document, name, rules, unprocessed, read);
  const template: Template = {
    document,
    ...(description !== undefined && { description }),
    ...(isObject(document.Metadata) && { metadata: document.Metadata }),
    transforms,
    unprocessed,
    parameters: section('Parameters', PARAMETERS, readParameter),
    mappings: readMappings(document, unprocessed),
    conditions: section('Conditions', CONDITIONS, (_name, value) => value),
    rules: section('Rules', RULES, readRule),
    resources: readResources(document, unprocessed, extended),
    outputs: section('Outputs', OUTPUTS, readOutput),
  };
  if (!unprocessed) checkCalls(template, extended);
  return template;
}

function checkVersion(version: Value | undefined): void {
  if (version === undefined || textOf(version) === '2010-09-09') return;
  throw new TemplateError(`Template format error: unsupported value for AWSTemplateFormatVersion.`);
}

function readDescription(description: Value | undefined): string | undefined {
  if (description === undefined) return undefined;
  const text = textOf(description);
  if (text === undefined) throw new TemplateError('Template format error: Description must be a string.');
  if (Buffer.byteLength(text) > MAX_DESCRIPTION_BYTES) {
    throw new TemplateError(`Template format error: Description length can not exceed ${MAX_DESCRIPTION_BYTES} bytes.`);
  }
  return text;
}

/** The names of the macros that a template declares or calls, each once. */
function transformsOf(document: JsonObject): string[] {
  const names = new Set<string>();
  const declared = member(document, 'Transform');
  for (const item of isList(declared) ? declared : declared === undefined ? [] : [declared]) {
    const name = typeof item === 'string' ? item : isObject(item) ? member(item, 'Name') : undefined;
    if (typeof name !== 'string' || name === '') {
      throw new TemplateError(
        'Template format error: Transform must be a string, a map with a Name, or a list of these.',
      );
    }
    names.add(name);
  }
  findTransforms(document, names);
  return [...names];
}

/** Adds the names that calls of Fn::Transform give; such a call stands beside other members too. */
function findTransforms(value: Value, names: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  for (const name in value) {
    const part = (value as JsonObject)[name]!;
    if (typeof part !== 'object') continue;
    for (const call of name === 'Fn::Transform' ? (isList(part) ? part : [part]) : []) {
      const macro = isObject(call) ? call.Name : undefined;
      if (typeof macro === 'string') names.add(macro);
    }
    findTransforms(part, names);
  }
}

/** How a section is called in AWS's words, and how many members it may have. */
interface SectionRules {
  readonly plural: string;
  readonly singular: string;
  readonly most?: number;
}

const PARAMETERS: SectionRules = { plural: 'parameters', singular: 'Parameter', most: MAX_PARAMETERS };
const CONDITIONS: SectionRules = { plural: 'conditions', singular: 'Condition' };
const RULES: SectionRules = { plural: 'rules', singular: 'Rule' };
const MAPPINGS: SectionRules = { plural: 'mappings', singular: 'Mapping', most: MAX_MAPPINGS };
const OUTPUTS: SectionRules = { plural: 'outputs', singular: 'Output', most: MAX_OUTPUTS };
const RESOURCES: SectionRules = { plural: 'resources', singular: 'Resource', most: MAX_RESOURCES };

/** Reads a section's members, each by `read`. A template that is not processed may have calls of macros among them. */
function readSection<T>(
  document: JsonObject,
  name: string,
  rules: SectionRules,
  unprocessed: boolean,
  read: (name: string, value: Value) => T,
): ReadonlyMap<string, T> {
  const section = member(document, name);
  if (section === undefined) return new Map();
  if (!isObject(section)) throw new TemplateError(`Template ${rules.plural} must be a map`);
  const members = new Map<string, T>();
  for (const [key, value] of Object.entries(section)) {
    if (unprocessed && isCallName(key)) continue;
    checkName(key, rules);
    members.set(key, read(key, value));
  }
  if (members.size > (rules.most ?? Number.POSITIVE_INFINITY)) {
    throw new TemplateError(
      `Template format error: Number of ${rules.plural}, ${members.size}, is greater than maximum allowed, ${rules.most}`,
    );
  }
  return members;
}

/** `Fn::Transform` and `Fn::ForEach::…` stand where a member's name is expected. */
const isCallName = (name: string) => name === 'Fn::Transform' || name.startsWith('Fn::ForEach::');

function checkName(name: string, { singular }: SectionRules): void {
  if (name.length > MAX_NAME_LENGTH) {
    throw new TemplateError(
      `Template format error: ${singular} name ${name} is longer than ${MAX_NAME_LENGTH} characters.`,
    );
  }
  if (!/^[A-Za-z0-9]+$/.test(name)) {
    throw new TemplateError(`Template format error: ${singular} name ${name} is non alphanumeric.`);
  }
}

function readMappings(document: JsonObject, unprocessed: boolean): JsonObject {
  const section = readSection(document, 'Mappings', MAPPINGS, unprocessed, (name, map) => {
    if (!unprocessed) checkMapping(name, map);
    return map;
  });
  return section.size === 0 ? {} : (document.Mappings as JsonObject);
}

function checkMapping(name: string, map: Value): void {
  if (!isObject(map)) throw new TemplateError(`Template format error: Every Mappings member ${name} must be a map`);
  const keys = Object.entries(map);
  if (keys.length > MAX_MAPPING_ATTRIBUTES) throw tooManyAttributes(keys.length);
  for (const [key, attributes] of keys) {
    if (!isObject(attributes)) {
      throw new TemplateError(`Template format error: Every Mappings member ${key} must be a map`);
    }
    const values = Object.values(attributes);
    if (values.length > MAX_MAPPING_ATTRIBUTES) throw tooManyAttributes(values.length);
    if (values.some((value) => isObject(value) || (isList(value) && value.some((item) => typeof item === 'object')))) {
      throw new TemplateError('Template format error: Every Mappings attribute must be a String or a List.');
    }
  }
}

const tooManyAttributes = (count: number) =>
  new TemplateError(
    `Template format error: Number of mapping attributes, ${count}, is greater than maximum allowed, ${MAX_MAPPING_ATTRIBUTES}`,
  );

function readRule(name: string, rule: Value): Rule {
  const assertions = isObject(rule) ? rule.Assertions : undefined;
  if (!isObject(rule) || !isList(assertions) || assertions.length === 0) {
    throw new TemplateError(`Template format error: Rule ${name} must contain a list of Assertions.`);
  }
  return {
    ...(rule.RuleCondition !== undefined && { condition: rule.RuleCondition }),
    assertions: assertions.map((assertion) => {
      if (!isObject(assertion) || assertion.Assert === undefined) {
        throw new TemplateError(
          `Template format error: Every assertion of rule ${name} must contain an Assert member.`,
        );
      }
      const description = textOf(assertion.AssertDescription);
      return { assert: assertion.Assert, ...(description !== undefined && { description }) };
    }),
  };
}

const RESOURCE_MEMBERS = new Set([
  ...['Type', 'Properties', 'Metadata', 'DependsOn', 'Condition', 'DeletionPolicy', 'UpdateReplacePolicy'],
  ...['CreationPolicy', 'UpdatePolicy', 'Description', 'Version'],
]);

function readResources(document: JsonObject, unprocessed: boolean, extended: boolean): ReadonlyMap<string, Resource> {
  const section = document.Resources;
  if (section === undefined || section === null || (isObject(section) && Object.keys(section).length === 0)) {
    throw new TemplateError('Template format error: At least one Resources member must be defined.');
  }
  return readSection(document, 'Resources', RESOURCES, unprocessed, (name, value) =>
    readResource(name, value, unprocessed || extended),
  );
}

function readResource(name: string, resource: Value, mayCall: boolean): Resource {
  const wrong = (words: string) => new TemplateError(`Template format error: [/Resources/${name}] ${words}`);
  if (!isObject(resource)) throw wrong('Any Resources member must be an object.');
  const unknown = Object.keys(resource).find((key) => !RESOURCE_MEMBERS.has(key) && !(mayCall && UNEXPANDED.test(key)));
  if (unknown !== undefined && !mayCall) throw new TemplateError(`Invalid template resource property '${unknown}'`);
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
    ...readPolicy(resource, 'DeletionPolicy', 'deletionPolicy', mayCall),
    ...readPolicy(resource, 'UpdateReplacePolicy', 'updateReplacePolicy', mayCall),
  };
}

const UNEXPANDED = /^Fn::/;

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
  mayCall: boolean,
): { [P in K]?: Value } {
  const value = member(resource, name);
  if (value === undefined) return {};
  if (typeof value === 'string') checkPolicy(name, value);
  else if (!mayCall || !functionIn(value))
    throw new TemplateError(`Template format error: Every ${name} member must be a string.`);
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

const EXPORT_NAME =
  'The Name field of every Export member must be specified and consist only of alphanumeric characters, colons, or hyphens.';

function readOutput(name: string, output: Value): Output {
  const value = isObject(output) ? member(output, 'Value') : undefined;
  if (!isObject(output) || value === undefined) {
    throw new TemplateError('Template format error: Every Outputs member must contain a Value object');
  }
  if (isList(value) || (isObject(value) && !functionIn(value))) {
    throw new TemplateError(
      `Template format error: The Value field of every Outputs member must evaluate to a String${isList(value) ? ' and not a List' : ''}.`,
    );
  }
  const { Condition: condition, Export: exported } = output;
  if (condition !== undefined && typeof condition !== 'string') {
    throw new TemplateError('Template format error: Every Condition member must be a string.');
  }
  const description = readDescription(output.Description);
  const exportName = isObject(exported) ? member(exported, 'Name') : undefined;
  if (exported !== undefined && (exportName === undefined || exportName === '' || isList(exportName))) {
    throw new TemplateError(`Template format error: Output ${name} is malformed. ${EXPORT_NAME}`);
  }
  return {
    value,
    ...(description !== undefined && { description }),
    ...(condition !== undefined && { condition }),
    ...(exportName !== undefined && { exportName }),
  };
}

/** Throws TemplateError unless an export's name, resolved, is one that AWS takes. */
export function checkExportName(output: string, name: string): void {
  if (/^[A-Za-z0-9:-]+$/.test(name) && name.length <= MAX_NAME_LENGTH) return;
  throw new TemplateError(`Template format error: Output ${output} is malformed. ${EXPORT_NAME}`);
}

/** Checks the calls of functions everywhere that they may stand. */
function checkCalls(template: Template, extended: boolean): void {
  const declared = { ...template, extended, mappings: new Set(Object.keys(template.mappings)) };
  const conditions = new Checker('Conditions', declared);
  for (const condition of template.conditions.values()) conditions.predicate(condition);
  conditions.end();
  const rules = new Checker('Rules', declared);
  for (const { condition, assertions } of template.rules.values()) {
    if (condition !== undefined) rules.predicate(condition);
    for (const { assert } of assertions) rules.predicate(assert);
  }
  rules.end();
  const resources = new Checker('Resources', declared);
  for (const resource of template.resources.values()) checkResource(resources, resource);
  resources.end();
  const outputs = new Checker('Outputs', declared);
  for (const { value, condition, exportName } of template.outputs.values()) {
    if (condition !== undefined) outputs.condition(condition);
    outputs.value(value);
    if (exportName !== undefined) outputs.value(exportName);
  }
  outputs.end();
}

function checkResource(checker: Checker, resource: Resource): void {
  if (resource.condition !== undefined) checker.condition(resource.condition);
  for (const name of resource.dependsOn) checker.resource(name);
  checker.value(resource.properties);
  for (const part of [resource.metadata, resource.creationPolicy, resource.updatePolicy]) checker.value(part ?? null);
  checker.value(resource.deletionPolicy ?? null);
  checker.value(resource.updateReplacePolicy ?? null);
}
