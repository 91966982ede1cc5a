/*
 * What a pattern asks of a value, as data: parsed once, compared with the bytes of many events, told to the user by
 * `explain`.
 *
 * AWS: "Comparison operators", EventBridge/latest/userguide/eb-create-pattern-operators.html
 */
import { type Block, holds } from './address.ts';
import { endOfLetters, endsWithLetters, type Letter } from './letters.ts';
import { NUMBER, STRING, type Value, WORD } from './value.ts';
import { matchesWildcard, type Wildcard } from './wildcard.ts';

export type Comparison =
  /** A string, byte for byte. */
  | { readonly is: 'string'; readonly text: string; readonly bytes: Buffer }
  /** `true`, `false` or `null`. */
  | { readonly is: 'word'; readonly text: string; readonly bytes: Buffer }
  /** A number between two bounds, both included; in millionths. */
  | { readonly is: 'between'; readonly text: string; readonly from: number; readonly to: number }
  /** A number too large to be compared but by its text. */
  | { readonly is: 'digits'; readonly text: string; readonly bytes: Buffer }
  | { readonly is: 'prefix' | 'suffix'; readonly text: string; readonly bytes: Buffer }
  | {
      readonly is: 'equals-ignore-case' | 'prefix-ignore-case' | 'suffix-ignore-case';
      readonly text: string;
      readonly letters: readonly Letter[];
    }
  | { readonly is: 'wildcard'; readonly text: string; readonly parts: Wildcard }
  /** A string that is an IP address of a block; the exact address, too, in whatever way it is written. */
  | { readonly is: 'cidr'; readonly text: string; readonly block: Block }
  /** Any value at all, even null. */
  | { readonly is: 'exists' }
  /** No value: not a matter of values, so none is accepted. */
  | { readonly is: 'absent' }
  /** A value that none of these accepts. */
  | { readonly is: 'anything-but'; readonly of: readonly Comparison[] };

/** Whether a value is what a comparison asks for. */
export function accepts(comparison: Comparison, value: Value): boolean {
  switch (comparison.is) {
    case 'string':
      return value.kind === STRING && stands(comparison.bytes, value, value.start, value.end);
    case 'between': {
      const micros = value.micros;
      return micros >= comparison.from && micros <= comparison.to;
    }
    case 'word':
      return value.kind === WORD && stands(comparison.bytes, value, value.start, value.end);
    case 'digits':
      return value.kind === NUMBER && stands(comparison.bytes, value, value.start, value.end);
    case 'exists':
      return true;
    case 'absent':
      return false;
    case 'anything-but':
      return !comparison.of.some((other) => accepts(other, value));
    case 'cidr': {
      const address = value.address;
      return address !== undefined && holds(comparison.block, address);
    }
    default:
      return value.kind === STRING && acceptsText(comparison, value);
  }
}

function acceptsText(comparison: Comparison, value: Value): boolean {
  const { bytes, start, end } = value;
  switch (comparison.is) {
    case 'prefix':
      return stands(comparison.bytes, value, start, start + comparison.bytes.length);
    case 'suffix':
      return stands(comparison.bytes, value, end - comparison.bytes.length, end);
    case 'equals-ignore-case':
      return endOfLetters(comparison.letters, bytes, start, end) === end;
    case 'prefix-ignore-case':
      return endOfLetters(comparison.letters, bytes, start, end) >= 0;
    case 'suffix-ignore-case':
      return endsWithLetters(comparison.letters, bytes, start, end);
    case 'wildcard':
      return matchesWildcard(comparison.parts, value.slice);
    default:
      return false;
  }
}

/** Whether the bytes are those between two places of a value. */
function stands(wanted: Buffer, value: Value, start: number, end: number): boolean {
  const { length } = wanted;
  if (end - start !== length || start < value.start || end > value.end) return false;
  const { bytes } = value;
  for (let index = 0; index < length; index++) if (bytes[start + index] !== wanted[index]) return false;
  return true;
}
