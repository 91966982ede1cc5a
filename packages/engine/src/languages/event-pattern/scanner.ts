/*
 * Goes once through the bytes of an event and notes where the values of wanted fields stand. All else is passed over,
 * but checked: an event is refused exactly where JSON.parse would refuse it. Of equal names in an object the last one
 * counts, as for JSON.parse, which is why no scan ends before the event does.
 *
 * It reads bytes because making a string or an object costs more than everything else here together.
 */
import { HASH_START, hashWith } from './byte-table.ts';
import { EventError } from './error.ts';
import type { PathNode } from './paths.ts';
import { NUMBER, STRING, type Value, type ValueKind, WORD } from './value.ts';

/** The deepest nesting of an event: that of AWS's parser. */
const MAX_DEPTH = 1000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const WORDS = ['true', 'false', 'null'].map((word) => Buffer.from(word));

/** Bytes by what they are within a string: 1 for those that end it or cannot stand there as they are. */
const SPECIAL = new Uint8Array(256).fill(1, 0, 0x20);
SPECIAL[QUOTE] = 1;
SPECIAL[BACKSLASH] = 1;

/** The whole event rather than an element of one of its arrays. */
export const ROOT = 0;

export class Scanner<T> {
  /** How many values were found, and of each: the field, unless a later value took its place; its kind and place. */
  count = 0;
  fields: (T | undefined)[] = [];
  /** The innermost element of an array that it stands in, or ROOT. */
  scopes = new Int32Array(64);
  #kinds = new Uint8Array(64);
  #starts = new Int32Array(64);
  #ends = new Int32Array(64);
  /** Strings freed of their escapes, by the number of the value. */
  readonly #unescaped = new Map<number, Buffer>();

  /** How many scopes there are: ROOT, and elements that hold wanted values. Each comes after its parent. */
  scopeCount = 1;
  scopeParents: number[] = [ROOT];
  /** Where in the tree of paths the array of a scope stands. */
  scopeNodes: (PathNode<T> | undefined)[] = [undefined];

  #bytes: Buffer = Buffer.alloc(0);
  #end = 0;
  #escaped = false;
  #dotted = false;
  #hash = 0;
  #depth = 0;
  readonly #closers = new Uint8Array(MAX_DEPTH);

  /** Elements that the scan is in; their scopes are made when something is found in them. */
  #elements = 0;
  readonly #elementNodes: PathNode<T>[] = [];
  readonly #elementScopes: number[] = [];

  /** The wanted names seen in the objects that the scan is in, and the values found under each. */
  #seen = 0;
  readonly #seenNodes: PathNode<T>[] = [];
  readonly #seenFrom: number[] = [];
  readonly #seenTo: number[] = [];

