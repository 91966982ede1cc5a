/*
 * Goes once through the bytes of an event and notes where the values of wanted fields stand; all else is passed over.
 * Of equal names in an object the last one counts, as for JSON.parse, which is why no scan ends before the event does.
 * No strings and no objects are made on the way: they would cost more than everything else here together.
 */
import { EventError } from './error.ts';
import {
  afterBlank,
  afterColon,
  afterScalar,
  afterString,
  afterValue,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COMMA,
  endOfEscapes,
  endOfName,
  endOfText,
  isNumber,
  MAX_DEPTH,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  tooDeep,
  unexpected,
} from './json.ts';
import { microsOf } from './numbers.ts';
import type { PathNode } from './paths.ts';
import { NUMBER, STRING, type Value, type ValueKind, WORD } from './value.ts';

/** The largest buffer that is kept for the next event. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024;

/** The whole event rather than an element of one of its arrays. */
export const ROOT = 0;

export class Scanner<T> {
  /** How many values were found; of each, its field, unless a later value took its place. */
  count = 0;
  readonly fields: (T | undefined)[] = [];
  /** The innermost element of an array that each value stands in, or ROOT. */
  scopes = new Int32Array(64);
  #kinds = new Uint8Array(64);
  #starts = new Int32Array(64);
  #ends = new Int32Array(64);
  #micros = new Float64Array(64);
  /** Strings freed of their escapes, by the number of the value. */
  readonly #plain = new Map<number, Buffer>();

  /** How many scopes there are: ROOT, and the elements that hold wanted values. Each comes after its parent. */
  scopeCount = 1;
  readonly scopeParents: number[] = [ROOT];
  /** Where in the tree of paths the array of a scope stands. */
  readonly scopeNodes: (PathNode<T> | undefined)[] = [undefined];

  /** The event, and a zero behind it. */
  #bytes: Buffer = Buffer.alloc(0);
  #depth = 0;
  /** Where the last value of the object begins that was left last. */
  #lastAt = 0;

  /** The elements that the scan is in; their scopes are made when something is found in them. */
  #elements = 0;
  readonly #elementNodes: PathNode<T>[] = [];
  readonly #elementScopes: number[] = [];

  /** The wanted names seen in the objects that the scan is in, and the values found under each. */
  #seen = 0;
  readonly #seenNodes: PathNode<T>[] = [];
  readonly #seenFrom: number[] = [];
  readonly #seenTo: number[] = [];

