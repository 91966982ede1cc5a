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
  /** The numbers of its values. */
  readonly values: number[] = [];
  /** Whether one of them stands in an element of an array. */
  inElements = false;
}

const NONE: readonly number[] = [];

export class Findings {
  readonly #scanner: Scanner<FoundField>;
  readonly #value = new Value();
  /** Counts the scans, so that fields need not be cleared between them. */
  #scan = 0;
  /** The scopes right within each scope; made when first asked for. */
  #elements: number[][] | undefined;

  constructor(scanner: Scanner<FoundField>) {
    this.#scanner = scanner;
  }

  /** Takes over what the scanner has found in an event. */
  collect(): void {
    const { count, fields, scopes } = this.#scanner;
    const scan = ++this.#scan;
    this.#elements = undefined;
    for (let index = 0; index < count; index++) {
      const field = fields[index];
      if (!field) continue;
      if (field.scan !== scan) {
        field.scan = scan;
        field.values.length = 0;
        field.inElements = false;
      }
      field.values.push(index);
      if (scopes[index] !== ROOT) field.inElements = true;
    }
  }

  valuesOf(field: FoundField): readonly number[] {
    return field.scan === this.#scan ? field.values : NONE;
  }

  isInElements(field: FoundField): boolean {
    return field.scan === this.#scan && field.inElements;
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

  /** The elements in a scope of arrays that stand at a node. */
  elementsOf(node: PathNode<FoundField>, scope: number): number[] {
    this.#elements ??= this.#groupElements();
    return this.#elements[scope]!.filter((element) => this.#scanner.scopeNodes[element] === node);
  }

  #groupElements(): number[][] {
    const groups: number[][] = Array.from({ length: this.scopeCount }, () => []);
    for (let scope = ROOT + 1; scope < this.scopeCount; scope++) groups[this.parentOf(scope)]!.push(scope);
    return groups;
  }
}
