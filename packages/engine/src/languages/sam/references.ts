/*
 * References to what SAM makes: `Hello.Version`, `Hello.Alias`, `ServerlessRestApi.Stage`, and to resources whose
 * logical ids change, as those of layers do. They are put right wherever they stand.
 */
import { isList, isObject, type JsonObject, type Value } from '../template/value.ts';

export interface Names {
  /** `Hello.Version` to the logical id that it means. */
  readonly references: ReadonlyMap<string, string>;
  /** Logical ids that have changed. */
  readonly renamed: ReadonlyMap<string, string>;
}

export function putReferences(value: Value, names: Names): Value {
  if (isList(value)) return value.map((part) => putReferences(part, names));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([name, part]): [string, Value] => [name, putMember(name, part, names)]);
  return Object.fromEntries(entries);
}

function putMember(name: string, value: Value, names: Names): Value {
  if (name === 'Ref' && typeof value === 'string') return idFor(value, names);
  if (name === 'DependsOn') return isList(value) ? value.map((id) => renamed(id, names)) : renamed(value, names);
  if (name === 'Fn::GetAtt' && isList(value)) return putGetAtt(value, names);
  if (name === 'Fn::Sub') return putSub(value, names);
  return putReferences(value, names);
}

const idFor = (id: string, { references, renamed }: Names): string => references.get(id) ?? renamed.get(id) ?? id;

const renamed = (id: Value, names: Names): Value => (typeof id === 'string' ? (names.renamed.get(id) ?? id) : id);

/** `[Hello, Version.Version]` is the attribute `Version` of the version. */
function putGetAtt(path: readonly Value[], names: Names): Value {
  if (!path.every((part) => typeof part === 'string')) return path.map((part) => putReferences(part, names));
  return attributeOf(path.join('.'), names) ?? path;
}

function attributeOf(path: string, names: Names): [string, string] | undefined {
  const [id = '', property = '', ...rest] = path.split('.');
  const made = names.references.get(`${id}.${property}`);
  if (made !== undefined && rest.length > 0) return [made, rest.join('.')];
  const other = names.renamed.get(id);
  return other === undefined ? undefined : [other, [property, ...rest].join('.')];
}

function putSub(value: Value, names: Names): Value {
  if (typeof value === 'string') return putText(value, names, {});
  if (!isList(value) || typeof value[0] !== 'string') return putReferences(value, names);
  const [text, variables = {}, ...rest] = value;
  const own = isObject(variables) ? variables : {};
  return [putText(text as string, names, own), ...value.slice(1, 2).map((part) => putReferences(part, names)), ...rest];
}

const VARIABLE = /\$\{([A-Za-z0-9_.:]+)\}/g;

function putText(text: string, names: Names, own: JsonObject): string {
  return text.replace(VARIABLE, (whole, name: string) => {
    if (Object.hasOwn(own, name)) return whole;
    const put = name.includes('.') ? attributeOf(name, names)?.join('.') : undefined;
    return `\${${put ?? idFor(name, names)}}`;
  });
}
