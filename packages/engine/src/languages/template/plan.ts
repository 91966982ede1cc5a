/*
 * A template with its parameters known: which conditions hold, which resources there are, what each waits for, and what
 * their properties and the outputs come to, as far as other resources are known.
 */
import { evaluateCondition } from './conditions.ts';
import { TemplateError } from './error.ts';
import { KNOWN_AFTER_APPLY } from './functions.ts';
import { checkAcyclic } from './graph.ts';
import { checkExportName } from './output.ts';
import { visitReferences } from './references.ts';
import { resolveValue } from './resolve.ts';
import { checkPolicy, type Resource } from './resource.ts';
import type { Scope } from './scope.ts';
import { type Attributes, createScopes, type StackInputs } from './stack-scope.ts';
import type { Template } from './template.ts';
import { isObject, type JsonObject, textOf } from './value.ts';

export interface PlannedResource {
  readonly id: string;
  readonly type: string;
  readonly declaration: Resource;
  /** The resources that have to be there before it, by DependsOn and by reference. */
  readonly dependsOn: ReadonlySet<string>;
  readonly deletionPolicy?: string;
  readonly updateReplacePolicy?: string;
}

export interface ResolvedResource {
  readonly properties: JsonObject;
  readonly metadata?: JsonObject;
  readonly creationPolicy?: JsonObject;
  readonly updatePolicy?: JsonObject;
}

export interface ResolvedOutput {
  readonly key: string;
  readonly value: string;
  readonly description?: string;
  readonly exportName?: string;
}

export interface Plan {
  /** Every condition, and whether it holds. */
  readonly conditions: ReadonlyMap<string, boolean>;
  /** The resources that there are to be, in the template's order: those whose condition holds. */
  readonly resources: ReadonlyMap<string, PlannedResource>;
  /** What a resource comes to. Throws TemplateError in AWS's words. */
  resolveResource(id: string, attributes: Attributes): ResolvedResource;
  /** What the outputs come to: those whose condition holds. */
  resolveOutputs(attributes: Attributes): ResolvedOutput[];
}

/**
 * Plans a stack. Throws TemplateError, in AWS's words, when a rule is broken, when something refers to a resource whose
 * condition does not hold, and when resources wait for each other in a circle.
 */
export function planStack(template: Template, inputs: StackInputs): Plan {
  const conditions = new Map<string, boolean>();
  const scope = createScopes(template, inputs, conditions);
  const early = scope(() => undefined);
  checkRules(template, early);
  for (const name of template.conditions.keys()) early.holds(name);
  const resources = planResources(template, early);
  checkOutputs(template, resources, early);
  return {
    conditions,
    resources,
    resolveResource: (id, attributes) => resolveResource(template.resources.get(id)!, scope(attributes)),
    resolveOutputs: (attributes) => resolveOutputs(template, scope(attributes)),
  };
}

function checkRules(template: Template, scope: Scope): void {
  for (const [name, { condition, assertions }] of template.rules) {
    if (condition !== undefined && !evaluateCondition(condition, scope)) continue;
    for (const { assert, description } of assertions) {
      if (evaluateCondition(assert, scope)) continue;
      throw new TemplateError(`Rule ${name} failed${description === undefined ? '.' : `: ${description}`}`);
    }
  }
}

function planResources(template: Template, scope: Scope): ReadonlyMap<string, PlannedResource> {
  const exists = ({ condition }: Resource) => condition === undefined || scope.holds(condition);
  const existing = [...template.resources].filter(([, declaration]) => exists(declaration));
  const ids = new Set(existing.map(([id]) => id));
  const missing = new Set<string>();
  const planned = new Map<string, PlannedResource>();
  for (const [id, declaration] of existing) {
    const dependsOn = dependenciesOf(template, declaration, ids, missing, scope);
    planned.set(id, {
      id,
      type: declaration.type,
      declaration,
      dependsOn,
      ...policyOf(declaration, 'deletionPolicy', 'DeletionPolicy', scope),
      ...policyOf(declaration, 'updateReplacePolicy', 'UpdateReplacePolicy', scope),
    });
  }
  if (missing.size > 0) throw unresolved(missing, 'Resources');
  checkAcyclic(planned);
  return planned;
}