  /** Scans an event for the fields of a tree. Throws EventError when it is not a JSON object. */
  scan(event: Buffer, tree: PathNode<T>): void {
    this.#reset(event);
    let at = this.#blank(0);
    if (event[at] !== OPEN_OBJECT) throw new EventError('Event must be a JSON object');
    at = this.#blank(tree.children ? this.#object(tree, at) : this.#skip(at));
    if (at < this.#end) throw this.#unexpected(at);
  }

  /** Leads a value to one that was found. */
  read(value: Value, index: number): Value {
    const unescaped = this.#unescaped.get(index);
    const kind = this.#kinds[index] as ValueKind;
    if (unescaped) return value.set(kind, unescaped, 0, unescaped.length);
    return value.set(kind, this.#bytes, this.#starts[index]!, this.#ends[index]!);
  }

  #reset(event: Buffer): void {
    this.#bytes = event;
    this.#end = event.length;
    this.count = 0;
    if (this.#unescaped.size > 0) this.#unescaped.clear();
    this.scopeCount = 1;
    this.#depth = 0;
    this.#elements = 0;
    this.#seen = 0;
  }

  /** From `{` to behind `}`, with names to look for. */
  #object(node: PathNode<T>, start: number): number {
    const bytes = this.#bytes;
    const seen = this.#seen;
    this.#enter(CLOSE_OBJECT);
    let at = this.#blank(start + 1);
    if (bytes[at] === CLOSE_OBJECT) return this.#leave(at);
    for (;;) {
      const keyStart = at + 1;
      const keyEnd = this.#key(at);
      const child = this.#child(node, keyStart, keyEnd);
      at = this.#colon(keyEnd + 1);
      at = this.#blank(child ? this.#member(child, at, seen) : this.#skip(at));
      if (bytes[at] === CLOSE_OBJECT) break;
      if (bytes[at] !== COMMA) throw this.#unexpected(at);
      at = this.#blank(at + 1);
    }
    this.#seen = seen;
    return this.#leave(at);
  }

  #child(node: PathNode<T>, start: number, end: number): PathNode<T> | undefined {
    if (this.#escaped) {
      const key = withoutEscapes(this.#bytes, start, end);
      return node.walk(key, 0, key.length);
    }
    if (this.#dotted) return node.walk(this.#bytes, start, end);
    return node.children!.get(this.#hash, this.#bytes, start, end);
  }

  /** A wanted name's value; `seen` is where the names of its object begin. */
  #member(node: PathNode<T>, start: number, seen: number): number {
    let index = seen;
    while (index < this.#seen && this.#seenNodes[index] !== node) index++;
    if (index < this.#seen) this.fields.fill(undefined, this.#seenFrom[index], this.#seenTo[index]);
    else {
      this.#seenNodes[index] = node;
      this.#seen++;
    }
    this.#seenFrom[index] = this.count;
    const at = this.#value(node, start);
    this.#seenTo[index] = this.count;
    return at;
  }

  #value(node: PathNode<T>, at: number): number {
    const first = this.#bytes[at];
    if (first === OPEN_OBJECT) return node.children ? this.#object(node, at) : this.#skip(at);
    if (first === OPEN_ARRAY) return this.#array(node, at);
    if (first === QUOTE) {
      const end = this.#string(at);
      if (node.field) this.#found(node.field, STRING, at + 1, end);
      return end + 1;
    }
    const end = this.#scalar(at);
    if (node.field) this.#found(node.field, first === MINUS || first! <= NINE ? NUMBER : WORD, at, end);
    return end;
  }

  /** The values of an array are all values of its field; objects and arrays in it are scopes of their own. */
  #array(node: PathNode<T>, start: number): number {
    const bytes = this.#bytes;
    this.#enter(CLOSE_ARRAY);
    let at = this.#blank(start + 1);
    if (bytes[at] === CLOSE_ARRAY) return this.#leave(at);
    for (;;) {
      const first = bytes[at];
      at = this.#blank(first === OPEN_OBJECT || first === OPEN_ARRAY ? this.#element(node, at) : this.#value(node, at));
      if (bytes[at] === CLOSE_ARRAY) return this.#leave(at);
      if (bytes[at] !== COMMA) throw this.#unexpected(at);
      at = this.#blank(at + 1);
    }
  }

  #element(node: PathNode<T>, start: number): number {
    const index = this.#elements++;
    this.#elementNodes[index] = node;
    this.#elementScopes[index] = ROOT;
    const at = this.#value(node, start);
    this.#elements = index;
    return at;
  }

  #scope(elements: number): number {
    if (elements === 0) return ROOT;
    const scope = this.#elementScopes[elements - 1]!;
    if (scope !== ROOT) return scope;
    const parent = this.#scope(elements - 1);
    const made = this.scopeCount++;
    this.scopeParents[made] = parent;
    this.scopeNodes[made] = this.#elementNodes[elements - 1];
    this.#elementScopes[elements - 1] = made;
    return made;
  }

  #found(field: T, kind: ValueKind, start: number, end: number): void {
    const index = this.count++;
    if (index === this.scopes.length) this.#grow();
    this.fields[index] = field;
    this.#kinds[index] = kind;
    this.#starts[index] = start;
    this.#ends[index] = end;
    this.scopes[index] = this.#elements === 0 ? ROOT : this.#scope(this.#elements);
    if (kind === STRING && this.#escaped) this.#unescaped.set(index, withoutEscapes(this.#bytes, start, end));
  }

