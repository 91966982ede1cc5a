/*
 * Values of shapes to XML and back: bodies of restXml both ways, and answers of awsQuery. As with JSON, one
 * function is made for each shape. The parser is the SDK's own; it expands no entities but XML's five.
 */
import { parseXML } from '@aws-sdk/xml-builder';
import type { Member, Shape, TimestampFormat } from '../model.ts';
import { MAX_DEPTH, perShape } from '../protocol.ts';
import { formatTimestamp } from '../timestamps.ts';
import { readText } from './text.ts';
import { setOwn, toBytes } from './tree-codec.ts';

type Write = (value: unknown) => string;
type Fields = Record<string, unknown>;
/** What the parser makes of an element: its text, or its attributes and children by name. */
type Node = string | { readonly [name: string]: Node | readonly Node[] };

const TIMESTAMPS: TimestampFormat = 'date-time';

/** The elements inside of a structure's own element. */
export function writeContents(shape: Shape, value: unknown): string {
  return contentsOf(shape)(value);
}

/** A whole element; `namespace` is declared on it unless the shape has one. */
export function writeElement(name: string, shape: Shape, value: unknown, namespace?: string): string {
  return `<${name}${namespaceOf(shape.traits.xmlNamespace ?? namespace)}${attributesOf(shape, value)}>${contentsOf(shape)(value)}</${name}>`;
}

export function escapeText(text: string): string {
  return /[&<>\r"\u0085\u2028]/.test(text) ? text.replace(/[&<>\r"\u0085\u2028]/g, (c) => ESCAPES[c]!) : text;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
  '\u0085': '&#x85;',
  '\u2028': '&#x2028;',
};

const contentsOf = perShape<Write>((shape) => {
  if (shape.kind === 'structure' || shape.kind === 'union') return writeStructure(shape);
  if (shape.kind === 'list') {
    return (value) => {
      const item = elementOf(shape.value, shape.value.traits.xmlName ?? 'member');
      return (value as unknown[]).map(item).join('');
    };
  }
  if (shape.kind === 'map') return (value) => writeEntries(shape, value, 'entry');
  if (shape.kind === 'timestamp') return (value) => formatTimestamp(value, shape.format ?? TIMESTAMPS);
  if (shape.kind === 'blob') return (value) => toBytes(value).toString('base64');
  return (value) => escapeText(String(value));
});

function writeStructure(shape: Shape): Write {
  let fields: { name: string; write: Write }[] | undefined;
  return (value) => {
    fields ??= shape.members
      .filter((member) => !member.traits.xmlAttribute)
      .map((member) => ({ name: member.name, write: writeMember(member) }));
    let text = '';
    for (const { name, write } of fields) {
      const item = (value as Fields)[name];
      if (item !== undefined && item !== null) text += write(item);
    }
    return text;
  };
}

function writeMember(member: Member): Write {
  const { shape, traits } = member;
  const name = traits.xmlName ?? member.name;
  if (!traits.xmlFlattened) return elementOf(member, name);
  if (shape.kind === 'map') return (value) => writeEntries(shape, value, name);
  const item = elementOf(shape.value, name);
  return (value) => (value as unknown[]).map(item).join('');
}

function elementOf({ shape, traits }: Member, name: string): Write {
  const contents = contentsOf(shape);
  const opening = `<${name}${namespaceOf(traits.xmlNamespace)}`;
  return (value) => `${opening}${attributesOf(shape, value)}>${contents(value)}</${name}>`;
}

function writeEntries({ key, value }: Shape, entries: unknown, name: string): string {
  const [writeKey, writeValue] = [
    elementOf(key, key.traits.xmlName ?? 'key'),
    elementOf(value, value.traits.xmlName ?? 'value'),
  ];
  return Object.entries(entries as Fields)
    .filter(([, item]) => item !== undefined && item !== null)
    .map(([k, item]) => `<${name}>${writeKey(k)}${writeValue(item)}</${name}>`)
    .join('');
}

function attributesOf(shape: Shape, value: unknown): string {
  return shape.members
    .filter(({ name, traits }) => traits.xmlAttribute && (value as Fields)[name] !== undefined)
    .map(({ name, traits }) => ` ${traits.xmlName ?? name}="${escapeText(String((value as Fields)[name]))}"`)
    .join('');
}

function namespaceOf(namespace: Shape['traits']['xmlNamespace']): string {
  if (namespace === undefined) return '';
  return typeof namespace === 'string' ? ` xmlns="${namespace}"` : ` xmlns:${namespace[0]}="${namespace[1]}"`;
}

/** Reads a document whose root element is the shape. Throws SyntaxError, also for values of the wrong type. */
export function readDocument(shape: Shape, document: string): unknown {
  let parsed: { [root: string]: Node };
  try {
    parsed = parseXML(document);
  } catch (error) {
    throw new SyntaxError((error as Error).message);
  }
  return readNode(shape, Object.values(parsed)[0] ?? '', 0);
}

function readNode(shape: Shape, node: Node, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new SyntaxError(`The document nests deeper than ${MAX_DEPTH} levels.`);
  if (shape.kind === 'structure' || shape.kind === 'union') return readStructure(shape, node, depth);
  if (shape.kind === 'list') {
    return childrenOf(node, shape.value.traits.xmlName ?? 'member').map((item) =>
      readNode(shape.value.shape, item, depth + 1),
    );
  }
  if (shape.kind === 'map') return readEntries(shape, childrenOf(node, 'entry'), depth);
  return readText(shape, textOf(node));
}

function readStructure(shape: Shape, node: Node, depth: number): Fields {
  const result: Fields = {};
  for (const member of shape.members) {
    const nodes = childrenOf(node, member.traits.xmlName ?? member.name);
    if (nodes.length > 0) result[member.name] = readMember(member, nodes, depth + 1);
  }
  return result;
}

function readMember({ shape, traits }: Member, nodes: readonly Node[], depth: number): unknown {
  if (traits.xmlFlattened && shape.kind === 'list') {
    return nodes.map((item) => readNode(shape.value.shape, item, depth));
  }
  if (traits.xmlFlattened && shape.kind === 'map') return readEntries(shape, nodes, depth);
  return readNode(shape, nodes[0]!, depth);
}

function readEntries({ key, value }: Shape, nodes: readonly Node[], depth: number): Fields {
  const result: Fields = {};
  for (const node of nodes) {
    const [name] = childrenOf(node, key.traits.xmlName ?? 'key');
    const [item] = childrenOf(node, value.traits.xmlName ?? 'value');
    setOwn(result, textOf(name ?? ''), readNode(value.shape, item ?? '', depth + 1));
  }
  return result;
}

function childrenOf(node: Node, name: string): readonly Node[] {
  if (typeof node === 'string' || !Object.hasOwn(node, name)) return [];
  const child = node[name]!;
  return Array.isArray(child) ? child : [child as Node];
}

function textOf(node: Node): string {
  if (typeof node === 'string') return node;
  return typeof node['#text'] === 'string' ? node['#text'] : '';
}
