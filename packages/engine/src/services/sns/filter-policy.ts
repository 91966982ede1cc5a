/*
 * Filter policies: event patterns over a message's attributes, or over its body.
 *
 * Developer Guide, "Amazon SNS subscription filter policies" and "Filter policy constraints in Amazon SNS".
 */
import { type EventPattern, EventPatternError, parsePattern } from '../../languages/event-pattern/index.ts';
import { AttributeError, readObject } from './errors.ts';
import type { Attributes } from './message-attributes.ts';

export type FilterPolicyScope = 'MessageAttributes' | 'MessageBody';

const LARGEST_BYTES = 262_144;
const MOST_KEYS = 5;
const MOST_COMBINATIONS = 150;
/** How deep a policy may nest, by our own measure: with 150 combinations none of AWS's comes near. */
const MOST_LEVELS = 200;

/** What the policy among a subscription's attributes looks at. */
export function scopeOf(attributes: Readonly<Record<string, string>>): FilterPolicyScope {
  return (attributes.FilterPolicyScope as FilterPolicyScope | undefined) ?? 'MessageAttributes';
}

/** Throws AttributeError, in AWS's words. */
export function checkScope(value: string): void {
  if (value === 'MessageAttributes' || value === 'MessageBody') return;
  throw new AttributeError(
    `FilterPolicyScope: Invalid value [${value || 'null'}]. Please use either MessageBody or MessageAttributes`,
  );
}

/** Whether a policy says nothing: such a one takes away the one before. */
export function isEmptyPolicy(text: string): boolean {
  return text === '' || Object.keys(readObject('FilterPolicy', text)).length === 0;
}

/** Reads a policy. Throws AttributeError, in AWS's words. */
export function readFilterPolicy(text: string, scope: FilterPolicyScope): EventPattern {
  if (Buffer.byteLength(text) > LARGEST_BYTES) throw invalid('Filter policy is too large');
  const policy = readObject('FilterPolicy', text);
  checkLevels(policy, MOST_LEVELS);
  const keys = Object.keys(policy).filter((key) => key !== '$or');
  if (scope === 'MessageAttributes') checkFlat(policy);
  if (keys.length > MOST_KEYS) throw invalid(`Filter policy can not have more than ${MOST_KEYS} keys`);
  if (combinations(policy, 1) > MOST_COMBINATIONS) throw invalid('Filter policy is too complex');
  try {
    return parsePattern(text, LARGEST_BYTES);
  } catch (error) {
    if (!(error instanceof EventPatternError)) throw error;
    throw invalid(error.reason);
  }
}

function invalid(reason: string): AttributeError {
  return new AttributeError(`FilterPolicy: ${reason}`);
}

function checkLevels(value: unknown, levels: number): void {
  if (typeof value !== 'object' || value === null) return;
  if (levels === 0) throw invalid('Filter policy is too complex');
  for (const inner of Object.values(value)) checkLevels(inner, levels - 1);
}

/** Attributes hold no others. */
function checkFlat(policy: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(policy)) {
    if (key === '$or' && Array.isArray(value)) value.filter(isObject).forEach(checkFlat);
    else if (isObject(value)) {
      throw invalid('Filter policy scope MessageAttributes does not support nested filter policy');
    }
  }
}

/** The values of every key times its depth, multiplied; of alternatives, their sum. */
function combinations(policy: Record<string, unknown>, depth: number): number {
  return Object.entries(policy).reduce((product, [key, value]) => {
    if (isObject(value)) return product * combinations(value, depth + 1);
    if (!Array.isArray(value)) return product;
    if (key !== '$or' || !value.every(isObject)) return product * value.length * depth;
    return product * value.reduce((sum, alternative) => sum + combinations(alternative, depth), 0);
  }, 1);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Attributes as the JSON text that policies are matched with; binary ones are not looked at. */
export function attributesAsEvent(attributes: Attributes): string {
  const fields = Object.entries(attributes).flatMap(([name, { DataType, StringValue }]) => {
    if (StringValue === undefined) return [];
    return [`${JSON.stringify(name)}:${jsonOf(DataType, StringValue)}`];
  });
  return `{${fields.join()}}`;
}

function jsonOf(dataType: string, text: string): string {
  if (dataType === 'String.Array') return arrayOf(text);
  if (!dataType.startsWith('Number')) return JSON.stringify(text);
  return /^-?(0|[1-9]\d*)(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? text : JSON.stringify(Number(text));
}

/** What is no array of plain values is matched as the text that it is. */
function arrayOf(text: string): string {
  try {
    const items = JSON.parse(text);
    if (Array.isArray(items) && items.every((item) => typeof item !== 'object' || item === null)) return text;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return JSON.stringify(text);
}
