/*
 * The intrinsic functions: what shape their arguments have, and what they come to. A shape is checked when a template
 * is read, where an argument may still be another function's call; and again when it is resolved, since what that call
 * came to may not fit.
 *
 * AWS: "Intrinsic function reference",
 * AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
import { cidrBlocks } from './cidr.ts';
import { attributePath } from './document.ts';
import { TemplateError } from './error.ts';
import type { Scope } from './scope.ts';
import { splitName, substitute, substitution } from './substitution.ts';
import { functionIn, isList, isObject, member, textOf, type Value } from './value.ts';

/** Stands for what is not known before a resource is made, as DescribeChangeSet shows it. */
export const KNOWN_AFTER_APPLY = '{{changeSet:KNOWN_AFTER_APPLY}}';

/** What a function came to; undefined for AWS::NoValue. */
export type Result = Value | undefined;

export interface IntrinsicFunction {
  /** Throws TemplateError, in AWS's words, unless the argument has the function's shape. */
  check(argument: Value): void;
  /** Resolves a call. `resolve` is the way to resolve what stands in its argument. */
  evaluate(argument: Value, scope: Scope, resolve: (value: Value) => Result): Result;
  /** Only templates with `Transform: AWS::LanguageExtensions` may call it. */
  readonly extension?: true;
  readonly onlyInRules?: true;
}

const isCall = (value: Value | undefined) => functionIn(value) !== undefined;
const isText = (value: Value | undefined) => textOf(value) !== undefined;
const mayBeText = (value: Value | undefined) => isText(value) || isCall(value);
const mayBeList = (value: Value | undefined) => isList(value) || isCall(value);
const isUnknown = (value: Result) => typeof value === 'string' && value.includes(KNOWN_AFTER_APPLY);

function demand(holds: boolean, words: string): asserts holds {
  if (!holds) throw new TemplateError(words);
}

const pair = (value: Value, first: (part: Value) => boolean, second: (part: Value) => boolean) =>
  isList(value) && value.length === 2 && first(value[0]!) && second(value[1]!);

/** A function of one text. */
function ofText(name: string, toValue: (text: string, scope: Scope) => Result): IntrinsicFunction {
  const words = `Template error: every ${name} object must have a String-typed value.`;
  return {
    check: (argument) => demand(mayBeText(argument), words),
    evaluate(argument, scope, resolve) {
      const text = textOf(resolve(argument));
      demand(text !== undefined, words);
      return isUnknown(text) ? KNOWN_AFTER_APPLY : toValue(text, scope);
    },
  };
}

const REF = 'Template error: every Ref object must have a single String value.';

const ref: IntrinsicFunction = {
  check: (argument) => demand(mayBeText(argument), REF),
  evaluate(argument, scope, resolve) {
    const name = textOf(resolve(argument));
    demand(name !== undefined, REF);
    return scope.reference(name);
  },
};

const GET_ATT =
  'Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute';

const getAtt: IntrinsicFunction = {
  check(argument) {
    const path = typeof argument === 'string' ? attributePath(argument) : argument;
    demand(pair(path, isNameOrCall, isNameOrCall), GET_ATT);
  },
  evaluate(argument, scope, resolve) {
    const path = typeof argument === 'string' ? attributePath(argument) : argument;
    demand(isList(path), GET_ATT);
    const [id, attribute] = path.map((part) => textOf(resolve(part)));
    demand(id !== undefined && attribute !== undefined, GET_ATT);
    return scope.attribute(id, attribute);
  },
};

const isNameOrCall = (value: Value) => value !== '' && mayBeText(value);

const sub: IntrinsicFunction = {
  check: (argument) => void substitution(argument),
  evaluate(argument, scope, resolve) {
    const { text, variables } = substitution(argument);
    return substitute(text, (name) => {
      const own = member(variables, name);
      const value = own === undefined ? scope.named(splitName(name)) : resolve(own);
      const substitute = textOf(value);
      demand(
        substitute !== undefined,
        `Template error: variable ${name} in Fn::Sub expression does not resolve to a string`,
      );
      return scope.counted(substitute);
    });
  },
};

