/*
 * A field of an alternative, tied to what a scan finds of it. Alternatives that ask for the same share a leaf, so that
 * it is looked at once for an event, however many rules ask for the same source.
 */
import { accepts, type Comparison } from './comparison.ts';
import type { Findings, FoundField } from './findings.ts';
import type { PathNode } from './paths.ts';

export interface Leaf {
  readonly node: PathNode<FoundField>;
  readonly field: FoundField;
  readonly comparisons: readonly Comparison[];
  /** Whether the alternative also takes the field's not being there. */
  readonly optional: boolean;
  /** The scan that `met` is of. */
  scan: number;
  /** Whether a value suits, or the lack of one. */
  met: boolean;
}

/** Whether a leaf may be met, as far as it is a matter of this leaf alone. */
export function isMet(leaf: Leaf, findings: Findings): boolean {
  if (leaf.scan !== findings.scan) {
    leaf.scan = findings.scan;
    leaf.met = mayBeMet(leaf, findings);
  }
  return leaf.met;
}

function mayBeMet(leaf: Leaf, findings: Findings): boolean {
  const { field } = leaf;
  const count = findings.countOf(field);
  for (let index = 0; index < count; index++) if (suits(leaf, field.values[index]!, findings)) return true;
  return leaf.optional && (count === 0 || findings.isInElements(field));
}

/** Whether a value, by its number, is one that a leaf takes. */
export function suits(leaf: Leaf, index: number, findings: Findings): boolean {
  const { comparisons } = leaf;
  const value = findings.value(index);
  for (let at = 0; at < comparisons.length; at++) if (accepts(comparisons[at]!, value)) return true;
  return false;
}
