/*
 * Why an event does not match a pattern: which fields are not met, what they have instead, and how near that comes.
 */
import { Alternative } from './alternative.ts';
import { accepts, type Comparison } from './comparison.ts';
import { Findings, FoundField } from './findings.ts';
import { isMet, type Leaf } from './leaf.ts';
import { PathNode } from './paths.ts';
import type { EventPattern, Field } from './pattern.ts';
import { Scanner } from './scanner.ts';
import { similarName } from './similar.ts';
import { NUMBER, STRING, type Value } from './value.ts';

/** The most values of a field that are told. */
const MAX_VALUES = 20;
/** The most characters of a value that are told and compared. */
const MAX_TEXT = 256;

/** Why a field is not met. */
export type Reason =
  /** The event has no value there. */
  | 'missing'
  /** The event has one, and must not. */
  | 'present'
  /** A string where a number or word of the same text is asked for, or the other way round. */
  | 'type'
  /** The right text but for upper and lower case. */
  | 'case'
  /** Another value. */
  | 'value';

export interface FieldExplanation {
  /** The names that lead to the field, joined by dots. */
  readonly path: string;
  /** What the pattern asks for, as it was written: an array. */
  readonly wanted: string;
  /** The event's values as JSON, long ones cut; at most 20. */
  readonly found: readonly string[];
  readonly isMet: boolean;
  /** From 0 for nothing alike to 1 for met. */
  readonly nearness: number;
  /** Why it is not met. */
  readonly reason?: Reason;
  /** Where a field is missing: the part of its path that the event has. */
  readonly reached?: string;
  /** Where a field is missing: a name that the event has in its stead, such as `detailType` for `detail-type`. */
  readonly similar?: string;
}

/** One of the alternatives that `$or` makes; a pattern without has one. */
export interface AlternativeExplanation {
  readonly isMet: boolean;
  /** The mean of its fields' nearness. */
  readonly nearness: number;
  /** Whether all fields are met, but only by different elements of the same array. */
  readonly onlyApart: boolean;
  readonly fields: readonly FieldExplanation[];
}

export interface Explanation {
  readonly matches: boolean;
  /** The nearest first. */
  readonly alternatives: readonly AlternativeExplanation[];
}

/** Tells how an event, as JSON text, stands to a pattern. Throws EventError when it is not a JSON object. */
export function explain(pattern: EventPattern, event: Buffer | string): Explanation {
  const tree = new PathNode<FoundField>();
  const asked = pattern.alternatives.map((fields) => fields.map((field) => ({ field, leaf: leafOf(tree, field) })));
  const scanner = new Scanner<FoundField>();
  scanner.scan(event, tree);
  const findings = new Findings(scanner);
  findings.collect();
  const document = JSON.parse(event.toString()) as unknown;
  const alternatives = asked.map((parts) => {
    const fields = parts.map(({ field, leaf }) => explainField(field, leaf, findings, document));
    const isMet = new Alternative(parts.map(({ leaf }) => leaf)).isMet(findings);
    const onlyApart = !isMet && fields.every((field) => field.isMet);
    const nearness = fields.reduce((sum, field) => sum + field.nearness, 0) / fields.length;
    return { isMet, nearness, onlyApart, fields };
  });
  alternatives.sort((one, other) => Number(other.isMet) - Number(one.isMet) || other.nearness - one.nearness);
  return { matches: alternatives[0]!.isMet, alternatives };
}

function leafOf(tree: PathNode<FoundField>, { path, comparisons }: Field): Leaf {
  const node = tree.make(path);
  node.field ??= new FoundField();
  const optional = comparisons.some((comparison) => comparison.is === 'absent');
  return { node, field: node.field, comparisons, optional, scan: 0, met: false };
}

