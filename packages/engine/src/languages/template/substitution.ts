/*
 * The text of Fn::Sub: what stands as it is, and the names in `${…}`.
 * AWS: AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html
 */
import { TemplateError } from './error.ts';
import { isList, isObject, type JsonObject, type Value } from './value.ts';

const NO_VARIABLES: JsonObject = Object.freeze({});

/** Fn::Sub's text, and the values of the names that it defines itself. Throws TemplateError in AWS's words. */
export function substitution(argument: Value): { text: string; variables: JsonObject } {
  if (typeof argument === 'string') return { text: argument, variables: NO_VARIABLES };
  if (!isList(argument) || argument.length !== 2 || typeof argument[0] !== 'string' || !isObject(argument[1])) {
    throw new TemplateError(
      "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as " +
        'first argument, and an optional second argument to specify a mapping of values to replace in the string',
    );
  }
  return { text: argument[0], variables: argument[1] };
}

/** The names in `${…}`, in their order; `${!Literal}` is none. Throws TemplateError on what cannot be a name. */
export function* namesIn(text: string): Generator<string> {
  for (const [, name] of text.matchAll(VARIABLE)) if (!name!.startsWith('!')) yield checkedName(name!);
}

/** The text with its names replaced, and with `${!Literal}` as `${Literal}`. */
export function substitute(text: string, toText: (name: string) => string): string {
  return text.replace(VARIABLE, (_, name: string) =>
    name.startsWith('!') ? `\${${name.slice(1)}}` : toText(checkedName(name)),
  );
}

const VARIABLE = /\$\{([^}]*)\}/g;

function checkedName(name: string): string {
  if (/^[\w.:]+$/.test(name)) return name;
  throw new TemplateError(
    'Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, ' +
      'periods, and colons',
  );
}

/** `Bucket.Arn` as the attribute `Arn` of `Bucket`; no attribute for a plain name. */
export function splitName(name: string): { id: string; attribute?: string } {
  const dot = name.indexOf('.');
  return dot < 0 ? { id: name } : { id: name.slice(0, dot), attribute: name.slice(dot + 1) };
}
