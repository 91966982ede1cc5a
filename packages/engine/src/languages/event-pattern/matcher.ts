/*
 * Many patterns against one event at a time. The event is scanned once for the fields that some pattern names; what
 * is found leads to the alternatives that are anchored there, and only these are looked at. So the time for an event
 * depends on its size and on the rules that come near it, not on how many rules there are.
 */
import { Alternative } from './alternative.ts';
import { Anchors } from './anchors.ts';
import { Findings, FoundField } from './findings.ts';
import type { Leaf } from './leaf.ts';
import { PathNode } from './paths.ts';
import type { EventPattern, Field } from './pattern.ts';
import { Scanner } from './scanner.ts';
import { Value } from './value.ts';

export interface Matcher<Id> {
  /** How many patterns there are. */
  readonly size: number;
  /** Adds a pattern under an id, or puts it in the place of the one that has the id. */
  add(id: Id, pattern: EventPattern): void;
  /** Whether there was a pattern with the id. */
  remove(id: Id): boolean;
  /**
   * The ids of the patterns that an event matches, in the order in which they were first added. The event is JSON
   * text, in UTF-8 where it is bytes. Throws EventError when it is not a JSON object; nor, where `objectAt` is given,
   * when what stands from that byte to the event's last brace is not one.
   */
  match(event: Buffer | string, objectAt?: number): Id[];
}

/** A field that patterns name: what is found of it, and what it leads to. */
class WantedField extends FoundField {
  readonly anchors = new Anchors<Candidate>();
  /** What alternatives ask of the field, by the text of it. */
  readonly leaves = new Map<string, WantedLeaf>();
}

interface WantedLeaf extends Leaf {
  readonly node: PathNode<WantedField>;
  readonly field: WantedField;
  readonly text: string;
  /** How many alternatives share it. */
  uses: number;
}

/** An alternative of a rule's pattern. */
interface Candidate {
  readonly rule: Rule;
  readonly alternative: Alternative<WantedLeaf>;
  /** The leaf whose field leads here; none when all may be absent. */
  readonly anchor: WantedLeaf | undefined;
  /** The scan that it was last tried with. */
  tried: number;
}

interface Rule {
  readonly id: unknown;
  readonly order: number;
  candidates: readonly Candidate[];
  /** The scan that it last matched. */
  matched: number;
}

/** Makes a matcher without patterns. */
export function createMatcher<Id = string>(): Matcher<Id> {
  const rules = new Map<Id, Rule>();
  const tree = new PathNode<WantedField>();
  const scanner = new Scanner<WantedField>();
  const findings = new Findings(scanner);
  const value = new Value();
  /** Candidates that no field leads to. */
  const unanchored: Candidate[] = [];
  let rulesMade = 0;
  let matched: Rule[] = [];

  function tryAll(candidates: readonly Candidate[]): void {
    for (let index = 0; index < candidates.length; index++) {
      const candidate = candidates[index]!;
      const { rule } = candidate;
      if (candidate.tried === findings.scan || rule.matched === findings.scan) continue;
      candidate.tried = findings.scan;
      if (!candidate.alternative.isMet(findings)) continue;
      rule.matched = findings.scan;
      matched.push(rule);
    }
  }

  function useLeaf({ path, text, comparisons }: Field): WantedLeaf {
    const node = tree.make(path);
    node.field ??= new WantedField();
    const { field } = node;
    let leaf = field.leaves.get(text);
    if (!leaf) {
      const optional = comparisons.some((comparison) => comparison.is === 'absent');
      leaf = { node, field, text, comparisons, optional, uses: 0, scan: 0, met: false };
      field.leaves.set(text, leaf);
    }
    leaf.uses++;
    return leaf;
  }

  function dropLeaf({ node, field, text }: WantedLeaf): void {
    field.leaves.delete(text);
    if (field.leaves.size > 0) return;
    node.field = undefined;
    node.prune();
  }

  function makeCandidate(rule: Rule, fields: readonly Field[]): Candidate {
    const leaves = fields.map(useLeaf);
    const anchor = anchorOf(leaves);
    const candidate = { rule, alternative: new Alternative(leaves), anchor, tried: 0 };
    if (!anchor) unanchored.push(candidate);
    for (const comparison of anchor?.comparisons ?? []) anchor!.field.anchors.add(comparison, candidate);
    return candidate;
  }

  function dropCandidate(candidate: Candidate): void {
    const { anchor, alternative } = candidate;
    if (!anchor) unanchored.splice(unanchored.indexOf(candidate), 1);
    for (const comparison of anchor?.comparisons ?? []) anchor!.field.anchors.remove(comparison, candidate);
    for (const leaf of alternative.leaves) if (--leaf.uses === 0) dropLeaf(leaf);
  }

  return {
    get size() {
      return rules.size;
    },

    add(id, pattern) {
      const before = rules.get(id);
      const rule: Rule = { id, order: before?.order ?? rulesMade++, candidates: [], matched: 0 };
      rule.candidates = pattern.alternatives.map((fields) => makeCandidate(rule, fields));
      rules.set(id, rule);
      before?.candidates.forEach(dropCandidate);
    },

    remove(id) {
      rules.get(id)?.candidates.forEach(dropCandidate);
      return rules.delete(id);
    },

    match(json, objectAt) {
      scanner.scan(json, tree, objectAt);
      findings.collect();
      matched = [];
      for (let index = 0; index < scanner.count; index++) {
        const anchors = scanner.fields[index]?.anchors;
        if (anchors && anchors.size > 0) anchors.take(scanner.read(value, index), tryAll);
      }
      tryAll(unanchored);
      if (matched.length > 1) matched.sort((one, other) => one.order - other.order);
      return matched.map((rule) => rule.id as Id);
    },
  };
}

/** The leaf that leads to the fewest others, as things are; none may be absent, for then nothing would lead here. */
function anchorOf(leaves: readonly WantedLeaf[]): WantedLeaf | undefined {
  let best: WantedLeaf | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const leaf of leaves) {
    if (leaf.optional) continue;
    const load = leaf.comparisons.reduce((sum, comparison) => sum + leaf.field.anchors.load(comparison), 0);
    if (load < least) [best, least] = [leaf, load];
  }
  return best;
}
