/*
 * The Policies of a function or a state machine: AWS's managed policies by name, others by ARN, documents, and SAM's
 * policy templates, alone or as the branches of a condition.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-templates.html
 */
import { isList, isObject, type JsonObject, type Value } from '../template/value.ts';
import { SamFault } from './error.ts';
import type { Expansion } from './expansion.ts';
import facts from './facts.generated.json' with { type: 'json' };
import { branches, choice, isFunction, isNoValue, listOf } from './values.ts';

/** A policy as roles take it: by ARN, or a document in them. */
export type Policy = { readonly managed: Value } | { readonly inline: JsonObject };

interface PolicyTemplate {
  readonly parameters: readonly string[];
  readonly document: Value;
}

const TEMPLATES = new Map<string, PolicyTemplate>(Object.entries(facts.policyTemplates));

const MANAGED = new Map(
  Object.entries(facts.managedPolicies).flatMap(([path, names]) =>
    names.split(' ').map((name): [string, string] => [name, path === '' ? name : `${path}/${name}`]),
  ),
);

/** Those of a resource's Policies. `roleId` names the documents: `HelloRolePolicy0`. */
export function readPolicies(expansion: Expansion, id: string, roleId: string, given: Value | undefined): Policy[] {
  if (isNoValue(given)) return [];
  return listOf(given).map((policy, index) => {
    const named = (document: Value): JsonObject => ({
      PolicyName: `${roleId}Policy${index}`,
      PolicyDocument: document,
    });
    return readPolicy(expansion, policy, named, (words) => SamFault.ofResource(id, words), index);
  });
}

type Fault = (words: string) => SamFault;

function readPolicy(
  expansion: Expansion,
  policy: Value,
  named: (document: Value) => JsonObject,
  fault: Fault,
  index: number,
): Policy {
  const either = branches(policy);
  if (either) {
    const [condition, ...values] = either;
    const [yes, no] = values.map((value) =>
      isNoValue(value) ? undefined : readPolicy(expansion, value, named, fault, index),
    );
    const isInline = [yes, no].some((branch) => branch && 'inline' in branch);
    const [first, second] = [yes, no].map((branch, at) => (branch ? Object.values(branch)[0]! : values[at]!));
    const both = choice(condition, first!, second!);
    return isInline ? { inline: both } : { managed: both };
  }
  if (typeof policy === 'string') return { managed: managedArn(expansion, policy) };
  if (isFunction(policy)) return { managed: policy };
  if (isObject(policy) && Object.hasOwn(policy, 'Statement')) return { inline: named(policy) };
  const document = isObject(policy) ? fromTemplate(policy, fault) : undefined;
  if (document === undefined) throw fault(`Policy at index ${index} in the 'Policies' property is not valid`);
  return { inline: named(document) };
}

function managedArn(expansion: Expansion, name: string): Value {
  const path = MANAGED.get(name);
  return path === undefined ? name : expansion.managedPolicyArn(path);
}

/** The document that `{Name: {parameters}}` stands for; undefined where that is no template's name. */
function fromTemplate(policy: JsonObject, fault: Fault): Value | undefined {
  const [name, ...more] = Object.keys(policy);
  const template = name === undefined || more.length > 0 ? undefined : TEMPLATES.get(name);
  if (!template) return undefined;
  const values = policy[name!];
  if (!isObject(values)) throw fault(`Must specify valid parameter values for policy template '${name}'`);
  const missing = template.parameters.filter((parameter) => !Object.hasOwn(values, parameter));
  if (missing.length > 0) {
    const list = missing.map((parameter) => `'${parameter}'`).join(', ');
    throw fault(`Following required parameters of template '${name}' don't have values: [${list}]`);
  }
  return fillIn(template.document, values);
}

/** A template's document, with values where it refers to its parameters. */
function fillIn(value: Value, values: JsonObject): Value {
  if (isList(value)) return value.map((part) => fillIn(part, values));
  if (!isObject(value)) return value;
  if (typeof value.Ref === 'string') return values[value.Ref] ?? value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, fillIn(part, values)]));
}

export const allow = (Action: Value, Resource: Value): JsonObject => ({ Action, Effect: 'Allow', Resource });

/** A document that allows actions on a resource, as SAM writes it where it makes one. */
export function allowing(PolicyName: string, Action: Value, Resource: Value): Policy {
  return { inline: { PolicyName, PolicyDocument: { Statement: [allow(Action, Resource)] } } };
}