const JOIN =
  'Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to ' +
  'be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.';

const join: IntrinsicFunction = {
  check: (argument) => demand(pair(argument, isText, mayBeList), JOIN),
  evaluate(argument, _scope, resolve) {
    demand(isList(argument), JOIN);
    const list = resolve(argument[1]!);
    if (isUnknown(list)) return KNOWN_AFTER_APPLY;
    demand(isList(list) && list.every(isText), JOIN);
    return list.map(textOf).join(textOf(argument[0]));
  },
};

const SPLIT =
  'Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split ' +
  'or a function that returns a string to be split.';

const split: IntrinsicFunction = {
  check: (argument) =>
    demand(
      pair(argument, (part) => isText(part) && part !== '', mayBeText),
      SPLIT,
    ),
  evaluate(argument, _scope, resolve) {
    demand(isList(argument), SPLIT);
    const text = textOf(resolve(argument[1]!));
    demand(text !== undefined, SPLIT);
    return isUnknown(text) ? KNOWN_AFTER_APPLY : text.split(textOf(argument[0])!);
  },
};

const SELECT = 'Template error: Fn::Select requires a list argument with two elements: an integer index and a list';

const select: IntrinsicFunction = {
  check: (argument) =>
    demand(
      pair(argument, (index) => isIndex(index) || isCall(index), mayBeList),
      SELECT,
    ),
  evaluate(argument, _scope, resolve) {
    demand(isList(argument), SELECT);
    const [index, list] = [resolve(argument[0]!), resolve(argument[1]!)];
    if (isUnknown(list) || isUnknown(index)) return KNOWN_AFTER_APPLY;
    demand(isIndex(index) && isList(list), SELECT);
    const value = list[Number(index)];
    demand(value !== undefined, `Template error: Fn::Select  cannot select nonexistent value at index ${index}`);
    return value;
  },
};

const isIndex = (value: Result) => /^\d{1,9}$/.test(textOf(value) ?? '');

const FIND_IN_MAP =
  'Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for ' +
  'return value';

const findInMap: IntrinsicFunction = {
  check(argument) {
    demand(isList(argument) && (argument.length === 3 || argument.length === 4), FIND_IN_MAP);
    demand(argument.slice(0, 3).every(mayBeText), FIND_IN_MAP);
    const [, , , options] = argument;
    demand(options === undefined || (isObject(options) && 'DefaultValue' in options), FIND_IN_MAP);
  },
  evaluate(argument, scope, resolve) {
    demand(isList(argument), FIND_IN_MAP);
    const keys = argument.slice(0, 3).map((key) => textOf(resolve(key)));
    demand(
      keys.every((key) => key !== undefined),
      FIND_IN_MAP,
    );
    if (keys.some(isUnknown)) return KNOWN_AFTER_APPLY;
    const found = scope.mapping(keys[0]!, keys[1]!, keys[2]!);
    if (found !== undefined) return found;
    const fallback = isObject(argument[3]) ? member(argument[3], 'DefaultValue') : undefined;
    demand(fallback !== undefined, `Template error: Unable to get mapping for ${keys.join('::')}`);
    return resolve(fallback);
  },
};

const CIDR =
  'Template error: every Fn::Cidr object requires two or three parameters, (1) an IP address block, (2) the number of ' +
  'CIDRs to generate and (3) the number of subnet bits';

const cidr: IntrinsicFunction = {
  check(argument) {
    demand(isCall(argument) || (isList(argument) && argument.length >= 2 && argument.length <= 3), CIDR);
    demand(!isList(argument) || argument.every(mayBeText), CIDR);
  },
  evaluate(argument, _scope, resolve) {
    const parts = resolve(argument);
    demand(isList(parts), CIDR);
    if (parts.some(isUnknown)) return KNOWN_AFTER_APPLY;
    const [block, count, bits] = parts.map(textOf);
    demand(block !== undefined && count !== undefined, CIDR);
    return cidrBlocks(block, Number(count), bits === undefined ? undefined : Number(bits));
  },
};