function explainField(field: Field, leaf: Leaf, findings: Findings, document: unknown): FieldExplanation {
  const values = leaf.field.values.slice(0, Math.min(findings.countOf(leaf.field), MAX_VALUES));
  const found = values.map((index) => jsonOf(findings.value(index)));
  const told = { path: field.path, wanted: field.text, found };
  if (isMet(leaf, findings)) return { ...told, isMet: true, nearness: 1 };
  if (values.length === 0) {
    const names = field.path.split('.');
    const { reached, similar } = follow(document, names);
    const nearness = ((reached.length + (similar ? 0.5 : 0)) / names.length) * MOST_WITHOUT;
    const at = reached.join('.');
    return { ...told, isMet: false, reason: 'missing', nearness, reached: at, ...(similar && { similar }) };
  }
  const distances = values.flatMap((index) =>
    leaf.comparisons.map((comparison) => distanceOf(comparison, findings.value(index))),
  );
  const nearest = distances.reduce((best, other) => (other.nearness > best.nearness ? other : best));
  return { ...told, isMet: false, ...nearest };
}

/** The nearness of what is not met: at most so much with a value of the field, and without one. */
const MOST_WITH = 0.9;
const MOST_WITHOUT = 0.5;

function distanceOf(comparison: Comparison, value: Value): { reason: Reason; nearness: number } {
  if (comparison.is === 'absent') return { reason: 'present', nearness: MOST_WITHOUT };
  const wanted = 'text' in comparison ? comparison.text : '';
  const text = value.text.slice(0, MAX_TEXT);
  if (isOfOtherType(comparison, value)) {
    return { reason: 'type', nearness: text === wanted.replace(/^= /, '') ? MOST_WITH : 0 };
  }
  if (comparison.is === 'between') return { reason: 'value', nearness: nearnessOfNumber(comparison, value) };
  const upper = value.set(
    STRING,
    Buffer.from(text.toUpperCase()),
    0,
    Buffer.byteLength(text.toUpperCase()),
    Number.NaN,
  );
  if ('bytes' in comparison && wanted !== '') {
    const raised = { ...comparison, bytes: Buffer.from(wanted.toUpperCase()) };
    if (accepts(raised, upper)) return { reason: 'case', nearness: MOST_WITH };
  }
  return { reason: 'value', nearness: MOST_WITH * likeness(wanted, text) };
}

function isOfOtherType(comparison: Comparison, value: Value): boolean {
  if (comparison.is === 'between' || comparison.is === 'digits') return value.kind !== NUMBER;
  if (comparison.is === 'word') return value.kind === STRING || value.kind === NUMBER;
  return comparison.is !== 'anything-but' && value.kind !== STRING;
}

/** How near a number comes to a range, by the size of both. */
function nearnessOfNumber({ from, to }: { from: number; to: number }, { micros }: Value): number {
  if (Number.isNaN(micros)) return 0;
  const gap = Math.max(from - micros, micros - to);
  const size = Math.max(Math.abs(micros), Math.min(Math.abs(from), Math.abs(to)), 1);
  return MOST_WITH * Math.max(0, 1 - gap / (2 * size));
}

/** The share of a text that both begin and end with. */
function likeness(wanted: string, text: string): number {
  const shorter = Math.min(wanted.length, text.length);
  let start = 0;
  while (start < shorter && wanted[start] === text[start]) start++;
  let end = 0;
  while (end < shorter - start && wanted.at(-1 - end) === text.at(-1 - end)) end++;
  return (start + end) / Math.max(wanted.length, text.length, 1);
}

/** How far a path goes in an event, and the name it might go on by. */
function follow(document: unknown, names: readonly string[]): { reached: string[]; similar?: string } {
  let at = [document];
  for (const [index, name] of names.entries()) {
    const objects = at.flat(MAX_FLAT_DEPTH).filter((value) => typeof value === 'object' && value !== null) as object[];
    const next = objects.filter((object) => Object.hasOwn(object, name));
    if (next.length === 0) {
      const similar = similarName(
        name,
        objects.flatMap((object) => Object.keys(object)),
      );
      return { reached: names.slice(0, index), ...(similar !== undefined && { similar }) };
    }
    at = next.map((object) => (object as Record<string, unknown>)[name]);
  }
  return { reached: [...names] };
}

/** Arrays within arrays that are looked into for names. */
const MAX_FLAT_DEPTH = 10;

function jsonOf(value: Value): string {
  if (value.kind !== STRING) return value.text.slice(0, MAX_TEXT);
  const { text } = value;
  return JSON.stringify(text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);
}
