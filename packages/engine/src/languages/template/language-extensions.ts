/*
 * The transform AWS::LanguageExtensions: loops are written out, and calls whose argument names a resource, a policy or
 * a mapping are replaced by what they come to. The functions that it adds beside (Fn::Length, Fn::ToJsonString) are
 * called when a value is resolved.
 *
 * AWS: AWSCloudFormation/latest/TemplateReference/transform-aws-languageextensions.html and
 * intrinsic-function-reference-foreach.html
 */
import { TemplateError } from './error.ts';
import { MAX_DEPTH, MAX_EXPANDED_VALUES } from './limits.ts';
import { resolveValue } from './resolve.ts';
import type { Scope } from './scope.ts';
import { createScopes, type StackInputs } from './stack-scope.ts';
import type { Template } from './template.ts';
import { functionIn, isList, isObject, type JsonObject, setMember, textOf, type Value } from './value.ts';

export const LANGUAGE_EXTENSIONS = 'AWS::LanguageExtensions';

/** What the names of the loops around a value stand for. */
type Loops = ReadonlyMap<string, string>;

/**
 * A template's document with its loops written out, and without its Transform section. Throws TemplateError, as the
 * transform fails on AWS. What comes of it is read with `readTemplate(document, { extended: true })`.
 */
export function expandLanguageExtensions(template: Template, inputs: StackInputs): JsonObject {
  const scope = createScopes(template, inputs, new Map())(() => undefined);
  try {
    const { Transform: _declared, ...document } = new Expansion(scope).expandObject(template.document, new Map(), 0);
    return document;
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    throw new TemplateError(`Transform ${LANGUAGE_EXTENSIONS} failed with: ${error.message}`);
  }
}

class Expansion {
  readonly #scope: Scope;
  #values = 0;

  constructor(scope: Scope) {
    this.#scope = scope;
  }

  #expand(value: Value, loops: Loops, depth: number): Value {
    if (++this.#values > MAX_EXPANDED_VALUES) throw new TemplateError('the loops come to too many values');
    if (depth > 2 * MAX_DEPTH) throw new TemplateError(`nested more than ${2 * MAX_DEPTH} levels deep`);
    if (typeof value === 'string') return replaceNames(value, loops);
    if (typeof value !== 'object' || value === null) return value;
    if (isList(value)) return value.map((item) => this.#expand(item, loops, depth + 1));
    const called = functionIn(value);
    if (called?.name === 'Ref' && typeof called.argument === 'string' && loops.has(called.argument)) {
      return loops.get(called.argument)!;
    }
    const expanded = this.expandObject(value, loops, depth);
    return called ? this.#simplify(expanded) : expanded;
  }

  expandObject(object: JsonObject, loops: Loops, depth: number): JsonObject {
    const expanded: Record<string, Value> = {};
    const isResource = typeof object.Type === 'string';
    for (const [name, value] of Object.entries(object)) {
      if (name.startsWith('Fn::ForEach::')) this.#loop(name, value, loops, depth, expanded);
      else if (isResource && POLICIES.has(name))
        setMember(expanded, name, this.#policy(name, this.#expand(value, loops, depth + 1)));
      else setMember(expanded, replaceNames(name, loops), this.#expand(value, loops, depth + 1));
    }
    return expanded;
  }

  /** A text without names left is no call any more, and one that names a resource has to be known by now. */
  #simplify(call: JsonObject): Value {
    const called = functionIn(call);
    if (!called) return call;
    const { name, argument } = called;
    if (name === 'Fn::Sub' && typeof argument === 'string' && !argument.includes('${')) return argument;
    if (name === 'Ref' && isObject(argument)) return { Ref: this.#now(argument) };
    if (name === 'Fn::GetAtt' && isList(argument)) return { 'Fn::GetAtt': argument.map((part) => this.#now(part)) };
    if (name === 'Fn::FindInMap' && isList(argument)) return this.#mapping(argument);
    return call;
  }

  /** A value of the Mappings section, or the default as it stands: later transforms find no call of Fn::FindInMap. */
  #mapping(argument: readonly Value[]): Value {
    const [map, topLevelKey, secondLevelKey] = argument.slice(0, 3).map((key) => textOf(this.#now(key)) ?? '');
    const found = this.#scope.mapping(map!, topLevelKey!, secondLevelKey!);
    const [, , , options] = argument;
    const value = found ?? (isObject(options) ? options.DefaultValue : undefined);
    if (value !== undefined) return value;
    throw new TemplateError(
      `Template error: Unable to get mapping for ${[map, topLevelKey, secondLevelKey].join('::')}`,
    );
  }

  /** What a call comes to before there are resources. */
  #now(value: Value): Value {
    return isObject(value) ? (resolveValue(value, this.#scope) ?? value) : value;
  }

  #policy(name: string, value: Value): Value {
    if (!functionIn(value)) return value;
    const policy = this.#now(value);
    if (typeof policy !== 'string') throw new TemplateError(`Unsupported expression for ${name}`);
    return policy;
  }

  /** `[name, collection, {key: value}]`: the members of the object once for each item, its name put in. */
  #loop(loop: string, argument: Value, loops: Loops, depth: number, expanded: Record<string, Value>): void {
    const [identifier, collection, body] = isList(argument) ? argument : [];
    if (
      typeof identifier !== 'string' ||
      collection === undefined ||
      !isObject(body) ||
      (argument as Value[]).length !== 3
    ) {
      throw new TemplateError(`Fn::ForEach layout is incorrect: ${loop}`);
    }
    if (loops.has(identifier)) throw new TemplateError(`Fn::ForEach loop identifier ${identifier} is already used`);
    for (const item of this.#collection(collection, loops, loop, depth)) {
      const inner = new Map(loops).set(identifier, item);
      for (const [name, value] of Object.entries(this.expandObject(body, inner, depth + 1))) {
        if (Object.hasOwn(expanded, name))
          throw new TemplateError(`Fn::ForEach could not resolve: duplicate key ${name}`);
        setMember(expanded, name, value);
      }
    }
  }

  #collection(collection: Value, loops: Loops, loop: string, depth: number): string[] {
    const resolved = resolveValue(this.#expand(collection, loops, depth + 1), this.#scope);
    const items = isList(resolved) ? resolved.map(textOf) : [];
    if (!isList(resolved) || items.some((item) => item === undefined)) {
      throw new TemplateError(`Fn::ForEach collection of ${loop} must be a list of strings`);
    }
    return items as string[];
  }
}

const POLICIES = new Set(['DeletionPolicy', 'UpdateReplacePolicy']);

/** `${Name}` as the item, `&{Name}` as the item's letters and digits alone. */
function replaceNames(text: string, loops: Loops): string {
  if (loops.size === 0 || !text.includes('{')) return text;
  return text.replace(/([$&])\{([^}]*)\}/g, (whole, sign: string, name: string) => {
    const item = loops.get(name);
    if (item === undefined) return whole;
    return sign === '$' ? item : item.replace(/[^A-Za-z0-9]/g, '');
  });
}
