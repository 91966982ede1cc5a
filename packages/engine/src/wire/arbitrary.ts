/* For tests: any value that a shape allows, as fast-check generates it, within what a place on the wire can hold. */
import fc from 'fast-check';
import { dateOf } from '../kernel/clock.ts';
import type { Member, Shape } from './model.ts';

/** Where a value travels. */
type Place = 'tree' | 'xml' | 'form' | 'header' | 'query' | 'label';

/** The deepest that optional members are generated. */
const MAX_DEPTH = 4;

const TOKEN = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_~'), minLength: 1, maxLength: 12 });

const STRINGS: Readonly<Record<Place, fc.Arbitrary<string>>> = {
  tree: fc.string({ unit: 'grapheme', maxLength: 12 }),
  xml: fc.string({ unit: fc.constantFrom(...'aZ09 <>&"\'é漢😀;='), maxLength: 12 }).map((text) => `x${text}x`),
  form: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  header: fc.string({ unit: fc.constantFrom(...'aZ09 /+=,"()'), maxLength: 12 }).map((text) => `x${text}x`),
  query: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  label: fc.string({ unit: fc.constantFrom(..."aZ09 :/+%?#&é漢$@!'()*"), maxLength: 12 }).map((text) => `x${text}x`),
};

export interface Arbitraries {
  /** The place of members without a binding of their own. */
  readonly body: 'tree' | 'xml' | 'form';
  /** Members of the outermost structure that are not generated as their shape alone would have it. */
  readonly fixed?: Readonly<Record<string, fc.Arbitrary<unknown>>>;
  /** Members that the client makes something else of, by name. */
  readonly omit?: RegExp;
}

/** Any value of a structure. */
export function valuesOf(shape: Shape, options: Arbitraries): fc.Arbitrary<Record<string, unknown>> {
  return structure(shape, options.body, 0, options);
}

function structure(shape: Shape, place: Place, depth: number, options: Arbitraries) {
  if (shape.kind === 'unit') return fc.constant({});
  const members = shape.members.filter(
    (member) => (depth <= MAX_DEPTH || member.required) && !options.omit?.test(member.name),
  );
  if (shape.kind === 'union') {
    return fc.oneof(
      ...shape.members.map((member) => fc.record({ [member.name]: value(member, place, depth, options) })),
    );
  }
  const fields = Object.fromEntries(members.map((member) => [member.name, value(member, place, depth, options)]));
  const requiredKeys = members.filter(isAlwaysThere).map((member) => member.name);
  const record = fc.record(fields, { requiredKeys });
  // What is empty leaves no trace in a form or in flattened XML.
  return depth === 0 || place === 'tree' || members.length === 0
    ? record
    : record.filter((fields) => Object.keys(fields).length > 0);
}

/** Required members, and those that a client adds or reads by itself. */
function isAlwaysThere({ required, traits }: Member): boolean {
  const { idempotencyToken, httpResponseCode, httpPayload, httpPrefixHeaders } = traits;
  return required || Boolean(idempotencyToken || httpResponseCode || httpPayload || httpPrefixHeaders);
}

function value(member: Member, around: Place, depth: number, options: Arbitraries): fc.Arbitrary<unknown> {
  const fixed = depth === 0 ? options.fixed?.[member.name] : undefined;
  if (fixed) return fixed;
  const { shape, traits } = member;
  const place = placeOf(member, around);
  if (traits.httpResponseCode) return fc.integer({ min: 200, max: 203 });
  if (traits.httpPrefixHeaders !== undefined)
    return fc.dictionary(
      TOKEN.map((key) => `k${key.toLowerCase()}`),
      STRINGS.header,
      { minKeys: 1, maxKeys: 3 },
    );
  if (traits.httpPayload && shape.kind === 'string') return fc.string({ unit: 'grapheme', minLength: 1 });
  if (traits.httpPayload && shape.kind === 'blob') return fc.uint8Array({ minLength: 1, maxLength: 40 });
  return simpleOrMany(member, shape, place, depth + 1, options);
}

function placeOf({ traits }: Member, around: Place): Place {
  if (traits.httpHeader !== undefined) return 'header';
  if (traits.httpQuery !== undefined || traits.httpQueryParams) return 'query';
  return traits.httpLabel ? 'label' : around;
}

function simpleOrMany(
  member: Member,
  shape: Shape,
  place: Place,
  depth: number,
  options: Arbitraries,
): fc.Arbitrary<unknown> {
  const minLength = place === 'tree' ? 0 : 1;
  switch (shape.kind) {
    case 'boolean':
      return fc.boolean();
    case 'number':
      return member.constraint?.type === 'double' && place === 'tree'
        ? fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0)
        : fc.integer();
    case 'timestamp':
      return moments(shape, place);
    case 'blob':
      return fc.uint8Array({ minLength, maxLength: 20 });
    case 'document':
      return fc.jsonValue({ maxDepth: 2 }).filter((json) => json !== null);
    case 'list':
      return fc.array(simpleOrMany(shape.value, shape.value.shape, place, depth + 1, options), {
        minLength,
        maxLength: depth > MAX_DEPTH ? minLength : 3,
      });
    case 'map':
      return fc.dictionary(TOKEN, simpleOrMany(shape.value, shape.value.shape, place, depth + 1, options), {
        minKeys: minLength,
        maxKeys: depth > MAX_DEPTH ? minLength : 3,
        noNullPrototype: true,
      });
    case 'structure':
    case 'union':
      return fc.memo(() => structure(shape, place, depth, options))();
    default:
      return STRINGS[place];
  }
}

function moments(shape: Shape, place: Place): fc.Arbitrary<unknown> {
  const isWhole =
    shape.format === 'http-date' || (shape.format === undefined && place === 'header') || place === 'query';
  return isWhole
    ? fc.integer({ min: 0, max: 7_000_000_000 }).map((seconds) => dateOf(seconds * 1000))
    : fc.integer({ min: 0, max: 7_000_000_000_000 }).map((ms) => dateOf(ms));
}
