/*
 * Values that can be had together: no two of them from different elements of the same array. And a field that must
 * not be there may be there after all, in elements that were passed over for values of fields before it, by the order
 * of their paths.
 *
 * AWS: github.com/aws/event-ruler, "JSON Array Matching". Choices of elements are weighed from the inside out, so the
 * work is the product of elements and fields, and no pattern makes it more.
 */
import type { Findings, FoundField } from './findings.ts';
import { type Leaf, suits } from './leaf.ts';
import type { PathNode } from './paths.ts';
import { ROOT } from './scanner.ts';

/** A name on the way to the fields of an alternative; fields go by their rank, their place in the order of paths. */
export interface Branch {
  readonly node: PathNode<FoundField>;
  /** What must be met here: the field of this very name, and the branches below. */
  readonly units: (number | Branch)[];
  /** All fields at or below this name. */
  readonly ranks: number[];
}

/** The fields of an alternative as a tree of their names, from its root. */
export function branchOf(leaves: readonly Leaf[]): Branch {
  const branches = new Map<PathNode<FoundField>, Branch>();
  let root: Branch | undefined;
  function at(node: PathNode<FoundField>): Branch {
    const there = branches.get(node);
    if (there) return there;
    const made: Branch = { node, units: [], ranks: [] };
    branches.set(node, made);
    if (node.parent) at(node.parent).units.push(made);
    else root = made;
    return made;
  }
  for (const [rank, leaf] of leaves.entries()) {
    at(leaf.node).units.push(rank);
    for (let node: PathNode<FoundField> | undefined = leaf.node; node; node = node.parent) at(node).ranks.push(rank);
  }
  return root!;
}

/** What is known of a field in a scope: that it has a value there, and one that suits; and where else it has one. */
const HERE = 1;
const SUITS = 2;
const BELOW = 4;
const ABOVE = 8;

/** What cannot be met. Else it is told by the rank of the first field that a value meets: the less, the better. */
const UNMET = Number.POSITIVE_INFINITY;

const NOTHING: readonly boolean[] = [];

/** Whether each leaf can be met without two elements of the same array. */
export function canBeHadTogether(root: Branch, leaves: readonly Leaf[], findings: Findings): boolean {
  const none = leaves.length;
  const known = survey(leaves, findings);
  const is = (what: number, rank: number, scope: number) => (known[scope * none + rank]! & what) !== 0;

  /**
   * The first field that a value in a scope meets, when all fields of a branch are met there, with at most one
   * element of each array in the scope; `none` when they are all met by not being there. `outside` tells of each
   * unit whether a value beside the array has met it, where the scope is an element of one.
   */
  function met(branch: Branch, scope: number, outside: readonly boolean[]): number {
    const { units, node } = branch;
    let first = none;
    for (let unit = 0; unit < units.length; unit++) {
      const rank = unitMet(units[unit]!, scope);
      if (rank < first || (rank === UNMET && !outside[unit])) first = rank;
      if (first === UNMET) break;
    }
    const elements = findings.elementsOf(node, scope);
    if (elements.length === 0) return first;
    const here = units.map((unit, index) => outside[index] || unitMet(unit, scope) < none);
    for (const element of elements) {
      const rank = met(branch, element, here);
      if (rank < Math.min(first, firstPassedOver(branch, element, scope))) first = rank;
    }
    return first;
  }

  function unitMet(unit: number | Branch, scope: number): number {
    if (typeof unit !== 'number') return met(unit, scope, NOTHING);
    if (is(SUITS, unit, scope)) return unit;
    return leaves[unit]!.optional && !is(HERE | BELOW | ABOVE, unit, scope) ? none : UNMET;
  }

  /** The first field that others have and this element lacks: it takes a value of a field before to choose it. */
  function firstPassedOver({ ranks }: Branch, element: number, scope: number): number {
    for (const rank of ranks) {
      if (!leaves[rank]!.optional || is(HERE | BELOW, rank, element) || is(SUITS, rank, scope)) continue;
      if (is(BELOW, rank, scope)) return rank;
    }
    return none;
  }

  return met(root, ROOT, NOTHING) < UNMET;
}

/** What is known of each field in each scope. */
function survey(leaves: readonly Leaf[], findings: Findings): Uint8Array {
  const width = leaves.length;
  const known = new Uint8Array(width * findings.scopeCount);
  for (let rank = 0; rank < width; rank++) {
    const leaf = leaves[rank]!;
    const count = findings.countOf(leaf.field);
    for (let at = 0; at < count; at++) {
      const index = leaf.field.values[at]!;
      known[findings.scopeOf(index) * width + rank]! |= suits(leaf, index, findings) ? HERE | SUITS : HERE;
    }
  }
  for (let scope = findings.scopeCount - 1; scope > ROOT; scope--) {
    const parent = findings.parentOf(scope) * width;
    for (let rank = 0; rank < width; rank++) {
      if ((known[scope * width + rank]! & (HERE | BELOW)) !== 0) known[parent + rank]! |= BELOW;
    }
  }
  for (let scope = ROOT + 1; scope < findings.scopeCount; scope++) {
    const parent = findings.parentOf(scope) * width;
    for (let rank = 0; rank < width; rank++) {
      if ((known[parent + rank]! & (HERE | ABOVE)) !== 0) known[scope * width + rank]! |= ABOVE;
    }
  }
  return known;
}