  /**
   * Scans an event for the fields of a tree. Throws EventError when it is not a JSON object; nor, where `objectAt` is
   * given, when what stands from there to the event's last brace is not one.
   */
  scan(event: Buffer | string, tree: PathNode<T>, objectAt?: number): void {
    const length = this.#take(event);
    const start = afterBlank(this.#bytes, 0);
    if (this.#bytes[start] !== OPEN_OBJECT) throw new EventError('Event must be a JSON object');
    const end = afterBlank(this.#bytes, this.#object(tree, start));
    if (end < length) throw unexpected(this.#bytes, end);
    if (objectAt === undefined) return;
    const first = afterBlank(this.#bytes, objectAt);
    if (first !== this.#lastAt || this.#bytes[first] !== OPEN_OBJECT) throw unexpected(this.#bytes, first);
  }

  /** Leads a value to one that was found. */
  read(value: Value, index: number): Value {
    const plain = this.#plain.size === 0 ? undefined : this.#plain.get(index);
    const kind = this.#kinds[index] as ValueKind;
    if (plain) return value.set(kind, plain, 0, plain.length, Number.NaN);
    return value.set(kind, this.#bytes, this.#starts[index]!, this.#ends[index]!, this.#micros[index]!);
  }

  /** Makes ready for an event; returns its length in bytes. */
  #take(event: Buffer | string): number {
    this.count = 0;
    if (this.#plain.size > 0) this.#plain.clear();
    this.scopeCount = 1;
    this.#depth = 0;
    this.#lastAt = 0;
    this.#elements = 0;
    this.#seen = 0;
    const most = 1 + (typeof event === 'string' ? event.length * 3 : event.length);
    if (this.#bytes.length < most || this.#bytes.length > MAX_KEPT_BYTES) {
      this.#bytes = Buffer.alloc(2 ** Math.ceil(Math.log2(most)));
    }
    const length = typeof event === 'string' ? this.#bytes.write(event) : event.length;
    if (typeof event !== 'string') this.#bytes.set(event);
    this.#bytes[length] = 0;
    return length;
  }

  #value(node: PathNode<T>, start: number): number {
    const bytes = this.#bytes;
    const first = bytes[start]!;
    if (first === OPEN_OBJECT) return node.children ? this.#object(node, start) : this.#skip(start);
    if (first === OPEN_ARRAY) return this.#array(node, start);
    if (first !== QUOTE) {
      const end = afterScalar(bytes, start);
      if (node.field) this.#found(node.field, isNumber(first) ? NUMBER : WORD, start, end);
      return end;
    }
    let end = endOfText(bytes, start + 1);
    const escaped = bytes[end] !== QUOTE;
    if (escaped) end = endOfEscapes(bytes, end);
    if (node.field) {
      if (escaped) this.#plain.set(this.count, Buffer.from(textOf(bytes, start + 1, end)));
      this.#found(node.field, STRING, start + 1, end);
    }
    return end + 1;
  }

  #skip(start: number): number {
    return afterValue(this.#bytes, start, this.#depth);
  }

  /** From `{` to behind `}`, with names to look for. */
  #object(node: PathNode<T>, start: number): number {
    const bytes = this.#bytes;
    const seen = this.#seen;
    this.#enter();
    let at = afterBlank(bytes, start + 1);
    let valueAt = 0;
    if (bytes[at] === CLOSE_OBJECT) return this.#leave(at);
    for (;;) {
      if (bytes[at] !== QUOTE) throw unexpected(bytes, at);
      const name = at + 1;
      let child: PathNode<T> | undefined;
      at = endOfName(bytes, name);
      if (bytes[at] === QUOTE) child = node.child(bytes, name, at);
      else {
        at = afterString(bytes, name) - 1;
        child = node.find(textOf(bytes, name, at));
      }
      valueAt = at = afterColon(bytes, at + 1);
      if (child) at = this.#member(child, at, seen);
      else at = bytes[at] === QUOTE ? afterString(bytes, at + 1) : this.#skip(at);
      at = afterBlank(bytes, at);
      if (bytes[at] === CLOSE_OBJECT) break;
      if (bytes[at] !== COMMA) throw unexpected(bytes, at);
      at = afterBlank(bytes, at + 1);
    }
    this.#seen = seen;
    this.#lastAt = valueAt;
    return this.#leave(at);
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

  /** The values of an array are all values of its field; objects and arrays in it are scopes of their own. */
  #array(node: PathNode<T>, start: number): number {
    const bytes = this.#bytes;
    this.#enter();
    let at = afterBlank(bytes, start + 1);
    if (bytes[at] === CLOSE_ARRAY) return this.#leave(at);
    for (;;) {
      const first = bytes[at];
      at = first === OPEN_OBJECT || first === OPEN_ARRAY ? this.#element(node, at) : this.#value(node, at);
      at = afterBlank(bytes, at);
      if (bytes[at] === CLOSE_ARRAY) return this.#leave(at);
      if (bytes[at] !== COMMA) throw unexpected(bytes, at);
      at = afterBlank(bytes, at + 1);
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

  #enter(): void {
    if (this.#depth === MAX_DEPTH) throw tooDeep();
    this.#depth++;
  }

  #leave(at: number): number {
    this.#depth--;
    return at + 1;
  }

  #found(field: T, kind: ValueKind, start: number, end: number): void {
    const index = this.count++;
    if (index === this.scopes.length) this.#grow();
    this.fields[index] = field;
    this.#kinds[index] = kind;
    this.#starts[index] = start;
    this.#ends[index] = end;
    this.#micros[index] = kind === NUMBER ? microsOf(this.#bytes, start, end) : Number.NaN;
    this.scopes[index] = this.#scope(this.#elements);
  }

  /** The scope of the innermost of so many elements. */
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

  #grow(): void {
    this.scopes = doubled(this.scopes, Int32Array);
    this.#starts = doubled(this.#starts, Int32Array);
    this.#ends = doubled(this.#ends, Int32Array);
    this.#micros = doubled(this.#micros, Float64Array);
    this.#kinds = doubled(this.#kinds, Uint8Array);
  }
}

/** The text of a valid string that may have escapes. */
function textOf(bytes: Buffer, start: number, end: number): string {
  return JSON.parse(bytes.toString('utf8', start - 1, end + 1)) as string;
}

function doubled<A extends Int32Array | Float64Array | Uint8Array>(array: A, Type: new (length: number) => A): A {
  const larger = new Type(array.length * 2);
  larger.set(array);
  return larger;
}
