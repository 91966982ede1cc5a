/*
 * What a source file says, as the checks in tools see it: what it imports, the names it refers to, its comments.
 * Read with the parser of the bundler (oxc), so that strings, types and templates are never mistaken for code.
 */
import { parseSync } from 'rolldown/utils';

export interface Import {
  readonly specifier: string;
  /** What is named from the module, by the module's own names; none for `*` and for whole modules. */
  readonly names: readonly string[];
  readonly line: number;
}

/** A name used as a value: `Date`, or a member by its path, `Math.random`. Types are not references. */
export interface Reference {
  readonly name: string;
  readonly line: number;
}

export interface Source {
  readonly imports: readonly Import[];
  readonly references: readonly Reference[];
  readonly comments: readonly { readonly text: string; readonly line: number }[];
  /** Whether the first thing in the file is a block comment. */
  readonly introduced: boolean;
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [part: string]: unknown;
}

/** Reads a TypeScript or JavaScript file; throws a SyntaxError for one that does not parse. */
export function readSource(path: string, text: string): Source {
  const { program, comments, errors } = parseSync(path, text);
  if (errors[0]) throw new SyntaxError(`${path}: ${errors[0].message}`);
  const lineOf = lines(text);
  const imports: Import[] = [];
  const references: Reference[] = [];
  walk(program as unknown as Node, false, (node, isType) => {
    const specifier = moduleOf(node);
    if (specifier !== undefined) imports.push({ specifier, names: namesOf(node), line: lineOf(node.start) });
    const name = isType ? undefined : referenceOf(node);
    if (name !== undefined) references.push({ name, line: lineOf(node.start) });
  });
  const [first] = comments;
  return {
    imports,
    references,
    comments: comments.map(({ value, start }) => ({ text: value, line: lineOf(start) })),
    introduced: first?.type === 'Block' && /^(#!.*\n)?\s*$/.test(text.slice(0, first.start)),
  };
}

/** The module that a node brings in, in any of the forms that have one: also those for types alone. */
function moduleOf(node: Node): string | undefined {
  const { type, source } = node as Node & { source?: { value?: unknown } | null };
  const brings = /^(Import|ExportNamed|ExportAll)Declaration$|^ImportExpression$|^TSImportType$/.test(type);
  const value = brings ? source?.value : requiredBy(node);
  return typeof value === 'string' ? value : undefined;
}

function requiredBy(node: Node): unknown {
  const { callee, arguments: given } = node as { callee?: { name?: string }; arguments?: { value?: unknown }[] };
  return node.type === 'CallExpression' && callee?.name === 'require' ? given?.[0]?.value : undefined;
}

function namesOf(node: Node): string[] {
  const specifiers = (node.specifiers ?? []) as { imported?: { name?: string }; local?: { name?: string } }[];
  const isImport = node.type === 'ImportDeclaration';
  return specifiers.flatMap(({ imported, local }) => (isImport ? imported : local)?.name ?? []);
}

function referenceOf(node: Node): string | undefined {
  if (node.type === 'Identifier') return node.name as string;
  if (node.type !== 'MemberExpression') return undefined;
  const { object, property, computed } = node as unknown as { object: Node; property: Node; computed: boolean };
  const owner = referenceOf(object);
  const member = computed ? property.value : property.name;
  return owner !== undefined && typeof member === 'string' ? `${owner}.${member}` : undefined;
}

/** Wrappers of TypeScript's that hold an expression; everything else of its own is about types. */
const TYPED_EXPRESSION = /^TS(As|NonNull|Satisfies|Instantiation)Expression$|^TS(TypeAssertion|ExportAssignment)$/;

/** Parts of a node that hold a name without referring to a value by it. */
function isLabel(node: Node, part: string): boolean {
  if (part === 'key' || part === 'property') return !node.computed;
  return part === 'label' || part === 'specifiers' || (part === 'meta' && node.type === 'MetaProperty');
}

function walk(node: Node, isType: boolean, visit: (node: Node, isType: boolean) => void): void {
  visit(node, isType);
  for (const [part, value] of Object.entries(node)) {
    if (isLabel(node, part)) continue;
    for (const child of Array.isArray(value) ? value : [value]) {
      if (!child || typeof child !== 'object' || typeof child.type !== 'string') continue;
      const typed = child.type.startsWith('TS') && !TYPED_EXPRESSION.test(child.type);
      const tested = part === 'right' && node.operator === 'instanceof';
      walk(child, isType || typed || tested, visit);
    }
  }
}

/** Line numbers, from 1, of positions in a text. */
function lines(text: string): (position: number) => number {
  const ends = [...text.matchAll(/\n/g)].map(({ index }) => index);
  return (position) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (ends[middle]! < position) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  };
}
