/*
 * An alternative of a pattern against the values of an event: each of its fields needs a value that suits, and where
 * the event has arrays of objects, values that can be had together (together.ts).
 */
import type { Findings } from './findings.ts';
import { isMet, type Leaf } from './leaf.ts';
import { type Branch, branchOf, canBeHadTogether } from './together.ts';

export class Alternative<L extends Leaf = Leaf> {
  /** Its fields, in the order of their paths. */
  readonly leaves: readonly L[];
  #branch: Branch | undefined;

  constructor(leaves: readonly L[]) {
    this.leaves = leaves;
  }

  /** Whether what was found in an event meets all fields. */
  isMet(findings: Findings): boolean {
    let inElements = false;
    for (let rank = 0; rank < this.leaves.length; rank++) {
      const leaf = this.leaves[rank]!;
      if (!isMet(leaf, findings)) return false;
      if (findings.isInElements(leaf.field)) inElements = true;
    }
    if (!inElements) return true;
    this.#branch ??= branchOf(this.leaves);
    return canBeHadTogether(this.#branch, this.leaves, findings);
  }
}
