/* Functions of CloudFormation as SAM writes them, and how it tells and hashes values. */
import { createHash } from 'node:crypto';
import { functionIn, isList, isObject, type JsonObject, type Value } from '../template/value.ts';

/** Members that are undefined are left out. */
export type Members = { readonly [name: string]: Value | undefined };

export const ref = (id: string): JsonObject => ({ Ref: id });
export const getAtt = (id: string, attribute: string): JsonObject => ({ 'Fn::GetAtt': [id, attribute] });
export const sub = (text: string, variables?: JsonObject): JsonObject => ({
  'Fn::Sub': variables ? [text, variables] : text,
});
export const NO_VALUE = ref('AWS::NoValue');

/** Whether a value is known only when the stack is: `{"Ref": …}`, `{"Fn::…": …}`. */
export const isFunction = (value: Value | undefined): value is JsonObject => functionIn(value) !== undefined;

export const isNoValue = (value: Value | undefined): boolean => isObject(value) && value.Ref === 'AWS::NoValue';

/** The logical id that `{"Ref": id}` or `{"Fn::GetAtt": [id, …]}` names. */
export function resourceNamed(value: Value | undefined): string | undefined {
  const call = functionIn(value);
  if (call?.name === 'Ref' && typeof call.argument === 'string') return call.argument;
  if (call?.name === 'Fn::GetAtt' && isList(call.argument) && typeof call.argument[0] === 'string') {
    return call.argument[0];
  }
  return undefined;
}

/** The three arguments of `Fn::If`. */
export function branches(value: Value | undefined): readonly [string, Value, Value] | undefined {
  const call = functionIn(value);
  if (call?.name !== 'Fn::If' || !isList(call.argument) || call.argument.length !== 3) return undefined;
  const [condition, yes, no] = call.argument;
  return typeof condition === 'string' ? [condition, yes!, no!] : undefined;
}

export const choice = (condition: string, yes: Value, no: Value): JsonObject => ({ 'Fn::If': [condition, yes, no] });

/** An object of the members that are there. */
export function compact(members: Members): JsonObject {
  return Object.fromEntries(
    Object.entries(members).filter((entry): entry is [string, Value] => entry[1] !== undefined),
  );
}

export const listOf = (value: Value | undefined): readonly Value[] =>
  value === undefined ? [] : isList(value) ? value : [value];

/** Tags as the resource types of CloudFormation take them. */
export const tagList = (tags: JsonObject): JsonObject[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value: Value }));

/** The first `length` hexadecimal digits of the SHA-1 of a text, or of a value's canonical JSON. */
export function hashOf(value: Value, length = 10): string {
  const text = typeof value === 'string' ? value : canonical(value);
  return createHash('sha1').update(text).digest('hex').slice(0, length);
}

/** JSON as Python writes it: keys in order, ASCII alone. `indent` is of so many spaces, or none. */
export function canonical(value: Value, indent = 0): string {
  return JSON.stringify(sorted(value), undefined, indent).replace(
    /[\u007f-\uffff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A value with the members of its maps in the order of their names. */
export function sorted(value: Value): Value {
  if (isList(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, part]) => [name, sorted(part)]));
}
