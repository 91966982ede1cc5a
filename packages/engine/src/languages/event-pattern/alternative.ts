/*
 * An alternative of a pattern against the values of an event. Without arrays of objects that is simple: each field
 * needs a value that suits. With them, AWS wants values that can be had together: no two of them from different
 * elements of the same array. A field that must not be there is looked for only in the elements that the values of
 * fields before it, by the order of their paths, have been found in.
 *
 * AWS: github.com/aws/event-ruler, "JSON Array Matching". All choices of elements are weighed from the inside out,
 * so the work is the product of the elements and the fields, and no pattern makes it more.
 */
import { accepts, type Comparison } from './comparison.ts';
import type { Findings, FoundField } from './findings.ts';
import type { PathNode } from './paths.ts';
import { ROOT } from './scanner.ts';

/** A field of an alternative. */
export interface Leaf {
  readonly node: PathNode<FoundField>;
  readonly field: FoundField;
  readonly comparisons: readonly Comparison[];
  /** Whether the alternative also takes the field's not being there. */
  readonly optional: boolean;
}

/** Whether each field has a value that suits, and these can be had together. Leaves are in the order of their paths. */
export function isMet(leaves: readonly Leaf[], findings: Findings): boolean {
  let inElements = false;
  for (const leaf of leaves) {
    if (!hasValue(leaf, findings)) return false;
    if (findings.isInElements(leaf.field)) inElements = true;
  }
  return !inElements || new Together(leaves, findings).isPossible();
}

function hasValue({ field, comparisons, optional }: Leaf, findings: Findings): boolean {
  const values = findings.valuesOf(field);
  for (let index = 0; index < values.length; index++) {
    if (acceptsOne(comparisons, values[index]!, findings)) return true;
  }
  return optional && (values.length === 0 || findings.isInElements(field));
}

function acceptsOne(comparisons: readonly Comparison[], index: number, findings: Findings): boolean {
  const value = findings.value(index);
  for (let at = 0; at < comparisons.length; at++) if (accepts(comparisons[at]!, value)) return true;
  return false;
}

/** A name on the way to the fields of an alternative. */
interface Branch {
  readonly node: PathNode<FoundField>;
  /** The fields at or below it, by their rank: their place in the order of paths. */
  readonly ranks: number[];
  /** What must be met here: a field of this very name, or those below. */
  readonly units: (number | Branch)[];
}

/** What is known of a field in a scope: that it is there or in an element below, that a value there suits. */
const PRESENT = 1;
const SUITS = 2;

/** What a choice has met nothing by; less is better, and the rank of the first field met by a value is best. */
const UNMET = Number.POSITIVE_INFINITY;

class Together {
  readonly #leaves: readonly Leaf[];
  readonly #findings: Findings;
  /** What is known of each field in each scope. */
  readonly #known: Uint8Array;

  constructor(leaves: readonly Leaf[], findings: Findings) {
    this.#leaves = leaves;
    this.#findings = findings;
    this.#known = this.#survey();
  }

  isPossible(): boolean {
    return this.#met(branchesOf(this.#leaves), ROOT, []) < UNMET;
  }

  #survey(): Uint8Array {
    const findings = this.#findings;
    const width = this.#leaves.length;
    const known = new Uint8Array(width * findings.scopeCount);
    for (const [rank, { field, comparisons }] of this.#leaves.entries()) {
      for (const index of findings.valuesOf(field)) {
        const suits = acceptsOne(comparisons, index, findings) ? SUITS : 0;
        known[findings.scopeOf(index) * width + rank]! |= PRESENT | suits;
      }
    }
    for (let scope = findings.scopeCount - 1; scope > ROOT; scope--) {
      const parent = findings.parentOf(scope);
      for (let rank = 0; rank < width; rank++) {
        known[parent * width + rank]! |= known[scope * width + rank]! & PRESENT;
      }
    }
    return known;
  }

  #is(what: number, rank: number, scope: number): boolean {
    return (this.#known[scope * this.#leaves.length + rank]! & what) !== 0;
  }

  /**
   * The rank of the first field that a value in a scope can meet when all fields of a branch are met, in the scope or
   * one element of each array in it; the number of fields when all are met by their absence; UNMET when they cannot
   * be. `outside` tells which of the branch's units have been met by values beside the array that the scope is of.
   */
  #met(branch: Branch, scope: number, outside: readonly boolean[]): number {
    const here = branch.units.map((unit) => this.#unitMet(unit, scope));
    const isHad = here.map((rank, unit) => rank < this.#leaves.length || outside[unit] === true);
    let best = here.every((rank, unit) => rank < UNMET || isHad[unit]) ? Math.min(...here, this.#leaves.length) : UNMET;
    for (const element of this.#findings.elementsOf(branch.node, scope)) {
      const first = this.#met(branch, element, isHad);
      if (first < this.#leaves.length && first < this.#firstLeftOut(branch, element, scope)) {
        best = Math.min(best, first);
      }
    }
    return best;
  }

  #unitMet(unit: number | Branch, scope: number): number {
    if (typeof unit !== 'number') return this.#met(unit, scope, []);
    if (this.#is(SUITS, unit, scope)) return unit;
    return this.#leaves[unit]!.optional && !this.#is(PRESENT, unit, scope) ? this.#leaves.length : UNMET;
  }

  /** The first field that an element lacks and others have: to choose the element takes a value of a field before. */
  #firstLeftOut(branch: Branch, element: number, scope: number): number {
    for (const rank of branch.ranks) {
      if (this.#leaves[rank]!.optional && !this.#is(PRESENT, rank, element) && this.#is(PRESENT, rank, scope)) {
        if (!this.#is(SUITS, rank, scope)) return rank;
      }
    }
    return UNMET;
  }
}

/** The fields as a tree of their names, from its root. */
function branchesOf(leaves: readonly Leaf[]): Branch {
  const branches = new Map<PathNode<FoundField>, Branch>();
  function branchAt(node: PathNode<FoundField>): Branch {
    const there = branches.get(node);
    if (there) return there;
    const made: Branch = { node, ranks: [], units: [] };
    branches.set(node, made);
    if (node.parent) branchAt(node.parent).units.push(made);
    return made;
  }
  for (const [rank, { node }] of leaves.entries()) {
    branchAt(node).units.push(rank);
    for (let at: PathNode<FoundField> | undefined = node; at; at = at.parent) branchAt(at).ranks.push(rank);
  }
  let [root] = branches.keys();
  while (root!.parent) root = root!.parent;
  return branches.get(root!)!;
}
