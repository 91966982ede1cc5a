/*
 * The Condition element: a table of comparisons, and how an operator's name changes one (negated, `…IfExists`,
 * `ForAllValues:`, `ForAnyValue:`).
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
import { BlockList, isIPv4, isIPv6 } from 'node:net';
import { secondsOf } from './moment.ts';
import type { Condition } from './policy.ts';
import { compile, covers, coversArn, substitute, type Variables } from './wildcard.ts';

/** What a request brings, by lower-case key. */
export type Context = ReadonlyMap<string, readonly string[]>;

/** Whether a value of the policy and one of the request agree. */
type Comparison = (wanted: string, given: string, variables: Variables | undefined) => boolean;

const equal: Comparison = (wanted, given, variables) => substitute(wanted, variables) === given;

const like: Comparison = (wanted, given, variables) => {
  const pattern = compile(wanted, variables);
  return pattern !== undefined && covers(pattern, given);
};

const arnLike: Comparison = (wanted, given, variables) => {
  const pattern = compile(wanted, variables);
  return pattern !== undefined && coversArn(pattern, given);
};

const numbers =
  (holds: (given: number, wanted: number) => boolean): Comparison =>
  (wanted, given) =>
    holds(numberOf(given), numberOf(wanted));

const dates =
  (holds: (given: number, wanted: number) => boolean): Comparison =>
  (wanted, given) =>
    holds(secondsOf(given), secondsOf(wanted));

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  StringEquals: equal,
  StringEqualsIgnoreCase: (wanted, given, variables) =>
    substitute(wanted, variables)?.toLowerCase() === given.toLowerCase(),
  StringLike: like,
  NumericEquals: numbers((given, wanted) => given === wanted),
  NumericLessThan: numbers((given, wanted) => given < wanted),
  NumericLessThanEquals: numbers((given, wanted) => given <= wanted),
  NumericGreaterThan: numbers((given, wanted) => given > wanted),
  NumericGreaterThanEquals: numbers((given, wanted) => given >= wanted),
  DateEquals: dates((given, wanted) => given === wanted),
  DateLessThan: dates((given, wanted) => given < wanted),
  DateLessThanEquals: dates((given, wanted) => given <= wanted),
  DateGreaterThan: dates((given, wanted) => given > wanted),
  DateGreaterThanEquals: dates((given, wanted) => given >= wanted),
  Bool: (wanted, given, variables) => substitute(wanted, variables)?.toLowerCase() === given.toLowerCase(),
  BinaryEquals: (wanted, given) => Buffer.from(wanted, 'base64').equals(Buffer.from(given, 'base64')),
  IpAddress: (wanted, given) => rangeOf(wanted)?.check(given, isIPv6(given) ? 'ipv6' : 'ipv4') ?? false,
  ArnEquals: arnLike,
  ArnLike: arnLike,
};

/** Negated operators and what they negate. */
const NEGATIONS: Readonly<Record<string, string>> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  NumericNotEquals: 'NumericEquals',
  DateNotEquals: 'DateEquals',
  NotIpAddress: 'IpAddress',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
};

interface Operator {
  readonly quantifier: 'ForAllValues' | 'ForAnyValue' | undefined;
  readonly compare: Comparison;
  readonly negated: boolean;
  readonly ifExists: boolean;
}

/** Whether the policy language has an operator of this name. */
export function isOperator(name: string): boolean {
  return name === 'Null' || operatorOf(name) !== undefined;
}

function operatorOf(name: string): Operator | undefined {
  const match = /^(?:(ForAllValues|ForAnyValue):)?([A-Za-z]+?)(IfExists)?$/.exec(name);
  if (!match) return undefined;
  const [, quantifier, base, ifExists] = match;
  const positive = Object.hasOwn(NEGATIONS, base!) ? NEGATIONS[base!]! : base!;
  if (!Object.hasOwn(COMPARISONS, positive)) return undefined;
  return {
    quantifier: quantifier as Operator['quantifier'],
    compare: COMPARISONS[positive]!,
    negated: positive !== base,
    ifExists: ifExists !== undefined,
  };
}

/** Whether a condition is met. An operator unknown here is never met. */
export function isMet({ operator: name, key, values }: Condition, context: Context, variables?: Variables): boolean {
  const given = context.get(key.toLowerCase()) ?? [];
  if (name === 'Null') return values.some((value) => (value.toLowerCase() === 'true') === (given.length === 0));
  const operator = operatorOf(name);
  if (!operator) return false;
  const { quantifier, compare, negated, ifExists } = operator;
  if (given.length === 0) return ifExists || quantifier === 'ForAllValues' || (negated && quantifier === undefined);
  const agrees = (each: string) => values.some((value) => compare(value, each, variables)) !== negated;
  const all = quantifier === 'ForAllValues' || (quantifier === undefined && negated);
  return all ? given.every(agrees) : given.some(agrees);
}

function numberOf(text: string): number {
  return /^[+-]?\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
}

/** An address range in CIDR form; an address alone is a range of one. */
function rangeOf(text: string): BlockList | undefined {
  const [address = '', prefix] = text.split('/');
  const family = isIPv4(address) ? 'ipv4' : isIPv6(address) ? 'ipv6' : undefined;
  const bits = family === 'ipv4' ? 32 : 128;
  const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (!family || !(length <= bits)) return undefined;
  const range = new BlockList();
  range.addSubnet(address, length, family);
  return range;
}
