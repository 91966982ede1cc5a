/*
 * What surrounds a template's functions in a stack: parameters, pseudo parameters, mappings, conditions, and what is
 * known of resources so far.
 */
import { PSEUDO_PARAMETERS } from './check.ts';
import { evaluateCondition } from './conditions.ts';
import { TemplateError } from './error.ts';
import { MAX_DEPTH, MAX_RESOLVED_LENGTH } from './limits.ts';
import type { ParameterValue } from './parameters.ts';
import type { Scope } from './scope.ts';
import type { Template } from './template.ts';
import { isList, isObject, member, type Value } from './value.ts';

/** What a stack knows beside its template. */
export interface StackInputs {
  readonly parameters: ReadonlyMap<string, ParameterValue>;
  readonly accountId: string;
  readonly region: string;
  readonly partition: string;
  readonly urlSuffix: string;
  readonly stackId: string;
  readonly stackName: string;
  readonly notificationArns: readonly string[];
  /** The zones of a region, for Fn::GetAZs. */
  availabilityZones(region: string): readonly string[];
  /** What another stack exports under a name, for Fn::ImportValue; undefined where none does. */
  importValue(name: string): string | undefined;
}

/**
 * What a resource is referred to by: `attribute` is undefined for `Ref`. Gives KNOWN_AFTER_APPLY for what is not known
 * yet, and undefined for an attribute that the resource does not have.
 */
export type Attributes = (id: string, attribute?: string) => Value | undefined;

/** Makes scopes that differ in what is known of resources; what conditions come to is kept for all. */
export function createScopes(
  template: Template,
  inputs: StackInputs,
  conditions: Map<string, boolean>,
): (attributes: Attributes) => Scope {
  const pseudo = pseudoParameters(inputs);
  const underway: string[] = [];
  return (attributes) => {
    let length = 0;
    const reference = (id: string): Value | undefined => {
      const parameter = inputs.parameters.get(id);
      if (parameter) return parameter.reference;
      return PSEUDO_PARAMETERS.has(id) ? pseudo[id] : found(attributes(id), id);
    };
    const attribute = (id: string, name: string): Value =>
      found(attributes(id, name), id, `${id} does not support attribute type ${name} in Fn::GetAtt`);
    const scope: Scope = {
      reference,
      attribute,
      named: (name) => (name.attribute === undefined ? reference(name.id) : attribute(name.id, name.attribute)),
      holds(name) {
        const known = conditions.get(name);
        if (known !== undefined) return known;
        const definition = template.conditions.get(name);
        if (definition === undefined)
          throw new TemplateError(`Template error: unresolved condition dependency ${name} in Fn::If`);
        if (underway.length > MAX_DEPTH) {
          throw new TemplateError(`Template error: conditions name each other more than ${MAX_DEPTH} deep.`);
        }
        if (underway.includes(name)) {
          throw new TemplateError(
            `Template error: Found circular condition dependency between ${underway.at(-1)} and ${name}`,
          );
        }
        underway.push(name);
        try {
          const holds = evaluateCondition(definition, scope);
          conditions.set(name, holds);
          return holds;
        } finally {
          underway.pop();
        }
      },
      mapping(map, topLevelKey, secondLevelKey) {
        const keys = template.mappings.get(map);
        const attributes = isObject(keys) ? member(keys, topLevelKey) : undefined;
        return isObject(attributes) ? member(attributes, secondLevelKey) : undefined;
      },
      availabilityZones: (region) => inputs.availabilityZones(region === '' ? inputs.region : region),
      importValue(name) {
        const value = inputs.importValue(name);
        if (value === undefined) throw new TemplateError(`No export named ${name} found.`);
        return value;
      },
      valuesOfType: (type) =>
        [...template.parameters]
          .filter(([, parameter]) => parameter.type === type || parameter.type === `List<${type}>`)
          .flatMap(([name]) => inputs.parameters.get(name)?.reference ?? []),
      counted(value) {
        length += lengthOf(value);
        if (length > MAX_RESOLVED_LENGTH)
          throw new TemplateError('Template error: the template resolves to too much text.');
        return value;
      },
    };
    return scope;
  };
}

/** Characters of a text or of a list of texts. */
function lengthOf(value: Value | undefined): number {
  if (isList(value)) return value.reduce<number>((sum, item) => sum + lengthOf(item), 0);
  return typeof value === 'string' ? value.length : 1;
}

function found(value: Value | undefined, id: string, words = `${id} is not known`): Value {
  if (value !== undefined) return value;
  throw new TemplateError(`Template error: resource ${words}`);
}

function pseudoParameters(inputs: StackInputs): Readonly<Record<string, Value | undefined>> {
  return {
    'AWS::AccountId': inputs.accountId,
    'AWS::NotificationARNs': inputs.notificationArns,
    'AWS::NoValue': undefined,
    'AWS::Partition': inputs.partition,
    'AWS::Region': inputs.region,
    'AWS::StackId': inputs.stackId,
    'AWS::StackName': inputs.stackName,
    'AWS::URLSuffix': inputs.urlSuffix,
  };
}
