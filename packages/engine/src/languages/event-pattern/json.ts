/*
 * JSON as bytes: from where something begins to where it ends. What is passed over is checked: it is refused exactly
 * where JSON.parse would refuse it.
 *
 * This is where the time for an event goes. So a loop looks at each byte once, and none watches for the end: a zero
 * must follow the JSON, which nothing in JSON passes.
 */
import { EventError } from './error.ts';

/** The deepest nesting of an event: that of AWS's parser. */
export const MAX_DEPTH = 1000;

export const QUOTE = 0x22;
export const COMMA = 0x2c;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
export const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
export const CLOSE_ARRAY = 0x5d;
const SMALL_E = 0x65;
const SMALL_U = 0x75;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

const WORDS = ['true', 'false', 'null'].map((word) => Buffer.from(word));
const ESCAPABLE = new Set(Buffer.from('"\\/bfnrt'));

/** Bytes that end a string or cannot stand in it as they are. */
const SPECIAL = new Uint8Array(256).fill(1, 0, 0x20);
SPECIAL[QUOTE] = 1;
SPECIAL[BACKSLASH] = 1;
const SPECIAL_IN_NAME = Uint8Array.from(SPECIAL);
SPECIAL_IN_NAME[POINT] = 1;
const BLANK = new Uint8Array(256);
for (const blank of Buffer.from(' \t\n\r')) BLANK[blank] = 1;
const DIGIT = new Uint8Array(256).fill(1, ZERO, NINE + 1);

export function unexpected(bytes: Buffer, at: number): EventError {
  if (bytes[at] === 0) return new EventError('Event is not valid JSON: it ends too early');
  const line = bytes.subarray(0, at).reduce((lines, byte) => (byte === 0x0a ? lines + 1 : lines), 1);
  return new EventError(`Event is not valid JSON: unexpected byte ${at} in line ${line}`);
}

export function tooDeep(): EventError {
  return new EventError(`Event is nested more than ${MAX_DEPTH} levels deep`);
}

export function afterBlank(bytes: Buffer, start: number): number {
  let at = start;
  while (bytes[at]! <= 0x20 && BLANK[bytes[at]!] === 1) at++;
  return at;
}

/** The first place from `start` where a string ends or something stands that a string cannot hold as it is. */
export function endOfText(bytes: Buffer, start: number): number {
  let at = start;
  while (SPECIAL[bytes[at]!] === 0) at++;
  return at;
}

/** The first place from `start` where a name ends, has a dot, or something that a string cannot hold as it is. */
export function endOfName(bytes: Buffer, start: number): number {
  let at = start;
  while (SPECIAL_IN_NAME[bytes[at]!] === 0) at++;
  return at;
}

/** Where the last quote of a string stands, from where its text does not go on as it is. */
export function endOfEscapes(bytes: Buffer, start: number): number {
  let at = start;
  while (bytes[at] !== QUOTE) {
    if (bytes[at] !== BACKSLASH) throw unexpected(bytes, at);
    at++;
    if (bytes[at] === SMALL_U) at = afterHexDigits(bytes, at + 1);
    else if (ESCAPABLE.has(bytes[at]!)) at++;
    else throw unexpected(bytes, at);
    at = endOfText(bytes, at);
  }
  return at;
}

function afterHexDigits(bytes: Buffer, start: number): number {
  for (let at = start; at < start + 4; at++) {
    const byte = bytes[at]!;
    const letter = byte | 0x20;
    if (DIGIT[byte] === 0 && (letter < 0x61 || letter > 0x66)) throw unexpected(bytes, at);
  }
  return start + 4;
}

/** From behind a string's first quote to behind its last one. */
export function afterString(bytes: Buffer, start: number): number {
  const at = endOfText(bytes, start);
  return (bytes[at] === QUOTE ? at : endOfEscapes(bytes, at)) + 1;
}

/** From behind a name to its value. */
export function afterColon(bytes: Buffer, start: number): number {
  const at = bytes[start] === COLON ? start : afterBlank(bytes, start);
  if (bytes[at] !== COLON) throw unexpected(bytes, at);
  return afterBlank(bytes, at + 1);
}

/** From the first byte of a number or word to behind its last one. */
export function afterScalar(bytes: Buffer, start: number): number {
  const first = bytes[start]!;
  return first === MINUS || DIGIT[first] === 1 ? afterNumber(bytes, start) : afterWord(bytes, start);
}

export function isNumber(first: number): boolean {
  return first <= NINE;
}

function afterWord(bytes: Buffer, start: number): number {
  const word = WORDS.find(([letter]) => letter === bytes[start]);
  if (!word) throw unexpected(bytes, start);
  for (let index = 1; index < word.length; index++) {
    if (bytes[start + index] !== word[index]) throw unexpected(bytes, start + index);
  }
  return start + word.length;
}

function afterNumber(bytes: Buffer, start: number): number {
  const digits = bytes[start] === MINUS ? start + 1 : start;
  let at = digits;
  while (DIGIT[bytes[at]!] === 1) at++;
  if (at === digits) throw unexpected(bytes, at);
  if (bytes[digits] === ZERO && at > digits + 1) throw unexpected(bytes, digits + 1);
  if (bytes[at] === POINT) at = afterDigits(bytes, at + 1);
  if ((bytes[at]! | 0x20) === SMALL_E) {
    at++;
    at = afterDigits(bytes, bytes[at] === PLUS || bytes[at] === MINUS ? at + 1 : at);
  }
  return at;
}

function afterDigits(bytes: Buffer, start: number): number {
  let at = start;
  while (DIGIT[bytes[at]!] === 1) at++;
  if (at === start) throw unexpected(bytes, at);
  return at;
}

/** What closes the objects and arrays that afterValue is in. */
const closers = new Uint8Array(MAX_DEPTH);

/** From the first byte of a value to behind its last one; `outside` is how deep it stands. */
export function afterValue(bytes: Buffer, start: number, outside: number): number {
  let depth = outside;
  let at = start;
  for (;;) {
    let byte = bytes[at]!;
    if (byte === QUOTE) at = afterString(bytes, at + 1);
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) {
      if (depth === MAX_DEPTH) throw tooDeep();
      const closer = byte + 2;
      at = afterBlank(bytes, at + 1);
      if (bytes[at] !== closer) {
        closers[depth++] = closer;
        if (byte === OPEN_OBJECT) at = afterName(bytes, at);
        continue;
      }
      at++;
    } else at = afterScalar(bytes, at);
    for (;;) {
      if (depth === outside) return at;
      at = afterBlank(bytes, at);
      byte = bytes[at]!;
      const closer = closers[depth - 1]!;
      if (byte === COMMA) {
        at = afterBlank(bytes, at + 1);
        if (closer === CLOSE_OBJECT) at = afterName(bytes, at);
        break;
      }
      if (byte !== closer) throw unexpected(bytes, at);
      depth--;
      at++;
    }
  }
}

/** From a name's first quote to its value. */
function afterName(bytes: Buffer, start: number): number {
  if (bytes[start] !== QUOTE) throw unexpected(bytes, start);
  return afterColon(bytes, afterString(bytes, start + 1));
}
