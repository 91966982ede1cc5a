/*
 * What a value of a template refers to: parameters, pseudo parameters and resources, by Ref, Fn::GetAtt and Fn::Sub.
 * From them follow the order of creation and what a change brings with it.
 */
import { attributePath } from './document.ts';
import { namesIn, splitName, substitution } from './substitution.ts';
import { functionIn, isList, member, type Value } from './value.ts';

export interface Reference {
  /** The name of a parameter, a pseudo parameter or a resource. */
  readonly id: string;
  /** Of a resource, what it is asked for; undefined for `Ref`, and where a function names the attribute. */
  readonly attribute?: string;
  readonly by: 'Ref' | 'Fn::GetAtt' | 'Fn::Sub';
}

/**
 * Calls `visit` for each reference in a value, in its order. Of an Fn::If only the branch that `holds` chooses is
 * looked at; both, when it is absent.
 */
export function visitReferences(
  value: Value,
  visit: (reference: Reference) => void,
  holds?: (condition: string) => boolean,
): void {
  if (typeof value !== 'object' || value === null) return;
  if (isList(value)) {
    for (const item of value) visitReferences(item, visit, holds);
    return;
  }
  const called = functionIn(value);
  if (called) visitFunction(called.name, called.argument, visit, holds);
  else for (const name in value) visitReferences((value as Record<string, Value>)[name]!, visit, holds);
}

function visitFunction(
  name: string,
  argument: Value,
  visit: (reference: Reference) => void,
  holds?: (condition: string) => boolean,
): void {
  if (name === 'Ref' && typeof argument === 'string') {
    visit({ id: argument, by: 'Ref' });
  } else if (name === 'Fn::GetAtt') {
    visitAttribute(argument, visit, holds);
  } else if (name === 'Fn::Sub') {
    const { text, variables } = substitution(argument);
    for (const variable of namesIn(text)) {
      if (member(variables, variable) === undefined) visit({ ...splitName(variable), by: 'Fn::Sub' });
    }
    visitReferences(variables, visit, holds);
  } else if (name === 'Fn::If' && holds && isList(argument) && typeof argument[0] === 'string') {
    visitReferences(argument[holds(argument[0]) ? 1 : 2]!, visit, holds);
  } else {
    visitReferences(argument, visit, holds);
  }
}

function visitAttribute(
  argument: Value,
  visit: (reference: Reference) => void,
  holds?: (condition: string) => boolean,
): void {
  const path = typeof argument === 'string' ? attributePath(argument) : argument;
  if (!isList(path)) return;
  const [id, attribute] = path;
  if (typeof id === 'string') {
    visit({ id, by: 'Fn::GetAtt', ...(typeof attribute === 'string' && { attribute }) });
  }
  for (const part of path) visitReferences(part, visit, holds);
}
