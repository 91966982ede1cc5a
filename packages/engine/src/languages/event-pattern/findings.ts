/*
 * What a scan has found, by field, for those who ask about one event after the other.
 */
import type { PathNode } from './paths.ts';
import { ROOT, type Scanner } from './scanner.ts';
import { Value } from './value.ts';

/** A wanted field, and what the last scan that met it has found of it. */
export class FoundField {
  /** The scan that the values are of. */
  scan = 0;
  /** The numbers of its values; as many of them as `count` says. */
  readonly values: number[] = [];
  count = 0;
  /** Whether one of them stands in an element of an array. */
  inElements = false;
}

const NONE: readonly number[] = [];

export class Findings {
  readonly #scanner: Scanner<FoundField>;
  readonly #value = new Value();
  /** Counts the scans, so that nothing need be cleared between them. */
  scan = 0;
  /** The elements of arrays, by where the arrays stand and by the scope they are in; made when first asked for. */
  #elements: Map<PathNode<FoundField>, Map<number, number[]>> | undefined;

  constructor(scanner: Scanner<FoundField>) {
    this.#scanner = scanner;
  }

  /** Takes over what the scanner has found in an event. */
  collect(): void {
    const { count, fields, scopes } = this.#scanner;
    const scan = ++this.scan;
    this.#elements = undefined;
    for (let index = 0; index < count; index++) {
      const field = fields[index];
      if (!field) continue;
      if (field.scan !== scan) {
        field.scan = scan;
        field.count = 0;
        field.inElements = false;
      }
      field.values[field.count++] = index;
      if (scopes[index] !== ROOT) field.inElements = true;
    }
  }

  /** How many values a field has. */
  countOf(field: FoundField): number {
    return field.scan === this.scan ? field.count : 0;
  }

  isInElements(field: FoundField): boolean {
    return field.scan === this.scan && field.inElements;
  }

  /** A value by its number; the same object each time. */
  value(index: number): Value {
    return this.#scanner.read(this.#value, index);
  }

  scopeOf(index: number): number {
    return this.#scanner.scopes[index]!;
  }

  get scopeCount(): number {
    return this.#scanner.scopeCount;
  }

  parentOf(scope: number): number {
    return this.#scanner.scopeParents[scope]!;
  }

  /** The elements in a scope of the arrays that stand at a node. */
  elementsOf(node: PathNode<FoundField>, scope: number): readonly number[] {
    this.#elements ??= this.#groupElements();
    return this.#elements.get(node)?.get(scope) ?? NONE;
  }

  #groupElements(): Map<PathNode<FoundField>, Map<number, number[]>> {
    const groups = new Map<PathNode<FoundField>, Map<number, number[]>>();
    for (let scope = ROOT + 1; scope < this.scopeCount; scope++) {
      const node = this.#scanner.scopeNodes[scope]!;
      const parent = this.parentOf(scope);
      const group = groups.get(node) ?? new Map<number, number[]>();
      const elements = group.get(parent);
      if (elements) elements.push(scope);
      else groups.set(node, group.set(parent, [scope]));
    }
    return groups;
  }
}
