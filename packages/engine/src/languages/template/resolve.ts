/* Resolves a value of a template: calls its functions, and leaves out what comes to AWS::NoValue. */
import { FUNCTIONS, type Result } from './functions.ts';
import type { Scope } from './scope.ts';
import { functionIn, isList, setMember, type Value } from './value.ts';

/** A value with its functions resolved; undefined when it is AWS::NoValue. Throws TemplateError in AWS's words. */
export function resolveValue(value: Value, scope: Scope): Result {
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return resolveList(value, scope);
  const called = functionIn(value);
  const definition = called && FUNCTIONS.get(called.name);
  if (called && definition) {
    return scope.counted(definition.evaluate(called.argument, scope, (part) => resolveValue(part, scope)));
  }
  const resolved: Record<string, Value> = {};
  for (const name in value) {
    const result = resolveValue((value as Record<string, Value>)[name]!, scope);
    if (result !== undefined) setMember(resolved, name, result);
  }
  return resolved;
}

function resolveList(list: readonly Value[], scope: Scope): Value[] {
  const resolved: Value[] = [];
  for (const item of list) {
    const result = resolveValue(item, scope);
    if (result !== undefined) resolved.push(result);
  }
  return resolved;
}
