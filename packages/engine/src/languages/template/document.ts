/*
 * A template's text, JSON or YAML, as values. Scalars are read as CloudFormation reads them, which is neither YAML 1.1
 * nor 1.2: dates, `yes` and `on` stay texts, `010` is eight. A number that JavaScript would write otherwise, such as
 * `1.0`, stays the text it is.
 *
 * AWS: "CloudFormation template format", AWSCloudFormation/latest/UserGuide/template-formats.html
 */
import {
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type ParsedNode,
  Parser,
  type Tags,
} from 'yaml';
import { TemplateError } from './error.ts';
import { MAX_DEPTH } from './limits.ts';
import { isObject, type JsonObject, setMember, type Value } from './value.ts';

/** Reads a template's text; throws TemplateError when it is neither JSON nor YAML, or no object. */
export function readDocument(text: string): JsonObject {
  const value = text.trimStart().startsWith('{') ? readJson(text) : readYaml(text, 'YAML');
  if (!isObject(value)) throw new TemplateError('Template format error: unsupported structure.');
  return value;
}

/** CloudFormation tries JSON first, then YAML, of which JSON is nearly a part. */
function readJson(text: string): Value {
  let value: Value;
  try {
    value = JSON.parse(text, UNFAITHFUL_NUMBER.test(text) ? faithfully : undefined) as Value;
  } catch {
    return readYaml(text, 'JSON');
  }
  checkValue(value, []);
  return value;
}

/** What may be a number that JavaScript would not write as it stands. */
const UNFAITHFUL_NUMBER = /\d{16}|\d\.0+\s*[,\]}]/;

function faithfully(_name: string, value: Value, { source }: { source?: string } = {}): Value {
  return typeof value === 'number' && source !== undefined && !/e/i.test(source) ? numberOf(source) : value;
}

/** Refuses nulls, but for a whole section that is left empty, and what lies too deep. */
function checkValue(value: Value, path: string[]): void {
  if (typeof value !== 'object') return;
  if (path.length > MAX_DEPTH) throw tooDeep();
  if (value === null) {
    if (path.length > 1) throw nullAt(path);
  } else if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) checkMember(value[index], String(index), path);
  } else {
    for (const name in value) checkMember((value as JsonObject)[name]!, name, path);
  }
}

function checkMember(value: Value, name: string, path: string[]): void {
  if (typeof value !== 'object') return;
  path.push(name);
  checkValue(value, path);
  path.pop();
}

const tooDeep = () => new TemplateError(`Template format error: nested more than ${MAX_DEPTH} levels deep.`);
const nullAt = (path: readonly string[]) =>
  new TemplateError(`[/${path.join('/')}] 'null' values are not allowed in templates`);

/** The functions that have a short form: `!Join` for `Fn::Join`. */
const SHORT_FORMS = new Map(
  [
    ...['And', 'Base64', 'Cidr', 'Contains', 'EachMemberEquals', 'EachMemberIn', 'Equals', 'FindInMap', 'GetAtt'],
    ...['GetAZs', 'If', 'ImportValue', 'Join', 'Length', 'Not', 'Or', 'RefAll', 'Select', 'Split', 'Sub'],
    ...['ToJsonString', 'Transform', 'ValueOf', 'ValueOfAll'],
  ].map((name) => [`!${name}`, `Fn::${name}`]),
)
  .set('!Ref', 'Ref')
  .set('!Condition', 'Condition');

/** YAML's own tags that turn a text into something else; CloudFormation has no others. */
const READ_AS_PLAIN = new Set(['bool', 'float', 'int', 'null'].map((name) => `tag:yaml.org,2002:${name}`));

const asText = (tag: string) => ({ tag, resolve: (text: string) => text });

const customTags: Tags = [
  ...[...READ_AS_PLAIN].map(asText),
  ...[...SHORT_FORMS.keys()].flatMap((tag) => [
    asText(tag),
    { tag, collection: 'map' as const },
    { tag, collection: 'seq' as const },
  ]),
];

const OPTIONS = {
  schema: 'failsafe',
  customTags,
  keepSourceTokens: false,
  prettyErrors: false,
  resolveKnownTags: false,
  strict: false,
  uniqueKeys: false,
} as const;

