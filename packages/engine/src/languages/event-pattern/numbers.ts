/*
 * Numbers as event patterns compare them: between -5.0e9 and 5.0e9, to six digits after the point. Such a number is a
 * whole count of millionths that a double holds exactly, so that 300, 300.0 and 3.0e2 are one number.
 *
 * AWS: "Comparison operators", EventBridge/latest/userguide/eb-create-pattern-operators.html, numeric matching.
 */

/** The largest number that is compared, in millionths. */
export const MAX_MICROS = 5e9 * 1e6;
/** Digits that are kept after the point. */
const DECIMALS = 6;
/** An exponent beyond this one changes nothing any more: a pattern or event has fewer digits in practice. */
const MAX_EXPONENT = 10_000_000;

const [PLUS, MINUS, POINT, ZERO, NINE] = [0x2b, 0x2d, 0x2e, 0x30, 0x39];

/** The millionths of a JSON number that stands in `bytes`; NaN when it is too large to be compared. */
export function microsOf(bytes: Uint8Array, start: number, end: number): number {
  let at = bytes[start] === MINUS ? start + 1 : start;
  const digits = at;
  let point = -1;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === POINT) point = at;
    else if (byte < ZERO || byte > NINE) break;
  }
  const wholeDigits = (point < 0 ? at : point) - digits;
  const shift = wholeDigits + DECIMALS + (at < end ? exponentOf(bytes, at + 1, end) : 0);
  const micros = firstDigits(bytes, digits, at, shift);
  return bytes[start] === MINUS ? 0 - micros : micros;
}

/** The number that the first `count` digits make, with zeros after them where there are fewer. */
function firstDigits(bytes: Uint8Array, start: number, end: number, count: number): number {
  let value = 0;
  let left = count;
  for (let at = start; at < end && left > 0; at++) {
    if (bytes[at] === POINT) continue;
    value = value * 10 + bytes[at]! - ZERO;
    if (value > MAX_MICROS) return Number.NaN;
    left--;
  }
  for (; left > 0 && value > 0; left--) {
    value *= 10;
    if (value > MAX_MICROS) return Number.NaN;
  }
  return value;
}

function exponentOf(bytes: Uint8Array, start: number, end: number): number {
  const signed = bytes[start] === MINUS || bytes[start] === PLUS;
  let value = 0;
  for (let at = signed ? start + 1 : start; at < end && value < MAX_EXPONENT; at++) {
    value = value * 10 + bytes[at]! - ZERO;
  }
  return bytes[start] === MINUS ? -value : value;
}
