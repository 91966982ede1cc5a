/* What waits for what: in which order resources can be made, and whether they can at all. */
import { TemplateError } from './error.ts';

/** By the id of each, the ids that have to come before it. */
export type Graph = ReadonlyMap<string, { readonly dependsOn: ReadonlySet<string> }>;

/**
 * An order in which all that one waits for comes before it, and otherwise the graph's own; what is left in a circle
 * does not appear.
 */
export function creationOrder(graph: Graph): string[] {
  const waiting = new Map<string, number>();
  const dependents = new Map<string, string[]>();
  for (const [id, { dependsOn }] of graph) {
    waiting.set(id, dependsOn.size);
    for (const other of dependsOn) {
      const list = dependents.get(other);
      if (list) list.push(id);
      else dependents.set(other, [id]);
    }
  }
  const order = [...graph.keys()].filter((id) => waiting.get(id) === 0);
  for (const id of order) {
    for (const dependent of dependents.get(id) ?? []) {
      const left = waiting.get(dependent)! - 1;
      waiting.set(dependent, left);
      if (left === 0) order.push(dependent);
    }
  }
  return order;
}

/** Throws TemplateError, in AWS's words, naming the resources that wait for each other. */
export function checkAcyclic(graph: Graph): void {
  const order = creationOrder(graph);
  if (order.length === graph.size) return;
  throw new TemplateError(`Circular dependency between resources: [${circleIn(graph, new Set(order)).join(', ')}]`);
}

/** One circle among those that never come: whoever follows what is waited for comes round. */
function circleIn(graph: Graph, done: ReadonlySet<string>): string[] {
  const way: string[] = [];
  let id = [...graph.keys()].find((candidate) => !done.has(candidate))!;
  while (!way.includes(id)) {
    way.push(id);
    id = [...graph.get(id)!.dependsOn].find((other) => !done.has(other))!;
  }
  return way.slice(way.indexOf(id));
}
