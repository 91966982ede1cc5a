/*
 * A template read into its sections, each checked for AWS's structure. A template that transforms have yet to work on
 * is taken as it is: only what they leave has to be whole.
 *
 * AWS: "CloudFormation template sections", AWSCloudFormation/latest/UserGuide/template-anatomy.html
 */
import { Checker } from './check.ts';
import { readDescription } from './description.ts';
import { readDocument } from './document.ts';
import { TemplateError } from './error.ts';
import { MAX_MAPPINGS, MAX_OUTPUTS, MAX_PARAMETERS, MAX_RESOURCES } from './limits.ts';
import { checkMapping } from './mapping.ts';
import { type Output, readOutput } from './output.ts';
import { type Parameter, readParameter } from './parameters.ts';
import { type Resource, readResource } from './resource.ts';
import { type Rule, readRule } from './rule.ts';
import { readSection, type SectionRules } from './section.ts';
import { isList, isObject, type JsonObject, member, textOf, type Value } from './value.ts';

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
  readonly mappings: ReadonlyMap<string, Value>;
  readonly conditions: ReadonlyMap<string, Value>;
  readonly rules: ReadonlyMap<string, Rule>;
  readonly resources: ReadonlyMap<string, Resource>;
  readonly outputs: ReadonlyMap<string, Output>;
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

const PARAMETERS: SectionRules = {
  section: 'Parameters',
  plural: 'parameters',
  singular: 'Parameter',
  most: MAX_PARAMETERS,
};
const CONDITIONS: SectionRules = { section: 'Conditions', plural: 'conditions', singular: 'Condition' };
const RULES: SectionRules = { section: 'Rules', plural: 'rules', singular: 'Rule' };
const MAPPINGS: SectionRules = { section: 'Mappings', plural: 'mappings', singular: 'Mapping', most: MAX_MAPPINGS };
const OUTPUTS: SectionRules = { section: 'Outputs', plural: 'outputs', singular: 'Output', most: MAX_OUTPUTS };
const RESOURCES: SectionRules = {
  section: 'Resources',
  plural: 'resources',
  singular: 'Resource',
  most: MAX_RESOURCES,
};

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
  const section = <T>(rules: SectionRules, read: (name: string, value: Value) => T) =>
    readSection(document, rules, unprocessed, read);
  const mappings = section(MAPPINGS, (name, map) => {
    if (!unprocessed) checkMapping(name, map);
    return map;
  });
  const template: Template = {
    document,
    ...(description !== undefined && { description }),
    ...(isObject(document.Metadata) && { metadata: document.Metadata }),
    transforms,
    unprocessed,
    parameters: section(PARAMETERS, readParameter),
    mappings,
    conditions: section(CONDITIONS, (_name, value) => value),
    rules: section(RULES, readRule),
    resources: section(RESOURCES, (name, value) => readResource(name, value, { unprocessed, extended })),
    outputs: section(OUTPUTS, readOutput),
  };
  if (template.resources.size === 0 && !unprocessed) {
    throw new TemplateError('Template format error: At least one Resources member must be defined.');
  }
  if (!unprocessed) checkCalls(template, extended);
  return template;
}

function checkVersion(version: Value | undefined): void {
  if (version === undefined || textOf(version) === '2010-09-09') return;
  throw new TemplateError(`Template format error: unsupported value for AWSTemplateFormatVersion.`);
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

/** Checks the calls of functions everywhere that they may stand. */
function checkCalls(template: Template, extended: boolean): void {
  const declared = { ...template, extended };
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
