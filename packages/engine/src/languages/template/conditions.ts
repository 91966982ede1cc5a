/*
 * The functions that come to true or false: of the Conditions section, and those that Rules have besides.
 *
 * AWS: AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html and
 * intrinsic-function-reference-rules.html
 */
import { TemplateError } from './error.ts';
import { resolveValue } from './resolve.ts';
import type { Scope } from './scope.ts';
import { functionIn, isList, textOf, type Value } from './value.ts';

interface Predicate {
  check(argument: Value): void;
  evaluate(argument: Value, scope: Scope): boolean;
  readonly onlyInRules?: true;
}

/** Whether a condition holds, given as a call of one of the functions here. Throws TemplateError in AWS's words. */
export function evaluateCondition(value: Value, scope: Scope): boolean {
  const called = functionIn(value);
  const predicate = called && PREDICATES.get(called.name);
  if (!called || !predicate) throw new TemplateError(NO_CONDITION);
  predicate.check(called.argument);
  return predicate.evaluate(called.argument, scope);
}

export const NO_CONDITION =
  'Template format error: Conditions can only be boolean operations on parameters and other conditions';

const isPredicate = (value: Value) => PREDICATES.has(functionIn(value)?.name ?? '');

function demand(holds: boolean, words: string): asserts holds {
  if (!holds) throw new TemplateError(words);
}

/** `Fn::And` and `Fn::Or`, which take two to ten conditions. */
function combination(name: string, evaluate: (parts: readonly Value[], scope: Scope) => boolean): Predicate {
  const words = `Template error: every ${name} object requires a list of at least 2 and at most 10 boolean parameters.`;
  return {
    check(argument) {
      demand(isList(argument) && argument.length >= 2 && argument.length <= 10 && argument.every(isPredicate), words);
    },
    evaluate: (argument, scope) => evaluate(argument as readonly Value[], scope),
  };
}

const NOT = 'Template error: every Fn::Not object requires one boolean parameter.';

const not: Predicate = {
  check: (argument) => demand(isList(argument) && argument.length === 1 && argument.every(isPredicate), NOT),
  evaluate: (argument, scope) => !evaluateCondition((argument as readonly Value[])[0]!, scope),
};

const EQUALS = 'Template error: every Fn::Equals object requires a list of 2 string parameters.';

const equals: Predicate = {
  check: (argument) => demand(isList(argument) && argument.length === 2 && !argument.some(isList), EQUALS),
  evaluate(argument, scope) {
    const [left, right] = (argument as readonly Value[]).map((part) => textOf(resolveValue(part, scope)));
    demand(left !== undefined && right !== undefined, EQUALS);
    return left === right;
  },
};

const CONDITION = 'Template format error: Every Condition member must be a string.';

const named: Predicate = {
  check: (argument) => demand(typeof argument === 'string', CONDITION),
  evaluate: (argument, scope) => scope.holds(argument as string),
};

/** A rule's function of two operands, of which some are lists of texts. */
function membership(
  name: string,
  operands: string,
  evaluate: (left: Value, right: Value) => boolean | undefined,
): Predicate {
  const words = `Template error: every ${name} object requires ${operands}.`;
  return {
    onlyInRules: true,
    check: (argument) => demand(isList(argument) && argument.length === 2, words),
    evaluate(argument, scope) {
      const [left, right] = (argument as readonly Value[]).map((part) => resolveValue(part, scope));
      const holds = left === undefined || right === undefined ? undefined : evaluate(left, right);
      demand(holds !== undefined, words);
      return holds;
    },
  };
}

/** The texts of a list; undefined where it is none. */
function textsOf(value: Value): (string | undefined)[] | undefined {
  return isList(value) ? value.map(textOf) : undefined;
}

const contains = membership('Fn::Contains', 'a list of strings and a string', (list, value) =>
  textsOf(list)?.includes(textOf(value)),
);
const eachMemberEquals = membership('Fn::EachMemberEquals', 'a list of strings and a string', (list, value) =>
  textsOf(list)?.every((text) => text === textOf(value)),
);
const eachMemberIn = membership('Fn::EachMemberIn', 'two lists of strings', (list, other) => {
  const allowed = textsOf(other);
  return allowed && textsOf(list)?.every((text) => allowed.includes(text));
});

/** By name, the functions that come to true or false. */
export const PREDICATES: ReadonlyMap<string, Predicate> = new Map([
  ['Condition', named],
  ['Fn::And', combination('Fn::And', (parts, scope) => parts.every((part) => evaluateCondition(part, scope)))],
  ['Fn::Contains', contains],
  ['Fn::EachMemberEquals', eachMemberEquals],
  ['Fn::EachMemberIn', eachMemberIn],
  ['Fn::Equals', equals],
  ['Fn::Not', not],
  ['Fn::Or', combination('Fn::Or', (parts, scope) => parts.some((part) => evaluateCondition(part, scope)))],
]);