const unresolved = (names: ReadonlySet<string>, section: string) =>
  new TemplateError(
    `Template format error: Unresolved resource dependencies [${[...names].join(', ')}] in the ${section} block of the template`,
  );

/** A DependsOn on a resource whose condition does not hold is passed over, as on AWS; a reference to one is wrong. */
function dependenciesOf(
  template: Template,
  declaration: Resource,
  existing: ReadonlySet<string>,
  missing: Set<string>,
  scope: Scope,
): ReadonlySet<string> {
  const dependencies = new Set(declaration.dependsOn.filter((id) => existing.has(id)));
  const { properties, metadata, creationPolicy, updatePolicy } = declaration;
  for (const part of [properties, metadata, creationPolicy, updatePolicy]) {
    if (!part) continue;
    visitReferences(
      part,
      ({ id }) => {
        if (!template.resources.has(id)) return;
        if (existing.has(id)) dependencies.add(id);
        else missing.add(id);
      },
      scope.holds,
    );
  }
  return dependencies;
}

function policyOf<K extends 'deletionPolicy' | 'updateReplacePolicy'>(
  declaration: Resource,
  key: K,
  name: string,
  scope: Scope,
): { [P in K]?: string } {
  const declared = declaration[key];
  const value = declared === undefined ? undefined : resolveValue(declared, scope);
  if (value === undefined) return {};
  if (typeof value !== 'string')
    throw new TemplateError(`Template format error: Every ${name} member must be a string.`);
  checkPolicy(name, value);
  return { [key]: value } as { [P in K]?: string };
}

function checkOutputs(template: Template, resources: ReadonlyMap<string, unknown>, scope: Scope): void {
  const missing = new Set<string>();
  for (const { value, exportName, condition } of template.outputs.values()) {
    if (condition !== undefined && !scope.holds(condition)) continue;
    for (const part of [value, exportName ?? null]) {
      visitReferences(
        part,
        ({ id }) => {
          if (template.resources.has(id) && !resources.has(id)) missing.add(id);
        },
        scope.holds,
      );
    }
  }
  if (missing.size > 0) throw unresolved(missing, 'Outputs');
}

function resolveResource(resource: Resource, scope: Scope): ResolvedResource {
  const { properties, metadata, creationPolicy, updatePolicy } = resource;
  return {
    properties: resolveObject(properties, scope),
    ...(metadata && { metadata: resolveObject(metadata, scope) }),
    ...(creationPolicy && { creationPolicy: resolveObject(creationPolicy, scope) }),
    ...(updatePolicy && { updatePolicy: resolveObject(updatePolicy, scope) }),
  };
}

function resolveObject(object: JsonObject, scope: Scope): JsonObject {
  const resolved = resolveValue(object, scope);
  return isObject(resolved) ? resolved : {};
}

function resolveOutputs(template: Template, scope: Scope): ResolvedOutput[] {
  const outputs: ResolvedOutput[] = [];
  for (const [key, { value, description, exportName, condition }] of template.outputs) {
    if (condition !== undefined && !scope.holds(condition)) continue;
    const resolved = resolveValue(value, scope);
    if (resolved === undefined) continue;
    const text = textOf(resolved);
    if (text === undefined) {
      throw new TemplateError(
        'Template format error: The Value field of every Outputs member must evaluate to a String and not a List.',
      );
    }
    const name = exportName === undefined ? undefined : (textOf(resolveValue(exportName, scope)) ?? '');
    if (name !== undefined && !name.includes(KNOWN_AFTER_APPLY)) checkExportName(key, name);
    outputs.push({
      key,
      value: text,
      ...(description !== undefined && { description }),
      ...(name !== undefined && { exportName: name }),
    });
  }
  return outputs;
}
