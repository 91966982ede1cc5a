/*
 * Transforms: which macro is to work on a template next, on which part of it, and what the template is afterwards. Calls
 * of Fn::Transform come first, inner before outer; then those of the Transform section, in its order, on the whole.
 *
 * AWS: "Perform custom processing on CloudFormation templates with template macros",
 * AWSCloudFormation/latest/UserGuide/template-macros.html, and template-macros-author.html for what a macro is sent
 */
import { readDocument } from './document.ts';
import { TemplateError } from './error.ts';
import { isList, isObject, type JsonObject, member, setMember, type Value } from './value.ts';

/** A macro that is to work on a part of a template. */
export interface TransformCall {
  readonly name: string;
  /** As the template gives them, functions unresolved. */
  readonly parameters: JsonObject;
  /** What the macro gets to work on: what stands beside Fn::Transform, or all but the Transform section. */
  readonly fragment: JsonObject;
  /** Where the object with Fn::Transform is; absent for the whole template. */
  readonly path?: readonly string[];
}

/** What a macro's function is sent. */
export interface MacroRequest {
  readonly region: string;
  readonly accountId: string;
  readonly fragment: Value;
  readonly transformId: string;
  readonly params: Value;
  readonly requestId: string;
  readonly templateParameterValues: JsonObject;
}

/** The macro that is next to work on a template; undefined when none is left. */
export function nextTransform(document: JsonObject): TransformCall | undefined {
  return innermostCall(document, []) ?? declaredTransform(document);
}

/** The template with what a macro made of its fragment. */
export function afterTransform(document: JsonObject, call: TransformCall, fragment: Value): JsonObject {
  if (call.path) return replaceAt(document, call.path, fragment) as JsonObject;
  if (!isObject(fragment))
    throw new TemplateError(`Transform ${call.name} failed with: the fragment must be a template.`);
  const declared = member(document, 'Transform');
  const left = isList(declared) ? declared.slice(1) : [];
  return left.length === 0 ? fragment : { ...fragment, Transform: left };
}

function innermostCall(value: Value, path: readonly string[]): TransformCall | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const name in value) {
    const part = (value as Record<string, Value>)[name]!;
    const inner = typeof part === 'object' ? innermostCall(part, [...path, name]) : undefined;
    if (inner) return inner;
  }
  const call = isObject(value) ? member(value, 'Fn::Transform') : undefined;
  return call === undefined
    ? undefined
    : { ...readCall(call), fragment: without(value as JsonObject, 'Fn::Transform'), path };
}

function declaredTransform(document: JsonObject): TransformCall | undefined {
  const declared = member(document, 'Transform');
  const first = isList(declared) ? declared[0] : declared;
  return first === undefined ? undefined : { ...readCall(first), fragment: without(document, 'Transform') };
}

function readCall(call: Value): { name: string; parameters: JsonObject } {
  if (typeof call === 'string') return { name: call, parameters: {} };
  const name = isObject(call) ? member(call, 'Name') : undefined;
  const parameters = isObject(call) ? (member(call, 'Parameters') ?? {}) : undefined;
  if (typeof name !== 'string' || !isObject(parameters)) {
    throw new TemplateError('Template format error: every Transform must have a Name, and Parameters that are a map.');
  }
  return { name, parameters };
}

function without(object: JsonObject, name: string): JsonObject {
  const rest: Record<string, Value> = {};
  for (const [key, value] of Object.entries(object)) if (key !== name) setMember(rest, key, value);
  return rest;
}

function replaceAt(value: Value, [name, ...rest]: readonly string[], replacement: Value): Value {
  if (name === undefined) return replacement;
  if (isList(value))
    return value.map((item, index) => (String(index) === name ? replaceAt(item, rest, replacement) : item));
  const object: Record<string, Value> = {};
  for (const [key, part] of Object.entries(value as JsonObject)) {
    setMember(object, key, key === name ? replaceAt(part, rest, replacement) : part);
  }
  return object;
}

/** The fragment that AWS::Include makes of a snippet's text: the snippet's members beside those that stand there. */
export function includeSnippet(fragment: JsonObject, text: string): JsonObject {
  const included = { ...fragment };
  for (const [name, value] of Object.entries(readDocument(text))) setMember(included, name, value);
  return included;
}

/** What a macro's function answered: the fragment. Throws TemplateError, in AWS's words, when it failed. */
export function readMacroResponse(response: unknown, { name, requestId }: { name: string; requestId: string }): Value {
  const answer = isObject(response as Value) ? (response as JsonObject) : {};
  if (answer.requestId !== requestId) {
    throw new TemplateError(`Transform ${name} failed with: the response has no requestId, or not the request's.`);
  }
  if (answer.status !== 'success') {
    const reason =
      typeof answer.errorMessage === 'string' ? answer.errorMessage : 'Transform failed without an error message.';
    throw new TemplateError(`Transform ${name} failed with: ${reason}`);
  }
  if (answer.fragment === undefined || answer.fragment === null) {
    throw new TemplateError(`Transform ${name} failed with: the response has no fragment.`);
  }
  return answer.fragment;
}