  #grow(): void {
    this.scopes = doubled(this.scopes, Int32Array);
    this.#starts = doubled(this.#starts, Int32Array);
    this.#ends = doubled(this.#ends, Int32Array);
    this.#kinds = doubled(this.#kinds, Uint8Array);
  }

  /** From the first byte of a value to behind its last one, whatever it holds. */
  #skip(start: number): number {
    const bytes = this.#bytes;
    const outside = this.#depth;
    let at = start;
    for (;;) {
      const first = bytes[at];
      if (first === QUOTE) at = this.#string(at) + 1;
      else if (first === OPEN_OBJECT || first === OPEN_ARRAY) {
        const closer = first === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY;
        this.#enter(closer);
        at = this.#blank(at + 1);
        if (bytes[at] !== closer) {
          if (first === OPEN_OBJECT) at = this.#colon(this.#string(at) + 1);
          continue;
        }
        at = this.#leave(at);
      } else at = this.#scalar(at);
      while (this.#depth > outside) {
        at = this.#blank(at);
        const closer = this.#closers[this.#depth - 1];
        if (bytes[at] === COMMA) {
          at = this.#blank(at + 1);
          if (closer === CLOSE_OBJECT) at = this.#colon(this.#string(at) + 1);
          break;
        }
        if (bytes[at] !== closer) throw this.#unexpected(at);
        at = this.#leave(at);
      }
      if (this.#depth === outside) return at;
    }
  }

  #enter(closer: number): void {
    if (this.#depth === MAX_DEPTH) throw new EventError(`Event is nested more than ${MAX_DEPTH} levels deep`);
    this.#closers[this.#depth++] = closer;
  }

  #leave(at: number): number {
    this.#depth--;
    return at + 1;
  }

  #blank(start: number): number {
    const bytes = this.#bytes;
    let at = start;
    while (at < this.#end) {
      const byte = bytes[at]!;
      if (byte > 0x20 || (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09)) break;
      at++;
    }
    return at;
  }

  #colon(start: number): number {
    const at = this.#blank(start);
    if (this.#bytes[at] !== COLON) throw this.#unexpected(at);
    return this.#blank(at + 1);
  }

  /** Where a string's last quote stands; notes whether it has escapes. */
  #string(start: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    if (bytes[start] !== QUOTE) throw this.#unexpected(start);
    let at = start + 1;
    while (at < end && SPECIAL[bytes[at]!] === 0) at++;
    this.#escaped = false;
    return bytes[at] === QUOTE ? at : this.#escapes(at);
  }

  /** As #string, and notes the hash of the text and whether it has dots. */
  #key(start: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    if (bytes[start] !== QUOTE) throw this.#unexpected(start);
    let at = start + 1;
    let hash = HASH_START;
    let dotted = false;
    while (at < end) {
      const byte = bytes[at]!;
      if (SPECIAL[byte] !== 0) break;
      if (byte === POINT) dotted = true;
      hash = hashWith(hash, byte);
      at++;
    }
    this.#hash = hash;
    this.#dotted = dotted;
    this.#escaped = false;
    return bytes[at] === QUOTE ? at : this.#escapes(at);
  }

  /** The rest of a string from its first byte that is not text as it stands. */
  #escapes(start: number): number {
    const bytes = this.#bytes;
    let at = start;
    this.#escaped = true;
    for (; at < this.#end; at++) {
      const byte = bytes[at]!;
      if (SPECIAL[byte] === 0) continue;
      if (byte === QUOTE) return at;
      if (byte !== BACKSLASH) break;
      at++;
      if (bytes[at] === 0x75) at = this.#hexDigits(at);
      else if (!isEscape(bytes[at]!)) break;
    }
    throw this.#unexpected(at);
  }

  #hexDigits(start: number): number {
    for (let at = start + 1; at <= start + 4; at++) if (!isHexDigit(this.#bytes[at]!)) throw this.#unexpected(at);
    return start + 4;
  }

  /** From the first byte of a number or word to behind its last one. */
  #scalar(start: number): number {
    const first = this.#bytes[start];
    if (first === MINUS || isDigit(first)) return this.#number(start);
    for (const word of WORDS) {
      if (first !== word[0]) continue;
      for (let index = 1; index < word.length; index++) {
        if (this.#bytes[start + index] !== word[index]) throw this.#unexpected(start + index);
      }
      return start + word.length;
    }
    throw this.#unexpected(start);
  }

  #number(start: number): number {
    const bytes = this.#bytes;
    let at = bytes[start] === MINUS ? start + 1 : start;
    at = bytes[at] === ZERO ? at + 1 : this.#digits(at);
    if (bytes[at] === POINT) at = this.#digits(at + 1);
    if ((bytes[at]! | 0x20) === 0x65) {
      const sign = bytes[at + 1];
      at = this.#digits(sign === MINUS || sign === 0x2b ? at + 2 : at + 1);
    }
    return at;
  }

  #digits(start: number): number {
    let at = start;
    while (isDigit(this.#bytes[at])) at++;
    if (at === start) throw this.#unexpected(at);
    return at;
  }

  #unexpected(at: number): EventError {
    if (at >= this.#end) return new EventError('Event is not valid JSON: it ends too early');
    const line = this.#bytes.subarray(0, at).reduce((lines, byte) => (byte === 0x0a ? lines + 1 : lines), 1);
    return new EventError(`Event is not valid JSON: unexpected byte ${at} in line ${line}`);
  }
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

function isHexDigit(byte: number | undefined): boolean {
  return isDigit(byte) || (byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}

const ESCAPES = new Set(Buffer.from('"\\/bfnrt'));

function isEscape(byte: number): boolean {
  return ESCAPES.has(byte);
}

/** The text of a valid string without its escapes. */
function withoutEscapes(bytes: Buffer, start: number, end: number): Buffer {
  return Buffer.from(JSON.parse(bytes.toString('utf8', start - 1, end + 1)) as string);
}

function doubled<A extends Int32Array | Uint8Array>(array: A, Type: new (length: number) => A): A {
  const larger = new Type(array.length * 2);
  larger.set(array);
  return larger;
}
