/*
 * Many patterns against one event at a time. The event is scanned once for the fields that some pattern names; what
 * is found leads to the alternatives that are anchored there, and only these are looked at. So the time for an event
 * depends on its size and on the rules that come near it, not on how many rules there are.
 */
import { isMet, type Leaf } from './alternative.ts';
import { Anchors } from './anchors.ts';
import { Findings, FoundField } from './findings.ts';
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
   * text, in UTF-8 where it is bytes. Throws EventError when it is not a JSON object.
   */
  match(event: Buffer | string): Id[];
}

/** A field that patterns name: what is found of it, and what it leads to. */
class WantedField extends FoundField {
  readonly anchors = new Anchors<Candidate>();
  /** How many alternatives name the field. */
  uses = 0;
}

type WantedLeaf = Leaf & { readonly field: WantedField };

/** An alternative of a rule's pattern. */
interface Candidate {
  readonly rule: Rule;
  readonly leaves: readonly WantedLeaf[];
  /** The leaf whose field leads here; none when all may be absent. */
  readonly anchor: WantedLeaf | undefined;
  /** The event that it was last tried with. */
  tried: number;
}

interface Rule {
  readonly id: unknown;
  readonly order: number;
  candidates: readonly Candidate[];
  /** The event that was last found to match. */
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
  const unanchored = new Set<Candidate>();
  let rulesMade = 0;
  let event = 0;
  let matched: Rule[] = [];

  function tryAll(candidates: Iterable<Candidate>): void {
    for (const candidate of candidates) {
      const { rule } = candidate;
      if (candidate.tried === event || rule.matched === event) continue;
      candidate.tried = event;
      if (!isMet(candidate.leaves, findings)) continue;
      rule.matched = event;
      matched.push(rule);
    }
  }

  function makeCandidate(rule: Rule, fields: readonly Field[]): Candidate {
    const leaves = fields.map(({ path, comparisons }) => {
      const node = tree.make(path);
      node.field ??= new WantedField();
      node.field.uses++;
      const optional = comparisons.some((comparison) => comparison.is === 'absent');
      return { node, field: node.field, comparisons, optional };
    });
    const candidate = { rule, leaves, anchor: anchorOf(leaves), tried: 0 };
    if (!candidate.anchor) unanchored.add(candidate);
    for (const place of placesOf(candidate)) place.add(candidate);
    return candidate;
  }

  function dropCandidate(candidate: Candidate): void {
    for (const place of placesOf(candidate)) place.remove(candidate);
    unanchored.delete(candidate);
    for (const { node, field } of candidate.leaves) {
      if (--field.uses > 0) continue;
      node.field = undefined;
      node.prune();
    }
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

    match(json) {
      scanner.scan(typeof json === 'string' ? Buffer.from(json) : json, tree);
      findings.collect();
      event++;
      matched = [];
      for (let index = 0; index < scanner.count; index++) {
        scanner.fields[index]?.anchors.take(scanner.read(value, index), tryAll);
      }
      tryAll(unanchored);
      return matched.sort((one, other) => one.order - other.order).map((rule) => rule.id as Id);
    },
  };
}

/** The leaf that leads to the fewest others, as things are; none may be absent, for then nothing would lead here. */
function anchorOf(leaves: readonly WantedLeaf[]): WantedLeaf | undefined {
  let best: WantedLeaf | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const leaf of leaves) {
    if (leaf.optional) continue;
    const load = leaf.comparisons.reduce((sum, comparison) => sum + leaf.field.anchors.place(comparison).load, 0);
    if (load < least) [best, least] = [leaf, load];
  }
  return best;
}

function placesOf({ anchor }: Candidate) {
  return anchor?.comparisons.map((comparison) => anchor.field.anchors.place(comparison)) ?? [];
}