const IF = 'Template error: Fn::If requires a list argument with three elements';

const condition: IntrinsicFunction = {
  check(argument) {
    demand(isList(argument) && argument.length === 3, IF);
    demand(
      typeof argument[0] === 'string',
      'Template error: Fn::If requires a list argument with the first element being a condition',
    );
  },
  evaluate(argument, scope, resolve) {
    demand(isList(argument), IF);
    return resolve(argument[scope.holds(argument[0] as string) ? 1 : 2]!);
  },
};

const LENGTH = 'Template error: every Fn::Length object requires a list, or a function that returns a list';

const length: IntrinsicFunction = {
  extension: true,
  check: (argument) => demand(mayBeList(argument), LENGTH),
  evaluate(argument, _scope, resolve) {
    const list = resolve(argument);
    if (isUnknown(list)) return KNOWN_AFTER_APPLY;
    demand(isList(list), LENGTH);
    return list.length;
  },
};

const TO_JSON = 'Template error: every Fn::ToJsonString object requires an object or an array';

const toJsonString: IntrinsicFunction = {
  extension: true,
  check: (argument) => demand(isObject(argument) || isList(argument), TO_JSON),
  evaluate(argument, _scope, resolve) {
    const value = resolve(argument);
    demand(value !== undefined, TO_JSON);
    return JSON.stringify(value);
  },
};

const base64 = ofText('Fn::Base64', (text) => Buffer.from(text).toString('base64'));
const getAZs = ofText('Fn::GetAZs', (region, scope) => scope.availabilityZones(region));
const importValue = ofText('Fn::ImportValue', (name, scope) => scope.importValue(name));

const refAll: IntrinsicFunction = {
  ...ofText('Fn::RefAll', (type, scope) => scope.valuesOfType(type)),
  onlyInRules: true,
};

/** Fn::ValueOf and Fn::ValueOfAll ask for attributes of EC2's and Route 53's resources, of which there are none. */
function attributeOfParameter(name: string): IntrinsicFunction {
  return {
    onlyInRules: true,
    check(argument) {
      const words = `Template error: every ${name} object requires a list of 2 string parameters.`;
      demand(pair(argument, isText, isText), words);
    },
    evaluate(argument) {
      const [parameter, attribute] = argument as readonly Value[];
      throw new TemplateError(`Template error: ${name} cannot find the attribute ${attribute} of ${parameter}`);
    },
  };
}

const transform: IntrinsicFunction = {
  check(argument) {
    const words = 'Template error: every Fn::Transform object requires a Name, and Parameters that are a map';
    demand(isObject(argument) && typeof argument.Name === 'string', words);
    demand(argument.Parameters === undefined || isObject(argument.Parameters), words);
  },
  evaluate(argument) {
    const name = isObject(argument) ? textOf(argument.Name) : undefined;
    throw new TemplateError(`Transform ${name} has not been processed.`);
  },
};

/** The functions that may stand wherever a value is resolved. */
export const FUNCTIONS: ReadonlyMap<string, IntrinsicFunction> = new Map([
  ['Ref', ref],
  ['Fn::Base64', base64],
  ['Fn::Cidr', cidr],
  ['Fn::FindInMap', findInMap],
  ['Fn::GetAtt', getAtt],
  ['Fn::GetAZs', getAZs],
  ['Fn::If', condition],
  ['Fn::ImportValue', importValue],
  ['Fn::Join', join],
  ['Fn::Length', length],
  ['Fn::RefAll', refAll],
  ['Fn::Select', select],
  ['Fn::Split', split],
  ['Fn::Sub', sub],
  ['Fn::ToJsonString', toJsonString],
  ['Fn::Transform', transform],
  ['Fn::ValueOf', attributeOfParameter('Fn::ValueOf')],
  ['Fn::ValueOfAll', attributeOfParameter('Fn::ValueOfAll')],
]);