function readYaml(text: string, format: 'JSON' | 'YAML'): Value {
  const malformed = (offset: number) => {
    const before = text.slice(0, offset).split('\n');
    const place = `(line ${before.length}, column ${before.at(-1)!.length + 1})`;
    return new TemplateError(`Template format error: ${format} not well-formed. ${place}`);
  };
  const [document, ...more] = composeDocuments(text, malformed);
  if (!document?.contents) return null;
  const [problem] = document.errors.length > 0 ? document.errors : document.warnings;
  if (problem) throw malformed(problem.pos[0]);
  if (more.length > 0) throw malformed(more[0]!.range[0]);
  return new NodeReader(malformed).read(document.contents);
}

/** The library's own steps, one after the other, so that what is hostile is given up early. */
function composeDocuments(text: string, malformed: (offset: number) => TemplateError): Document.Parsed[] {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let wrong: number | undefined;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) {
      tokens.push(token);
      if (token.type !== 'error') continue;
      if (wrong !== undefined) throw malformed(wrong);
      wrong = token.offset;
    }
    if (parser.stack.length > 2 * MAX_DEPTH) throw tooDeep();
  }
  tokens.push(...parser.end());
  return [...new Composer(OPTIONS).compose(tokens)] as Document.Parsed[];
}

/** Turns the nodes of a YAML document into values. */
class NodeReader {
  readonly #malformed: (offset: number) => TemplateError;
  readonly #path: string[] = [];

  constructor(malformed: (offset: number) => TemplateError) {
    this.#malformed = malformed;
  }

  read(node: ParsedNode | null): Value {
    const value = this.#untagged(node);
    const name = node?.tag === undefined ? undefined : SHORT_FORMS.get(node.tag);
    if (name === undefined) return value;
    return { [name]: name === 'Fn::GetAtt' && typeof value === 'string' ? attributePath(value) : value };
  }

  #untagged(node: ParsedNode | null): Value {
    if (isScalar(node)) {
      const value = scalarOf(node.value as string, node.type === 'PLAIN', node.tag);
      return value === null ? this.#null() : value;
    }
    if (isMap<ParsedNode, ParsedNode | null>(node)) {
      const object: Record<string, Value> = {};
      for (const { key, value } of node.items) {
        if (!isScalar(key)) throw this.#malformed(key.range[0]);
        const name = String(key.value);
        setMember(object, name, this.#member(value, name));
      }
      return object;
    }
    if (isSeq<ParsedNode | null>(node)) return node.items.map((item, index) => this.#member(item, String(index)));
    if (isAlias(node))
      throw new TemplateError('Template error: YAML aliases are not allowed in CloudFormation templates');
    return this.#null();
  }

  #member(node: ParsedNode | null, name: string): Value {
    this.#path.push(name);
    if (this.#path.length > MAX_DEPTH) throw tooDeep();
    const value = this.read(node);
    this.#path.pop();
    return value;
  }

  #null(): null {
    if (this.#path.length > 1) throw nullAt(this.#path);
    return null;
  }
}

/** `a.b.c` is the attribute `b.c` of the resource `a`. */
export function attributePath(path: string): Value {
  const dot = path.indexOf('.');
  return dot < 0 ? path : [path.slice(0, dot), path.slice(dot + 1)];
}

function scalarOf(text: string, plain: boolean, tag: string | undefined): Value {
  if (tag === undefined ? !plain : !READ_AS_PLAIN.has(tag)) return text;
  const first = text.charCodeAt(0);
  if (first <= 0x39 || text.length > 5) return /^[-+.\d]/.test(text) ? numberOf(text) : text;
  return text in WORDS ? WORDS[text]! : text;
}

const WORDS: Readonly<Record<string, boolean | null>> = Object.assign(Object.create(null), {
  ...{ true: true, True: true, TRUE: true, false: false, False: false, FALSE: false },
  ...{ null: null, Null: null, NULL: null, '~': null, '': null },
});

/** A number where JavaScript would write it the same, else its text. */
function numberOf(text: string): number | string {
  if (/^[-+]?0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  if (/^0x[\da-fA-F]+$/.test(text)) return faithful(Number.parseInt(text, 16), text);
  if (/^[-+]?(0|[1-9]\d*)$/.test(text)) return faithful(Number(text), text);
  if (!/^[-+]?(\d+\.\d*|\.\d+)([eE][-+]?\d+)?$/.test(text)) return text;
  const value = Number(text);
  return Number.isInteger(value) ? text : faithful(value, text);
}

const faithful = (value: number, text: string) =>
  Number.isFinite(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : text;
